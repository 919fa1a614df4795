/* bind, listen, accept: the peer connects back. */
#include "internal.h"

static int64_t limit(void)
{
    return dunlin_kit_after(dunlin_kit.limit_ms);
}

static void accepts(void)
{
    struct dunlin_addr addr, from = {0x7777, 0, 0, {0}, NULL};
    int32_t sock = dunlin_kit_listen(DUNLIN_AF_INET, &addr);
    CHECKED(sock);
    CHECKED(dunlin_kit_call_back(sock, 0, 1));
    int32_t conn = dunlin_kit_accept(sock, &from, 0, limit());
    WANT_OK("accept", conn);
    WANT(conn != sock, "accept: the listener's own number");
    WANT(from.family == DUNLIN_AF_INET && from.port != 0, "accept: no address of the peer");
    CHECKED(dunlin_kit_echo(conn));
    WANT_OK("close of the listener", dunlin_kit_close(sock));
    CHECKED(dunlin_kit_echo(conn));
}

static void accepts_several(void)
{
    struct dunlin_addr addr, from;
    int32_t conns[3];
    int32_t sock = dunlin_kit_listen(DUNLIN_AF_INET, &addr);
    CHECKED(sock);
    CHECKED(dunlin_kit_call_back(sock, 0, 3));
    dunlin_kit_sleep(2 * dunlin_kit.short_ms); /* they wait in the backlog */
    for (int i = 0; i < 3; i++) {
        conns[i] = dunlin_kit_accept(sock, &from, 0, limit());
        WANT_OK("accept", conns[i]);
        for (int k = 0; k < i; k++)
            WANT(conns[i] != conns[k], "accept: a number that is in use");
    }
    for (int i = 0; i < 3; i++)
        CHECKED(dunlin_kit_echo(conns[i]));
}

static void does_not_wait(void)
{
    struct dunlin_addr addr, from;
    int32_t sock = dunlin_kit_listen(DUNLIN_AF_INET, &addr);
    CHECKED(sock);
    int64_t begun = dunlin_port_now_ms();
    WANT_IS("accept with DUNLIN_DONTWAIT", dunlin_kit_accept(sock, &from, DUNLIN_DONTWAIT, 0),
            DUNLIN_ERR_WOULD_BLOCK);
    WANT_IS("accept with a deadline in the past", dunlin_kit_accept(sock, &from, 0, 1),
            DUNLIN_ERR_WOULD_BLOCK);
    CHECKED(dunlin_kit_on_time("accept", begun));
}

static void address_in_use(void)
{
    struct dunlin_addr addr;
    int32_t sock = dunlin_kit_listen(DUNLIN_AF_INET, &addr);
    CHECKED(sock);
    int32_t second = dunlin_kit_socket(DUNLIN_AF_INET, DUNLIN_SOCK_STREAM);
    WANT_OK("socket", second);
    addr.ip[0] = addr.ip[1] = addr.ip[2] = addr.ip[3] = 0;
    int32_t err = KIT_OPS->bind(KIT_CTX, second, &addr);
    if (err >= 0) /* some notice it only now */
        err = KIT_OPS->listen(KIT_CTX, second, 4);
    WANT_IS("bind and listen where another listens", err, DUNLIN_ERR_ADDR_IN_USE);
}

static void listens_again(void)
{
    struct dunlin_addr addr, from;
    int32_t sock = dunlin_kit_listen(DUNLIN_AF_INET, &addr);
    CHECKED(sock);
    CHECKED(dunlin_kit_call_back(sock, 0, 1));
    int32_t conn = dunlin_kit_accept(sock, &from, 0, limit());
    WANT_OK("accept", conn);
    WANT_OK("close", dunlin_kit_close(conn));
    WANT_OK("close", dunlin_kit_close(sock));
    int32_t again = dunlin_kit_socket(DUNLIN_AF_INET, DUNLIN_SOCK_STREAM);
    WANT_OK("socket", again);
    WANT_IS("bind to the address of a closed listener", KIT_OPS->bind(KIT_CTX, again, &addr), 0);
    WANT_IS("listen", KIT_OPS->listen(KIT_CTX, again, 4), 0);
}

/* With no socket left for a connection it waits: the listener lives on. */
static void out_of_sockets(void)
{
    struct dunlin_addr addr, from;
    int32_t last = 0;
    int32_t sock = dunlin_kit_listen(DUNLIN_AF_INET, &addr);
    CHECKED(sock);
    CHECKED(dunlin_kit_call_back(sock, 0, 1));
    while (last >= 0 && dunlin_kit.open_count < DUNLIN_DRIVER_KIT_SOCKETS)
        last = dunlin_kit_socket(DUNLIN_AF_INET, DUNLIN_SOCK_STREAM);
    if (last >= 0) {
        dunlin_kit_skip("the device has more sockets than the kit holds");
        return;
    }
    WANT_IS("accept with no socket left", dunlin_kit_accept(sock, &from, 0, limit()),
            DUNLIN_ERR_NO_SOCKETS);
    WANT_OK("close", dunlin_kit_close(dunlin_kit.open[dunlin_kit.open_count - 1]));
    int32_t conn = dunlin_kit_accept(sock, &from, 0, limit());
    WANT_OK("accept, when one was closed", conn);
    CHECKED(dunlin_kit_echo(conn));
}

static const struct dunlin_kit_check listen_checks[] = {
    {"listen: a connection, which outlives its listener", accepts, NEED_LISTEN},
    {"listen: three in the backlog", accepts_several, NEED_LISTEN},
    {"listen: accept that may not wait", does_not_wait, NEED_LISTEN},
    {"listen: an address in use", address_in_use, NEED_LISTEN},
    {"listen: again where one was closed", listens_again, NEED_LISTEN},
    {"listen: accept with no socket left", out_of_sockets, NEED_LISTEN},
};
const struct dunlin_kit_group dunlin_kit_listens = KIT_GROUP(listen_checks);
