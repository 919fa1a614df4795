/* Calls of the HTTP part, with any arguments, and handlers that make calls. */
#include "fuzz.h"

static int32_t handler(void *ctx, dunlin_http_exchange_t x)
{
    static int depth;
    (void)ctx;
    keep(x);
    if (depth < 3) {
        depth++;
        for (uint32_t n = pick(6); n > 0 && !fuzz_over(); n--) {
            if (once_in(4)) {
                call_any();
            } else {
                call_exchange(once_in(8) ? any() : x);
            }
        }
        depth--;
    }
    return once_in(8) ? -2001 - (int32_t)pick(130) : 0;
}

/* Kept by servers until they close. */
static const struct dunlin_http_route routes[] = {
    DUNLIN_HTTP_ROUTE("/", handler, NULL),
    DUNLIN_HTTP_ROUTE("GET /x/{n}", handler, NULL),
    DUNLIN_HTTP_ROUTE("POST /", handler, NULL),
};

static void gone(void *ctx, dunlin_http_exchange_t x)
{
    (void)ctx;
    if (once_in(2)) {
        dunlin_http_finish(x);
    }
}

void call_exchange(dunlin_http_exchange_t x)
{
    static const char page[] = "a page that stays";
    struct dunlin_str name, value;
    struct dunlin_addr addr;
    int64_t length;
    size_t n = pick(once_in(6) ? 3000 : 60);
    void *buf = fuzz_memory(n);
    fuzz_fill(buf, n);
    switch (pick(28)) {
    case 0: value = dunlin_http_method(x); break;
    case 1: value = dunlin_http_path(x); break;
    case 2: value = dunlin_http_query(x); break;
    case 3: value = dunlin_http_host(x); break;
    case 4: value = dunlin_http_path_value(x, fuzz_text()); break;
    case 5: value = dunlin_http_header(x, fuzz_text()); break;
    case 6: dunlin_http_header_at(x, pick(5), &name, &value); break;
    case 7: dunlin_http_content_length(x, &length); break;
    case 8: dunlin_http_remote_addr(x, &addr); break;
    case 9:
    case 10: dunlin_http_read(x, buf, n); break;
    case 11: dunlin_http_limit_body(x, pick(100)); break;
    case 12: dunlin_http_set_header(x, fuzz_text(), fuzz_text()); break;
    case 13: dunlin_http_add_header(x, fuzz_text(), fuzz_text()); break;
    case 14: dunlin_http_del_header(x, fuzz_text()); break;
    case 15: dunlin_http_write_head(x, (int32_t)pick(700)); break;
    case 16:
    case 17: dunlin_http_write_bytes(x, buf, n); break;
    case 18: dunlin_http_write_str(x, fuzz_text()); break;
    case 19: dunlin_http_write_u32(x, pick(UINT32_MAX)); break;
    case 20: dunlin_http_flush(x); break;
    case 21: dunlin_http_reply(x, (int32_t)pick(700), buf, n); break;
    case 22: dunlin_http_reply_static(x, 200, page, sizeof page - 1); break;
    case 23: dunlin_http_error(x, (int32_t)pick(700), fuzz_text()); break;
    case 24: dunlin_http_redirect(x, fuzz_text(), (int32_t)(300 + pick(10))); break;
    case 25:
        dunlin_http_sse_begin(x);
        dunlin_http_sse_send(x, fuzz_text(), fuzz_text());
        break;
    case 26: keep(dunlin_http_detach(x, once_in(2) ? gone : NULL, NULL)); break;
    default: dunlin_http_finish(x); break;
    }
}

static dunlin_ssize_t body_read(void *ctx, void *buf, size_t len)
{
    (void)ctx;
    size_t n = pick((uint32_t)len + 1);
    fuzz_fill(buf, n);
    return once_in(8) ? -2001 : once_in(16) ? (dunlin_ssize_t)len + 1 : (dunlin_ssize_t)n;
}

static int32_t body_rewind(void *ctx)
{
    (void)ctx;
    return once_in(4) ? -1 : 0;
}

static void new_client(void)
{
    struct dunlin_http_client_config config = DUNLIN_HTTP_CLIENT_CONFIG_INIT;
    config.timeout_ms = 2;
    config.dial_timeout_ms = 2;
    config.idle_timeout_ms = 2;
    config.expect_timeout_ms = 1;
    config.idle_conn_timeout_ms = (int32_t)(1 + pick(3));
    config.max_idle = (int32_t)pick(4) - 1;
    config.responses = pick(5);
    config.head_len = once_in(4) ? pick(1000) : 256;
    config.fields = pick(20);
    config.drain_len = pick(500);
    config.user_agent = once_in(8) ? fuzz_text() : NULL;
    keep(dunlin_http_client_new(&config));
}

