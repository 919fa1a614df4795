/* Addresses: between struct dunlin_addr and struct sockaddr, and those of the host. */
#include "internal.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/un.h>

static const uint8_t mapped_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static int32_t to_unix(const struct dunlin_addr *addr, struct dunlin_posix_sockaddr *out)
{
    struct sockaddr_un sun;
    const char *path = addr->options;
    if (addr->family != DUNLIN_AF_UNIX || path == NULL || path[0] == '\0')
        return DUNLIN_ERR_INVALID_ADDRESS;
    memset(&sun, 0, sizeof sun);
    sun.sun_family = AF_UNIX;
    const char *end = memchr(path, '\0', sizeof sun.sun_path);
    if (end == NULL)
        return DUNLIN_ERR_NAME_TOO_LONG;
    size_t len = (size_t)(end - path);
    memcpy(sun.sun_path, path, len);
    out->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + 1);
#ifdef __linux__
    if (path[0] == '@') { /* Go: an abstract name, which has a NUL in front and none behind */
        sun.sun_path[0] = '\0';
        out->len--;
    }
#endif
    memcpy(&out->u.storage, &sun, sizeof sun);
    return 0;
}

static int32_t to_inet(const struct dunlin_addr *addr, struct dunlin_posix_sockaddr *out)
{
    struct sockaddr_in sin;
    memset(&sin, 0, sizeof sin);
    sin.sin_family = AF_INET;
    sin.sin_port = htons(addr->port);
    if (addr->family == DUNLIN_AF_INET)
        memcpy(&sin.sin_addr, addr->ip, 4);
    else if (addr->family == DUNLIN_AF_INET6 && memcmp(addr->ip, mapped_prefix, 12) == 0)
        memcpy(&sin.sin_addr, addr->ip + 12, 4);
    else if (addr->family != 0)
        return DUNLIN_ERR_INVALID_ADDRESS;
    memcpy(&out->u.storage, &sin, sizeof sin);
    out->len = sizeof sin;
    return 0;
}

static int32_t to_inet6(const struct dunlin_addr *addr, struct dunlin_posix_sockaddr *out)
{
    struct sockaddr_in6 sin6;
    memset(&sin6, 0, sizeof sin6);
    sin6.sin6_family = AF_INET6;
    sin6.sin6_port = htons(addr->port);
    if (addr->family == DUNLIN_AF_INET6) {
        memcpy(&sin6.sin6_addr, addr->ip, 16);
        sin6.sin6_scope_id = addr->scope_id;
    } else if (addr->family == DUNLIN_AF_INET) {
        memcpy(sin6.sin6_addr.s6_addr, mapped_prefix, 12);
        memcpy(sin6.sin6_addr.s6_addr + 12, addr->ip, 4);
    } else if (addr->family != 0) {
        return DUNLIN_ERR_INVALID_ADDRESS;
    }
    memcpy(&out->u.storage, &sin6, sizeof sin6);
    out->len = sizeof sin6;
    return 0;
}

/* Family 0 is the domain's wildcard. An IPv6 socket also takes IPv4, mapped: it is dual-stack. */
int32_t dunlin_posix_to_sockaddr(const struct dunlin_addr *addr, int domain,
                                 struct dunlin_posix_sockaddr *out)
{
    memset(&out->u, 0, sizeof out->u);
    switch (domain) {
    case AF_UNIX:
        return to_unix(addr, out);
    case AF_INET:
        return to_inet(addr, out);
    default:
        return to_inet6(addr, out);
    }
}

