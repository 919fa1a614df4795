/*
 * Runs the driver kit over the modem's driver.
 *
 *     drivers/kit/peer.py --port 7700 &
 *     modem_check 7700
 */
#include "driver.h"

#include <dunlin/driver_kit.h>

#include <stdio.h>
#include <stdlib.h>

static void print_line(void *user, const char *text, size_t len)
{
    (void)user;
    printf("%.*s\n", (int)len, text);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    struct dunlin_driver_kit_config config = {0};
    int port = argc == 2 ? atoi(argv[1]) : 0;
    if (port <= 0 || port > 65533) {
        fprintf(stderr, "usage: %s PORT (drivers/kit/peer.py says it)\n", argv[0]);
        return 2;
    }
    config.size = sizeof config;
    config.late_ms = 2500;
    config.ops = &modem_ops;
    config.peer = (struct dunlin_addr){DUNLIN_AF_INET, (uint16_t)port, 0, {127, 0, 0, 1}, NULL};
    config.line = print_line;
    if (modem_driver_start(DUNLIN_DRIVER_KIT_DEV) != 0)
        return 1;
    return dunlin_driver_kit_run(&config) == 0 ? 0 : 1;
}
