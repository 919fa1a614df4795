/* send and recv, and how a stream ends. */
#include "internal.h"

#include <string.h>

#define LARGE 300000u

static void short_buffers(void)
{
    int32_t sock = dunlin_kit_dial_number("SOURCE", 40);
    CHECKED(sock);
    int64_t deadline = dunlin_kit_after(dunlin_kit.limit_ms);
    uint8_t *buf = dunlin_kit.buf;
    for (uint32_t at = 0; at < 40;) {
        memset(buf, 0xa5, 16);
        int32_t n = dunlin_kit_recv(sock, buf, 1 + at % 7, 0, deadline);
        WANT(n >= 1 && n <= (int32_t)(1 + at % 7), "recv: neither 1 to `len` bytes");
        WANT(dunlin_kit_is_pattern(buf, (size_t)n, at), "recv: bytes are lost or changed");
        WANT(buf[1 + at % 7] == 0xa5, "recv: written past `len`");
        at += (uint32_t)n;
    }
    WANT_IS("recv at the end", dunlin_kit_recv(sock, buf, 8, 0, deadline), 0);
}

static void peeks(void)
{
    int32_t sock = dunlin_kit_dial_number("SOURCE", 10);
    CHECKED(sock);
    uint8_t *buf = dunlin_kit.buf;
    int32_t n = dunlin_kit_recv(sock, buf, 10, DUNLIN_PEEK, dunlin_kit_after(dunlin_kit.limit_ms));
    if (n == DUNLIN_ERR_NOT_SUPPORTED) {
        dunlin_kit_skip("no DUNLIN_PEEK");
        return;
    }
    WANT(n > 0 && dunlin_kit_is_pattern(buf, (size_t)n, 0), "recv with DUNLIN_PEEK: other bytes");
    CHECKED(dunlin_kit_recv_all(sock, buf, 10));
    WANT(dunlin_kit_is_pattern(buf, 10, 0), "recv after DUNLIN_PEEK: the bytes are gone");
}

static void does_not_wait(void)
{
    uint8_t byte;
    int32_t sock = dunlin_kit_dial("ECHO");
    CHECKED(sock);
    int64_t begun = dunlin_port_now_ms();
    WANT_IS("recv with DUNLIN_DONTWAIT", dunlin_kit_recv(sock, &byte, 1, DUNLIN_DONTWAIT, 0),
            DUNLIN_ERR_WOULD_BLOCK);
    WANT_IS("recv with a deadline in the past", dunlin_kit_recv(sock, &byte, 1, 0, 1),
            DUNLIN_ERR_WOULD_BLOCK);
    CHECKED(dunlin_kit_on_time("recv", begun));
    CHECKED(dunlin_kit_echo(sock));
}

static void zero_lengths(void)
{
    uint8_t byte = 7;
    int32_t sock = dunlin_kit_dial("ECHO");
    CHECKED(sock);
    int64_t begun = dunlin_port_now_ms();
    WANT_IS("send of 0 bytes", dunlin_kit_send(sock, &byte, 0, DUNLIN_DONTWAIT, 0), 0);
    CHECKED(dunlin_kit_on_time("send of 0 bytes", begun));
    CHECKED(dunlin_kit_echo(sock));
    CHECKED(dunlin_kit_send_all(sock, &byte, 1));
    dunlin_kit_sleep(dunlin_kit.short_ms);
    WANT_IS("recv of 0 bytes", dunlin_kit_recv(sock, &byte, 0, DUNLIN_DONTWAIT, 0), 0);
    byte = 0;
    CHECKED(dunlin_kit_recv_all(sock, &byte, 1));
    WANT(byte == 7, "recv of 0 bytes: it took one");
}

