/* URLs, queries, paths, media types and the texts of fields: all before dunlin_init(). */
#include "http_server.h"

static char room[256];

static struct dunlin_str of(const char *text)
{
    return dunlin_str_of(text);
}

static void a_url_is_taken_apart(void **state)
{
    struct dunlin_url u = DUNLIN_URL_INIT;
    (void)state;
    assert_int_equal(dunlin_url_parse(of("http://me:it%21@[::1]:80/a%20b?c=d#e"), &u), 0);
    assert_true(str_is(u.scheme, "http") && str_is(u.user, "me") && str_is(u.password, "it%21"));
    assert_true(str_is(u.host, "[::1]:80") && str_is(u.hostname, "::1") && str_is(u.port, "80"));
    assert_true(str_is(u.path, "/a%20b") && str_is(u.query, "c=d") && str_is(u.fragment, "e"));
    assert_null(u.opaque.ptr);
    assert_int_equal(dunlin_url_parse(of("mailto:a@b"), &u), 0);
    assert_true(str_is(u.opaque, "a@b") && u.path.ptr == NULL && u.query.ptr == NULL);
    assert_int_equal(dunlin_url_parse(of("/x?"), &u), 0);
    assert_true(u.query.ptr != NULL && u.query.len == 0 && u.host.ptr == NULL);
    assert_int_equal(dunlin_url_parse(of("%zz"), &u), DUNLIN_ERR_HTTP_INVALID_TARGET);
    u.size = 7;
    assert_int_equal(dunlin_url_parse(of("/"), &u), DUNLIN_ERR_VERSION);
}

static void references_are_resolved(void **state)
{
    struct dunlin_str base = of("http://a/b/c?d");
    (void)state;
    assert_int_equal(dunlin_url_resolve(base, of("../e?f#g"), room, sizeof room), 14);
    assert_string_equal(room, "http://a/e?f#g");
    assert_int_equal(dunlin_url_resolve(base, of("//h"), room, sizeof room), 8);
    assert_string_equal(room, "http://h");
    assert_int_equal(dunlin_url_resolve(base, of("e"), room, 5), DUNLIN_ERR_BUFFER_TOO_SMALL);
    assert_int_equal(dunlin_url_resolve(base, of(":"), room, sizeof room),
                     DUNLIN_ERR_HTTP_INVALID_TARGET);
}

static void parts_are_escaped_and_back(void **state)
{
    (void)state;
    assert_int_equal(dunlin_url_escape(DUNLIN_URL_QUERY, of("a b/c&"), room, sizeof room), 10);
    assert_string_equal(room, "a+b%2Fc%26");
    assert_int_equal(dunlin_url_unescape(DUNLIN_URL_QUERY, of(room), room + 64, 64), 6);
    assert_string_equal(room + 64, "a b/c&");
    assert_int_equal(dunlin_url_escape(DUNLIN_URL_SEGMENT, of("a b/+"), room, sizeof room), 9);
    assert_string_equal(room, "a%20b%2F+");
    assert_int_equal(dunlin_url_unescape(DUNLIN_URL_SEGMENT, of("+%2b"), room, sizeof room), 2);
    assert_string_equal(room, "++");
    assert_int_equal(dunlin_url_escape(2, of("a"), room, sizeof room), DUNLIN_ERR_INVALID);
    assert_int_equal(dunlin_url_unescape(DUNLIN_URL_QUERY, of("%4"), room, sizeof room),
                     DUNLIN_ERR_HTTP_INVALID_TARGET);
    assert_int_equal(dunlin_url_escape(DUNLIN_URL_QUERY, of("&"), room, 3),
                     DUNLIN_ERR_BUFFER_TOO_SMALL);
}

static void queries_have_pairs(void **state)
{
    struct dunlin_str rest = of("a=1&&b%63=%20+&x;y&=&"), name, value;
    (void)state;
    assert_int_equal(dunlin_query_value(rest, "bc", room, sizeof room), 2);
    assert_string_equal(room, "  ");
    assert_int_equal(dunlin_query_value(rest, "x", room, sizeof room), 0);
    assert_int_equal(dunlin_query_next(&rest, &name, &value), 1);
    assert_true(str_is(name, "a") && str_is(value, "1"));
    assert_int_equal(dunlin_query_next(&rest, &name, &value), 1);
    assert_true(str_is(name, "b%63") && str_is(value, "%20+"));
    assert_int_equal(dunlin_query_next(&rest, &name, &value), DUNLIN_ERR_HTTP_INVALID_TARGET);
    assert_int_equal(dunlin_query_next(&rest, &name, &value), 1);
    assert_true(name.len == 0 && value.len == 0);
    assert_int_equal(dunlin_query_next(&rest, &name, &value), 0);
    assert_int_equal(dunlin_query_next(&rest, &name, &value), 0);
}

