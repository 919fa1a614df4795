/* The modem, played by the sockets of a POSIX host and one thread that raises its interrupt. */
#define _GNU_SOURCE 1 /* accept4() */
#include "modem.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define TICK_MS 2 /* how often it looks for events: it is a slow modem */

struct sock {
    bool open;
    int fd;
    int awaited; /* what an answer of NOT_NOW has promised an event for */
    int ready;   /* events that were not fetched yet */
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct sock socks[MODEM_SOCKETS];

static int answer(int error)
{
    switch (error) {
    case EAGAIN:
    case EINPROGRESS:
        return MODEM_NOT_NOW;
    case ECONNREFUSED:
        return MODEM_REFUSED;
    case ECONNRESET:
        return MODEM_RESET;
    case ENETUNREACH:
    case EHOSTUNREACH:
        return MODEM_NO_ROUTE;
    case EADDRINUSE:
        return MODEM_IN_USE;
    case EPIPE:
        return MODEM_CLOSED;
    case ENOTCONN:
        return MODEM_NOT_CONNECTED;
    case ETIMEDOUT:
        return MODEM_GONE;
    default:
        return MODEM_WRONG;
    }
}

static bool is_open(int sock)
{
    return sock >= 0 && sock < MODEM_SOCKETS && socks[sock].open;
}

/* The answer of a system call; a "not now" is remembered with what it waits for. */
static int after(int sock, long result, int awaited)
{
    if (result >= 0)
        return (int)result;
    int code = answer(errno);
    if (code == MODEM_NOT_NOW) {
        pthread_mutex_lock(&mutex);
        socks[sock].awaited |= awaited;
        pthread_mutex_unlock(&mutex);
    }
    return code;
}

static struct sockaddr_in to_host(const struct modem_addr *addr)
{
    struct sockaddr_in sin;
    memset(&sin, 0, sizeof sin);
    sin.sin_family = AF_INET;
    sin.sin_port = htons(addr->port);
    memcpy(&sin.sin_addr, addr->ip, 4);
    return sin;
}

static void from_host(const struct sockaddr_in *sin, struct modem_addr *addr)
{
    addr->port = ntohs(sin->sin_port);
    memcpy(addr->ip, &sin->sin_addr, 4);
}

static int keep(int fd)
{
    pthread_mutex_lock(&mutex);
    int sock = 0;
    while (sock < MODEM_SOCKETS && socks[sock].open)
        sock++;
    if (fd >= 0 && sock < MODEM_SOCKETS)
        socks[sock] = (struct sock){true, fd, 0, 0};
    pthread_mutex_unlock(&mutex);
    if (fd >= 0 && sock == MODEM_SOCKETS)
        close(fd);
    return fd < 0 || sock == MODEM_SOCKETS ? MODEM_NO_SOCKET : sock;
}

int modem_open(bool datagrams)
{
    return keep(socket(AF_INET, (datagrams ? SOCK_DGRAM : SOCK_STREAM) | SOCK_NONBLOCK, 0));
}

int modem_close(int sock)
{
    if (!is_open(sock))
        return MODEM_WRONG;
    pthread_mutex_lock(&mutex);
    socks[sock].open = false;
    close(socks[sock].fd);
    pthread_mutex_unlock(&mutex);
    return 0;
}

int modem_bind(int sock, const struct modem_addr *addr)
{
    struct sockaddr_in sin = to_host(addr);
    int on = 1;
    if (!is_open(sock))
        return MODEM_WRONG;
    (void)setsockopt(socks[sock].fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    return after(sock, bind(socks[sock].fd, (struct sockaddr *)&sin, sizeof sin), 0);
}

int modem_listen(int sock, int backlog)
{
    return is_open(sock) ? after(sock, listen(socks[sock].fd, backlog), 0) : MODEM_WRONG;
}

int modem_accept(int sock, struct modem_addr *peer)
{
    struct sockaddr_in sin;
    socklen_t len = sizeof sin;
    int used = 0;
    if (!is_open(sock))
        return MODEM_WRONG;
    for (int i = 0; i < MODEM_SOCKETS; i++)
        used += is_open(i);
    if (used == MODEM_SOCKETS)
        return MODEM_NO_SOCKET; /* it stays in the backlog */
    int fd = accept4(socks[sock].fd, (struct sockaddr *)&sin, &len, SOCK_NONBLOCK);
    if (fd < 0)
        return after(sock, fd, 1);
    from_host(&sin, peer);
    return keep(fd);
}

int modem_connect(int sock, const struct modem_addr *addr)
{
    struct sockaddr_in sin = to_host(addr);
    if (!is_open(sock))
        return MODEM_WRONG;
    return after(sock, connect(socks[sock].fd, (struct sockaddr *)&sin, sizeof sin), 2);
}

int modem_connected(int sock)
{
    struct sockaddr_in sin;
    int error = 0;
    socklen_t size = sizeof error, len = sizeof sin;
    if (!is_open(sock))
        return MODEM_WRONG;
    (void)getsockopt(socks[sock].fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0)
        return answer(error);
    if (getpeername(socks[sock].fd, (struct sockaddr *)&sin, &len) == 0)
        return 0;
    errno = EINPROGRESS;
    return after(sock, -1, 2);
}

int modem_send(int sock, const void *data, size_t len)
{
    return is_open(sock) ? after(sock, send(socks[sock].fd, data, len, MSG_NOSIGNAL), 2)
                         : MODEM_WRONG;
}

int modem_recv(int sock, void *buf, size_t len)
{
    return is_open(sock) ? after(sock, recv(socks[sock].fd, buf, len, 0), 1) : MODEM_WRONG;
}

int modem_send_to(int sock, const void *data, size_t len, const struct modem_addr *to)
{
    struct sockaddr_in sin = to_host(to);
    if (!is_open(sock))
        return MODEM_WRONG;
    return after(
        sock, sendto(socks[sock].fd, data, len, MSG_NOSIGNAL, (struct sockaddr *)&sin, sizeof sin),
        2);
}

int modem_recv_from(int sock, void *buf, size_t len, struct modem_addr *from)
{
    struct sockaddr_in sin;
    socklen_t size = sizeof sin;
    if (!is_open(sock))
        return MODEM_WRONG;
    long n = recvfrom(socks[sock].fd, buf, len, MSG_TRUNC, (struct sockaddr *)&sin, &size);
    if (n >= 0)
        from_host(&sin, from);
    return after(sock, n, 1);
}

int modem_end_sending(int sock)
{
    return is_open(sock) ? after(sock, shutdown(socks[sock].fd, SHUT_WR), 0) : MODEM_WRONG;
}

int modem_address(int sock, bool peer, struct modem_addr *addr)
{
    struct sockaddr_in sin;
    socklen_t len = sizeof sin;
    if (!is_open(sock))
        return MODEM_WRONG;
    int err = peer ? getpeername(socks[sock].fd, (struct sockaddr *)&sin, &len)
                   : getsockname(socks[sock].fd, (struct sockaddr *)&sin, &len);
    if (err == 0)
        from_host(&sin, addr);
    return after(sock, err, 0);
}

/* One look at a socket; true: it has news. */
static bool look(struct sock *sock)
{
    struct pollfd fd = {sock->fd, 0, 0};
    fd.events =
        (short)(((sock->awaited & 1) != 0 ? POLLIN : 0) | ((sock->awaited & 2) != 0 ? POLLOUT : 0));
    if (!sock->open || sock->awaited == 0 || poll(&fd, 1, 0) <= 0)
        return false;
    bool failed = (fd.revents & (POLLERR | POLLHUP)) != 0;
    int ready = failed ? sock->awaited : 0;
    ready |= (fd.revents & POLLIN) != 0 ? 1 : 0;
    ready |= (fd.revents & POLLOUT) != 0 ? 2 : 0;
    sock->ready |= ready & sock->awaited;
    sock->awaited &= ~ready;
    return ready != 0;
}

static void *run(void *arg)
{
    void (*const *interrupt)(void) = arg;
    for (;;) {
        bool news = false;
        struct timespec tick = {0, TICK_MS * 1000000L};
        pthread_mutex_lock(&mutex);
        for (int i = 0; i < MODEM_SOCKETS; i++)
            news = look(&socks[i]) || news;
        pthread_mutex_unlock(&mutex);
        if (news)
            (*interrupt)();
        nanosleep(&tick, NULL);
    }
    return NULL;
}

int modem_start(void (*interrupt)(void))
{
    static void (*kept)(void);
    pthread_t thread;
    kept = interrupt;
    return pthread_create(&thread, NULL, run, &kept) == 0 && pthread_detach(thread) == 0 ? 0 : -1;
}

bool modem_event(int *sock, int *ready)
{
    bool found = false;
    pthread_mutex_lock(&mutex);
    for (int i = 0; i < MODEM_SOCKETS && !found; i++) {
        if (socks[i].open && socks[i].ready != 0) {
            *sock = i;
            *ready = socks[i].ready;
            socks[i].ready = 0;
            found = true;
        }
    }
    pthread_mutex_unlock(&mutex);
    return found;
}
