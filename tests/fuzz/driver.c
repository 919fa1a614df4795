/* A driver that answers anything, as its caller's choices say; it keeps to the rules of sockets only. */
#include "fuzz.h"

#include <time.h>

#define SOCKETS 24

static bool open_now[SOCKETS];

uint32_t fuzz_sockets(void)
{
    uint32_t n = 0;
    for (int i = 0; i < SOCKETS; i++) {
        n += open_now[i];
    }
    return n;
}

static int32_t new_socket(void)
{
    for (int32_t i = 0; i < SOCKETS; i++) {
        if (!open_now[i]) {
            open_now[i] = true;
            return i;
        }
    }
    return DUNLIN_ERR_NO_SOCKETS;
}

static void check(int32_t sock)
{
    if (sock < 0 || sock >= SOCKETS || !open_now[sock]) {
        fuzz_fail("the driver was called with a socket that is not open", sock);
    }
}

/* An error, seldom one that no driver may return. */
static int32_t error(void)
{
    static const int32_t codes[] = {DUNLIN_ERR_IO, DUNLIN_ERR_CONN_RESET, DUNLIN_ERR_NO_MEMORY, DUNLIN_ERR_NET_DOWN,
        DUNLIN_ERR_CONN_REFUSED, DUNLIN_ERR_NOT_SUPPORTED, DUNLIN_ERR_ADDR_IN_USE, DUNLIN_ERR_DRIVER(7),
        DUNLIN_ERR_MESSAGE_SIZE, DUNLIN_ERR_TIMEOUT, DUNLIN_ERR_CLOSED, DUNLIN_ERR_EOF, INT32_MIN, -1, -4097,
        DUNLIN_ERR_NO_SUCH_HOST};
    return codes[pick(sizeof codes / sizeof codes[0])];
}

/* Nothing is ready: waits as long as it may. */
static int32_t not_ready(uint32_t flags, int64_t deadline)
{
    int64_t ms = dunlin_remaining_ms(deadline);
    if ((flags & DUNLIN_DONTWAIT) != 0 || (deadline != 0 && ms == 0)) {
        return DUNLIN_ERR_WOULD_BLOCK;
    }
    if (deadline == 0) {
        return DUNLIN_ERR_CONN_RESET; /* nobody would end the wait */
    }
    struct timespec ts = {0, (long)(ms > 3 ? 3 : ms) * 1000000L};
    nanosleep(&ts, NULL);
    return ms > 3 ? DUNLIN_ERR_INTERRUPTED : DUNLIN_ERR_TIMEOUT;
}

static int32_t done(void)
{
    return once_in(16) ? error() : 0;
}

static void peer(struct dunlin_addr *addr)
{
    memset(addr, 0, sizeof *addr);
    addr->family = once_in(16) ? (uint16_t)pick(65536) : DUNLIN_AF_INET;
    addr->port = (uint16_t)pick(65536);
    addr->ip[0] = 10;
}

static int32_t f_lookup(void *ctx, const char *name, uint32_t family, struct dunlin_addr *addrs, uint32_t capacity,
                        int64_t deadline)
{
    (void)ctx, (void)family, (void)deadline;
    if (strlen(name) > 255) {
        fuzz_fail("a long name", (int64_t)strlen(name));
    }
    for (uint32_t i = 0; i < capacity; i++) {
        peer(&addrs[i]);
    }
    return once_in(4) ? error() : (int32_t)pick(capacity + (once_in(16) ? 2 : 1));
}

static int32_t f_addr(void *ctx, struct dunlin_addr *addrs, uint32_t capacity)
{
    (void)ctx;
    if (capacity == 0 || once_in(16)) {
        return error();
    }
    peer(addrs);
    return 1;
}

static int32_t f_socket(void *ctx, uint32_t domain, uint32_t type, uint32_t protocol)
{
    (void)ctx, (void)domain, (void)type, (void)protocol;
    return once_in(24) ? error() : new_socket();
}

static int32_t f_bind(void *ctx, int32_t sock, const struct dunlin_addr *addr)
{
    (void)ctx, (void)addr;
    check(sock);
    return done();
}

static int32_t f_connect(void *ctx, int32_t sock, const char *host, const struct dunlin_addr *addr, int64_t deadline)
{
    (void)ctx, (void)host, (void)addr;
    check(sock);
    return once_in(16) ? not_ready(0, deadline) : done();
}

static int32_t f_listen(void *ctx, int32_t sock, uint32_t backlog)
{
    (void)ctx, (void)backlog;
    check(sock);
    return done();
}

static int32_t f_accept(void *ctx, int32_t sock, struct dunlin_addr *addr, uint32_t flags, int64_t deadline)
{
    (void)ctx;
    check(sock);
    peer(addr);
    return once_in(3) ? not_ready(flags, deadline) : once_in(12) ? error() : new_socket();
}

static int32_t sent(size_t len)
{
    return once_in(4) && len > 0 ? (int32_t)pick((uint32_t)len + 2) : (int32_t)len;
}

