/* The library's life, and the rules of structs that cross. */
#include "app.h"

static void before_init_every_answer_is_state(void **state)
{
    struct dunlin_usage usage = DUNLIN_USAGE_INIT;
    (void)state;
    assert_int_equal(dunlin_deinit(0), DUNLIN_ERR_STATE);
    assert_int_equal(dunlin_usage(&usage), DUNLIN_ERR_STATE);
    assert_int_equal(dunlin_run(-1), DUNLIN_ERR_STATE);
    assert_int_equal(dunlin_dial(NULL, "tcp", "127.0.0.1:1"), DUNLIN_ERR_STATE);
    assert_int_equal(dunlin_conn_close(1), DUNLIN_ERR_STATE);
    assert_int_equal(dunlin_http_client_new(NULL), DUNLIN_ERR_STATE);
    dunlin_netdev_notify(1, 0, DUNLIN_WORK);
}

static void a_config_that_is_not_understood_is_refused(void **state)
{
    struct {
        struct dunlin_config config;
        uint32_t later[2];
    } newer = {DUNLIN_CONFIG_INIT, {0, 0}};
    struct dunlin_config config = DUNLIN_CONFIG_INIT;
    uint32_t sizes[] = {0, 4, 7, 9, 12, 4104, UINT32_MAX};
    (void)state;
    assert_int_equal(dunlin_init(NULL), DUNLIN_ERR_INVALID);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        config.size = sizes[i];
        assert_int_equal(dunlin_init(&config), DUNLIN_ERR_VERSION);
    }
    config.size = sizeof config;
    config.abi_version = dunlin_abi_version() + 1;
    assert_int_equal(dunlin_init(&config), DUNLIN_ERR_VERSION);
    config.abi_version = DUNLIN_ABI_VERSION;
    config.arena_len = 16;
    assert_int_equal(dunlin_init(&config), DUNLIN_ERR_INVALID); /* of NULL */
    config.arena = app_memory;
    config.arena_len = SIZE_MAX;
    assert_int_equal(dunlin_init(&config), DUNLIN_ERR_INVALID);

    /* An application of a later version, as long as it uses nothing of that. */
    newer.config.size = sizeof newer;
    newer.later[1] = 1;
    assert_int_equal(dunlin_init(&newer.config), DUNLIN_ERR_VERSION);
    newer.later[1] = 0;
    assert_int_equal(dunlin_init(&newer.config), 0);
    assert_int_equal(dunlin_deinit(0), 0);

    /* One that has less: the rest is zero, here no arena. */
    config.arena_len = sizeof app_memory;
    config.size = offsetof(struct dunlin_config, arena);
    assert_int_equal(dunlin_init(&config), 0);
    assert_int_equal(app_usage().arena_total, 0);
    assert_int_equal(dunlin_deinit(0), 0);
}

static void init_and_deinit_come_in_turn(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(app_init(), 0);
        assert_int_equal(app_init(), DUNLIN_ERR_STATE);
        assert_int_equal(app_usage().arena_total, sizeof app_memory);
        assert_int_equal(dunlin_deinit(0), 0);
        assert_int_equal(dunlin_deinit(0), DUNLIN_ERR_STATE);
    }
}

static void what_comes_out_fits_the_callers_struct(void **state)
{
    struct {
        struct dunlin_build_config config;
        uint8_t later[8];
    } newer;
    struct dunlin_build_config old;
    (void)state;
    memset(&newer, 0xee, sizeof newer);
    newer.config.size = sizeof newer.config + 4;
    assert_int_equal(dunlin_build_config(&newer.config), 0);
    assert_true(newer.config.max_conns >= 1 && newer.config.max_conns <= 1024);
    assert_true(newer.config.max_addrs >= 1 && newer.config.max_addrs <= 16);
    assert_int_equal(newer.config.size, sizeof newer.config + 4);
    for (int i = 0; i < 8; i++) {
        assert_int_equal(newer.later[i], i < 4 ? 0 : 0xee); /* cleared as far as it is there */
    }
    memset(&old, 0xee, sizeof old);
    old.size = offsetof(struct dunlin_build_config, max_conns);
    assert_int_equal(dunlin_build_config(&old), 0);
    assert_int_equal(old.max_netdevs, newer.config.max_netdevs);
    assert_int_equal(old.max_conns, 0xeeeeeeee);
    old.size = 0;
    assert_int_equal(dunlin_build_config(&old), DUNLIN_ERR_VERSION);
    assert_int_equal(dunlin_build_config(NULL), DUNLIN_ERR_INVALID);
}

