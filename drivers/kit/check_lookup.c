/* Names. */
#include "internal.h"

static int64_t limit(void)
{
    return dunlin_kit_after(2 * dunlin_kit.limit_ms);
}

static const char *known(void)
{
    if (dunlin_kit.config->known_name == NULL)
        dunlin_kit_skip("no known name is configured");
    return dunlin_kit.config->known_name;
}

static const char *unknown(void)
{
    if (dunlin_kit.config->unknown_name == NULL)
        dunlin_kit_skip("no unknown name is configured");
    return dunlin_kit.config->unknown_name;
}

static void finds(void)
{
    struct dunlin_addr addrs[5];
    if (known() == NULL)
        return;
    for (uint32_t capacity = 1; capacity <= 4; capacity += 3) {
        addrs[capacity].family = 0x7777;
        int32_t count = dunlin_kit_lookup(known(), 0, addrs, capacity, limit());
        WANT_OK("get_host_by_name", count);
        WANT(count >= 1 && (uint32_t)count <= capacity,
             "get_host_by_name: not 1 to `capacity` addresses");
        WANT(addrs[capacity].family == 0x7777, "get_host_by_name: written past `capacity`");
        for (int32_t i = 0; i < count; i++)
            WANT(addrs[i].family == DUNLIN_AF_INET || addrs[i].family == DUNLIN_AF_INET6,
                 "get_host_by_name: neither IPv4 nor IPv6");
    }
}

static void of_family(void)
{
    static const uint32_t families[] = {DUNLIN_AF_INET, DUNLIN_AF_INET6};
    struct dunlin_addr addrs[4];
    if (known() == NULL)
        return;
    for (size_t f = 0; f < 2; f++) {
        int32_t count = dunlin_kit_lookup(known(), families[f], addrs, 4, limit());
        if (count == DUNLIN_ERR_NO_SUCH_HOST || count == DUNLIN_ERR_NOT_SUPPORTED)
            continue;
        WANT_OK("get_host_by_name of one family", count);
        for (int32_t i = 0; i < count; i++)
            WANT(addrs[i].family == families[f], "get_host_by_name: another family was asked for");
    }
}

static void finds_nothing(void)
{
    struct dunlin_addr addr;
    if (unknown() == NULL)
        return;
    WANT_IS("get_host_by_name", dunlin_kit_lookup(unknown(), 0, &addr, 1, limit()),
            DUNLIN_ERR_NO_SUCH_HOST);
}

static void does_not_wait(void)
{
    struct dunlin_addr addr;
    if (unknown() == NULL)
        return;
    int64_t begun = dunlin_port_now_ms();
    int32_t n = dunlin_kit_lookup(unknown(), 0, &addr, 1, 1);
    CHECKED(dunlin_kit_on_time("get_host_by_name with a deadline in the past", begun));
    if (n != DUNLIN_ERR_NO_SUCH_HOST) /* from a cache */
        WANT_IS("get_host_by_name with a deadline in the past", n, DUNLIN_ERR_WOULD_BLOCK);
}

/* Kept like a socket's, used up by one lookup; an answer that needs no waiting needs no wake
 * either. */
static void is_woken(void)
{
    struct dunlin_addr addr;
    if (unknown() == NULL)
        return;
    WANT_OK("wake", KIT_OPS->wake(KIT_CTX, DUNLIN_WAKE_LOOKUP));
    int32_t n = KIT_OPS->get_host_by_name(KIT_CTX, unknown(), 0, &addr, 1, limit());
    WANT_IS("get_host_by_name after wake(DUNLIN_WAKE_LOOKUP)", n, DUNLIN_ERR_INTERRUPTED);
    for (int i = 0; i < 4 && n == DUNLIN_ERR_INTERRUPTED; i++)
        n = KIT_OPS->get_host_by_name(KIT_CTX, unknown(), 0, &addr, 1, limit());
    WANT_IS("lookup after lookup", n, DUNLIN_ERR_NO_SUCH_HOST);
}

static const struct dunlin_kit_check lookup_checks[] = {
    {"lookup: a name", finds, NEED_LOOKUP},
    {"lookup: one family", of_family, NEED_LOOKUP},
    {"lookup: a name that nobody has", finds_nothing, NEED_LOOKUP},
    {"lookup: one that may not wait", does_not_wait, NEED_LOOKUP},
    {"lookup: a wake is kept for the next", is_woken, NEED_LOOKUP | NEED_WAKE | NEED_WAITING},
};
const struct dunlin_kit_group dunlin_kit_lookups = KIT_GROUP(lookup_checks);
