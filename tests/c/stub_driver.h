/* A driver whose every answer the test decides: each field replaces one operation's result. */
#ifndef TESTS_STUB_DRIVER_H
#define TESTS_STUB_DRIVER_H

#include "app.h"

struct stub {
    dunlin_netdev_t dev;
    int32_t connect, send, recv;          /* results */
    int32_t (*in_recv)(struct stub *s);   /* called inside recv, for its result */
    uint32_t connects, closes, sockets;
    struct dunlin_addr peer;              /* what was connected last */
};

static int32_t stub_socket(void *ctx, uint32_t domain, uint32_t kind, uint32_t protocol)
{
    struct stub *s = ctx;
    (void)domain;
    (void)kind;
    (void)protocol;
    return (int32_t)s->sockets++;
}

static int32_t stub_connect(void *ctx, int32_t sock, const char *host, const struct dunlin_addr *addr,
                            int64_t deadline)
{
    struct stub *s = ctx;
    (void)sock;
    (void)host;
    s->connects++;
    s->peer = *addr;
    if (s->connect == DUNLIN_ERR_TIMEOUT) { /* blocks as long as it may */
        int64_t left = dunlin_remaining_ms(deadline);
        app_sleep(left < 0 || left > 200 ? 200 : (long)left);
    }
    return s->connect;
}

static int32_t stub_send(void *ctx, int32_t sock, const void *data, size_t len, uint32_t flags, int64_t deadline)
{
    struct stub *s = ctx;
    (void)sock;
    (void)data;
    (void)len;
    (void)flags;
    (void)deadline;
    return s->send;
}

static int32_t stub_recv(void *ctx, int32_t sock, void *buf, size_t len, uint32_t flags, int64_t deadline)
{
    struct stub *s = ctx;
    (void)sock;
    (void)buf;
    (void)len;
    (void)flags;
    (void)deadline;
    return s->in_recv != NULL ? s->in_recv(s) : s->recv;
}

static int32_t stub_close(void *ctx, int32_t sock)
{
    struct stub *s = ctx;
    (void)sock;
    s->closes++;
    return 0;
}

static const struct dunlin_netdev_ops stub_ops = {
    .size = sizeof(struct dunlin_netdev_ops),
    .socket = stub_socket,
    .connect = stub_connect,
    .send = stub_send,
    .recv = stub_recv,
    .close = stub_close,
};

static inline void stub_up(struct stub *s, const char *name)
{
    memset(s, 0, sizeof *s);
    s->dev = dunlin_netdev_register(name, &stub_ops, s);
    assert_true(s->dev > 0);
}

static inline void stub_down(struct stub *s)
{
    assert_int_equal(dunlin_netdev_unregister(s->dev, dunlin_after_ms(5000)), 0);
    assert_int_equal(s->closes, s->sockets); /* each exactly once */
}

/* A connection over the named stub. */
static inline dunlin_conn_t stub_dial(const char *name)
{
    struct dunlin_dialer dialer = DUNLIN_DIALER_INIT;
    dialer.device = name;
    dialer.timeout_ms = 2000;
    dunlin_conn_t conn = dunlin_dial(&dialer, "tcp", "192.0.2.1:80");
    assert_true(conn > 0);
    return conn;
}

#endif /* TESTS_STUB_DRIVER_H */
