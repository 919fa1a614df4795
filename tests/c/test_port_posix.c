/*
 * The rules of dunlin/port.h, tried on port/posix.
 *
 * Build: this file, port/posix/dunlin_port_posix.c; -Iinclude; -lcmocka -pthread.
 */
#include <dunlin/port.h>

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <signal.h>

#include <cmocka.h>

#define ROUNDS 20000

static void sleep_ms(long ms)
{
    struct timespec ts = {ms / 1000, (ms % 1000) * 1000000L};
    nanosleep(&ts, NULL);
}

static void test_clock(void **state)
{
    (void)state;
    int64_t before = dunlin_port_now_ms();
    assert_true(before >= 1);
    sleep_ms(20);
    int64_t after = dunlin_port_now_ms();
    assert_true(after - before >= 19 && after - before < 2000);
    assert_true(dunlin_port_wall_time_s() > 1600000000);
}

static void test_event_is_sticky_and_binary(void **state)
{
    (void)state;
    struct dunlin_port_event event;
    assert_int_equal(dunlin_port_event_init(&event), 0);
    assert_int_equal(dunlin_port_event_wait(&event, 1), 0); /* past: only looks */
    dunlin_port_event_signal(&event);
    dunlin_port_event_signal(&event);
    assert_int_equal(dunlin_port_event_wait(&event, 1), 1);
    assert_int_equal(dunlin_port_event_wait(&event, 1), 0);
    dunlin_port_event_signal(&event);
    assert_int_equal(dunlin_port_event_wait(&event, 0), 1);
    dunlin_port_event_free(&event);
    assert_int_equal(dunlin_port_event_init(&event), 0); /* the same storage again */
    assert_int_equal(dunlin_port_event_wait(&event, 1), 0);
    dunlin_port_event_free(&event);
}

static void test_event_wait_is_never_early(void **state)
{
    (void)state;
    struct dunlin_port_event event;
    assert_int_equal(dunlin_port_event_init(&event), 0);
    for (int64_t ms = 1; ms <= 12; ms++) {
        int64_t deadline = dunlin_port_now_ms() + ms;
        assert_int_equal(dunlin_port_event_wait(&event, deadline), 0);
        assert_true(dunlin_port_now_ms() >= deadline);
        assert_true(dunlin_port_now_ms() < deadline + 500);
    }
    dunlin_port_event_free(&event);
}

static void *signal_after_30ms(void *arg)
{
    sleep_ms(30);
    dunlin_port_event_signal(arg);
    return NULL;
}

static void test_event_from_another_thread(void **state)
{
    (void)state;
    /* No deadline, a near one, and one further away than any clock goes. */
    const int64_t deadlines[] = {0, dunlin_port_now_ms() + 60000, INT64_MAX};
    struct dunlin_port_event event;
    assert_int_equal(dunlin_port_event_init(&event), 0);
    for (size_t i = 0; i < sizeof deadlines / sizeof deadlines[0]; i++) {
        pthread_t thread;
        int64_t start = dunlin_port_now_ms();
        assert_int_equal(pthread_create(&thread, NULL, signal_after_30ms, &event), 0);
        assert_int_equal(dunlin_port_event_wait(&event, deadlines[i]), 1);
        int64_t took = dunlin_port_now_ms() - start;
        assert_true(took >= 29 && took < 5000);
        pthread_join(thread, NULL);
    }
    dunlin_port_event_free(&event);
}

struct ping {
    struct dunlin_port_event there, back;
};

static void *pong(void *arg)
{
    struct ping *p = arg;
    for (int i = 0; i < ROUNDS; i++) {
        dunlin_port_event_wait(&p->there, 0);
        dunlin_port_event_signal(&p->back);
    }
    return NULL;
}

static void test_no_signal_is_lost(void **state)
{
    (void)state;
    struct ping p;
    pthread_t thread;
    assert_int_equal(dunlin_port_event_init(&p.there), 0);
    assert_int_equal(dunlin_port_event_init(&p.back), 0);
    assert_int_equal(pthread_create(&thread, NULL, pong, &p), 0);
    for (int i = 0; i < ROUNDS; i++) {
        dunlin_port_event_signal(&p.there);
        assert_int_equal(dunlin_port_event_wait(&p.back, dunlin_port_now_ms() + 30000), 1);
    }
    pthread_join(thread, NULL);
    dunlin_port_event_free(&p.there);
    dunlin_port_event_free(&p.back);
}

struct shared {
    struct dunlin_port_mutex mutex;
    long locked_count;   /* guarded by the mutex */
    long critical_count; /* guarded by the critical section */
};

