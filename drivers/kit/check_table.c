/* The table itself, and sockets. */
#include "internal.h"

#define ALL_CAPS 1023u

static void has_required(void)
{
    const struct dunlin_netdev_ops *ops = KIT_OPS;
    WANT(dunlin_kit.config->ops->size >= offsetof(struct dunlin_netdev_ops, shutdown),
         "size: not that of the table");
    WANT(ops->socket != NULL && ops->connect != NULL && ops->send != NULL && ops->recv != NULL &&
             ops->close != NULL,
         "socket, connect, send, recv, close: one is NULL");
    WANT(ops->reserved == 0, "reserved is not 0");
    WANT((ops->caps & ~ALL_CAPS) == 0, "caps: a bit without a meaning");
}

static void claims_fit(void)
{
    const struct dunlin_netdev_ops *ops = KIT_OPS;
    uint32_t caps = ops->caps;
    WANT((ops->bind == NULL) == (ops->listen == NULL) &&
             (ops->listen == NULL) == (ops->accept == NULL),
         "bind, listen, accept: some and not all");
    WANT((caps & DUNLIN_CAP_UDP) == 0 || (ops->send_to != NULL && ops->recv_from != NULL),
         "DUNLIN_CAP_UDP without send_to and recv_from");
    WANT((caps & DUNLIN_CAP_MULTICAST) == 0 || ops->set_sock_opt != NULL,
         "DUNLIN_CAP_MULTICAST without set_sock_opt");
    WANT((caps & DUNLIN_CAP_WAKE_ISR) == 0 || ops->wake != NULL,
         "DUNLIN_CAP_WAKE_ISR without wake");
    WANT((caps & DUNLIN_CAP_BLOCKING) == 0 || ops->step == NULL,
         "DUNLIN_CAP_BLOCKING with step: it blocks, or it steps");
}

static void knows_addresses(void)
{
    struct dunlin_addr addrs[5];
    if (KIT_OPS->addr == NULL) {
        dunlin_kit_skip("no addr");
        return;
    }
    for (uint32_t capacity = 1; capacity <= 4; capacity += 3) {
        addrs[capacity].family = 0x7777;
        int32_t count = KIT_OPS->addr(KIT_CTX, addrs, capacity);
        WANT(count >= 1 && (uint32_t)count <= capacity, "addr: not 1 to `capacity` addresses");
        WANT(addrs[capacity].family == 0x7777, "addr: written past `capacity`");
        for (int32_t i = 0; i < count; i++)
            WANT(addrs[i].family == DUNLIN_AF_INET || addrs[i].family == DUNLIN_AF_INET6,
                 "addr: neither IPv4 nor IPv6");
    }
}

static const struct dunlin_kit_check table_checks[] = {
    {"table: what every driver has", has_required, 0},
    {"table: entries and claims fit", claims_fit, 0},
    {"table: its own addresses", knows_addresses, 0},
};
const struct dunlin_kit_group dunlin_kit_table = KIT_GROUP(table_checks);

static void differ(void)
{
    int32_t a = dunlin_kit_socket(DUNLIN_AF_INET, DUNLIN_SOCK_STREAM);
    WANT_OK("socket", a);
    int32_t b = dunlin_kit_socket(DUNLIN_AF_INET, DUNLIN_SOCK_STREAM);
    if (b == DUNLIN_ERR_NO_SOCKETS) {
        dunlin_kit_skip("the device has one socket");
        return;
    }
    WANT_OK("socket", b);
    WANT(a != b, "socket: a number that is in use");
}

static void refuses_kinds(void)
{
    const struct dunlin_netdev_ops *ops = KIT_OPS;
    WANT_IS("socket of family 99", ops->socket(KIT_CTX, 99, DUNLIN_SOCK_STREAM, 0),
            DUNLIN_ERR_NOT_SUPPORTED);
    WANT_IS("socket of kind 99", ops->socket(KIT_CTX, DUNLIN_AF_INET, 99, 0),
            DUNLIN_ERR_NOT_SUPPORTED);
    WANT_IS("a stream of UDP",
            ops->socket(KIT_CTX, DUNLIN_AF_INET, DUNLIN_SOCK_STREAM, DUNLIN_IPPROTO_UDP),
            DUNLIN_ERR_NOT_SUPPORTED);
}

