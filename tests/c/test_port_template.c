/*
 * port/template over an RTOS of this file's own: one task, and a tick that moves only in waits.
 *
 * Build: this file alone (it includes the template), with libdunlin.a; -Iinclude -Iport/template;
 * -lcmocka.
 */
#include "dunlin_port_template.c"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static uint32_t tick;
static unsigned masked, takes, gives_from_interrupt;
static bool in_interrupt, has_clock, has_random, no_resources;
static uint32_t early; /* how many ticks too soon a wait ends, at first */
static bool full;
static char console[64];
static jmp_buf reset;

rtos_mutex rtos_mutex_create(void)
{
    return no_resources ? NULL : &masked;
}

void rtos_mutex_take(rtos_mutex mutex)
{
    assert_ptr_equal(mutex, &masked);
}

void rtos_mutex_give(rtos_mutex mutex)
{
    assert_ptr_equal(mutex, &masked);
}

void rtos_mutex_delete(rtos_mutex mutex)
{
    assert_ptr_equal(mutex, &masked);
}

rtos_semaphore rtos_semaphore_create(void)
{
    full = false;
    return no_resources ? NULL : &full;
}

bool rtos_semaphore_take(rtos_semaphore sem, uint32_t ticks)
{
    bool was = full;
    assert_ptr_equal(sem, &full);
    takes++;
    full = false;
    if (was)
        return true;
    assert_true(ticks != UINT32_MAX); /* it would hang here */
    uint32_t less = ticks > early ? early : ticks;
    tick += ticks - less;
    early = 0;
    return false;
}

void rtos_semaphore_give(rtos_semaphore sem)
{
    assert_ptr_equal(sem, &full);
    full = true;
}

void rtos_semaphore_give_from_interrupt(rtos_semaphore sem)
{
    gives_from_interrupt++;
    rtos_semaphore_give(sem);
}

void rtos_semaphore_delete(rtos_semaphore sem)
{
    assert_ptr_equal(sem, &full);
}

uint32_t rtos_tick_count(void)
{
    assert_true(masked > 0); /* read and extended in one critical section */
    return tick;
}

bool rtos_in_interrupt(void)
{
    return in_interrupt;
}

void *rtos_current_task(void)
{
    return &tick;
}

uint32_t rtos_interrupts_mask(void)
{
    return masked++;
}

void rtos_interrupts_restore(uint32_t before)
{
    masked = before;
}

bool board_random(void *buf, size_t len)
{
    memset(buf, 4, len);
    return has_random;
}

bool board_unix_time(int64_t *seconds)
{
    *seconds = 1700000000;
    return has_clock;
}

void board_console(const char *text, size_t len)
{
    strncat(console, text, len);
}

void board_reset(void)
{
    longjmp(reset, 1);
}

static void test_waits_are_rounded_up(void **state)
{
    (void)state;
    struct dunlin_port_event event;
    assert_int_equal(dunlin_port_event_init(&event), 0);
    for (early = 0; early < 4; early++) {
        uint32_t ends_early = early;
        int64_t deadline = dunlin_port_now_ms() + 7;
        uint32_t start = tick;
        assert_int_equal(dunlin_port_event_wait(&event, deadline), 0);
        assert_true(dunlin_port_now_ms() >= deadline);
        assert_true(tick - start <= 10); /* and not by much */
        early = ends_early;
    }
    early = 0;
    takes = 0;
    assert_int_equal(dunlin_port_event_wait(&event, 1), 0); /* past: one look */
    assert_int_equal(takes, 1);
    dunlin_port_event_free(&event);
    assert_int_equal(masked, 0);
}

static void test_the_tick_wraps(void **state)
{
    (void)state;
    struct dunlin_port_event event;
    assert_int_equal(dunlin_port_event_init(&event), 0);
    /* A device's counter gets there step by step; the clock is read in every half of its range. */
    tick = UINT32_C(1) << 31;
    (void)dunlin_port_now_ms();
    tick = UINT32_MAX - 2;
    int64_t start = dunlin_port_now_ms();
    assert_int_equal(dunlin_port_event_wait(&event, start + 7), 0);
    assert_true(tick < 16);
    assert_true(dunlin_port_now_ms() >= start + 7 && dunlin_port_now_ms() <= start + 10);
    dunlin_port_event_free(&event);
}

static void test_signals(void **state)
{
    (void)state;
    struct dunlin_port_event event;
    assert_int_equal(dunlin_port_event_init(&event), 0);
    dunlin_port_event_signal(&event);
    assert_int_equal(dunlin_port_event_wait(&event, 0), 1);
    in_interrupt = true;
    dunlin_port_event_signal(&event);
    in_interrupt = false;
    assert_int_equal(gives_from_interrupt, 1);
    assert_int_equal(dunlin_port_event_wait(&event, 1), 1);
    assert_int_equal(dunlin_port_event_wait(&event, 1), 0);
    dunlin_port_event_free(&event);
}

static void test_the_rest(void **state)
{
    (void)state;
    struct dunlin_port_mutex mutex;
    struct dunlin_port_event event;
    uint8_t bytes[4] = {0};
    assert_int_equal(dunlin_port_mutex_init(&mutex), 0);
    dunlin_port_mutex_lock(&mutex);
    dunlin_port_mutex_unlock(&mutex);
    dunlin_port_mutex_free(&mutex);
    no_resources = true;
    assert_true(dunlin_port_mutex_init(&mutex) < 0);
    assert_true(dunlin_port_event_init(&event) < 0);
    no_resources = false;

    assert_true(dunlin_port_wall_time_s() < 0);
    has_clock = true;
    assert_int_equal(dunlin_port_wall_time_s(), 1700000000);
    assert_true(dunlin_port_random(bytes, sizeof bytes) < 0);
    has_random = true;
    assert_int_equal(dunlin_port_random(bytes, sizeof bytes), 0);
    assert_int_equal(bytes[3], 4);
    assert_true(dunlin_port_task_id() != 0);

    uint32_t outer = dunlin_port_critical_enter();
    uint32_t inner = dunlin_port_critical_enter();
    dunlin_port_critical_exit(inner);
    assert_int_equal(masked, 1);
    dunlin_port_critical_exit(outer);
    assert_int_equal(masked, 0);

    dunlin_port_log(DUNLIN_PORT_LOG_ERROR, "bad|", 3);
    dunlin_port_log(DUNLIN_PORT_LOG_DEBUG, "chatter", 7);
    assert_string_equal(console, "bad\r\n");

    if (setjmp(reset) == 0)
        dunlin_port_panic("x.rs", 1);
    assert_int_equal(masked, 1);
    masked = 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_waits_are_rounded_up),
        cmocka_unit_test(test_the_tick_wraps),
        cmocka_unit_test(test_signals),
        cmocka_unit_test(test_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
