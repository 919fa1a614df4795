/* The broken table: what waits, and wake. */
#include "broken.h"

#include <dunlin/port.h>
#include <dunlin/posix.h>

#include <string.h>

#define LATE_MS   4000 /* more than the kit lets pass */
#define FAR_BYTES 200000

static const struct dunlin_netdev_ops *const whole = &dunlin_posix_ops;

/* The call that may be blocked, for a wake that ignores it. One task at a time is blocked in the
 * kit. */
static struct {
    enum defect ignored;
    int32_t sock;
    int64_t since;
} blocked;

static void enter(enum defect ignored, int32_t sock)
{
    blocked.ignored = ignored;
    blocked.sock = sock;
    __atomic_store_n(&blocked.since, dunlin_port_now_ms(), __ATOMIC_RELEASE);
}

static void leave(void)
{
    __atomic_store_n(&blocked.since, 0, __ATOMIC_RELEASE);
}

static bool may_wait(uint32_t flags, int64_t deadline)
{
    return (flags & DUNLIN_DONTWAIT) == 0 && (deadline == 0 || deadline > dunlin_port_now_ms());
}

/* A deadline that comes soon is moved: the call comes back late. */
static int64_t late(enum defect defect, int64_t deadline)
{
    int64_t now = dunlin_port_now_ms();
    return is(defect) && deadline > now && deadline < now + 500 ? deadline + LATE_MS : deadline;
}

/* An INTERRUPTED that came at once was a wake from before. */
static bool forgets(enum defect defect, int32_t result, int64_t begun)
{
    return is(defect) && result == DUNLIN_ERR_INTERRUPTED && dunlin_port_now_ms() - begun < 60;
}

/* A wake ends ten calls. */
static bool keeps(enum defect defect, struct broken_sock *s, bool waits, int32_t result)
{
    if (!is(defect) || !waits)
        return false;
    if (result == DUNLIN_ERR_INTERRUPTED && s->interrupted == 0)
        s->interrupted = 10;
    return s->interrupted > 0;
}

static uint32_t connects; /* without a recv in between */
static bool harmed;

static int32_t connect_to(void *ctx, int32_t sock, const char *host, const struct dunlin_addr *addr,
                          int64_t deadline)
{
    int64_t begun = dunlin_port_now_ms();
    struct broken_sock *s = broken_sock(sock);
    bool waits = may_wait(0, deadline), far = waits && deadline > begun + 500;
    broken_last_socket = -1;
    if (is(TIRED) && ++connects > 50) {
        connects = 0;
        return DUNLIN_ERR_NO_MEMORY;
    }
    if (harmed) {
        harmed = false;
        return DUNLIN_ERR_IO;
    }
    if (is(CONNECT_ENDS) && s->woken)
        return DUNLIN_ERR_CONN_ABORTED;
    if (is(CONNECT_WAITS) && !waits)
        deadline = begun + LATE_MS;
    enter(CONNECT_DEAF, sock);
    int32_t err = whole->connect(ctx, sock, host, addr, late(CONNECT_LATE, deadline));
    if (forgets(CONNECT_FORGETS, err, begun))
        err = whole->connect(ctx, sock, host, addr, deadline);
    leave();
    if (err == DUNLIN_ERR_INTERRUPTED)
        s->woken = true;
    if (err == DUNLIN_ERR_CONN_REFUSED && far) {
        if (is(REFUSED_CODE) && addr->family == DUNLIN_AF_INET)
            return DUNLIN_ERR_CONN_RESET;
        if (is(REFUSED6_CODE) && addr->family == DUNLIN_AF_INET6)
            return DUNLIN_ERR_CONN_RESET;
        if (is(UNIX_NOBODY) && addr->family == DUNLIN_AF_UNIX)
            return 0;
    }
    if (is(UNREACHABLE_CODE) && err == DUNLIN_ERR_NET_UNREACHABLE)
        return DUNLIN_ERR_TIMEOUT;
    return is(CONNECT_TWICE) && err == DUNLIN_ERR_STATE ? 0 : err;
}

