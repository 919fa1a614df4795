/* Datagrams. The network may lose one: an exchange is tried a few times. */
#include "internal.h"

#include <string.h>

#define TRIES 4

static int32_t packets(void)
{
    struct dunlin_addr any = {DUNLIN_AF_INET, 0, 0, {0}, NULL};
    int32_t sock = dunlin_kit_socket(DUNLIN_AF_INET, DUNLIN_SOCK_DGRAM);
    int32_t err = sock;
    if (sock >= 0 && KIT_OPS->bind != NULL)
        err = KIT_OPS->bind(KIT_CTX, sock, &any);
    if (err >= 0)
        return sock;
    dunlin_kit_fail_got("socket and bind", err, "success");
    return -1;
}

/* Sends `len` bytes of the pattern and receives the answer into `room` bytes of the buffer. */
static int32_t exchange(int32_t sock, const char *begin, size_t len, size_t room,
                        struct dunlin_addr *from)
{
    struct dunlin_addr peer = dunlin_kit_port(0);
    int32_t n = DUNLIN_ERR_TIMEOUT;
    dunlin_kit_pattern(dunlin_kit.more, len, 0);
    memcpy(dunlin_kit.more, begin, strlen(begin) < len ? strlen(begin) : len);
    for (int i = 0; i < TRIES && n == DUNLIN_ERR_TIMEOUT; i++) {
        n = dunlin_kit_send_to(sock, dunlin_kit.more, len, &peer, dunlin_kit_after(1000));
        if (n < 0)
            return n;
        n = dunlin_kit_recv_from(sock, dunlin_kit.buf, room, 0, from,
                                 dunlin_kit_after(dunlin_kit.limit_ms / TRIES));
    }
    return n;
}

static void goes_and_comes(void)
{
    static const uint16_t sizes[] = {1, 2, 64, 511, 512, 513, 1200};
    struct dunlin_addr from, peer = dunlin_kit_port(0);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        int32_t sock = packets();
        CHECKED(sock);
        memset(&from, 0xee, sizeof from);
        dunlin_kit.buf[sizes[i]] = 0xa5;
        WANT_IS("recv_from", exchange(sock, "", sizes[i], sizes[i], &from), sizes[i]);
        WANT(memcmp(dunlin_kit.buf, dunlin_kit.more, sizes[i]) == 0, "recv_from: other bytes");
        WANT(dunlin_kit.buf[sizes[i]] == 0xa5, "recv_from: written past `len`");
        WANT(from.family == peer.family && from.port == peer.port &&
                 memcmp(from.ip, peer.ip, 4) == 0,
             "recv_from: not the sender's address");
        WANT_OK("close", dunlin_kit_close(sock));
    }
}

static void empty_ones(void)
{
    struct dunlin_addr from;
    int32_t sock = packets();
    CHECKED(sock);
    WANT_IS("recv_from of an empty datagram", exchange(sock, "", 0, KIT_BUF, &from), 0);
}

static void too_long(void)
{
    struct dunlin_addr from;
    int32_t sock = packets();
    CHECKED(sock);
    memset(dunlin_kit.buf, 0xa5, 16);
    WANT_IS("recv_from of 100 bytes into 10", exchange(sock, "", 100, 10, &from),
            DUNLIN_ERR_MESSAGE_SIZE);
    WANT(memcmp(dunlin_kit.buf, dunlin_kit.more, 10) == 0, "recv_from: not the first bytes");
    WANT(dunlin_kit.buf[10] == 0xa5, "recv_from: written past `len`");
    WANT_IS("recv_from: the rest",
            dunlin_kit_recv_from(sock, dunlin_kit.buf, 100, DUNLIN_DONTWAIT, &from, 0),
            DUNLIN_ERR_WOULD_BLOCK);
    WANT_IS("the datagram after it", exchange(sock, "", 20, KIT_BUF, &from), 20);
}

static void does_not_wait(void)
{
    struct dunlin_addr from;
    int32_t sock = packets();
    CHECKED(sock);
    int64_t begun = dunlin_port_now_ms();
    WANT_IS("recv_from with DUNLIN_DONTWAIT",
            dunlin_kit_recv_from(sock, dunlin_kit.buf, KIT_BUF, DUNLIN_DONTWAIT, &from, 0),
            DUNLIN_ERR_WOULD_BLOCK);
    WANT_IS("recv_from with a deadline in the past",
            dunlin_kit_recv_from(sock, dunlin_kit.buf, KIT_BUF, 0, &from, 1),
            DUNLIN_ERR_WOULD_BLOCK);
    CHECKED(dunlin_kit_on_time("recv_from", begun));
}