static void full_send(void)
{
    int32_t sock = dunlin_kit_dial("HOLE");
    CHECKED(sock);
    CHECKED(dunlin_kit_fill(sock));
    int32_t n, more = 0;
    int64_t begun;
    do { /* some bytes may still find room */
        begun = dunlin_port_now_ms();
        n = dunlin_kit_send(sock, dunlin_kit.more, KIT_BUF - 1, DUNLIN_DONTWAIT, 0);
    } while (n > 0 && more++ < 10000);
    WANT_IS("send with DUNLIN_DONTWAIT, when full", n, DUNLIN_ERR_WOULD_BLOCK);
    CHECKED(dunlin_kit_on_time("send with DUNLIN_DONTWAIT", begun));
}

/* Sends LARGE bytes of the pattern and compares what the peer says. */
static void sends(const char *service)
{
    uint32_t sum = 1, count = 0, theirs = 0;
    int32_t sock = dunlin_kit_dial(service);
    CHECKED(sock);
    for (uint32_t at = 0; at < LARGE;) {
        uint32_t part = LARGE - at < KIT_BUF ? LARGE - at : KIT_BUF;
        dunlin_kit_pattern(dunlin_kit.buf, part, at);
        sum = dunlin_kit_adler(sum, dunlin_kit.buf, part);
        CHECKED(dunlin_kit_send_all(sock, dunlin_kit.buf, part));
        at += part;
    }
    WANT_OK("shutdown", KIT_OPS->shutdown(KIT_CTX, sock, DUNLIN_SHUT_WR));
    CHECKED(dunlin_kit_sunk(sock, &count, &theirs));
    WANT(count == LARGE, "send: not all that it took arrived");
    WANT(sum == theirs, "send: the checksum differs");
}

static void large_send(void)
{
    sends("SINK");
}

static void slow_reader(void)
{
    sends("SLOW");
}

static void large_recv(void)
{
    int32_t sock = dunlin_kit_dial_number("SOURCE", LARGE);
    CHECKED(sock);
    int64_t deadline = dunlin_kit_after(4 * dunlin_kit.limit_ms);
    for (uint32_t at = 0; at < LARGE;) {
        int32_t n = dunlin_kit_recv(sock, dunlin_kit.buf, KIT_BUF, 0, deadline);
        WANT(n > 0, "recv: the stream ends early");
        WANT(dunlin_kit_is_pattern(dunlin_kit.buf, (size_t)n, at), "recv: bytes lost or changed");
        at += (uint32_t)n;
    }
    WANT_IS("recv at the end", dunlin_kit_recv(sock, dunlin_kit.buf, KIT_BUF, 0, deadline), 0);
}

static void pieces(void)
{
    struct dunlin_iovec vec[20];
    if (KIT_OPS->send_vec == NULL) {
        dunlin_kit_skip("no send_vec");
        return;
    }
    int32_t sock = dunlin_kit_dial("ECHO");
    CHECKED(sock);
    dunlin_kit_pattern(dunlin_kit.more, 400, 0);
    for (uint32_t i = 0, at = 0; i < 20; at += i, i++) {
        vec[i].ptr = i % 5 == 0 ? NULL : dunlin_kit.more + at;
        vec[i].len = i % 5 == 0 ? 0 : i;
    }
    /* Pieces 5, 10, 15 are empty: what is sent has gaps. */
    size_t want = 0;
    uint8_t *expected = dunlin_kit.buf;
    for (uint32_t i = 0; i < 20; i++) {
        if (vec[i].len > 0)
            memcpy(expected + want, vec[i].ptr, vec[i].len);
        want += vec[i].len;
    }
    int32_t n;
    uint32_t tries = 0;
    do {
        n = KIT_OPS->send_vec(KIT_CTX, sock, vec, 20, DUNLIN_DONTWAIT, 1);
        if (n == DUNLIN_ERR_WOULD_BLOCK || n == DUNLIN_ERR_PENDING)
            dunlin_kit_sleep(10);
    } while ((n == DUNLIN_ERR_WOULD_BLOCK || n == DUNLIN_ERR_PENDING) && ++tries < 100);
    WANT(n > 0 && (size_t)n <= want, "send_vec: not 1 to all of the bytes");
    CHECKED(dunlin_kit_send_all(sock, expected + n, want - (size_t)n));
    CHECKED(dunlin_kit_recv_all(sock, dunlin_kit.more, want));
    WANT(memcmp(dunlin_kit.more, expected, want) == 0, "send_vec: bytes out of order or lost");
}