static int32_t accept_one(void *ctx, int32_t sock, struct dunlin_addr *peer, uint32_t flags,
                          int64_t deadline)
{
    static int32_t last = -1, listener = -1, count;
    int64_t begun = dunlin_port_now_ms();
    enter(ACCEPT_DEAF, sock);
    int32_t n = whole->accept(ctx, sock, peer, flags, late(ACCEPT_LATE, deadline));
    if (forgets(ACCEPT_FORGETS, n, begun))
        n = whole->accept(ctx, sock, peer, flags, deadline);
    leave();
    if (is(ACCEPT_DONTWAIT_CODE) && n == DUNLIN_ERR_WOULD_BLOCK)
        return DUNLIN_ERR_TIMEOUT;
    if (is(ACCEPT_FULL_CODE) && n == DUNLIN_ERR_NO_SOCKETS)
        return DUNLIN_ERR_TIMEOUT;
    if (n < 0)
        return n;
    memset(broken_sock(n), 0, sizeof(struct broken_sock));
    if (is(ACCEPT_NO_PEER))
        peer->family = 0;
    count = sock == listener ? count + 1 : 1;
    listener = sock;
    if (is(ACCEPT_TWICE) && count == 3) {
        (void)whole->close(ctx, n);
        return last;
    }
    last = n;
    return n;
}

static int32_t send_some(void *ctx, int32_t sock, const void *data, size_t len, uint32_t flags,
                         int64_t deadline)
{
    static uint8_t copy[65536];
    int64_t begun = dunlin_port_now_ms();
    struct broken_sock *s = broken_sock(sock);
    bool waits = may_wait(flags, deadline);
    if (s->sent == 0 && !s->datagrams && len >= 4 && len < 60)
        memcpy(s->service, data, 4);
    if (is(SEND_ZERO_INVALID) && len == 0)
        return DUNLIN_ERR_INVALID;
    if ((is(MORE_LOST) && (flags & DUNLIN_MORE) != 0) ||
        (is(HALF_OPEN_DROPS) && s->ended && broken_serves(sock, "HALF")))
        return (int32_t)len;
    if (is(SEND_CHANGES) && broken_serves(sock, "SINK") && s->sent > FAR_BYTES &&
        len <= sizeof copy) {
        memcpy(copy, data, len);
        copy[0] ^= 1;
        data = copy;
    }
    if (is(CONNECTED_HEARS) && len == 6 && memcmp(data, "!OTHER", 6) == 0)
        s->woken = true;
    bool loses = is(SEND_LOSES) && len > 1 && broken_serves(sock, "SLOW") && s->sent > FAR_BYTES;
    if (loses)
        len--; /* and says that it went */
    if (keeps(SEND_KEEPS, s, waits, 0)) {
        s->interrupted--;
        return DUNLIN_ERR_INTERRUPTED;
    }
    enter(SEND_DEAF, sock);
    int32_t n = whole->send(ctx, sock, data, len, flags, late(SEND_LATE, deadline));
    if (forgets(SEND_FORGETS, n, begun) || (is(ONE_BIT) && n == DUNLIN_ERR_INTERRUPTED && s->ended))
        n = whole->send(ctx, sock, data, len, flags, deadline);
    leave();
    (void)keeps(SEND_KEEPS, s, waits, n);
    if (is(SEND_DONTWAIT_CODE) && n == DUNLIN_ERR_WOULD_BLOCK && len == 1399 &&
        (flags & DUNLIN_DONTWAIT) != 0)
        return DUNLIN_ERR_TIMEOUT;
    if ((is(SEND_AFTER_RESET) && n < 0 && broken_serves(sock, "RESE")) ||
        (is(SEND_AFTER_SHUTDOWN) && n == DUNLIN_ERR_BROKEN_PIPE && broken_serves(sock, "SINK")))
        return (int32_t)len;
    if (n > 0)
        s->sent += (uint32_t)n;
    return loses && (size_t)n == len ? n + 1 : n;
}

