#include "walk.h"

static struct dunlin_netlink_ops ops = {.size = sizeof(struct dunlin_netlink_ops)};
static struct dunlin_connect_params params = DUNLIN_CONNECT_PARAMS_INIT;
static struct dunlin_netlink_status status = DUNLIN_NETLINK_STATUS_INIT;
static struct dunlin_interface interface;
static struct dunlin_interface_addr addrs[1];
static uint8_t hardware_addr[DUNLIN_HARDWARE_ADDR_MAX];

static void nothing(void *ctx, dunlin_netdev_t dev, uint32_t event)
{
    (void)ctx;
    (void)dev;
    (void)event;
}

static int32_t subscribe(void (*callback)(void *ctx, dunlin_netdev_t dev, uint32_t event))
{
    dunlin_netlink_sub_t sub = dunlin_netlink_subscribe(callback, NULL);
    return sub < 0 ? sub : dunlin_netlink_unsubscribe(sub, -1);
}

WALK(netlink_attach, NETDEV, 1, 0, dunlin_netlink_attach(h, P(1, &ops), NULL))
WALK(netlink_connect, NETDEV, 1, 0, dunlin_netlink_connect(h, P(1, &params), -1))
WALK(netlink_disconnect, NETDEV, 0, 0, dunlin_netlink_disconnect(h, -1))
WALK(netlink_hardware_addr, NETDEV, 1, 0,
     dunlin_netlink_hardware_addr(h, P(1, hardware_addr), sizeof hardware_addr))
WALK(netlink_notify, NETDEV, 0, ANYTIME | HARMLESS,
     (dunlin_netlink_notify(h, DUNLIN_NETLINK_UP), 0))
WALK(netlink_status, NETDEV, 1, 0, dunlin_netlink_status(h, P(1, &status)))
WALK(netlink_subscribe, NONE, 1, 0, subscribe(P(1, nothing)))
WALK(netlink_unsubscribe, SUBSCRIPTION, 0, 0, dunlin_netlink_unsubscribe(h, -1))

WALK(interface_addrs, NONE, 1, 0, dunlin_interface_addrs(0, P(1, addrs), 1))
WALK(interface_by_index, NONE, 1, 0, dunlin_interface_by_index(1, P(1, &interface)))
WALK(interface_by_name, NONE, 2, 0, dunlin_interface_by_name(P(1, "lo"), P(2, &interface)))
WALK(interfaces, NONE, 1, 0, dunlin_interfaces(P(1, &interface), 1))
