/* What the tests of the C API share. Include it first. */
#ifndef TESTS_APP_H
#define TESTS_APP_H

#include <dunlin/dunlin.h>
#include <dunlin/posix.h>

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static uint8_t app_memory[192 * 1024];

static inline int32_t app_init(void)
{
    struct dunlin_config config = DUNLIN_CONFIG_INIT;
    config.arena = app_memory;
    config.arena_len = sizeof app_memory;
    return dunlin_init(&config);
}

/* Setup and teardown of a group: the library with the driver of this host. */
static inline int app_up(void **state)
{
    (void)state;
    assert_int_equal(app_init(), 0);
    assert_true(dunlin_posix_register() > 0);
    return 0;
}

static inline int app_down(void **state)
{
    (void)state;
    assert_int_equal(dunlin_deinit(dunlin_after_ms(5000)), 0);
    return 0;
}

/* An assertion in a task that is not the test's: told at once, and held against the test's end. */
static int app_failures;

static inline void app_fail(const char *file, int line, const char *what)
{
    printf("%s:%d: %s\n", file, line, what);
    __atomic_add_fetch(&app_failures, 1, __ATOMIC_SEQ_CST);
}

#define app_check(condition) ((condition) ? (void)0 : app_fail(__FILE__, __LINE__, #condition))

static inline int app_checked(void **state)
{
    (void)state;
    return __atomic_exchange_n(&app_failures, 0, __ATOMIC_SEQ_CST) == 0 ? 0 : -1;
}

/* What is in use, without what only grows. */
static inline struct dunlin_usage app_usage(void)
{
    struct dunlin_usage usage = DUNLIN_USAGE_INIT;
    assert_int_equal(dunlin_usage(&usage), 0);
    usage.arena_peak = 0;
    return usage;
}

/* Setup and teardown of a test: nothing is left behind. */
static struct dunlin_usage app_before;

static inline int app_count(void **state)
{
    (void)state;
    app_before = app_usage();
    return 0;
}

static inline int app_same(void **state)
{
    struct dunlin_usage now = app_usage();
    assert_memory_equal(&now, &app_before, sizeof now);
    return app_checked(state);
}

#define APP_TEST(f) cmocka_unit_test_setup_teardown(f, app_count, app_same)

static inline void app_sleep(long ms)
{
    struct timespec ts = {ms / 1000, (ms % 1000) * 1000000L};
    nanosleep(&ts, NULL);
}

/* A task that makes one call. */
struct app_task {
    pthread_t thread;
    void *(*run)(void *);
    int32_t handle;
    int64_t arg;
    void *buf;
    size_t len;
    dunlin_ssize_t result;
};

static inline void app_start(struct app_task *task, void *(*run)(void *), int32_t handle)
{
    task->run = run;
    task->handle = handle;
    assert_int_equal(pthread_create(&task->thread, NULL, run, task), 0);
}

static inline dunlin_ssize_t app_join(struct app_task *task)
{
    pthread_join(task->thread, NULL);
    return task->result;
}

static inline void *app_read(void *arg)
{
    struct app_task *task = arg;
    task->result = dunlin_conn_read(task->handle, task->buf, task->len);
    return NULL;
}

static inline void *app_write(void *arg)
{
    struct app_task *task = arg;
    task->result = dunlin_conn_write(task->handle, task->buf, task->len);
    return NULL;
}

static inline void *app_accept(void *arg)
{
    struct app_task *task = arg;
    task->result = dunlin_accept(task->handle);
    return NULL;
}

/* The whole of what a connection gives, up to its end. */
static inline size_t app_read_all(dunlin_conn_t conn, char *buf, size_t capacity)
{
    size_t len = 0;
    dunlin_ssize_t n;
    while ((n = dunlin_conn_read(conn, buf + len, capacity - len)) > 0) {
        len += (size_t)n;
    }
    assert_int_equal(n, 0);
    return len;
}

/* A listener on the loopback and its address as text. */
static inline dunlin_listener_t app_listen(char *text, size_t capacity)
{
    dunlin_listener_t listener = dunlin_listen(NULL, "tcp", "127.0.0.1:0");
    struct dunlin_addr addr;
    assert_true(listener > 0);
    assert_int_equal(dunlin_listener_addr(listener, &addr), 0);
    assert_true(dunlin_addr_format(&addr, text, capacity) > 0);
    return listener;
}

/* Two ends of a TCP connection over the loopback. */
static inline void app_pair(dunlin_conn_t *a, dunlin_conn_t *b)
{
    char text[DUNLIN_ADDR_TEXT_MAX];
    dunlin_listener_t listener = app_listen(text, sizeof text);
    *a = dunlin_dial(NULL, "tcp", text);
    assert_true(*a > 0);
    *b = dunlin_accept(listener);
    assert_true(*b > 0);
    assert_int_equal(dunlin_listener_close(listener), 0);
    dunlin_conn_set_deadline(*a, dunlin_after_ms(10000));
    dunlin_conn_set_deadline(*b, dunlin_after_ms(10000));
}

#endif /* TESTS_APP_H */