static int32_t receive(void *ctx, int32_t sock, void *buf, size_t len, uint32_t flags,
                       int64_t deadline)
{
    int64_t begun = dunlin_port_now_ms();
    struct broken_sock *s = broken_sock(sock);
    bool waits = may_wait(flags, deadline), echo = broken_serves(sock, "ECHO");
    uint8_t *bytes = buf;
    connects = 0;
    if (is(PEEK_TAKES))
        flags &= ~(uint32_t)DUNLIN_PEEK;
    if (is(NO_DEADLINE_IS_PAST) && deadline == 0 && waits)
        deadline = 1;
    if (is(DONTWAIT_SEES) && !waits && s->woken)
        return DUNLIN_ERR_INTERRUPTED;
    if (echo && keeps(RECV_KEEPS, s, waits, 0)) {
        s->interrupted--;
        return DUNLIN_ERR_INTERRUPTED;
    }
    enter(RECV_DEAF, sock);
    int32_t n =
        whole->recv(ctx, sock, buf, len, flags, echo ? late(RECV_LATE, deadline) : deadline);
    if (echo && forgets(RECV_FORGETS, n, begun))
        n = whole->recv(ctx, sock, buf, len, flags, deadline);
    leave();
    if (echo)
        (void)keeps(RECV_KEEPS, s, waits, n);
    if (is(CLOSED_WAITS) && n == DUNLIN_ERR_BAD_HANDLE)
        return DUNLIN_ERR_WOULD_BLOCK;
    if (is(UNCONNECTED_END) && n == DUNLIN_ERR_NOT_CONNECTED)
        return 0;
    if (is(RECV_DONTWAIT_CODE) && n == DUNLIN_ERR_WOULD_BLOCK)
        return DUNLIN_ERR_TIMEOUT;
    if (is(MINUS_ERRNO) && n == DUNLIN_ERR_TIMEOUT)
        return -110;
    if (is(RESET_IS_END) && n == DUNLIN_ERR_CONN_RESET && waits)
        return 0;
    if (is(END_ONCE) && n == 0 && len > 0 && s->ended)
        return DUNLIN_ERR_CONN_RESET;
    if (is(RECV_TO_DEADLINE) && n > 0 && waits && deadline != 0 && broken_serves(sock, "LATE"))
        broken_sleep(LATE_MS);
    if (n == 0 || (n == DUNLIN_ERR_INTERRUPTED && broken_serves(sock, "HOLE")))
        s->ended = true;
    if (n <= 0)
        return n;
    s->received += (uint32_t)n;
    if (is(RECV_OVERFLOW) && len == 4)
        bytes[len] = 0;
    if ((is(WRONG_BYTES) && len == 28) ||
        (is(RECV_CHANGES) && s->received > FAR_BYTES && broken_serves(sock, "SOUR")) ||
        (is(PARALLEL_CHANGES) && s->received > FAR_BYTES && echo))
        bytes[0] ^= 1;
    return n;
}

static struct dunlin_addr last_to;

static int32_t send_to(void *ctx, int32_t sock, const void *data, size_t len, uint32_t flags,
                       const struct dunlin_addr *to, int64_t deadline)
{
    last_to = *to;
    return whole->send_to(ctx, sock, data, len, flags, to, deadline);
}

