/*
 * Every exported function with every wrong handle and with NULL in every position: an error code,
 * never more. The table below must name every function of tests/abi/exports.txt.
 *
 * In an entry's call h is the handle, and P(n, p) the pointer p, or NULL when the n-th is tried.
 */
#include "app.h"

#include <stdlib.h>

enum kind { NONE, NETDEV, CONN, LISTENER, CANCEL, SERVER, CLIENT, RESPONSE, EXCHANGE, KINDS };

#define ANYTIME 1  /* works before dunlin_init() */
#define VIEW 2     /* gives a view: 0 is none */
#define HARMLESS 4 /* NULL is allowed, or there is no result */

struct entry {
    const char *name; /* up to a '/' */
    int64_t (*call)(int32_t h, int null);
    enum kind kind;
    int pointers; /* P(1) to P(pointers) */
    unsigned flags;
};

#define P(n, p) (null == (n) ? NULL : (p))
#define CALL(name, expression)                     \
    static int64_t call_##name(int32_t h, int null) \
    {                                              \
        (void)h;                                   \
        (void)null;                                \
        return (int64_t)(expression);              \
    }

static char text[64], bytes[64];
static struct dunlin_str str_a, str_b;
static struct dunlin_addr addr;
static struct dunlin_config config;
static struct dunlin_usage usage;
static struct dunlin_build_config numbers;
static struct dunlin_error_info info;
static struct dunlin_http_failure failure;
static struct dunlin_http_server_stats stats;
static struct dunlin_route route;
static struct dunlin_tick_clock ticks;
static struct dunlin_netdev_fault fault;
static struct dunlin_netdev_fault_config fault_config;
static struct dunlin_netdev_fault_stats fault_stats;
static struct dunlin_iovec iovec;
static dunlin_conn_t conn_a, conn_b;
static int64_t number;

static int32_t handler(void *ctx, dunlin_http_exchange_t x);
static const struct dunlin_http_route routes[] = {DUNLIN_HTTP_ROUTE("/", handler, NULL)};

static int32_t live[KINDS], stale[KINDS];

/* A connection that nobody needs. */
static dunlin_conn_t spare(void)
{
    dunlin_conn_t a, b;
    if (dunlin_pipe(&a, &b) < 0) {
        return 0;
    }
    dunlin_conn_close(b);
    return a;
}

static int32_t dial_under(dunlin_cancel_t token)
{
    struct dunlin_dialer dialer = DUNLIN_DIALER_INIT;
    dialer.cancel = token;
    return dunlin_dial(&dialer, "tcp", "127.0.0.1:1");
}

static int32_t do_under(dunlin_http_client_t client, dunlin_cancel_t token, const char *url)
{
    struct dunlin_http_request req = DUNLIN_HTTP_REQUEST_INIT;
    req.url = url;
    req.cancel = token;
    return dunlin_http_do(client, &req);
}

static int32_t new_server(const struct dunlin_http_route *list)
{
    struct dunlin_http_server_config sc = DUNLIN_HTTP_SERVER_CONFIG_INIT;
    sc.routes = list;
    sc.route_count = 1;
    return dunlin_http_server_new(&sc);
}

static int nothing(int done)
{
    return done;
}

