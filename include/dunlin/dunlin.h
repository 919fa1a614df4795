/*
 * Dunlin: sockets, HTTP and driver tables for firmware.
 *
 * Made from src/ by `cargo xtask header`; change the Rust source, not this file.
 * SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Results are int32_t (dunlin_ssize_t for byte counts): >= 0 is success, a count or a handle;
 * < 0 is an error of enum dunlin_err, or a driver's own (<= -10000). See the README for the
 * conventions of handles, strings, structs, deadlines and tasks.
 */
#ifndef DUNLIN_DUNLIN_H
#define DUNLIN_DUNLIN_H

#include <stddef.h>
#include <stdint.h>

#define DUNLIN_VERSION "0.1.0"

/* What a pointer may be; checked by clang, and by Dunlin itself at run time. */
#if defined(__clang__)
#define DUNLIN_NONNULL _Nonnull
#define DUNLIN_NULLABLE _Nullable
#else
#define DUNLIN_NONNULL
#define DUNLIN_NULLABLE
#endif

#if defined(__GNUC__) || defined(__clang__)
#define DUNLIN_MUST_USE __attribute__((warn_unused_result))
#define DUNLIN_NORETURN __attribute__((noreturn))
#define DUNLIN_DEPRECATED __attribute__((deprecated))
#define DUNLIN_DEPRECATED_NOTE(text) __attribute__((deprecated(text)))
#else
#define DUNLIN_MUST_USE
#define DUNLIN_NORETURN
#define DUNLIN_DEPRECATED
#define DUNLIN_DEPRECATED_NOTE(text)
#endif

