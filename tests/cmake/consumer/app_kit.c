/* The driver kit with a driver, without the library: it asks for a peer. */
#include <dunlin/driver_kit.h>
#include <dunlin/posix.h>

int main(void)
{
    struct dunlin_driver_kit_config config = {0};
    config.size = sizeof config;
    config.ops = &dunlin_posix_ops;
    return dunlin_driver_kit_run(&config) == DUNLIN_ERR_INVALID ? 0 : 1;
}
