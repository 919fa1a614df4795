/*
 * drivers/posix: names, with a getaddrinfo() that the test holds and lets go.
 *
 * Build: as test_driver_posix.c, and link with -Wl,--wrap=getaddrinfo,--wrap=freeaddrinfo.
 */
#include "driver_posix.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <strings.h>

#define SLOW_MS 3000
#define SLOTS   8 /* DUNLIN_POSIX_MAX_LOOKUPS */

int __wrap_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                       struct addrinfo **result);
void __wrap_freeaddrinfo(struct addrinfo *list);

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER; /* held: "slow..." names hang */
static unsigned running, started;

/* "slow*" waits at the gate. "none", "again", "system" fail. "many" has 40 addresses, others two.
 */
int __wrap_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                       struct addrinfo **result)
{
    struct node {
        struct addrinfo info;
        struct sockaddr_in sin;
    };
    (void)service;
    __atomic_fetch_add(&started, 1, __ATOMIC_SEQ_CST);
    __atomic_fetch_add(&running, 1, __ATOMIC_SEQ_CST);
    if (strncasecmp(node, "slow", 4) == 0) {
        pthread_mutex_lock(&gate);
        pthread_mutex_unlock(&gate);
    }
    int count = strcmp(node, "many") == 0 ? 40 : 2;
    *result = NULL;
    for (int i = 0; i < count; i++) {
        struct node *n = calloc(1, sizeof *n);
        assert_non_null(n);
        n->sin.sin_family = AF_INET;
        n->sin.sin_addr.s_addr = htonl(0x0a000001u + (uint32_t)(count - 1 - i));
        n->info.ai_family = AF_INET;
        n->info.ai_addr = (struct sockaddr *)(void *)&n->sin;
        n->info.ai_addrlen = sizeof n->sin;
        n->info.ai_next = *result;
        *result = &n->info;
    }
    int code = 0;
    if (strcmp(node, "none") == 0 || hints->ai_family == AF_INET6)
        code = EAI_NONAME;
    if (strcmp(node, "again") == 0)
        code = EAI_AGAIN;
    if (strcmp(node, "system") == 0)
        code = EAI_SYSTEM;
    if (code != 0) {
        __wrap_freeaddrinfo(*result);
        errno = ENETDOWN;
    }
    __atomic_fetch_sub(&running, 1, __ATOMIC_SEQ_CST);
    return code;
}

void __wrap_freeaddrinfo(struct addrinfo *list)
{
    while (list != NULL) {
        struct addrinfo *next = list->ai_next;
        free(list);
        list = next;
    }
}

static int32_t look_up(const char *name, uint32_t family, struct dunlin_addr *addrs,
                       uint32_t capacity, int64_t deadline)
{
    return ops->get_host_by_name(NULL, name, family, addrs, capacity, deadline);
}

static unsigned starts(void)
{
    return __atomic_load_n(&started, __ATOMIC_SEQ_CST);
}

/* Opens the gate and waits until no lookup is left behind. */
static void drain(void)
{
    struct dunlin_addr addr;
    pthread_mutex_unlock(&gate);
    while (__atomic_load_n(&running, __ATOMIC_SEQ_CST) > 0)
        sleep_ms(1);
    sleep_ms(20); /* the threads' last steps, which give their slots back */
    assert_int_equal(look_up("fast", 0, &addr, 1, after_ms(SLOW_MS)), 1);
}

