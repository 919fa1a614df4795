/*
 * Connects, sends a text or its standard input, and prints what comes back until the peer ends.
 */
#include <dunlin/dunlin.h>
#include <dunlin/posix.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: tcp_client [-h] [-t MS] HOST:PORT [TEXT]\n"
    "  -t MS  how long to wait for the connection, and for each piece of the answer; 5000\n"
    "  TEXT   what to send; otherwise the standard input\n";

static int fail(const char *what, int32_t err)
{
    fprintf(stderr, "tcp_client: %s: %s\n", what, dunlin_strerror(err));
    return 1;
}

static int fail_conn(dunlin_conn_t conn, const char *what, int32_t err)
{
    struct dunlin_error_info info = DUNLIN_ERROR_INFO_INIT;
    char peer[DUNLIN_ADDR_TEXT_MAX];
    if (dunlin_conn_error(conn, &info) == 0 && dunlin_addr_format(&info.addr, peer, sizeof peer) > 0) {
        fprintf(stderr, "tcp_client: with %s, driver's code %d\n", peer, (int)info.driver_code);
    }
    return fail(what, err);
}

/* All of data; 0 or an error. */
static int32_t send_all(dunlin_conn_t conn, const char *data, size_t len)
{
    dunlin_ssize_t n = dunlin_conn_write(conn, data, len);
    if (n < 0) {
        return (int32_t)n;
    }
    return (size_t)n == len ? 0 : DUNLIN_ERR_TIMEOUT;
}

static int talk(dunlin_conn_t conn, const char *text, int64_t wait_ms)
{
    char buf[1024];
    int32_t err = 0;
    dunlin_ssize_t n;
    size_t len;
    dunlin_conn_set_write_deadline(conn, dunlin_after_ms(wait_ms));
    if (text != NULL) {
        err = send_all(conn, text, strlen(text));
    } else {
        while (err == 0 && (len = fread(buf, 1, sizeof buf, stdin)) > 0) {
            dunlin_conn_set_write_deadline(conn, dunlin_after_ms(wait_ms));
            err = send_all(conn, buf, len);
        }
    }
    if (err == 0) {
        err = dunlin_conn_close_write(conn); /* the peer sees the end; its answer still comes */
    }
    if (err < 0) {
        return fail_conn(conn, "send", err);
    }
    for (;;) {
        dunlin_conn_set_read_deadline(conn, dunlin_after_ms(wait_ms));
        n = dunlin_conn_read(conn, buf, sizeof buf);
        if (n <= 0) {
            break;
        }
        if (fwrite(buf, 1, (size_t)n, stdout) != (size_t)n) {
            perror("tcp_client: output");
            return 1;
        }
    }
    return n < 0 ? fail_conn(conn, "receive", (int32_t)n) : 0;
}

int main(int argc, char **argv)
{
    const char *address = NULL, *text = NULL;
    long wait_ms = 5000;
    char *end;
    int i;
    for (i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0) {
            fputs(usage, stdout);
            return 0;
        } else if (strcmp(argv[i], "-t") == 0 && i + 1 < argc) {
            wait_ms = strtol(argv[++i], &end, 10);
            if (*end != '\0' || wait_ms < 1 || wait_ms > 3600000) {
                fprintf(stderr, "tcp_client: \"%s\" is no time in milliseconds\n", argv[i]);
                return 2;
            }
        } else if (address == NULL && argv[i][0] != '-') {
            address = argv[i];
        } else if (address != NULL && text == NULL) {
            text = argv[i];
        } else {
            fprintf(stderr, "tcp_client: what is \"%s\"?\n%s", argv[i], usage);
            return 2;
        }
    }
    if (address == NULL) {
        fputs(usage, stderr);
        return 2;
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
    struct dunlin_dialer dialer = DUNLIN_DIALER_INIT;
    dialer.timeout_ms = (int32_t)wait_ms;
    dunlin_conn_t conn = dunlin_dial(&dialer, "tcp", address);
    if (conn < 0) {
        return fail(address, conn);
    }
    int status = talk(conn, text, wait_ms);
    dunlin_conn_close(conn);
    err = dunlin_deinit(dunlin_after_ms(1000));
    return err < 0 ? fail("deinit", err) : status;
}
