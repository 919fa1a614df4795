/*
 * What the files of drivers/kit share.
 *
 *   run.c     the order of the checks, what each needs, the second task
 *   report.c  lines, and the words for results
 *   call.c    calls of the table, made as the core makes them
 *   peer.c    the peer's services, and data with a known pattern
 *   check_*.c the checks, one file per part of the contract
 *
 * All state is in dunlin_kit. A check returns at its first failure and leaves its sockets open:
 * run.c closes what a check has opened.
 */
#ifndef DUNLIN_KIT_INTERNAL_H
#define DUNLIN_KIT_INTERNAL_H

#include <dunlin/driver_kit.h>
#include <dunlin/port.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Sockets that one check may have open, and so the largest table whose end is looked for. */
#ifndef DUNLIN_DRIVER_KIT_SOCKETS
#    define DUNLIN_DRIVER_KIT_SOCKETS 128
#endif

#define KIT_BUF    1400 /* a datagram that needs no fragments */
#define KIT_EVENTS 16   /* notifies that are remembered */

/* What a check needs; the first that is missing is the reason to skip it. */
#define NEED_LISTEN   (1u << 0)  /* bind, listen, accept, and a port that is known */
#define NEED_UDP      (1u << 1)  /* the claim, send_to, recv_from */
#define NEED_WAITING  (1u << 2)  /* no step: its operations block */
#define NEED_WAKE     (1u << 3)  /* wake */
#define NEED_TASK     (1u << 4)  /* a second task */
#define NEED_POLL     (1u << 5)  /* poll */
#define NEED_SHUTDOWN (1u << 6)  /* shutdown */
#define NEED_LOOKUP   (1u << 7)  /* get_host_by_name */
#define NEED_PARALLEL (1u << 8)  /* several calls at once */
#define NEED_IPV6     (1u << 9)  /* the claim and a peer */
#define NEED_UNIX     (1u << 10) /* the claim and a path */
#define NEED_GROUPS   (1u << 11) /* multicast */
#define NEED_NOTIFY   (1u << 12) /* the claim, and our dunlin_netdev_notify */
#define NEED_OPTIONS  (1u << 13) /* set_sock_opt */
#define NEED_LOCAL    (1u << 14) /* local_addr */

struct dunlin_kit_check {
    const char *name;
    void (*run)(void);
    uint32_t needs;
};

struct dunlin_kit_group {
    const struct dunlin_kit_check *checks;
    size_t count;
};

#define KIT_GROUP(checks)                        \
    {                                            \
        checks, sizeof checks / sizeof checks[0] \
    }

/* Text that is cut at its end, never beyond. */
struct dunlin_kit_text {
    size_t len;
    char data[240];
};

struct dunlin_kit_event {
    int32_t sock;
    uint32_t events;
};

/* The second task and its job. */
struct dunlin_kit_worker {
    struct dunlin_port_event go, done;
    void (*job)(void *arg);
    void *arg;
    bool started, busy, quit;
};

struct dunlin_kit {
    const struct dunlin_driver_kit_config *config;
    struct dunlin_netdev_ops ops; /* cut to what the driver's table has */
    void *ctx;
    int64_t late_ms, short_ms, limit_ms;
    uint32_t passed, failed, skipped;
    bool check_failed, check_skipped;
    struct dunlin_kit_text why; /* of the first failure, or of the skip */
    int32_t open[DUNLIN_DRIVER_KIT_SOCKETS];
    uint32_t open_count;
    struct dunlin_port_event changed; /* given by notify */
    struct dunlin_kit_event events[KIT_EVENTS];
    uint32_t event_count;
    bool own_notify; /* dunlin_netdev_notify() is ours */
    struct dunlin_kit_worker worker;
    uint8_t buf[KIT_BUF + 8]; /* 8 guard bytes */
    uint8_t more[KIT_BUF];
};

extern struct dunlin_kit dunlin_kit;

#define KIT_OPS (&dunlin_kit.ops)
#define KIT_CTX (dunlin_kit.ctx)

/* report.c */

void dunlin_kit_str(struct dunlin_kit_text *text, const char *str);
void dunlin_kit_int(struct dunlin_kit_text *text, int64_t value);
void dunlin_kit_hex(struct dunlin_kit_text *text, const uint8_t *bytes, size_t len);
void dunlin_kit_result(struct dunlin_kit_text *text, int32_t result);
void dunlin_kit_line(const struct dunlin_kit_text *text);
/* Fails the check; the first reason counts. */
void dunlin_kit_fail(const char *reason);
void dunlin_kit_fail_got(const char *what, int32_t got, const char *want);
void dunlin_kit_skip(const char *reason);
bool dunlin_kit_is_legal(int32_t result);

/* Ends the check unless `cond`. */
#define WANT(cond, reason)           \
    do {                             \
        if (!(cond)) {               \
            dunlin_kit_fail(reason); \
            return;                  \
        }                            \
    } while (0)

/* Ends the check unless the result is `want`. */
#define WANT_IS(what, got, want)                         \
    do {                                                 \
        int32_t got_ = (got);                            \
        if (got_ != (want)) {                            \
            struct dunlin_kit_text want_ = {0, {0}};     \
            dunlin_kit_result(&want_, want);             \
            dunlin_kit_fail_got(what, got_, want_.data); \
            return;                                      \
        }                                                \
    } while (0)

