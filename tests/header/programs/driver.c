/* A driver of a device with one line of I/O. */
#include <dunlin/dunlin.h>
#include <string.h>

struct modem {
    dunlin_netdev_t dev;
    uint8_t line[64];
    size_t used;
};

int32_t modem_register(struct modem *m);
void modem_rx_isr(struct modem *m);
void modem_urc(struct modem *m, int32_t sock);

static int32_t modem_lookup(void *ctx, const char *name, uint32_t family, struct dunlin_addr *addrs,
                            uint32_t capacity, int64_t deadline)
{
    (void)ctx, (void)name, (void)family, (void)addrs, (void)capacity, (void)deadline;
    return DUNLIN_ERR_NO_SUCH_HOST;
}

static int32_t modem_socket(void *ctx, uint32_t domain, uint32_t type, uint32_t protocol)
{
    (void)ctx, (void)protocol;
    return domain == DUNLIN_AF_INET && type == DUNLIN_SOCK_STREAM ? 0 : (int32_t)DUNLIN_ERR_NOT_SUPPORTED;
}

static int32_t modem_connect(void *ctx, int32_t sock, const char *host, const struct dunlin_addr *addr,
                             int64_t deadline)
{
    (void)ctx, (void)sock, (void)host, (void)addr;
    return dunlin_remaining_ms(deadline) == 0 ? DUNLIN_ERR_TIMEOUT : DUNLIN_ERR_PENDING;
}

static int32_t modem_send(void *ctx, int32_t sock, const void *data, size_t len, uint32_t flags, int64_t deadline)
{
    struct modem *m = (struct modem *)ctx;
    size_t n = sizeof m->line - m->used;
    (void)sock, (void)flags, (void)deadline;
    if (n == 0)
        return DUNLIN_ERR_DRIVER(7); /* the modem's own code */
    if (n > len)
        n = len;
    memcpy(m->line + m->used, data, n);
    m->used += n;
    return (int32_t)n;
}

static int32_t modem_recv(void *ctx, int32_t sock, void *buf, size_t len, uint32_t flags, int64_t deadline)
{
    (void)ctx, (void)sock, (void)buf, (void)len, (void)flags, (void)deadline;
    return DUNLIN_ERR_WOULD_BLOCK;
}

static int32_t modem_close(void *ctx, int32_t sock)
{
    (void)ctx, (void)sock;
    return 0;
}

static int32_t modem_wake(void *ctx, int32_t sock)
{
    (void)ctx, (void)sock;
    return 0;
}

static int32_t modem_step(void *ctx, int64_t deadline)
{
    (void)deadline;
    ((struct modem *)ctx)->used = 0;
    return 0;
}

#ifdef __cplusplus
static struct dunlin_netdev_ops table(void)
{
    struct dunlin_netdev_ops ops = DUNLIN_NETDEV_OPS_INIT;
    ops.caps = DUNLIN_CAP_TLS_OFFLOAD | DUNLIN_CAP_BLOCKING;
    ops.max_sockets = 5;
    ops.get_host_by_name = modem_lookup;
    ops.socket = modem_socket;
    ops.connect = modem_connect;
    ops.send = modem_send;
    ops.recv = modem_recv;
    ops.close = modem_close;
    ops.wake = modem_wake;
    ops.step = modem_step;
    return ops;
}
static const struct dunlin_netdev_ops modem_ops = table();
#else
static const struct dunlin_netdev_ops modem_ops = {
    .size = sizeof(struct dunlin_netdev_ops),
    .caps = DUNLIN_CAP_TLS_OFFLOAD | DUNLIN_CAP_BLOCKING,
    .max_sockets = 5,
    .get_host_by_name = modem_lookup,
    .socket = modem_socket,
    .connect = modem_connect,
    .send = modem_send,
    .recv = modem_recv,
    .close = modem_close,
    .wake = modem_wake,
    .step = modem_step,
};
#endif

int32_t modem_register(struct modem *m)
{
    return m->dev = dunlin_netdev_register("modem0", &modem_ops, m);
}

void modem_rx_isr(struct modem *m)
{
    dunlin_netdev_notify(m->dev, -1, DUNLIN_WORK);
}

void modem_urc(struct modem *m, int32_t sock)
{
    dunlin_netdev_notify(m->dev, sock, DUNLIN_READABLE);
}
