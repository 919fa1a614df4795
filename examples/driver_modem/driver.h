#ifndef MODEM_DRIVER_H
#define MODEM_DRIVER_H

#include <dunlin/dunlin.h>

extern const struct dunlin_netdev_ops modem_ops;

/* Starts the modem. `dev`: what dunlin_netdev_register() gave. Returns 0, or DUNLIN_ERR_IO. */
int32_t modem_driver_start(dunlin_netdev_t dev);

#endif
