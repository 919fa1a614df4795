/*
 * Options. Values are int32_t, and truth values 0 or 1, except: linger is seconds, < 0 for off (Go:
 * TCPConn.SetLinger); the multicast groups are a struct dunlin_addr whose scope_id is the
 * interface's index, 0 for the system's choice.
 */
#include "internal.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

struct option {
    uint32_t level, option; /* Dunlin's numbers */
    int local_level, local_option;
};

static const struct option options[] = {
    {DUNLIN_SOL_SOCKET, DUNLIN_SO_KEEPALIVE, SOL_SOCKET, SO_KEEPALIVE},
    {DUNLIN_SOL_SOCKET, DUNLIN_SO_REUSEADDR, SOL_SOCKET, SO_REUSEADDR},
    {DUNLIN_SOL_SOCKET, DUNLIN_SO_REUSEPORT, SOL_SOCKET, SO_REUSEPORT},
    {DUNLIN_SOL_SOCKET, DUNLIN_SO_BROADCAST, SOL_SOCKET, SO_BROADCAST},
    {DUNLIN_SOL_SOCKET, DUNLIN_SO_RCVBUF, SOL_SOCKET, SO_RCVBUF},
    {DUNLIN_SOL_SOCKET, DUNLIN_SO_SNDBUF, SOL_SOCKET, SO_SNDBUF},
    {DUNLIN_IPPROTO_TCP, DUNLIN_SO_TCP_NODELAY, IPPROTO_TCP, TCP_NODELAY},
    {DUNLIN_IPPROTO_TCP, DUNLIN_SO_TCP_KEEPIDLE, IPPROTO_TCP, TCP_KEEPIDLE},
    {DUNLIN_IPPROTO_TCP, DUNLIN_SO_TCP_KEEPINTVL, IPPROTO_TCP, TCP_KEEPINTVL},
    {DUNLIN_IPPROTO_TCP, DUNLIN_SO_TCP_KEEPCNT, IPPROTO_TCP, TCP_KEEPCNT},
    {DUNLIN_IPPROTO_IP, DUNLIN_SO_MULTICAST_LOOP, IPPROTO_IP, IP_MULTICAST_LOOP},
    {DUNLIN_IPPROTO_IPV6, DUNLIN_SO_MULTICAST_LOOP, IPPROTO_IPV6, IPV6_MULTICAST_LOOP},
    {DUNLIN_IPPROTO_IPV6, DUNLIN_SO_IPV6_V6ONLY, IPPROTO_IPV6, IPV6_V6ONLY},
};

static const struct option *find(uint32_t level, uint32_t option)
{
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        if (options[i].level == level && options[i].option == option)
            return &options[i];
    }
    return NULL;
}

static bool is_linger(uint32_t level, uint32_t option)
{
    return level == DUNLIN_SOL_SOCKET && option == DUNLIN_SO_LINGER;
}

static bool is_group(uint32_t level, uint32_t option)
{
    return (level == DUNLIN_IPPROTO_IP || level == DUNLIN_IPPROTO_IPV6) &&
           (option == DUNLIN_SO_MULTICAST_JOIN || option == DUNLIN_SO_MULTICAST_LEAVE);
}

static int set_linger(int fd, int32_t seconds)
{
    struct linger linger = {seconds >= 0, seconds >= 0 ? seconds : 0};
    return setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

/* RFC 3678's interface: one for both families. */
static int32_t set_group(const struct dunlin_posix_device *device,
                         const struct dunlin_posix_sock *sock, uint32_t level, uint32_t option,
                         const void *value, size_t len)
{
    struct dunlin_addr addr;
    struct dunlin_posix_sockaddr sa;
    struct group_req group;
    bool v4 = level == DUNLIN_IPPROTO_IP;
    if (len != sizeof addr || sock->stream)
        return DUNLIN_ERR_INVALID;
    memcpy(&addr, value, sizeof addr);
    if (addr.family != (v4 ? DUNLIN_AF_INET : DUNLIN_AF_INET6))
        return DUNLIN_ERR_INVALID_ADDRESS;
    int32_t err = dunlin_posix_to_sockaddr(&addr, v4 ? AF_INET : AF_INET6, &sa);
    if (err < 0)
        return err;
    memset(&group, 0, sizeof group);
    group.gr_interface = addr.scope_id;
    if (addr.scope_id == 0 && device->interface[0] != '\0')
        group.gr_interface = if_nametoindex(device->interface);
    group.gr_group = sa.u.storage;
    int name = option == DUNLIN_SO_MULTICAST_JOIN ? MCAST_JOIN_GROUP : MCAST_LEAVE_GROUP;
    if (setsockopt(sock->fd, v4 ? IPPROTO_IP : IPPROTO_IPV6, name, &group, sizeof group) != 0)
        return dunlin_err_from_errno(errno);
    return 0;
}

int32_t dunlin_posix_set_sock_opt(void *ctx, int32_t number, uint32_t level, uint32_t option,
                                  const void *value, size_t len)
{
    const struct dunlin_posix_sock *sock = dunlin_posix_sock(number);
    const struct option *known = find(level, option);
    int32_t number_value;
    int failed;
    if (sock == NULL)
        return DUNLIN_ERR_BAD_HANDLE;
    if (value == NULL)
        return DUNLIN_ERR_INVALID;
    if (is_group(level, option))
        return set_group(dunlin_posix_device(ctx), sock, level, option, value, len);
    if (known == NULL && !is_linger(level, option))
        return DUNLIN_ERR_NOT_SUPPORTED;
    if (len != sizeof number_value)
        return DUNLIN_ERR_INVALID;
    memcpy(&number_value, value, sizeof number_value);
    if (known == NULL) {
        failed = set_linger(sock->fd, number_value);
    } else {
        int local = number_value;
        failed =
            setsockopt(sock->fd, known->local_level, known->local_option, &local, sizeof local);
    }
    return failed == 0 ? 0 : dunlin_err_from_errno(errno);
}

/* *len is the room in, sizeof(int32_t) out. The system may round what was set (buffer sizes). */
int32_t dunlin_posix_get_sock_opt(void *ctx, int32_t number, uint32_t level, uint32_t option,
                                  void *value, size_t *len)
{
    (void)ctx;
    const struct dunlin_posix_sock *sock = dunlin_posix_sock(number);
    const struct option *known = find(level, option);
    int32_t result;
    if (sock == NULL)
        return DUNLIN_ERR_BAD_HANDLE;
    if (value == NULL || len == NULL)
        return DUNLIN_ERR_INVALID;
    if (*len < sizeof result)
        return DUNLIN_ERR_BUFFER_TOO_SMALL;
    if (known != NULL) {
        int local = 0;
        socklen_t size = sizeof local;
        if (getsockopt(sock->fd, known->local_level, known->local_option, &local, &size) != 0)
            return dunlin_err_from_errno(errno);
        result = local;
    } else if (is_linger(level, option)) {
        struct linger linger = {0, 0};
        socklen_t size = sizeof linger;
        if (getsockopt(sock->fd, SOL_SOCKET, SO_LINGER, &linger, &size) != 0)
            return dunlin_err_from_errno(errno);
        result = linger.l_onoff != 0 ? linger.l_linger : -1;
    } else {
        return DUNLIN_ERR_NOT_SUPPORTED;
    }
    memcpy(value, &result, sizeof result);
    *len = sizeof result;
    return 0;
}
