/* poll, and what notify has to tell in its place. */
#include "internal.h"

static struct dunlin_netdev_poll item(int32_t sock, uint16_t events)
{
    /* revents is the driver's to write: what is in it before must not count. */
    struct dunlin_netdev_poll item = {sock, events, 0xffff};
    return item;
}

/* poll, again after an INTERRUPTED for nothing. */
static int32_t poll_until(struct dunlin_netdev_poll *items, uint32_t count, int64_t deadline)
{
    int32_t n, spurious = 0;
    do {
        n = KIT_OPS->poll(KIT_CTX, items, count, deadline);
    } while (n == DUNLIN_ERR_INTERRUPTED && spurious++ < 3);
    if (!dunlin_kit_is_legal(n))
        dunlin_kit_fail_got("poll", n, "a result");
    return n;
}

/* What one socket is ready for; the deadline is generous when something is expected. */
static int32_t one(int32_t sock, uint16_t events, int64_t deadline, uint16_t *revents)
{
    struct dunlin_netdev_poll items[1] = {item(sock, events)};
    int32_t n = poll_until(items, 1, deadline);
    *revents = n > 0 ? items[0].revents : 0;
    return n;
}

static int64_t limit(void)
{
    return dunlin_kit_after(dunlin_kit.limit_ms);
}

static void times_out(void)
{
    uint16_t revents;
    int32_t sock = dunlin_kit_dial("ECHO");
    CHECKED(sock);
    int64_t deadline = dunlin_kit_after(dunlin_kit.short_ms);
    WANT_IS("poll of nothing ready", one(sock, DUNLIN_READABLE, deadline, &revents), 0);
    CHECKED(dunlin_kit_on_time("poll", deadline));
    deadline = dunlin_kit_after(dunlin_kit.short_ms);
    WANT_IS("poll of no socket", poll_until(NULL, 0, deadline), 0);
    CHECKED(dunlin_kit_on_time("poll of no socket", deadline));
}

static void looks_only(void)
{
    uint16_t revents;
    int32_t sock = dunlin_kit_dial("ECHO");
    CHECKED(sock);
    int64_t begun = dunlin_port_now_ms();
    WANT_IS("poll with a deadline in the past", one(sock, DUNLIN_READABLE, 1, &revents), 0);
    CHECKED(dunlin_kit_on_time("poll with a deadline in the past", begun));
    WANT_IS("poll for room, with a deadline in the past", one(sock, DUNLIN_WRITABLE, 1, &revents),
            1);
    WANT(revents == DUNLIN_WRITABLE, "poll: a fresh connection is not writable, and only that");
}

static void sees_data(void)
{
    uint16_t revents;
    uint8_t byte;
    int32_t sock = dunlin_kit_dial("LATE 100 1");
    CHECKED(sock);
    WANT_IS("poll", one(sock, DUNLIN_READABLE, limit(), &revents), 1);
    WANT(revents == DUNLIN_READABLE, "poll: not readable, and only that");
    WANT_IS("recv after it", dunlin_kit_recv(sock, &byte, 1, DUNLIN_DONTWAIT, 0), 1);
    WANT_IS("poll, when all is read", one(sock, DUNLIN_READABLE, 1, &revents), 0);
}

static void sees_end(void)
{
    uint16_t revents;
    uint8_t byte;
    int32_t sock = dunlin_kit_dial_number("SOURCE", 1);
    CHECKED(sock);
    CHECKED(dunlin_kit_recv_all(sock, &byte, 1));
    WANT_IS("poll at the end of the stream", one(sock, DUNLIN_READABLE, limit(), &revents), 1);
    WANT((revents & DUNLIN_READABLE) != 0, "poll at the end of the stream: not readable");
    WANT_IS("recv after it", dunlin_kit_recv(sock, &byte, 1, DUNLIN_DONTWAIT, 0), 0);
}

static void sees_reset(void)
{
    uint16_t revents;
    uint8_t byte;
    int32_t sock = dunlin_kit_dial("RESET");
    CHECKED(sock);
    WANT_IS("poll after a reset", one(sock, DUNLIN_READABLE, limit(), &revents), 1);
    WANT((revents & DUNLIN_READABLE) != 0, "poll after a reset: not readable");
    WANT_ERROR("recv after it", dunlin_kit_recv(sock, &byte, 1, DUNLIN_DONTWAIT, 0));
}

