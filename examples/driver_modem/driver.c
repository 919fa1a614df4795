/*
 * A driver written from docs/drivers.md: a modem with one line of I/O. It never blocks, so it has
 * step and needs no wake; every operation is one command, and what the modem cannot do now is
 * WOULD_BLOCK, or PENDING for a connect. The modem's interrupt asks for step, which fetches its
 * events and tells the core which sockets are ready.
 */
#include "driver.h"

#include "modem.h"

#include <dunlin/driver.h>

#include <string.h>

static dunlin_netdev_t device;

/* What the modem does not tell by itself. */
static struct {
    bool datagrams, connecting, connected, reading_ended;
} socks[MODEM_SOCKETS];

static int32_t result(int answer)
{
    switch (answer) {
    case MODEM_NOT_NOW:
        return DUNLIN_ERR_WOULD_BLOCK;
    case MODEM_NO_SOCKET:
        return DUNLIN_ERR_NO_SOCKETS;
    case MODEM_REFUSED:
        return DUNLIN_ERR_CONN_REFUSED;
    case MODEM_RESET:
        return DUNLIN_ERR_CONN_RESET;
    case MODEM_NO_ROUTE:
        return DUNLIN_ERR_NET_UNREACHABLE;
    case MODEM_IN_USE:
        return DUNLIN_ERR_ADDR_IN_USE;
    case MODEM_CLOSED:
        return DUNLIN_ERR_BROKEN_PIPE;
    case MODEM_NOT_CONNECTED:
        return DUNLIN_ERR_NOT_CONNECTED;
    case MODEM_GONE:
        return DUNLIN_ERR_CONN_ABORTED; /* TIMEOUT would say that the caller's deadline came */
    default:
        return answer >= 0 ? answer : dunlin_driver_error(answer);
    }
}

/* A number of the core is one of the modem's; a bug's may be anything. */
static bool is_socket(int32_t sock)
{
    return sock >= 0 && sock < MODEM_SOCKETS;
}

static int32_t to_modem(const struct dunlin_addr *addr, struct modem_addr *out)
{
    if (addr->family != DUNLIN_AF_INET && addr->family != 0)
        return DUNLIN_ERR_INVALID_ADDRESS;
    memcpy(out->ip, addr->ip, 4);
    out->port = addr->port;
    return 0;
}

static void from_modem(const struct modem_addr *addr, struct dunlin_addr *out)
{
    memset(out, 0, sizeof *out);
    out->family = DUNLIN_AF_INET;
    out->port = addr->port;
    memcpy(out->ip, addr->ip, 4);
}

static int32_t md_socket(void *ctx, uint32_t domain, uint32_t kind, uint32_t protocol)
{
    (void)ctx;
    bool datagrams = kind == DUNLIN_SOCK_DGRAM;
    uint32_t own = datagrams ? DUNLIN_IPPROTO_UDP : DUNLIN_IPPROTO_TCP;
    if (domain != DUNLIN_AF_INET || (kind != DUNLIN_SOCK_STREAM && !datagrams) ||
        (protocol != 0 && protocol != own))
        return DUNLIN_ERR_NOT_SUPPORTED;
    int sock = modem_open(datagrams);
    if (sock >= 0) {
        memset(&socks[sock], 0, sizeof socks[sock]);
        socks[sock].datagrams = datagrams;
    }
    return result(sock);
}

static int32_t md_bind(void *ctx, int32_t sock, const struct dunlin_addr *addr)
{
    (void)ctx;
    struct modem_addr local;
    int32_t err = to_modem(addr, &local);
    return err < 0 ? err : result(modem_bind(sock, &local));
}

/* PENDING until the modem says how it went; called again, it goes on with the same attempt. */
static int32_t md_connect(void *ctx, int32_t sock, const char *host, const struct dunlin_addr *addr,
                          int64_t deadline)
{
    (void)ctx;
    (void)host;
    (void)deadline;
    struct modem_addr peer;
    if (!is_socket(sock))
        return DUNLIN_ERR_BAD_HANDLE;
    if (socks[sock].connected)
        return DUNLIN_ERR_STATE;
    int32_t err = to_modem(addr, &peer);
    if (err < 0)
        return err;
    int answer = socks[sock].connecting ? modem_connected(sock) : modem_connect(sock, &peer);
    socks[sock].connecting = answer == MODEM_NOT_NOW;
    socks[sock].connected = answer >= 0;
    return answer == MODEM_NOT_NOW ? DUNLIN_ERR_PENDING : result(answer);
}

static int32_t md_listen(void *ctx, int32_t sock, uint32_t backlog)
{
    (void)ctx;
    return result(modem_listen(sock, backlog > MODEM_SOCKETS ? MODEM_SOCKETS : (int)backlog));
}

static int32_t md_accept(void *ctx, int32_t sock, struct dunlin_addr *peer, uint32_t flags,
                         int64_t deadline)
{
    (void)ctx;
    (void)flags;
    (void)deadline;
    struct modem_addr from;
    int made = modem_accept(sock, &from);
    if (made >= 0) {
        memset(&socks[made], 0, sizeof socks[made]);
        socks[made].connected = true;
        from_modem(&from, peer);
    }
    return result(made);
}

