/*
 * Lists the network interfaces of this host: flags, MTU, hardware address and addresses. An INTERFACE that
 * is named is made a device of its own, which has a link.
 */
#include <dunlin/dunlin.h>
#include <dunlin/posix.h>

#include <stdio.h>
#include <string.h>

#define MOST 32

static const char usage[] = "usage: ifconfig [-h] [INTERFACE]\n";

static int fail(const char *what, int32_t err)
{
    fprintf(stderr, "ifconfig: %s: %s\n", what, dunlin_strerror(err));
    return 1;
}

static void show_flags(uint32_t flags)
{
    static const char *const names[] = {"up", "broadcast", "loopback", "pointtopoint", "multicast", "running"};
    const char *between = "";
    unsigned i;
    for (i = 0; i < sizeof names / sizeof names[0]; i++) {
        if ((flags & (1u << i)) != 0) {
            printf("%s%s", between, names[i]);
            between = "|";
        }
    }
}

static int32_t show_addrs(uint32_t index)
{
    struct dunlin_interface_addr addrs[MOST];
    char text[DUNLIN_IP_TEXT_MAX];
    int32_t count = dunlin_interface_addrs(index, addrs, MOST), i;
    for (i = 0; i < count && i < MOST; i++) {
        addrs[i].addr.scope_id = 0; /* the line above says which interface */
        if (dunlin_ip_format(&addrs[i].addr, text, sizeof text) > 0) {
            printf("    %s/%u\n", text, (unsigned)addrs[i].prefix_len);
        }
    }
    return count;
}

static const char *link_of(const struct dunlin_interface *interface)
{
    static const char *const names[] = {"idle", "resting", "connecting", "addressing", "up", "failed"};
    struct dunlin_netlink_status status = DUNLIN_NETLINK_STATUS_INIT;
    if (dunlin_netlink_status(interface->device, &status) < 0 ||
        status.state >= sizeof names / sizeof names[0]) {
        return "unknown";
    }
    return names[status.state];
}

static int32_t show(const struct dunlin_interface *interface)
{
    uint32_t i;
    printf("%u: %s flags ", (unsigned)interface->index, interface->name);
    show_flags(interface->flags);
    if (interface->mtu != 0) {
        printf(" mtu %u", (unsigned)interface->mtu);
    }
    for (i = 0; i < interface->hardware_addr_len; i++) {
        printf("%s%02x", i == 0 ? " mac " : ":", (unsigned)interface->hardware_addr[i]);
    }
    printf("\n");
    return show_addrs(interface->index);
}

static int32_t show_all(void)
{
    struct dunlin_interface list[MOST];
    int32_t count = dunlin_interfaces(list, MOST), i, err = count;
    for (i = 0; i < count && i < MOST && err >= 0; i++) {
        err = show(&list[i]);
    }
    return err;
}

int main(int argc, char **argv)
{
    struct dunlin_interface one;
    if (argc > 1 && (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0)) {
        fputs(usage, stdout);
        return 0;
    }
    if (argc > 2 || (argc == 2 && argv[1][0] == '-')) {
        fputs(usage, stderr);
        return 2;
    }
    struct dunlin_config config = DUNLIN_CONFIG_INIT; /* no HTTP, so no arena */
    int32_t err = dunlin_init(&config);
    if (err < 0) {
        return fail("init", err);
    }
    err = argc == 2 ? dunlin_posix_register_on(argv[1]) : dunlin_posix_register();
    if (err < 0) {
        return fail("driver", err);
    }
    if (argc == 2) {
        err = dunlin_interface_by_name(argv[1], &one);
        err = err < 0 ? err : show(&one);
        if (err >= 0) {
            printf("    link %s\n", link_of(&one));
        }
    } else {
        err = show_all();
    }
    if (err < 0) {
        return fail(argc == 2 ? argv[1] : "interfaces", err);
    }
    err = dunlin_deinit(dunlin_after_ms(1000));
    return err < 0 ? fail("deinit", err) : 0;
}
