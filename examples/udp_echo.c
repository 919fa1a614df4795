/* Sends every datagram back to where it came from, on the device that it came on. */
#include <dunlin/dunlin.h>
#include <dunlin/posix.h>

#include <stdio.h>
#include <string.h>

static const char usage[] =
    "usage: udp_echo [-h] [--listen HOST:PORT]\n"
    "  --listen HOST:PORT  where to receive, by default 127.0.0.1:7007; port 0 takes any\n";

static int fail(const char *what, int32_t err)
{
    fprintf(stderr, "udp_echo: %s: %s\n", what, dunlin_strerror(err));
    return 1;
}

static int serve(dunlin_packet_conn_t pc)
{
    static char buf[65536]; /* the longest datagram fits; a device would take less */
    for (;;) {
        struct dunlin_packet_info info = DUNLIN_PACKET_INFO_INIT;
        dunlin_ssize_t n = dunlin_packet_conn_read_msg(pc, buf, sizeof buf, &info);
        if (n < 0) {
            return fail("read", (int32_t)n);
        }
        /* A datagram of no bytes is one too. One that cannot be sent is not the end of the service. */
        n = dunlin_packet_conn_write_msg(pc, buf, (size_t)n, &info);
        if (n < 0) {
            fail("write", (int32_t)n);
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
            fprintf(stderr, "udp_echo: what is \"%s\"?\n%s", argv[i], usage);
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
    dunlin_packet_conn_t pc = dunlin_listen_packet(NULL, "udp", address);
    if (pc < 0) {
        return fail(address, pc);
    }
    struct dunlin_addr addr;
    char text[DUNLIN_ADDR_TEXT_MAX];
    if (dunlin_packet_conn_local_addr(pc, &addr) < 0 ||
        dunlin_addr_format(&addr, text, sizeof text) < 0) {
        text[0] = '\0';
    }
    printf("listening on %s\n", text);
    fflush(stdout);
    return serve(pc);
}