CALL(abi_version, dunlin_abi_version())
CALL(accept, dunlin_accept(h))
CALL(addr_format, dunlin_addr_format(P(1, &addr), P(2, text), sizeof text))
CALL(addr_parse, dunlin_addr_parse(P(1, "::1"), P(2, &addr)))
CALL(after_ms, dunlin_after_ms(1))
CALL(build_config, dunlin_build_config(P(1, &numbers)))
CALL(cancel, dunlin_cancel(h))
CALL(cancel_close, dunlin_cancel_close(h))
CALL(cancel_new, nothing(1) ? dunlin_cancel_close(dunlin_cancel_new()) : 0)
CALL(conn_close, dunlin_conn_close(h))
CALL(conn_close_write, dunlin_conn_close_write(h))
CALL(conn_error, dunlin_conn_error(h, P(1, &info)))
CALL(conn_local_addr, dunlin_conn_local_addr(h, P(1, &addr)))
CALL(conn_read, dunlin_conn_read(h, P(1, bytes), sizeof bytes))
CALL(conn_remote_addr, dunlin_conn_remote_addr(h, P(1, &addr)))
CALL(conn_set_deadline, dunlin_conn_set_deadline(h, 0))
CALL(conn_set_read_deadline, dunlin_conn_set_read_deadline(h, 0))
CALL(conn_set_write_deadline, dunlin_conn_set_write_deadline(h, 0))
CALL(conn_write, dunlin_conn_write(h, P(1, bytes), 1))
CALL(conn_writev, dunlin_conn_writev(h, P(1, &iovec), 1))
CALL(deinit, dunlin_deinit(0))
CALL(dial, dunlin_dial(NULL, P(1, "tcp"), P(2, "127.0.0.1:1")))
CALL(dial_cancel, dial_under(h))
CALL(http_add_header, dunlin_http_add_header(h, P(1, "A"), P(2, "b")))
CALL(http_client_adopt, dunlin_http_client_adopt(h, P(1, "http://a/"), spare()))
CALL(http_client_adopt_conn, dunlin_http_client_adopt(live[CLIENT], "http://a/", h))
CALL(http_client_close, dunlin_http_client_close(h))
CALL(http_client_close_idle, dunlin_http_client_close_idle(h))
CALL(http_client_failure, dunlin_http_client_failure(h, P(1, &failure)))
CALL(http_client_new, dunlin_http_client_close(dunlin_http_client_new(NULL)))
CALL(http_content_length, dunlin_http_content_length(h, P(1, &number)))
CALL(http_del_header, dunlin_http_del_header(h, P(1, "A")))
CALL(http_detach, dunlin_http_detach(h, NULL, NULL))
CALL(http_do, null == 1 ? dunlin_http_do(h, NULL) : do_under(h, 0, P(2, "http://127.0.0.1:1/")))
CALL(http_do_cancel, do_under(live[CLIENT], h, "http://127.0.0.1:1/"))
CALL(http_error, dunlin_http_error(h, 500, P(1, "text")))
CALL(http_finish, dunlin_http_finish(h))
CALL(http_flush, dunlin_http_flush(h))
CALL(http_get, dunlin_http_get(h, P(1, "http://127.0.0.1:1/")))
CALL(http_header, dunlin_http_header(h, P(1, "Host")).ptr != NULL)
CALL(http_header_at, dunlin_http_header_at(h, 0, P(1, &str_a), P(2, &str_b)))
CALL(http_host, dunlin_http_host(h).ptr != NULL)
CALL(http_limit_body, dunlin_http_limit_body(h, 1))
CALL(http_local_addr, dunlin_http_local_addr(h, P(1, &addr)))
CALL(http_method, dunlin_http_method(h).ptr != NULL)
CALL(http_not_found, dunlin_http_not_found(h))
CALL(http_path, dunlin_http_path(h).ptr != NULL)
CALL(http_path_value, dunlin_http_path_value(h, P(1, "x")).ptr != NULL)
CALL(http_post, dunlin_http_post(h, P(1, "http://127.0.0.1:1/"), NULL, P(2, bytes), 1))
CALL(http_proto, dunlin_http_proto(h).ptr != NULL)
CALL(http_query, dunlin_http_query(h).ptr != NULL)
CALL(http_read, dunlin_http_read(h, P(1, bytes), sizeof bytes))
CALL(http_redirect, dunlin_http_redirect(h, P(1, "/"), 302))
CALL(http_remote_addr, dunlin_http_remote_addr(h, P(1, &addr)))
CALL(http_reply, dunlin_http_reply(h, 200, P(1, bytes), 1))
CALL(http_reply_static, dunlin_http_reply_static(h, 200, P(1, bytes), 1))
CALL(http_response_close, dunlin_http_response_close(h))
CALL(http_response_content_length, dunlin_http_response_content_length(h, P(1, &number)))
CALL(http_response_header, dunlin_http_response_header(h, P(1, "Date")).ptr != NULL)
CALL(http_response_header_at, dunlin_http_response_header_at(h, 0, P(1, &str_a), P(2, &str_b)))
CALL(http_response_proto, dunlin_http_response_proto(h).ptr != NULL)
CALL(http_response_read, dunlin_http_response_read(h, P(1, bytes), sizeof bytes))
CALL(http_response_set_deadline, dunlin_http_response_set_deadline(h, 0))
CALL(http_response_status, dunlin_http_response_status(h))
CALL(http_response_status_text, dunlin_http_response_status_text(h).ptr != NULL)
CALL(http_server_addr, dunlin_http_server_addr(h, 0, P(1, &addr)))
CALL(http_server_adopt, dunlin_http_server_adopt(h, spare()))
CALL(http_server_adopt_conn, dunlin_http_server_adopt(live[SERVER], h))
CALL(http_server_close, dunlin_http_server_close(h))
CALL(http_server_listen, dunlin_http_server_listen(h, P(1, "127.0.0.1:0")))
CALL(http_server_listen_with, dunlin_http_server_listen_with(h, NULL, P(1, "tcp"), P(2, "127.0.0.1:0")))
CALL(http_server_new, null == 1 ? dunlin_http_server_new(NULL) : new_server(P(2, routes)))
CALL(http_server_serve, dunlin_http_server_serve(h))
CALL(http_server_shutdown, dunlin_http_server_shutdown(h, -1))
CALL(http_server_stats, dunlin_http_server_stats(h, P(1, &stats)))
CALL(http_set_header, dunlin_http_set_header(h, P(1, "A"), P(2, "b")))
CALL(http_sse_begin, dunlin_http_sse_begin(h))
CALL(http_sse_send, dunlin_http_sse_send(h, NULL, P(1, "data")))
CALL(http_target, dunlin_http_target(h).ptr != NULL)
CALL(http_write, (str_a.ptr = P(1, bytes), str_a.len = 1, dunlin_http_write(h, str_a)))
CALL(http_write_bytes, dunlin_http_write_bytes(h, P(1, bytes), 1))
CALL(http_write_head, dunlin_http_write_head(h, 200))
CALL(http_write_hex, dunlin_http_write_hex(h, 1))
CALL(http_write_str, dunlin_http_write_str(h, P(1, "text")))
CALL(http_write_u32, dunlin_http_write_u32(h, 1))
CALL(init, dunlin_init(P(1, &config)))
CALL(join_host_port, dunlin_join_host_port(P(1, "a"), P(2, "b"), P(3, text), sizeof text))
CALL(listen, dunlin_listen(NULL, P(1, "tcp"), P(2, "127.0.0.1:x")))
CALL(listener_addr, dunlin_listener_addr(h, P(1, &addr)))
CALL(listener_close, dunlin_listener_close(h))
CALL(listener_set_deadline, dunlin_listener_set_deadline(h, 0))
CALL(memory_report, dunlin_memory_report(NULL, NULL))
CALL(netdev_add_route, dunlin_netdev_add_route(h, P(1, &route)))
CALL(netdev_fault_free, (dunlin_netdev_fault_free(P(1, &fault)), 0))
CALL(netdev_fault_get_stats, dunlin_netdev_fault_get_stats(P(1, &fault), P(2, &fault_stats)))
CALL(netdev_fault_init, dunlin_netdev_fault_init(P(1, &fault), P(2, &fault_config)))
CALL(netdev_fault_ops, dunlin_netdev_fault_ops(P(1, &fault)) != NULL)
CALL(netdev_link, dunlin_netdev_link(h, 1))
CALL(netdev_notify, (dunlin_netdev_notify(h, 0, DUNLIN_READABLE), 0))
CALL(netdev_register, dunlin_netdev_register(P(1, "posix0"), P(2, &dunlin_posix_ops), NULL))
CALL(netdev_unregister, dunlin_netdev_unregister(h, -1))
CALL(now_ms, dunlin_now_ms())
CALL(pipe, dunlin_pipe(P(1, &conn_a), P(2, &conn_b)))
CALL(poll, dunlin_poll(NULL, 1, -1))
CALL(remaining_ms, dunlin_remaining_ms(0))
CALL(run, dunlin_run(-1))
CALL(split_host_port, dunlin_split_host_port(P(1, "a:b"), P(2, &str_a), P(3, &str_b)))
CALL(str_copy, (str_a.ptr = P(1, bytes), str_a.len = 1, dunlin_str_copy(str_a, P(2, text), sizeof text)))
CALL(strerror, dunlin_strerror(h) != NULL)
CALL(ticks_to_ms, dunlin_ticks_to_ms(P(1, &ticks), 1, 1000))
CALL(usage, dunlin_usage(P(1, &usage)))
CALL(wall_time_s, dunlin_wall_time_s())