static void paths_types_and_names(void **state)
{
    (void)state;
    assert_int_equal(dunlin_path_clean(of("/a/../b//./c/"), room, sizeof room), 4);
    assert_string_equal(room, "/b/c");
    assert_int_equal(dunlin_media_type_param(of("text/html; Charset=\"utf-8\""), "charset", room,
                                             sizeof room), 5);
    assert_string_equal(room, "utf-8");
    assert_int_equal(dunlin_media_type_param(of("text/html"), "charset", room, sizeof room), 0);
    assert_int_equal(dunlin_media_type_param(of("text/"), "charset", room, sizeof room),
                     DUNLIN_ERR_HTTP_INVALID_HEADER_VALUE);
    assert_int_equal(dunlin_http_canonical_header_key(of("x-oNE"), room, sizeof room), 5);
    assert_string_equal(room, "X-One");
    assert_true(str_is(dunlin_http_detect_content_type("%PDF-1", 6), "application/pdf"));
    assert_true(str_is(dunlin_http_detect_content_type(NULL, 0), "text/plain; charset=utf-8"));
    assert_true(str_is(dunlin_http_status_text(404), "Not Found"));
    assert_true(str_is(dunlin_http_status_text(-1), "") && str_is(dunlin_http_status_text(70000), ""));
}

static void times(void **state)
{
    int64_t seconds = 0;
    (void)state;
    assert_int_equal(dunlin_http_time_format(784111777, room, sizeof room), 29);
    assert_string_equal(room, "Sun, 06 Nov 1994 08:49:37 GMT");
    assert_int_equal(dunlin_http_time_format(0, room, 29), DUNLIN_ERR_BUFFER_TOO_SMALL);
    assert_int_equal(dunlin_http_time_parse(of("Sunday, 06-Nov-94 08:49:37 GMT"), &seconds), 0);
    assert_int_equal(seconds, 784111777);
    assert_int_equal(dunlin_http_time_parse(of("now"), &seconds), DUNLIN_ERR_INVALID);
}

static void cookies(void **state)
{
    struct dunlin_http_cookie c = DUNLIN_HTTP_COOKIE_INIT;
    const char *line = "a=\"b c\"; Path=/x; Domain=d.e; Expires=Sun, 06 Nov 1994 08:49:37 GMT; "
                       "Max-Age=9; HttpOnly; Secure; SameSite=Lax; Partitioned";
    (void)state;
    assert_int_equal(dunlin_cookie_parse(of(line), &c), 0);
    assert_true(str_is(c.name, "a") && str_is(c.value, "b c") && str_is(c.path, "/x"));
    assert_true(str_is(c.domain, "d.e") && c.expires == 784111777 && c.max_age == 9);
    assert_int_equal(c.flags, 31);
    assert_int_equal(c.same_site, DUNLIN_SAME_SITE_LAX);
    assert_int_equal(dunlin_cookie_format(&c, room, sizeof room), strlen(line));
    assert_string_equal(room, line);
    assert_int_equal(dunlin_cookie_parse(of("=b"), &c), DUNLIN_ERR_HTTP_INVALID_HEADER_VALUE);
    c.same_site = 5;
    assert_int_equal(dunlin_cookie_format(&c, room, sizeof room), DUNLIN_ERR_INVALID);
    c.same_site = 0;
    c.flags = 32;
    assert_int_equal(dunlin_cookie_format(&c, room, sizeof room), DUNLIN_ERR_INVALID);
    c.flags = 0;
    c.name = of("a b");
    assert_int_equal(dunlin_cookie_format(&c, room, sizeof room),
                     DUNLIN_ERR_HTTP_INVALID_HEADER_NAME);
}

static void secrets(void **state)
{
    (void)state;
    assert_int_equal(dunlin_http_same_secret(of("s3cret"), "s3cret"), 1);
    assert_int_equal(dunlin_http_same_secret(of("s3creT"), "s3cret"), 0);
    assert_int_equal(dunlin_http_same_secret(of("s3cre"), "s3cret"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_url_is_taken_apart), cmocka_unit_test(references_are_resolved),
        cmocka_unit_test(parts_are_escaped_and_back), cmocka_unit_test(queries_have_pairs),
        cmocka_unit_test(paths_types_and_names), cmocka_unit_test(times),
        cmocka_unit_test(cookies), cmocka_unit_test(secrets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
