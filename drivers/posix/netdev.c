/* The table; making, binding and ending sockets. */
#include "internal.h"

#include <limits.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

static void set_int(int fd, int level, int option, int value)
{
    /* A wish: a system that lacks the option has its own default. */
    (void)setsockopt(fd, level, option, &value, sizeof value);
}

/* What the system may have otherwise; the library sets TCP's options on every connection itself. */
static void set_defaults(int fd, int domain, bool stream)
{
    if (domain == AF_UNIX)
        return;
    if (domain == AF_INET6)
        set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0); /* whatever the system's default is */
    if (!stream)
        set_int(fd, SOL_SOCKET, SO_BROADCAST, 1);
}

/* Binds a socket to the device's interface: it sends and receives through no other. */
static int bind_to_interface(int fd, const char *interface)
{
#if defined(SO_BINDTODEVICE)
    return setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface, (socklen_t)strlen(interface) + 1);
#else
    (void)fd;
    (void)interface;
    errno = EOPNOTSUPP;
    return -1;
#endif
}

static int32_t posix_socket(void *ctx, uint32_t domain, uint32_t type, uint32_t protocol)
{
    const char *interface = dunlin_posix_device(ctx)->interface;
    int family;
    bool stream = type == DUNLIN_SOCK_STREAM;
    bool raw = type == DUNLIN_SOCK_RAW;
    uint32_t expected = stream ? DUNLIN_IPPROTO_TCP : DUNLIN_IPPROTO_UDP;
    switch (domain) {
    case DUNLIN_AF_INET:
        family = AF_INET;
        break;
    case DUNLIN_AF_INET6:
        family = AF_INET6;
        break;
    case DUNLIN_AF_UNIX:
        family = AF_UNIX;
        expected = 0;
        break;
    default:
        return DUNLIN_ERR_NOT_SUPPORTED;
    }
    if (!stream && !raw && type != DUNLIN_SOCK_DGRAM)
        return DUNLIN_ERR_NOT_SUPPORTED;
    if (raw ? family == AF_UNIX || protocol > 255 : protocol != 0 && protocol != expected)
        return DUNLIN_ERR_NOT_SUPPORTED;

    int32_t number = dunlin_posix_reserve();
    if (number < 0)
        return DUNLIN_ERR_NO_SOCKETS;
    int kind = stream ? SOCK_STREAM : raw ? SOCK_RAW : SOCK_DGRAM;
    int fd = socket(family, kind | SOCK_NONBLOCK | SOCK_CLOEXEC, raw ? (int)protocol : 0);
    if (fd < 0) {
        int error = errno;
        dunlin_posix_release(number);
        return dunlin_err_from_errno(error);
    }
    if (interface[0] != '\0' && family != AF_UNIX && bind_to_interface(fd, interface) != 0) {
        int error = errno;
        close(fd);
        dunlin_posix_release(number);
        return error == ENODEV ? DUNLIN_ERR_NET_DOWN : dunlin_err_from_errno(error);
    }
    set_defaults(fd, family, stream);
    dunlin_posix_publish(number, fd, family, stream, raw && family == AF_INET);
    return number;
}

static int32_t posix_bind(void *ctx, int32_t number, const struct dunlin_addr *addr)
{
    (void)ctx;
    struct dunlin_posix_sockaddr sa;
    const struct dunlin_posix_sock *sock = dunlin_posix_sock(number);
    if (sock == NULL)
        return DUNLIN_ERR_BAD_HANDLE;
    if (addr == NULL)
        return DUNLIN_ERR_INVALID;
    int32_t err = dunlin_posix_to_sockaddr(addr, sock->domain, &sa);
    if (err < 0)
        return err;
    /* Go: listenStream. A restarted server does not wait for its old connections' TIME_WAIT. */
    if (sock->stream && sock->domain != AF_UNIX)
        set_int(sock->fd, SOL_SOCKET, SO_REUSEADDR, 1);
    return bind(sock->fd, &sa.u.any, sa.len) == 0 ? 0 : dunlin_err_from_errno(errno);
}

