/*
 * Connect, accept, send and receive. Each tries its system call first and waits only when that
 * would block: with DUNLIN_DONTWAIT an operation is one system call.
 */
#include "internal.h"

#include <string.h>
#include <sys/uio.h>

#define MAX_IOVECS 64 /* of one sendmsg(2); on the stack */
#define IPV4_HEADER 20 /* without options */
#define NAP_MS     10 /* between two tries of a unix connect whose listener's backlog is full */

/* Results are int32_t: a longer buffer is used up to that. */
static size_t clamp(size_t len)
{
    return len > INT32_MAX ? (size_t)INT32_MAX : len;
}

static int32_t connect_result(struct dunlin_posix_sock *sock)
{
    int error = 0;
    socklen_t len = sizeof error;
    sock->connecting = false;
    if (getsockopt(sock->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
        error = errno;
    if (error != 0)
        return dunlin_err_from_errno(error);
    sock->connected = sock->stream;
    return 0;
}

/* Begins to connect: 0: connected, 1: in progress, or an error. */
static int32_t connect_begin(struct dunlin_posix_sock *sock, const struct dunlin_posix_sockaddr *sa,
                             int64_t deadline)
{
    bool napped = false;
    for (;;) {
        if (connect(sock->fd, &sa->u.any, sa->len) == 0)
            return 0;
        if (errno == EINPROGRESS || errno == EALREADY || errno == EINTR) {
            sock->connecting = true; /* after EINTR too the connect goes on by itself */
            return 1;
        }
        if (errno != EAGAIN)
            return dunlin_err_from_errno(errno);
        /* A unix listener's backlog is full. There is nothing to poll for: try now and then. */
        if (dunlin_posix_is_past(deadline))
            return napped ? DUNLIN_ERR_TIMEOUT : DUNLIN_ERR_WOULD_BLOCK;
        napped = true;
        int64_t nap = dunlin_port_now_ms() + NAP_MS;
        if (deadline != 0 && nap > deadline)
            nap = deadline;
        int32_t err = dunlin_posix_wait(sock, DUNLIN_POSIX_TX, 0, nap);
        if (err != DUNLIN_ERR_TIMEOUT && err != DUNLIN_ERR_WOULD_BLOCK)
            return err;
    }
}

/*
 * After INTERRUPTED, TIMEOUT or WOULD_BLOCK the attempt goes on in the background: the
 * next connect on the socket waits for the same attempt, and poll reports its end as WRITABLE.
 */
int32_t dunlin_posix_connect(void *ctx, int32_t number, const char *host,
                             const struct dunlin_addr *addr, int64_t deadline)
{
    (void)ctx;
    (void)host; /* only a device that does TLS or names itself needs it */
    struct dunlin_posix_sock *sock;
    struct dunlin_posix_sockaddr sa;
    int32_t err = dunlin_posix_begin(number, DUNLIN_POSIX_TX, 0, deadline, &sock);
    if (err < 0)
        return err;
    if (sock->connected)
        return DUNLIN_ERR_STATE; /* Linux would say once more that it went well */
    if (!sock->connecting) {
        if (addr == NULL || addr->family == 0)
            return DUNLIN_ERR_INVALID;
        err = dunlin_posix_to_sockaddr(addr, sock->domain, &sa);
        if (err < 0)
            return err;
        err = connect_begin(sock, &sa, deadline);
        if (err <= 0)
            return err;
    }
    err = dunlin_posix_wait(sock, DUNLIN_POSIX_TX, POLLOUT, deadline);
    return err < 0 ? err : connect_result(sock);
}

int32_t dunlin_posix_accept(void *ctx, int32_t number, struct dunlin_addr *peer, uint32_t flags,
                            int64_t deadline)
{
    (void)ctx;
    struct dunlin_posix_sock *sock;
    struct dunlin_posix_sockaddr sa;
    int32_t err = dunlin_posix_begin(number, DUNLIN_POSIX_RX, flags, deadline, &sock);
    while (err == 0) {
        /* An entry first: with none left the connection stays in the backlog. */
        int32_t made = dunlin_posix_reserve();
        if (made < 0)
            return DUNLIN_ERR_NO_SOCKETS;
        memset(&sa, 0, sizeof sa);
        sa.len = sizeof sa.u.storage;
        int fd = accept4(sock->fd, &sa.u.any, &sa.len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            dunlin_posix_publish(made, fd, sock->domain, true, false);
            if (peer != NULL)
                dunlin_posix_from_sockaddr(&sa.u.any, peer);
            return made;
        }
        int error = errno;
        dunlin_posix_release(made);
        /* Go: FD.Accept. A connection that ended while it waited is no error of the listener. */
        if (error != ECONNABORTED)
            err = dunlin_posix_again(sock, error, DUNLIN_POSIX_RX, flags, deadline);
    }
    return err;
}

static int send_flags(uint32_t flags)
{
    int local = MSG_NOSIGNAL;
#ifdef MSG_MORE
    if ((flags & DUNLIN_MORE) != 0)
        local |= MSG_MORE;
#else
    (void)flags;
#endif
    return local;
}

/* A stream of zero bytes is nothing to do; a datagram of zero bytes is one. */
static bool nothing_to_send(const struct dunlin_posix_sock *sock, size_t len)
{
    return len == 0 && sock->stream;
}

int32_t dunlin_posix_send(void *ctx, int32_t number, const void *data, size_t len, uint32_t flags,
                          int64_t deadline)
{
    (void)ctx;
    struct dunlin_posix_sock *sock;
    if (data == NULL && len > 0)
        return DUNLIN_ERR_INVALID;
    int32_t err = dunlin_posix_begin(number, DUNLIN_POSIX_TX, flags, deadline, &sock);
    if (err == 0 && nothing_to_send(sock, len))
        return 0;
    while (err == 0) {
        ssize_t n = send(sock->fd, data, clamp(len), send_flags(flags));
        if (n >= 0)
            return (int32_t)n;
        err = dunlin_posix_again(sock, errno, DUNLIN_POSIX_TX, flags, deadline);
    }
    return err;
}

int32_t dunlin_posix_send_to(void *ctx, int32_t number, const void *data, size_t len,
                             uint32_t flags, const struct dunlin_addr *to, int64_t deadline)
{
    (void)ctx;
    struct dunlin_posix_sock *sock;
    struct dunlin_posix_sockaddr sa = {.len = 0};
    if (data == NULL && len > 0)
        return DUNLIN_ERR_INVALID;
    int32_t err = dunlin_posix_begin(number, DUNLIN_POSIX_TX, flags, deadline, &sock);
    if (err == 0 && to != NULL)
        err = dunlin_posix_to_sockaddr(to, sock->domain, &sa);
    if (err == 0 && nothing_to_send(sock, len))
        return 0;
    while (err == 0) {
        ssize_t n = sendto(sock->fd, data, clamp(len), send_flags(flags),
                           to != NULL ? &sa.u.any : NULL, sa.len);
        if (n >= 0)
            return (int32_t)n;
        err = dunlin_posix_again(sock, errno, DUNLIN_POSIX_TX, flags, deadline);
    }
    return err;
}

/* Fills `iov`; returns the bytes in it, or an error. A stream's tail past the limits waits. */
static int32_t to_iovecs(const struct dunlin_posix_sock *sock, const struct dunlin_iovec *vec,
                         uint32_t count, struct iovec *iov, size_t *used)
{
    size_t total = 0;
    *used = 0;
    for (uint32_t i = 0; i < count; i++) {
        size_t len = vec[i].len;
        if (vec[i].ptr == NULL && len > 0)
            return DUNLIN_ERR_INVALID;
        if (len == 0)
            continue;
        bool full = *used == MAX_IOVECS || total == INT32_MAX;
        if (full && !sock->stream)
            return DUNLIN_ERR_MESSAGE_SIZE;
        if (full)
            break;
        if (len > INT32_MAX - total) {
            if (!sock->stream)
                return DUNLIN_ERR_MESSAGE_SIZE;
            len = INT32_MAX - total;
        }
        /* struct iovec serves reads too and so has no const; sendmsg(2) only reads. */
        memcpy(&iov[*used].iov_base, &vec[i].ptr, sizeof(void *));
        iov[*used].iov_len = len;
        (*used)++;
        total += len;
    }
    return (int32_t)total;
}

int32_t dunlin_posix_send_vec(void *ctx, int32_t number, const struct dunlin_iovec *vec,
                              uint32_t count, uint32_t flags, int64_t deadline)
{
    (void)ctx;
    struct dunlin_posix_sock *sock;
    struct iovec iov[MAX_IOVECS];
    struct msghdr msg;
    size_t used;
    if (vec == NULL && count > 0)
        return DUNLIN_ERR_INVALID;
    int32_t err = dunlin_posix_begin(number, DUNLIN_POSIX_TX, flags, deadline, &sock);
    if (err < 0)
        return err;
    int32_t total = to_iovecs(sock, vec, count, iov, &used);
    if (total < 0 || nothing_to_send(sock, (size_t)total))
        return total;
    memset(&msg, 0, sizeof msg);
    msg.msg_iov = iov;
    msg.msg_iovlen = used;
    while (err == 0) {
        ssize_t n = sendmsg(sock->fd, &msg, send_flags(flags));
        if (n >= 0)
            return (int32_t)n;
        err = dunlin_posix_again(sock, errno, DUNLIN_POSIX_TX, flags, deadline);
    }
    return err;
}

/* What of `n` bytes, the first of them in `head`, is behind the IPv4 header, moved to `buf`. */
static ssize_t strip_header(const uint8_t *head, ssize_t n, uint8_t *buf, size_t room)
{
    ssize_t len = (ssize_t)(head[0] & 15u) * 4;
    if (n < IPV4_HEADER)
        return 0;
    if (len < IPV4_HEADER)
        len = IPV4_HEADER;
    size_t rest = n > len ? (size_t)(n - len) : 0;
    size_t options = (size_t)(len - IPV4_HEADER);
    if (options > 0 && rest > 0 && options < room)
        memmove(buf, buf + options, rest);
    return (ssize_t)rest;
}

/*
 * One recvmsg(2), which alone tells that a datagram was longer than the buffer; a stream's plain
 * reads take the shorter way. Returns bytes, or -1 and errno (EMSGSIZE: the rest is gone).
 */
static ssize_t receive(const struct dunlin_posix_sock *sock, void *buf, size_t len, int flags,
                       struct dunlin_addr *from)
{
    struct dunlin_posix_sockaddr sa;
    struct iovec iov[2];
    uint8_t head[IPV4_HEADER];
    struct msghdr msg;
    if (sock->stream && from == NULL)
        return recv(sock->fd, buf, len, flags);
    memset(&sa, 0, sizeof sa);
    memset(&msg, 0, sizeof msg);
    memset(head, 0, sizeof head);
    iov[0].iov_base = head;
    iov[0].iov_len = sizeof head;
    iov[1].iov_base = buf;
    iov[1].iov_len = len;
    msg.msg_iov = sock->headed ? iov : iov + 1;
    msg.msg_iovlen = sock->headed ? 2 : 1;
    msg.msg_name = &sa.u.storage;
    msg.msg_namelen = sizeof sa.u.storage;
    ssize_t n = recvmsg(sock->fd, &msg, flags);
    if (n < 0)
        return n;
    if (from != NULL)
        dunlin_posix_from_sockaddr(&sa.u.any, from);
    if (sock->headed) {
        n = strip_header(head, n, buf, len);
        if (from != NULL)
            from->port = 0; /* some systems have the protocol there */
    }
    if (!sock->stream && (msg.msg_flags & MSG_TRUNC) != 0) {
        errno = EMSGSIZE;
        return -1;
    }
    return n;
}

int32_t dunlin_posix_recv_from(void *ctx, int32_t number, void *buf, size_t len, uint32_t flags,
                               struct dunlin_addr *from, int64_t deadline)
{
    (void)ctx;
    struct dunlin_posix_sock *sock;
    if (buf == NULL && len > 0)
        return DUNLIN_ERR_INVALID;
    int32_t err = dunlin_posix_begin(number, DUNLIN_POSIX_RX, flags, deadline, &sock);
    if (err == 0 && len == 0 && sock->stream)
        return 0;
    while (err == 0) {
        int local = (flags & DUNLIN_PEEK) != 0 ? MSG_PEEK : 0;
        ssize_t n = receive(sock, buf, clamp(len), local, from);
        if (n >= 0)
            return (int32_t)n;
        err = dunlin_posix_again(sock, errno, DUNLIN_POSIX_RX, flags, deadline);
    }
    return err;
}

int32_t dunlin_posix_recv(void *ctx, int32_t number, void *buf, size_t len, uint32_t flags,
                          int64_t deadline)
{
    return dunlin_posix_recv_from(ctx, number, buf, len, flags, NULL, deadline);
}
