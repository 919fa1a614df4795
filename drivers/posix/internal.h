/*
 * What the files of drivers/posix share.
 *
 *   netdev.c   the table; socket, bind, listen, close, shutdown
 *   io.c       connect, accept, and the sends and receives
 *   poll.c     poll
 *   wait.c     the table of sockets, waiting for one and waking
 *   addr.c     addresses
 *   option.c   options
 *   lookup.c   names
 *   link.c     the host's interfaces, and the link of a device that is bound to one
 *
 * One lock guards the sockets' table and the waiters (dunlin_posix_lock()); no system call that
 * can wait is made under it. An operation first tries its system call; only when that would block
 * does it wait in poll(2) for its socket and for a pipe that wake() writes to.
 */
#ifndef DUNLIN_POSIX_INTERNAL_H
#define DUNLIN_POSIX_INTERNAL_H

#if !defined(_GNU_SOURCE)
#    define _GNU_SOURCE 1 /* accept4(), pipe2() */
#endif

#include <dunlin/driver.h>
#include <dunlin/posix.h>

#include <net/if.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/socket.h>

#ifndef DUNLIN_POSIX_MAX_SOCKETS
#    define DUNLIN_POSIX_MAX_SOCKETS 1024
#endif
#ifndef DUNLIN_POSIX_MAX_POLL
#    define DUNLIN_POSIX_MAX_POLL 1024
#endif
#ifndef DUNLIN_POSIX_MAX_BLOCKED
#    define DUNLIN_POSIX_MAX_BLOCKED 128
#endif
#ifndef DUNLIN_POSIX_MAX_INTERFACES
#    define DUNLIN_POSIX_MAX_INTERFACES 8
#endif
#ifndef DUNLIN_POSIX_MAX_LOOKUPS
#    define DUNLIN_POSIX_MAX_LOOKUPS 8
#endif

/* Bits of a direction: in sock.pending; sock.blocked has the index DIR - 1. */
#define DUNLIN_POSIX_RX 1u
#define DUNLIN_POSIX_TX 2u

struct dunlin_posix_pipe;

/* One blocked call; lives on its stack. Guarded by the lock. */
struct dunlin_posix_waiter {
    struct dunlin_posix_waiter *next;
    struct dunlin_posix_pipe *pipe; /* NULL: none left, the call looks at `woken` every 10 ms */
    bool woken;
};

enum dunlin_posix_state {
    DUNLIN_POSIX_FREE,
    DUNLIN_POSIX_RESERVED, /* being made, or its descriptor being closed */
    DUNLIN_POSIX_OPEN
};

struct dunlin_posix_sock {
    int state;        /* enum dunlin_posix_state; atomic: read without the lock */
    unsigned pending; /* DUNLIN_POSIX_RX|TX: a wake that nobody has seen yet; atomic */
    struct dunlin_posix_waiter *blocked[2];
    int fd;
    int domain;      /* AF_INET, AF_INET6, AF_UNIX */
    bool stream;     /* SOCK_STREAM, else SOCK_DGRAM */
    bool headed;     /* what is received begins with an IPv4 header: a raw socket */
    bool connecting; /* connect(2) was begun and its result not taken yet */
    bool connected;  /* a stream whose connect succeeded */
    bool listening;
};

/* What a device has of its own. Any context but that of a bound one is the whole host's. */
struct dunlin_posix_device {
    char interface[IF_NAMESIZE]; /* empty: the whole host */
    /* Guarded by the lock. */
    struct dunlin_posix_waiter *pollers; /* the polls in progress */
    bool poll_wake;                      /* a wake came while there was none */
    /* Guarded by that of lookup.c; likewise. */
    uint32_t lookups;
    bool lookup_wake;
};

struct dunlin_posix_device *dunlin_posix_device(void *ctx);

/* wait.c */

void dunlin_posix_lock(void);
void dunlin_posix_unlock(void);

/* A free entry, now RESERVED; -1: none. */
int32_t dunlin_posix_reserve(void);
/* Gives a RESERVED entry back. */
void dunlin_posix_release(int32_t number);
/* Makes a RESERVED entry OPEN. */
void dunlin_posix_publish(int32_t number, int fd, int domain, bool stream, bool headed);
/* The open socket of a number, or NULL. */
struct dunlin_posix_sock *dunlin_posix_sock(int32_t number);

/* True when a call with this deadline may not wait: it is past. */
bool dunlin_posix_is_past(int64_t deadline);

/*
 * Begins an operation of one direction. Returns 0 with the socket, DUNLIN_ERR_BAD_HANDLE, or
 * DUNLIN_ERR_INTERRUPTED when a wake was pending and the call is one that may wait.
 */
int32_t dunlin_posix_begin(int32_t number, unsigned dir, uint32_t flags, int64_t deadline,
                           struct dunlin_posix_sock **sock);

