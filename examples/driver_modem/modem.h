/*
 * The modem that the example's driver is for, and that modem.c plays on a POSIX host: a few
 * sockets, commands that are answered at once, and an interrupt when there is an event to fetch.
 */
#ifndef MODEM_H
#define MODEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MODEM_SOCKETS 8

/* Answers below 0. */
enum {
    MODEM_NOT_NOW = -1, /* nothing there, no room, not connected yet; an event follows */
    MODEM_NO_SOCKET = -2,
    MODEM_REFUSED = -3,
    MODEM_RESET = -4,
    MODEM_NO_ROUTE = -5,
    MODEM_IN_USE = -6,
    MODEM_CLOSED = -7, /* one's own end was closed for sending */
    MODEM_NOT_CONNECTED = -8,
    MODEM_GONE = -9, /* the peer does not answer */
    MODEM_WRONG = -10
};

struct modem_addr {
    uint8_t ip[4];
    uint16_t port;
};

/* `interrupt` is called from another context, when modem_event() has something to give. */
int modem_start(void (*interrupt)(void));
/* The socket, and what it is ready for: 1 to read, 2 to write, 3 both. False: no event is left. */
bool modem_event(int *sock, int *ready);

int modem_open(bool datagrams);
int modem_close(int sock);
int modem_bind(int sock, const struct modem_addr *addr);
int modem_listen(int sock, int backlog);
int modem_accept(int sock, struct modem_addr *peer);
int modem_connect(int sock, const struct modem_addr *addr);
/* How a connect ended that was not finished at once. */
int modem_connected(int sock);
int modem_send(int sock, const void *data, size_t len);
int modem_recv(int sock, void *buf, size_t len);
int modem_send_to(int sock, const void *data, size_t len, const struct modem_addr *to);
/* The datagram's whole length; at most `len` bytes of it are stored. */
int modem_recv_from(int sock, void *buf, size_t len, struct modem_addr *from);
int modem_end_sending(int sock);
int modem_address(int sock, bool peer, struct modem_addr *addr);

#endif
