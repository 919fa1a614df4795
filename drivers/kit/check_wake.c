/*
 * wake: two sticky bits per socket. A spurious INTERRUPTED is legal and indistinguishable from a
 * wake, so a check never counts on one being the only; it counts on calls that come back, and on
 * ones that block again after a few.
 */
#include "internal.h"

#define SPURIOUS 4   /* in a row, before a wake is said not to be used up */
#define ROUNDS   300 /* of the race */

static int32_t recv_until(int32_t sock, uint32_t flags, int64_t deadline)
{
    uint8_t byte;
    return KIT_OPS->recv(KIT_CTX, sock, &byte, 1, flags, deadline);
}

static int32_t send_until(int32_t sock, uint32_t flags, int64_t deadline)
{
    int32_t n, more = 0;
    do { /* some bytes may still find room */
        n = KIT_OPS->send(KIT_CTX, sock, dunlin_kit.more, KIT_BUF, flags, deadline);
    } while (n > 0 && flags == 0 && more++ < 10000);
    return n;
}

static int32_t accept_until(int32_t sock, uint32_t flags, int64_t deadline)
{
    struct dunlin_addr peer;
    int32_t n = KIT_OPS->accept(KIT_CTX, sock, &peer, flags, deadline);
    dunlin_kit_track(n);
    return n;
}

static int32_t recv_from_until(int32_t sock, uint32_t flags, int64_t deadline)
{
    struct dunlin_addr from;
    return KIT_OPS->recv_from(KIT_CTX, sock, dunlin_kit.buf, KIT_BUF, flags, &from, deadline);
}

static int32_t connect_until(int32_t sock, uint32_t flags, int64_t deadline)
{
    struct dunlin_addr deaf = dunlin_kit_port(2);
    (void)flags;
    return KIT_OPS->connect(KIT_CTX, sock, NULL, &deaf, deadline);
}

typedef int32_t operation(int32_t sock, uint32_t flags, int64_t deadline);

/* A wake ends the call that is blocked. */
static void ends_blocked(operation *op, int32_t sock)
{
    int32_t n;
    int64_t limit = dunlin_kit_after(dunlin_kit.limit_ms);
    int64_t woken = dunlin_kit_after(dunlin_kit.short_ms);
    dunlin_kit_wake_later(sock);
    do {
        n = op(sock, 0, limit);
        /* Before the wake it was for nothing, which is legal. */
    } while (n == DUNLIN_ERR_INTERRUPTED && !dunlin_kit_is_past(woken - 20));
    CHECKED(dunlin_kit_join());
    WANT_IS("the call that was woken", n, DUNLIN_ERR_INTERRUPTED);
    CHECKED(dunlin_kit_on_time("the call that was woken", woken));
}

/* A wake with nobody blocked ends the next call that may wait, and only calls that may wait use it
 * up. */
static void is_kept(operation *op, int32_t sock)
{
    WANT_OK("wake", KIT_OPS->wake(KIT_CTX, sock));
    int64_t begun = dunlin_port_now_ms();
    WANT_IS("the next call that may wait", op(sock, 0, dunlin_kit_after(dunlin_kit.limit_ms)),
            DUNLIN_ERR_INTERRUPTED);
    CHECKED(dunlin_kit_on_time("the next call that may wait", begun));
}

static void is_used_up(operation *op, int32_t sock)
{
    int32_t n = DUNLIN_ERR_INTERRUPTED;
    WANT_OK("wake", KIT_OPS->wake(KIT_CTX, sock));
    int64_t deadline = dunlin_kit_after(dunlin_kit.short_ms);
    for (int i = 0; i <= SPURIOUS && n == DUNLIN_ERR_INTERRUPTED; i++)
        n = op(sock, 0, deadline);
    WANT_IS("call after call", n, DUNLIN_ERR_TIMEOUT);
}

static int32_t full(void)
{
    int32_t sock = dunlin_kit_dial("HOLE");
    return sock < 0 || dunlin_kit_fill(sock) < 0 ? -1 : sock;
}

static int32_t listener(void)
{
    struct dunlin_addr addr;
    return dunlin_kit_listen(DUNLIN_AF_INET, &addr);
}

