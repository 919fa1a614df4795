/*
 * The driver kit over the driver of examples/driver_modem, some of whose notifies can be lost.
 *
 *     kit_modem PORT [DEFECT]
 *     kit_modem --defects      as kit.c
 */
#include "driver.h"

#include <dunlin/driver_kit.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum defect { WHOLE, DATA_UNTOLD, END_UNTOLD, ROOM_UNTOLD, CONNECTION_UNTOLD, STEP_CODE, DEFECTS };

static const char *const fails[] = {
    "DATA_UNTOLD\tnotify: data\t", "END_UNTOLD\tnotify: the end of a stream\t",
    "ROOM_UNTOLD\tnotify: room to send\t", "CONNECTION_UNTOLD\tnotify: a connection to accept\t",
    "STEP_CODE\tconnect: its deadline, and the next one\t*"};

static enum defect defect;
static char services[16][5]; /* by socket: the first bytes that were sent, "" for a listener */

void __real_dunlin_netdev_notify(dunlin_netdev_t dev, int32_t sock, uint32_t events);
void __wrap_dunlin_netdev_notify(dunlin_netdev_t dev, int32_t sock, uint32_t events);

void __wrap_dunlin_netdev_notify(dunlin_netdev_t dev, int32_t sock, uint32_t events)
{
    const char *service = sock >= 0 && sock < 16 ? services[sock] : "-";
    if ((defect == DATA_UNTOLD && strcmp(service, "LATE") == 0) ||
        (defect == END_UNTOLD && strcmp(service, "LAST") == 0) ||
        (defect == ROOM_UNTOLD && strcmp(service, "SLOW") == 0) ||
        (defect == CONNECTION_UNTOLD && service[0] == '\0' && events == DUNLIN_READABLE))
        return;
    __real_dunlin_netdev_notify(dev, sock, events);
}

static int32_t make_socket(void *ctx, uint32_t domain, uint32_t kind, uint32_t protocol)
{
    int32_t sock = modem_ops.socket(ctx, domain, kind, protocol);
    if (sock >= 0)
        services[sock][0] = '\0';
    return sock;
}

static int32_t send_some(void *ctx, int32_t sock, const void *data, size_t len, uint32_t flags,
                         int64_t deadline)
{
    if (sock >= 0 && sock < 16 && services[sock][0] == '\0' && len >= 4)
        memcpy(services[sock], data, 4);
    return modem_ops.send(ctx, sock, data, len, flags, deadline);
}

static int32_t step(void *ctx, int64_t deadline)
{
    int32_t ms = modem_ops.step(ctx, deadline);
    return defect == STEP_CODE ? -11 : ms;
}

static void print(void *user, const char *text, size_t len)
{
    (void)user;
    printf("%.*s\n", (int)len, text);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    struct dunlin_netdev_ops ops = modem_ops;
    struct dunlin_driver_kit_config config;
    if (argc == 2 && strcmp(argv[1], "--defects") == 0) {
        for (int i = 0; i + 1 < DEFECTS; i++)
            printf("%d\t%s\n", i + 1, fails[i]);
        return 0;
    }
    if (argc < 2 || modem_driver_start(DUNLIN_DRIVER_KIT_DEV) != 0)
        return 2;
    defect = (enum defect)(argc > 2 ? atoi(argv[2]) : 0);
    ops.socket = make_socket;
    ops.send = send_some;
    ops.step = step;
    memset(&config, 0, sizeof config);
    config.size = sizeof config;
    config.late_ms = 2500; /* the machine may be busy */
    config.ops = &ops;
    config.peer.family = DUNLIN_AF_INET;
    config.peer.port = (uint16_t)atoi(argv[1]);
    config.peer.ip[0] = 127;
    config.peer.ip[3] = 1;
    config.line = print;
    return dunlin_driver_kit_run(&config) == 0 ? 0 : 1;
}
