/*
 * drivers/posix: deadlines, wake and poll.
 *
 * Build: as test_driver_posix.c, and link with
 * -Wl,--wrap=poll,--wrap=recv,--wrap=send,--wrap=accept4 (system calls are counted).
 */
#include "driver_posix.h"

#include <poll.h>
#include <sys/socket.h>

#define SLOW_MS 3000 /* more than any of these calls takes, on a busy machine too */

static unsigned polls, recvs, sends, accepts;

int __real_poll(struct pollfd *fds, nfds_t count, int timeout);
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout);
ssize_t __real_recv(int fd, void *buf, size_t len, int flags);
ssize_t __wrap_recv(int fd, void *buf, size_t len, int flags);
ssize_t __real_send(int fd, const void *data, size_t len, int flags);
ssize_t __wrap_send(int fd, const void *data, size_t len, int flags);
int __real_accept4(int fd, struct sockaddr *addr, socklen_t *len, int flags);
int __wrap_accept4(int fd, struct sockaddr *addr, socklen_t *len, int flags);

int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout)
{
    __atomic_fetch_add(&polls, 1, __ATOMIC_RELAXED);
    return __real_poll(fds, count, timeout);
}

ssize_t __wrap_recv(int fd, void *buf, size_t len, int flags)
{
    __atomic_fetch_add(&recvs, 1, __ATOMIC_RELAXED);
    return __real_recv(fd, buf, len, flags);
}

ssize_t __wrap_send(int fd, const void *data, size_t len, int flags)
{
    __atomic_fetch_add(&sends, 1, __ATOMIC_RELAXED);
    return __real_send(fd, data, len, flags);
}

int __wrap_accept4(int fd, struct sockaddr *addr, socklen_t *len, int flags)
{
    __atomic_fetch_add(&accepts, 1, __ATOMIC_RELAXED);
    return __real_accept4(fd, addr, len, flags);
}

static void reset_counts(void)
{
    polls = recvs = sends = accepts = 0;
}

static void expect_counts(unsigned p, unsigned r, unsigned s, unsigned a)
{
    assert_int_equal(polls, p);
    assert_int_equal(recvs, r);
    assert_int_equal(sends, s);
    assert_int_equal(accepts, a);
}

static int32_t recv1(int32_t sock, uint32_t flags, int64_t deadline)
{
    char byte;
    return ops->recv(NULL, sock, &byte, 1, flags, deadline);
}

/* Sends on a unix socket until no byte fits. */
static void fill(int32_t sock)
{
    static const char block[65536];
    for (size_t len = sizeof block; len > 0; len /= 2) {
        while (ops->send(NULL, sock, block, len, DUNLIN_DONTWAIT, 0) > 0) {
        }
    }
    assert_int_equal(ops->send(NULL, sock, block, 1, DUNLIN_DONTWAIT, 0), DUNLIN_ERR_WOULD_BLOCK);
}

static void test_system_calls(void **state)
{
    (void)state;
    struct pair p = tcp_pair(DUNLIN_AF_INET);
    struct dunlin_netdev_poll item = {p.server, DUNLIN_READABLE, 0};
    reset_counts();
    assert_int_equal(recv1(p.server, DUNLIN_DONTWAIT, 0), DUNLIN_ERR_WOULD_BLOCK);
    expect_counts(0, 1, 0, 0);
    assert_int_equal(recv1(p.server, 0, 1), DUNLIN_ERR_WOULD_BLOCK);
    expect_counts(0, 2, 0, 0);
    assert_int_equal(ops->send(NULL, p.client, "xyz", 3, 0, 0), 3);
    expect_counts(0, 2, 1, 0);
    assert_int_equal(ops->poll(NULL, &item, 1, after_ms(SLOW_MS)), 1);
    expect_counts(1, 2, 1, 0);
    assert_int_equal(recv1(p.server, DUNLIN_DONTWAIT, 0), 1);
    expect_counts(1, 3, 1, 0);
    assert_int_equal(recv1(p.server, 0, 0), 1); /* it may wait, but need not */
    expect_counts(1, 4, 1, 0);
    assert_int_equal(ops->accept(NULL, p.listener, NULL, DUNLIN_DONTWAIT, 0),
                     DUNLIN_ERR_WOULD_BLOCK);
    expect_counts(1, 4, 1, 1);
    close_pair(p);
}