static int32_t stream(void)
{
    return dunlin_kit_socket(DUNLIN_AF_INET, DUNLIN_SOCK_STREAM);
}

static int32_t packets(void)
{
    struct dunlin_addr any = {DUNLIN_AF_INET, 0, 0, {0}, NULL};
    int32_t sock = dunlin_kit_socket(DUNLIN_AF_INET, DUNLIN_SOCK_DGRAM);
    if (sock >= 0 && KIT_OPS->bind != NULL && KIT_OPS->bind(KIT_CTX, sock, &any) < 0)
        return -1;
    return sock;
}

static void wakes(operation *op, int32_t sock, void (*check)(operation *op, int32_t sock))
{
    WANT(sock >= 0, "no socket to wake");
    check(op, sock);
}

static void recv_blocked(void)
{
    wakes(recv_until, dunlin_kit_dial("ECHO"), ends_blocked);
}

static void send_blocked(void)
{
    wakes(send_until, full(), ends_blocked);
}

static void accept_blocked(void)
{
    wakes(accept_until, listener(), ends_blocked);
}

static void connect_blocked(void)
{
    wakes(connect_until, stream(), ends_blocked);
}

static void recv_from_blocked(void)
{
    wakes(recv_from_until, packets(), ends_blocked);
}

static void recv_kept(void)
{
    wakes(recv_until, dunlin_kit_dial("ECHO"), is_kept);
}

static void send_kept(void)
{
    wakes(send_until, full(), is_kept);
}

static void accept_kept(void)
{
    wakes(accept_until, listener(), is_kept);
}

static void connect_kept(void)
{
    wakes(connect_until, stream(), is_kept);
}

static void recv_from_kept(void)
{
    wakes(recv_from_until, packets(), is_kept);
}

static void recv_used_up(void)
{
    wakes(recv_until, dunlin_kit_dial("ECHO"), is_used_up);
}

static void send_used_up(void)
{
    wakes(send_until, full(), is_used_up);
}

static void not_for_dontwait(void)
{
    int32_t sock = dunlin_kit_dial("ECHO");
    CHECKED(sock);
    WANT_OK("wake", KIT_OPS->wake(KIT_CTX, sock));
    WANT_IS("recv with DUNLIN_DONTWAIT", recv_until(sock, DUNLIN_DONTWAIT, 0),
            DUNLIN_ERR_WOULD_BLOCK);
    WANT_IS("recv with a deadline in the past", recv_until(sock, 0, 1), DUNLIN_ERR_WOULD_BLOCK);
    WANT_IS("send with DUNLIN_DONTWAIT", KIT_OPS->send(KIT_CTX, sock, "x", 1, DUNLIN_DONTWAIT, 0),
            1);
    WANT_IS("recv, which may wait", recv_until(sock, 0, dunlin_kit_after(dunlin_kit.limit_ms)),
            DUNLIN_ERR_INTERRUPTED);
}

/* The bit of one direction is left when the other has taken its own. */
static void both_directions(void)
{
    int32_t sock = full();
    CHECKED(sock);
    WANT_OK("wake", KIT_OPS->wake(KIT_CTX, sock));
    WANT_IS("recv", recv_until(sock, 0, dunlin_kit_after(dunlin_kit.limit_ms)),
            DUNLIN_ERR_INTERRUPTED);
    WANT_IS("send after it", send_until(sock, 0, dunlin_kit_after(dunlin_kit.limit_ms)),
            DUNLIN_ERR_INTERRUPTED);
}

/* Nothing is lost or broken by a wake: the connection goes on, also the attempt to make one. */
static void goes_on(void)
{
    struct dunlin_addr peer = dunlin_kit_port(0);
    int32_t sock = stream();
    CHECKED(sock);
    WANT_OK("wake", KIT_OPS->wake(KIT_CTX, sock));
    WANT_IS("connect after a wake",
            dunlin_kit_connect(sock, &peer, dunlin_kit_after(dunlin_kit.limit_ms)), 0);
    CHECKED(dunlin_kit_send_all(sock, "ECHO\n", 5));
    for (int i = 0; i < 3; i++) {
        WANT_OK("wake", KIT_OPS->wake(KIT_CTX, sock));
        CHECKED(dunlin_kit_echo(sock));
    }
}

