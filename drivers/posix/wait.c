/* The table of sockets; waiting for one of them, and waking who waits. */
#include "internal.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#define SLICE_MS 10 /* a waiter without a pipe looks this often whether it was woken */

/* Made at first use and kept; holds at most one byte, and only while its waiter is woken. */
struct dunlin_posix_pipe {
    int ends[2];
    bool open;
    bool used;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct dunlin_posix_sock socks[DUNLIN_POSIX_MAX_SOCKETS];
static struct dunlin_posix_pipe pipes[DUNLIN_POSIX_MAX_BLOCKED];
static int32_t next_sock; /* where the next search begins: numbers come back as late as possible */

void dunlin_posix_lock(void)
{
    pthread_mutex_lock(&mutex);
}

void dunlin_posix_unlock(void)
{
    pthread_mutex_unlock(&mutex);
}

static void set_state(struct dunlin_posix_sock *sock, enum dunlin_posix_state state)
{
    /* Release: who sees OPEN sees the descriptor too. */
    __atomic_store_n(&sock->state, (int)state, __ATOMIC_RELEASE);
}

int32_t dunlin_posix_reserve(void)
{
    int32_t number = -1;
    dunlin_posix_lock();
    for (int32_t i = 0; i < DUNLIN_POSIX_MAX_SOCKETS && number < 0; i++) {
        int32_t at = (next_sock + i) % DUNLIN_POSIX_MAX_SOCKETS;
        if (socks[at].state == DUNLIN_POSIX_FREE)
            number = at;
    }
    if (number >= 0) {
        set_state(&socks[number], DUNLIN_POSIX_RESERVED);
        next_sock = (number + 1) % DUNLIN_POSIX_MAX_SOCKETS;
    }
    dunlin_posix_unlock();
    return number;
}

void dunlin_posix_release(int32_t number)
{
    dunlin_posix_lock();
    set_state(&socks[number], DUNLIN_POSIX_FREE);
    dunlin_posix_unlock();
}

void dunlin_posix_publish(int32_t number, int fd, int domain, bool stream, bool headed)
{
    struct dunlin_posix_sock *sock = &socks[number];
    dunlin_posix_lock();
    __atomic_store_n(&sock->pending, 0, __ATOMIC_RELAXED);
    sock->fd = fd;
    sock->domain = domain;
    sock->stream = stream;
    sock->headed = headed;
    sock->connecting = false;
    sock->connected = false;
    sock->listening = false;
    set_state(sock, DUNLIN_POSIX_OPEN);
    dunlin_posix_unlock();
}

struct dunlin_posix_sock *dunlin_posix_sock(int32_t number)
{
    if (number < 0 || number >= DUNLIN_POSIX_MAX_SOCKETS)
        return NULL;
    struct dunlin_posix_sock *sock = &socks[number];
    return __atomic_load_n(&sock->state, __ATOMIC_ACQUIRE) == DUNLIN_POSIX_OPEN ? sock : NULL;
}

bool dunlin_posix_is_past(int64_t deadline)
{
    return deadline != 0 && deadline <= dunlin_port_now_ms();
}

static bool take_pending(struct dunlin_posix_sock *sock, unsigned dir)
{
    return (__atomic_fetch_and(&sock->pending, ~dir, __ATOMIC_ACQ_REL) & dir) != 0;
}

int32_t dunlin_posix_begin(int32_t number, unsigned dir, uint32_t flags, int64_t deadline,
                           struct dunlin_posix_sock **sock)
{
    *sock = dunlin_posix_sock(number);
    if (*sock == NULL)
        return DUNLIN_ERR_BAD_HANDLE;
    /* The common case is one load; the clock is asked only when a wake is pending. */
    if ((__atomic_load_n(&(*sock)->pending, __ATOMIC_ACQUIRE) & dir) == 0)
        return 0;
    if ((flags & DUNLIN_DONTWAIT) != 0 || dunlin_posix_is_past(deadline))
        return 0;
    return take_pending(*sock, dir) ? DUNLIN_ERR_INTERRUPTED : 0;
}

void dunlin_posix_waiter_begin(struct dunlin_posix_waiter *waiter)
{
    waiter->next = NULL;
    waiter->pipe = NULL;
    waiter->woken = false;
    for (int i = 0; i < DUNLIN_POSIX_MAX_BLOCKED; i++) {
        struct dunlin_posix_pipe *p = &pipes[i];
        if (p->used)
            continue;
        if (!p->open && pipe2(p->ends, O_NONBLOCK | O_CLOEXEC) != 0)
            return; /* out of descriptors: wait in slices */
        p->open = true;
        p->used = true;
        waiter->pipe = p;
        return;
    }
}

void dunlin_posix_waiter_wake(struct dunlin_posix_waiter *waiter)
{
    if (!waiter->woken && waiter->pipe != NULL) {
        while (write(waiter->pipe->ends[1], "", 1) < 0 && errno == EINTR) {
        }
    }
    waiter->woken = true;
}

void dunlin_posix_waiter_end(struct dunlin_posix_waiter *waiter)
{
    char byte;
    if (waiter->pipe == NULL)
        return;
    if (waiter->woken) {
        while (read(waiter->pipe->ends[0], &byte, 1) < 0 && errno == EINTR) {
        }
    }
    waiter->pipe->used = false;
}

static bool is_woken(const struct dunlin_posix_waiter *waiter)
{
    dunlin_posix_lock();
    bool woken = waiter->woken;
    dunlin_posix_unlock();
    return woken;
}

int dunlin_posix_poll_fds(struct pollfd *fds, nfds_t count, int64_t deadline,
                          struct dunlin_posix_waiter *waiter)
{
    fds[count].fd = waiter->pipe != NULL ? waiter->pipe->ends[0] : -1;
    fds[count].events = POLLIN;
    for (;;) {
        int left = dunlin_driver_remaining_ms(deadline);
        bool sliced = waiter->pipe == NULL && (left < 0 || left > SLICE_MS);
        fds[count].revents = 0;
        int ready = poll(fds, count + 1, sliced ? SLICE_MS : left);
        if (ready < 0 && errno != EINTR)
            return -1;
        if (ready > 0)
            return fds[count].revents != 0 ? ready - 1 : ready;
        if (waiter->pipe == NULL && is_woken(waiter))
            return 0;
        if (dunlin_posix_is_past(deadline))
            return 0;
    }
}

int32_t dunlin_posix_wait(struct dunlin_posix_sock *sock, unsigned dir, short events,
                          int64_t deadline)
{
    struct dunlin_posix_waiter waiter;
    struct pollfd fds[2] = {{events != 0 ? sock->fd : -1, events, 0}, {-1, 0, 0}};
    int32_t result = 0;
    bool waits = !dunlin_posix_is_past(deadline);

    dunlin_posix_lock();
    if (waits && take_pending(sock, dir)) {
        result = DUNLIN_ERR_INTERRUPTED;
    } else if (sock->blocked[dir - 1] != NULL) {
        result = DUNLIN_ERR_BUSY;
    } else {
        dunlin_posix_waiter_begin(&waiter);
        sock->blocked[dir - 1] = &waiter;
    }
    dunlin_posix_unlock();
    if (result < 0)
        return result;

    int ready = dunlin_posix_poll_fds(fds, 1, deadline, &waiter);
    if (ready < 0)
        result = dunlin_err_from_errno(errno);
    else if (ready == 0)
        result = waits ? DUNLIN_ERR_TIMEOUT : DUNLIN_ERR_WOULD_BLOCK;

    dunlin_posix_lock();
    sock->blocked[dir - 1] = NULL;
    if (waiter.woken)
        result = DUNLIN_ERR_INTERRUPTED;
    dunlin_posix_waiter_end(&waiter);
    dunlin_posix_unlock();
    return result;
}

int32_t dunlin_posix_again(struct dunlin_posix_sock *sock, int error, unsigned dir, uint32_t flags,
                           int64_t deadline)
{
    if (error == EINTR)
        return 0;
    if (error != EAGAIN && error != EWOULDBLOCK)
        return dunlin_err_from_errno(error);
    if ((flags & DUNLIN_DONTWAIT) != 0)
        return DUNLIN_ERR_WOULD_BLOCK;
    if (dunlin_posix_is_past(deadline))
        return DUNLIN_ERR_WOULD_BLOCK; /* and a pending wake stays for a call that waits */
    return dunlin_posix_wait(sock, dir, dir == DUNLIN_POSIX_RX ? POLLIN : POLLOUT, deadline);
}

int32_t dunlin_posix_wake_sock(int32_t number)
{
    dunlin_posix_lock();
    struct dunlin_posix_sock *sock = dunlin_posix_sock(number);
    for (unsigned dir = DUNLIN_POSIX_RX; sock != NULL && dir <= DUNLIN_POSIX_TX; dir++) {
        if (sock->blocked[dir - 1] != NULL)
            dunlin_posix_waiter_wake(sock->blocked[dir - 1]);
        else
            __atomic_fetch_or(&sock->pending, dir, __ATOMIC_ACQ_REL);
    }
    dunlin_posix_unlock();
    return sock != NULL ? 0 : DUNLIN_ERR_BAD_HANDLE;
}