static void times_out(void)
{
    struct dunlin_addr from;
    int32_t sock = packets();
    CHECKED(sock);
    int64_t deadline = dunlin_kit_after(dunlin_kit.short_ms);
    WANT_IS("recv_from", dunlin_kit_recv_from(sock, dunlin_kit.buf, KIT_BUF, 0, &from, deadline),
            DUNLIN_ERR_TIMEOUT);
    CHECKED(dunlin_kit_on_time("recv_from", deadline));
}

/* A connected socket has one peer: what others send is not for it. */
static void connected(void)
{
    struct dunlin_addr from, peer = dunlin_kit_port(0);
    int32_t n = DUNLIN_ERR_TIMEOUT, sock = packets();
    CHECKED(sock);
    WANT_IS("connect", dunlin_kit_connect(sock, &peer, dunlin_kit_after(dunlin_kit.limit_ms)), 0);
    for (int i = 0; i < TRIES && n == DUNLIN_ERR_TIMEOUT; i++) {
        WANT_IS("send", dunlin_kit_send(sock, "abc", 3, 0, dunlin_kit_after(1000)), 3);
        n = dunlin_kit_recv(sock, dunlin_kit.buf, KIT_BUF, 0, dunlin_kit_after(1000));
    }
    WANT_IS("recv", n, 3);
    WANT_IS("send", dunlin_kit_send(sock, "!OTHER", 6, 0, dunlin_kit_after(1000)), 6);
    WANT_IS("recv_from of what another port sent",
            dunlin_kit_recv_from(sock, dunlin_kit.buf, KIT_BUF, 0, &from,
                                 dunlin_kit_after(2 * dunlin_kit.short_ms)),
            DUNLIN_ERR_TIMEOUT);
}

/* One that is not connected hears everybody, and says whom. */
static void hears_others(void)
{
    struct dunlin_addr from, peer = dunlin_kit_port(0);
    int32_t sock = packets();
    CHECKED(sock);
    WANT_IS("recv_from of what another port sent", exchange(sock, "!OTHER", 6, KIT_BUF, &from), 6);
    WANT(from.family == DUNLIN_AF_INET && from.port != peer.port,
         "recv_from of what another port sent: not the sender's address");
}

static void sees_datagram(void)
{
    struct dunlin_addr peer = dunlin_kit_port(0);
    int32_t n = 0, sock = packets();
    CHECKED(sock);
    for (int i = 0; i < TRIES && n == 0; i++) {
        struct dunlin_netdev_poll item = {sock, DUNLIN_READABLE, 0xffff};
        WANT_IS("poll of an idle socket", KIT_OPS->poll(KIT_CTX, &item, 1, 1), 0);
        WANT_OK("send_to", dunlin_kit_send_to(sock, "abc", 3, &peer, dunlin_kit_after(1000)));
        do {
            n = KIT_OPS->poll(KIT_CTX, &item, 1, dunlin_kit_after(1000));
        } while (n == DUNLIN_ERR_INTERRUPTED);
        WANT(n <= 0 || item.revents == DUNLIN_READABLE, "poll: not readable, and only that");
    }
    WANT_IS("poll", n, 1);
}

static const struct dunlin_kit_check datagram_checks[] = {
    {"udp: datagrams of many sizes", goes_and_comes, NEED_UDP},
    {"udp: an empty datagram", empty_ones, NEED_UDP},
    {"udp: one that is longer than the buffer", too_long, NEED_UDP},
    {"udp: recv_from that may not wait", does_not_wait, NEED_UDP},
    {"udp: the deadline of recv_from", times_out, NEED_UDP | NEED_WAITING},
    {"udp: a connected socket", connected, NEED_UDP},
    {"udp: another sender", hears_others, NEED_UDP},
    {"udp: poll", sees_datagram, NEED_UDP | NEED_POLL | NEED_WAITING},
};
const struct dunlin_kit_group dunlin_kit_datagrams = KIT_GROUP(datagram_checks);
