/*
 * Calls of the table, made as the core makes them: one that blocks is called with its deadline and
 * again after INTERRUPTED; one with step never waits, and is called again from one event to the
 * next.
 */
#include "internal.h"

#include <string.h>

#define MOST_INTERRUPTED 64 /* in a row and for nothing: the driver does not wait */
#define STEP_MS          10 /* the longest pause of a driver with step */
#define EARLY_MS         20 /* how much before its deadline coarse ticks may end a call */

/* One operation on its way. */
struct turn {
    const char *what;
    uint32_t flags;
    int64_t deadline;    /* the caller's */
    uint32_t call_flags; /* the driver's */
    int64_t call_deadline;
    bool waits;
    uint32_t interrupted;
};

bool dunlin_kit_has_step(void)
{
    return KIT_OPS->step != NULL;
}

int64_t dunlin_kit_after(int64_t ms)
{
    return dunlin_port_now_ms() + ms;
}

bool dunlin_kit_is_past(int64_t deadline)
{
    return deadline != 0 && deadline <= dunlin_port_now_ms();
}

/* A pause, in which a driver with step gets its work done. */
static void pause_until(int64_t deadline)
{
    if (!dunlin_kit_has_step()) {
        (void)dunlin_port_event_wait(&dunlin_kit.changed, deadline);
        return;
    }
    int32_t ms = KIT_OPS->step(KIT_CTX, dunlin_port_now_ms());
    if (!dunlin_kit_is_legal(ms))
        dunlin_kit_fail_got("step", ms, "milliseconds");
    int64_t until = dunlin_kit_after(ms > 0 && ms < STEP_MS ? ms : STEP_MS);
    if (deadline != 0 && until > deadline)
        until = deadline;
    (void)dunlin_port_event_wait(&dunlin_kit.changed, until);
}

void dunlin_kit_sleep(int64_t ms)
{
    int64_t end = dunlin_kit_after(ms);
    while (!dunlin_kit_is_past(end))
        pause_until(end);
}

static struct turn begin(const char *what, uint32_t flags, int64_t deadline)
{
    struct turn turn = {what, flags, deadline, flags, deadline, true, 0};
    turn.waits = (flags & DUNLIN_DONTWAIT) == 0 && !dunlin_kit_is_past(deadline);
    if (dunlin_kit_has_step()) {
        turn.call_flags |= DUNLIN_DONTWAIT;
        turn.call_deadline = 1;
    }
    return turn;
}

/* Whether the operation is to be called again; else *result is what it came to. */
static bool again(struct turn *turn, int32_t *result)
{
    if (!dunlin_kit_is_legal(*result))
        dunlin_kit_fail_got(turn->what, *result, "a result");
    bool later = *result == DUNLIN_ERR_PENDING ||
                 (dunlin_kit_has_step() && *result == DUNLIN_ERR_WOULD_BLOCK);
    if (!turn->waits) {
        if (later && *result == DUNLIN_ERR_PENDING)
            *result = DUNLIN_ERR_WOULD_BLOCK;
        return false;
    }
    if (*result == DUNLIN_ERR_INTERRUPTED)
        return ++turn->interrupted < MOST_INTERRUPTED && !dunlin_kit_is_past(turn->deadline);
    if (!later)
        return false;
    if (dunlin_kit_is_past(turn->deadline)) {
        *result = DUNLIN_ERR_TIMEOUT;
        return false;
    }
    pause_until(turn->deadline);
    return true;
}

void dunlin_kit_track(int32_t sock)
{
    if (sock >= 0 && dunlin_kit.open_count < DUNLIN_DRIVER_KIT_SOCKETS)
        dunlin_kit.open[dunlin_kit.open_count++] = sock;
}

int32_t dunlin_kit_socket(uint32_t domain, uint32_t type)
{
    uint32_t protocol = type == DUNLIN_SOCK_DGRAM ? DUNLIN_IPPROTO_UDP : DUNLIN_IPPROTO_TCP;
    int32_t sock = KIT_OPS->socket(KIT_CTX, domain, type, domain == DUNLIN_AF_UNIX ? 0 : protocol);
    if (!dunlin_kit_is_legal(sock))
        dunlin_kit_fail_got("socket", sock, "a result");
    dunlin_kit_track(sock);
    return sock;
}

int32_t dunlin_kit_close(int32_t sock)
{
    for (uint32_t i = 0; i < dunlin_kit.open_count; i++) {
        if (dunlin_kit.open[i] == sock) {
            dunlin_kit.open[i] = dunlin_kit.open[--dunlin_kit.open_count];
            break;
        }
    }
    return KIT_OPS->close(KIT_CTX, sock);
}