#define WANT_OK(what, got)                              \
    do {                                                \
        int32_t got_ = (got);                           \
        if (got_ < 0) {                                 \
            dunlin_kit_fail_got(what, got_, "success"); \
            return;                                     \
        }                                               \
    } while (0)

/* An error for good: no success, and none that says "later". */
#define WANT_ERROR(what, got)                                     \
    do {                                                          \
        int32_t got_ = (got);                                     \
        if (!dunlin_kit_is_final(got_)) {                         \
            dunlin_kit_fail_got(what, got_, "an error for good"); \
            return;                                               \
        }                                                         \
    } while (0)

/* Ends the check when a helper has failed it. */
#define CHECKED(call)   \
    do {                \
        if ((call) < 0) \
            return;     \
    } while (0)

bool dunlin_kit_is_final(int32_t result);

/* call.c: an operation, repeated as the core does it: after INTERRUPTED, and for a driver with step
 */

int32_t dunlin_kit_socket(uint32_t domain, uint32_t type);
int32_t dunlin_kit_close(int32_t sock);
/* Remembers a socket, so that it is closed after the check. */
void dunlin_kit_track(int32_t sock);
void dunlin_kit_close_all(void);
int32_t dunlin_kit_connect(int32_t sock, const struct dunlin_addr *addr, int64_t deadline);
int32_t dunlin_kit_accept(int32_t sock, struct dunlin_addr *peer, uint32_t flags, int64_t deadline);
int32_t dunlin_kit_send(int32_t sock, const void *data, size_t len, uint32_t flags,
                        int64_t deadline);
int32_t dunlin_kit_recv(int32_t sock, void *buf, size_t len, uint32_t flags, int64_t deadline);
int32_t dunlin_kit_send_to(int32_t sock, const void *data, size_t len, const struct dunlin_addr *to,
                           int64_t deadline);
int32_t dunlin_kit_recv_from(int32_t sock, void *buf, size_t len, uint32_t flags,
                             struct dunlin_addr *from, int64_t deadline);
int32_t dunlin_kit_lookup(const char *name, uint32_t family, struct dunlin_addr *addrs,
                          uint32_t capacity, int64_t deadline);
bool dunlin_kit_has_step(void);

int64_t dunlin_kit_after(int64_t ms);
bool dunlin_kit_is_past(int64_t deadline);
void dunlin_kit_sleep(int64_t ms);
/* Fails unless it is now the time of `deadline`, or a little later. 0 or -1. */
int32_t dunlin_kit_on_time(const char *what, int64_t deadline);
/* Waits for a notify of this socket and one of these events; false: none came. */
bool dunlin_kit_notified(int32_t sock, uint32_t events, int64_t deadline);
void dunlin_kit_forget_notifies(void);

/* peer.c: sockets that are connected, or the check has failed and -1 */

/* A connection to the peer, which was told what to do. */
int32_t dunlin_kit_dial(const char *command);
int32_t dunlin_kit_dial_number(const char *word, uint32_t number);
int32_t dunlin_kit_dial_over(const struct dunlin_addr *peer, const char *command);
int32_t dunlin_kit_listen(uint16_t family, struct dunlin_addr *addr);
/* Has the peer connect to a listener `count` times, after `ms`. */
int32_t dunlin_kit_call_back(int32_t listener, uint32_t ms, uint32_t count);
/* The peer's address with another port. */
struct dunlin_addr dunlin_kit_port(uint16_t above);
int32_t dunlin_kit_send_all(int32_t sock, const void *data, size_t len);
int32_t dunlin_kit_recv_all(int32_t sock, void *buf, size_t len);
/* Sends text and expects it back. */
int32_t dunlin_kit_echo(int32_t sock);
/* Sends until nothing more fits. */
int32_t dunlin_kit_fill(int32_t sock);
void dunlin_kit_pattern(uint8_t *buf, size_t len, uint32_t from);
bool dunlin_kit_is_pattern(const uint8_t *buf, size_t len, uint32_t from);
uint32_t dunlin_kit_adler(uint32_t sum, const uint8_t *buf, size_t len);
/* Reads a SINK's answer: count and sum. */
int32_t dunlin_kit_sunk(int32_t sock, uint32_t *count, uint32_t *sum);

/* run.c: the second task */

void dunlin_kit_begin(void (*job)(void *arg), void *arg);
/* Waits for the job's end; -1, and the check has failed: it does not come. */
int32_t dunlin_kit_join(void);
/* Calls wake(sock) in the second task, after a short time. */
void dunlin_kit_wake_later(int32_t sock);

extern const struct dunlin_kit_group dunlin_kit_table, dunlin_kit_sockets, dunlin_kit_connects,
    dunlin_kit_streams, dunlin_kit_ends, dunlin_kit_deadlines, dunlin_kit_wakes, dunlin_kit_polls,
    dunlin_kit_notifies, dunlin_kit_listens, dunlin_kit_datagrams, dunlin_kit_lookups,
    dunlin_kit_options, dunlin_kit_families;

#endif /* DUNLIN_KIT_INTERNAL_H */
