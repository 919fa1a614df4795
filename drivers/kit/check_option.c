/* Options. None is vital: not supported is an answer, as long as it is that one. */
#include "internal.h"

struct option {
    uint32_t level, option;
    int32_t value;
    bool exact; /* get gives what was set; sizes and times may be rounded */
};

static const struct option options[] = {
    {DUNLIN_IPPROTO_TCP, DUNLIN_SO_TCP_NODELAY, 1, false},
    {DUNLIN_IPPROTO_TCP, DUNLIN_SO_TCP_NODELAY, 0, true},
    {DUNLIN_SOL_SOCKET, DUNLIN_SO_KEEPALIVE, 0, true},
    {DUNLIN_IPPROTO_TCP, DUNLIN_SO_TCP_KEEPIDLE, 20, true},
    {DUNLIN_IPPROTO_TCP, DUNLIN_SO_TCP_KEEPINTVL, 7, true},
    {DUNLIN_IPPROTO_TCP, DUNLIN_SO_TCP_KEEPCNT, 3, true},
    {DUNLIN_SOL_SOCKET, DUNLIN_SO_LINGER, 2, true},
    {DUNLIN_SOL_SOCKET, DUNLIN_SO_LINGER, -1, true},
    {DUNLIN_SOL_SOCKET, DUNLIN_SO_RCVBUF, 4096, false},
    {DUNLIN_SOL_SOCKET, DUNLIN_SO_SNDBUF, 4096, false},
};

static int32_t set(int32_t sock, uint32_t level, uint32_t option, int32_t value)
{
    return KIT_OPS->set_sock_opt(KIT_CTX, sock, level, option, &value, sizeof value);
}

static void sets(void)
{
    int32_t sock = dunlin_kit_dial("ECHO");
    CHECKED(sock);
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        const struct option *o = &options[i];
        int32_t err = set(sock, o->level, o->option, o->value);
        if (err == DUNLIN_ERR_NOT_SUPPORTED)
            continue;
        WANT_IS("set_sock_opt", err, 0);
        int32_t value = INT32_MIN;
        size_t len = sizeof value;
        if (KIT_OPS->get_sock_opt == NULL)
            continue;
        err = KIT_OPS->get_sock_opt(KIT_CTX, sock, o->level, o->option, &value, &len);
        if (err == DUNLIN_ERR_NOT_SUPPORTED)
            continue;
        WANT_IS("get_sock_opt", err, 0);
        WANT(len == sizeof value && value != INT32_MIN, "get_sock_opt: not an int32_t");
        WANT(!o->exact || value == o->value, "get_sock_opt: not what was set");
    }
    CHECKED(dunlin_kit_echo(sock));
}

static void refuses(void)
{
    int32_t sock = dunlin_kit_socket(DUNLIN_AF_INET, DUNLIN_SOCK_STREAM), value = 1;
    size_t len = sizeof value;
    WANT_OK("socket", sock);
    WANT_IS("an option that nobody has", set(sock, DUNLIN_SOL_SOCKET, 9999, 1),
            DUNLIN_ERR_NOT_SUPPORTED);
    WANT_IS("a level that nobody has", set(sock, 9999, DUNLIN_SO_KEEPALIVE, 1),
            DUNLIN_ERR_NOT_SUPPORTED);
    WANT_ERROR("a value of one byte", KIT_OPS->set_sock_opt(KIT_CTX, sock, DUNLIN_SOL_SOCKET,
                                                            DUNLIN_SO_KEEPALIVE, &value, 1));
    if (KIT_OPS->get_sock_opt == NULL)
        return;
    WANT_IS("get_sock_opt of an option that nobody has",
            KIT_OPS->get_sock_opt(KIT_CTX, sock, DUNLIN_SOL_SOCKET, 9999, &value, &len),
            DUNLIN_ERR_NOT_SUPPORTED);
    len = 1;
    value = 0x5a5a5a5a;
    WANT_ERROR(
        "get_sock_opt into one byte",
        KIT_OPS->get_sock_opt(KIT_CTX, sock, DUNLIN_SOL_SOCKET, DUNLIN_SO_KEEPALIVE, &value, &len));
    WANT(value == 0x5a5a5a5a, "get_sock_opt into one byte: it wrote more");
}

static const struct dunlin_kit_check option_checks[] = {
    {"option: those that it has", sets, NEED_OPTIONS},
    {"option: those that nobody has", refuses, NEED_OPTIONS},
};
const struct dunlin_kit_group dunlin_kit_options = KIT_GROUP(option_checks);
