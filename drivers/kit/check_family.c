/* What a driver may claim beyond IPv4 and TCP: IPv6, unix sockets, raw IP, multicast. */
#include "internal.h"

#include <string.h>

static int64_t limit(void)
{
    return dunlin_kit_after(dunlin_kit.limit_ms);
}

static void ipv6_stream(void)
{
    struct dunlin_addr refused = dunlin_kit.config->peer6, addr;
    int32_t sock = dunlin_kit_dial_over(&dunlin_kit.config->peer6, "ECHO");
    CHECKED(sock);
    CHECKED(dunlin_kit_echo(sock));
    if (KIT_OPS->peer_addr != NULL) {
        memset(&addr, 0xee, sizeof addr);
        WANT_OK("peer_addr", KIT_OPS->peer_addr(KIT_CTX, sock, &addr));
        WANT(addr.family == DUNLIN_AF_INET6 && addr.port == refused.port &&
                 memcmp(addr.ip, refused.ip, 16) == 0,
             "peer_addr: not the address that was connected to");
    }
    sock = dunlin_kit_socket(DUNLIN_AF_INET6, DUNLIN_SOCK_STREAM);
    WANT_OK("socket", sock);
    refused.port++;
    WANT_IS("connect to a refused port", dunlin_kit_connect(sock, &refused, limit()),
            DUNLIN_ERR_CONN_REFUSED);
}

static void ipv6_datagram(void)
{
    const struct dunlin_addr *peer = &dunlin_kit.config->peer6;
    struct dunlin_addr from;
    int32_t n = DUNLIN_ERR_TIMEOUT;
    int32_t sock = dunlin_kit_socket(DUNLIN_AF_INET6, DUNLIN_SOCK_DGRAM);
    WANT_OK("socket", sock);
    memset(&from, 0xee, sizeof from);
    for (int i = 0; i < 4 && n == DUNLIN_ERR_TIMEOUT; i++) {
        WANT_OK("send_to", dunlin_kit_send_to(sock, "abc", 3, peer, limit()));
        n = dunlin_kit_recv_from(sock, dunlin_kit.buf, KIT_BUF, 0, &from, dunlin_kit_after(1000));
    }
    WANT_IS("recv_from", n, 3);
    WANT(from.family == DUNLIN_AF_INET6 && from.port == peer->port &&
             memcmp(from.ip, peer->ip, 16) == 0,
         "recv_from: not the sender's address");
}

static void unix_stream(void)
{
    struct dunlin_addr addr = {DUNLIN_AF_UNIX, 0, 0, {0}, dunlin_kit.config->unix_path}, from;
    char back[3];
    int32_t early = dunlin_kit_socket(DUNLIN_AF_UNIX, DUNLIN_SOCK_STREAM);
    WANT_OK("socket", early);
    WANT_ERROR("connect before anybody listens", dunlin_kit_connect(early, &addr, limit()));
    int32_t sock = dunlin_kit_socket(DUNLIN_AF_UNIX, DUNLIN_SOCK_STREAM);
    WANT_OK("socket", sock);
    WANT_IS("bind", KIT_OPS->bind(KIT_CTX, sock, &addr), 0);
    WANT_IS("listen", KIT_OPS->listen(KIT_CTX, sock, 4), 0);
    int32_t client = dunlin_kit_socket(DUNLIN_AF_UNIX, DUNLIN_SOCK_STREAM);
    WANT_OK("socket", client);
    WANT_IS("connect", dunlin_kit_connect(client, &addr, limit()), 0);
    int32_t server = dunlin_kit_accept(sock, &from, 0, limit());
    WANT_OK("accept", server);
    CHECKED(dunlin_kit_send_all(client, "abc", 3));
    CHECKED(dunlin_kit_recv_all(server, back, 3));
    WANT(memcmp(back, "abc", 3) == 0, "other bytes came than were sent");
    WANT_OK("close", dunlin_kit_close(client));
    WANT_IS("recv at the end", dunlin_kit_recv(server, back, 1, 0, limit()), 0);
}

static void raw(void)
{
    if ((KIT_OPS->caps & DUNLIN_CAP_RAW) == 0) {
        dunlin_kit_skip("not claimed");
        return;
    }
    int32_t sock = KIT_OPS->socket(KIT_CTX, DUNLIN_AF_INET, DUNLIN_SOCK_RAW, 1 /* ICMP */);
    if (sock == DUNLIN_ERR_PERMISSION) {
        dunlin_kit_skip("no permission");
        return;
    }
    WANT_OK("socket", sock);
    dunlin_kit_track(sock);
}

/* The group's address; the interface is the device's choice. */
static struct dunlin_addr group(void)
{
    struct dunlin_addr addr = {DUNLIN_AF_INET, 0, 0, {239, 255, 77, 11}, NULL};
    return addr;
}

static int32_t join(int32_t sock, uint32_t option)
{
    struct dunlin_addr addr = group();
    return KIT_OPS->set_sock_opt(KIT_CTX, sock, DUNLIN_IPPROTO_IP, option, &addr, sizeof addr);
}

static void groups(void)
{
    struct dunlin_addr any = {DUNLIN_AF_INET, 0, 0, {0}, NULL};
    int32_t sock = dunlin_kit_socket(DUNLIN_AF_INET, DUNLIN_SOCK_DGRAM);
    WANT_OK("socket", sock);
    if (KIT_OPS->bind != NULL)
        WANT_OK("bind", KIT_OPS->bind(KIT_CTX, sock, &any));
    int32_t err = join(sock, DUNLIN_SO_MULTICAST_JOIN);
    if (err == DUNLIN_ERR_NO_DEVICE || err == DUNLIN_ERR_NET_UNREACHABLE) {
        dunlin_kit_skip("no interface carries multicast");
        return;
    }
    WANT_IS("DUNLIN_SO_MULTICAST_JOIN", err, 0);
    WANT_IS("DUNLIN_SO_MULTICAST_LEAVE", join(sock, DUNLIN_SO_MULTICAST_LEAVE), 0);
    WANT_ERROR("DUNLIN_SO_MULTICAST_LEAVE of a group that was left",
               join(sock, DUNLIN_SO_MULTICAST_LEAVE));
}

static const struct dunlin_kit_check family_checks[] = {
    {"ipv6: a stream, and a refusal", ipv6_stream, NEED_IPV6},
    {"ipv6: datagrams", ipv6_datagram, NEED_IPV6 | NEED_UDP},
    {"unix: a stream", unix_stream, NEED_UNIX | NEED_LISTEN},
    {"raw: a socket", raw, 0},
    {"multicast: join and leave", groups, NEED_UDP | NEED_GROUPS | NEED_OPTIONS},
};
const struct dunlin_kit_group dunlin_kit_families = KIT_GROUP(family_checks);
