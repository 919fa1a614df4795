/* How a stream ends: in order, one direction at a time, by a reset. */
#include "internal.h"

static void ends(void)
{
    uint8_t byte;
    int32_t sock = dunlin_kit_dial_number("SOURCE", 1);
    CHECKED(sock);
    int64_t deadline = dunlin_kit_after(dunlin_kit.limit_ms);
    CHECKED(dunlin_kit_recv_all(sock, &byte, 1));
    WANT_IS("recv at the end", dunlin_kit_recv(sock, &byte, 1, 0, deadline), 0);
    WANT_IS("recv at the end, again", dunlin_kit_recv(sock, &byte, 1, 0, deadline), 0);
    WANT_IS("recv at the end with DUNLIN_DONTWAIT",
            dunlin_kit_recv(sock, &byte, 1, DUNLIN_DONTWAIT, 0), 0);
}

static void is_reset(void)
{
    uint8_t byte;
    int32_t sock = dunlin_kit_dial("RESET");
    CHECKED(sock);
    WANT_IS("recv after a reset",
            dunlin_kit_recv(sock, &byte, 1, 0, dunlin_kit_after(dunlin_kit.limit_ms)),
            DUNLIN_ERR_CONN_RESET);
}

static void send_fails(void)
{
    int32_t n = 1;
    int32_t sock = dunlin_kit_dial("RESET");
    CHECKED(sock);
    int64_t deadline = dunlin_kit_after(dunlin_kit.limit_ms);
    while (n > 0 && !dunlin_kit_is_past(deadline)) {
        dunlin_kit_sleep(10);
        n = dunlin_kit_send(sock, "x", 1, 0, deadline);
    }
    WANT(n < 0, "send: it still takes bytes after a reset");
    if (n != DUNLIN_ERR_BROKEN_PIPE)
        WANT_IS("send after a reset", n, DUNLIN_ERR_CONN_RESET);
}

/* The peer's last words are read after our own end. */
static void half_close(void)
{
    uint8_t byte;
    uint32_t count = 0, sum = 0;
    int32_t sock = dunlin_kit_dial("SINK");
    CHECKED(sock);
    CHECKED(dunlin_kit_send_all(sock, "abc", 3));
    WANT_OK("shutdown", KIT_OPS->shutdown(KIT_CTX, sock, DUNLIN_SHUT_WR));
    CHECKED(dunlin_kit_sunk(sock, &count, &sum));
    WANT(count == 3, "shutdown of sending: the peer did not get what was sent before");
    WANT_IS("recv", dunlin_kit_recv(sock, &byte, 1, 0, dunlin_kit_after(dunlin_kit.limit_ms)), 0);
    WANT_ERROR("send after its shutdown",
               dunlin_kit_send(sock, "x", 1, 0, dunlin_kit_after(dunlin_kit.short_ms)));
}

static void half_open(void)
{
    uint8_t byte;
    uint32_t count = 0, sum = 0;
    int32_t sock = dunlin_kit_dial("HALF");
    CHECKED(sock);
    WANT_IS("recv", dunlin_kit_recv(sock, &byte, 1, 0, dunlin_kit_after(dunlin_kit.limit_ms)), 0);
    for (int i = 0; i < 3; i++)
        CHECKED(dunlin_kit_send_all(sock, "abcd", 4));
    WANT_OK("close", dunlin_kit_close(sock));
    int64_t deadline = dunlin_kit_after(dunlin_kit.limit_ms);
    do {
        dunlin_kit_sleep(20);
        int32_t stat = dunlin_kit_dial("STAT");
        CHECKED(stat);
        CHECKED(dunlin_kit_sunk(stat, &count, &sum));
    } while (count != 12 && !dunlin_kit_is_past(deadline));
    WANT(count == 12, "send after the peer's end: not all of it arrived");
}

static void end_of_reading(void)
{
    uint8_t byte;
    int32_t sock = dunlin_kit_dial("ECHO");
    CHECKED(sock);
    CHECKED(dunlin_kit_echo(sock));
    WANT_OK("shutdown", KIT_OPS->shutdown(KIT_CTX, sock, DUNLIN_SHUT_RD));
    WANT_IS("recv after its shutdown",
            dunlin_kit_recv(sock, &byte, 1, 0, dunlin_kit_after(dunlin_kit.short_ms)), 0);
    CHECKED(dunlin_kit_send_all(sock, "x", 1));
}

static const struct dunlin_kit_check end_checks[] = {
    {"end: the peer's, in order", ends, 0},
    {"end: a reset is no end of the stream", is_reset, 0},
    {"end: send after a reset", send_fails, 0},
    {"end: shutdown of sending", half_close, NEED_SHUTDOWN},
    {"end: shutdown of receiving", end_of_reading, NEED_SHUTDOWN},
    {"end: sending on after the peer's", half_open, 0},
};
const struct dunlin_kit_group dunlin_kit_ends = KIT_GROUP(end_checks);
