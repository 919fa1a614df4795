/* Readiness of many sockets: one poll(2) for the whole set. */
#include "internal.h"

static short to_poll(uint16_t events)
{
    return (short)(((events & DUNLIN_READABLE) != 0 ? POLLIN : 0) |
                   ((events & DUNLIN_WRITABLE) != 0 ? POLLOUT : 0));
}

static uint16_t from_poll(short revents, uint16_t asked)
{
    unsigned ready = 0;
    if ((revents & POLLIN) != 0)
        ready |= DUNLIN_READABLE;
    if ((revents & POLLOUT) != 0)
        ready |= DUNLIN_WRITABLE;
    if ((revents & POLLHUP) != 0)
        ready |= DUNLIN_HANGUP;
    if ((revents & (POLLERR | POLLNVAL)) != 0)
        ready |= DUNLIN_ERROR;
    /* An ended or failed socket does not block either: let the operation find out why. */
    if ((ready & (DUNLIN_HANGUP | DUNLIN_ERROR)) != 0)
        ready |= asked & (DUNLIN_READABLE | DUNLIN_WRITABLE);
    return (uint16_t)ready;
}

/* Fills fds; returns how many numbers are no open sockets. They are ready, with an error. */
static int32_t fill(struct dunlin_netdev_poll *items, uint32_t count, struct pollfd *fds)
{
    int32_t unknown = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct dunlin_posix_sock *sock = dunlin_posix_sock(items[i].sock);
        items[i].revents = sock != NULL ? 0 : from_poll(POLLNVAL, items[i].events);
        fds[i].fd = sock != NULL ? sock->fd : -1;
        fds[i].events = to_poll(items[i].events);
        fds[i].revents = 0;
        unknown += sock == NULL;
    }
    return unknown;
}

static void end(struct dunlin_posix_device *device, struct dunlin_posix_waiter *waiter)
{
    struct dunlin_posix_waiter **at = &device->pollers;
    while (*at != waiter)
        at = &(*at)->next;
    *at = waiter->next;
    dunlin_posix_waiter_end(waiter);
}

int32_t dunlin_posix_poll(void *ctx, struct dunlin_netdev_poll *items, uint32_t count,
                          int64_t deadline)
{
    struct pollfd fds[DUNLIN_POSIX_MAX_POLL + 1];
    struct dunlin_posix_waiter waiter = {NULL, NULL, false};
    struct dunlin_posix_device *device = dunlin_posix_device(ctx);
    if (count > DUNLIN_POSIX_MAX_POLL || (items == NULL && count > 0))
        return DUNLIN_ERR_INVALID;
    bool waits = !dunlin_posix_is_past(deadline);

    dunlin_posix_lock();
    bool woken = waits && device->poll_wake;
    if (woken)
        device->poll_wake = false;
    int32_t unknown = woken ? 0 : fill(items, count, fds);
    if (unknown > 0)
        waits = false;
    if (waits && !woken) {
        dunlin_posix_waiter_begin(&waiter);
        waiter.next = device->pollers;
        device->pollers = &waiter;
    }
    dunlin_posix_unlock();
    if (woken)
        return DUNLIN_ERR_INTERRUPTED;

    /* 1 is a deadline long past: look, and do not wait. */
    int ready = dunlin_posix_poll_fds(fds, count, waits ? deadline : 1, &waiter);
    int32_t result = ready < 0 ? dunlin_err_from_errno(errno) : ready + unknown;

    if (waits) {
        dunlin_posix_lock();
        if (waiter.woken)
            result = DUNLIN_ERR_INTERRUPTED;
        end(device, &waiter);
        dunlin_posix_unlock();
    }
    for (uint32_t i = 0; i < count && result > 0; i++) {
        if (fds[i].fd >= 0)
            items[i].revents = from_poll(fds[i].revents, items[i].events);
    }
    return result;
}

int32_t dunlin_posix_wake_polls(void *ctx)
{
    struct dunlin_posix_device *device = dunlin_posix_device(ctx);
    dunlin_posix_lock();
    if (device->pollers == NULL)
        device->poll_wake = true;
    for (struct dunlin_posix_waiter *w = device->pollers; w != NULL; w = w->next)
        dunlin_posix_waiter_wake(w);
    dunlin_posix_unlock();
    return 0;
}