void dunlin_kit_close_all(void)
{
    while (dunlin_kit.open_count > 0) {
        int32_t result = dunlin_kit_close(dunlin_kit.open[dunlin_kit.open_count - 1]);
        if (result < 0)
            dunlin_kit_fail_got("close", result, "success");
    }
}

int32_t dunlin_kit_connect(int32_t sock, const struct dunlin_addr *addr, int64_t deadline)
{
    struct turn turn = begin("connect", 0, deadline);
    int32_t result;
    do {
        result = KIT_OPS->connect(KIT_CTX, sock, NULL, addr, turn.call_deadline);
    } while (again(&turn, &result));
    return result;
}

int32_t dunlin_kit_accept(int32_t sock, struct dunlin_addr *peer, uint32_t flags, int64_t deadline)
{
    struct turn turn = begin("accept", flags, deadline);
    int32_t result;
    do {
        result = KIT_OPS->accept(KIT_CTX, sock, peer, turn.call_flags, turn.call_deadline);
    } while (again(&turn, &result));
    dunlin_kit_track(result);
    return result;
}

int32_t dunlin_kit_send(int32_t sock, const void *data, size_t len, uint32_t flags,
                        int64_t deadline)
{
    struct turn turn = begin("send", flags, deadline);
    int32_t result;
    do {
        result = KIT_OPS->send(KIT_CTX, sock, data, len, turn.call_flags, turn.call_deadline);
    } while (again(&turn, &result));
    if (result > 0 && (size_t)result > len)
        dunlin_kit_fail("send: more than it was given");
    if (result == 0 && len > 0)
        dunlin_kit_fail("send: 0");
    return result;
}

int32_t dunlin_kit_recv(int32_t sock, void *buf, size_t len, uint32_t flags, int64_t deadline)
{
    struct turn turn = begin("recv", flags, deadline);
    int32_t result;
    do {
        result = KIT_OPS->recv(KIT_CTX, sock, buf, len, turn.call_flags, turn.call_deadline);
    } while (again(&turn, &result));
    if (result > 0 && (size_t)result > len)
        dunlin_kit_fail("recv: more than there was room for");
    return result;
}

int32_t dunlin_kit_send_to(int32_t sock, const void *data, size_t len, const struct dunlin_addr *to,
                           int64_t deadline)
{
    struct turn turn = begin("send_to", 0, deadline);
    int32_t result;
    do {
        result =
            KIT_OPS->send_to(KIT_CTX, sock, data, len, turn.call_flags, to, turn.call_deadline);
    } while (again(&turn, &result));
    if (result >= 0 && (size_t)result != len)
        dunlin_kit_fail("send_to: not the whole datagram");
    return result;
}

int32_t dunlin_kit_recv_from(int32_t sock, void *buf, size_t len, uint32_t flags,
                             struct dunlin_addr *from, int64_t deadline)
{
    struct turn turn = begin("recv_from", flags, deadline);
    int32_t result;
    do {
        result =
            KIT_OPS->recv_from(KIT_CTX, sock, buf, len, turn.call_flags, from, turn.call_deadline);
    } while (again(&turn, &result));
    if (result > 0 && (size_t)result > len)
        dunlin_kit_fail("recv_from: more than there was room for");
    return result;
}

int32_t dunlin_kit_lookup(const char *name, uint32_t family, struct dunlin_addr *addrs,
                          uint32_t capacity, int64_t deadline)
{
    struct turn turn = begin("get_host_by_name", 0, deadline);
    int32_t result;
    do {
        result =
            KIT_OPS->get_host_by_name(KIT_CTX, name, family, addrs, capacity, turn.call_deadline);
    } while (again(&turn, &result));
    return result;
}

int32_t dunlin_kit_on_time(const char *what, int64_t deadline)
{
    int64_t over = dunlin_port_now_ms() - deadline;
    if (over >= -EARLY_MS && over <= dunlin_kit.late_ms)
        return 0;
    struct dunlin_kit_text text = {0, {0}};
    dunlin_kit_str(&text, what);
    dunlin_kit_str(&text, ": came back ");
    dunlin_kit_int(&text, over < 0 ? -over : over);
    dunlin_kit_str(&text, over < 0 ? " ms early" : " ms late");
    dunlin_kit_fail(text.data);
    return -1;
}