#define E(name, kind, pointers, flags) {"dunlin_" #name, call_##name, kind, pointers, flags}
#define E2(name, which, kind) {"dunlin_" #name "/" #which, call_##name##_##which, kind, 0, 0}

static const struct entry entries[] = {
    E(abi_version, NONE, 0, ANYTIME | HARMLESS),
    E(accept, LISTENER, 0, 0),
    E(addr_format, NONE, 2, ANYTIME),
    E(addr_parse, NONE, 2, ANYTIME),
    E(after_ms, NONE, 0, ANYTIME | HARMLESS),
    E(build_config, NONE, 1, ANYTIME),
    E(cancel, CANCEL, 0, 0),
    E(cancel_close, CANCEL, 0, 0),
    E(cancel_new, NONE, 0, HARMLESS),
    E(conn_close, CONN, 0, 0),
    E(conn_close_write, CONN, 0, 0),
    E(conn_error, CONN, 1, 0),
    E(conn_local_addr, CONN, 1, 0),
    E(conn_read, CONN, 1, 0),
    E(conn_remote_addr, CONN, 1, 0),
    E(conn_set_deadline, CONN, 0, 0),
    E(conn_set_read_deadline, CONN, 0, 0),
    E(conn_set_write_deadline, CONN, 0, 0),
    E(conn_write, CONN, 1, 0),
    E(conn_writev, CONN, 1, 0),
    E(deinit, NONE, 0, 0),
    E(dial, NONE, 2, 0),
    E2(dial, cancel, CANCEL),
    E(http_add_header, EXCHANGE, 2, 0),
    E(http_client_adopt, CLIENT, 1, 0),
    E2(http_client_adopt, conn, CONN),
    E(http_client_close, CLIENT, 0, 0),
    E(http_client_close_idle, CLIENT, 0, 0),
    E(http_client_failure, CLIENT, 1, 0),
    E(http_client_new, NONE, 0, HARMLESS),
    E(http_content_length, EXCHANGE, 1, 0),
    E(http_del_header, EXCHANGE, 1, 0),
    E(http_detach, EXCHANGE, 0, 0),
    E(http_do, CLIENT, 2, 0),
    E2(http_do, cancel, CANCEL),
    E(http_error, EXCHANGE, 1, 0),
    E(http_finish, EXCHANGE, 0, 0),
    E(http_flush, EXCHANGE, 0, 0),
    E(http_get, CLIENT, 1, 0),
    E(http_header, EXCHANGE, 1, VIEW),
    E(http_header_at, EXCHANGE, 2, 0),
    E(http_host, EXCHANGE, 0, VIEW),
    E(http_limit_body, EXCHANGE, 0, 0),
    E(http_local_addr, EXCHANGE, 1, 0),
    E(http_method, EXCHANGE, 0, VIEW),
    E(http_not_found, EXCHANGE, 0, 0),
    E(http_path, EXCHANGE, 0, VIEW),
    E(http_path_value, EXCHANGE, 1, VIEW),
    E(http_post, CLIENT, 2, 0),
    E(http_proto, EXCHANGE, 0, VIEW),
    E(http_query, EXCHANGE, 0, VIEW),
    E(http_read, EXCHANGE, 1, 0),
    E(http_redirect, EXCHANGE, 1, 0),
    E(http_remote_addr, EXCHANGE, 1, 0),
    E(http_reply, EXCHANGE, 1, 0),
    E(http_reply_static, EXCHANGE, 1, 0),
    E(http_response_close, RESPONSE, 0, 0),
    E(http_response_content_length, RESPONSE, 1, 0),
    E(http_response_header, RESPONSE, 1, VIEW),
    E(http_response_header_at, RESPONSE, 2, 0),
    E(http_response_proto, RESPONSE, 0, VIEW),
    E(http_response_read, RESPONSE, 1, 0),
    E(http_response_set_deadline, RESPONSE, 0, 0),
    E(http_response_status, RESPONSE, 0, 0),
    E(http_response_status_text, RESPONSE, 0, VIEW),
    E(http_server_addr, SERVER, 1, 0),
    E(http_server_adopt, SERVER, 0, 0),
    E2(http_server_adopt, conn, CONN),
    E(http_server_close, SERVER, 0, 0),
    E(http_server_listen, SERVER, 1, 0),
    E(http_server_listen_with, SERVER, 2, 0),
    E(http_server_new, NONE, 2, 0),
    E(http_server_serve, SERVER, 0, 0),
    E(http_server_shutdown, SERVER, 0, 0),
    E(http_server_stats, SERVER, 1, 0),
    E(http_set_header, EXCHANGE, 2, 0),
    E(http_sse_begin, EXCHANGE, 0, 0),
    E(http_sse_send, EXCHANGE, 1, 0),
    E(http_target, EXCHANGE, 0, VIEW),
    E(http_write, EXCHANGE, 1, 0),
    E(http_write_bytes, EXCHANGE, 1, 0),
    E(http_write_head, EXCHANGE, 0, 0),
    E(http_write_hex, EXCHANGE, 0, 0),
    E(http_write_str, EXCHANGE, 1, 0),
    E(http_write_u32, EXCHANGE, 0, 0),
    E(init, NONE, 1, ANYTIME),
    E(join_host_port, NONE, 3, ANYTIME),
    E(listen, NONE, 2, 0),
    E(listener_addr, LISTENER, 1, 0),
    E(listener_close, LISTENER, 0, 0),
    E(listener_set_deadline, LISTENER, 0, 0),
    E(memory_report, NONE, 0, ANYTIME | HARMLESS),
    E(netdev_add_route, NETDEV, 1, 0),
    E(netdev_fault_free, NONE, 1, ANYTIME | HARMLESS),
    E(netdev_fault_get_stats, NONE, 2, ANYTIME),
    E(netdev_fault_init, NONE, 2, ANYTIME),
    E(netdev_fault_ops, NONE, 1, ANYTIME | VIEW),
    E(netdev_link, NETDEV, 0, 0),
    E(netdev_notify, NETDEV, 0, ANYTIME | HARMLESS),
    E(netdev_register, NONE, 2, 0),
    E(netdev_unregister, NETDEV, 0, 0),
    E(now_ms, NONE, 0, ANYTIME | HARMLESS),
    E(pipe, NONE, 2, 0),
    E(poll, NONE, 1, 0),
    E(remaining_ms, NONE, 0, ANYTIME | HARMLESS),
    E(run, NONE, 0, HARMLESS),
    E(split_host_port, NONE, 3, ANYTIME),
    E(str_copy, NONE, 2, ANYTIME),
    E(strerror, NONE, 0, ANYTIME | HARMLESS),
    E(ticks_to_ms, NONE, 1, ANYTIME | HARMLESS),
    E(usage, NONE, 1, 0),
    E(wall_time_s, NONE, 0, ANYTIME | HARMLESS),
};