#ifdef __cplusplus
extern "C" {
#endif

struct dunlin_addr;
struct dunlin_netdev_poll;
struct dunlin_iovec;
struct dunlin_netdev_ops;

/* ------------------------------------------------------------------------------------------------
 * Errors
 * ------------------------------------------------------------------------------------------------ */

/**
 * Every error the library itself returns (Go: the `Err...` variables of `net` and `net/http`, and
 * the classes of `net.OpError`). A driver's own codes are <= -10000 and pass through unchanged.
 */
enum dunlin_err {
    /** invalid argument */
    DUNLIN_ERR_INVALID = -2001,
    /** bad handle: closed, forged or of another kind */
    DUNLIN_ERR_BAD_HANDLE = -2002,
    /** struct size or ABI version not understood */
    DUNLIN_ERR_VERSION = -2003,
    /** not initialised, or not possible in this state */
    DUNLIN_ERR_STATE = -2004,
    /** call not possible from inside this callback */
    DUNLIN_ERR_REENTRANT = -2005,
    /** another task is using this direction */
    DUNLIN_ERR_BUSY = -2006,
    /** arena exhausted */
    DUNLIN_ERR_NO_MEMORY = -2007,
    /** no free slot */
    DUNLIN_ERR_NO_SLOT = -2008,
    /** i/o timeout */
    DUNLIN_ERR_TIMEOUT = -2009,
    /** operation was canceled */
    DUNLIN_ERR_CANCELED = -2010,
    /** use of closed network connection */
    DUNLIN_ERR_CLOSED = -2011,
    /** unexpected EOF */
    DUNLIN_ERR_UNEXPECTED_EOF = -2012,
    /** operation would block */
    DUNLIN_ERR_WOULD_BLOCK = -2013,
    /** operation is pending */
    DUNLIN_ERR_PENDING = -2014,
    /** operation was interrupted */
    DUNLIN_ERR_INTERRUPTED = -2015,
    /** operation not supported */
    DUNLIN_ERR_NOT_SUPPORTED = -2016,
    /** netdev not set */
    DUNLIN_ERR_NO_NETDEV = -2017,
    /** network is down */
    DUNLIN_ERR_NET_DOWN = -2018,
    /** network is unreachable */
    DUNLIN_ERR_NET_UNREACHABLE = -2019,
    /** no route to host */
    DUNLIN_ERR_HOST_UNREACHABLE = -2020,
    /** connection refused */
    DUNLIN_ERR_CONN_REFUSED = -2021,
    /** connection reset by peer */
    DUNLIN_ERR_CONN_RESET = -2022,
    /** software caused connection abort */
    DUNLIN_ERR_CONN_ABORTED = -2023,
    /** broken pipe */
    DUNLIN_ERR_BROKEN_PIPE = -2024,
    /** socket is not connected */
    DUNLIN_ERR_NOT_CONNECTED = -2025,
    /** address already in use */
    DUNLIN_ERR_ADDR_IN_USE = -2026,
    /** cannot assign requested address */
    DUNLIN_ERR_ADDR_NOT_AVAILABLE = -2027,
    /** device out of sockets */
    DUNLIN_ERR_NO_SOCKETS = -2028,
    /** message too long */
    DUNLIN_ERR_MESSAGE_SIZE = -2029,
    /** no such host */
    DUNLIN_ERR_NO_SUCH_HOST = -2030,
    /** server misbehaving */
    DUNLIN_ERR_NAME_SERVER = -2031,
    /** unknown network */
    DUNLIN_ERR_UNKNOWN_NETWORK = -2032,
    /** missing port in address */
    DUNLIN_ERR_MISSING_PORT = -2033,
    /** too many colons in address */
    DUNLIN_ERR_TOO_MANY_COLONS = -2034,
    /** unexpected '[' or ']' in address */
    DUNLIN_ERR_UNEXPECTED_BRACKET = -2035,
    /** invalid port */
    DUNLIN_ERR_INVALID_PORT = -2036,
    /** invalid address */
    DUNLIN_ERR_INVALID_ADDRESS = -2037,
    /** driver returned an impossible result */
    DUNLIN_ERR_DRIVER_BAD_RESULT = -2038,
    /** input/output error */
    DUNLIN_ERR_IO = -2039,
    /** no entropy */
    DUNLIN_ERR_ENTROPY = -2040,
    /** permission denied */
    DUNLIN_ERR_PERMISSION = -2041,
    /** io: read/write on closed pipe */
    DUNLIN_ERR_CLOSED_PIPE = -2042,
    /** buffer too small */
    DUNLIN_ERR_BUFFER_TOO_SMALL = -2043,
    /** name too long */
    DUNLIN_ERR_NAME_TOO_LONG = -2044,
    /** no device of that name */
    DUNLIN_ERR_NO_DEVICE = -2045,
    /** name already in use */
    DUNLIN_ERR_EXISTS = -2046,
    /** EOF */
    DUNLIN_ERR_EOF = -2047,
    /** malformed HTTP request */
    DUNLIN_ERR_HTTP_MALFORMED_REQUEST_LINE = -2101,
    /** malformed HTTP version */
    DUNLIN_ERR_HTTP_MALFORMED_VERSION = -2102,
    /** unsupported protocol version */
    DUNLIN_ERR_HTTP_UNSUPPORTED_VERSION = -2103,
    /** invalid method */
    DUNLIN_ERR_HTTP_INVALID_METHOD = -2104,
    /** invalid URI for request */
    DUNLIN_ERR_HTTP_INVALID_TARGET = -2105,
    /** malformed MIME header */
    DUNLIN_ERR_HTTP_MALFORMED_HEADER = -2106,
    /** invalid header name */
    DUNLIN_ERR_HTTP_INVALID_HEADER_NAME = -2107,
    /** invalid header value */
    DUNLIN_ERR_HTTP_INVALID_HEADER_VALUE = -2108,
    /** header too large */
    DUNLIN_ERR_HTTP_HEADER_TOO_LARGE = -2109,
    /** missing required Host header */
    DUNLIN_ERR_HTTP_MISSING_HOST = -2110,
    /** too many Host headers */
    DUNLIN_ERR_HTTP_TOO_MANY_HOSTS = -2111,
    /** malformed Host header */
    DUNLIN_ERR_HTTP_MALFORMED_HOST = -2112,
    /** bad Content-Length */
    DUNLIN_ERR_HTTP_BAD_CONTENT_LENGTH = -2113,
    /** unsupported transfer encoding */
    DUNLIN_ERR_HTTP_UNSUPPORTED_TRANSFER_ENCODING = -2114,
    /** Content-Length together with Transfer-Encoding */
    DUNLIN_ERR_HTTP_LENGTH_AND_ENCODING = -2115,
    /** malformed chunked encoding */
    DUNLIN_ERR_HTTP_MALFORMED_CHUNK = -2116,
    /** header line too long */
    DUNLIN_ERR_HTTP_LINE_TOO_LONG = -2117,
    /** bad trailer */
    DUNLIN_ERR_HTTP_BAD_TRAILER = -2118,
    /** malformed HTTP response */
    DUNLIN_ERR_HTTP_MALFORMED_STATUS_LINE = -2119,
    /** http: request body too large */
    DUNLIN_ERR_HTTP_BODY_TOO_LARGE = -2120,
    /** http: request method or response status code does not allow body */
    DUNLIN_ERR_HTTP_BODY_NOT_ALLOWED = -2121,
    /** http: wrote more than the declared Content-Length */
    DUNLIN_ERR_HTTP_CONTENT_LENGTH = -2122,
    /** http: the head was already sent */
    DUNLIN_ERR_HTTP_HEADERS_SENT = -2123,
    /** http: connection has been hijacked */
    DUNLIN_ERR_HTTP_HIJACKED = -2124,
    /** http: invalid Read on closed Body */
    DUNLIN_ERR_HTTP_BODY_READ_AFTER_CLOSE = -2125,
    /** http: Server closed */
    DUNLIN_ERR_HTTP_SERVER_CLOSED = -2126,
    /** http: too many 1xx informational responses */
    DUNLIN_ERR_HTTP_TOO_MANY_INFORMATIONAL = -2127,
    /** invalid mux pattern */
    DUNLIN_ERR_HTTP_PATTERN = -2128,
    /** mux pattern conflicts with another */
    DUNLIN_ERR_HTTP_PATTERN_CONFLICT = -2129,
    /** unsupported protocol scheme */
    DUNLIN_ERR_HTTP_UNSUPPORTED_SCHEME = -2130,
    /** http: no Host in request URL */
    DUNLIN_ERR_HTTP_NO_HOST_IN_URL = -2131,
    /** http: peer sends below the minimum rate */
    DUNLIN_ERR_HTTP_SLOW_PEER = -2132,
    /** net/http: abort Handler */
    DUNLIN_ERR_HTTP_ABORTED = -2133,
    /** server closed the connection before it answered */
    DUNLIN_ERR_HTTP_NO_RESPONSE = -2134,
    /** http: request body cannot be sent again */
    DUNLIN_ERR_HTTP_BODY_NOT_REPLAYABLE = -2135,
    /** http: unasked 101 Switching Protocols */
    DUNLIN_ERR_HTTP_UNEXPECTED_UPGRADE = -2136,
    /** Transfer-Encoding before HTTP/1.1 */
    DUNLIN_ERR_HTTP_ENCODING_IN_OLD_VERSION = -2137,
    /** https without a TLS configuration */
    DUNLIN_ERR_TLS_NOT_CONFIGURED = -2201,
};

/**
 * dunlin_strerror gives the English text of a result, as `strerror` does for errno.
 *
 * Never NULL and never empty: "ok" for results >= 0, "driver error" for a driver's own codes
 * (<= -10000), "unknown error" for numbers that are none of ours. The text is static and
 * NUL-terminated. Any task or interrupt; does not block.
 */
const char *dunlin_strerror(int32_t code);

/* ------------------------------------------------------------------------------------------------
 * Netdev
 * ------------------------------------------------------------------------------------------------ */

/** No address. */
#define DUNLIN_AF_UNSPEC 0

/** A unix-domain address: its path is in `options`. */
#define DUNLIN_AF_UNIX 1

/** IPv4. */
#define DUNLIN_AF_INET 4

/** IPv6. */
#define DUNLIN_AF_INET6 6

/** A byte stream (TCP). */
#define DUNLIN_SOCK_STREAM 1

/** Datagrams (UDP). */
#define DUNLIN_SOCK_DGRAM 2

/** Raw IP packets. */
#define DUNLIN_SOCK_RAW 3

/** IP; the level of IPv4 options. */
#define DUNLIN_IPPROTO_IP 0

/** TCP over IP; also the level of TCP options. */
#define DUNLIN_IPPROTO_TCP 6

/** UDP over IP; also the level of UDP options. */
#define DUNLIN_IPPROTO_UDP 17

/** IPv6; the level of IPv6 options. */
#define DUNLIN_IPPROTO_IPV6 41

/** TLS done by the device (as in TinyGo); `connect` gets the host name to verify. */
#define DUNLIN_IPPROTO_TLS 254

/** The level of options of the socket itself. */
#define DUNLIN_SOL_SOCKET 65535

/** Keep-alive probes on or off (`int32_t`), level SOL_SOCKET. */
#define DUNLIN_SO_KEEPALIVE 1

/** Local address may be used again at once (`int32_t`), level SOL_SOCKET. */
#define DUNLIN_SO_REUSEADDR 2

/** Seconds to linger on close, -1 is off (`int32_t`), level SOL_SOCKET. */
#define DUNLIN_SO_LINGER 3

/** Broadcasts may be sent (`int32_t`), level SOL_SOCKET. */
#define DUNLIN_SO_BROADCAST 4

/** Receive buffer in bytes (`int32_t`), level SOL_SOCKET. */
#define DUNLIN_SO_RCVBUF 5

/** Send buffer in bytes (`int32_t`), level SOL_SOCKET. */
#define DUNLIN_SO_SNDBUF 6

/** Segments go out at once, Go's default (`int32_t`), level IPPROTO_TCP. */
#define DUNLIN_SO_TCP_NODELAY 16

/** Idle seconds before the first keep-alive probe (`int32_t`), level IPPROTO_TCP. */
#define DUNLIN_SO_TCP_KEEPIDLE 17

/** Seconds between keep-alive probes (`int32_t`), level IPPROTO_TCP. */
#define DUNLIN_SO_TCP_KEEPINTVL 18

/** Unanswered keep-alive probes that end the connection (`int32_t`), level IPPROTO_TCP. */
#define DUNLIN_SO_TCP_KEEPCNT 19

/** The socket takes IPv6 only (`int32_t`), level IPPROTO_IPV6. */
#define DUNLIN_SO_IPV6_V6ONLY 32

/** Join a multicast group (`struct dunlin_addr`), level IPPROTO_IP or IPPROTO_IPV6. */
#define DUNLIN_SO_MULTICAST_JOIN 33

/** Leave a multicast group (`struct dunlin_addr`), level IPPROTO_IP or IPPROTO_IPV6. */
#define DUNLIN_SO_MULTICAST_LEAVE 34

/** The device carries IPv6. */
#define DUNLIN_CAP_IPV6 1

/** The device carries UDP. */
#define DUNLIN_CAP_UDP 2

/** The device carries raw IP. */
#define DUNLIN_CAP_RAW 4

/** The device carries unix sockets. */
#define DUNLIN_CAP_UNIX 8

/** The device joins multicast groups. */
#define DUNLIN_CAP_MULTICAST 16

/** The device does TLS itself on `DUNLIN_IPPROTO_TLS` sockets. */
#define DUNLIN_CAP_TLS_OFFLOAD 32

/**
 * One line of I/O: a call that blocks keeps the device from every other call. The core makes
 * calls one after another and in slices of at most 50 ms.
 */
#define DUNLIN_CAP_BLOCKING 64

/** Any number of tasks may be inside the table at once. */
#define DUNLIN_CAP_CONCURRENT 128

/** The driver calls `dunlin_netdev_notify` whenever a socket becomes readable or writable. */
#define DUNLIN_CAP_NOTIFY 256

/** `wake` may be called from an interrupt. */
#define DUNLIN_CAP_WAKE_ISR 512

/** Do not wait: `DUNLIN_ERR_WOULD_BLOCK` instead. */
#define DUNLIN_DONTWAIT 1

/** Leave what is read in the queue. */
#define DUNLIN_PEEK 2

/** More data follows at once; the device may hold a short segment back. */
#define DUNLIN_MORE 4

/** `shutdown`: no more reading. */
#define DUNLIN_SHUT_RD 1

/** `shutdown`: no more writing; the peer reads an end of stream. */
#define DUNLIN_SHUT_WR 2

/** `shutdown`: both. */
#define DUNLIN_SHUT_RDWR 3

/** A read would not block (data, end of stream, an error, or a connection to accept). */
#define DUNLIN_READABLE 1

/** A write would not block. */
#define DUNLIN_WRITABLE 2

/** The peer is gone; only ever an answer. */
#define DUNLIN_HANGUP 4

/** The socket has an error to report; only ever an answer. */
#define DUNLIN_ERROR 8

/** The driver has work for `step`; only in `dunlin_netdev_notify`. */
#define DUNLIN_WORK 16

/** `wake`: every `poll` in progress ends; if none is, the next one. */
#define DUNLIN_WAKE_POLL (-1)

/** `wake`: every name lookup in progress ends; if none is, the next one. */
#define DUNLIN_WAKE_LOOKUP (-2)

/** An address. Frozen: its layout never changes. IPv4 lies in the first four bytes of `ip`. */
struct dunlin_addr {
    /** `DUNLIN_AF_...` */
    uint16_t family;
    /** In the host's byte order. */
    uint16_t port;
    /** Zone of a link-local IPv6 address, 0 is none. */
    uint32_t scope_id;
    /** In network order. */
    uint8_t ip[16];
    /** The NUL-terminated path of a unix address; otherwise NULL. */
    const void *options;
};

/** One socket of a `poll`. Frozen. */
struct dunlin_netdev_poll {
    /** The socket. */
    int32_t sock;
    /** What is asked: `DUNLIN_READABLE`, `DUNLIN_WRITABLE`. */
    uint16_t events;
    /** What is so; also `DUNLIN_HANGUP`, `DUNLIN_ERROR`. */
    uint16_t revents;
};

/** A piece of a vectored write. Frozen. */
struct dunlin_iovec {
    /** The bytes. */
    const void *ptr;
    /** How many. */
    size_t len;
};

/**
 * What a driver implements (TinyGo's `netdever`, completed). Tables are constant and live for
 * ever; what is left out (NULL) is not supported.
 *
 * Every function: `ctx` is what was registered; a result >= 0 is success; an error is one of
 * `enum dunlin_err`, or `DUNLIN_ERR_DRIVER(code)` (<= -10000); anything else is taken for
 * `DUNLIN_ERR_DRIVER_BAD_RESULT` and the connection is not used again. Buffers belong to the caller
 * and are not kept. No function may call back into Dunlin, except `dunlin_netdev_notify`,
 * `dunlin_now_ms` and `dunlin_remaining_ms`.
 *
 * Waiting: functions with a `deadline` block until that time on `dunlin_now_ms()` (0: none) and
 * then return `DUNLIN_ERR_TIMEOUT`; with `DUNLIN_DONTWAIT` or a deadline in the past they never wait
 * and return `DUNLIN_ERR_WOULD_BLOCK`. A driver with `step` is only ever called with `DUNLIN_DONTWAIT`;
 * its `connect`, `get_host_by_name` and `send` may return `DUNLIN_ERR_PENDING`, are called again with the
 * same arguments after a notify, and then give their result.
 *
 * Sockets: the core has at most one reader and one writer per socket, closes each exactly once, and
 * only when no call on it is in flight. A number may be used again only after `close`.
 */
struct dunlin_netdev_ops {
    /** `sizeof(struct dunlin_netdev_ops)`. */
    uint32_t size;
    /** `DUNLIN_CAP_...`; IPv4 and TCP are taken for granted. */
    uint32_t caps;
    /** The most sockets the device has, 0 if it does not know. */
    uint32_t max_sockets;
    /** Zero. */
    uint32_t reserved;
    /**
     * Addresses of `name` (NUL-terminated), of `family` only unless that is 0, at most `capacity` of
     * them. Returns how many, at least 1, or `DUNLIN_ERR_NO_SUCH_HOST`. After it has returned nothing is
     * written any more, whatever answer comes late. Ended by `wake(DUNLIN_WAKE_LOOKUP)`.
     */
    int32_t (*get_host_by_name)(void *ctx,
                                const char *name,
                                uint32_t family,
                                struct dunlin_addr *addrs,
                                uint32_t capacity,
                                int64_t deadline);
    /** The device's own addresses; returns how many. */
    int32_t (*addr)(void *ctx, struct dunlin_addr *addrs, uint32_t capacity);
    /** A new socket (>= 0), or `DUNLIN_ERR_NO_SOCKETS`. Like `socket(2)`. */
    int32_t (*socket)(void *ctx, uint32_t domain, uint32_t kind, uint32_t protocol);
    /** Gives the socket a local address. Like `bind(2)`. */
    int32_t (*bind)(void *ctx, int32_t sock, const struct dunlin_addr *addr);
    /**
     * Connects. `host` is the name that was dialed, or NULL; a TLS socket verifies it. After
     * `INTERRUPTED` or `TIMEOUT` the core calls again to wait on, or closes. Like `connect(2)`.
     */
    int32_t (*connect)(void *ctx,
                       int32_t sock,
                       const char *host,
                       const struct dunlin_addr *addr,
                       int64_t deadline);
    /** Begins to listen. Like `listen(2)`. */
    int32_t (*listen)(void *ctx, int32_t sock, uint32_t backlog);
    /** A connection that arrived: its socket (>= 0), its peer in `*peer`. Like `accept(2)`. */
    int32_t (*accept)(void *ctx,
                      int32_t sock,
                      struct dunlin_addr *peer,
                      uint32_t flags,
                      int64_t deadline);
    /** Takes 1 to `len` bytes; how many. Never 0 for `len` > 0. Like `send(2)`. */
    int32_t (*send)(void *ctx,
                    int32_t sock,
                    const void *data,
                    size_t len,
                    uint32_t flags,
                    int64_t deadline);
    /** Gives 1 to `len` bytes; 0 is the end of the stream. Like `recv(2)`. */
    int32_t (*recv)(void *ctx, int32_t sock, void *buf, size_t len, uint32_t flags, int64_t deadline);
    /** Sends one datagram. Like `sendto(2)`. */
    int32_t (*send_to)(void *ctx,
                       int32_t sock,
                       const void *data,
                       size_t len,
                       uint32_t flags,
                       const struct dunlin_addr *to,
                       int64_t deadline);
    /**
     * Gives one datagram and its sender: how many bytes were stored, or
     * `DUNLIN_ERR_MESSAGE_SIZE` when it was longer than `len` (the first `len` bytes are stored, the rest
     * is gone). Like `recvfrom(2)`.
     */
    int32_t (*recv_from)(void *ctx,
                         int32_t sock,
                         void *buf,
                         size_t len,
                         uint32_t flags,
                         struct dunlin_addr *from,
                         int64_t deadline);
    /** Gives the socket up; never waits. Like `close(2)`. */
    int32_t (*close)(void *ctx, int32_t sock);
    /** Sets an option (`DUNLIN_SO_...`). Like `setsockopt(2)`. */
    int32_t (*set_sock_opt)(void *ctx,
                            int32_t sock,
                            uint32_t level,
                            uint32_t option,
                            const void *value,
                            size_t len);
    /** Optional: ends one or both directions, `DUNLIN_SHUT_...`. Like `shutdown(2)`. */
    int32_t (*shutdown)(void *ctx, int32_t sock, uint32_t how);
    /**
     * Optional: waits until one of the sockets is ready; how many are, 0 at the deadline,
     * `DUNLIN_ERR_INTERRUPTED` after `wake(DUNLIN_WAKE_POLL)`. Like `poll(2)`.
     */
    int32_t (*poll)(void *ctx, struct dunlin_netdev_poll *items, uint32_t count, int64_t deadline);
    /**
     * Optional: ends blocking calls with `DUNLIN_ERR_INTERRUPTED`. On a socket: the call in progress of
     * each direction (in: recv, recv_from, accept; out: connect, send, send_to); for a direction in
     * which nobody blocks it is remembered and ends that direction's next blocking call. `DONTWAIT`
     * calls neither see nor use it up. Also `DUNLIN_WAKE_POLL`, `DUNLIN_WAKE_LOOKUP`. A spurious
     * `INTERRUPTED` is legal. Called from any task while other calls are in flight; from an
     * interrupt only with `DUNLIN_CAP_WAKE_ISR`. Without it the core calls in slices of at most 50 ms.
     */
    int32_t (*wake)(void *ctx, int32_t sock);
    /**
     * Optional: does the driver's pending work, without waiting for the device, and returns by
     * `deadline`. Asked for by `dunlin_netdev_notify(dev, -1, DUNLIN_WORK)`. Returns 0, or in how
     * many milliseconds it wants to be called again.
     */
    int32_t (*step)(void *ctx, int64_t deadline);
    /** Optional: `send` of several pieces in order. Like `sendmsg(2)`. */
    int32_t (*send_vec)(void *ctx,
                        int32_t sock,
                        const struct dunlin_iovec *vec,
                        uint32_t count,
                        uint32_t flags,
                        int64_t deadline);
    /** Optional: the socket's own address. Like `getsockname(2)`. */
    int32_t (*local_addr)(void *ctx, int32_t sock, struct dunlin_addr *addr);
    /** Optional: the peer's address. Like `getpeername(2)`. */
    int32_t (*peer_addr)(void *ctx, int32_t sock, struct dunlin_addr *addr);
    /**
     * Optional: reads an option; `*len` is the room and then the size. Like `getsockopt(2)`.
     */
    int32_t (*get_sock_opt)(void *ctx,
                            int32_t sock,
                            uint32_t level,
                            uint32_t option,
                            void *value,
                            size_t *len);
    /** Optional: hands a credential to a device that does TLS. */
    int32_t (*tls_provision)(void *ctx, uint32_t tag, uint32_t kind, const void *data, size_t len);
};

#ifdef __cplusplus
static inline struct dunlin_netdev_ops dunlin_netdev_ops_init(void)
{
    struct dunlin_netdev_ops x = {};
    x.size = (uint32_t)sizeof x;
    return x;
}
#define DUNLIN_NETDEV_OPS_INIT (dunlin_netdev_ops_init())
#else
#define DUNLIN_NETDEV_OPS_INIT { .size = (uint32_t)sizeof(struct dunlin_netdev_ops) }
#endif

/* ------------------------------------------------------------------------------------------------
 * Helpers
 * ------------------------------------------------------------------------------------------------ */

/** The number of elements of an array. */
#define DUNLIN_COUNT(array) ((uint32_t)(sizeof(array) / sizeof((array)[0])))

/** A driver's own error code, 0 ..= 999999, as a result. */
#define DUNLIN_ERR_DRIVER(code) (-10000 - (int32_t)(code))

#ifdef __cplusplus
}
#endif

#endif /* DUNLIN_DUNLIN_H */