static int32_t recv_from(void *ctx, int32_t sock, void *buf, size_t len, uint32_t flags,
                         struct dunlin_addr *from, int64_t deadline)
{
    int64_t begun = dunlin_port_now_ms();
    if (is(CONNECTED_HEARS) && broken_sock(sock)->woken)
        return 6;
    enter(RECV_FROM_DEAF, sock);
    int32_t n = whole->recv_from(ctx, sock, buf, len, flags, from, late(RECV_FROM_LATE, deadline));
    if (forgets(RECV_FROM_FORGETS, n, begun) || (is(EMPTY_SKIPPED) && n == 0))
        n = whole->recv_from(ctx, sock, buf, len, flags, from, deadline);
    leave();
    if (is(LONG_CUT) && n == DUNLIN_ERR_MESSAGE_SIZE)
        return (int32_t)len;
    if (is(RECV_FROM_PAST_CODE) && n == DUNLIN_ERR_WOULD_BLOCK && deadline == 1)
        return DUNLIN_ERR_TIMEOUT;
    if (n < 0)
        return n;
    if (is(FROM_PORT) && from->family == DUNLIN_AF_INET)
        from->port++;
    if (is(FROM6_ADDR) && from->family == DUNLIN_AF_INET6)
        from->ip[15] ^= 2;
    if (is(FROM_IS_LAST_TO))
        *from = last_to;
    return n;
}

static int32_t poll_many(void *ctx, struct dunlin_netdev_poll *items, uint32_t count,
                         int64_t deadline)
{
    static bool looked;
    int64_t begun = dunlin_port_now_ms();
    bool waits = may_wait(0, deadline);
    if (is(POLL_EARLY) && waits && deadline < begun + 500)
        deadline = 1;
    if (is(POLL_LOOK_WAITS) && !waits && !looked) {
        looked = true;
        broken_sleep(LATE_MS);
    }
    enter(POLL_DEAF, DUNLIN_WAKE_POLL);
    int32_t n = whole->poll(ctx, items, count, deadline);
    if (forgets(POLL_FORGETS, n, begun))
        n = whole->poll(ctx, items, count, deadline);
    leave();
    if (is(POLL_COUNT) && n > 0 && count == 3)
        n = 3;
    if (is(POLL_NO_DATAGRAM) && n > 0 && broken_sock(items[0].sock)->datagrams)
        n = 0;
    if (is(POLL_FULL) && count == 1 && broken_serves(items[0].sock, "HOLE")) {
        items[0].revents = DUNLIN_WRITABLE;
        n = 1;
    }
    for (uint32_t i = 0; i < count && n > 0; i++) {
        struct dunlin_netdev_poll *it = &items[i];
        struct dunlin_addr local;
        if (is(POLL_CLOSED_HANGS) && whole->local_addr(ctx, it->sock, &local) < 0)
            broken_sleep(LATE_MS);
        if (is(POLL_EXTRA) && count == 1 && broken_serves(it->sock, "LATE"))
            it->revents |= DUNLIN_WRITABLE;
        if (is(POLL_END) && broken_serves(it->sock, "SOUR"))
            it->revents = DUNLIN_HANGUP;
        if (is(POLL_RESET) && broken_serves(it->sock, "RESE"))
            it->revents = DUNLIN_ERROR;
        if (is(POLL_LISTENER) && broken_serves(it->sock, "") && it->events == DUNLIN_READABLE &&
            !broken_sock(it->sock)->datagrams)
            it->revents = DUNLIN_HANGUP;
    }
    return n;
}

static int32_t wake(void *ctx, int32_t sock)
{
    int64_t since = __atomic_load_n(&blocked.since, __ATOMIC_ACQUIRE);
    struct broken_sock *s = broken_sock(sock);
    if (since != 0 && dunlin_port_now_ms() - since > 50 && is(blocked.ignored) &&
        blocked.sock == sock)
        return 0;
    s->wakes++;
    if (is(WAKE_LOST) && s->wakes == 100)
        return 0;
    if (is(DONTWAIT_SEES))
        s->woken = true;
    int32_t err = whole->wake(ctx, sock);
    if (is(WAKE_CLOSED_HARMS) && err < 0)
        harmed = true;
    return err;
}

void broken_make_waits(void)
{
    broken_table.connect = connect_to;
    broken_table.accept = accept_one;
    broken_table.send = send_some;
    broken_table.recv = receive;
    broken_table.send_to = send_to;
    broken_table.recv_from = recv_from;
    broken_table.poll = poll_many;
    broken_table.wake = wake;
}
