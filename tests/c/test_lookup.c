/* Lookups: by DNS, of a server in a task of the test, and where the servers come from. */
#include "app.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/* The server: one answer for each type of question; "silent" names have none. */
struct server {
    int fd;
    uint16_t port;
    int asked, ended; /* atomic */
    pthread_t task;
};

static struct server server;
static dunlin_netdev_t dev;

/* Appends a record of the asked name. */
static size_t record(uint8_t *out, unsigned type, const void *data, size_t len)
{
    const uint8_t head[12] = {0xc0, 12, (uint8_t)(type >> 8), (uint8_t)type, 0, 1, 0, 0, 0, 60, 0, (uint8_t)len};
    memcpy(out, head, sizeof head);
    memcpy(out + sizeof head, data, len);
    return sizeof head + len;
}

static size_t answer(uint8_t *msg, size_t len, unsigned type)
{
    static const char a[] = "\xc0\x00\x02\x01", txt[] = "\5hello\2, ", txt2[] = "\0", cname[] = "\4real\7example",
                      ptr[] = "\4host\7example", mx[] = "\0\24\3far\7example", mx2[] = "\0\12\4near\7example",
                      srv[] = "\0\1\0\0\0\120\1a\7example";
    size_t end = len;
    unsigned count = 1;
    switch (type) {
    case 1:
        end += record(msg + end, 5, cname, sizeof cname);
        memcpy(msg + end, "\4real\7example", 14);
        memcpy(msg + end + 14, "\0\1\0\1\0\0\0\74\0\4", 10);
        memcpy(msg + end + 24, a, 4);
        end += 28;
        count = 2;
        break;
    case 12:
        end += record(msg + end, type, ptr, sizeof ptr);
        break;
    case 15:
        end += record(msg + end, type, mx, sizeof mx);
        end += record(msg + end, type, mx2, sizeof mx2);
        count = 2;
        break;
    case 16:
        end += record(msg + end, type, txt, sizeof txt - 1);
        end += record(msg + end, type, txt2, 1);
        count = 2;
        break;
    case 33:
        end += record(msg + end, type, srv, sizeof srv);
        break;
    default:
        count = 0;
        break;
    }
    msg[2] = 0x81;
    msg[3] = 0x80;
    msg[7] = (uint8_t)count;
    msg[11] = 0;
    return end;
}

static void *serve(void *arg)
{
    uint8_t msg[1024];
    (void)arg;
    while (!__atomic_load_n(&server.ended, __ATOMIC_SEQ_CST)) {
        struct sockaddr_in from;
        socklen_t from_len = sizeof from;
        ssize_t n = recvfrom(server.fd, msg, 512, 0, (struct sockaddr *)&from, &from_len);
        if (n < 17)
            continue;
        __atomic_add_fetch(&server.asked, 1, __ATOMIC_SEQ_CST);
        size_t at = 12;
        while (msg[at] != 0)
            at += 1u + msg[at];
        unsigned type = (unsigned)msg[at + 1] << 8 | msg[at + 2];
        if (memcmp(msg + 13, "silent", 6) != 0)
            (void)sendto(server.fd, msg, answer(msg, at + 5, type), 0, (struct sockaddr *)&from, from_len);
    }
    return NULL;
}

