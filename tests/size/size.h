/* What every program of this folder does first: memory, and a device. */
#ifndef SIZE_H
#define SIZE_H

#include <dunlin/dunlin.h>

#include "stub_device.h"

static inline int32_t size_up(void)
{
    static uint8_t memory[16 * 1024];
    static struct stub_device device;
    struct dunlin_config config = DUNLIN_CONFIG_INIT;
    config.arena = memory;
    config.arena_len = sizeof memory;
    int32_t err = dunlin_init(&config);
    return err < 0 ? err : dunlin_netdev_register("stub0", &stub_device_ops, &device);
}

#endif
