/*
 * Asks a time server (SNTP, RFC 4330) over connected UDP, and prints the time in UTC and how far this host's
 * clock is from it. A packet that is no answer to the question is not one: it is passed over.
 */
#define _POSIX_C_SOURCE 200809L /* clock_gettime() */
#include <dunlin/dunlin.h>
#include <dunlin/port.h>
#include <dunlin/posix.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PACKET    48  /* without extensions and authentication */
#define LONGEST   512 /* with them; a longer one is none */
#define TRIES     3
#define UNIX_1900 2208988800 /* seconds from 1900, where NTP begins, to 1970 */

static const char usage[] =
    "usage: ntp_client [-h] [-t MS] HOST[:PORT]\n"
    "  -t MS  how long to wait, in three attempts; 6000\n";

static int fail(const char *what, int32_t err)
{
    fprintf(stderr, "ntp_client: %s: %s\n", what, dunlin_strerror(err));
    return 1;
}

static uint32_t get32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Milliseconds since 1970 of an NTP time; from 2036 on its seconds begin anew (RFC 4330, section 3). */
static int64_t unix_ms(const uint8_t *p)
{
    int64_t seconds = (int64_t)get32(p) - UNIX_1900;
    if ((p[0] & 0x80) == 0) {
        seconds += INT64_C(1) << 32;
    }
    return seconds * 1000 + (int64_t)((uint64_t)get32(p + 4) * 1000 >> 32);
}

enum verdict { PASSED_OVER, USABLE, REFUSED };

/* What a packet is worth, by the checks of RFC 4330, section 5. */
static enum verdict judge(const uint8_t *reply, size_t len, const uint8_t *nonce)
{
    unsigned leap, version, mode, stratum;
    if (len < PACKET) {
        return PASSED_OVER;
    }
    leap = reply[0] >> 6;
    version = reply[0] >> 3 & 7;
    mode = reply[0] & 7;
    stratum = reply[1];
    if (mode != 4 || version < 1 || version > 4 || memcmp(reply + 24, nonce, 8) != 0) {
        return PASSED_OVER;
    }
    if (stratum == 0) {
        fprintf(stderr, "ntp_client: the server says \"%.4s\"\n", (const char *)reply + 12);
        return REFUSED;
    }
    if (leap == 3 || stratum > 15 || (get32(reply + 40) == 0 && get32(reply + 44) == 0)) {
        fprintf(stderr, "ntp_client: the server does not know the time\n");
        return REFUSED;
    }
    return USABLE;
}

static int show(int64_t now_ms)
{
    struct timespec ts;
    time_t seconds = (time_t)(now_ms / 1000);
    const struct tm *utc = gmtime(&seconds);
    char text[32];
    if (utc == NULL || clock_gettime(CLOCK_REALTIME, &ts) != 0 ||
        strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", utc) == 0) {
        perror("ntp_client: clock");
        return 1;
    }
    int64_t offset_ms = now_ms - ((int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000);
    printf("%s.%03d UTC\noffset %+lld ms\n", text, (int)(now_ms % 1000), (long long)offset_ms);
    return 0;
}

/* One question and its answer: 0 or 1 is the program's end, < 0 an error. */
static int32_t ask(dunlin_conn_t conn, int64_t deadline)
{
    uint8_t question[PACKET] = {0}, reply[LONGEST];
    dunlin_ssize_t n;
    question[0] = 4 << 3 | 3; /* version 4, client */
    /* Where a client puts its own time the server copies it from; what nobody can guess does as well,
     * and tells nobody this host's clock. */
    if (dunlin_port_random(question + 40, 8) != 0) {
        return DUNLIN_ERR_ENTROPY;
    }
    int64_t sent = dunlin_now_ms();
    dunlin_conn_set_deadline(conn, deadline);
    n = dunlin_conn_write(conn, question, sizeof question);
    if (n < 0) {
        return (int32_t)n;
    }
    for (;;) {
        n = dunlin_conn_read(conn, reply, sizeof reply);
        if (n == DUNLIN_ERR_MESSAGE_SIZE) {
            continue;
        }
        if (n < 0) {
            return (int32_t)n;
        }
        switch (judge(reply, (size_t)n, question + 40)) {
        case USABLE: {
            /* On the way: all the time, without what the server took. Half of it was the way back. */
            int64_t way = dunlin_now_ms() - sent - (unix_ms(reply + 40) - unix_ms(reply + 32));
            return show(unix_ms(reply + 40) + (way > 0 ? way / 2 : 0));
        }
        case REFUSED:
            return 1;
        case PASSED_OVER:
            break;
        }
    }
}

/* With the port of NTP if there is none. */
static int32_t address_of(const char *text, char *address, size_t size)
{
    struct dunlin_str host, port;
    if (dunlin_split_host_port(text, &host, &port) == 0) {
        int n = snprintf(address, size, "%s", text);
        return n < 0 || (size_t)n >= size ? DUNLIN_ERR_NAME_TOO_LONG : n;
    }
    return dunlin_join_host_port(text, "123", address, size);
}

int main(int argc, char **argv)
{
    const char *server = NULL;
    char address[300], *end;
    long wait_ms = 6000;
    int i;
    for (i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0) {
            fputs(usage, stdout);
            return 0;
        } else if (strcmp(argv[i], "-t") == 0 && i + 1 < argc) {
            wait_ms = strtol(argv[++i], &end, 10);
            if (*end != '\0' || wait_ms < TRIES || wait_ms > 3600000) {
                fprintf(stderr, "ntp_client: \"%s\" is no time in milliseconds\n", argv[i]);
                return 2;
            }
        } else if (server == NULL && argv[i][0] != '-') {
            server = argv[i];
        } else {
            fprintf(stderr, "ntp_client: what is \"%s\"?\n%s", argv[i], usage);
            return 2;
        }
    }
    if (server == NULL) {
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
    err = address_of(server, address, sizeof address);
    if (err < 0) {
        return fail(server, err);
    }
    struct dunlin_dialer dialer = DUNLIN_DIALER_INIT;
    dialer.timeout_ms = (int32_t)wait_ms;
    dunlin_conn_t conn = dunlin_dial(&dialer, "udp", address);
    if (conn < 0) {
        return fail(address, conn);
    }
    err = DUNLIN_ERR_TIMEOUT;
    for (i = 0; i < TRIES && err == DUNLIN_ERR_TIMEOUT; i++) {
        err = ask(conn, dunlin_after_ms(wait_ms / TRIES));
    }
    int status = err < 0 ? fail(address, err) : (int)err;
    dunlin_conn_close(conn);
    err = dunlin_deinit(dunlin_after_ms(1000));
    return err < 0 ? fail("deinit", err) : status;
}
