/*
 * The posix driver's table with one defect, and which checks of the kit have to fail for it: one
 * per check, and beside it only those that rest on the same behaviour.
 */
#ifndef TESTS_KIT_BROKEN_H
#define TESTS_KIT_BROKEN_H

#include <dunlin/dunlin.h>

#include <stdbool.h>

/* X(name, the check that fails, others that fail too: " & " between them, "*" for any) */
#define DEFECTS(X)                                                                           \
    X(RESERVED_SET, "table: what every driver has", "")                                      \
    X(CLAIM_WITHOUT_ENTRY, "table: entries and claims fit", "")                              \
    X(ADDR_OVERFLOW, "table: its own addresses", "")                                         \
    X(NUMBER_TWICE, "socket: each its own number",                                           \
      "socket: all of them, and again after a close & listen: accept with no socket left")   \
    X(KIND_INVALID, "socket: kinds that nobody has", "")                                     \
    X(CLAIM_MISSING, "socket: kinds that are not claimed", "")                               \
    X(CLOSED_WAITS, "socket: numbers that are not open", "")                                 \
    X(TABLE_FULL_CODE, "socket: all of them, and again after a close", "")                   \
    X(TIRED, "socket: 60 connections, one after another", "")                                \
    X(WRONG_BYTES, "connect: to the peer, and a few words", "*")                             \
    X(REFUSED_CODE, "connect: a refused port", "")                                           \
    X(UNREACHABLE_CODE, "connect: an address without a route", "")                           \
    X(CONNECT_TWICE, "connect: not twice", "")                                               \
    X(CONNECT_LATE, "connect: its deadline, and the next one", "")                           \
    X(CONNECT_WAITS, "connect: begun without waiting, and gone on with", "")                 \
    X(UNCONNECTED_END, "connect: neither send nor recv without it", "")                      \
    X(LOCAL_PORT, "connect: local and peer address", "")                                     \
    X(RECV_OVERFLOW, "stream: short buffers", "")                                            \
    X(PEEK_TAKES, "stream: a look ahead", "")                                                \
    X(RECV_DONTWAIT_CODE, "stream: recv that may not wait",                                  \
      "wake: is not for calls that may not wait")                                            \
    X(SEND_ZERO_INVALID, "stream: lengths of zero", "")                                      \
    X(SEND_DONTWAIT_CODE, "stream: send that may not wait", "")                              \
    X(SEND_CHANGES, "stream: 300 kB out", "")                                                \
    X(SEND_LOSES, "stream: 300 kB out to a slow reader", "")                                 \
    X(RECV_CHANGES, "stream: 300 kB in", "")                                                 \
    X(VEC_ORDER, "stream: send_vec", "")                                                     \
    X(MORE_LOST, "stream: more follows", "")                                                 \
    X(PARALLEL_CHANGES, "stream: both ways at once", "")                                     \
    X(END_ONCE, "end: the peer's, in order", "")                                             \
    X(RESET_IS_END, "end: a reset is no end of the stream", "")                              \
    X(SEND_AFTER_RESET, "end: send after a reset", "")                                       \
    X(SEND_AFTER_SHUTDOWN, "end: shutdown of sending", "")                                   \
    X(SHUTDOWN_RD_NOTHING, "end: shutdown of receiving", "")                                 \
    X(HALF_OPEN_DROPS, "end: sending on after the peer's", "")                               \
    X(RECV_LATE, "deadline: recv", "")                                                       \
    X(RECV_TO_DEADLINE, "deadline: recv ends with the data", "")                             \
    X(NO_DEADLINE_IS_PAST, "deadline: recv without one", "")                                 \
    X(SEND_LATE, "deadline: send", "")                                                       \
    X(ACCEPT_LATE, "deadline: accept", "")                                                   \
    X(RECV_DEAF, "wake: ends a blocked recv", "")                                            \
    X(SEND_DEAF, "wake: ends a blocked send", "")                                            \
    X(ACCEPT_DEAF, "wake: ends a blocked accept", "")                                        \
    X(CONNECT_DEAF, "wake: ends a blocked connect", "")                                      \
    X(RECV_FROM_DEAF, "wake: ends a blocked recv_from", "")                                  \
    X(RECV_FORGETS, "wake: is kept for the next recv",                                       \
      "wake: is not for calls that may not wait & wake: is never lost")                      \
    X(SEND_FORGETS, "wake: is kept for the next send", "wake: has a bit for each direction") \
    X(ACCEPT_FORGETS, "wake: is kept for the next accept", "")                               \
    X(CONNECT_FORGETS, "wake: is kept for the next connect", "")                             \
    X(RECV_FROM_FORGETS, "wake: is kept for the next recv_from", "")                         \
    X(RECV_KEEPS, "wake: is used up by a recv", "")                                          \
    X(SEND_KEEPS, "wake: is used up by a send", "")                                          \
    X(DONTWAIT_SEES, "wake: is not for calls that may not wait", "")                         \
    X(ONE_BIT, "wake: has a bit for each direction", "")                                     \
    X(CONNECT_ENDS, "wake: the connection goes on", "")                                      \
    X(WAKE_LOST, "wake: is never lost", "")                                                  \
    X(WAKE_CLOSED_HARMS, "wake: a number that is not open", "")                              \
    X(POLL_EARLY, "poll: its deadline", "")                                                  \
    X(POLL_LOOK_WAITS, "poll: only a look", "")                                              \
    X(POLL_EXTRA, "poll: data", "")                                                          \
    X(POLL_END, "poll: the end of a stream", "")                                             \
    X(POLL_RESET, "poll: a reset", "")                                                       \
    X(POLL_FULL, "poll: room to send", "")                                                   \
    X(POLL_LISTENER, "poll: connections made, refused, arrived", "")                         \
    X(POLL_COUNT, "poll: which of several", "")                                              \
    X(POLL_CLOSED_HANGS, "poll: a number that was closed", "")                               \
    X(POLL_DEAF, "poll: a wake ends it", "")                                                 \
    X(POLL_FORGETS, "poll: a wake is kept for the next", "")                                 \
    X(ACCEPT_NO_PEER, "listen: a connection, which outlives its listener", "")               \
    X(ACCEPT_TWICE, "listen: three in the backlog", "")                                      \
    X(ACCEPT_DONTWAIT_CODE, "listen: accept that may not wait", "")                          \
    X(IN_USE_CODE, "listen: an address in use", "")                                          \
    X(BIND_AGAIN, "listen: again where one was closed", "")                                  \
    X(ACCEPT_FULL_CODE, "listen: accept with no socket left", "")                            \
    X(FROM_PORT, "udp: datagrams of many sizes", "")                                         \
    X(EMPTY_SKIPPED, "udp: an empty datagram", "")                                           \
    X(LONG_CUT, "udp: one that is longer than the buffer", "")                               \
    X(RECV_FROM_PAST_CODE, "udp: recv_from that may not wait", "")                           \
    X(RECV_FROM_LATE, "udp: the deadline of recv_from", "")                                  \
    X(CONNECTED_HEARS, "udp: a connected socket", "")                                        \
    X(FROM_IS_LAST_TO, "udp: another sender", "")                                            \
    X(POLL_NO_DATAGRAM, "udp: poll", "")                                                     \
    X(LOOKUP_OVERFLOW, "lookup: a name", "")                                                 \
    X(LOOKUP_FAMILY, "lookup: one family", "")                                               \
    X(LOOKUP_CODE, "lookup: a name that nobody has", "lookup: a wake is kept for the next")  \
    X(LOOKUP_WAITS, "lookup: one that may not wait", "")                                     \
    X(LOOKUP_FORGETS, "lookup: a wake is kept for the next", "")                             \
    X(OPTION_VALUE, "option: those that it has", "")                                         \
    X(OPTION_CODE, "option: those that nobody has", "")                                      \
    X(REFUSED6_CODE, "ipv6: a stream, and a refusal", "")                                    \
    X(FROM6_ADDR, "ipv6: datagrams", "")                                                     \
    X(UNIX_NOBODY, "unix: a stream", "")                                                     \
    X(RAW_KIND, "raw: a socket", "")                                                         \
    X(LEAVE_CODE, "multicast: join and leave", "")                                           \
    X(MINUS_ERRNO, "deadline: recv", "*")

enum defect {
    WHOLE,
#define X(name, check, others) name,
    DEFECTS(X)
#undef X
        DEFECT_COUNT
};

extern enum defect broken_defect;

/* The operations of broken_*.c, by their entries. */
extern struct dunlin_netdev_ops broken_table;
void broken_make_waits(void);
void broken_make_others(void);

/* What a wrapper knows of a socket: the first bytes that were sent on it, which name the service.
 */
struct broken_sock {
    char service[5];
    bool datagrams, ended, woken;
    uint32_t sent, received, interrupted, wakes;
};
#define BROKEN_SOCKS 4096
extern struct broken_sock broken_socks[BROKEN_SOCKS];
struct broken_sock *broken_sock(int32_t sock);
/* What the last call made, if it was socket; else -1. */
extern int32_t broken_last_socket;
bool broken_serves(int32_t sock, const char *service);
void broken_sleep(int64_t ms);

static inline bool is(enum defect defect)
{
    return broken_defect == defect;
}

/* The table; 0: whole; NULL: there is no such number. */
const struct dunlin_netdev_ops *broken_ops(uint32_t defect);
/* Prints the defects: "number TAB name TAB check TAB others". */
void broken_list(void);

#endif
