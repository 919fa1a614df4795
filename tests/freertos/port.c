#include "checks.h"

#include <dunlin/port.h>

#include <FreeRTOS.h>
#include <task.h>

#include "image.h"

#include <string.h>

static struct dunlin_port_event event;
static struct dunlin_port_mutex mutex;

static void wait_for_second(void)
{
    while (image_task_running()) {
        image_yield();
    }
}

/* --- time ------------------------------------------------------------------------------------------ */

static void time_goes_on(void)
{
    int64_t before = dunlin_port_now_ms(), after;
    vTaskDelay(pdMS_TO_TICKS(20));
    after = dunlin_port_now_ms();
    check(before >= 1 && after - before >= 20 && after - before < 5000, "20 ms are 20 ms");
    check(dunlin_port_wall_time_s() == -1, "no clock by default");
}

/* --- events ---------------------------------------------------------------------------------------- */

static void signal_later(void *argument)
{
    (void)argument;
    vTaskDelay(pdMS_TO_TICKS(10));
    dunlin_port_event_signal(&event);
}

static int ticks_to_signal;

static void signal_from_tick(void)
{
    if (--ticks_to_signal == 0) {
        dunlin_port_event_signal(&event);
        on_tick = NULL;
    }
}

static void events_wait_and_wake(void)
{
    int64_t before;
    int32_t early = 0;
    check(dunlin_port_event_init(&event) == 0, "an event");
    check(dunlin_port_event_wait(&event, 1) == 0, "a past deadline only looks");
    dunlin_port_event_signal(&event);
    dunlin_port_event_signal(&event);
    check(dunlin_port_event_wait(&event, 0) == 1, "a signal stays");
    check(dunlin_port_event_wait(&event, 1) == 0, "two count as one");
    for (int ms = 1; ms <= 12; ms++) {
        int64_t deadline = dunlin_port_now_ms() + ms;
        check(dunlin_port_event_wait(&event, deadline) == 0, "a wait that ends by its deadline");
        early += dunlin_port_now_ms() < deadline;
    }
    check(early == 0, "no wait ends early");
    before = dunlin_port_now_ms();
    second_start(signal_later, NULL, 2);
    check(dunlin_port_event_wait(&event, before + 5000) == 1, "another task's signal");
    wait_for_second();
    ticks_to_signal = 5;
    on_tick = signal_from_tick;
    check(dunlin_port_event_wait(&event, dunlin_port_now_ms() + 5000) == 1, "an interrupt's signal");
    dunlin_port_event_free(&event);
    check(dunlin_port_event_init(&event) == 0, "the same storage again");
    check(dunlin_port_event_wait(&event, 1) == 0, "starts empty");
}

/* --- critical sections ------------------------------------------------------------------------------- */

static volatile int woke;

static void wait_at_higher_priority(void *argument)
{
    (void)argument;
    woke = dunlin_port_event_wait(&event, 0) == 1;
}

/* A signal inside a section makes a more urgent task run, but not before the outermost section ends. */
static void a_signal_inside_a_section_switches_after_it(void)
{
    uint32_t outer, inner;
    int inside;
    woke = 0;
    second_start(wait_at_higher_priority, NULL, 4);
    outer = dunlin_port_critical_enter();
    inner = dunlin_port_critical_enter();
    dunlin_port_event_signal(&event);
    dunlin_port_critical_exit(inner);
    inside = woke;
    dunlin_port_critical_exit(outer);
    check(inside == 0, "no switch inside");
    check(woke == 1, "a switch at once after it");
    wait_for_second();
}

static volatile uint32_t counter;

static void count(void)
{
    for (int i = 0; i < 200000; i++) {
        uint32_t state = dunlin_port_critical_enter();
        uint32_t read = counter;
        counter = read + 1;
        dunlin_port_critical_exit(state);
    }
}

static void count_too(void *argument)
{
    (void)argument;
    count();
}

static void sections_exclude(void)
{
    counter = 0;
    second_start(count_too, NULL, 2);
    count();
    wait_for_second();
    check(counter == 400000, "two tasks count without loss");
}

/* --- mutexes ----------------------------------------------------------------------------------------- */

static volatile int order;

static void take_and_give(void *argument)
{
    (void)argument;
    dunlin_port_mutex_lock(&mutex);
    order = order * 10 + 2;
    dunlin_port_mutex_unlock(&mutex);
}

static void mutexes_exclude_and_inherit(void)
{
    UBaseType_t mine = uxTaskPriorityGet(NULL);
    check(dunlin_port_mutex_init(&mutex) == 0, "a mutex");
    order = 0;
    dunlin_port_mutex_lock(&mutex);
    second_start(take_and_give, NULL, 4); /* runs at once, and waits */
    check(uxTaskPriorityGet(NULL) == 4, "the holder inherits the waiter's priority");
    order = order * 10 + 1;
    dunlin_port_mutex_unlock(&mutex);
    wait_for_second();
    check(order == 12, "the waiter comes after the holder");
    check(uxTaskPriorityGet(NULL) == mine, "and the holder has its own again");
    dunlin_port_mutex_free(&mutex);
}

static uintptr_t other_id;

static void tell_id(void *argument)
{
    (void)argument;
    other_id = dunlin_port_task_id();
}

void port_keeps_its_contract(void)
{
    uint8_t a[32] = {0}, b[32] = {0};
    time_goes_on();
    events_wait_and_wake();
    a_signal_inside_a_section_switches_after_it();
    sections_exclude();
    mutexes_exclude_and_inherit();
    second_start(tell_id, NULL, 2);
    wait_for_second();
    check(other_id != 0 && dunlin_port_task_id() != 0 && other_id != dunlin_port_task_id(), "tasks differ");
    check(dunlin_port_random(a, sizeof a) == 0 && dunlin_port_random(b, sizeof b) == 0 &&
              memcmp(a, b, sizeof a) != 0,
          "random bytes");
}