struct report {
    uint32_t lines, bytes, conns;
};

static void add_line(void *ctx, const char *name, uint32_t count, uint32_t bytes)
{
    struct report *r = ctx;
    r->lines++;
    r->bytes += bytes;
    if (strcmp(name, "conns") == 0) {
        r->conns = count;
    }
}

static void the_library_tells_its_ram(void **state)
{
    struct dunlin_build_config numbers = DUNLIN_BUILD_CONFIG_INIT;
    struct report r = {0, 0, 0};
    uint32_t total;
    (void)state;
    assert_int_equal(dunlin_build_config(&numbers), 0);
    total = dunlin_memory_report(add_line, &r);
    assert_int_equal(total, r.bytes);
    assert_int_equal(dunlin_memory_report(NULL, NULL), r.bytes);
    assert_true(r.lines >= 10 && r.bytes > 1000);
    assert_int_equal(r.conns, numbers.max_conns);
}

static void run_ends_at_its_deadline(void **state)
{
    int64_t until;
    (void)state;
    assert_int_equal(app_init(), 0);
    until = dunlin_after_ms(60);
    assert_int_equal(dunlin_run(until), 0);
    assert_true(dunlin_now_ms() >= until && dunlin_now_ms() < until + 2000);
    assert_int_equal(dunlin_run(-1), 0);
    assert_int_equal(dunlin_deinit(0), 0);
}

static void *run_for_ever(void *arg)
{
    struct app_task *task = arg;
    task->result = dunlin_run(0);
    return NULL;
}

static void *poll_nothing(void *arg)
{
    struct app_task *task = arg;
    task->result = dunlin_poll(NULL, 0, 0);
    return NULL;
}

static void deinit_ends_what_blocks_and_waits_for_it(void **state)
{
    struct app_task runner, poller, reader, accepter;
    char buf[4], text[DUNLIN_ADDR_TEXT_MAX];
    dunlin_conn_t a, b;
    (void)state;
    app_up(NULL);
    assert_int_equal(dunlin_pipe(&a, &b), 0);
    app_start(&runner, run_for_ever, 0);
    app_start(&poller, poll_nothing, 0);
    reader.buf = buf;
    reader.len = sizeof buf;
    app_start(&reader, app_read, a);
    app_start(&accepter, app_accept, app_listen(text, sizeof text));
    app_sleep(50);
    assert_int_equal(dunlin_deinit(dunlin_after_ms(5000)), 0);
    assert_int_equal(app_join(&runner), 0);
    assert_int_equal(app_join(&poller), 0);
    assert_true(app_join(&reader) == DUNLIN_ERR_CLOSED || reader.result == DUNLIN_ERR_CLOSED_PIPE);
    assert_true(app_join(&accepter) == DUNLIN_ERR_CLOSED || accepter.result == DUNLIN_ERR_NET_DOWN);
    assert_int_equal(dunlin_conn_close(b), DUNLIN_ERR_STATE);
    assert_int_equal(app_init(), 0);
    assert_int_equal(dunlin_conn_close(b), DUNLIN_ERR_BAD_HANDLE);
    assert_int_equal(dunlin_deinit(0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(before_init_every_answer_is_state),
        cmocka_unit_test(a_config_that_is_not_understood_is_refused),
        cmocka_unit_test(init_and_deinit_come_in_turn),
        cmocka_unit_test(what_comes_out_fits_the_callers_struct),
        cmocka_unit_test(the_library_tells_its_ram),
        cmocka_unit_test(run_ends_at_its_deadline),
        cmocka_unit_test(deinit_ends_what_blocks_and_waits_for_it),
    };
    return cmocka_run_group_tests_name("init", tests, NULL, NULL);
}
