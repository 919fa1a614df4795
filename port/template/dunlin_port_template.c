/*
 * Dunlin on an RTOS: copy this file and fill it in. See README.md beside it.
 *
 * Everything that begins with rtos_ or RTOS_ stands for what your RTOS and your board have; the
 * block below says what each is expected to do. Replace them, then delete the block.
 */
#include <dunlin/dunlin.h>
#include <dunlin/driver.h>
#include <dunlin/port.h>

#include <stdbool.h>
#include <stddef.h>

/* ---- replace from here -------------------------------------------------------------------- */

#define RTOS_TICKS_PER_SECOND 1000u

typedef void *rtos_mutex;     /* not recursive, with priority inheritance */
typedef void *rtos_semaphore; /* binary, empty when created */

rtos_mutex rtos_mutex_create(void); /* NULL: no resources */
void rtos_mutex_take(rtos_mutex mutex);
void rtos_mutex_give(rtos_mutex mutex);
void rtos_mutex_delete(rtos_mutex mutex);

rtos_semaphore rtos_semaphore_create(void);
bool rtos_semaphore_take(rtos_semaphore sem, uint32_t ticks); /* UINT32_MAX: without end */
void rtos_semaphore_give(rtos_semaphore sem);                 /* when full already: no effect */
void rtos_semaphore_give_from_interrupt(rtos_semaphore sem);  /* and switches tasks on its return */
void rtos_semaphore_delete(rtos_semaphore sem);

uint32_t rtos_tick_count(void); /* from any context; may wrap */
bool rtos_in_interrupt(void);
void *rtos_current_task(void);
uint32_t rtos_interrupts_mask(void); /* returns what was masked before */
void rtos_interrupts_restore(uint32_t before);

bool board_random(void *buf, size_t len); /* the hardware's generator, or a seeded CSPRNG */
bool board_unix_time(int64_t *seconds);   /* false: the clock was never set */
void board_console(const char *text, size_t len);
void board_reset(void);

/* ---- to here ------------------------------------------------------------------------------ */

struct event {
    rtos_semaphore semaphore;
};

struct mutex {
    rtos_mutex mutex;
};

/* The storage that Dunlin provides must do; C99 has no _Static_assert. */
typedef char event_fits[sizeof(struct event) <= sizeof(struct dunlin_port_event) ? 1 : -1];
typedef char mutex_fits[sizeof(struct mutex) <= sizeof(struct dunlin_port_mutex) ? 1 : -1];

static struct dunlin_tick_clock tick_clock; /* all zero: no tick seen yet */

static struct event *event_of(struct dunlin_port_event *event)
{
    return (struct event *)(void *)event;
}

static struct mutex *mutex_of(struct dunlin_port_mutex *mutex)
{
    return (struct mutex *)(void *)mutex;
}

/*
 * The tick is read and extended in one critical section: a task that read it first and extended it
 * last would otherwise look like a counter that has wrapped. It must be called twice per wrap
 * of the counter (49 days at 1000 ticks a second): by a timer if the device may idle that long.
 */
int64_t dunlin_port_now_ms(void)
{
    uint32_t before = dunlin_port_critical_enter();
    int64_t ms = dunlin_ticks_to_ms(&tick_clock, rtos_tick_count(), RTOS_TICKS_PER_SECOND);
    dunlin_port_critical_exit(before);
    return ms;
}

int64_t dunlin_port_wall_time_s(void)
{
    int64_t seconds;
    return board_unix_time(&seconds) ? seconds : -1;
}

int32_t dunlin_port_mutex_init(struct dunlin_port_mutex *mutex)
{
    mutex_of(mutex)->mutex = rtos_mutex_create();
    return mutex_of(mutex)->mutex != NULL ? 0 : -1;
}

void dunlin_port_mutex_lock(struct dunlin_port_mutex *mutex)
{
    rtos_mutex_take(mutex_of(mutex)->mutex);
}

void dunlin_port_mutex_unlock(struct dunlin_port_mutex *mutex)
{
    rtos_mutex_give(mutex_of(mutex)->mutex);
}

void dunlin_port_mutex_free(struct dunlin_port_mutex *mutex)
{
    rtos_mutex_delete(mutex_of(mutex)->mutex);
}

int32_t dunlin_port_event_init(struct dunlin_port_event *event)
{
    event_of(event)->semaphore = rtos_semaphore_create();
    return event_of(event)->semaphore != NULL ? 0 : -1;
}

/* dunlin_driver_remaining_ticks() rounds up; the loop makes up for an RTOS that ends early. */
int32_t dunlin_port_event_wait(struct dunlin_port_event *event, int64_t deadline)
{
    for (;;) {
        uint32_t ticks = dunlin_driver_remaining_ticks(deadline, RTOS_TICKS_PER_SECOND);
        if (rtos_semaphore_take(event_of(event)->semaphore, ticks))
            return 1;
        if (deadline != 0 && dunlin_port_now_ms() >= deadline)
            return 0;
    }
}

void dunlin_port_event_signal(struct dunlin_port_event *event)
{
    if (rtos_in_interrupt())
        rtos_semaphore_give_from_interrupt(event_of(event)->semaphore);
    else
        rtos_semaphore_give(event_of(event)->semaphore);
}

void dunlin_port_event_free(struct dunlin_port_event *event)
{
    rtos_semaphore_delete(event_of(event)->semaphore);
}

uintptr_t dunlin_port_task_id(void)
{
    return (uintptr_t)rtos_current_task();
}

int32_t dunlin_port_random(void *buf, size_t len)
{
    return board_random(buf, len) ? 0 : -1;
}

/* With several cores: mask, then take a spin lock that counts its owner's nesting. */
uint32_t dunlin_port_critical_enter(void)
{
    return rtos_interrupts_mask();
}

void dunlin_port_critical_exit(uint32_t state)
{
    rtos_interrupts_restore(state);
}

void dunlin_port_log(int32_t level, const char *text, size_t len)
{
    if (level > DUNLIN_PORT_LOG_INFO)
        return;
    board_console(text, len);
    board_console("\r\n", 2);
}

void dunlin_port_panic(const char *file, uint32_t line)
{
    (void)file; /* record both where they survive a reset */
    (void)line;
    (void)rtos_interrupts_mask();
    board_reset();
    for (;;) {
    }
}