static void sees_room(void)
{
    uint16_t revents;
    int32_t sock = dunlin_kit_dial("HOLE");
    CHECKED(sock);
    CHECKED(dunlin_kit_fill(sock));
    WANT_IS("poll of a full socket", one(sock, DUNLIN_WRITABLE, 1, &revents), 0);
    sock = dunlin_kit_dial("SLOW");
    CHECKED(sock);
    int32_t n;
    do {
        n = dunlin_kit_send(sock, dunlin_kit.more, KIT_BUF, DUNLIN_DONTWAIT, 0);
    } while (n > 0);
    WANT_IS("send", n, DUNLIN_ERR_WOULD_BLOCK);
    WANT_IS("poll for room", one(sock, DUNLIN_WRITABLE, limit(), &revents), 1);
    n = dunlin_kit_send(sock, "x", 1, DUNLIN_DONTWAIT, 0);
    WANT_IS("send after it", n, 1);
}

static void sees_connection(void)
{
    uint16_t revents;
    struct dunlin_addr addr, peer = dunlin_kit_port(0), refused = dunlin_kit_port(1);
    int32_t sock = dunlin_kit_socket(DUNLIN_AF_INET, DUNLIN_SOCK_STREAM);
    WANT_OK("socket", sock);
    int32_t err = dunlin_kit_connect(sock, &peer, 1);
    if (err != 0)
        WANT_IS("connect that may not wait", err, DUNLIN_ERR_WOULD_BLOCK);
    WANT_IS("poll for the end of connect", one(sock, DUNLIN_WRITABLE, limit(), &revents), 1);
    WANT((revents & DUNLIN_WRITABLE) != 0, "poll for the end of connect: not writable");
    if (err != 0)
        WANT_IS("connect after it", dunlin_kit_connect(sock, &peer, 1), 0);

    sock = dunlin_kit_socket(DUNLIN_AF_INET, DUNLIN_SOCK_STREAM);
    WANT_OK("socket", sock);
    err = dunlin_kit_connect(sock, &refused, 1);
    if (err == DUNLIN_ERR_WOULD_BLOCK) {
        WANT_IS("poll for a refusal", one(sock, DUNLIN_WRITABLE, limit(), &revents), 1);
        WANT((revents & DUNLIN_WRITABLE) != 0, "poll for a refusal: not writable");
        err = dunlin_kit_connect(sock, &refused, 1);
    }
    WANT_IS("connect after it", err, DUNLIN_ERR_CONN_REFUSED);
    if (KIT_OPS->listen == NULL || KIT_OPS->local_addr == NULL)
        return;
    sock = dunlin_kit_listen(DUNLIN_AF_INET, &addr);
    CHECKED(sock);
    WANT_IS("poll of an idle listener", one(sock, DUNLIN_READABLE, 1, &revents), 0);
    CHECKED(dunlin_kit_call_back(sock, 50, 1));
    WANT_IS("poll of a listener", one(sock, DUNLIN_READABLE, limit(), &revents), 1);
    WANT((revents & DUNLIN_READABLE) != 0, "poll of a listener: not readable");
    WANT_OK("accept after it", dunlin_kit_accept(sock, &addr, DUNLIN_DONTWAIT, 0));
}

static void tells_which(void)
{
    struct dunlin_netdev_poll items[3];
    int32_t idle = dunlin_kit_dial("ECHO");
    CHECKED(idle);
    int32_t ready = dunlin_kit_dial("LATE 100 1");
    CHECKED(ready);
    int32_t last = dunlin_kit_dial("ECHO");
    CHECKED(last);
    items[0] = item(idle, DUNLIN_READABLE);
    items[1] = item(ready, DUNLIN_READABLE);
    items[2] = item(last, DUNLIN_READABLE | DUNLIN_WRITABLE);
    WANT_IS("poll of three, one has room", poll_until(items, 3, 1), 1);
    WANT(items[0].revents == 0 && items[1].revents == 0 && items[2].revents == DUNLIN_WRITABLE,
         "poll of three, one has room: revents");
    items[2] = item(last, DUNLIN_READABLE);
    items[0].revents = items[1].revents = 0xffff;
    WANT_IS("poll of three, one gets data", poll_until(items, 3, limit()), 1);
    WANT(items[0].revents == 0 && items[1].revents == DUNLIN_READABLE && items[2].revents == 0,
         "poll of three, one gets data: revents");
}