/*
 * Waits until the descriptor has one of `events` (poll(2)'s), or none if `events` is 0. Returns 0,
 * DUNLIN_ERR_TIMEOUT, DUNLIN_ERR_WOULD_BLOCK if the deadline was past from the start,
 * DUNLIN_ERR_INTERRUPTED, or another error.
 */
int32_t dunlin_posix_wait(struct dunlin_posix_sock *sock, unsigned dir, short events,
                          int64_t deadline);

/*
 * After a system call failed with `error`: 0 when the call is to be made again (it was interrupted,
 * or the socket is ready now), else the operation's result.
 */
int32_t dunlin_posix_again(struct dunlin_posix_sock *sock, int error, unsigned dir, uint32_t flags,
                           int64_t deadline);

/* A waiter's begin and end; both under the lock. */
void dunlin_posix_waiter_begin(struct dunlin_posix_waiter *waiter);
void dunlin_posix_waiter_wake(struct dunlin_posix_waiter *waiter);
void dunlin_posix_waiter_end(struct dunlin_posix_waiter *waiter);

/*
 * poll(2) over fds[0..count] until one is ready, the deadline is reached or the waiter is woken.
 * fds[count] is written: the waiter's pipe. Returns what poll(2) does, the pipe not counted.
 */
int dunlin_posix_poll_fds(struct pollfd *fds, nfds_t count, int64_t deadline,
                          struct dunlin_posix_waiter *waiter);

int32_t dunlin_posix_wake_sock(int32_t number);

/* addr.c */

struct dunlin_posix_sockaddr {
    union {
        struct sockaddr any;
        struct sockaddr_storage storage;
    } u;
    socklen_t len;
};

/* Fills `out` for a socket of this domain. Returns 0 or an error. */
int32_t dunlin_posix_to_sockaddr(const struct dunlin_addr *addr, int domain,
                                 struct dunlin_posix_sockaddr *out);
void dunlin_posix_from_sockaddr(const struct sockaddr *from, struct dunlin_addr *addr);

/* What the table points to; each is documented at its operation in struct dunlin_netdev_ops. */

int32_t dunlin_posix_get_host_by_name(void *ctx, const char *name, uint32_t family,
                                      struct dunlin_addr *addrs, uint32_t capacity,
                                      int64_t deadline);
int32_t dunlin_posix_wake_lookups(void *ctx);
int32_t dunlin_posix_addr(void *ctx, struct dunlin_addr *addrs, uint32_t capacity);
int32_t dunlin_posix_local_addr(void *ctx, int32_t number, struct dunlin_addr *addr);
int32_t dunlin_posix_peer_addr(void *ctx, int32_t number, struct dunlin_addr *addr);
int32_t dunlin_posix_connect(void *ctx, int32_t number, const char *host,
                             const struct dunlin_addr *addr, int64_t deadline);
int32_t dunlin_posix_accept(void *ctx, int32_t number, struct dunlin_addr *peer, uint32_t flags,
                            int64_t deadline);
int32_t dunlin_posix_send(void *ctx, int32_t number, const void *data, size_t len, uint32_t flags,
                          int64_t deadline);
int32_t dunlin_posix_recv(void *ctx, int32_t number, void *buf, size_t len, uint32_t flags,
                          int64_t deadline);
int32_t dunlin_posix_send_to(void *ctx, int32_t number, const void *data, size_t len,
                             uint32_t flags, const struct dunlin_addr *to, int64_t deadline);
int32_t dunlin_posix_recv_from(void *ctx, int32_t number, void *buf, size_t len, uint32_t flags,
                               struct dunlin_addr *from, int64_t deadline);
int32_t dunlin_posix_send_vec(void *ctx, int32_t number, const struct dunlin_iovec *vec,
                              uint32_t count, uint32_t flags, int64_t deadline);
int32_t dunlin_posix_poll(void *ctx, struct dunlin_netdev_poll *items, uint32_t count,
                          int64_t deadline);
int32_t dunlin_posix_wake_polls(void *ctx);
int32_t dunlin_posix_set_sock_opt(void *ctx, int32_t number, uint32_t level, uint32_t option,
                                  const void *value, size_t len);
int32_t dunlin_posix_get_sock_opt(void *ctx, int32_t number, uint32_t level, uint32_t option,
                                  void *value, size_t *len);

/* link.c */

/* True when `label`, as getifaddrs() has it ("eth0", "eth0:1"), is of that interface. */
bool dunlin_posix_is_of(const char *label, const char *interface);

extern const struct dunlin_netlink_ops dunlin_posix_host_link; /* of the whole host */
extern const struct dunlin_netlink_ops dunlin_posix_link;      /* of one interface */

/* The context of a device that is bound to an interface: the same one for the same name. */
int32_t dunlin_posix_bound(const char *interface, void **ctx);

#endif /* DUNLIN_POSIX_INTERNAL_H */