static void new_server(void)
{
    struct dunlin_http_server_config config = DUNLIN_HTTP_SERVER_CONFIG_INIT;
    config.routes = routes;
    config.route_count = once_in(12) ? 0 : 1 + pick(3);
    config.head_len = once_in(4) ? pick(600) : 256;
    config.output_len = once_in(4) ? pick(300) : 64;
    config.buffered_body_len = pick(40);
    config.max_conns = 1 + pick(4);
    config.max_requests = pick(4);
    config.max_detached = pick(3);
    config.read_header_timeout_ms = config.read_timeout_ms = 5;
    config.write_timeout_ms = config.idle_timeout_ms = 5;
    config.drain_len = pick(400);
    keep(dunlin_http_server_new(&config));
}

void begin_http(void)
{
    new_client();
    new_server();
    dunlin_http_server_listen(some(SERVER), ":80");
}

static void call_client(void)
{
    int32_t h = some(CLIENT), r = some(RESPONSE);
    struct dunlin_http_request request = DUNLIN_HTTP_REQUEST_INIT;
    struct dunlin_http_failure failure = DUNLIN_HTTP_FAILURE_INIT;
    struct dunlin_http_header headers[2];
    struct dunlin_str name, value;
    int64_t length;
    size_t n = pick(200);
    void *buf = fuzz_memory(n);
    switch (pick(14)) {
    case 0: new_client(); break;
    case 1: dunlin_http_client_close(once_in(4) ? h : any()); break;
    case 2: dunlin_http_client_close_idle(h); break;
    case 3: dunlin_http_client_adopt(h, fuzz_text(), some(CONN)); break;
    case 4: dunlin_http_client_failure(h, &failure); break;
    case 5: keep(dunlin_http_get(h, once_in(2) ? fuzz_text() : "http://10.0.0.1/")); break;
    case 6:
    case 7:
        for (int i = 0; i < 2; i++) {
            headers[i] = (struct dunlin_http_header)DUNLIN_HTTP_HEADER(fuzz_text(), fuzz_text());
        }
        fuzz_fill(buf, n);
        request.method = once_in(2) ? NULL : fuzz_text();
        request.url = once_in(4) ? fuzz_text() : "http://10.0.0.1/";
        request.headers = headers;
        request.header_count = pick(3);
        request.deadline = dunlin_after_ms(pick(3));
        request.body = once_in(2) ? buf : NULL;
        request.body_len = request.body == NULL ? 0 : n;
        request.body_read = once_in(4) ? body_read : NULL;
        request.body_rewind = once_in(2) ? body_rewind : NULL;
        request.cancel = once_in(6) ? some(CANCEL) : 0;
        keep(dunlin_http_do(h, &request));
        break;
    case 8: dunlin_http_response_status(r); break;
    case 9: value = dunlin_http_response_header(r, fuzz_text()); break;
    case 10: dunlin_http_response_header_at(r, pick(5), &name, &value); break;
    case 11:
        dunlin_http_response_content_length(r, &length);
        dunlin_http_response_set_deadline(r, fuzz_deadline());
        break;
    case 12:
        dunlin_http_response_set_deadline(r, fuzz_deadline());
        dunlin_http_response_read(r, buf, n);
        break;
    default: dunlin_http_response_close(r); break;
    }
}

static void call_server(void)
{
    int32_t h = some(SERVER);
    struct dunlin_http_server_stats stats = DUNLIN_HTTP_SERVER_STATS_INIT;
    struct dunlin_addr addr;
    switch (pick(12)) {
    case 0: new_server(); break;
    case 1: dunlin_http_server_listen(h, once_in(4) ? fuzz_text() : ":80"); break;
    case 2: dunlin_http_server_addr(h, pick(3), &addr); break;
    case 3: dunlin_http_server_adopt(h, some(CONN)); break;
    case 4: dunlin_http_server_shutdown(once_in(4) ? h : any(), fuzz_deadline()); break;
    case 5: dunlin_http_server_close(once_in(4) ? h : any()); break;
    case 6: dunlin_http_server_stats(h, &stats); break;
    case 7: dunlin_http_server_listen(h, ":80"); break;
    default:
        for (uint32_t n = 1 + pick(6); n > 0; n--) {
            dunlin_http_server_serve_until(h, fuzz_deadline());
        }
    }
}

void call_http(void)
{
    switch (pick(5)) {
    case 0:
    case 1: call_client(); break;
    case 2: call_exchange(some(EXCHANGE)); break;
    default: call_server(); break;
    }
}
