#include "walk.h"

static char bytes[64];
static struct dunlin_str str_a, str_b;
static struct dunlin_http_failure failure = DUNLIN_HTTP_FAILURE_INIT;
static int64_t number;

static int32_t do_under(dunlin_http_client_t client, dunlin_cancel_t token, const char *url)
{
    struct dunlin_http_request req = DUNLIN_HTTP_REQUEST_INIT;
    req.url = url;
    req.cancel = token;
    return dunlin_http_do(client, &req);
}

WALK(http_client_adopt, CLIENT, 1, 0, dunlin_http_client_adopt(h, P(1, "http://a/"), spare_conn()))
WALK_AS(http_client_adopt, conn, CONN, 0, 0, dunlin_http_client_adopt(live[CLIENT], "http://a/", h))
WALK(http_client_close, CLIENT, 0, 0, dunlin_http_client_close(h))
WALK(http_client_close_idle, CLIENT, 0, 0, dunlin_http_client_close_idle(h))
WALK(http_client_failure, CLIENT, 1, 0, dunlin_http_client_failure(h, P(1, &failure)))
WALK(http_client_new, NONE, 0, HARMLESS, dunlin_http_client_close(dunlin_http_client_new(NULL)))
WALK(http_do, CLIENT, 2, 0,
     null == 1 ? dunlin_http_do(h, NULL) : do_under(h, 0, P(2, "http://127.0.0.1:1/")))
WALK_AS(http_do, cancel, CANCEL, 0, 0, do_under(live[CLIENT], h, "http://127.0.0.1:1/"))
WALK(http_get, CLIENT, 1, 0, dunlin_http_get(h, P(1, "http://127.0.0.1:1/")))
WALK(http_post, CLIENT, 2, 0,
     dunlin_http_post(h, P(1, "http://127.0.0.1:1/"), NULL, P(2, bytes), 1))
WALK(http_response_close, RESPONSE, 0, 0, dunlin_http_response_close(h))
WALK(http_response_content_length, RESPONSE, 1, 0,
     dunlin_http_response_content_length(h, P(1, &number)))
WALK(http_response_header, RESPONSE, 1, VIEW,
     dunlin_http_response_header(h, P(1, "Date")).ptr != NULL)
WALK(http_response_header_at, RESPONSE, 2, 0,
     dunlin_http_response_header_at(h, 0, P(1, &str_a), P(2, &str_b)))
WALK(http_response_proto, RESPONSE, 0, VIEW, dunlin_http_response_proto(h).ptr != NULL)
WALK(http_response_read, RESPONSE, 1, 0, dunlin_http_response_read(h, P(1, bytes), sizeof bytes))
WALK(http_response_set_deadline, RESPONSE, 0, 0, dunlin_http_response_set_deadline(h, 0))
WALK(http_response_status, RESPONSE, 0, 0, dunlin_http_response_status(h))
WALK(http_response_status_text, RESPONSE, 0, VIEW, dunlin_http_response_status_text(h).ptr != NULL)
