/* What the tests of drivers/posix share. Include it first. */
#ifndef TESTS_DRIVER_POSIX_H
#define TESTS_DRIVER_POSIX_H

#include <dunlin/driver.h>
#include <dunlin/posix.h>

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static const struct dunlin_netdev_ops *const ops = &dunlin_posix_ops;

static inline void sleep_ms(long ms)
{
    struct timespec ts = {ms / 1000, (ms % 1000) * 1000000L};
    nanosleep(&ts, NULL);
}

static inline int64_t after_ms(int64_t ms)
{
    return dunlin_port_now_ms() + ms;
}

static inline struct dunlin_addr loopback(uint16_t family, uint16_t port)
{
    struct dunlin_addr addr;
    memset(&addr, 0, sizeof addr);
    addr.family = family;
    addr.port = port;
    if (family == DUNLIN_AF_INET) {
        addr.ip[0] = 127;
        addr.ip[3] = 1;
    } else {
        addr.ip[15] = 1;
    }
    return addr;
}

/* A bound socket on the loopback and its address. */
static inline int32_t bound(uint16_t family, uint32_t type, struct dunlin_addr *addr)
{
    struct dunlin_addr any_port = loopback(family, 0);
    int32_t sock = ops->socket(NULL, family, type, 0);
    assert_true(sock >= 0);
    assert_int_equal(ops->bind(NULL, sock, &any_port), 0);
    assert_int_equal(ops->local_addr(NULL, sock, addr), 0);
    assert_int_equal(addr->family, family);
    assert_true(addr->port != 0);
    return sock;
}

struct pair {
    int32_t listener, client, server;
};

static inline struct pair tcp_pair(uint16_t family)
{
    struct pair p;
    struct dunlin_addr addr, peer;
    p.listener = bound(family, DUNLIN_SOCK_STREAM, &addr);
    assert_int_equal(ops->listen(NULL, p.listener, 4), 0);
    p.client = ops->socket(NULL, family, DUNLIN_SOCK_STREAM, DUNLIN_IPPROTO_TCP);
    assert_true(p.client >= 0);
    assert_int_equal(ops->connect(NULL, p.client, NULL, &addr, after_ms(5000)), 0);
    p.server = ops->accept(NULL, p.listener, &peer, 0, after_ms(5000));
    assert_true(p.server >= 0);
    assert_int_equal(peer.family, family);
    return p;
}

/* The same over a unix socket, whose buffers are full when a send says so, and stay full. */
static inline struct pair unix_pair(void)
{
    struct pair p;
    static unsigned count;
    char name[64];
    struct dunlin_addr addr;
    memset(&addr, 0, sizeof addr);
    addr.family = DUNLIN_AF_UNIX;
    addr.options = name;
    snprintf(name, sizeof name, "@dunlin-test-%ld-%u", (long)getpid(), count++);
    p.listener = ops->socket(NULL, DUNLIN_AF_UNIX, DUNLIN_SOCK_STREAM, 0);
    p.client = ops->socket(NULL, DUNLIN_AF_UNIX, DUNLIN_SOCK_STREAM, 0);
    assert_true(p.listener >= 0 && p.client >= 0);
    assert_int_equal(ops->bind(NULL, p.listener, &addr), 0);
    assert_int_equal(ops->listen(NULL, p.listener, 4), 0);
    assert_int_equal(ops->connect(NULL, p.client, NULL, &addr, after_ms(5000)), 0);
    p.server = ops->accept(NULL, p.listener, NULL, 0, after_ms(5000));
    assert_true(p.server >= 0);
    return p;
}

static inline void close_pair(struct pair p)
{
    assert_int_equal(ops->close(NULL, p.client), 0);
    assert_int_equal(ops->close(NULL, p.server), 0);
    assert_int_equal(ops->close(NULL, p.listener), 0);
}

/* A call of wake in another thread, after `ms`. */
struct waker {
    pthread_t thread;
    int32_t sock;
    long ms;
};

static inline void *waker_run(void *arg)
{
    struct waker *w = arg;
    sleep_ms(w->ms);
    ops->wake(NULL, w->sock);
    return NULL;
}

static inline void wake_after(struct waker *w, int32_t sock, long ms)
{
    w->sock = sock;
    w->ms = ms;
    assert_int_equal(pthread_create(&w->thread, NULL, waker_run, w), 0);
}

#endif