/* A deadline of a few ms may be past before the call looks at it: then it has not waited. */
static void expect_timeout(int32_t result, int32_t expected, int64_t deadline)
{
    if (result != DUNLIN_ERR_WOULD_BLOCK)
        assert_int_equal(result, expected);
    assert_true(dunlin_port_now_ms() >= deadline);
    assert_true(dunlin_port_now_ms() < deadline + SLOW_MS);
}

static void test_deadlines(void **state)
{
    (void)state;
    struct pair p = unix_pair();
    struct dunlin_netdev_poll item = {p.server, DUNLIN_READABLE, 99};
    fill(p.client);
    for (int64_t ms = 1; ms <= 64; ms *= 4) {
        int64_t d = after_ms(ms);
        expect_timeout(recv1(p.client, 0, d), DUNLIN_ERR_TIMEOUT, d);
        d = after_ms(ms);
        expect_timeout(ops->send(NULL, p.client, "x", 1, 0, d), DUNLIN_ERR_TIMEOUT, d);
        d = after_ms(ms);
        expect_timeout(ops->accept(NULL, p.listener, NULL, 0, d), DUNLIN_ERR_TIMEOUT, d);
        item.sock = p.client;
        d = after_ms(ms);
        expect_timeout(ops->poll(NULL, &item, 1, d), 0, d);
        assert_int_equal(item.revents, 0);
    }
    assert_int_equal(recv1(p.client, 0, after_ms(300)), DUNLIN_ERR_TIMEOUT);
    assert_int_equal(ops->send(NULL, p.client, "x", 1, 0, after_ms(300)), DUNLIN_ERR_TIMEOUT);
    assert_int_equal(recv1(p.client, 0, INT64_MIN), DUNLIN_ERR_WOULD_BLOCK);
    close_pair(p);
}

struct feeder {
    pthread_t thread;
    int32_t sock;
};

static void *feed(void *arg)
{
    struct feeder *f = arg;
    sleep_ms(30);
    ops->send(NULL, f->sock, "x", 1, 0, 0);
    return NULL;
}

static void test_data_ends_the_wait(void **state)
{
    (void)state;
    struct pair p = tcp_pair(DUNLIN_AF_INET6);
    const int64_t deadlines[] = {0, after_ms(60000), INT64_MAX};
    for (int i = 0; i < 3; i++) {
        struct feeder f = {.sock = p.client};
        assert_int_equal(pthread_create(&f.thread, NULL, feed, &f), 0);
        assert_int_equal(recv1(p.server, 0, deadlines[i]), 1);
        pthread_join(f.thread, NULL);
    }
    close_pair(p);
}

static void test_wake_before_is_sticky_per_direction(void **state)
{
    (void)state;
    struct pair p = tcp_pair(DUNLIN_AF_INET);
    assert_int_equal(ops->wake(NULL, p.client), 0);
    assert_int_equal(ops->wake(NULL, p.client), 0); /* twice is once */
    /* Calls that do not wait neither see it nor use it up. */
    assert_int_equal(recv1(p.client, DUNLIN_DONTWAIT, 0), DUNLIN_ERR_WOULD_BLOCK);
    assert_int_equal(recv1(p.client, 0, 1), DUNLIN_ERR_WOULD_BLOCK);
    assert_int_equal(ops->send(NULL, p.client, "x", 1, DUNLIN_DONTWAIT, 0), 1);
    /* One call of each direction does, even if it need not wait. */
    assert_int_equal(recv1(p.client, 0, after_ms(SLOW_MS)), DUNLIN_ERR_INTERRUPTED);
    int64_t d = after_ms(20);
    expect_timeout(recv1(p.client, 0, d), DUNLIN_ERR_TIMEOUT, d);
    assert_int_equal(ops->send(NULL, p.client, "x", 1, 0, 0), DUNLIN_ERR_INTERRUPTED);
    assert_int_equal(ops->send(NULL, p.client, "x", 1, 0, 0), 1);
    /* An accept is a read. A new socket with the same number knows of nothing. */
    assert_int_equal(ops->wake(NULL, p.listener), 0);
    assert_int_equal(ops->accept(NULL, p.listener, NULL, 0, 0), DUNLIN_ERR_INTERRUPTED);
    assert_int_equal(recv1(p.server, 0, after_ms(SLOW_MS)), 1);
    close_pair(p);
}