static void test_answers(void **state)
{
    (void)state;
    struct dunlin_addr addrs[20];
    assert_int_equal(look_up("host", 0, addrs, 20, after_ms(SLOW_MS)), 2);
    assert_int_equal(addrs[0].family, DUNLIN_AF_INET);
    assert_int_equal(addrs[0].ip[0], 10);
    assert_int_equal(addrs[0].ip[3], 1);
    assert_int_equal(addrs[1].ip[3], 2);
    assert_int_equal(look_up("host", DUNLIN_AF_INET, addrs, 1, 0), 1);
    assert_int_equal(look_up("many", 0, addrs, 20, 0), 16);
    assert_int_equal(look_up("host", DUNLIN_AF_INET6, addrs, 20, 0), DUNLIN_ERR_NO_SUCH_HOST);
    assert_int_equal(look_up("none", 0, addrs, 20, 0), DUNLIN_ERR_NO_SUCH_HOST);
    assert_int_equal(look_up("again", 0, addrs, 20, 0), DUNLIN_ERR_NAME_SERVER);
    assert_int_equal(look_up("system", 0, addrs, 20, 0), DUNLIN_ERR_NET_DOWN);
}

static void test_at_once(void **state)
{
    (void)state;
    struct dunlin_addr addrs[4];
    char long_name[300];
    unsigned before = starts();
    assert_int_equal(look_up("192.0.2.7", 0, addrs, 4, 1), 1);
    assert_int_equal(addrs[0].family, DUNLIN_AF_INET);
    assert_int_equal(addrs[0].ip[3], 7);
    assert_int_equal(look_up("192.0.2.7", DUNLIN_AF_INET6, addrs, 4, 1), DUNLIN_ERR_NO_SUCH_HOST);
    assert_int_equal(look_up("2001:db8::1", 0, addrs, 4, 1), 1);
    assert_int_equal(addrs[0].family, DUNLIN_AF_INET6);
    assert_int_equal(addrs[0].ip[15], 1);
    assert_int_equal(look_up("fe80::1%3", 0, addrs, 4, 1), 1);
    assert_int_equal(addrs[0].scope_id, 3);
    assert_int_equal(look_up("fe80::1%lo", 0, addrs, 4, 1), 1);
    assert_true(addrs[0].scope_id > 0);
    assert_int_equal(look_up("LocalHost", 0, addrs, 4, 1), 2);
    assert_int_equal(addrs[0].family, DUNLIN_AF_INET);
    assert_int_equal(addrs[1].family, DUNLIN_AF_INET6);
    assert_int_equal(look_up("localhost.", DUNLIN_AF_INET6, addrs, 4, 1), 1);
    assert_int_equal(look_up("localhost", 0, addrs, 1, 1), 1);
    assert_int_equal(look_up("", 0, addrs, 4, 0), DUNLIN_ERR_NO_SUCH_HOST);
    assert_int_equal(look_up(NULL, 0, addrs, 4, 0), DUNLIN_ERR_INVALID);
    assert_int_equal(look_up("host", 0, NULL, 4, 0), DUNLIN_ERR_INVALID);
    assert_int_equal(look_up("host", 0, addrs, 0, 0), DUNLIN_ERR_INVALID);
    assert_int_equal(look_up("host", DUNLIN_AF_UNIX, addrs, 4, 0), DUNLIN_ERR_NOT_SUPPORTED);
    memset(long_name, 'a', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';
    assert_int_equal(look_up(long_name, 0, addrs, 4, 0), DUNLIN_ERR_NAME_TOO_LONG);
    assert_int_equal(look_up("host", 0, addrs, 4, 1), DUNLIN_ERR_WOULD_BLOCK); /* past: not begun */
    assert_int_equal(starts(), before);
}

static void test_deadline_and_join(void **state)
{
    (void)state;
    struct dunlin_addr addrs[2], untouched[2];
    unsigned before = starts();
    memset(addrs, 0xa5, sizeof addrs);
    memset(untouched, 0xa5, sizeof untouched);
    pthread_mutex_lock(&gate);
    for (int i = 0; i < SLOTS + 4; i++) { /* asking again joins the same job */
        int64_t deadline = after_ms(10);
        assert_int_equal(look_up("slow", 0, addrs, 2, deadline), DUNLIN_ERR_TIMEOUT);
        assert_true(dunlin_port_now_ms() >= deadline);
        assert_true(dunlin_port_now_ms() < deadline + SLOW_MS);
    }
    while (starts() - before < 1)
        sleep_ms(1);
    assert_int_equal(starts() - before, 1);
    drain();
    assert_memory_equal(addrs, untouched, sizeof addrs); /* the late answer went nowhere */
    assert_int_equal(look_up("slow", 0, addrs, 2, after_ms(SLOW_MS)), 2);
}

static void test_table_full(void **state)
{
    (void)state;
    struct dunlin_addr addr;
    char name[16];
    unsigned before = starts();
    pthread_mutex_lock(&gate);
    for (int i = 0; i < SLOTS; i++) {
        snprintf(name, sizeof name, "slow%d", i);
        assert_int_equal(look_up(name, 0, &addr, 1, after_ms(5)), DUNLIN_ERR_TIMEOUT);
    }
    while (starts() - before < SLOTS)
        sleep_ms(1);
    assert_int_equal(look_up("host", 0, &addr, 1, after_ms(SLOW_MS)), DUNLIN_ERR_NO_SLOT);
    assert_int_equal(look_up("192.0.2.7", 0, &addr, 1, 0), 1); /* needs none */
    drain();
    for (int i = 0; i < SLOTS + 1; i++) {
        snprintf(name, sizeof name, "slow%d", i);
        assert_int_equal(look_up(name, 0, &addr, 1, after_ms(SLOW_MS)), 1);
    }
}

struct asker {
    pthread_t thread;
    const char *name;
    int32_t result;
};

static void *ask(void *arg)
{
    struct asker *a = arg;
    struct dunlin_addr addrs[2];
    a->result = look_up(a->name, 0, addrs, 2, 0);
    return NULL;
}

static void test_wake(void **state)
{
    (void)state;
    struct dunlin_addr addr;
    struct asker all[3] = {{.name = "slow1"}, {.name = "slow1"}, {.name = "slow2"}};
    unsigned before;
    /* Before: sticky for the next that has to wait. */
    assert_int_equal(ops->wake(NULL, DUNLIN_WAKE_LOOKUP), 0);
    assert_int_equal(look_up("127.0.0.1", 0, &addr, 1, 0), 1);
    assert_int_equal(look_up("fast", 0, &addr, 1, 0), DUNLIN_ERR_INTERRUPTED);
    assert_int_equal(look_up("fast", 0, &addr, 1, 0), 1);
    /* During: all of them. */
    before = starts();
    pthread_mutex_lock(&gate);
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&all[i].thread, NULL, ask, &all[i]), 0);
    while (starts() - before < 2)
        sleep_ms(1);
    sleep_ms(300); /* for the one that joins a job */
    assert_int_equal(ops->wake(NULL, DUNLIN_WAKE_LOOKUP), 0);
    for (int i = 0; i < 3; i++) {
        pthread_join(all[i].thread, NULL);
        assert_int_equal(all[i].result, DUNLIN_ERR_INTERRUPTED);
    }
    drain();
}

static void test_two_share_one_job(void **state)
{
    (void)state;
    struct asker all[4] = {{.name = "slow"}, {.name = "SLOW"}, {.name = "slow"}, {.name = "slow"}};
    unsigned before = starts();
    pthread_mutex_lock(&gate);
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&all[i].thread, NULL, ask, &all[i]), 0);
    sleep_ms(300); /* until all of them are there */
    pthread_mutex_unlock(&gate);
    for (int i = 0; i < 4; i++) {
        pthread_join(all[i].thread, NULL);
        assert_int_equal(all[i].result, 2);
    }
    assert_int_equal(starts() - before, 1);
    pthread_mutex_lock(&gate);
    drain();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_at_once),
        cmocka_unit_test(test_deadline_and_join),
        cmocka_unit_test(test_table_full),
        cmocka_unit_test(test_wake),
        cmocka_unit_test(test_two_share_one_job),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
