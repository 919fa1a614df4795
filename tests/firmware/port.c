/* The port of the images: one core, two tasks that give way while they wait, one interrupt, the tick. */
#include <dunlin/port.h>

#include "image.h"

#include <string.h>

int64_t dunlin_port_now_ms(void)
{
    static uint32_t last;
    static int64_t high;
    uint32_t now = image_ticks();
    if (now < last) {
        high += INT64_C(1) << 32;
    }
    last = now;
    return high + now + 1;
}

int64_t dunlin_port_wall_time_s(void)
{
    return -1; /* no clock */
}

int32_t dunlin_port_mutex_init(struct dunlin_port_mutex *mutex)
{
    mutex->opaque[0] = NULL;
    return 0;
}

void dunlin_port_mutex_lock(struct dunlin_port_mutex *mutex)
{
    while (mutex->opaque[0] != NULL) {
        image_yield();
    }
    mutex->opaque[0] = mutex;
}

void dunlin_port_mutex_unlock(struct dunlin_port_mutex *mutex)
{
    mutex->opaque[0] = NULL;
}

void dunlin_port_mutex_free(struct dunlin_port_mutex *mutex)
{
    (void)mutex;
}

int32_t dunlin_port_event_init(struct dunlin_port_event *event)
{
    event->opaque[0] = NULL;
    return 0;
}

int32_t dunlin_port_event_wait(struct dunlin_port_event *event, int64_t deadline)
{
    void *volatile *signalled = event->opaque;
    while (*signalled == NULL) {
        if (deadline != 0 && dunlin_port_now_ms() >= deadline) {
            return 0;
        }
        image_yield();
    }
    *signalled = NULL;
    return 1;
}

void dunlin_port_event_signal(struct dunlin_port_event *event)
{
    void *volatile *signalled = event->opaque;
    *signalled = event;
}

void dunlin_port_event_free(struct dunlin_port_event *event)
{
    (void)event;
}

uintptr_t dunlin_port_task_id(void)
{
    return image_task_id();
}

/* What stands for a random byte; 0: there is no source. */
uint32_t port_random;

int32_t dunlin_port_random(void *buf, size_t len)
{
    memset(buf, (int)port_random, len);
    return port_random != 0 ? 0 : -1; /* no source */
}

uint32_t port_sections;

uint32_t dunlin_port_critical_enter(void)
{
    uint32_t state = image_interrupts_off();
    port_sections++;
    return state;
}

void dunlin_port_critical_exit(uint32_t state)
{
    image_interrupts_restore(state);
}

void dunlin_port_log(int32_t level, const char *text, size_t len)
{
    (void)level;
    (void)text;
    (void)len;
}

void dunlin_port_panic(const char *file, uint32_t line)
{
    (void)line;
    image_print("panic: ");
    image_print(file != NULL ? file : "?");
    image_print("\n");
    image_exit(98);
}