/* Mapped IPv4 comes back as IPv4. A unix address has no path: there is nowhere to keep it. */
void dunlin_posix_from_sockaddr(const struct sockaddr *from, struct dunlin_addr *addr)
{
    struct sockaddr_in sin;
    struct sockaddr_in6 sin6;
    memset(addr, 0, sizeof *addr);
    switch (from->sa_family) {
    case AF_INET:
        memcpy(&sin, from, sizeof sin);
        addr->family = DUNLIN_AF_INET;
        addr->port = ntohs(sin.sin_port);
        memcpy(addr->ip, &sin.sin_addr, 4);
        break;
    case AF_INET6:
        memcpy(&sin6, from, sizeof sin6);
        addr->port = ntohs(sin6.sin6_port);
        if (memcmp(&sin6.sin6_addr, mapped_prefix, 12) == 0) {
            addr->family = DUNLIN_AF_INET;
            memcpy(addr->ip, sin6.sin6_addr.s6_addr + 12, 4);
        } else {
            addr->family = DUNLIN_AF_INET6;
            addr->scope_id = sin6.sin6_scope_id;
            memcpy(addr->ip, &sin6.sin6_addr, 16);
        }
        break;
    case AF_UNIX:
        addr->family = DUNLIN_AF_UNIX;
        break;
    default:
        break;
    }
}

typedef int name_call(int fd, struct sockaddr *addr, socklen_t *len);

static int32_t name_of(int32_t number, name_call *call, struct dunlin_addr *addr)
{
    struct dunlin_posix_sockaddr sa;
    const struct dunlin_posix_sock *sock = dunlin_posix_sock(number);
    if (sock == NULL)
        return DUNLIN_ERR_BAD_HANDLE;
    if (addr == NULL)
        return DUNLIN_ERR_INVALID;
    memset(&sa, 0, sizeof sa);
    sa.len = sizeof sa.u.storage;
    if (call(sock->fd, &sa.u.any, &sa.len) != 0)
        return dunlin_err_from_errno(errno);
    dunlin_posix_from_sockaddr(&sa.u.any, addr);
    return 0;
}

int32_t dunlin_posix_local_addr(void *ctx, int32_t number, struct dunlin_addr *addr)
{
    (void)ctx;
    return name_of(number, getsockname, addr);
}

int32_t dunlin_posix_peer_addr(void *ctx, int32_t number, struct dunlin_addr *addr)
{
    (void)ctx;
    return name_of(number, getpeername, addr);
}

/* An interface has its link-local IPv6 address whatever it is connected to: that says nothing. */
static bool is_link_local(const struct dunlin_addr *addr)
{
    return addr->family == DUNLIN_AF_INET6 && addr->ip[0] == 0xfe && (addr->ip[1] & 0xc0) == 0x80;
}

/* The addresses of one interface, or of all that are the loopback or are not. */
static uint32_t collect(const struct ifaddrs *list, const char *interface, bool loopback,
                        struct dunlin_addr *addrs, uint32_t capacity)
{
    uint32_t count = 0;
    for (const struct ifaddrs *i = list; i != NULL && count < capacity; i = i->ifa_next) {
        if (i->ifa_addr == NULL || (i->ifa_flags & IFF_UP) == 0)
            continue;
        if (interface[0] != '\0' ? !dunlin_posix_is_of(i->ifa_name, interface)
                                 : ((i->ifa_flags & IFF_LOOPBACK) != 0) != loopback)
            continue;
        if (i->ifa_addr->sa_family != AF_INET && i->ifa_addr->sa_family != AF_INET6)
            continue;
        dunlin_posix_from_sockaddr(i->ifa_addr, &addrs[count]);
        if (interface[0] == '\0' || !is_link_local(&addrs[count]))
            count++;
    }
    return count;
}

/*
 * The host's addresses, the loopback's only when there is no other; or those of the interface. A
 * host without any still has its unix sockets: it cannot tell, and so counts as up.
 */
int32_t dunlin_posix_addr(void *ctx, struct dunlin_addr *addrs, uint32_t capacity)
{
    const char *interface = dunlin_posix_device(ctx)->interface;
    struct ifaddrs *list = NULL;
    if (addrs == NULL && capacity > 0)
        return DUNLIN_ERR_INVALID;
    if (getifaddrs(&list) != 0)
        return dunlin_err_from_errno(errno);
    uint32_t count = collect(list, interface, false, addrs, capacity);
    if (count == 0 && interface[0] == '\0')
        count = collect(list, interface, true, addrs, capacity);
    freeifaddrs(list);
    if (count == 0 && interface[0] == '\0' && capacity > 0)
        return DUNLIN_ERR_NOT_SUPPORTED;
    return (int32_t)count;
}
