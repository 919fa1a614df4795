/*
 * drivers/posix: sockets, data, addresses, options, errors. See test_driver_posix_wake.c for waits.
 *
 * Build: this file, drivers/posix/{addr,io,lookup,netdev,option,poll,wait}.c,
 * port/posix/dunlin_port_posix.c; -Iinclude; -lcmocka -pthread.
 */
#include "driver_posix.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>

static void exchange(int32_t from, int32_t to)
{
    char buf[16];
    struct dunlin_iovec vec[] = {{"he", 2}, {NULL, 0}, {"llo", 3}};
    assert_int_equal(ops->send(NULL, from, "hello", 5, 0, after_ms(5000)), 5);
    assert_int_equal(ops->recv(NULL, to, buf, sizeof buf, DUNLIN_PEEK, after_ms(5000)), 5);
    assert_int_equal(ops->recv(NULL, to, buf, 2, 0, after_ms(5000)), 2);
    assert_int_equal(ops->recv(NULL, to, buf + 2, sizeof buf, 0, after_ms(5000)), 3);
    assert_memory_equal(buf, "hello", 5);
    assert_int_equal(ops->send_vec(NULL, from, vec, 3, DUNLIN_DONTWAIT, 0), 5);
    assert_int_equal(ops->recv(NULL, to, buf, sizeof buf, 0, after_ms(5000)), 5);
    assert_memory_equal(buf, "hello", 5);
}

static void tcp(uint16_t family)
{
    struct pair p = tcp_pair(family);
    struct dunlin_addr a, b;
    char buf[8];
    exchange(p.client, p.server);
    exchange(p.server, p.client);
    assert_int_equal(ops->local_addr(NULL, p.client, &a), 0);
    assert_int_equal(ops->peer_addr(NULL, p.server, &b), 0);
    assert_memory_equal(&a, &b, sizeof a);
    assert_int_equal(ops->shutdown(NULL, p.client, DUNLIN_SHUT_WR), 0);
    assert_int_equal(ops->recv(NULL, p.server, buf, sizeof buf, 0, after_ms(5000)), 0);
    assert_int_equal(ops->send(NULL, p.client, "x", 1, 0, 0), DUNLIN_ERR_BROKEN_PIPE);
    exchange(p.server, p.client); /* the other direction is still open */
    close_pair(p);
}

static void test_tcp(void **state)
{
    (void)state;
    tcp(DUNLIN_AF_INET);
    tcp(DUNLIN_AF_INET6);
}

static void test_pieces(void **state)
{
    (void)state;
    enum { MANY = 100 };
    struct pair p = tcp_pair(DUNLIN_AF_INET);
    struct dunlin_addr addr;
    struct dunlin_iovec vec[MANY];
    char buf[2 * MANY];
    for (int i = 0; i < MANY; i++)
        vec[i] = (struct dunlin_iovec){"ab", 2};
    /* Of a stream as many go as fit one call; of a datagram all or none. */
    int32_t sent = ops->send_vec(NULL, p.client, vec, MANY, 0, after_ms(5000));
    assert_true(sent > 0 && sent < 2 * MANY && sent % 2 == 0);
    assert_int_equal(ops->recv(NULL, p.server, buf, sizeof buf, 0, after_ms(5000)), sent);
    assert_memory_equal(buf, "abababab", 8);
    int32_t udp = bound(DUNLIN_AF_INET, DUNLIN_SOCK_DGRAM, &addr);
    assert_int_equal(ops->connect(NULL, udp, NULL, &addr, 0), 0); /* to itself */
    assert_int_equal(ops->send_vec(NULL, udp, vec, MANY, 0, 0), DUNLIN_ERR_MESSAGE_SIZE);
    assert_int_equal(ops->send_vec(NULL, udp, vec, 3, 0, 0), 6);
    assert_int_equal(ops->recv(NULL, udp, buf, sizeof buf, 0, after_ms(5000)), 6);
    assert_int_equal(ops->send_vec(NULL, udp, NULL, 0, 0, 0), 0); /* an empty datagram */
    assert_int_equal(ops->recv(NULL, udp, buf, sizeof buf, 0, after_ms(5000)), 0);
    assert_int_equal(ops->close(NULL, udp), 0);
    /* Nothing to send or no room is nothing done; DUNLIN_MORE holds back only for a while. */
    assert_int_equal(ops->send(NULL, p.client, NULL, 0, 0, 0), 0);
    assert_int_equal(ops->send_to(NULL, p.client, NULL, 0, 0, NULL, 0), 0);
    assert_int_equal(ops->send_vec(NULL, p.client, vec, 0, 0, 0), 0);
    assert_int_equal(ops->send(NULL, p.client, "he", 2, DUNLIN_MORE, 0), 2);
    assert_int_equal(ops->recv(NULL, p.server, NULL, 0, 0, 0), 0);
    assert_int_equal(ops->send(NULL, p.client, "llo", 3, 0, 0), 3);
    assert_int_equal(ops->recv(NULL, p.server, buf, sizeof buf, 0, after_ms(5000)), 5);
    close_pair(p);
}