static int up(void **state)
{
    struct sockaddr_in sin;
    struct dunlin_addr addr;
    struct timeval patience = {0, 50000};
    socklen_t len = sizeof sin;
    (void)state;
    assert_int_equal(app_init(), 0);
    dev = dunlin_posix_register();
    assert_true(dev > 0);
    server.fd = socket(AF_INET, SOCK_DGRAM, 0);
    memset(&sin, 0, sizeof sin);
    sin.sin_family = AF_INET;
    sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(server.fd, (struct sockaddr *)&sin, sizeof sin), 0);
    assert_int_equal(getsockname(server.fd, (struct sockaddr *)&sin, &len), 0);
    assert_int_equal(setsockopt(server.fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
    server.port = ntohs(sin.sin_port);
    assert_int_equal(pthread_create(&server.task, NULL, serve, NULL), 0);
    assert_int_equal(dunlin_addr_parse("127.0.0.1", &addr), 0);
    addr.port = server.port;
    return dunlin_netdev_set_dns_servers(dev, &addr, 1);
}

static int down(void **state)
{
    __atomic_store_n(&server.ended, 1, __ATOMIC_SEQ_CST);
    pthread_join(server.task, NULL);
    close(server.fd);
    return app_down(state);
}

static void records(void **state)
{
    struct dunlin_str texts[3];
    struct dunlin_mx mail[3];
    struct dunlin_srv services[2];
    struct dunlin_addr addr;
    char buf[256];
    (void)state;
    assert_int_equal(dunlin_lookup_cname(NULL, "www.example", buf, sizeof buf), 13);
    assert_string_equal(buf, "real.example.");
    assert_int_equal(dunlin_lookup_cname(NULL, "www.example", buf, 13), DUNLIN_ERR_BUFFER_TOO_SMALL);
    assert_int_equal(dunlin_addr_parse("192.0.2.1", &addr), 0);
    assert_int_equal(dunlin_lookup_addr(NULL, &addr, buf, sizeof buf, texts, 3), 1);
    assert_string_equal(texts[0].ptr, "host.example.");
    assert_int_equal(dunlin_lookup_txt(NULL, "example", buf, sizeof buf, texts, 3), 2);
    assert_int_equal(texts[0].len, 7);
    assert_string_equal(texts[0].ptr, "hello, ");
    assert_int_equal(texts[1].len, 0);
    assert_int_equal(dunlin_lookup_mx(NULL, "example", buf, sizeof buf, mail, 3), 2);
    assert_string_equal(mail[0].host.ptr, "near.example.");
    assert_int_equal(mail[0].pref, 10);
    assert_int_equal(mail[1].pref, 20);
    assert_int_equal(dunlin_lookup_srv(NULL, "http", "tcp", "example", buf, sizeof buf, services, 2), 1);
    assert_string_equal(services[0].target.ptr, "a.example.");
    assert_int_equal(services[0].port, 80);
    assert_int_equal(services[0].priority, 1);
    /* Less room: how many there are is told, the first are stored; without room for its text one is NULL. */
    assert_int_equal(dunlin_lookup_mx(NULL, "example", buf, sizeof buf, mail, 1), 2);
    assert_int_equal(dunlin_lookup_mx(NULL, "example", buf, 14, mail, 2), 2);
    assert_string_equal(mail[0].host.ptr, "near.example.");
    assert_null(mail[1].host.ptr);
    assert_int_equal(dunlin_lookup_mx(NULL, "example", NULL, 0, NULL, 0), 2);
    assert_int_equal(dunlin_lookup_txt(NULL, "a b", buf, sizeof buf, texts, 3), DUNLIN_ERR_NO_SUCH_HOST);
}

static void addresses_of_the_host_itself(void **state)
{
    struct dunlin_addr addrs[2];
    (void)state;
    int asked = __atomic_load_n(&server.asked, __ATOMIC_SEQ_CST);
    assert_int_equal(dunlin_lookup_host(NULL, "localhost", 0, addrs, 2), 2);
    assert_int_equal(dunlin_lookup_host(NULL, "localhost", DUNLIN_AF_INET6, addrs, 2), 1);
    assert_int_equal(addrs[0].ip[15], 1);
    assert_int_equal(dunlin_lookup_host(NULL, "192.0.2.7", 0, addrs, 0), 1);
    assert_int_equal(dunlin_lookup_host(NULL, "192.0.2.7", 5, addrs, 2), DUNLIN_ERR_INVALID);
    assert_int_equal(__atomic_load_n(&server.asked, __ATOMIC_SEQ_CST), asked);
    assert_int_equal(dunlin_lookup_port("tcp", "https"), 443);
    assert_int_equal(dunlin_lookup_port("tcp", "none"), DUNLIN_ERR_INVALID_PORT);
}

static void await_question(int before)
{
    for (int i = 0; i < 1000 && __atomic_load_n(&server.asked, __ATOMIC_SEQ_CST) == before; i++)
        app_sleep(5);
}

struct ending {
    int before;
    dunlin_cancel_t token;
};

static void *cancels(void *arg)
{
    struct ending *ending = arg;
    await_question(ending->before);
    app_check(dunlin_cancel(ending->token) == 0);
    return NULL;
}

static void it_ends_by_time_out_deadline_and_cancel(void **state)
{
    struct dunlin_lookup_config config = DUNLIN_LOOKUP_CONFIG_INIT;
    struct dunlin_str texts[1];
    struct ending ending;
    pthread_t task;
    char buf[64];
    (void)state;
    config.timeout_ms = 150;
    int64_t start = dunlin_now_ms();
    assert_int_equal(dunlin_lookup_txt(&config, "silent.example", buf, sizeof buf, texts, 1),
                     DUNLIN_ERR_TIMEOUT);
    assert_true(dunlin_now_ms() - start >= 150);
    config.timeout_ms = 60000;
    config.deadline = dunlin_after_ms(150);
    assert_int_equal(dunlin_lookup_txt(&config, "silent.example", buf, sizeof buf, texts, 1),
                     DUNLIN_ERR_TIMEOUT);
    assert_true(dunlin_now_ms() - start < 10000);
    config.deadline = 0;
    ending.before = __atomic_load_n(&server.asked, __ATOMIC_SEQ_CST);
    ending.token = dunlin_cancel_new();
    assert_true(ending.token > 0);
    config.cancel = ending.token;
    start = dunlin_now_ms();
    assert_int_equal(pthread_create(&task, NULL, cancels, &ending), 0);
    assert_int_equal(dunlin_lookup_txt(&config, "silent.example", buf, sizeof buf, texts, 1),
                     DUNLIN_ERR_CANCELED);
    assert_true(dunlin_now_ms() - start < 10000);
    pthread_join(task, NULL);
    /* A token that has ended ends the next one before anything is asked. */
    int asked = __atomic_load_n(&server.asked, __ATOMIC_SEQ_CST);
    assert_int_equal(dunlin_lookup_txt(&config, "silent.example", buf, sizeof buf, texts, 1),
                     DUNLIN_ERR_CANCELED);
    assert_int_equal(__atomic_load_n(&server.asked, __ATOMIC_SEQ_CST), asked);
    assert_int_equal(dunlin_cancel_close(ending.token), 0);
    config.cancel = 0;
    config.device = "nobody";
    assert_int_equal(dunlin_lookup_txt(&config, "a.example", buf, sizeof buf, texts, 1), DUNLIN_ERR_NO_DEVICE);
}

/* The servers of a file: how many, and who is asked. */
static int32_t from_file(const char *text, size_t len)
{
    char path[] = "/tmp/dunlin-resolv-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, len), (int)len);
    close(fd);
    int32_t count = dunlin_posix_set_dns_servers(dev, path);
    unlink(path);
    return count;
}

#define FROM(text) from_file(text, sizeof text - 1)

static void servers_from_resolv_conf(void **state)
{
    static char longer[600];
    struct dunlin_addr addr;
    struct dunlin_str texts[1];
    char buf[64];
    struct dunlin_lookup_config config = DUNLIN_LOOKUP_CONFIG_INIT;
    (void)state;
    config.timeout_ms = 100;
    assert_int_equal(FROM("nameserver 127.0.0.1\n"), 1);
    assert_int_equal(FROM("# none\nsearch a.example\n; x\noptions ndots:1\nnameservers 1.1.1.1\n"), 0);
    assert_int_equal(dunlin_lookup_txt(&config, "a.example", buf, sizeof buf, texts, 1),
                     DUNLIN_ERR_NO_NAME_SERVER);
    assert_int_equal(FROM("nameserver\t192.0.2.1 # first\r\nnameserver  2001:db8::1\nnameserver 192.0.2.3"), 3);
    assert_int_equal(FROM("nameserver 1.1.1.1\nnameserver 1.1.1.2\nnameserver 1.1.1.3\nnameserver 1.1.1.4\n"), 3);
    assert_int_equal(FROM("nameserver not.an.address\nnameserver 1.1.1.1:53\nnameserver\nnameserver 9.9.9.9\n"), 1);
    assert_int_equal(FROM(""), 0);
    memset(longer, 'x', sizeof longer);
    memcpy(longer + 280, "nameserver 8.8.8.8 ", 19); /* in the midst of a line */
    memcpy(longer + sizeof longer - 20, "\nnameserver 8.8.4.4\n", 20);
    assert_int_equal(from_file(longer, sizeof longer), 1);
    assert_true(dunlin_posix_set_dns_servers(dev, "/nowhere/resolv.conf") < 0);
    assert_int_equal(dunlin_posix_set_dns_servers(12345, "/dev/null"), DUNLIN_ERR_BAD_HANDLE);
    assert_int_equal(dunlin_addr_parse("127.0.0.1", &addr), 0);
    addr.port = server.port;
    assert_int_equal(dunlin_netdev_set_dns_servers(dev, &addr, 1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        APP_TEST(records),
        APP_TEST(addresses_of_the_host_itself),
        APP_TEST(it_ends_by_time_out_deadline_and_cancel),
        APP_TEST(servers_from_resolv_conf),
    };
    return cmocka_run_group_tests(tests, up, down);
}