static int32_t md_send(void *ctx, int32_t sock, const void *data, size_t len, uint32_t flags,
                       int64_t deadline)
{
    (void)ctx;
    (void)flags;
    (void)deadline;
    if (!is_socket(sock))
        return DUNLIN_ERR_BAD_HANDLE;
    if (!socks[sock].connected)
        return DUNLIN_ERR_NOT_CONNECTED;
    return len == 0 && !socks[sock].datagrams ? 0 : result(modem_send(sock, data, len));
}

static int32_t md_recv_from(void *ctx, int32_t sock, void *buf, size_t len, uint32_t flags,
                            struct dunlin_addr *from, int64_t deadline)
{
    (void)ctx;
    (void)deadline;
    struct modem_addr sender;
    if ((flags & DUNLIN_PEEK) != 0)
        return DUNLIN_ERR_NOT_SUPPORTED;
    int n = modem_recv_from(sock, buf, len, &sender);
    if (n >= 0 && from != NULL)
        from_modem(&sender, from);
    return n >= 0 && (size_t)n > len ? DUNLIN_ERR_MESSAGE_SIZE : result(n);
}

static int32_t md_recv(void *ctx, int32_t sock, void *buf, size_t len, uint32_t flags,
                       int64_t deadline)
{
    if (!is_socket(sock))
        return DUNLIN_ERR_BAD_HANDLE;
    if (socks[sock].datagrams)
        return md_recv_from(ctx, sock, buf, len, flags, NULL, deadline);
    if (!socks[sock].connected)
        return DUNLIN_ERR_NOT_CONNECTED;
    if ((flags & DUNLIN_PEEK) != 0)
        return DUNLIN_ERR_NOT_SUPPORTED;
    if (len == 0 || socks[sock].reading_ended)
        return 0;
    return result(modem_recv(sock, buf, len));
}

static int32_t md_send_to(void *ctx, int32_t sock, const void *data, size_t len, uint32_t flags,
                          const struct dunlin_addr *to, int64_t deadline)
{
    (void)ctx;
    (void)flags;
    (void)deadline;
    struct modem_addr peer;
    int32_t err = to_modem(to, &peer);
    return err < 0 ? err : result(modem_send_to(sock, data, len, &peer));
}

static int32_t md_close(void *ctx, int32_t sock)
{
    (void)ctx;
    return result(modem_close(sock));
}

/* The modem cannot stop to receive: what comes is not read any more. */
static int32_t md_shutdown(void *ctx, int32_t sock, uint32_t how)
{
    (void)ctx;
    if (!is_socket(sock) || how == 0 || how > DUNLIN_SHUT_RDWR)
        return DUNLIN_ERR_INVALID;
    if ((how & DUNLIN_SHUT_RD) != 0)
        socks[sock].reading_ended = true;
    return (how & DUNLIN_SHUT_WR) != 0 ? result(modem_end_sending(sock)) : 0;
}

static int32_t address(int32_t sock, bool peer, struct dunlin_addr *addr)
{
    struct modem_addr own;
    int answer = modem_address(sock, peer, &own);
    if (answer >= 0)
        from_modem(&own, addr);
    return result(answer);
}

static int32_t md_local_addr(void *ctx, int32_t sock, struct dunlin_addr *addr)
{
    (void)ctx;
    return address(sock, false, addr);
}

static int32_t md_peer_addr(void *ctx, int32_t sock, struct dunlin_addr *addr)
{
    (void)ctx;
    return address(sock, true, addr);
}

/* Its events are 1 and 2, as DUNLIN_READABLE and DUNLIN_WRITABLE are. */
static int32_t md_step(void *ctx, int64_t deadline)
{
    (void)ctx;
    (void)deadline;
    int sock, ready;
    while (modem_event(&sock, &ready))
        dunlin_netdev_notify(device, sock, (uint32_t)ready);
    return 0;
}

static void interrupt(void)
{
    dunlin_netdev_notify(device, -1, DUNLIN_WORK);
}

int32_t modem_driver_start(dunlin_netdev_t dev)
{
    device = dev;
    return modem_start(interrupt) == 0 ? 0 : DUNLIN_ERR_IO;
}

const struct dunlin_netdev_ops modem_ops = {
    .size = sizeof(struct dunlin_netdev_ops),
    .caps = DUNLIN_CAP_UDP | DUNLIN_CAP_NOTIFY,
    .max_sockets = MODEM_SOCKETS,
    .socket = md_socket,
    .bind = md_bind,
    .connect = md_connect,
    .listen = md_listen,
    .accept = md_accept,
    .send = md_send,
    .recv = md_recv,
    .send_to = md_send_to,
    .recv_from = md_recv_from,
    .close = md_close,
    .shutdown = md_shutdown,
    .step = md_step,
    .local_addr = md_local_addr,
    .peer_addr = md_peer_addr,
};