static void test_peer_reset(void **state)
{
    (void)state;
    struct pair p = tcp_pair(DUNLIN_AF_INET);
    int32_t now = 0, linger = 7, off = -1;
    size_t len = sizeof linger;
    char buf[8];
    assert_int_equal(
        ops->get_sock_opt(NULL, p.client, DUNLIN_SOL_SOCKET, DUNLIN_SO_LINGER, &linger, &len), 0);
    assert_int_equal(linger, -1);
    assert_int_equal(
        ops->set_sock_opt(NULL, p.client, DUNLIN_SOL_SOCKET, DUNLIN_SO_LINGER, &off, sizeof off),
        0);
    assert_int_equal(
        ops->set_sock_opt(NULL, p.client, DUNLIN_SOL_SOCKET, DUNLIN_SO_LINGER, &now, sizeof now),
        0);
    assert_int_equal(ops->close(NULL, p.client), 0);
    assert_int_equal(ops->recv(NULL, p.server, buf, sizeof buf, 0, after_ms(5000)),
                     DUNLIN_ERR_CONN_RESET);
    assert_int_equal(ops->send(NULL, p.server, "x", 1, 0, after_ms(5000)), DUNLIN_ERR_BROKEN_PIPE);
    assert_int_equal(ops->close(NULL, p.server), 0);
    assert_int_equal(ops->close(NULL, p.listener), 0);
}

static void test_unix(void **state)
{
    (void)state;
    char dir[] = "/tmp/dunlin-test-XXXXXX";
    char path[64];
    struct stat st;
    struct dunlin_addr addr = {.family = DUNLIN_AF_UNIX, .options = path}, peer;
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/socket", dir);
    int32_t listener = ops->socket(NULL, DUNLIN_AF_UNIX, DUNLIN_SOCK_STREAM, 0);
    int32_t client = ops->socket(NULL, DUNLIN_AF_UNIX, DUNLIN_SOCK_STREAM, 0);
    assert_true(listener >= 0 && client >= 0);
    assert_int_equal(ops->bind(NULL, listener, &addr), 0);
    assert_int_equal(ops->listen(NULL, listener, 1), 0);
    assert_int_equal(ops->connect(NULL, client, NULL, &addr, after_ms(5000)), 0);
    int32_t server = ops->accept(NULL, listener, &peer, 0, after_ms(5000));
    assert_true(server >= 0);
    assert_int_equal(peer.family, DUNLIN_AF_UNIX);
    exchange(client, server);

    /* A full backlog is waited for, and the wait ends. */
    int32_t more[8];
    int count = 0;
    int32_t err = 0;
    while (count < 8 && err == 0) {
        more[count] = ops->socket(NULL, DUNLIN_AF_UNIX, DUNLIN_SOCK_STREAM, 0);
        int64_t deadline = after_ms(50);
        err = ops->connect(NULL, more[count++], NULL, &addr, deadline);
        assert_true(err == 0 || dunlin_port_now_ms() >= deadline);
    }
    assert_int_equal(err, DUNLIN_ERR_TIMEOUT);
    while (count > 0)
        assert_int_equal(ops->close(NULL, more[--count]), 0);

    assert_int_equal(ops->close(NULL, client), 0);
    assert_int_equal(ops->close(NULL, server), 0);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(ops->close(NULL, listener), 0);
    assert_true(stat(path, &st) != 0); /* as Go: the listener's name goes with it */
    assert_int_equal(rmdir(dir), 0);

    char long_path[200];
    memset(long_path, 'x', sizeof long_path - 1);
    long_path[sizeof long_path - 1] = '\0';
    addr.options = long_path;
    client = ops->socket(NULL, DUNLIN_AF_UNIX, DUNLIN_SOCK_STREAM, 0);
    assert_int_equal(ops->bind(NULL, client, &addr), DUNLIN_ERR_NAME_TOO_LONG);
    addr.options = NULL;
    assert_int_equal(ops->bind(NULL, client, &addr), DUNLIN_ERR_INVALID_ADDRESS);
    assert_int_equal(ops->close(NULL, client), 0);
}