static void test_wake_during(void **state)
{
    (void)state;
    struct pair p = unix_pair();
    struct waker w;
    fill(p.client);
    wake_after(&w, p.client, 30);
    assert_int_equal(recv1(p.client, 0, 0), DUNLIN_ERR_INTERRUPTED);
    pthread_join(w.thread, NULL);
    /* Nobody wrote then: that direction's wake has stayed. */
    assert_int_equal(ops->send(NULL, p.client, "x", 1, 0, 0), DUNLIN_ERR_INTERRUPTED);
    wake_after(&w, p.client, 30);
    assert_int_equal(ops->send(NULL, p.client, "x", 1, 0, after_ms(60000)), DUNLIN_ERR_INTERRUPTED);
    pthread_join(w.thread, NULL);
    assert_int_equal(recv1(p.client, 0, 0), DUNLIN_ERR_INTERRUPTED);
    wake_after(&w, p.listener, 30);
    assert_int_equal(ops->accept(NULL, p.listener, NULL, 0, 0), DUNLIN_ERR_INTERRUPTED);
    pthread_join(w.thread, NULL);
    close_pair(p);
}

struct blocked {
    pthread_t thread;
    int32_t sock;
    int32_t result;
    bool writes;
};

static void *block(void *arg)
{
    struct blocked *b = arg;
    b->result = b->writes ? ops->send(NULL, b->sock, "x", 1, 0, after_ms(60000))
                          : recv1(b->sock, 0, after_ms(60000));
    return NULL;
}

static void test_wake_ends_both_directions(void **state)
{
    (void)state;
    struct pair p = unix_pair();
    struct blocked both[2] = {{.sock = p.client}, {.sock = p.client, .writes = true}};
    fill(p.client);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&both[i].thread, NULL, block, &both[i]), 0);
    sleep_ms(50);
    /* A second reader or writer is refused. */
    assert_int_equal(recv1(p.client, 0, after_ms(SLOW_MS)), DUNLIN_ERR_BUSY);
    assert_int_equal(ops->send(NULL, p.client, "x", 1, 0, after_ms(SLOW_MS)), DUNLIN_ERR_BUSY);
    assert_int_equal(ops->wake(NULL, p.client), 0);
    for (int i = 0; i < 2; i++) {
        pthread_join(both[i].thread, NULL);
        assert_int_equal(both[i].result, DUNLIN_ERR_INTERRUPTED);
    }
    int64_t d = after_ms(20); /* and both wakes are used up */
    expect_timeout(recv1(p.client, 0, d), DUNLIN_ERR_TIMEOUT, d);
    d = after_ms(20);
    expect_timeout(ops->send(NULL, p.client, "x", 1, 0, d), DUNLIN_ERR_TIMEOUT, d);
    close_pair(p);
}

/* Every wake ends a call, wherever the reader is at that moment: none is lost. */
struct storm {
    int32_t sock;
    unsigned seen;
    unsigned rounds;
};

static void *count_interrupts(void *arg)
{
    struct storm *s = arg;
    for (unsigned i = 0; i < s->rounds; i++) {
        if (recv1(s->sock, 0, after_ms(60000)) != DUNLIN_ERR_INTERRUPTED)
            break;
        __atomic_fetch_add(&s->seen, 1, __ATOMIC_SEQ_CST);
    }
    return NULL;
}

static void test_no_wake_is_lost(void **state)
{
    (void)state;
    struct pair p = tcp_pair(DUNLIN_AF_INET);
    struct storm s = {p.client, 0, 20000};
    pthread_t thread;
    int64_t start = dunlin_port_now_ms();
    assert_int_equal(pthread_create(&thread, NULL, count_interrupts, &s), 0);
    for (unsigned i = 0; i < s.rounds; i++) {
        assert_int_equal(ops->wake(NULL, p.client), 0);
        while (__atomic_load_n(&s.seen, __ATOMIC_SEQ_CST) <= i)
            assert_true(dunlin_port_now_ms() - start < 50000);
    }
    pthread_join(thread, NULL);
    assert_int_equal(s.seen, s.rounds);
    close_pair(p);
}

