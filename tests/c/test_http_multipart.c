/* Multipart bodies, read part by part through a small window. */
#include "http_server.h"

/* Answers with "name|file name|type|data;" of each part. */
static int32_t upload(void *ctx, dunlin_http_exchange_t x)
{
    static const char type_field[] = "content-type";
    char window[256], name[32], file[32], data[16];
    struct dunlin_http_multipart m = DUNLIN_HTTP_MULTIPART_INIT;
    struct dunlin_str field, value;
    int32_t result;
    (void)ctx;
    app_check(dunlin_http_multipart_next(&m) < 0);
    m.window = window;
    m.window_len = sizeof window;
    m.max_parts = 3;
    result = dunlin_http_multipart_begin(x, &m);
    if (result < 0) {
        return dunlin_http_error(x, 415, dunlin_strerror(result));
    }
    app_check(dunlin_http_multipart_name(&m, name, sizeof name) == DUNLIN_ERR_STATE);
    app_check(dunlin_http_multipart_read(&m, data, sizeof data) == DUNLIN_ERR_STATE);
    while ((result = dunlin_http_multipart_next(&m)) == 1) {
        dunlin_ssize_t n;
        app_check(dunlin_http_multipart_name(&m, name, sizeof name) >= 0);
        app_check(dunlin_http_multipart_file_name(&m, file, sizeof file) >= 0);
        app_check(dunlin_http_multipart_header_at(&m, 0, &field, &value) == 1);
        app_check(str_is(field, "Content-Disposition"));
        app_check(dunlin_http_multipart_header_at(&m, 9, &field, &value) == 0);
        app_check(dunlin_http_multipart_header(&m, "Content-Transfer-Encoding").ptr == NULL);
        dunlin_http_write_str(x, name);
        dunlin_http_write_str(x, "|");
        dunlin_http_write_str(x, file);
        dunlin_http_write_str(x, "|");
        dunlin_http_write(x, dunlin_http_multipart_header(&m, type_field));
        dunlin_http_write_str(x, "|");
        if (strcmp(name, "skip") == 0) {
            continue;
        }
        while ((n = dunlin_http_multipart_read(&m, data, sizeof data)) > 0) {
            dunlin_http_write_bytes(x, data, (size_t)n);
        }
        if (n < 0) {
            dunlin_http_write_str(x, dunlin_strerror((int32_t)n));
            return 0;
        }
        app_check(dunlin_http_multipart_read(&m, data, sizeof data) == 0);
        app_check(dunlin_http_multipart_header(&m, type_field).ptr == NULL);
        app_check(dunlin_http_multipart_name(&m, name, sizeof name) == DUNLIN_ERR_STATE);
        dunlin_http_write_str(x, ";");
    }
    app_check(dunlin_http_multipart_next(&m) == result);
    return dunlin_http_write_str(x, result == 0 ? "end" : dunlin_strerror(result));
}

static int32_t wrong(void *ctx, dunlin_http_exchange_t x)
{
    char window[256];
    struct dunlin_http_multipart m = DUNLIN_HTTP_MULTIPART_INIT;
    (void)ctx;
    app_check(dunlin_http_multipart_begin(x, &m) == DUNLIN_ERR_BUFFER_TOO_SMALL);
    m.window = window;
    m.window_len = sizeof window;
    m.max_parts = 1001;
    app_check(dunlin_http_multipart_begin(x, &m) == DUNLIN_ERR_INVALID);
    m.max_parts = 0;
    m.max_fields = 10001;
    app_check(dunlin_http_multipart_begin(x, &m) == DUNLIN_ERR_INVALID);
    m.max_fields = 0;
    m.size = 9;
    app_check(dunlin_http_multipart_begin(x, &m) == DUNLIN_ERR_VERSION);
    m.size = sizeof m;
    app_check(dunlin_http_multipart_begin(x, &m) == 0);
    memset(m.state, 0xff, sizeof m.state);
    app_check(dunlin_http_multipart_next(&m) == DUNLIN_ERR_STATE);
    return dunlin_http_reply(x, 204, NULL, 0);
}

static const struct dunlin_http_route routes[] = {
    DUNLIN_HTTP_ROUTE("/upload", upload, NULL),
    DUNLIN_HTTP_ROUTE("/wrong", wrong, NULL),
};

static int up(void **state)
{
    return server_up(state, routes, DUNLIN_COUNT(routes));
}

/* Posts a body, its type "multipart/form-data" with this behind it. */
static const char *post(const char *target, const char *type, const char *body)
{
    static char request[4096];
    snprintf(request, sizeof request,
             "POST %s HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Type: %s\r\n"
             "Content-Length: %d\r\n\r\n%s",
             target, type, (int)strlen(body), body);
    return talk(request);
}

#define TYPE "multipart/form-data; boundary=\"b b\""
#define PART(more) "--b b\r\nContent-Disposition: form-data; " more "\r\n\r\n"

static void parts_are_read(void **state)
{
    (void)state;
    contains(post("/upload", TYPE,
                  PART("name=a") "1\r\n" PART("name=skip") "much that nobody reads\r\n"
                  PART("name=f; filename=\"../x/y.txt\"\r\nContent-Type: text/x")
                  "a line\r\n--b bx and one that is longer than the buffer\r\n--b b--\r\n"),
             "\r\n\r\na|||1;skip|||f|y.txt|text/x|a line\r\n--b bx and one that is longer than the "
             "buffer;end");
    contains(post("/upload", TYPE,
                  PART("name=q\r\nContent-Transfer-Encoding: quoted-printable") "a=3D=\r\nb\r\n--b b--"),
             "\r\n\r\nq|||a=b;end");
}

static void bad_bodies_are_errors(void **state)
{
    (void)state;
    contains(post("/upload", "text/plain", "x"), "HTTP/1.1 415");
    contains(post("/upload", "multipart/form-data", "x"), "no multipart boundary");
    contains(post("/upload", TYPE, PART("name=a") "1"), "a|||1unexpected EOF");
    contains(post("/upload", TYPE, PART("name=a") "1\r\n--b b x\r\n"), "a|||1;malformed multipart body");
    contains(post("/upload", TYPE,
                  PART("name=a") "\r\n" PART("name=b") "\r\n" PART("name=c") "\r\n" PART("name=d")),
             "a|||;b|||;c|||;http: request body too large");
    contains(post("/wrong", TYPE, "--b b--"), "HTTP/1.1 204");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(parts_are_read, app_checked),
        cmocka_unit_test_teardown(bad_bodies_are_errors, app_checked),
    };
    return cmocka_run_group_tests(tests, up, server_down);
}
