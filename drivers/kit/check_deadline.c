/* Deadlines of operations that block. connect, poll and datagrams have theirs in their own files.
 */
#include "internal.h"

/* The driver's own calls, without the kit's: the core passes on what they answer. */
static int32_t recv_raw(int32_t sock, int64_t deadline)
{
    uint8_t byte;
    int32_t n, spurious = 0;
    do {
        n = KIT_OPS->recv(KIT_CTX, sock, &byte, 1, 0, deadline);
    } while (n == DUNLIN_ERR_INTERRUPTED && spurious++ < 3);
    return n;
}

static void recv_times_out(void)
{
    int32_t sock = dunlin_kit_dial("ECHO");
    CHECKED(sock);
    for (int round = 1; round <= 2; round++) {
        int64_t deadline = dunlin_kit_after(round * dunlin_kit.short_ms);
        WANT_IS("recv", recv_raw(sock, deadline), DUNLIN_ERR_TIMEOUT);
        CHECKED(dunlin_kit_on_time("recv", deadline));
    }
    CHECKED(dunlin_kit_echo(sock));
}

/* Data ends the wait, not the deadline; and no deadline is none. */
static void waits_for(int64_t deadline)
{
    struct dunlin_kit_text line = {0, {0}};
    dunlin_kit_str(&line, "LATE ");
    dunlin_kit_int(&line, 2 * dunlin_kit.short_ms);
    dunlin_kit_str(&line, " 1");
    int32_t sock = dunlin_kit_dial(line.data);
    CHECKED(sock);
    int64_t due = dunlin_kit_after(2 * dunlin_kit.short_ms);
    int32_t n = recv_raw(sock, deadline);
    WANT_IS("recv, of what comes later", n, 1);
    WANT(dunlin_port_now_ms() <= due + dunlin_kit.late_ms, "recv: it waited on after the data");
}

static void recv_waits(void)
{
    waits_for(dunlin_kit_after(dunlin_kit.limit_ms));
}

static void recv_waits_long(void)
{
    waits_for(0);
}

static void send_times_out(void)
{
    int32_t n, spurious = 0;
    int32_t sock = dunlin_kit_dial("HOLE");
    CHECKED(sock);
    CHECKED(dunlin_kit_fill(sock));
    int64_t deadline = dunlin_kit_after(dunlin_kit.short_ms);
    do {
        n = KIT_OPS->send(KIT_CTX, sock, dunlin_kit.more, KIT_BUF, 0, deadline);
        /* Some bytes may still have found room. */
    } while ((n == DUNLIN_ERR_INTERRUPTED || n > 0) && spurious++ < 10000);
    WANT_IS("send", n, DUNLIN_ERR_TIMEOUT);
    CHECKED(dunlin_kit_on_time("send", deadline));
    spurious = 0;
    int64_t begun = dunlin_port_now_ms();
    do {
        n = KIT_OPS->send(KIT_CTX, sock, dunlin_kit.more, KIT_BUF, 0, 1);
    } while (n > 0 && spurious++ < 10000);
    WANT_IS("send with a deadline in the past", n, DUNLIN_ERR_WOULD_BLOCK);
    CHECKED(dunlin_kit_on_time("send with a deadline in the past", begun));
}

static void accept_times_out(void)
{
    struct dunlin_addr addr, peer;
    int32_t n, spurious = 0;
    int32_t sock = dunlin_kit_listen(DUNLIN_AF_INET, &addr);
    CHECKED(sock);
    int64_t deadline = dunlin_kit_after(dunlin_kit.short_ms);
    do {
        n = KIT_OPS->accept(KIT_CTX, sock, &peer, 0, deadline);
    } while (n == DUNLIN_ERR_INTERRUPTED && spurious++ < 3);
    WANT_IS("accept", n, DUNLIN_ERR_TIMEOUT);
    CHECKED(dunlin_kit_on_time("accept", deadline));
}

static const struct dunlin_kit_check deadline_checks[] = {
    {"deadline: recv", recv_times_out, NEED_WAITING},
    {"deadline: recv ends with the data", recv_waits, NEED_WAITING},
    {"deadline: recv without one", recv_waits_long, NEED_WAITING},
    {"deadline: send", send_times_out, NEED_WAITING},
    {"deadline: accept", accept_times_out, NEED_WAITING | NEED_LISTEN},
};
const struct dunlin_kit_group dunlin_kit_deadlines = KIT_GROUP(deadline_checks);