static void refuses_unclaimed(void)
{
    const struct {
        uint32_t cap, domain, kind;
    } all[] = {
        {DUNLIN_CAP_IPV6, DUNLIN_AF_INET6, DUNLIN_SOCK_STREAM},
        {DUNLIN_CAP_UDP, DUNLIN_AF_INET, DUNLIN_SOCK_DGRAM},
        {DUNLIN_CAP_UNIX, DUNLIN_AF_UNIX, DUNLIN_SOCK_STREAM},
        {DUNLIN_CAP_RAW, DUNLIN_AF_INET, DUNLIN_SOCK_RAW},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if ((KIT_OPS->caps & all[i].cap) == 0)
            WANT_IS("socket of a kind that is not claimed",
                    KIT_OPS->socket(KIT_CTX, all[i].domain, all[i].kind, 0),
                    DUNLIN_ERR_NOT_SUPPORTED);
    }
}

/* Every operation with numbers that are no socket: the core never does that, a bug may. */
static void refuses_numbers(void)
{
    const struct dunlin_netdev_ops *ops = KIT_OPS;
    struct dunlin_addr peer = dunlin_kit_port(0);
    int32_t closed = dunlin_kit_socket(DUNLIN_AF_INET, DUNLIN_SOCK_STREAM);
    WANT_OK("socket", closed);
    WANT_OK("close", dunlin_kit_close(closed));
    const int32_t numbers[] = {-1, INT32_MAX, closed};
    for (size_t i = 0; i < 3; i++) {
        int32_t sock = numbers[i];
        uint8_t byte = 0;
        int64_t soon = dunlin_kit_after(dunlin_kit.short_ms);
        WANT_ERROR("recv on a number that is not open",
                   ops->recv(KIT_CTX, sock, &byte, 1, 0, soon));
        WANT_ERROR("send on a number that is not open",
                   ops->send(KIT_CTX, sock, &byte, 1, 0, soon));
        WANT_ERROR("connect on a number that is not open",
                   ops->connect(KIT_CTX, sock, NULL, &peer, soon));
        if (ops->accept != NULL)
            WANT_ERROR("accept on a number that is not open",
                       ops->accept(KIT_CTX, sock, &peer, 0, soon));
        WANT_ERROR("close of a number that is not open", ops->close(KIT_CTX, sock));
    }
}

static void is_exhausted(void)
{
    int32_t sock = 0, result;
    while (dunlin_kit.open_count < DUNLIN_DRIVER_KIT_SOCKETS && sock >= 0) {
        sock = dunlin_kit_socket(DUNLIN_AF_INET, DUNLIN_SOCK_STREAM);
        for (uint32_t i = 0; sock >= 0 && i + 1 < dunlin_kit.open_count; i++)
            WANT(dunlin_kit.open[i] != sock, "socket: a number that is in use");
    }
    if (sock >= 0) {
        dunlin_kit_skip("the device has more sockets than the kit holds");
        return;
    }
    WANT_IS("socket, when all are open", sock, DUNLIN_ERR_NO_SOCKETS);
    uint32_t most = KIT_OPS->max_sockets;
    WANT(most == 0 || dunlin_kit.open_count <= most, "max_sockets: there are more");
    for (int round = 0; round < 3; round++) {
        WANT_OK("close", dunlin_kit_close(dunlin_kit.open[dunlin_kit.open_count / 2]));
        result = dunlin_kit_socket(DUNLIN_AF_INET, DUNLIN_SOCK_STREAM);
        WANT_OK("socket, when one was closed", result);
        WANT_IS("socket, when all are open again",
                dunlin_kit_socket(DUNLIN_AF_INET, DUNLIN_SOCK_STREAM), DUNLIN_ERR_NO_SOCKETS);
    }
    dunlin_kit_close_all();
    int32_t echo = dunlin_kit_dial("ECHO");
    CHECKED(echo);
    CHECKED(dunlin_kit_echo(echo));
}

static void churns(void)
{
    for (int round = 0; round < 60; round++) {
        int32_t sock = dunlin_kit_dial("ECHO");
        CHECKED(sock);
        WANT_OK("close", dunlin_kit_close(sock));
    }
    int32_t echo = dunlin_kit_dial("ECHO");
    CHECKED(echo);
    CHECKED(dunlin_kit_echo(echo));
}

static const struct dunlin_kit_check socket_checks[] = {
    {"socket: each its own number", differ, 0},
    {"socket: kinds that nobody has", refuses_kinds, 0},
    {"socket: kinds that are not claimed", refuses_unclaimed, 0},
    {"socket: numbers that are not open", refuses_numbers, 0},
    {"socket: all of them, and again after a close", is_exhausted, 0},
    {"socket: 60 connections, one after another", churns, 0},
};
const struct dunlin_kit_group dunlin_kit_sockets = KIT_GROUP(socket_checks);