/* A wake before, while and after a call begins to block: none may be lost. */
static struct {
    int32_t sock;
    uint32_t rounds;
    struct dunlin_port_event next, made;
} race;

static void race_job(void *arg)
{
    (void)arg;
    for (uint32_t i = 0; i < race.rounds; i++) {
        (void)dunlin_port_event_wait(&race.next, 0);
        for (volatile uint32_t spin = 0; spin < (i * 37) % 2000; spin++) {
        }
        (void)KIT_OPS->wake(KIT_CTX, race.sock);
        dunlin_port_event_signal(&race.made);
    }
}

static void is_never_lost(void)
{
    bool lost = false;
    race.sock = dunlin_kit_dial("ECHO");
    CHECKED(race.sock);
    race.rounds = ROUNDS;
    WANT(dunlin_port_event_init(&race.next) == 0 && dunlin_port_event_init(&race.made) == 0,
         "the port has no events");
    dunlin_kit_begin(race_job, NULL);
    for (uint32_t i = 0; i < ROUNDS; i++) {
        dunlin_port_event_signal(&race.next);
        /* After a loss the other rounds only look: the second task has to come to its end. */
        int32_t n = lost ? 0 : recv_until(race.sock, 0, dunlin_kit_after(dunlin_kit.limit_ms / 2));
        lost = lost || n != DUNLIN_ERR_INTERRUPTED;
        (void)dunlin_port_event_wait(&race.made, 0);
    }
    CHECKED(dunlin_kit_join());
    dunlin_port_event_free(&race.next);
    dunlin_port_event_free(&race.made);
    WANT(!lost, "a wake was lost between two calls");
}

/* The core wakes a socket and closes it; the next one with its number is another. */
static void no_socket(void)
{
    int32_t sock = dunlin_kit_dial("ECHO");
    CHECKED(sock);
    WANT_OK("close", dunlin_kit_close(sock));
    (void)KIT_OPS->wake(KIT_CTX, sock);
    (void)KIT_OPS->wake(KIT_CTX, INT32_MAX);
    (void)KIT_OPS->wake(KIT_CTX, -77);
    sock = dunlin_kit_dial("ECHO");
    CHECKED(sock);
    CHECKED(dunlin_kit_echo(sock));
}

#define BOTH (NEED_WAITING | NEED_WAKE)

static const struct dunlin_kit_check wake_checks[] = {
    {"wake: ends a blocked recv", recv_blocked, BOTH | NEED_TASK},
    {"wake: ends a blocked send", send_blocked, BOTH | NEED_TASK},
    {"wake: ends a blocked accept", accept_blocked, BOTH | NEED_TASK | NEED_LISTEN},
    {"wake: ends a blocked connect", connect_blocked, BOTH | NEED_TASK},
    {"wake: ends a blocked recv_from", recv_from_blocked, BOTH | NEED_TASK | NEED_UDP},
    {"wake: is kept for the next recv", recv_kept, BOTH},
    {"wake: is kept for the next send", send_kept, BOTH},
    {"wake: is kept for the next accept", accept_kept, BOTH | NEED_LISTEN},
    {"wake: is kept for the next connect", connect_kept, BOTH},
    {"wake: is kept for the next recv_from", recv_from_kept, BOTH | NEED_UDP},
    {"wake: is used up by a recv", recv_used_up, BOTH},
    {"wake: is used up by a send", send_used_up, BOTH},
    {"wake: is not for calls that may not wait", not_for_dontwait, BOTH},
    {"wake: has a bit for each direction", both_directions, BOTH},
    {"wake: the connection goes on", goes_on, BOTH},
    {"wake: is never lost", is_never_lost, BOTH | NEED_TASK},
    {"wake: a number that is not open", no_socket, NEED_WAKE},
};
const struct dunlin_kit_group dunlin_kit_wakes = KIT_GROUP(wake_checks);
