/* A device without a network: every operation that must exist, each with an honest answer. */
#include "stub_device.h"

static int32_t get_host_by_name(void *ctx, const char *name, uint32_t family, struct dunlin_addr *addrs,
                                uint32_t capacity, int64_t deadline)
{
    (void)ctx, (void)name, (void)family, (void)addrs, (void)capacity, (void)deadline;
    return DUNLIN_ERR_NO_SUCH_HOST;
}

static int32_t addr(void *ctx, struct dunlin_addr *addrs, uint32_t capacity)
{
    (void)ctx, (void)addrs, (void)capacity;
    return 0;
}

static int32_t open_socket(void *ctx, uint32_t domain, uint32_t kind, uint32_t protocol)
{
    struct stub_device *device = ctx;
    (void)domain, (void)kind, (void)protocol;
    if (device->open) {
        return DUNLIN_ERR_NO_SOCKETS;
    }
    device->open = 1;
    return 0;
}

static int32_t bind_socket(void *ctx, int32_t sock, const struct dunlin_addr *local)
{
    (void)ctx, (void)sock, (void)local;
    return 0;
}

static int32_t connect_socket(void *ctx, int32_t sock, const char *host, const struct dunlin_addr *peer,
                              int64_t deadline)
{
    (void)ctx, (void)sock, (void)host, (void)peer, (void)deadline;
    return DUNLIN_ERR_CONN_REFUSED;
}

static int32_t listen_socket(void *ctx, int32_t sock, uint32_t backlog)
{
    (void)ctx, (void)sock, (void)backlog;
    return DUNLIN_ERR_NOT_SUPPORTED;
}

static int32_t accept_socket(void *ctx, int32_t sock, struct dunlin_addr *peer, uint32_t flags, int64_t deadline)
{
    (void)ctx, (void)sock, (void)peer, (void)flags, (void)deadline;
    return DUNLIN_ERR_NOT_SUPPORTED;
}

static int32_t send_bytes(void *ctx, int32_t sock, const void *data, size_t len, uint32_t flags, int64_t deadline)
{
    (void)ctx, (void)sock, (void)data, (void)len, (void)flags, (void)deadline;
    return DUNLIN_ERR_NOT_CONNECTED;
}

static int32_t recv_bytes(void *ctx, int32_t sock, void *buf, size_t len, uint32_t flags, int64_t deadline)
{
    (void)ctx, (void)sock, (void)buf, (void)len, (void)flags, (void)deadline;
    return DUNLIN_ERR_NOT_CONNECTED;
}

static int32_t send_to(void *ctx, int32_t sock, const void *data, size_t len, uint32_t flags,
                       const struct dunlin_addr *to, int64_t deadline)
{
    (void)ctx, (void)sock, (void)data, (void)len, (void)flags, (void)to, (void)deadline;
    return DUNLIN_ERR_NOT_SUPPORTED;
}

static int32_t recv_from(void *ctx, int32_t sock, void *buf, size_t len, uint32_t flags, struct dunlin_addr *from,
                         int64_t deadline)
{
    (void)ctx, (void)sock, (void)buf, (void)len, (void)flags, (void)from, (void)deadline;
    return DUNLIN_ERR_NOT_SUPPORTED;
}

static int32_t close_socket(void *ctx, int32_t sock)
{
    struct stub_device *device = ctx;
    (void)sock;
    device->open = 0;
    device->closed++;
    return 0;
}

static int32_t set_sock_opt(void *ctx, int32_t sock, uint32_t level, uint32_t option, const void *value, size_t len)
{
    (void)ctx, (void)sock, (void)level, (void)option, (void)value, (void)len;
    return 0;
}

const struct dunlin_netdev_ops stub_device_ops = {
    .size = sizeof(struct dunlin_netdev_ops),
    .max_sockets = 1,
    .get_host_by_name = get_host_by_name,
    .addr = addr,
    .socket = open_socket,
    .bind = bind_socket,
    .connect = connect_socket,
    .listen = listen_socket,
    .accept = accept_socket,
    .send = send_bytes,
    .recv = recv_bytes,
    .send_to = send_to,
    .recv_from = recv_from,
    .close = close_socket,
    .set_sock_opt = set_sock_opt,
};