static void bears_closed(void)
{
    struct dunlin_netdev_poll items[2];
    int32_t open = dunlin_kit_dial("ECHO");
    CHECKED(open);
    int32_t closed = dunlin_kit_dial("ECHO");
    CHECKED(closed);
    WANT_OK("close", dunlin_kit_close(closed));
    items[0] = item(open, DUNLIN_READABLE);
    items[1] = item(closed, DUNLIN_READABLE);
    int64_t deadline = dunlin_kit_after(dunlin_kit.short_ms);
    int32_t n = poll_until(items, 2, deadline);
    WANT(n <= 1, "poll with a closed number: more are ready than can be");
    WANT(dunlin_port_now_ms() <= deadline + dunlin_kit.late_ms, "poll with a closed number: late");
    CHECKED(dunlin_kit_echo(open));
}

static void wake_ends(void)
{
    uint16_t revents;
    struct dunlin_netdev_poll items[1];
    int32_t n, sock = dunlin_kit_dial("ECHO");
    CHECKED(sock);
    int64_t end = limit(), woken = dunlin_kit_after(dunlin_kit.short_ms);
    dunlin_kit_wake_later(DUNLIN_WAKE_POLL);
    do {
        items[0] = item(sock, DUNLIN_READABLE);
        n = KIT_OPS->poll(KIT_CTX, items, 1, end);
    } while (n == DUNLIN_ERR_INTERRUPTED && !dunlin_kit_is_past(woken - 20));
    CHECKED(dunlin_kit_join());
    WANT_IS("the poll that was woken", n, DUNLIN_ERR_INTERRUPTED);
    CHECKED(dunlin_kit_on_time("the poll that was woken", woken));
    n = one(sock, DUNLIN_READABLE, dunlin_kit_after(dunlin_kit.short_ms), &revents);
    WANT_IS("the poll after it", n, 0);
}

static void wake_is_kept(void)
{
    uint16_t revents;
    struct dunlin_netdev_poll items[1];
    int32_t sock = dunlin_kit_dial("ECHO");
    CHECKED(sock);
    WANT_OK("wake", KIT_OPS->wake(KIT_CTX, DUNLIN_WAKE_POLL));
    items[0] = item(sock, DUNLIN_READABLE);
    WANT_IS("poll that only looks", KIT_OPS->poll(KIT_CTX, items, 1, 1), 0);
    int64_t begun = dunlin_port_now_ms();
    WANT_IS("the next poll that may wait", KIT_OPS->poll(KIT_CTX, items, 1, limit()),
            DUNLIN_ERR_INTERRUPTED);
    CHECKED(dunlin_kit_on_time("the next poll that may wait", begun));
    WANT_IS("the poll after it",
            one(sock, DUNLIN_READABLE, dunlin_kit_after(dunlin_kit.short_ms), &revents), 0);
}

#define WAITS (NEED_POLL | NEED_WAITING)

static const struct dunlin_kit_check poll_checks[] = {
    {"poll: its deadline", times_out, WAITS},
    {"poll: only a look", looks_only, NEED_POLL},
    {"poll: data", sees_data, WAITS},
    {"poll: the end of a stream", sees_end, WAITS},
    {"poll: a reset", sees_reset, WAITS},
    {"poll: room to send", sees_room, WAITS},
    {"poll: connections made, refused, arrived", sees_connection, WAITS},
    {"poll: which of several", tells_which, WAITS},
    {"poll: a number that was closed", bears_closed, NEED_POLL},
    {"poll: a wake ends it", wake_ends, WAITS | NEED_WAKE | NEED_TASK},
    {"poll: a wake is kept for the next", wake_is_kept, WAITS | NEED_WAKE},
};
const struct dunlin_kit_group dunlin_kit_polls = KIT_GROUP(poll_checks);
