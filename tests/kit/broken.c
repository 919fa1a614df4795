/* The broken table: what does not wait. */
#include "broken.h"

#include <dunlin/posix.h>
#include <dunlin/port.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

enum defect broken_defect;
struct dunlin_netdev_ops broken_table;
struct broken_sock broken_socks[BROKEN_SOCKS];
int32_t broken_last_socket = -1;

static const struct dunlin_netdev_ops *const whole = &dunlin_posix_ops;

struct broken_sock *broken_sock(int32_t sock)
{
    static struct broken_sock none;
    return sock >= 0 && sock < BROKEN_SOCKS ? &broken_socks[sock] : &none;
}

bool broken_serves(int32_t sock, const char *service)
{
    return strcmp(broken_sock(sock)->service, service) == 0;
}

void broken_sleep(int64_t ms)
{
    struct timespec pause = {(time_t)(ms / 1000), (long)(ms % 1000) * 1000000L};
    nanosleep(&pause, NULL);
}

static int32_t own_addr(void *ctx, struct dunlin_addr *addrs, uint32_t capacity)
{
    int32_t n = whole->addr(ctx, addrs, capacity);
    if (is(ADDR_OVERFLOW))
        addrs[capacity].family = 0;
    return n;
}

static int32_t make_socket(void *ctx, uint32_t domain, uint32_t kind, uint32_t protocol)
{
    if (is(NUMBER_TWICE) && broken_last_socket >= 0)
        return broken_last_socket;
    if (is(RAW_KIND) && kind == DUNLIN_SOCK_RAW)
        return DUNLIN_ERR_NOT_SUPPORTED;
    int32_t sock = whole->socket(ctx, domain, kind, protocol);
    if (is(KIND_INVALID) && (domain == 99 || kind == 99))
        return DUNLIN_ERR_INVALID;
    if (is(TABLE_FULL_CODE) && sock == DUNLIN_ERR_NO_SOCKETS)
        return DUNLIN_ERR_NO_MEMORY;
    if (sock >= 0) {
        memset(broken_sock(sock), 0, sizeof(struct broken_sock));
        broken_sock(sock)->datagrams = kind == DUNLIN_SOCK_DGRAM;
        broken_last_socket = sock;
    }
    return sock;
}

static int32_t bind_to(void *ctx, int32_t sock, const struct dunlin_addr *addr)
{
    int32_t err = whole->bind(ctx, sock, addr);
    broken_last_socket = -1;
    if (is(IN_USE_CODE) && err == DUNLIN_ERR_ADDR_IN_USE)
        return DUNLIN_ERR_IO;
    if (is(BIND_AGAIN) && addr->port != 0)
        return DUNLIN_ERR_ADDR_IN_USE;
    return err;
}

static int32_t close_it(void *ctx, int32_t sock)
{
    broken_last_socket = -1;
    return whole->close(ctx, sock);
}

static int32_t shut_down(void *ctx, int32_t sock, uint32_t how)
{
    return is(SHUTDOWN_RD_NOTHING) && how == DUNLIN_SHUT_RD ? 0 : whole->shutdown(ctx, sock, how);
}

static int32_t send_vec(void *ctx, int32_t sock, const struct dunlin_iovec *vec, uint32_t count,
                        uint32_t flags, int64_t deadline)
{
    struct dunlin_iovec copy[64];
    if (!is(VEC_ORDER) || count < 2 || count > 64)
        return whole->send_vec(ctx, sock, vec, count, flags, deadline);
    for (uint32_t i = 0; i < count; i++)
        copy[i] = vec[count - 1 - i];
    return whole->send_vec(ctx, sock, copy, count, flags, deadline);
}

static int32_t local_addr(void *ctx, int32_t sock, struct dunlin_addr *addr)
{
    struct dunlin_addr peer;
    int32_t err = whole->local_addr(ctx, sock, addr);
    if (is(LOCAL_PORT) && whole->peer_addr(ctx, sock, &peer) == 0)
        addr->port++;
    return err;
}

static int32_t set_option(void *ctx, int32_t sock, uint32_t level, uint32_t option,
                          const void *value, size_t len)
{
    int32_t err = whole->set_sock_opt(ctx, sock, level, option, value, len);
    if (is(OPTION_CODE) && err == DUNLIN_ERR_NOT_SUPPORTED)
        return DUNLIN_ERR_INVALID;
    return is(LEAVE_CODE) && option == DUNLIN_SO_MULTICAST_LEAVE ? DUNLIN_ERR_NOT_SUPPORTED : err;
}

static int32_t get_option(void *ctx, int32_t sock, uint32_t level, uint32_t option, void *value,
                          size_t *len)
{
    int32_t number, err = whole->get_sock_opt(ctx, sock, level, option, value, len);
    if (is(OPTION_VALUE) && err == 0 && option == DUNLIN_SO_TCP_KEEPIDLE) {
        memcpy(&number, value, sizeof number);
        number++;
        memcpy(value, &number, sizeof number);
    }
    return err;
}

static int32_t look_up(void *ctx, const char *name, uint32_t family, struct dunlin_addr *addrs,
                       uint32_t capacity, int64_t deadline)
{
    int64_t begun = dunlin_port_now_ms();
    if (is(LOOKUP_WAITS) && deadline == 1)
        deadline = begun + 4000;
    if (is(LOOKUP_FAMILY) && family == DUNLIN_AF_INET6)
        family = DUNLIN_AF_INET;
    int32_t n = whole->get_host_by_name(ctx, name, family, addrs, capacity, deadline);
    if (is(LOOKUP_FORGETS) && n == DUNLIN_ERR_INTERRUPTED)
        n = whole->get_host_by_name(ctx, name, family, addrs, capacity, deadline);
    if (is(LOOKUP_OVERFLOW) && family == 0 && capacity == 4)
        addrs[capacity].family = 0;
    if (is(LOOKUP_WAITS) && deadline == begun + 4000)
        broken_sleep(4000);
    return is(LOOKUP_CODE) && n == DUNLIN_ERR_NO_SUCH_HOST ? DUNLIN_ERR_NAME_SERVER : n;
}

void broken_make_others(void)
{
    broken_table.addr = own_addr;
    broken_table.socket = make_socket;
    broken_table.bind = bind_to;
    broken_table.close = close_it;
    broken_table.shutdown = shut_down;
    broken_table.send_vec = send_vec;
    broken_table.local_addr = local_addr;
    broken_table.set_sock_opt = set_option;
    broken_table.get_sock_opt = get_option;
    broken_table.get_host_by_name = look_up;
    if (is(RESERVED_SET))
        broken_table.reserved = 1;
    if (is(CLAIM_WITHOUT_ENTRY))
        broken_table.set_sock_opt = NULL;
    if (is(CLAIM_MISSING))
        broken_table.caps &= ~(uint32_t)DUNLIN_CAP_IPV6;
}

const struct dunlin_netdev_ops *broken_ops(uint32_t defect)
{
    if (defect >= DEFECT_COUNT)
        return NULL;
    if (defect == WHOLE)
        return whole;
    broken_defect = (enum defect)defect;
    broken_table = *whole;
    broken_make_others();
    broken_make_waits();
    return &broken_table;
}

void broken_list(void)
{
    static const char *const lines[] = {
#define X(name, check, others) #name "\t" check "\t" others,
        DEFECTS(X)
#undef X
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        printf("%u\t%s\n", (unsigned)i + 1, lines[i]);
}
