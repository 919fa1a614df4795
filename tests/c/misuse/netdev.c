#include "walk.h"

static struct dunlin_route route = {.network = {.family = DUNLIN_AF_INET}};
static struct dunlin_netdev_fault fault;
static struct dunlin_netdev_fault_config fault_config = DUNLIN_NETDEV_FAULT_CONFIG_INIT;
static struct dunlin_netdev_fault_stats fault_stats = DUNLIN_NETDEV_FAULT_STATS_INIT;

WALK(netdev_add_route, NETDEV, 1, 0, dunlin_netdev_add_route(h, P(1, &route)))
WALK(netdev_fault_free, NONE, 1, ANYTIME | HARMLESS, (dunlin_netdev_fault_free(P(1, &fault)), 0))
WALK(netdev_fault_get_stats, NONE, 2, ANYTIME,
     dunlin_netdev_fault_get_stats(P(1, &fault), P(2, &fault_stats)))
WALK(netdev_fault_init, NONE, 2, ANYTIME,
     dunlin_netdev_fault_init(P(1, &fault), P(2, &fault_config)))
WALK(netdev_fault_ops, NONE, 1, ANYTIME | VIEW, dunlin_netdev_fault_ops(P(1, &fault)) != NULL)
WALK(netdev_link, NETDEV, 0, 0, dunlin_netdev_link(h, 1))
WALK(netdev_notify, NETDEV, 0, ANYTIME | HARMLESS, (dunlin_netdev_notify(h, 0, DUNLIN_READABLE), 0))
WALK(netdev_register, NONE, 2, 0,
     dunlin_netdev_register(P(1, "posix0"), P(2, &dunlin_posix_ops), NULL))
WALK(netdev_unregister, NETDEV, 0, 0, dunlin_netdev_unregister(h, -1))
