/* A request with everything, and another task that may cancel it. */
#include <dunlin/dunlin.h>
#include <string.h>

dunlin_http_response_t post(const char *json, dunlin_cancel_t cancel);
void give_up(dunlin_cancel_t cancel);
dunlin_http_response_t stream(dunlin_http_client_t client, uint32_t *left);

static const struct dunlin_http_header headers[] = {
    DUNLIN_HTTP_HEADER("content-type", "application/json"),
    DUNLIN_HTTP_HEADER("authorization", "Bearer abc"),
};

dunlin_http_response_t post(const char *json, dunlin_cancel_t cancel)
{
    struct dunlin_http_client_config cc = DUNLIN_HTTP_CLIENT_CONFIG_INIT;
    cc.timeout_ms = 15000;
    cc.dial_timeout_ms = 4000;
    cc.first_byte_timeout_ms = DUNLIN_NO_TIMEOUT;
    cc.idle_timeout_ms = 5000;
    dunlin_http_client_t client = dunlin_http_client_new(&cc);

    struct dunlin_http_request req = DUNLIN_HTTP_REQUEST_INIT;
    req.method = "POST";
    req.url = "http://api.example/v1/points";
    req.headers = headers;
    req.header_count = DUNLIN_COUNT(headers);
    req.body = json;
    req.body_len = strlen(json);
    req.cancel = cancel;
    return dunlin_http_do(client, &req);
}

void give_up(dunlin_cancel_t cancel)
{
    (void)dunlin_cancel(cancel);
}

static dunlin_ssize_t next_piece(void *ctx, void *buf, size_t len)
{
    uint32_t *left = (uint32_t *)ctx;
    size_t n = *left < len ? *left : len;
    memset(buf, 'x', n);
    *left -= (uint32_t)n;
    return (dunlin_ssize_t)n;
}

static int32_t again(void *ctx)
{
    *(uint32_t *)ctx = 4096;
    return 0;
}

dunlin_http_response_t stream(dunlin_http_client_t client, uint32_t *left)
{
    struct dunlin_http_request req = DUNLIN_HTTP_REQUEST_INIT;
    req.method = "PUT";
    req.url = "http://api.example/v1/log";
    req.body_read = next_piece;
    req.body_rewind = again;
    req.body_ctx = left;
    req.deadline = dunlin_after_ms(20000);
    return dunlin_http_do(client, &req);
}