static void test_connect_errors(void **state)
{
    (void)state;
    struct dunlin_addr addr;
    int32_t gone = bound(DUNLIN_AF_INET, DUNLIN_SOCK_STREAM, &addr);
    assert_int_equal(ops->close(NULL, gone), 0);
    int32_t sock = ops->socket(NULL, DUNLIN_AF_INET, DUNLIN_SOCK_STREAM, 0);
    assert_int_equal(ops->connect(NULL, sock, "gone", &addr, after_ms(5000)),
                     DUNLIN_ERR_CONN_REFUSED);
    assert_int_equal(ops->connect(NULL, sock, NULL, NULL, 0), DUNLIN_ERR_INVALID);
    addr = loopback(DUNLIN_AF_INET6, 1);
    assert_int_equal(ops->connect(NULL, sock, NULL, &addr, 0), DUNLIN_ERR_INVALID_ADDRESS);
    assert_int_equal(ops->close(NULL, sock), 0);

    struct pair p = tcp_pair(DUNLIN_AF_INET);
    assert_int_equal(ops->peer_addr(NULL, p.client, &addr), 0);
    assert_int_equal(ops->connect(NULL, p.client, NULL, &addr, 0), DUNLIN_ERR_STATE);
    sock = ops->socket(NULL, DUNLIN_AF_INET, DUNLIN_SOCK_STREAM, 0);
    assert_int_equal(ops->bind(NULL, sock, &addr), DUNLIN_ERR_ADDR_IN_USE);
    assert_int_equal(ops->peer_addr(NULL, sock, &addr), DUNLIN_ERR_NOT_CONNECTED);
    assert_int_equal(ops->send(NULL, sock, "x", 1, 0, 0), DUNLIN_ERR_BROKEN_PIPE);
    addr.ip[0] = 203; /* TEST-NET-3 is nobody's */
    addr.ip[2] = 113;
    addr.port = 0;
    assert_int_equal(ops->bind(NULL, sock, &addr), DUNLIN_ERR_ADDR_NOT_AVAILABLE);
    assert_int_equal(ops->close(NULL, sock), 0);
    close_pair(p);
}

static void udp(uint16_t family)
{
    struct dunlin_addr a, b, from;
    char buf[16];
    int32_t one = bound(family, DUNLIN_SOCK_DGRAM, &a);
    int32_t two = bound(family, DUNLIN_SOCK_DGRAM, &b);
    assert_int_equal(ops->send_to(NULL, one, "hello", 5, 0, &b, after_ms(5000)), 5);
    assert_int_equal(ops->recv_from(NULL, two, buf, sizeof buf, 0, &from, after_ms(5000)), 5);
    assert_memory_equal(buf, "hello", 5);
    assert_memory_equal(&from, &a, sizeof a);
    /* Of a longer datagram the rest is lost, an empty one is one. */
    assert_int_equal(ops->send_to(NULL, one, "hello", 5, 0, &b, after_ms(5000)), 5);
    assert_int_equal(ops->send_to(NULL, one, NULL, 0, 0, &b, after_ms(5000)), 0);
    assert_int_equal(ops->send_to(NULL, one, "x", 1, 0, &b, after_ms(5000)), 1);
    assert_int_equal(ops->recv_from(NULL, two, buf, 2, 0, &from, after_ms(5000)),
                     DUNLIN_ERR_MESSAGE_SIZE);
    assert_memory_equal(buf, "he", 2);
    assert_memory_equal(&from, &a, sizeof a);
    assert_int_equal(ops->recv_from(NULL, two, buf, sizeof buf, 0, &from, after_ms(5000)), 0);
    assert_int_equal(ops->recv_from(NULL, two, NULL, 0, 0, &from, after_ms(5000)),
                     DUNLIN_ERR_MESSAGE_SIZE);
    assert_int_equal(ops->recv(NULL, two, buf, sizeof buf, DUNLIN_DONTWAIT, 0),
                     DUNLIN_ERR_WOULD_BLOCK);
    static char huge[70000];
    assert_int_equal(ops->send_to(NULL, one, huge, sizeof huge, 0, &b, 0), DUNLIN_ERR_MESSAGE_SIZE);
    /* Connected: nobody there is an error of the next call. */
    assert_int_equal(ops->connect(NULL, one, NULL, &b, after_ms(5000)), 0);
    assert_int_equal(ops->send(NULL, one, "x", 1, 0, after_ms(5000)), 1);
    assert_int_equal(ops->recv(NULL, two, buf, sizeof buf, 0, after_ms(5000)), 1);
    assert_int_equal(ops->close(NULL, two), 0);
    assert_int_equal(ops->send(NULL, one, "x", 1, 0, after_ms(5000)), 1);
    assert_int_equal(ops->recv(NULL, one, buf, sizeof buf, 0, after_ms(5000)),
                     DUNLIN_ERR_CONN_REFUSED);
    assert_int_equal(ops->close(NULL, one), 0);
}