/* More blocked calls than there are pipes: the rest notices too. */
static void test_many_blocked(void **state)
{
    (void)state;
    enum { MANY = 150 };
    static struct blocked all[MANY];
    struct dunlin_addr addr;
    for (int i = 0; i < MANY; i++) {
        all[i].sock = bound(DUNLIN_AF_INET, DUNLIN_SOCK_DGRAM, &addr);
        assert_int_equal(pthread_create(&all[i].thread, NULL, block, &all[i]), 0);
    }
    sleep_ms(100);
    int64_t start = dunlin_port_now_ms();
    for (int i = 0; i < MANY; i++)
        assert_int_equal(ops->wake(NULL, all[i].sock), 0);
    for (int i = 0; i < MANY; i++) {
        pthread_join(all[i].thread, NULL);
        assert_int_equal(all[i].result, DUNLIN_ERR_INTERRUPTED);
        assert_int_equal(ops->close(NULL, all[i].sock), 0);
    }
    assert_true(dunlin_port_now_ms() - start < SLOW_MS);
}

/* Connects until one hangs, because the listener's backlog is full; that one is returned. */
static int32_t hang(const struct dunlin_addr *addr, int32_t *others, int *count)
{
    for (;;) {
        int32_t sock = ops->socket(NULL, DUNLIN_AF_INET, DUNLIN_SOCK_STREAM, 0);
        int64_t d = after_ms(200);
        int32_t err = ops->connect(NULL, sock, NULL, addr, d);
        if (err != 0) {
            expect_timeout(err, DUNLIN_ERR_TIMEOUT, d);
            return sock;
        }
        assert_true(*count < 16);
        others[(*count)++] = sock;
    }
}

static void test_connect_goes_on_after_an_interruption(void **state)
{
    (void)state;
    struct dunlin_addr addr;
    int32_t others[16];
    int count = 0;
    struct waker w;
    int32_t listener = bound(DUNLIN_AF_INET, DUNLIN_SOCK_STREAM, &addr);
    assert_int_equal(ops->listen(NULL, listener, 1), 0);
    int32_t sock = hang(&addr, others, &count);
    wake_after(&w, sock, 30);
    assert_int_equal(ops->connect(NULL, sock, NULL, &addr, 0), DUNLIN_ERR_INTERRUPTED);
    pthread_join(w.thread, NULL);
    assert_int_equal(ops->connect(NULL, sock, NULL, &addr, 1), DUNLIN_ERR_WOULD_BLOCK);
    while (count > 0) { /* room in the backlog: the same attempt comes through */
        int32_t server = ops->accept(NULL, listener, NULL, 0, after_ms(SLOW_MS));
        assert_true(server >= 0);
        assert_int_equal(ops->close(NULL, server), 0);
        assert_int_equal(ops->close(NULL, others[--count]), 0);
    }
    assert_int_equal(ops->connect(NULL, sock, NULL, &addr, after_ms(20000)), 0);
    int32_t server = ops->accept(NULL, listener, NULL, 0, after_ms(SLOW_MS));
    assert_true(server >= 0);
    assert_int_equal(ops->send(NULL, server, "x", 1, 0, 0), 1);
    /* The interruption of connect was one of the writer; the reader's wake is still there. */
    assert_int_equal(recv1(sock, 0, after_ms(SLOW_MS)), DUNLIN_ERR_INTERRUPTED);
    assert_int_equal(recv1(sock, 0, after_ms(SLOW_MS)), 1);
    close_pair((struct pair){listener, sock, server});
}

