/* The host's interfaces, and the link of a device that is bound to one of them. */
#include "internal.h"

#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#if defined(__linux__)
#    include <netpacket/packet.h>
#else
#    include <net/if_dl.h>
#endif

#define LINK_POLL_MS 250    /* how often a bound device is asked; a fall is noticed within it */
#define MOST_INDEX   0xFFFF /* greater ones are the library's own */

static struct dunlin_posix_device host;
static struct dunlin_posix_device devices[DUNLIN_POSIX_MAX_INTERFACES]; /* guarded by the lock */

struct dunlin_posix_device *dunlin_posix_device(void *ctx)
{
    for (size_t i = 0; i < DUNLIN_POSIX_MAX_INTERFACES; i++) {
        if (ctx == &devices[i])
            return &devices[i];
    }
    return &host;
}

int32_t dunlin_posix_bound(const char *interface, void **ctx)
{
    int32_t err = DUNLIN_ERR_NO_SLOT;
    size_t len = strlen(interface);
    if (len == 0 || len >= sizeof devices[0].interface)
        return DUNLIN_ERR_NO_SUCH_INTERFACE;
    dunlin_posix_lock();
    for (size_t i = 0; i < DUNLIN_POSIX_MAX_INTERFACES && err != 0; i++) {
        char *name = devices[i].interface;
        if (name[0] == '\0')
            memcpy(name, interface, len + 1);
        if (strcmp(name, interface) == 0) {
            *ctx = &devices[i];
            err = 0;
        }
    }
    dunlin_posix_unlock();
    return err;
}

bool dunlin_posix_is_of(const char *label, const char *interface)
{
    size_t len = strcspn(label, ":");
    return strlen(interface) == len && memcmp(label, interface, len) == 0;
}

/* Asks for one thing of an interface; 0 or errno. */
static int ask(const char *interface, unsigned long what, struct ifreq *request)
{
    int error = 0;
    memset(request, 0, sizeof *request);
    memcpy(request->ifr_name, interface, strlen(interface) + 1);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return errno;
    if (ioctl(fd, what, request) != 0)
        error = errno;
    close(fd);
    return error;
}

static uint32_t flags_of(const char *interface)
{
    static const struct {
        unsigned local;
        uint32_t flag;
    } known[] = {
        {IFF_UP, DUNLIN_FLAG_UP},
        {IFF_BROADCAST, DUNLIN_FLAG_BROADCAST},
        {IFF_LOOPBACK, DUNLIN_FLAG_LOOPBACK},
        {IFF_POINTOPOINT, DUNLIN_FLAG_POINT_TO_POINT},
        {IFF_MULTICAST, DUNLIN_FLAG_MULTICAST},
        {IFF_RUNNING, DUNLIN_FLAG_RUNNING},
    };
    struct ifreq request;
    uint32_t flags = 0;
    if (ask(interface, SIOCGIFFLAGS, &request) != 0)
        return 0;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (((unsigned)request.ifr_flags & known[i].local) != 0)
            flags |= known[i].flag;
    }
    return flags;
}

/* The hardware address in an entry of getifaddrs(); its length, 0 if the entry has none. */
static uint32_t hardware_of(const struct ifaddrs *entry, uint8_t *addr)
{
    static const uint8_t zero[DUNLIN_HARDWARE_ADDR_MAX];
    const uint8_t *bytes;
    size_t len;
#if defined(__linux__)
    struct sockaddr_ll ll;
    if (entry->ifa_addr == NULL || entry->ifa_addr->sa_family != AF_PACKET)
        return 0;
    memcpy(&ll, entry->ifa_addr, sizeof ll);
    len = ll.sll_halen;
    /* What is longer than eight bytes goes on behind the struct. */
    bytes = (const uint8_t *)entry->ifa_addr + offsetof(struct sockaddr_ll, sll_addr);
#else
    const struct sockaddr_dl *dl = (const void *)entry->ifa_addr;
    if (dl == NULL || dl->sdl_family != AF_LINK)
        return 0;
    len = dl->sdl_alen;
    bytes = (const uint8_t *)LLADDR(dl);
#endif
    /* Go: the loopback's zeros are no address, nor is the inner address of a tunnel. */
    if ((len != 6 && len != 8 && len != 20) || memcmp(bytes, zero, len) == 0)
        return 0;
    memcpy(addr, bytes, len);
    return (uint32_t)len;
}

static uint32_t hardware_addr(const char *interface, uint8_t *addr)
{
    struct ifaddrs *list = NULL;
    uint32_t len = 0;
    if (getifaddrs(&list) != 0)
        return 0;
    for (const struct ifaddrs *i = list; i != NULL && len == 0; i = i->ifa_next) {
        if (dunlin_posix_is_of(i->ifa_name, interface))
            len = hardware_of(i, addr);
    }
    freeifaddrs(list);
    return len;
}

