/*
 * Keeps a connection up over whichever interface has a link: each INTERFACE is a device. Tells when links come
 * and go, when that costs the connection, and through which interface the next one goes; what the peer sends
 * is passed over. It also listens on all of them, and greets each client.
 */
#include <dunlin/dunlin.h>
#include <dunlin/posix.h>

#include <stdio.h>
#include <string.h>

#define MOST 8

static const char usage[] = "usage: link_failover [-h] HOST:PORT INTERFACE...\n";

static struct {
    const char *name;
    dunlin_netdev_t dev;
} links[MOST];
static int count;

static int fail(const char *what, int32_t err)
{
    fprintf(stderr, "link_failover: %s: %s\n", what, dunlin_strerror(err));
    return 1;
}

static void say(const char *what, const char *more)
{
    printf("%s %s\n", what, more);
    fflush(stdout);
}

/* Called by whatever task does background work: here the one that waits in dunlin_poll() or a dial. */
static void changed(void *ctx, dunlin_netdev_t dev, uint32_t event)
{
    int i;
    (void)ctx;
    for (i = 0; i < count; i++) {
        if (links[i].dev == dev) {
            say(event == DUNLIN_NETLINK_UP ? "up" : "down", links[i].name);
        }
    }
}

/* Says through which interface a connection goes: the one that has its address. */
static void say_way(dunlin_conn_t conn)
{
    struct dunlin_interface_addr addrs[32];
    struct dunlin_interface interface;
    struct dunlin_addr own;
    int32_t n = dunlin_interface_addrs(0, addrs, 32), i;
    if (dunlin_conn_local_addr(conn, &own) < 0) {
        return;
    }
    for (i = 0; i < n && i < 32; i++) {
        if (dunlin_ip_equal(&addrs[i].addr, &own) == 1 &&
            dunlin_interface_by_index(addrs[i].index, &interface) == 0) {
            say("through", interface.name);
            return;
        }
    }
}

static dunlin_conn_t dial(const char *address, int32_t *last)
{
    struct dunlin_dialer dialer = DUNLIN_DIALER_INIT;
    dialer.timeout_ms = 2000;
    dunlin_conn_t conn = dunlin_dial(&dialer, "tcp", address);
    if (conn > 0) {
        dunlin_conn_set_read_deadline(conn, -1); /* reads never wait: the set does */
        say_way(conn);
    } else if (conn != *last) {
        say("no way:", dunlin_strerror(conn));
    }
    *last = conn > 0 ? 0 : conn;
    return conn;
}

/* The connection, or 0 when it is over. */
static dunlin_conn_t hear(dunlin_conn_t conn)
{
    char buf[256];
    dunlin_ssize_t n = dunlin_conn_read(conn, buf, sizeof buf);
    if (n > 0 || n == DUNLIN_ERR_WOULD_BLOCK) {
        return conn;
    }
    say("lost:", n == 0 ? "the peer ended it" : dunlin_strerror((int32_t)n));
    dunlin_conn_close(conn);
    return 0;
}

static void greet(dunlin_listener_t listener)
{
    dunlin_conn_t client = dunlin_accept(listener);
    if (client > 0) {
        dunlin_conn_set_write_deadline(client, dunlin_after_ms(1000));
        (void)dunlin_conn_write(client, "hello\n", 6); /* a client that is gone already is none */
        dunlin_conn_close(client);
    }
}

static int run(const char *address, dunlin_listener_t listener)
{
    int32_t last = 0, err;
    dunlin_conn_t conn = 0;
    for (;;) {
        struct dunlin_poll_item items[2];
        conn = conn > 0 ? conn : dial(address, &last);
        memset(items, 0, sizeof items);
        items[0].handle = listener;
        items[1].handle = conn;
        items[0].events = items[1].events = DUNLIN_READABLE;
        err = dunlin_poll(items, conn > 0 ? 2 : 1, conn > 0 ? 0 : dunlin_after_ms(500));
        if (err < 0) {
            return fail("poll", err);
        }
        if (items[0].revents != 0) {
            greet(listener);
        }
        if (items[1].revents != 0) {
            conn = hear(conn);
        }
    }
}

int main(int argc, char **argv)
{
    struct dunlin_addr addr;
    char port[16];
    int i;
    if (argc == 2 && (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0)) {
        fputs(usage, stdout);
        return 0;
    }
    if (argc < 3 || argc > 2 + MOST || argv[1][0] == '-') {
        fputs(usage, stderr);
        return 2;
    }
    struct dunlin_config config = DUNLIN_CONFIG_INIT; /* no HTTP, so no arena */
    int32_t err = dunlin_init(&config);
    if (err < 0) {
        return fail("init", err);
    }
    for (i = 2; i < argc; i++) {
        links[count].name = argv[i];
        links[count].dev = dunlin_posix_register_on(argv[i]);
        if (links[count].dev < 0) {
            return fail(argv[i], links[count].dev);
        }
        count++;
    }
    err = dunlin_netlink_subscribe(changed, NULL);
    if (err < 0) {
        return fail("subscribe", err);
    }
    dunlin_listener_t listener = dunlin_listen(NULL, "tcp", ":0");
    if (listener < 0 || (err = dunlin_listener_addr(listener, &addr)) < 0) {
        return fail("listen", listener < 0 ? listener : err);
    }
    dunlin_listener_set_deadline(listener, -1); /* accepts never wait either */
    snprintf(port, sizeof port, "%u", (unsigned)addr.port);
    say("listening", port);
    return run(argv[1], listener);
}
