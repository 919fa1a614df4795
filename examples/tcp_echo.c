/*
 * Sends back what it gets, to any number of clients at once in one task: dunlin_poll() over a
 * listener and its connections.
 */
#include <dunlin/dunlin.h>
#include <dunlin/posix.h>

#include <stdio.h>
#include <string.h>

#define MAX_CLIENTS 8

static const char usage[] =
    "usage: tcp_echo [-h] [--listen HOST:PORT]\n"
    "  --listen HOST:PORT  where to listen, by default 127.0.0.1:7007; port 0 takes any\n";

static int fail(const char *what, int32_t err)
{
    fprintf(stderr, "tcp_echo: %s: %s\n", what, dunlin_strerror(err));
    return 1;
}

/* False when the client has gone. */
static int echo(dunlin_conn_t conn)
{
    char buf[512];
    dunlin_ssize_t n = dunlin_conn_read(conn, buf, sizeof buf);
    if (n == DUNLIN_ERR_WOULD_BLOCK) {
        return 1;
    }
    if (n <= 0) {
        return 0;
    }
    /* A client that does not take its bytes must not hold up the others for ever. */
    dunlin_conn_set_write_deadline(conn, dunlin_after_ms(2000));
    return dunlin_conn_write(conn, buf, (size_t)n) == n;
}

static int serve(dunlin_listener_t listener)
{
    struct dunlin_poll_item set[1 + MAX_CLIENTS] = {DUNLIN_POLL(listener, DUNLIN_READABLE)};
    uint32_t count = 1;
    for (;;) {
        uint32_t i;
        /* With every place taken, new clients wait in the listener's queue. */
        set[0].events = count < DUNLIN_COUNT(set) ? DUNLIN_READABLE : 0;
        int32_t ready = dunlin_poll(set, count, 0);
        if (ready < 0) {
            return fail("poll", ready);
        }
        for (i = count - 1; i > 0; i--) {
            if (set[i].revents != 0 && !echo(set[i].handle)) {
                dunlin_conn_close(set[i].handle);
                set[i] = set[--count];
            }
        }
        if (set[0].revents != 0 && set[0].events != 0) {
            dunlin_conn_t conn = dunlin_accept(listener);
            if (conn < 0) {
                if (conn == DUNLIN_ERR_WOULD_BLOCK) {
                    continue;
                }
                return fail("accept", conn);
            }
            dunlin_conn_set_read_deadline(conn, -1); /* reads never wait: the set does */
            set[count].handle = conn;
            set[count].events = DUNLIN_READABLE;
            set[count].revents = 0;
            count++;
        }
    }
}

int main(int argc, char **argv)
{
    const char *address = "127.0.0.1:7007";
    int i;
    for (i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0) {
            fputs(usage, stdout);
            return 0;
        } else if (strcmp(argv[i], "--listen") == 0 && i + 1 < argc) {
            address = argv[++i];
        } else {
            fprintf(stderr, "tcp_echo: what is \"%s\"?\n%s", argv[i], usage);
            return 2;
        }
    }

    struct dunlin_config config = DUNLIN_CONFIG_INIT; /* no HTTP, so no arena */
    int32_t err = dunlin_init(&config);
    if (err < 0) {
        return fail("init", err);
    }
    err = dunlin_posix_register();
    if (err < 0) {
        return fail("driver", err);
    }
    dunlin_listener_t listener = dunlin_listen(NULL, "tcp", address);
    if (listener < 0) {
        return fail(address, listener);
    }
    dunlin_listener_set_deadline(listener, -1); /* accepts never wait either */
    struct dunlin_addr addr;
    char text[DUNLIN_ADDR_TEXT_MAX];
    if (dunlin_listener_addr(listener, &addr) < 0 || dunlin_addr_format(&addr, text, sizeof text) < 0) {
        text[0] = '\0';
    }
    printf("listening on %s\n", text);
    fflush(stdout);
    return serve(listener);
}