#define ENTRIES (sizeof entries / sizeof entries[0])

/* --- the list is whole -------------------------------------------------------------------------- */

static bool is_named(const char *function)
{
    for (size_t i = 0; i < ENTRIES; i++) {
        size_t len = strcspn(entries[i].name, "/");
        if (strlen(function) == len && strncmp(function, entries[i].name, len) == 0) {
            return true;
        }
    }
    return false;
}

static void every_exported_function_is_walked(void **state)
{
    char path[1024], line[128];
    const char *slash = strrchr(__FILE__, '/');
    FILE *list;
    int lines = 0;
    (void)state;
    assert_non_null(slash);
    snprintf(path, sizeof path, "%.*s/../abi/exports.txt", (int)(slash - __FILE__), __FILE__);
    list = fopen(path, "r");
    assert_non_null(list);
    while (fgets(line, sizeof line, list) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (!is_named(line)) {
            fail_msg("no entry for %s", line);
        }
        lines++;
    }
    fclose(list);
    assert_true(lines > 100);
}

/* --- before init --------------------------------------------------------------------------------- */

static void before_init_every_call_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < ENTRIES; i++) {
        const struct entry *e = &entries[i];
        if ((e->flags & ANYTIME) == 0) {
            int64_t result = e->call(1, e->kind == NONE ? 1 : 0);
            int64_t want = (e->flags & VIEW) != 0 ? 0 : DUNLIN_ERR_STATE;
            if (result != want) {
                fail_msg("%s gives %d", e->name, (int)result);
            }
        }
    }
}

