/* A device whose news comes by the tick's interrupt, while the only task waits for it. */
#include "interrupt.h"

#include <dunlin/dunlin.h>

#include "image.h"
#include "stub_device.h"

enum news { SILENT, TELL_READABLE, TELL_WORK };

static struct {
    struct stub_device stub; /* first: its functions get the same context */
    dunlin_netdev_t handle;
    volatile uint32_t due;   /* ticks until a byte comes; 0: none will */
    volatile enum news news; /* how it is told */
    volatile uint32_t fifo;  /* bytes that `step` has to fetch */
    volatile uint32_t ready; /* bytes that `recv` gives */
    volatile uint32_t told;  /* notifies from the interrupt */
    uint32_t steps;
} wire;

/* The interrupt: a byte arrives. */
static void arrive(void)
{
    if (wire.due == 0 || --wire.due != 0) {
        return;
    }
    switch (wire.news) {
    case SILENT:
        wire.ready++;
        break;
    case TELL_READABLE:
        wire.ready++;
        wire.told++;
        dunlin_netdev_notify(wire.handle, 0, DUNLIN_READABLE);
        break;
    case TELL_WORK:
        wire.fifo++;
        wire.told++;
        dunlin_netdev_notify(wire.handle, -1, DUNLIN_WORK);
        break;
    }
}

static int32_t connect_at_once(void *ctx, int32_t sock, const char *host, const struct dunlin_addr *peer,
                               int64_t deadline)
{
    (void)ctx, (void)sock, (void)host, (void)peer, (void)deadline;
    return 0;
}

static int32_t recv_ready(void *ctx, int32_t sock, void *buf, size_t len, uint32_t flags, int64_t deadline)
{
    (void)ctx, (void)sock, (void)deadline;
    if (len == 0 || wire.ready == 0) {
        return DUNLIN_ERR_WOULD_BLOCK;
    }
    *(char *)buf = '!';
    if ((flags & DUNLIN_PEEK) == 0) {
        wire.ready = 0;
    }
    return 1;
}

static int32_t fetch(void *ctx, int64_t deadline)
{
    (void)ctx, (void)deadline;
    wire.steps++;
    if (wire.fifo != 0) {
        wire.fifo = 0;
        wire.ready = 1;
        dunlin_netdev_notify(wire.handle, 0, DUNLIN_READABLE);
    }
    return 0;
}

static void expect(enum news news)
{
    wire.ready = 0;
    wire.told = 0;
    wire.news = news;
    wire.due = 20;
}

/* Waits of at most `ms` for the one byte. */
static dunlin_ssize_t read_byte(dunlin_conn_t conn, int64_t ms)
{
    char byte = 0;
    dunlin_conn_set_read_deadline(conn, dunlin_after_ms(ms));
    dunlin_ssize_t n = dunlin_conn_read(conn, &byte, 1);
    return n == 1 && byte != '!' ? 0 : n;
}

static int32_t poll_byte(dunlin_conn_t conn, int64_t ms)
{
    struct dunlin_poll_item item = { conn, DUNLIN_READABLE, 0 };
    int32_t n = dunlin_poll(&item, 1, dunlin_after_ms(ms));
    return n == 1 && item.revents == DUNLIN_READABLE && read_byte(conn, 1) == 1;
}

void interrupts(void (*check)(int condition, const char *what))
{
    static struct dunlin_netdev_ops ops;
    ops = stub_device_ops;
    ops.caps = DUNLIN_CAP_NOTIFY;
    ops.connect = connect_at_once;
    ops.recv = recv_ready;
    ops.step = fetch;
    wire.handle = dunlin_netdev_register("wire0", &ops, &wire);
    dunlin_conn_t conn = dunlin_dial(NULL, "tcp", "192.0.2.1:80");
    check(wire.handle > 0 && conn > 0, "a device with an interrupt, a connection over it");
    image_on_tick(arrive);

    /* Nobody looks by itself: so it is the interrupt that ends the waits below. */
    expect(SILENT);
    check(read_byte(conn, 200) == DUNLIN_ERR_TIMEOUT && wire.ready == 1, "a byte of which nothing tells is not seen");
    expect(TELL_READABLE);
    check(read_byte(conn, 20000) == 1 && wire.told == 1, "an interrupt that tells READABLE wakes a reader");
    uint32_t steps = wire.steps;
    expect(TELL_WORK);
    check(read_byte(conn, 20000) == 1 && wire.told == 1, "an interrupt that tells WORK wakes a reader");
    check(wire.steps == steps + 1, "which called the device's step, once");
    expect(TELL_READABLE);
    check(poll_byte(conn, 20000) == 1 && wire.told == 1, "an interrupt that tells READABLE wakes a poll");
    expect(TELL_WORK);
    check(poll_byte(conn, 20000) == 1 && wire.told == 1, "an interrupt that tells WORK wakes a poll");

    image_on_tick(NULL);
    check(dunlin_conn_close(conn) == 0 && wire.stub.closed == 1, "its connection ends");
    check(dunlin_netdev_unregister(wire.handle, dunlin_after_ms(100)) == 0, "and the device");
}
