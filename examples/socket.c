/*
 * Plain sockets: asks a web server for a page with HTTP/1.0 written by hand, over a TCP connection, and prints
 * the answer as it comes. For HTTP proper see http_get.
 */
#include <dunlin/dunlin.h>
#include <dunlin/posix.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: socket [-h] [-t MS] HOST:PORT [PATH]\n"
    "  -t MS  how long to wait for the connection, and for each piece of the answer; 5000\n"
    "  PATH   what to ask for; /\n";

static int fail(const char *what, int32_t err)
{
    fprintf(stderr, "socket: %s: %s\n", what, dunlin_strerror(err));
    return 1;
}

/* A space or a control character would end the request's line, or smuggle another. */
static int is_path(const char *path)
{
    const char *c;
    for (c = path; *c > ' ' && *c != 0x7f; c++) {
    }
    return path[0] == '/' && *c == '\0';
}

static int32_t write_all(dunlin_conn_t conn, const char *text)
{
    dunlin_ssize_t n = dunlin_conn_write(conn, text, strlen(text)); /* all of it, or an error */
    return n < 0 ? (int32_t)n : 0;
}

static int talk(dunlin_conn_t conn, const char *address, const char *path, int64_t wait_ms)
{
    char buf[512];
    dunlin_ssize_t n;
    int32_t err;
    dunlin_conn_set_write_deadline(conn, dunlin_after_ms(wait_ms));
    if ((err = write_all(conn, "GET ")) < 0 || (err = write_all(conn, path)) < 0 ||
        (err = write_all(conn, " HTTP/1.0\r\nHost: ")) < 0 || (err = write_all(conn, address)) < 0 ||
        (err = write_all(conn, "\r\n\r\n")) < 0) {
        return fail("send", err);
    }
    for (;;) {
        dunlin_conn_set_read_deadline(conn, dunlin_after_ms(wait_ms));
        n = dunlin_conn_read(conn, buf, sizeof buf);
        if (n == 0) {
            return 0; /* HTTP/1.0: the answer ends with the connection */
        }
        if (n < 0) {
            return fail("receive", (int32_t)n);
        }
        if (fwrite(buf, 1, (size_t)n, stdout) != (size_t)n) {
            perror("socket: output");
            return 1;
        }
    }
}

int main(int argc, char **argv)
{
    const char *address = NULL, *path = "/";
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
                fprintf(stderr, "socket: \"%s\" is no time in milliseconds\n", argv[i]);
                return 2;
            }
        } else if (address == NULL && argv[i][0] != '-') {
            address = argv[i];
        } else if (address != NULL && is_path(argv[i])) {
            path = argv[i];
        } else {
            fprintf(stderr, "socket: what is \"%s\"?\n%s", argv[i], usage);
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
    int status = talk(conn, address, path, wait_ms);
    dunlin_conn_close(conn);
    err = dunlin_deinit(dunlin_after_ms(1000));
    return err < 0 ? fail("deinit", err) : status;
}