static void test_udp(void **state)
{
    (void)state;
    udp(DUNLIN_AF_INET);
    udp(DUNLIN_AF_INET6);
}

static void test_dual_stack(void **state)
{
    (void)state;
    struct dunlin_addr any = {.family = 0}, addr, peer;
    struct dunlin_addr v4 = loopback(DUNLIN_AF_INET, 0);
    int32_t listener = ops->socket(NULL, DUNLIN_AF_INET6, DUNLIN_SOCK_STREAM, 0);
    assert_int_equal(ops->bind(NULL, listener, &any), 0);
    assert_int_equal(ops->listen(NULL, listener, 4), 0);
    assert_int_equal(ops->local_addr(NULL, listener, &addr), 0);
    assert_int_equal(addr.family, DUNLIN_AF_INET6);
    v4.port = addr.port;
    int32_t client = ops->socket(NULL, DUNLIN_AF_INET, DUNLIN_SOCK_STREAM, 0);
    assert_int_equal(ops->connect(NULL, client, NULL, &v4, after_ms(5000)), 0);
    int32_t server = ops->accept(NULL, listener, &peer, 0, after_ms(5000));
    assert_true(server >= 0);
    assert_int_equal(peer.family, DUNLIN_AF_INET); /* not ::ffff:127.0.0.1 */
    assert_memory_equal(peer.ip, v4.ip, 4);
    assert_int_equal(ops->local_addr(NULL, server, &addr), 0);
    assert_int_equal(addr.family, DUNLIN_AF_INET);
    close_pair((struct pair){listener, client, server});

    int32_t yes = 1;
    listener = ops->socket(NULL, DUNLIN_AF_INET6, DUNLIN_SOCK_STREAM, 0);
    assert_int_equal(ops->set_sock_opt(NULL, listener, DUNLIN_IPPROTO_IPV6, DUNLIN_SO_IPV6_V6ONLY,
                                       &yes, sizeof yes),
                     0);
    assert_int_equal(ops->bind(NULL, listener, &any), 0);
    assert_int_equal(ops->listen(NULL, listener, 0), 0);
    assert_int_equal(ops->local_addr(NULL, listener, &addr), 0);
    v4.port = addr.port;
    client = ops->socket(NULL, DUNLIN_AF_INET, DUNLIN_SOCK_STREAM, 0);
    assert_int_equal(ops->connect(NULL, client, NULL, &v4, after_ms(5000)),
                     DUNLIN_ERR_CONN_REFUSED);
    assert_int_equal(ops->close(NULL, client), 0);
    assert_int_equal(ops->close(NULL, listener), 0);
}