static int32_t f_send(void *ctx, int32_t sock, const void *data, size_t len, uint32_t flags, int64_t deadline)
{
    const volatile uint8_t *bytes = data;
    (void)ctx;
    check(sock);
    for (size_t i = 0; i < len; i += len - 1 > 0 ? len - 1 : 1) {
        (void)bytes[i]; /* the first and the last are there */
    }
    return once_in(10) ? not_ready(flags, deadline) : once_in(16) ? error() : sent(len);
}

static int32_t f_recv(void *ctx, int32_t sock, void *buf, size_t len, uint32_t flags, int64_t deadline)
{
    (void)ctx;
    check(sock);
    if (once_in(5)) {
        return not_ready(flags, deadline);
    }
    if (once_in(12)) {
        return error();
    }
    size_t n = once_in(4) ? pick((uint32_t)(len > 2000 ? 2000 : len) + 1) : len > 80 ? 80 : len;
    fuzz_fill(buf, n);
    return once_in(40) ? (int32_t)len + 1 : (int32_t)n;
}

static int32_t f_send_to(void *ctx, int32_t sock, const void *data, size_t len, uint32_t flags,
                         const struct dunlin_addr *to, int64_t deadline)
{
    (void)to;
    return f_send(ctx, sock, data, len, flags, deadline);
}

static int32_t f_recv_from(void *ctx, int32_t sock, void *buf, size_t len, uint32_t flags, struct dunlin_addr *from,
                           int64_t deadline)
{
    peer(from);
    return f_recv(ctx, sock, buf, len, flags, deadline);
}

static int32_t f_close(void *ctx, int32_t sock)
{
    (void)ctx;
    check(sock);
    open_now[sock] = false;
    return done();
}

static int32_t f_set(void *ctx, int32_t sock, uint32_t level, uint32_t option, const void *value, size_t len)
{
    (void)ctx, (void)level, (void)option, (void)value, (void)len;
    check(sock);
    return done();
}

static int32_t f_shutdown(void *ctx, int32_t sock, uint32_t how)
{
    (void)ctx, (void)how;
    check(sock);
    return done();
}

static int32_t f_poll(void *ctx, struct dunlin_netdev_poll *items, uint32_t count, int64_t deadline)
{
    int32_t ready = 0;
    (void)ctx;
    for (uint32_t i = 0; i < count; i++) {
        items[i].revents = once_in(2) ? (uint16_t)(items[i].events | (once_in(16) ? pick(65536) : 0)) : 0;
        ready += items[i].revents != 0;
    }
    if (ready > 0 || once_in(12)) {
        return ready > 0 ? ready : error();
    }
    int32_t code = not_ready(0, deadline);
    return code == DUNLIN_ERR_INTERRUPTED ? code : 0;
}

static int32_t f_wake(void *ctx, int32_t sock)
{
    (void)ctx, (void)sock;
    return 0;
}

static int32_t f_name(void *ctx, int32_t sock, struct dunlin_addr *addr)
{
    (void)ctx;
    check(sock);
    peer(addr);
    return done();
}

const struct dunlin_netdev_ops fuzz_ops = {
    .size = sizeof(struct dunlin_netdev_ops),
    .caps = DUNLIN_CAP_CONCURRENT | DUNLIN_CAP_UDP | DUNLIN_CAP_IPV6 | DUNLIN_CAP_UNIX | DUNLIN_CAP_RAW
        | DUNLIN_CAP_MULTICAST,
    .get_host_by_name = f_lookup,
    .addr = f_addr,
    .socket = f_socket,
    .bind = f_bind,
    .connect = f_connect,
    .listen = f_listen,
    .accept = f_accept,
    .send = f_send,
    .recv = f_recv,
    .send_to = f_send_to,
    .recv_from = f_recv_from,
    .close = f_close,
    .set_sock_opt = f_set,
    .shutdown = f_shutdown,
    .poll = f_poll,
    .wake = f_wake,
    .local_addr = f_name,
    .peer_addr = f_name,
};

static int32_t l_connect(void *ctx, const struct dunlin_connect_params *params, int64_t deadline)
{
    (void)ctx, (void)params, (void)deadline;
    return once_in(3) ? DUNLIN_ERR_PENDING : done();
}

static int32_t l_disconnect(void *ctx)
{
    (void)ctx;
    return done();
}

static int32_t l_hardware(void *ctx, uint8_t *addr, uint32_t capacity)
{
    (void)ctx;
    memset(addr, 7, capacity < 6 ? capacity : 6);
    return once_in(8) ? error() : (int32_t)(once_in(8) ? pick(40) : 6);
}

static int32_t l_check(void *ctx)
{
    (void)ctx;
    return once_in(4) ? error() : (int32_t)pick(2);
}

const struct dunlin_netlink_ops fuzz_link_ops = {
    .size = sizeof(struct dunlin_netlink_ops),
    .poll_ms = 5,
    .net_connect = l_connect,
    .net_disconnect = l_disconnect,
    .get_hardware_addr = l_hardware,
    .net_check = l_check,
};