static int32_t posix_listen(void *ctx, int32_t number, uint32_t backlog)
{
    (void)ctx;
    struct dunlin_posix_sock *sock = dunlin_posix_sock(number);
    if (sock == NULL)
        return DUNLIN_ERR_BAD_HANDLE;
    int most = backlog == 0 ? SOMAXCONN : backlog > INT_MAX ? INT_MAX : (int)backlog;
    if (listen(sock->fd, most) != 0)
        return dunlin_err_from_errno(errno);
    sock->listening = true;
    return 0;
}

/* Go: UnixListener.Close removes the name that it made. */
static void unlink_name(const struct dunlin_posix_sock *sock)
{
    struct sockaddr_un name;
    socklen_t len = sizeof name;
    if (sock->domain != AF_UNIX || !sock->listening)
        return;
    if (getsockname(sock->fd, (struct sockaddr *)(void *)&name, &len) == 0 &&
        len > offsetof(struct sockaddr_un, sun_path) && name.sun_path[0] != '\0')
        unlink(name.sun_path);
}

static int32_t posix_close(void *ctx, int32_t number)
{
    (void)ctx;
    dunlin_posix_lock();
    struct dunlin_posix_sock *sock = dunlin_posix_sock(number);
    if (sock != NULL)
        __atomic_store_n(&sock->state, (int)DUNLIN_POSIX_RESERVED, __ATOMIC_RELEASE);
    dunlin_posix_unlock();
    if (sock == NULL)
        return DUNLIN_ERR_BAD_HANDLE;
    unlink_name(sock);
    /* After an error too the descriptor is gone; a second close could hit somebody else's. */
    int32_t result = close(sock->fd) == 0 || errno == EINTR ? 0 : dunlin_err_from_errno(errno);
    dunlin_posix_release(number);
    return result;
}

static int32_t posix_shutdown(void *ctx, int32_t number, uint32_t how)
{
    (void)ctx;
    const struct dunlin_posix_sock *sock = dunlin_posix_sock(number);
    if (sock == NULL)
        return DUNLIN_ERR_BAD_HANDLE;
    int local;
    switch (how) {
    case DUNLIN_SHUT_RD:
        local = SHUT_RD;
        break;
    case DUNLIN_SHUT_WR:
        local = SHUT_WR;
        break;
    case DUNLIN_SHUT_RDWR:
        local = SHUT_RDWR;
        break;
    default:
        return DUNLIN_ERR_INVALID;
    }
    return shutdown(sock->fd, local) == 0 ? 0 : dunlin_err_from_errno(errno);
}

static int32_t posix_wake(void *ctx, int32_t number)
{
    if (number == DUNLIN_WAKE_POLL)
        return dunlin_posix_wake_polls(ctx);
    if (number == DUNLIN_WAKE_LOOKUP)
        return dunlin_posix_wake_lookups(ctx);
    return dunlin_posix_wake_sock(number);
}

const struct dunlin_netdev_ops dunlin_posix_ops = {
    .size = sizeof(struct dunlin_netdev_ops),
    .caps = DUNLIN_CAP_IPV6 | DUNLIN_CAP_UDP | DUNLIN_CAP_RAW | DUNLIN_CAP_UNIX |
            DUNLIN_CAP_MULTICAST | DUNLIN_CAP_CONCURRENT,
    .max_sockets = DUNLIN_POSIX_MAX_SOCKETS,
    .get_host_by_name = dunlin_posix_get_host_by_name,
    .addr = dunlin_posix_addr,
    .socket = posix_socket,
    .bind = posix_bind,
    .connect = dunlin_posix_connect,
    .listen = posix_listen,
    .accept = dunlin_posix_accept,
    .send = dunlin_posix_send,
    .recv = dunlin_posix_recv,
    .send_to = dunlin_posix_send_to,
    .recv_from = dunlin_posix_recv_from,
    .close = posix_close,
    .set_sock_opt = dunlin_posix_set_sock_opt,
    .shutdown = posix_shutdown,
    .poll = dunlin_posix_poll,
    .wake = posix_wake,
    .send_vec = dunlin_posix_send_vec,
    .local_addr = dunlin_posix_local_addr,
    .peer_addr = dunlin_posix_peer_addr,
    .get_sock_opt = dunlin_posix_get_sock_opt,
};