static void test_dual_stack_udp(void **state)
{
    (void)state;
    struct dunlin_addr any = {.family = 0}, v4, from, six;
    struct dunlin_addr mapped = {.family = DUNLIN_AF_INET6};
    char buf[8];
    int32_t one = bound(DUNLIN_AF_INET, DUNLIN_SOCK_DGRAM, &v4);
    int32_t both = ops->socket(NULL, DUNLIN_AF_INET6, DUNLIN_SOCK_DGRAM, DUNLIN_IPPROTO_UDP);
    assert_int_equal(ops->bind(NULL, both, &any), 0);
    assert_int_equal(ops->send_to(NULL, both, "x", 1, 0, &v4, after_ms(5000)), 1);
    assert_int_equal(ops->recv_from(NULL, one, buf, sizeof buf, 0, &from, after_ms(5000)), 1);
    assert_int_equal(from.family, DUNLIN_AF_INET);
    /* ::ffff:127.0.0.1 is 127.0.0.1 for an IPv4 socket too; no other IPv6 address is. */
    memset(mapped.ip + 10, 0xff, 2);
    memcpy(mapped.ip + 12, from.ip, 4);
    mapped.port = from.port;
    assert_int_equal(ops->send_to(NULL, one, "yz", 2, 0, &mapped, after_ms(5000)), 2);
    assert_int_equal(ops->recv_from(NULL, both, buf, sizeof buf, 0, &from, after_ms(5000)), 2);
    assert_memory_equal(&from, &v4, sizeof v4);
    six = loopback(DUNLIN_AF_INET6, from.port);
    assert_int_equal(ops->send_to(NULL, one, "x", 1, 0, &six, 0), DUNLIN_ERR_INVALID_ADDRESS);
    six.family = DUNLIN_AF_UNIX;
    assert_int_equal(ops->send_to(NULL, both, "x", 1, 0, &six, 0), DUNLIN_ERR_INVALID_ADDRESS);
    assert_int_equal(ops->send_to(NULL, both, NULL, 1, 0, &v4, 0), DUNLIN_ERR_INVALID);
    assert_int_equal(ops->close(NULL, one), 0);
    assert_int_equal(ops->close(NULL, both), 0);
}

static int32_t get(int32_t sock, uint32_t level, uint32_t option)
{
    int32_t value = -99;
    size_t len = sizeof value;
    assert_int_equal(ops->get_sock_opt(NULL, sock, level, option, &value, &len), 0);
    assert_int_equal(len, sizeof value);
    return value;
}

static void test_options(void **state)
{
    (void)state;
    struct pair p = tcp_pair(DUNLIN_AF_INET);
    const int32_t both[] = {p.client, p.server}; /* Go's options are the library's to set */
    for (int i = 0; i < 2; i++) {
        assert_int_equal(get(both[i], DUNLIN_IPPROTO_TCP, DUNLIN_SO_TCP_NODELAY), 0);
        assert_int_equal(get(both[i], DUNLIN_SOL_SOCKET, DUNLIN_SO_KEEPALIVE), 0);
    }
    int32_t value = 33;
    assert_int_equal(ops->set_sock_opt(NULL, p.client, DUNLIN_IPPROTO_TCP, DUNLIN_SO_TCP_KEEPIDLE,
                                       &value, sizeof value),
                     0);
    assert_int_equal(get(p.client, DUNLIN_IPPROTO_TCP, DUNLIN_SO_TCP_KEEPIDLE), 33);
    assert_int_equal(ops->set_sock_opt(NULL, p.client, DUNLIN_SOL_SOCKET, DUNLIN_SO_LINGER, &value,
                                       sizeof value),
                     0);
    assert_int_equal(get(p.client, DUNLIN_SOL_SOCKET, DUNLIN_SO_LINGER), 33);
    assert_int_equal(ops->set_sock_opt(NULL, p.client, 77, 1, &value, sizeof value),
                     DUNLIN_ERR_NOT_SUPPORTED);
    assert_int_equal(
        ops->set_sock_opt(NULL, p.client, DUNLIN_SOL_SOCKET, DUNLIN_SO_KEEPALIVE, &value, 1),
        DUNLIN_ERR_INVALID);
    size_t len = 1;
    assert_int_equal(
        ops->get_sock_opt(NULL, p.client, DUNLIN_SOL_SOCKET, DUNLIN_SO_KEEPALIVE, &value, &len),
        DUNLIN_ERR_BUFFER_TOO_SMALL);
    close_pair(p);
}

