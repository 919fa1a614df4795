/* Apart from the table, so that a program may link the table without the library. */
#include "internal.h"

/* A device with its link table, or neither. */
static int32_t add(const char *name, void *ctx, const struct dunlin_netlink_ops *link)
{
    dunlin_netdev_t dev = dunlin_netdev_register(name, &dunlin_posix_ops, ctx);
    if (dev < 0)
        return dev;
    int32_t err = dunlin_netlink_attach(dev, link, ctx);
    if (err < 0) {
        (void)dunlin_netdev_unregister(dev, dunlin_after_ms(1000));
        return err;
    }
    /* A help: the host itself finds addresses, the servers are asked for other records. */
    (void)dunlin_posix_set_dns_servers(dev, NULL);
    return dev;
}

int32_t dunlin_posix_register(void)
{
    return add("posix0", NULL, &dunlin_posix_host_link);
}

int32_t dunlin_posix_register_on(const char *interface)
{
    void *ctx = NULL;
    if (interface == NULL)
        return DUNLIN_ERR_INVALID;
    int32_t err = dunlin_posix_bound(interface, &ctx);
    return err < 0 ? err : add(interface, ctx, &dunlin_posix_link);
}
