/* connect, and names. */
#include "internal.h"

#include <string.h>

static int32_t stream(void)
{
    int32_t sock = dunlin_kit_socket(DUNLIN_AF_INET, DUNLIN_SOCK_STREAM);
    if (sock < 0)
        dunlin_kit_fail_got("socket", sock, "a socket");
    return sock;
}

static void connects(void)
{
    int32_t sock = dunlin_kit_dial("ECHO");
    CHECKED(sock);
    CHECKED(dunlin_kit_echo(sock));
}

static void is_refused(void)
{
    struct dunlin_addr refused = dunlin_kit_port(1);
    int32_t sock = stream();
    CHECKED(sock);
    WANT_IS("connect", dunlin_kit_connect(sock, &refused, dunlin_kit_after(dunlin_kit.limit_ms)),
            DUNLIN_ERR_CONN_REFUSED);
    WANT_OK("close after it", dunlin_kit_close(sock));
}

static void is_unreachable(void)
{
    const struct dunlin_addr *addr = &dunlin_kit.config->unreachable;
    if (addr->family == 0) {
        dunlin_kit_skip("no such address is configured");
        return;
    }
    int32_t sock = dunlin_kit_socket(addr->family, DUNLIN_SOCK_STREAM);
    WANT_OK("socket", sock);
    int32_t err = dunlin_kit_connect(sock, addr, dunlin_kit_after(dunlin_kit.limit_ms));
    if (err != DUNLIN_ERR_HOST_UNREACHABLE)
        WANT_IS("connect", err, DUNLIN_ERR_NET_UNREACHABLE);
}

static void not_twice(void)
{
    struct dunlin_addr peer = dunlin_kit_port(0);
    int32_t sock = dunlin_kit_dial("ECHO");
    CHECKED(sock);
    WANT_ERROR("connect on a connected socket",
               dunlin_kit_connect(sock, &peer, dunlin_kit_after(dunlin_kit.limit_ms)));
    CHECKED(dunlin_kit_echo(sock));
}

/* Nobody answers there: the attempt has to end by itself, and may go on. */
static void keeps_deadline(void)
{
    struct dunlin_addr deaf = dunlin_kit_port(2);
    int32_t sock = stream();
    CHECKED(sock);
    for (int round = 0; round < 2; round++) {
        int64_t deadline = dunlin_kit_after(dunlin_kit.short_ms);
        WANT_IS("connect", dunlin_kit_connect(sock, &deaf, deadline), DUNLIN_ERR_TIMEOUT);
        CHECKED(dunlin_kit_on_time("connect", deadline));
    }
    WANT_OK("close in mid-attempt", dunlin_kit_close(sock));
}

/* Begun with a call that may not wait, ended by ones that may. */
static void goes_on(void)
{
    struct dunlin_addr deaf = dunlin_kit_port(2), peer = dunlin_kit_port(0);
    int32_t sock = stream();
    CHECKED(sock);
    int64_t begun = dunlin_port_now_ms();
    WANT_IS("connect with a deadline in the past", dunlin_kit_connect(sock, &deaf, 1),
            DUNLIN_ERR_WOULD_BLOCK);
    CHECKED(dunlin_kit_on_time("connect with a deadline in the past", begun));
    WANT_OK("close", dunlin_kit_close(sock));
    sock = stream();
    CHECKED(sock);
    int32_t err = dunlin_kit_connect(sock, &peer, 1);
    if (err == DUNLIN_ERR_WOULD_BLOCK)
        err = dunlin_kit_connect(sock, &peer, dunlin_kit_after(dunlin_kit.limit_ms));
    WANT_IS("connect, called again", err, 0);
    CHECKED(dunlin_kit_send_all(sock, "ECHO\n", 5));
    CHECKED(dunlin_kit_echo(sock));
}

static void needs_connection(void)
{
    uint8_t byte = 1;
    int32_t sock = stream();
    CHECKED(sock);
    int64_t soon = dunlin_kit_after(dunlin_kit.limit_ms);
    WANT_ERROR("recv before connect", dunlin_kit_recv(sock, &byte, 1, 0, soon));
    WANT_ERROR("send before connect", dunlin_kit_send(sock, &byte, 1, 0, soon));
}

static uint32_t hex_digit(char c)
{
    return (uint32_t)(c >= 'a' ? c - 'a' + 10 : c - '0');
}

/* The addresses as the device and as the peer see them. */
static void has_addresses(void)
{
    const struct dunlin_addr *peer = &dunlin_kit.config->peer;
    struct dunlin_addr local, remote;
    uint8_t line[64];
    size_t len = 0;
    int32_t sock = dunlin_kit_dial("WHO");
    CHECKED(sock);
    if (KIT_OPS->peer_addr != NULL) {
        memset(&remote, 0xee, sizeof remote);
        WANT_OK("peer_addr", KIT_OPS->peer_addr(KIT_CTX, sock, &remote));
        WANT(remote.family == peer->family && remote.port == peer->port &&
                 memcmp(remote.ip, peer->ip, 4) == 0,
             "peer_addr: not the address that was connected to");
    }
    memset(&local, 0xee, sizeof local);
    WANT_OK("local_addr", KIT_OPS->local_addr(KIT_CTX, sock, &local));
    WANT(local.family == DUNLIN_AF_INET && local.port != 0, "local_addr: no IPv4 address and port");
    do {
        CHECKED(dunlin_kit_recv_all(sock, &line[len], 1));
    } while (line[len++] != '\n' && len < sizeof line);
    if (dunlin_kit.config->reach.family != 0 || len < 10)
        return; /* something translates addresses in between */
    uint32_t port = 0;
    for (size_t i = 9; i + 1 < len; i++)
        port = port * 10 + (uint32_t)(line[i] - '0');
    bool same = local.port == port;
    for (size_t i = 0; i < 4; i++)
        same = same &&
               local.ip[i] == hex_digit((char)line[2 * i]) * 16 + hex_digit((char)line[2 * i + 1]);
    WANT(same, "local_addr: not the address that the peer sees");
}

static const struct dunlin_kit_check connect_checks[] = {
    {"connect: to the peer, and a few words", connects, 0},
    {"connect: a refused port", is_refused, 0},
    {"connect: an address without a route", is_unreachable, 0},
    {"connect: not twice", not_twice, 0},
    {"connect: its deadline, and the next one", keeps_deadline, 0},
    {"connect: begun without waiting, and gone on with", goes_on, 0},
    {"connect: neither send nor recv without it", needs_connection, 0},
    {"connect: local and peer address", has_addresses, NEED_LOCAL},
};
const struct dunlin_kit_group dunlin_kit_connects = KIT_GROUP(connect_checks);