static void test_multicast(void **state)
{
    (void)state;
    struct dunlin_addr own, group = {.family = DUNLIN_AF_INET, .scope_id = 1};
    const uint8_t ip[4] = {224, 0, 0, 251};
    memcpy(group.ip, ip, 4);
    int32_t sock = bound(DUNLIN_AF_INET, DUNLIN_SOCK_DGRAM, &own);
    for (int round = 0; round < 2; round++) {
        assert_int_equal(ops->set_sock_opt(NULL, sock, DUNLIN_IPPROTO_IP, DUNLIN_SO_MULTICAST_JOIN,
                                           &group, sizeof group),
                         0);
        assert_int_equal(ops->set_sock_opt(NULL, sock, DUNLIN_IPPROTO_IP, DUNLIN_SO_MULTICAST_LEAVE,
                                           &group, sizeof group),
                         0);
    }
    assert_int_equal(ops->set_sock_opt(NULL, sock, DUNLIN_IPPROTO_IP, DUNLIN_SO_MULTICAST_LEAVE,
                                       &group, sizeof group),
                     DUNLIN_ERR_ADDR_NOT_AVAILABLE);
    assert_int_equal(
        ops->set_sock_opt(NULL, sock, DUNLIN_IPPROTO_IP, DUNLIN_SO_MULTICAST_JOIN, &group, 4),
        DUNLIN_ERR_INVALID);
    assert_int_equal(ops->close(NULL, sock), 0);
}

static void test_misuse(void **state)
{
    (void)state;
    struct dunlin_addr addr;
    struct dunlin_iovec bad = {NULL, 3};
    char byte;
    const int32_t numbers[] = {-1, -2, INT32_MIN, INT32_MAX, 1 << 20, 0};
    int32_t sock = bound(DUNLIN_AF_INET, DUNLIN_SOCK_STREAM, &addr);
    int32_t closed = ops->socket(NULL, DUNLIN_AF_INET, DUNLIN_SOCK_STREAM, 0);
    assert_int_equal(ops->close(NULL, closed), 0);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        int32_t n = numbers[i] == 0 ? closed : numbers[i];
        assert_int_equal(ops->bind(NULL, n, &addr), DUNLIN_ERR_BAD_HANDLE);
        assert_int_equal(ops->connect(NULL, n, NULL, &addr, 0), DUNLIN_ERR_BAD_HANDLE);
        assert_int_equal(ops->listen(NULL, n, 1), DUNLIN_ERR_BAD_HANDLE);
        assert_int_equal(ops->accept(NULL, n, NULL, 0, 0), DUNLIN_ERR_BAD_HANDLE);
        assert_int_equal(ops->send(NULL, n, "x", 1, 0, 0), DUNLIN_ERR_BAD_HANDLE);
        assert_int_equal(ops->recv(NULL, n, &byte, 1, 0, 0), DUNLIN_ERR_BAD_HANDLE);
        assert_int_equal(ops->send_vec(NULL, n, NULL, 0, 0, 0), DUNLIN_ERR_BAD_HANDLE);
        assert_int_equal(ops->shutdown(NULL, n, DUNLIN_SHUT_RDWR), DUNLIN_ERR_BAD_HANDLE);
        assert_int_equal(ops->close(NULL, n), DUNLIN_ERR_BAD_HANDLE);
        assert_int_equal(ops->local_addr(NULL, n, &addr), DUNLIN_ERR_BAD_HANDLE);
        assert_int_equal(ops->set_sock_opt(NULL, n, 0, 0, &byte, 1), DUNLIN_ERR_BAD_HANDLE);
        if (n != -1 && n != DUNLIN_WAKE_LOOKUP)
            assert_int_equal(ops->wake(NULL, n), DUNLIN_ERR_BAD_HANDLE);
    }
    assert_int_equal(ops->bind(NULL, sock, NULL), DUNLIN_ERR_INVALID);
    assert_int_equal(ops->send(NULL, sock, NULL, 1, 0, 0), DUNLIN_ERR_INVALID);
    assert_int_equal(ops->recv(NULL, sock, NULL, 1, 0, 0), DUNLIN_ERR_INVALID);
    assert_int_equal(ops->send_vec(NULL, sock, NULL, 1, 0, 0), DUNLIN_ERR_INVALID);
    assert_int_equal(ops->send_vec(NULL, sock, &bad, 1, 0, 0), DUNLIN_ERR_INVALID);
    assert_int_equal(ops->shutdown(NULL, sock, 9), DUNLIN_ERR_INVALID);
    assert_int_equal(ops->local_addr(NULL, sock, NULL), DUNLIN_ERR_INVALID);
    assert_int_equal(ops->poll(NULL, NULL, 1, 1), DUNLIN_ERR_INVALID);
    assert_int_equal(ops->poll(NULL, NULL, 0, 1), 0);
    assert_int_equal(ops->close(NULL, sock), 0);
    assert_int_equal(ops->socket(NULL, 99, DUNLIN_SOCK_STREAM, 0), DUNLIN_ERR_NOT_SUPPORTED);
    assert_int_equal(ops->socket(NULL, DUNLIN_AF_INET, DUNLIN_SOCK_RAW, 256),
                     DUNLIN_ERR_NOT_SUPPORTED);
    assert_int_equal(ops->socket(NULL, DUNLIN_AF_INET, DUNLIN_SOCK_STREAM, DUNLIN_IPPROTO_TLS),
                     DUNLIN_ERR_NOT_SUPPORTED);
}