static void more_follows(void)
{
    uint8_t back[3];
    int32_t sock = dunlin_kit_dial("ECHO");
    CHECKED(sock);
    int64_t deadline = dunlin_kit_after(dunlin_kit.limit_ms);
    WANT_IS("send with DUNLIN_MORE", dunlin_kit_send(sock, "a", 1, DUNLIN_MORE, deadline), 1);
    CHECKED(dunlin_kit_send_all(sock, "bc", 2));
    CHECKED(dunlin_kit_recv_all(sock, back, 3));
    WANT(memcmp(back, "abc", 3) == 0, "send with DUNLIN_MORE: bytes out of order or lost");
}

/* One task sends what another receives. The job only stores: checks are the first task's. */
static struct {
    int32_t sock, result;
    uint32_t left;
} flood;

static void flood_job(void *arg)
{
    (void)arg;
    int64_t deadline = dunlin_kit_after(3 * dunlin_kit.limit_ms);
    dunlin_kit_pattern(dunlin_kit.more, 256, 0);
    while (flood.left > 0) {
        uint32_t at = (LARGE - flood.left) & 255;
        size_t len = 256 - at < flood.left ? 256 - at : flood.left;
        flood.result = KIT_OPS->send(KIT_CTX, flood.sock, dunlin_kit.more + at, len, 0, deadline);
        if (flood.result == DUNLIN_ERR_INTERRUPTED)
            continue;
        if (flood.result <= 0)
            return;
        flood.left -= (uint32_t)flood.result;
    }
}

static void both_ways(void)
{
    uint8_t want[256];
    int32_t sock = dunlin_kit_dial("ECHO");
    CHECKED(sock);
    flood.sock = sock;
    flood.left = LARGE;
    dunlin_kit_pattern(want, sizeof want, 0);
    int64_t deadline = dunlin_kit_after(3 * dunlin_kit.limit_ms);
    dunlin_kit_begin(flood_job, NULL);
    uint32_t got = 0;
    bool same = true;
    while (got < LARGE) {
        int32_t n = dunlin_kit_recv(sock, dunlin_kit.buf, KIT_BUF, 0, deadline);
        if (n <= 0)
            break;
        for (int32_t i = 0; i < n; i++)
            same = same && dunlin_kit.buf[i] == want[(got + (uint32_t)i) & 255];
        got += (uint32_t)n;
    }
    CHECKED(dunlin_kit_join());
    WANT(flood.left == 0, "send beside a recv: it ended early");
    WANT(got == LARGE, "recv beside a send: it ended early");
    WANT(same, "send and recv at once: bytes lost or changed");
}

static const struct dunlin_kit_check stream_checks[] = {
    {"stream: short buffers", short_buffers, 0},
    {"stream: a look ahead", peeks, 0},
    {"stream: recv that may not wait", does_not_wait, 0},
    {"stream: lengths of zero", zero_lengths, 0},
    {"stream: send that may not wait", full_send, 0},
    {"stream: 300 kB out", large_send, NEED_SHUTDOWN},
    {"stream: 300 kB out to a slow reader", slow_reader, NEED_SHUTDOWN},
    {"stream: 300 kB in", large_recv, 0},
    {"stream: send_vec", pieces, 0},
    {"stream: more follows", more_follows, 0},
    {"stream: both ways at once", both_ways, NEED_TASK | NEED_PARALLEL | NEED_WAITING},
};
const struct dunlin_kit_group dunlin_kit_streams = KIT_GROUP(stream_checks);