/* --- wrong handles and NULL ------------------------------------------------------------------------ */

static void tell(const struct entry *e, const char *how, int32_t which, int64_t result)
{
    char what[256];
    snprintf(what, sizeof what, "%s with %s %d gives %d", e->name, how, (int)which, (int)result);
    app_fail(__FILE__, __LINE__, what);
}

static void try_handle(const struct entry *e, int32_t h, const char *how)
{
    int64_t result = e->call(h, 0);
    int64_t want = (e->flags & VIEW) != 0 ? 0 : DUNLIN_ERR_BAD_HANDLE;
    if (result != want && (e->flags & HARMLESS) == 0) {
        tell(e, how, h, result);
    }
}

/* The functions of one kind of handle, or all but those of exchanges. */
static void walk(bool exchanges)
{
    static const int32_t forged[] = {0, -1, 1, 4711, INT32_MIN, INT32_MAX, 0x40000000, 0x0fffffff};
    for (size_t i = 0; i < ENTRIES; i++) {
        const struct entry *e = &entries[i];
        if ((e->kind == EXCHANGE) != exchanges) {
            continue;
        }
        for (size_t f = 0; e->kind != NONE && f < sizeof forged / sizeof forged[0]; f++) {
            /* No token at all is as good as a live one. */
            if (forged[f] != 0 || strchr(e->name, '/') == NULL || e->kind != CANCEL) {
                try_handle(e, forged[f], "the forged handle");
            }
        }
        for (int k = NETDEV; e->kind != NONE && k < KINDS; k++) {
            if (live[k] != 0 && k != (int)e->kind) {
                try_handle(e, live[k], "the handle of another kind");
            }
            if (stale[k] != 0) {
                try_handle(e, stale[k], "the stale handle");
            }
            if (live[k] != 0) {
                /* The same place, another generation. */
                try_handle(e, live[k] ^ (1 << 11), "the handle of another time");
            }
        }
        for (int n = 1; n <= e->pointers; n++) {
            int64_t result = e->call(live[e->kind], n);
            int64_t want = (e->flags & VIEW) != 0 ? 0 : DUNLIN_ERR_INVALID;
            if (result != want && (e->flags & HARMLESS) == 0) {
                tell(e, "NULL as pointer", n, result);
            }
        }
    }
}

