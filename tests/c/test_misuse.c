/*
 * Every exported function with every wrong handle and with NULL in every position: an error code,
 * never more. The functions are listed in misuse/, one file for each section of the header.
 */
#include "app.h"
#include "misuse/walk.h"

static int32_t handler(void *ctx, dunlin_http_exchange_t x);
const struct dunlin_http_route routes[1] = {DUNLIN_HTTP_ROUTE("/", handler, NULL)};

int32_t live[KINDS], stale[KINDS];
static struct entry *entries;

void walk_add(struct entry *entry)
{
    entry->next = entries;
    entries = entry;
}

/* A connection that nobody needs. */
dunlin_conn_t spare_conn(void)
{
    dunlin_conn_t a, b;
    if (dunlin_pipe(&a, &b) < 0) {
        return 0;
    }
    dunlin_conn_close(b);
    return a;
}

static int32_t new_server(void)
{
    struct dunlin_http_server_config sc = DUNLIN_HTTP_SERVER_CONFIG_INIT;
    sc.routes = routes;
    sc.route_count = 1;
    return dunlin_http_server_new(&sc);
}

/* --- the list is whole -------------------------------------------------------------------------- */

static bool is_named(const char *function)
{
    for (const struct entry *e = entries; e != NULL; e = e->next) {
        size_t len = strcspn(e->name, "/");
        if (strlen(function) == len && strncmp(function, e->name, len) == 0) {
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
    for (const struct entry *e = entries; e != NULL; e = e->next) {
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
    for (const struct entry *e = entries; e != NULL; e = e->next) {
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
    struct dunlin_addr addr;
    char body[64];
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
    stale[PACKET_CONN] = dunlin_listen_packet(NULL, "udp", "127.0.0.1:0");
    assert_int_equal(dunlin_packet_conn_close(stale[PACKET_CONN]), 0);
    live[PACKET_CONN] = dunlin_listen_packet(NULL, "udp", "127.0.0.1:0");
    stale[CANCEL] = dunlin_cancel_new();
    assert_int_equal(dunlin_cancel_close(stale[CANCEL]), 0);
    live[CANCEL] = dunlin_cancel_new();
    stale[SERVER] = new_server();
    assert_int_equal(dunlin_http_server_close(stale[SERVER]), 0);
    live[SERVER] = new_server();
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
    assert_int_equal(dunlin_http_response_read(live[RESPONSE], body, sizeof body), 6);
    assert_int_equal(dunlin_http_response_close(live[RESPONSE]), 0);
    assert_int_equal(dunlin_http_client_close(live[CLIENT]), 0);
    assert_int_equal(dunlin_http_server_close(live[SERVER]), 0);
    assert_int_equal(app_join(&worker), DUNLIN_ERR_HTTP_SERVER_CLOSED);
    assert_int_equal(dunlin_cancel_close(live[CANCEL]), 0);
    assert_int_equal(dunlin_listener_close(live[LISTENER]), 0);
    assert_int_equal(dunlin_packet_conn_close(live[PACKET_CONN]), 0);
    assert_int_equal(dunlin_conn_close(live[CONN]), 0);
    assert_int_equal(dunlin_netdev_unregister(live[NETDEV], dunlin_after_ms(5000)), 0);
    after = app_usage();
    assert_memory_equal(&before, &after, sizeof before);
    assert_int_equal(app_checked(NULL), 0);
}

int main(void)
{
    const struct CMUnitTest first[] = {
        cmocka_unit_test(every_exported_function_is_walked),
        cmocka_unit_test(before_init_every_call_is_refused),
    };
    const struct CMUnitTest then[] = {cmocka_unit_test(wrong_handles_and_null_are_errors)};
    int failed = cmocka_run_group_tests_name("misuse before init", first, NULL, NULL);
    return failed + cmocka_run_group_tests_name("misuse", then, app_up, app_down);
}