static void fill_and_drain(void)
{
    static int32_t socks[4096];
    struct dunlin_addr addr;
    int32_t listener = bound(DUNLIN_AF_INET, DUNLIN_SOCK_STREAM, &addr);
    int32_t client = ops->socket(NULL, DUNLIN_AF_INET, DUNLIN_SOCK_STREAM, 0);
    int32_t count = 0, server;
    assert_int_equal(ops->listen(NULL, listener, 1), 0);
    assert_int_equal(ops->connect(NULL, client, NULL, &addr, after_ms(5000)), 0);
    while ((socks[count] = ops->socket(NULL, DUNLIN_AF_INET, DUNLIN_SOCK_DGRAM, 0)) >= 0)
        count++;
    assert_int_equal(socks[count], DUNLIN_ERR_NO_SOCKETS);
    assert_true(count > 16);
    assert_int_equal(ops->accept(NULL, listener, NULL, 0, after_ms(5000)), DUNLIN_ERR_NO_SOCKETS);
    /* One socket closed is one more connection taken: the backlog has kept it. */
    assert_int_equal(ops->close(NULL, socks[--count]), 0);
    server = ops->accept(NULL, listener, NULL, 0, after_ms(5000));
    assert_true(server >= 0);
    while (count > 0)
        assert_int_equal(ops->close(NULL, socks[--count]), 0);
    exchange(client, server);
    close_pair((struct pair){listener, client, server});
}

static void test_out_of_sockets(void **state)
{
    (void)state;
    struct rlimit before, limit;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    limit = before;
    limit.rlim_cur = 64; /* out of descriptors */
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    fill_and_drain();
    assert_true(before.rlim_max > ops->max_sockets + 16);
    limit.rlim_cur = ops->max_sockets + 16; /* out of entries of the table */
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    fill_and_drain();
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
}

static void test_numbers_come_back_late(void **state)
{
    (void)state;
    int32_t last = -1;
    for (int i = 0; i < 100; i++) {
        int32_t sock = ops->socket(NULL, DUNLIN_AF_INET, DUNLIN_SOCK_DGRAM, 0);
        assert_true(sock >= 0 && sock != last);
        last = sock;
        assert_int_equal(ops->close(NULL, sock), 0);
    }
}

static void test_own_addresses(void **state)
{
    (void)state;
    struct dunlin_addr addrs[8];
    int32_t count = ops->addr(NULL, addrs, 8);
    assert_true(count >= 1 && count <= 8);
    for (int32_t i = 0; i < count; i++)
        assert_true(addrs[i].family == DUNLIN_AF_INET || addrs[i].family == DUNLIN_AF_INET6);
    assert_int_equal(ops->addr(NULL, addrs, 1), 1);
    assert_int_equal(ops->addr(NULL, NULL, 0), 0);
    assert_int_equal(ops->addr(NULL, NULL, 1), DUNLIN_ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tcp),
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_peer_reset),
        cmocka_unit_test(test_unix),
        cmocka_unit_test(test_connect_errors),
        cmocka_unit_test(test_udp),
        cmocka_unit_test(test_dual_stack),
        cmocka_unit_test(test_dual_stack_udp),
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_multicast),
        cmocka_unit_test(test_misuse),
        cmocka_unit_test(test_out_of_sockets),
        cmocka_unit_test(test_numbers_come_back_late),
        cmocka_unit_test(test_own_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