static int32_t posix_interface_at(void *ctx, uint32_t at, struct dunlin_interface *interface)
{
    const char *only = dunlin_posix_device(ctx)->interface;
    struct if_nameindex *list = if_nameindex();
    struct ifreq request;
    uint32_t place = 0;
    if (list == NULL)
        return dunlin_err_from_errno(errno);
    memset(interface, 0, sizeof *interface);
    for (const struct if_nameindex *i = list; i->if_index != 0 && interface->index == 0; i++) {
        if (i->if_index > MOST_INDEX || strlen(i->if_name) >= sizeof interface->name ||
            (only[0] != '\0' && strcmp(i->if_name, only) != 0))
            continue;
        if (place++ == at) {
            interface->index = i->if_index;
            memcpy(interface->name, i->if_name, strlen(i->if_name) + 1);
        }
    }
    if_freenameindex(list);
    if (interface->index == 0)
        return 0;
    interface->flags = flags_of(interface->name);
    if (ask(interface->name, SIOCGIFMTU, &request) == 0 && request.ifr_mtu > 0)
        interface->mtu = (uint32_t)request.ifr_mtu;
    interface->hardware_addr_len = hardware_addr(interface->name, interface->hardware_addr);
    return 1;
}

/* The ones that a mask begins with; all of them without a mask. */
static uint32_t prefix_len(const struct sockaddr *mask, int family)
{
    struct sockaddr_in sin;
    struct sockaddr_in6 sin6;
    const uint8_t *bytes;
    uint32_t bits = family == AF_INET ? 32 : 128, ones = 0;
    if (mask == NULL)
        return bits;
    if (family == AF_INET) {
        memcpy(&sin, mask, sizeof sin);
        bytes = (const uint8_t *)&sin.sin_addr;
    } else {
        memcpy(&sin6, mask, sizeof sin6);
        bytes = sin6.sin6_addr.s6_addr;
    }
    while (ones < bits && (bytes[ones / 8] >> (7 - ones % 8) & 1) != 0)
        ones++;
    return ones;
}

static int32_t posix_interface_addrs(void *ctx, uint32_t index, struct dunlin_interface_addr *addrs,
                                     uint32_t capacity)
{
    const char *only = dunlin_posix_device(ctx)->interface;
    struct ifaddrs *list = NULL;
    uint32_t count = 0;
    if (getifaddrs(&list) != 0)
        return dunlin_err_from_errno(errno);
    for (const struct ifaddrs *i = list; i != NULL; i = i->ifa_next) {
        int family = i->ifa_addr != NULL ? i->ifa_addr->sa_family : AF_UNSPEC;
        if ((family != AF_INET && family != AF_INET6) ||
            (only[0] != '\0' && !dunlin_posix_is_of(i->ifa_name, only)))
            continue;
        uint32_t own = if_nametoindex(i->ifa_name);
        if (own == 0 || own > MOST_INDEX || (index != 0 && index != own))
            continue;
        if (count < capacity) {
            dunlin_posix_from_sockaddr(i->ifa_addr, &addrs[count].addr);
            addrs[count].prefix_len = prefix_len(i->ifa_netmask, family);
            addrs[count].index = own;
        }
        count++;
    }
    freeifaddrs(list);
    return (int32_t)count;
}

static int32_t host_notify(void *ctx, dunlin_netdev_t dev)
{
    (void)ctx;
    (void)dev;
    return 1; /* single interfaces come and go; the host is there */
}

static int32_t posix_hardware_addr(void *ctx, uint8_t *addr, uint32_t capacity)
{
    uint8_t own[DUNLIN_HARDWARE_ADDR_MAX];
    uint32_t len = hardware_addr(dunlin_posix_device(ctx)->interface, own);
    if (len == 0)
        return DUNLIN_ERR_NOT_SUPPORTED;
    if (len > capacity)
        return DUNLIN_ERR_BUFFER_TOO_SMALL;
    memcpy(addr, own, len);
    return (int32_t)len;
}

/* Switched on and in operation; an interface that is not there is neither, and may come back. */
static int32_t posix_check(void *ctx)
{
    uint32_t flags = flags_of(dunlin_posix_device(ctx)->interface);
    return (flags & DUNLIN_FLAG_UP) != 0 && (flags & DUNLIN_FLAG_RUNNING) != 0;
}

const struct dunlin_netlink_ops dunlin_posix_host_link = {
    .size = sizeof(struct dunlin_netlink_ops),
    .net_notify = host_notify,
    .interface_at = posix_interface_at,
    .interface_addrs = posix_interface_addrs,
};

const struct dunlin_netlink_ops dunlin_posix_link = {
    .size = sizeof(struct dunlin_netlink_ops),
    .poll_ms = LINK_POLL_MS,
    .get_hardware_addr = posix_hardware_addr,
    .net_check = posix_check,
    .interface_at = posix_interface_at,
    .interface_addrs = posix_interface_addrs,
};
