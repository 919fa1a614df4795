/*
 * The three functions of the library that a driver may call. They are weak: in a program that links
 * the library too, the library's count, and the checks of notify are skipped.
 */
#include "internal.h"

#include <string.h>

#define WEAK __attribute__((weak))

WEAK int64_t dunlin_now_ms(void)
{
    return dunlin_port_now_ms();
}

WEAK int64_t dunlin_remaining_ms(int64_t deadline)
{
    int64_t now = dunlin_port_now_ms();
    return deadline == 0 ? -1 : deadline <= now ? 0 : deadline - now;
}

/* Any task, or an interrupt. */
WEAK void dunlin_netdev_notify(dunlin_netdev_t dev, int32_t sock, uint32_t events)
{
    if (dev != DUNLIN_DRIVER_KIT_DEV || dunlin_kit.config == NULL)
        return;
    uint32_t state = dunlin_port_critical_enter();
    uint32_t at = 0;
    while (at < dunlin_kit.event_count && dunlin_kit.events[at].sock != sock)
        at++;
    if (at < KIT_EVENTS) {
        if (at == dunlin_kit.event_count) {
            dunlin_kit.events[at].sock = sock;
            dunlin_kit.events[at].events = 0;
            dunlin_kit.event_count++;
        }
        dunlin_kit.events[at].events |= events;
    }
    dunlin_port_critical_exit(state);
    dunlin_port_event_signal(&dunlin_kit.changed);
}

void dunlin_kit_forget_notifies(void)
{
    uint32_t state = dunlin_port_critical_enter();
    dunlin_kit.event_count = 0;
    dunlin_port_critical_exit(state);
}

static bool seen(int32_t sock, uint32_t events)
{
    bool found = false;
    uint32_t state = dunlin_port_critical_enter();
    for (uint32_t i = 0; i < dunlin_kit.event_count; i++) {
        if (dunlin_kit.events[i].sock == sock && (dunlin_kit.events[i].events & events) != 0)
            found = true;
    }
    dunlin_port_critical_exit(state);
    return found;
}

bool dunlin_kit_notified(int32_t sock, uint32_t events, int64_t deadline)
{
    while (!seen(sock, events)) {
        if (dunlin_kit_is_past(deadline))
            return false;
        dunlin_kit_sleep(5);
    }
    return true;
}
