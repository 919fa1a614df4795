/*
 * One UDP service on two devices: dunlin_poll() over a packet connection on each. It answers on the
 * device that a question came on, and tells a collector what it does over the first of the two whose
 * link is up. The two devices of this example are one host's sockets under two names; the
 * commands "down NAME" and "up NAME" on the standard input stand for their links.
 */
#include <dunlin/dunlin.h>
#include <dunlin/posix.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>

static const char usage[] =
    "usage: udp_failover [-h] [-a HOST:PORT] [-b HOST:PORT] COLLECTOR\n"
    "  -a, -b     the service's addresses on wifi0 and modem0, by default 127.0.0.1:0\n"
    "  COLLECTOR  IP address and port that every answer is reported to\n";

struct path {
    const char *device;
    const char *address;
    dunlin_netdev_t dev;
    dunlin_packet_conn_t pc;
};

static struct path paths[] = {{"wifi0", "127.0.0.1:0", 0, 0}, {"modem0", "127.0.0.1:0", 0, 0}};

static int fail(const char *what, int32_t err)
{
    fprintf(stderr, "udp_failover: %s: %s\n", what, dunlin_strerror(err));
    return 1;
}

/* Over the preferred device, or the next when its link is down. */
static void report(const struct dunlin_addr *collector, const char *served)
{
    size_t i;
    for (i = 0; i < DUNLIN_COUNT(paths); i++) {
        char text[64];
        int len = snprintf(text, sizeof text, "served on %s, told by %s", served, paths[i].device);
        dunlin_ssize_t n =
            dunlin_packet_conn_write_to(paths[i].pc, text, (size_t)len, collector);
        if (n >= 0) {
            return;
        }
        if (n != DUNLIN_ERR_NET_DOWN) {
            fail(paths[i].device, (int32_t)n);
        }
    }
    fail("report", DUNLIN_ERR_NET_DOWN);
}

static void answer(const struct path *path, const struct dunlin_addr *collector)
{
    char buf[512];
    struct dunlin_addr from;
    dunlin_ssize_t n = dunlin_packet_conn_read_from(path->pc, buf, sizeof buf, &from);
    if (n == DUNLIN_ERR_WOULD_BLOCK) {
        return;
    }
    if (n < 0) { /* also a question too long to be one */
        fail("read", (int32_t)n);
        return;
    }
    n = dunlin_packet_conn_write_to(path->pc, buf, (size_t)n, &from);
    if (n < 0) {
        fail("answer", (int32_t)n);
        return;
    }
    report(collector, path->device);
}

/* The links, as a real device's driver would tell of them. */
static void *links(void *arg)
{
    char line[64];
    (void)arg;
    while (fgets(line, sizeof line, stdin) != NULL) {
        size_t i;
        line[strcspn(line, "\n")] = '\0';
        for (i = 0; i < DUNLIN_COUNT(paths); i++) {
            int up = strncmp(line, "up ", 3) == 0 && strcmp(line + 3, paths[i].device) == 0;
            int down = strncmp(line, "down ", 5) == 0 && strcmp(line + 5, paths[i].device) == 0;
            if (up || down) {
                dunlin_netdev_link(paths[i].dev, up);
                printf("%s\n", line);
                fflush(stdout);
            }
        }
    }
    return NULL;
}

static int32_t open_path(struct path *path)
{
    struct dunlin_listen_config config = DUNLIN_LISTEN_CONFIG_INIT;
    struct dunlin_addr addr;
    char text[DUNLIN_ADDR_TEXT_MAX];
    path->dev = dunlin_netdev_register(path->device, &dunlin_posix_ops, path);
    if (path->dev < 0) {
        return path->dev;
    }
    config.device = path->device;
    path->pc = dunlin_listen_packet(&config, "udp", path->address);
    if (path->pc < 0) {
        return path->pc;
    }
    dunlin_packet_conn_set_read_deadline(path->pc, -1); /* reads never wait: the set does */
    if (dunlin_packet_conn_local_addr(path->pc, &addr) >= 0 &&
        dunlin_addr_format(&addr, text, sizeof text) >= 0) {
        printf("%s on %s\n", path->device, text);
        fflush(stdout);
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct dunlin_addr collector;
    const char *to = NULL;
    int i;
    for (i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0) {
            fputs(usage, stdout);
            return 0;
        } else if (strcmp(argv[i], "-a") == 0 && i + 1 < argc) {
            paths[0].address = argv[++i];
        } else if (strcmp(argv[i], "-b") == 0 && i + 1 < argc) {
            paths[1].address = argv[++i];
        } else if (argv[i][0] != '-' && to == NULL) {
            to = argv[i];
        } else {
            fprintf(stderr, "udp_failover: what is \"%s\"?\n%s", argv[i], usage);
            return 2;
        }
    }
    if (to == NULL) {
        fputs(usage, stderr);
        return 2;
    }
    int32_t err = dunlin_addr_parse(to, &collector);
    if (err < 0) {
        return fail(to, err);
    }

    struct dunlin_config config = DUNLIN_CONFIG_INIT; /* no HTTP, so no arena */
    err = dunlin_init(&config);
    if (err < 0) {
        return fail("init", err);
    }
    struct dunlin_poll_item set[DUNLIN_COUNT(paths)];
    for (i = 0; i < (int)DUNLIN_COUNT(paths); i++) {
        err = open_path(&paths[i]);
        if (err < 0) {
            return fail(paths[i].device, err);
        }
        set[i].handle = paths[i].pc;
        set[i].events = DUNLIN_READABLE;
        set[i].revents = 0;
    }
    pthread_t commands;
    if (pthread_create(&commands, NULL, links, NULL) != 0) {
        return fail("task", DUNLIN_ERR_NO_SLOT);
    }
    for (;;) {
        int32_t ready = dunlin_poll(set, DUNLIN_COUNT(set), 0);
        if (ready < 0) {
            return fail("poll", ready);
        }
        for (i = 0; i < (int)DUNLIN_COUNT(paths); i++) {
            if (set[i].revents != 0) {
                answer(&paths[i], &collector);
            }
        }
    }
}
