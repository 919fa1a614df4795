/* A name dialed by DNS: the device answers the question itself. */
#include "names.h"

#include <dunlin/dunlin.h>

#include "stub_device.h"

#include <string.h>

extern uint32_t port_random;

static const struct dunlin_addr server = { .family = DUNLIN_AF_INET, .port = 53, .ip = { 192, 0, 2, 53 } };
static uint8_t query[512];
static size_t query_len;

static int32_t send_query(void *ctx, int32_t sock, const void *data, size_t len, uint32_t flags,
                          const struct dunlin_addr *to, int64_t deadline)
{
    (void)ctx, (void)sock, (void)flags, (void)to, (void)deadline;
    query_len = len < sizeof query ? len : 0;
    memcpy(query, data, query_len);
    return (int32_t)len;
}

/* The question, and an address for it. */
static int32_t recv_reply(void *ctx, int32_t sock, void *buf, size_t len, uint32_t flags, struct dunlin_addr *from,
                          int64_t deadline)
{
    static const uint8_t head[] = { 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0 };
    static const uint8_t answer[] = { 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1 };
    uint8_t *reply = buf;
    size_t end = 12;
    (void)ctx, (void)sock, (void)flags, (void)deadline;
    while (end < query_len && query[end] != 0) {
        end += query[end] + 1u;
    }
    end += 5;
    if (end > query_len || end + sizeof answer > len) {
        return DUNLIN_ERR_WOULD_BLOCK;
    }
    memcpy(reply, query, end);
    memcpy(reply + 2, head, sizeof head);
    memcpy(reply + end, answer, sizeof answer);
    *from = server;
    return (int32_t)(end + sizeof answer);
}

static int32_t no_names(void *ctx, const char *name, uint32_t family, struct dunlin_addr *addrs, uint32_t capacity,
                        int64_t deadline)
{
    (void)ctx, (void)name, (void)family, (void)addrs, (void)capacity, (void)deadline;
    return DUNLIN_ERR_NOT_SUPPORTED;
}

void names(void (*check)(int condition, const char *what))
{
    static struct stub_device device;
    port_random = 0x5a;
    static struct dunlin_netdev_ops ops;
    ops = stub_device_ops;
    ops.caps |= DUNLIN_CAP_UDP;
    ops.get_host_by_name = no_names;
    ops.send_to = send_query;
    ops.recv_from = recv_reply;
    dunlin_netdev_t dev = dunlin_netdev_register("stub1", &ops, &device);
    check(dev > 0, "a device without names");
    check(dunlin_dial(NULL, "tcp", "device.example:80") == DUNLIN_ERR_NO_NAME_SERVER, "nobody to ask");
    check(dunlin_netdev_set_dns_servers(dev, &server, 1) == 0, "a name server");
    check(dunlin_dial(NULL, "tcp", "device.example:80") == DUNLIN_ERR_CONN_REFUSED, "its answer is dialed");
    check(query_len > 12, "it was asked");
    check(device.open == 0 && device.closed == 2, "both sockets are closed");
    check(dunlin_netdev_unregister(dev, dunlin_after_ms(100)) == 0, "the device goes");
    port_random = 0;
}