/* Exchanges live in their handler only. */
static int32_t handler(void *ctx, dunlin_http_exchange_t x)
{
    (void)ctx;
    live[EXCHANGE] = x;
    walk(true);
    live[EXCHANGE] = 0;
    stale[EXCHANGE] = x;
    return dunlin_http_reply(x, 200, "walked", 6);
}

static void *serve(void *arg)
{
    struct app_task *task = arg;
    task->result = dunlin_http_server_serve(task->handle);
    return NULL;
}

static void fetch(const char *url)
{
    dunlin_http_response_t r = dunlin_http_get(live[CLIENT], url);
    assert_true(r > 0);
    assert_int_equal(dunlin_http_response_status(r), 200);
    live[RESPONSE] = r;
}

static void wrong_handles_and_null_are_errors(void **state)
{
    struct dunlin_http_client_config cc = DUNLIN_HTTP_CLIENT_CONFIG_INIT;
    char at[DUNLIN_ADDR_TEXT_MAX], url[96];
    struct app_task worker;
    dunlin_conn_t peer;
    struct dunlin_usage before, after;
    (void)state;
    before = app_usage();

    live[NETDEV] = dunlin_netdev_register("other", &dunlin_posix_ops, NULL);
    stale[NETDEV] = live[NETDEV];
    assert_int_equal(dunlin_netdev_unregister(stale[NETDEV], 0), 0);
    live[NETDEV] = dunlin_netdev_register("other", &dunlin_posix_ops, NULL);
    assert_int_equal(dunlin_pipe(&live[CONN], &peer), 0);
    stale[CONN] = peer;
    assert_int_equal(dunlin_conn_close(peer), 0);
    stale[LISTENER] = app_listen(at, sizeof at);
    assert_int_equal(dunlin_listener_close(stale[LISTENER]), 0);
    live[LISTENER] = app_listen(at, sizeof at);
    stale[CANCEL] = dunlin_cancel_new();
    assert_int_equal(dunlin_cancel_close(stale[CANCEL]), 0);
    live[CANCEL] = dunlin_cancel_new();
    stale[SERVER] = new_server(routes);
    assert_int_equal(dunlin_http_server_close(stale[SERVER]), 0);
    live[SERVER] = new_server(routes);
    stale[CLIENT] = dunlin_http_client_new(NULL);
    assert_int_equal(dunlin_http_client_close(stale[CLIENT]), 0);
    cc.responses = 2;
    live[CLIENT] = dunlin_http_client_new(&cc);
    for (int k = NETDEV; k <= CLIENT; k++) {
        assert_true(live[k] > 0 && stale[k] > 0);
    }

    assert_int_equal(dunlin_http_server_listen(live[SERVER], "127.0.0.1:0"), 0);
    assert_int_equal(dunlin_http_server_addr(live[SERVER], 0, &addr), 0);
    assert_true(dunlin_addr_format(&addr, at, sizeof at) > 0);
    snprintf(url, sizeof url, "http://%s/", at);
    app_start(&worker, serve, live[SERVER]);
    fetch(url);
    stale[RESPONSE] = live[RESPONSE];
    assert_int_equal(dunlin_http_response_close(stale[RESPONSE]), 0);
    fetch(url); /* once more, with a stale response and exchange to try */
    walk(false);

    /* Nothing of what lives was harmed. */
    assert_int_equal(dunlin_http_response_read(live[RESPONSE], bytes, sizeof bytes), 6);
    assert_int_equal(dunlin_http_response_close(live[RESPONSE]), 0);
    assert_int_equal(dunlin_http_client_close(live[CLIENT]), 0);
    assert_int_equal(dunlin_http_server_close(live[SERVER]), 0);
    assert_int_equal(app_join(&worker), DUNLIN_ERR_HTTP_SERVER_CLOSED);
    assert_int_equal(dunlin_cancel_close(live[CANCEL]), 0);
    assert_int_equal(dunlin_listener_close(live[LISTENER]), 0);
    assert_int_equal(dunlin_conn_close(live[CONN]), 0);
    assert_int_equal(dunlin_netdev_unregister(live[NETDEV], dunlin_after_ms(5000)), 0);
    after = app_usage();
    assert_memory_equal(&before, &after, sizeof before);
    assert_int_equal(app_checked(NULL), 0);
}