static void test_poll(void **state)
{
    (void)state;
    struct pair p = tcp_pair(DUNLIN_AF_INET);
    struct dunlin_netdev_poll set[3] = {
        {p.client, DUNLIN_READABLE | DUNLIN_WRITABLE, 0},
        {p.server, DUNLIN_READABLE, 0},
        {p.listener, DUNLIN_READABLE, 0},
    };
    assert_int_equal(ops->poll(NULL, set, 3, 0), 1);
    assert_int_equal(set[0].revents, DUNLIN_WRITABLE);
    assert_int_equal(set[1].revents, 0);
    assert_int_equal(ops->send(NULL, p.client, "x", 1, 0, 0), 1);
    set[0].events = DUNLIN_READABLE;
    assert_int_equal(ops->poll(NULL, set, 3, after_ms(SLOW_MS)), 1);
    assert_int_equal(set[1].revents, DUNLIN_READABLE);
    assert_int_equal(recv1(p.server, 0, 0), 1);
    /* Both ends shut: hung up, and a read would not wait. */
    assert_int_equal(ops->shutdown(NULL, p.client, DUNLIN_SHUT_WR), 0);
    assert_int_equal(ops->poll(NULL, set + 1, 1, after_ms(SLOW_MS)), 1);
    assert_int_equal(set[1].revents, DUNLIN_READABLE);
    assert_int_equal(ops->shutdown(NULL, p.server, DUNLIN_SHUT_WR), 0);
    assert_int_equal(ops->poll(NULL, set + 1, 1, after_ms(SLOW_MS)), 1);
    assert_int_equal(set[1].revents, DUNLIN_READABLE | DUNLIN_HANGUP);
    /* A number that is no socket is ready at once and in error; the others are still looked at. */
    set[0].sock = 1 << 20;
    set[0].revents = 0;
    assert_int_equal(ops->poll(NULL, set, 3, 0), 2);
    assert_int_equal(set[0].revents, DUNLIN_ERROR | DUNLIN_READABLE);
    assert_int_equal(set[1].revents, DUNLIN_READABLE | DUNLIN_HANGUP);
    assert_int_equal(set[2].revents, 0);
    assert_int_equal(ops->poll(NULL, set, UINT32_MAX, 0), DUNLIN_ERR_INVALID);
    close_pair(p);
}

struct poller {
    pthread_t thread;
    int32_t sock;
    int32_t result;
};

static void *poll_run(void *arg)
{
    struct poller *p = arg;
    struct dunlin_netdev_poll item = {p->sock, DUNLIN_READABLE, 0};
    p->result = ops->poll(NULL, &item, 1, after_ms(60000));
    return NULL;
}

static void test_poll_wake(void **state)
{
    (void)state;
    struct pair p = tcp_pair(DUNLIN_AF_INET);
    struct dunlin_netdev_poll item = {p.client, DUNLIN_READABLE, 0};
    struct poller all[3];
    /* Before: sticky for one poll that waits; one that only looks leaves it. */
    assert_int_equal(ops->wake(NULL, -1), 0);
    assert_int_equal(ops->poll(NULL, &item, 1, 1), 0);
    assert_int_equal(ops->poll(NULL, &item, 1, 0), DUNLIN_ERR_INTERRUPTED);
    int64_t d = after_ms(20);
    expect_timeout(ops->poll(NULL, &item, 1, d), 0, d);
    /* During: every one of them, and then it is used up. */
    for (int i = 0; i < 3; i++) {
        all[i].sock = p.client;
        assert_int_equal(pthread_create(&all[i].thread, NULL, poll_run, &all[i]), 0);
    }
    sleep_ms(50);
    assert_int_equal(ops->wake(NULL, -1), 0);
    for (int i = 0; i < 3; i++) {
        pthread_join(all[i].thread, NULL);
        assert_int_equal(all[i].result, DUNLIN_ERR_INTERRUPTED);
    }
    d = after_ms(20);
    expect_timeout(ops->poll(NULL, &item, 1, d), 0, d);
    /* A socket's wake is not the polls'. */
    assert_int_equal(ops->wake(NULL, p.client), 0);
    d = after_ms(20);
    expect_timeout(ops->poll(NULL, &item, 1, d), 0, d);
    close_pair(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_system_calls),
        cmocka_unit_test(test_deadlines),
        cmocka_unit_test(test_data_ends_the_wait),
        cmocka_unit_test(test_wake_before_is_sticky_per_direction),
        cmocka_unit_test(test_wake_during),
        cmocka_unit_test(test_wake_ends_both_directions),
        cmocka_unit_test(test_no_wake_is_lost),
        cmocka_unit_test(test_many_blocked),
        cmocka_unit_test(test_connect_goes_on_after_an_interruption),
        cmocka_unit_test(test_poll),
        cmocka_unit_test(test_poll_wake),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