static void *count(void *arg)
{
    struct shared *s = arg;
    for (int i = 0; i < ROUNDS; i++) {
        dunlin_port_mutex_lock(&s->mutex);
        s->locked_count++;
        dunlin_port_mutex_unlock(&s->mutex);
        uint32_t outer = dunlin_port_critical_enter();
        uint32_t inner = dunlin_port_critical_enter();
        s->critical_count++;
        dunlin_port_critical_exit(inner);
        s->critical_count++; /* still inside: sections nest */
        dunlin_port_critical_exit(outer);
    }
    return NULL;
}

static void test_mutex_and_critical_section_exclude(void **state)
{
    (void)state;
    struct shared s = {.locked_count = 0};
    pthread_t threads[3];
    assert_int_equal(dunlin_port_mutex_init(&s.mutex), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count, &s), 0);
    count(&s);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(s.locked_count, 4 * ROUNDS);
    assert_int_equal(s.critical_count, 8 * ROUNDS);
    dunlin_port_mutex_free(&s.mutex);
}

static void test_signal_inside_critical_section(void **state)
{
    (void)state;
    struct dunlin_port_event event;
    assert_int_equal(dunlin_port_event_init(&event), 0);
    uint32_t outer = dunlin_port_critical_enter();
    dunlin_port_event_signal(&event);
    dunlin_port_critical_exit(outer);
    assert_int_equal(dunlin_port_event_wait(&event, 1), 1);
    dunlin_port_event_free(&event);
}

static void *task_id(void *arg)
{
    *(uintptr_t *)arg = dunlin_port_task_id();
    return NULL;
}

static void test_task_ids_differ(void **state)
{
    (void)state;
    pthread_t thread;
    uintptr_t other = 0;
    assert_int_equal(pthread_create(&thread, NULL, task_id, &other), 0);
    pthread_join(thread, NULL);
    assert_true(other != 0 && other != dunlin_port_task_id());
    assert_true(dunlin_port_task_id() == dunlin_port_task_id());
}

static void test_random(void **state)
{
    (void)state;
    unsigned char a[64] = {0}, b[64] = {0}, none[64] = {0};
    assert_int_equal(dunlin_port_random(a, sizeof a), 0);
    assert_int_equal(dunlin_port_random(b, sizeof b - 1), 0);
    assert_int_equal(b[63], 0);
    assert_int_equal(dunlin_port_random(NULL, 0), 0);
    assert_true(memcmp(a, none, sizeof a) != 0 && memcmp(a, b, sizeof a) != 0);
}

/* Runs `body` in a child whose standard error is read back into `out`. Returns its wait status. */
static int in_child(void (*body)(void), char *out, size_t size)
{
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(pipes[1], 2);
        signal(SIGABRT, SIG_DFL);
        body();
        _exit(0);
    }
    close(pipes[1]);
    size_t have = 0;
    ssize_t n;
    while (have + 1 < size && (n = read(pipes[0], out + have, size - 1 - have)) > 0)
        have += (size_t)n;
    out[have] = '\0';
    close(pipes[0]);
    int status = 0;
    assert_true(waitpid(child, &status, 0) == child);
    return status;
}

static void log_lines(void)
{
    dunlin_port_log(DUNLIN_PORT_LOG_WARN, "no NUL after this|", 17);
    dunlin_port_log(-7, "odd level", 9);
}

static void test_log(void **state)
{
    (void)state;
    char out[256];
    int status = in_child(log_lines, out, sizeof out);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_string_equal(out, "dunlin warning: no NUL after this\ndunlin log: odd level\n");
}

static void panics(void)
{
    dunlin_port_panic("pool.rs", 42);
}

static void panics_without_file(void)
{
    dunlin_port_panic(NULL, 7);
}

static void test_panic_aborts(void **state)
{
    (void)state;
    char out[256];
    int status = in_child(panics, out, sizeof out);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    assert_non_null(strstr(out, "panic at pool.rs:42"));
    status = in_child(panics_without_file, out, sizeof out);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    assert_non_null(strstr(out, "panic at ?:7"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clock),
        cmocka_unit_test(test_event_is_sticky_and_binary),
        cmocka_unit_test(test_event_wait_is_never_early),
        cmocka_unit_test(test_event_from_another_thread),
        cmocka_unit_test(test_no_signal_is_lost),
        cmocka_unit_test(test_mutex_and_critical_section_exclude),
        cmocka_unit_test(test_signal_inside_critical_section),
        cmocka_unit_test(test_task_ids_differ),
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_log),
        cmocka_unit_test(test_panic_aborts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