static void set_up_structs(void)
{
    struct dunlin_usage u = DUNLIN_USAGE_INIT;
    struct dunlin_build_config b = DUNLIN_BUILD_CONFIG_INIT;
    struct dunlin_error_info i = DUNLIN_ERROR_INFO_INIT;
    struct dunlin_http_failure f = DUNLIN_HTTP_FAILURE_INIT;
    struct dunlin_http_server_stats s = DUNLIN_HTTP_SERVER_STATS_INIT;
    struct dunlin_netdev_fault_config c = DUNLIN_NETDEV_FAULT_CONFIG_INIT;
    struct dunlin_netdev_fault_stats t = DUNLIN_NETDEV_FAULT_STATS_INIT;
    usage = u;
    numbers = b;
    info = i;
    failure = f;
    stats = s;
    fault_config = c;
    fault_stats = t;
    iovec.ptr = bytes;
    iovec.len = 1;
    route.network.family = DUNLIN_AF_INET;
    addr.family = DUNLIN_AF_INET;
}

int main(void)
{
    const struct CMUnitTest first[] = {
        cmocka_unit_test(every_exported_function_is_walked),
        cmocka_unit_test(before_init_every_call_is_refused),
    };
    const struct CMUnitTest then[] = {cmocka_unit_test(wrong_handles_and_null_are_errors)};
    set_up_structs();
    int failed = cmocka_run_group_tests_name("misuse before init", first, NULL, NULL);
    return failed + cmocka_run_group_tests_name("misuse", then, app_up, app_down);
}
