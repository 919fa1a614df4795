/* A device with one socket that reaches nobody. */
#ifndef STUB_DEVICE_H
#define STUB_DEVICE_H

#include <dunlin/dunlin.h>

struct stub_device {
    int32_t open;   /* sockets now */
    int32_t closed; /* sockets so far */
};

extern const struct dunlin_netdev_ops stub_device_ops;

#endif
