/*
 * Dunlin: sockets, HTTP and driver tables for firmware.
 *
 * Made from src/ by `cargo xtask header`; change the Rust source, not this file.
 * SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Results are int32_t (dunlin_ssize_t for byte counts): >= 0 is success, a count or a handle;
 * < 0 is an error of enum dunlin_err, or a driver's own (<= -10000). See the README for the
 * conventions of handles, strings, structs, deadlines and tasks.
 *
 * Beside what its comment lists, every function that needs the library may return
 * DUNLIN_ERR_STATE before dunlin_init(), DUNLIN_ERR_REENTRANT from inside a driver's function,
 * DUNLIN_ERR_NAME_TOO_LONG for a string without an end; and one that blocks DUNLIN_ERR_NO_SLOT
 * when DUNLIN_MAX_TASKS tasks wait already. Nothing given by pointer is kept past the call
 * unless the comment says so.
 */
#ifndef DUNLIN_DUNLIN_H
#define DUNLIN_DUNLIN_H

#include <stddef.h>
#include <stdint.h>

#define DUNLIN_VERSION "0.1.0"

#ifdef __cplusplus
extern "C" {
#endif

struct dunlin_addr;
struct dunlin_str;
struct dunlin_iovec;
struct dunlin_error_info;
struct dunlin_keep_alive;
struct dunlin_dialer;
struct dunlin_http_cookie;
struct dunlin_http_client_config;
struct dunlin_http_failure;
struct dunlin_http_header;
struct dunlin_http_request;
struct dunlin_http_multipart;
struct dunlin_http_route;
struct dunlin_http_server_config;
struct dunlin_listen_config;
struct dunlin_http_server_stats;
struct dunlin_http_form_field;
struct dunlin_config;
struct dunlin_usage;
struct dunlin_build_config;
struct dunlin_interface;
struct dunlin_interface_addr;
struct dunlin_lookup_config;
struct dunlin_mx;
struct dunlin_srv;
struct dunlin_mac;
struct dunlin_netdev_poll;
struct dunlin_netdev_ops;
struct dunlin_route;
struct dunlin_netdev_fault;
struct dunlin_netdev_fault_step;
struct dunlin_netdev_fault_config;
struct dunlin_netdev_fault_stats;
struct dunlin_ip_config;
struct dunlin_connect_params;
struct dunlin_netlink_ops;
struct dunlin_netlink_status;
struct dunlin_packet_info;
struct dunlin_poll_item;
struct dunlin_prefix;
struct dunlin_tick_clock;
struct dunlin_url;

/* ------------------------------------------------------------------------------------------------
 * Handles and numbers
 * ------------------------------------------------------------------------------------------------ */

/**
 * What ends operations from another task (Go: `context.Context`). Made by `dunlin_cancel_new`,
 * given to dials and requests, used by `dunlin_cancel` and `dunlin_poll`. Released by:
 * `dunlin_cancel_close`.
 */
typedef int32_t dunlin_cancel_t;

/** A number of bytes >= 0, or an error of `enum dunlin_err` or of a driver. */
typedef ptrdiff_t dunlin_ssize_t;

/**
 * A connection: of TCP, or one end of a pipe (Go: `net.Conn`). Made by `dunlin_dial`,
 * `dunlin_accept`, `dunlin_pipe`; used by the `dunlin_conn_...` functions and `dunlin_poll`. One
 * task may read and one write at the same time; any task may close it or move its deadlines.
 * Released by: `dunlin_conn_close`.
 */
typedef int32_t dunlin_conn_t;

/**
 * A request and its answer (Go: `Request` and `ResponseWriter`). Given to a handler and over when
 * that returns, unless `dunlin_http_detach`; used by the functions of the section "HTTP exchange":
 * those of a handler from its task, those of a detached exchange from any, one at a time. Released
 * by: the handler's return, or `dunlin_http_finish`.
 *
 * Views of the request live until the handler returns or detaches; `dunlin_str_copy` makes copies.
 */
typedef int32_t dunlin_http_exchange_t;

/**
 * An HTTP client with its own idle connections (Go: a `Client` with its `Transport`). Made by
 * `dunlin_http_client_new`; used by `dunlin_http_get`, `dunlin_http_post`, `dunlin_http_do` and
 * the `dunlin_http_client_...` functions, by any number of tasks at once. Released by:
 * `dunlin_http_client_close`.
 */
typedef int32_t dunlin_http_client_t;

/**
 * The answer to a request (Go: `Response`). Made by `dunlin_http_get`, `dunlin_http_post`,
 * `dunlin_http_do`; used by the `dunlin_http_response_...` functions and `dunlin_poll`. One task
 * reads its body; any task may ask and close. Released by: `dunlin_http_response_close`.
 */
typedef int32_t dunlin_http_response_t;

/**
 * An HTTP server (Go: `http.Server`). Made by `dunlin_http_server_new`; used by the
 * `dunlin_http_server_...` functions, from any task. Released by: `dunlin_http_server_close`.
 */
typedef int32_t dunlin_http_server_t;

/**
 * A listener. Made by `dunlin_listen`; used by `dunlin_accept`, `dunlin_listener_addr`,
 * `dunlin_listener_set_deadline`, `dunlin_listener_error`, `dunlin_poll`. Released by: `dunlin_listener_close`.
 */
typedef int32_t dunlin_listener_t;

/**
 * A registered device. Made by `dunlin_netdev_register`; used by `dunlin_netdev_notify`,
 * `dunlin_netdev_link`, `dunlin_netdev_add_route`. Released by: `dunlin_netdev_unregister`.
 */
typedef int32_t dunlin_netdev_t;

/**
 * A subscription to the events of links. Made by `dunlin_netlink_subscribe`. Released by:
 * `dunlin_netlink_unsubscribe`.
 */
typedef int32_t dunlin_netlink_sub_t;

/**
 * An unconnected packet connection: UDP, raw IP, unix datagrams (Go: `PacketConn`, `UDPConn`,
 * `IPConn`, `UnixConn`). Made by `dunlin_listen_packet`, `dunlin_listen_multicast`; used by the
 * `dunlin_packet_conn_...` functions and `dunlin_poll`. One task may read and one write at the same
 * time; any task may close it or move its deadlines. It outlives the links of its devices.
 * Released by: `dunlin_packet_conn_close`.
 */
typedef int32_t dunlin_packet_conn_t;

/* ------------------------------------------------------------------------------------------------
 * Library
 * ------------------------------------------------------------------------------------------------ */

/** The version of the ABI this header belongs to. */
#define DUNLIN_ABI_VERSION 1

/**
 * No time-out, in `..._timeout_ms` fields; 0 there is the default that the field's comment names.
 */
#define DUNLIN_NO_TIMEOUT (-1)

/** What `dunlin_init` needs. Set up with `DUNLIN_CONFIG_INIT`. */
struct dunlin_config {
    /** `sizeof(struct dunlin_config)`. */
    uint32_t size;
    /** `DUNLIN_ABI_VERSION`. */
    uint32_t abi_version;
    /**
     * The memory of HTTP servers and clients, Dunlin's alone until `dunlin_deinit`. NULL with a
     * length of 0 will do for programs without HTTP.
     */
    void *arena;
    /** Bytes of it. */
    size_t arena_len;
};

#ifdef __cplusplus
static inline struct dunlin_config dunlin_config_init(void)
{
    struct dunlin_config x = {};
    x.size = (uint32_t)sizeof x;
    x.abi_version = DUNLIN_ABI_VERSION;
    return x;
}
#define DUNLIN_CONFIG_INIT (dunlin_config_init())
#else
#define DUNLIN_CONFIG_INIT { .size = (uint32_t)sizeof(struct dunlin_config), .abi_version = DUNLIN_ABI_VERSION }
#endif

/**
 * What is in use. Equal counts before and after show that nothing was left behind. Set up with
 * `DUNLIN_USAGE_INIT`.
 */
struct dunlin_usage {
    /** `sizeof(struct dunlin_usage)`. */
    uint32_t size;
    /** Pieces of the arena that are taken. */
    uint32_t arena_pieces;
    /** Bytes of the arena. */
    uint64_t arena_total;
    /** Bytes of it that are taken. */
    uint64_t arena_used;
    /** The most that were ever taken at once. */
    uint64_t arena_peak;
    /** Devices registered. */
    uint32_t netdevs;
    /** Sockets open on them. */
    uint32_t sockets;
    /** Connections, ends of pipes included. */
    uint32_t conns;
    /** Listeners. */
    uint32_t listeners;
    /** Pipes. */
    uint32_t pipes;
    /** Cancel tokens. */
    uint32_t cancels;
    /** Tasks that wait inside Dunlin. */
    uint32_t tasks;
    /** HTTP servers. */
    uint32_t http_servers;
    /** HTTP requests being served, detached ones included. */
    uint32_t http_exchanges;
    /** HTTP clients. */
    uint32_t http_clients;
    /** HTTP responses. */
    uint32_t http_responses;
    /** Subscriptions to the events of links. */
    uint32_t subscriptions;
    /** Packet connections. */
    uint32_t packet_conns;
    /** Zero. */
    uint32_t reserved;
};

#ifdef __cplusplus
static inline struct dunlin_usage dunlin_usage_init(void)
{
    struct dunlin_usage x = {};
    x.size = (uint32_t)sizeof x;
    return x;
}
#define DUNLIN_USAGE_INIT (dunlin_usage_init())
#else
#define DUNLIN_USAGE_INIT { .size = (uint32_t)sizeof(struct dunlin_usage) }
#endif

/**
 * The numbers the library was built with (`DUNLIN_MAX_CONNS` and so on), which set its pools. Set
 * up with `DUNLIN_BUILD_CONFIG_INIT`.
 */
struct dunlin_build_config {
    /** `sizeof(struct dunlin_build_config)`. */
    uint32_t size;
    /** Devices. */
    uint32_t max_netdevs;
    /** Connections, of servers, clients and ends of pipes. */
    uint32_t max_conns;
    /** Listeners. */
    uint32_t max_listeners;
    /** Pipes. */
    uint32_t max_pipes;
    /** Cancel tokens. */
    uint32_t max_cancels;
    /** Tasks that may wait inside Dunlin at once. */
    uint32_t max_tasks;
    /** Handles of one `dunlin_poll`, or sockets watched by one HTTP server. */
    uint32_t max_poll;
    /** HTTP servers. */
    uint32_t max_http_servers;
    /** HTTP clients. */
    uint32_t max_http_clients;
    /** HTTP responses open at once. */
    uint32_t max_http_responses;
    /** HTTP requests being served at once. */
    uint32_t max_http_exchanges;
    /** Bytes of a host name. */
    uint32_t max_host;
    /** Addresses tried for one name. */
    uint32_t max_addrs;
    /** Subscriptions to the events of links. */
    uint32_t max_subscriptions;
    /** Packet connections. */
    uint32_t max_packet_conns;
};

#ifdef __cplusplus
static inline struct dunlin_build_config dunlin_build_config_init(void)
{
    struct dunlin_build_config x = {};
    x.size = (uint32_t)sizeof x;
    return x;
}
#define DUNLIN_BUILD_CONFIG_INIT (dunlin_build_config_init())
#else
#define DUNLIN_BUILD_CONFIG_INIT { .size = (uint32_t)sizeof(struct dunlin_build_config) }
#endif

/**
 * dunlin_init makes the library ready. Every other function returns `DUNLIN_ERR_STATE` before it,
 * except those of time and addresses, `dunlin_strerror`, `dunlin_abi_version` and
 * `dunlin_build_config`.
 *
 * Returns 0, or `DUNLIN_ERR_VERSION` (this header and the library do not belong together),
 * `DUNLIN_ERR_STATE` (it is ready already), `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_NO_MEMORY` (the
 * arena is too small, or the port has no events or mutexes). Does not block. From one task.
 */
int32_t dunlin_init(const struct dunlin_config *config);

/**
 * dunlin_deinit ends everything: connections, listeners, packet connections, tokens, devices. Blocked calls end with
 * `DUNLIN_ERR_CLOSED` or `DUNLIN_ERR_CANCELED`, and it waits for them to leave.
 *
 * Returns 0, `DUNLIN_ERR_BUSY` when tasks are still inside at `deadline` (the library is not
 * usable then; call again), `DUNLIN_ERR_STATE` when there is nothing to end,
 * `DUNLIN_ERR_REENTRANT` from inside a driver or a handler. Blocks up to `deadline`. From one
 * task. Afterwards the arena is the application's again, every handle is stale, and `dunlin_init`
 * may follow.
 */
int32_t dunlin_deinit(int64_t deadline);

/**
 * dunlin_run does the background work (the `step` of drivers with one line of I/O, the end of idle
 * connections of HTTP clients) until `deadline`. Every call that blocks does it too while it
 * waits: dunlin_run is for tasks that have nothing else to call.
 *
 * Returns 0 at the deadline or when the library ends; `DUNLIN_ERR_NO_SLOT` when too many tasks
 * wait already. Blocks up to `deadline` (0: until `dunlin_deinit`). Any task.
 */
int32_t dunlin_run(int64_t deadline);

/**
 * dunlin_usage tells what is in use now. Returns 0 or `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_VERSION`,
 * `DUNLIN_ERR_STATE`. Does not block. Any task.
 */
int32_t dunlin_usage(struct dunlin_usage *usage);

/**
 * dunlin_memory_report tells where the library's RAM is, the arena apart: it calls `line` once for
 * each pool with its name, how many places it has and how many bytes they take together, and
 * returns the bytes of all. `line` may be NULL. Blocks: `line` may. Called from: this call.
 * Re-entry: everything. Owner: `name` is static.
 *
 * Any task, before `dunlin_init` too.
 */
uint32_t dunlin_memory_report(void (*line)(void *ctx,
                                           const char *name,
                                           uint32_t count,
                                           uint32_t bytes), void *ctx);

/**
 * dunlin_build_config tells the numbers the library was built with. Returns 0 or
 * `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_VERSION`. Does not block. Any task, before `dunlin_init` too.
 */
int32_t dunlin_build_config(struct dunlin_build_config *config);

/**
 * dunlin_abi_version tells the ABI of the linked library; the header's is `DUNLIN_ABI_VERSION`.
 * Does not block. Any task or interrupt, before `dunlin_init` too.
 */
uint32_t dunlin_abi_version(void);

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
    /** unknown IP protocol specified */
    DUNLIN_ERR_UNKNOWN_PROTOCOL = -2048,
    /** missing address */
    DUNLIN_ERR_MISSING_ADDRESS = -2049,
    /** no suitable address found */
    DUNLIN_ERR_NO_SUITABLE_ADDRESS = -2050,
    /** mismatched local address type */
    DUNLIN_ERR_MISMATCHED_ADDRESS = -2051,
    /** no DNS server known */
    DUNLIN_ERR_NO_NAME_SERVER = -2052,
    /** no such network interface */
    DUNLIN_ERR_NO_SUCH_INTERFACE = -2053,
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
    /** request Content-Type isn't multipart/form-data */
    DUNLIN_ERR_HTTP_NOT_MULTIPART = -2138,
    /** no multipart boundary param in Content-Type */
    DUNLIN_ERR_HTTP_MISSING_BOUNDARY = -2139,
    /** malformed multipart body */
    DUNLIN_ERR_HTTP_MALFORMED_MULTIPART = -2140,
    /** https without a TLS configuration */
    DUNLIN_ERR_TLS_NOT_CONFIGURED = -2201,
};

/**
 * dunlin_strerror gives the English text of a result, as `strerror` does for errno.
 *
 * Never NULL and never empty: "ok" for results >= 0, "driver error" for a driver's own codes (<=
 * -10000), "unknown error" for numbers that are none of ours. The text is static and
 * NUL-terminated. Any task or interrupt; does not block.
 */
const char *dunlin_strerror(int32_t code);

/**
 * dunlin_error_is_timeout says whether a result tells that time ran out, or that none was given (Go:
 * `net.Error.Timeout`): `DUNLIN_ERR_TIMEOUT`, `DUNLIN_ERR_WOULD_BLOCK`.
 *
 * Returns 1 or 0. Any task or interrupt; does not block.
 */
int32_t dunlin_error_is_timeout(int32_t code);

/**
 * dunlin_error_is_temporary says whether the same may succeed later without a change of anything
 * here (Go: `OpError.Temporary`): time-outs, interruptions, a lack of sockets, an ailing name
 * server, and, when `op` is `DUNLIN_OP_ACCEPT`, a peer that left before it was accepted.
 *
 * Returns 1 or 0; 0 for an unknown `op`. Any task or interrupt; does not block.
 */
int32_t dunlin_error_is_temporary(uint32_t op, int32_t code);

/**
 * dunlin_error_format writes an error as Go does, NUL-terminated: "read tcp
 * 192.0.2.1:1025->192.0.2.2:80: i/o timeout" (Go: `OpError.Error`). The struct is one that
 * `dunlin_conn_error` filled or the application itself, for a dial for example; what it leaves
 * out is not written. A driver's own error is written with its number; no error (`code` 0) is
 * "<nil>".
 *
 * Returns the length without the NUL, or `DUNLIN_ERR_BUFFER_TOO_SMALL`, `DUNLIN_ERR_INVALID` (NULL,
 * or an unknown `op`), `DUNLIN_ERR_INVALID_ADDRESS` for a family that is unknown,
 * `DUNLIN_ERR_VERSION`. Does not block. Any task, before `dunlin_init` too.
 */
int32_t dunlin_error_format(const struct dunlin_error_info *info, char *buf, size_t capacity);

/* ------------------------------------------------------------------------------------------------
 * Time
 * ------------------------------------------------------------------------------------------------ */

/** A 32-bit tick counter extended to 64 bits, for ports. All zero to begin with. Frozen. */
struct dunlin_tick_clock {
    /** The last tick seen. */
    uint32_t last;
    /** How often the counter began anew. */
    uint32_t wraps;
};

/**
 * dunlin_now_ms tells the time that deadlines are on: monotonic milliseconds, >= 1. Does not block.
 * Any task or interrupt, before `dunlin_init` too.
 */
int64_t dunlin_now_ms(void);

/**
 * dunlin_after_ms makes a deadline `ms` milliseconds from now (Go: `time.Now().Add`); 0 and less
 * give one in the past: do not wait. Does not block. Any task or interrupt, before `dunlin_init`
 * too.
 */
int64_t dunlin_after_ms(int64_t ms);

/**
 * dunlin_remaining_ms tells how many milliseconds are left: 0 when the deadline is past, -1 when
 * there is none (`deadline` is 0). Does not block. Any task or interrupt, before `dunlin_init`
 * too.
 */
int64_t dunlin_remaining_ms(int64_t deadline);

/**
 * dunlin_wall_time_s tells the port's wall clock: seconds since 1970-01-01T00:00:00Z, or
 * `DUNLIN_ERR_NOT_SUPPORTED` while the clock is not set. Does not block. Any task, before
 * `dunlin_init` too.
 */
int64_t dunlin_wall_time_s(void);

/**
 * dunlin_ticks_to_ms makes milliseconds (>= 1) of a tick counter of `per_second` ticks a second
 * that wraps at 32 bits, for `dunlin_port_now_ms`. It must see every wrap of the counter, and
 * ticks in their order: call it inside one critical section with the reading of the counter.
 *
 * Rounds down. NULL or a rate of 0 give 1. Takes no lock, does not block. Any task or interrupt.
 */
int64_t dunlin_ticks_to_ms(struct dunlin_tick_clock *clock, uint32_t tick, uint32_t per_second);

/* ------------------------------------------------------------------------------------------------
 * Strings
 * ------------------------------------------------------------------------------------------------ */

/**
 * Bytes that somebody else owns, not NUL-terminated; `ptr` is NULL when there is nothing. How long
 * they live is said where they come from. Frozen: its layout never changes. Printed by
 * `printf("%.*s", DUNLIN_STR_ARG(str))`.
 */
struct dunlin_str {
    /** The bytes. */
    const char *ptr;
    /** How many. */
    size_t len;
};

/**
 * dunlin_str_copy copies a view into the caller's buffer and ends it with a NUL, for when it is
 * needed longer than the view lives.
 *
 * Returns the length without the NUL, or `DUNLIN_ERR_BUFFER_TOO_SMALL`, `DUNLIN_ERR_INVALID` for
 * NULL. Does not block. Any task, before `dunlin_init` too.
 */
int32_t dunlin_str_copy(struct dunlin_str str, char *buf, size_t capacity);

/**
 * dunlin_str_of makes a view of a NUL-terminated text of at most 65,536 bytes, which must live as
 * long.
 *
 * `ptr` is NULL for NULL and for a longer text. Does not block. Any task, before `dunlin_init` too.
 */
struct dunlin_str dunlin_str_of(const char *text);

/* ------------------------------------------------------------------------------------------------
 * Netdevs
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

/** A connection of messages that keep their boundaries (unix only). */
#define DUNLIN_SOCK_SEQPACKET 4

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

/**
 * Several sockets may have the same local address and share what arrives (`int32_t`), level SOL_SOCKET.
 */
#define DUNLIN_SO_REUSEPORT 7

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

/**
 * What is sent to a multicast group comes back to this host (`int32_t`), level IPPROTO_IP or
 * IPPROTO_IPV6.
 */
#define DUNLIN_SO_MULTICAST_LOOP 35

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
 * calls one after another and in slices of at most 50 ms; but `connect` and `get_host_by_name`
 * whole, if there is `wake` to end them. So it does without `DUNLIN_CAP_CONCURRENT` too.
 */
#define DUNLIN_CAP_BLOCKING 64

/**
 * Any number of tasks may be inside the table at once. Together with `DUNLIN_CAP_BLOCKING` that one
 * counts: the calls come one after another, as if this were not said.
 */
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

/** A piece of a vectored write. Frozen. */
struct dunlin_iovec {
    /** The bytes. */
    const void *ptr;
    /** How many. */
    size_t len;
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

/**
 * What a driver implements (TinyGo's `netdever`, completed). Tables are constant and, like `ctx`,
 * stay until `dunlin_netdev_unregister` has returned 0; what is left out (NULL) is not supported.
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
 * same arguments after a notify, and then give their result. Functions without a deadline may take as
 * long as the device needs to answer, but do not wait for the network.
 *
 * Tasks: called from any task, one call at a time without `DUNLIN_CAP_CONCURRENT`; never from an
 * interrupt. Only `wake` is called at any time.
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
    /** Optional: hands a credential to a device that does TLS, which copies it. */
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
 * Addresses
 * ------------------------------------------------------------------------------------------------ */

/** Bytes that any IP address takes as text, its NUL included: `` IPv6 `%` zone `:` port. */
#define DUNLIN_ADDR_TEXT_MAX 59

/**
 * dunlin_addr_parse reads an IP address, with or without a port: "192.0.2.1", "192.0.2.1:80",
 * "2001:db8::1", "[fe80::1%2]:80" (Go: `netip.ParseAddr`, `netip.ParseAddrPort`). No name is
 * looked up; a zone is the number of an interface, or its name.
 *
 * Returns 0, or `DUNLIN_ERR_INVALID_ADDRESS` (also for a zone that no interface has),
 * `DUNLIN_ERR_INVALID_PORT`, `DUNLIN_ERR_NAME_TOO_LONG`, `DUNLIN_ERR_INVALID` for NULL. Waits only for
 * calls that are inside a device, and only for a zone by name. Any task, before `dunlin_init` too.
 */
int32_t dunlin_addr_parse(const char *text,
                          struct dunlin_addr *addr);

/**
 * dunlin_addr_format writes an address as text with its port, NUL-terminated: "192.0.2.1:80",
 * "[2001:db8::1]:80" (Go: `TCPAddr.String`); a unix address is its path. `DUNLIN_ADDR_TEXT_MAX`
 * bytes are enough for IP.
 *
 * Returns the length without the NUL, or `DUNLIN_ERR_BUFFER_TOO_SMALL`,
 * `DUNLIN_ERR_INVALID_ADDRESS` (no address, or an unknown family), `DUNLIN_ERR_INVALID` for NULL.
 * Does not block. Any task, before `dunlin_init` too.
 */
int32_t dunlin_addr_format(const struct dunlin_addr *addr, char *buf, size_t capacity);

/**
 * dunlin_split_host_port splits "host:port", "[host]:port" or "[host%zone]:port" (Go:
 * `net.SplitHostPort`). `*host` and `*port` are views of `text`; either may be empty.
 *
 * Returns 0, or `DUNLIN_ERR_MISSING_PORT`, `DUNLIN_ERR_TOO_MANY_COLONS`,
 * `DUNLIN_ERR_UNEXPECTED_BRACKET`, `DUNLIN_ERR_NAME_TOO_LONG`, `DUNLIN_ERR_INVALID` for NULL. Does
 * not block. Any task, before `dunlin_init` too.
 */
int32_t dunlin_split_host_port(const char *text, struct dunlin_str *host, struct dunlin_str *port);

/**
 * dunlin_join_host_port writes "host:port", or "[host]:port" when the host has a colon,
 * NUL-terminated (Go: `net.JoinHostPort`).
 *
 * Returns the length without the NUL, or `DUNLIN_ERR_BUFFER_TOO_SMALL`,
 * `DUNLIN_ERR_NAME_TOO_LONG`, `DUNLIN_ERR_INVALID` for NULL. Does not block. Any task, before
 * `dunlin_init` too.
 */
int32_t dunlin_join_host_port(const char *host, const char *port, char *buf, size_t capacity);

/* ------------------------------------------------------------------------------------------------
 * IP addresses
 * ------------------------------------------------------------------------------------------------ */

/** Bytes that any IP address without port takes as text, its NUL included. */
#define DUNLIN_IP_TEXT_MAX 51

/** No address, or any: 0.0.0.0 or ::. */
#define DUNLIN_IP_UNSPECIFIED 1

/** This system: 127.0.0.0/8 or ::1. */
#define DUNLIN_IP_LOOPBACK 2

/** RFC 1918 (10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16) or RFC 4193 (fc00::/7). */
#define DUNLIN_IP_PRIVATE 4

/** 224.0.0.0/4 or ff00::/8. */
#define DUNLIN_IP_MULTICAST 8

/** Multicast that stays inside the interface, ffx1::. */
#define DUNLIN_IP_INTERFACE_LOCAL_MULTICAST 16

/** Multicast that stays on the link: 224.0.0.0/24 or ffx2::. */
#define DUNLIN_IP_LINK_LOCAL_MULTICAST 32

/** 169.254.0.0/16 or fe80::/10. */
#define DUNLIN_IP_LINK_LOCAL_UNICAST 64

/** One host beyond the link, private addresses too. */
#define DUNLIN_IP_GLOBAL_UNICAST 128

/**
 * dunlin_ip_parse reads an IP address without port: "192.0.2.1", "2001:db8::1", "fe80::1%2" (Go:
 * `netip.ParseAddr`, `net.ParseIP`). "::ffff:192.0.2.1" stays IPv6; see `dunlin_ip_unmap`. A zone is
 * the number of an interface, or its name ("fe80::1%eth0").
 *
 * Returns 0, or `DUNLIN_ERR_INVALID_ADDRESS` (also for a zone that no interface has),
 * `DUNLIN_ERR_NAME_TOO_LONG`, `DUNLIN_ERR_INVALID` for NULL. Waits only for calls that are inside a
 * device, and only for a zone by name. Any task, before `dunlin_init` too.
 */
int32_t dunlin_ip_parse(const char *text,
                        struct dunlin_addr *addr);

/**
 * dunlin_ip_format writes an IP address without its port, NUL-terminated: "192.0.2.1",
 * "::ffff:192.0.2.1", "fe80::1%2" (Go: `netip.Addr.String`). `DUNLIN_IP_TEXT_MAX` bytes are always
 * enough.
 *
 * Returns the length without the NUL, or `DUNLIN_ERR_BUFFER_TOO_SMALL`,
 * `DUNLIN_ERR_INVALID_ADDRESS` (no IP address), `DUNLIN_ERR_INVALID` for NULL. Does not block. Any
 * task, before `dunlin_init` too.
 */
int32_t dunlin_ip_format(const struct dunlin_addr *addr, char *buf, size_t capacity);

/**
 * dunlin_ip_format_expanded is `dunlin_ip_format` with all digits of an IPv6 address:
 * "2001:0db8:0000:0000:0000:0000:0000:0001" (Go: `netip.Addr.StringExpanded`).
 */
int32_t dunlin_ip_format_expanded(const struct dunlin_addr *addr, char *buf, size_t capacity);

/**
 * dunlin_ip_unmap makes an IPv4 address in IPv6 form, "::ffff:192.0.2.1", the IPv4 address that it
 * is; others stay (Go: `netip.Addr.Unmap`, `IP.To4`). The port stays.
 *
 * Returns 1 when the address now is IPv4, 0 when it is IPv6, or `DUNLIN_ERR_INVALID_ADDRESS` (no IP
 * address), `DUNLIN_ERR_INVALID` for NULL. Does not block. Any task, before `dunlin_init` too.
 */
int32_t dunlin_ip_unmap(struct dunlin_addr *addr);

/**
 * dunlin_ip_map makes an IPv4 address its IPv6 form, "::ffff:192.0.2.1"; IPv6 stays (Go:
 * `IP.To16`). The port stays.
 *
 * Returns 0, or `DUNLIN_ERR_INVALID_ADDRESS` (no IP address), `DUNLIN_ERR_INVALID` for NULL. Does not
 * block. Any task, before `dunlin_init` too.
 */
int32_t dunlin_ip_map(struct dunlin_addr *addr);

/**
 * dunlin_ip_class tells what an address is for, as a sum of `DUNLIN_IP_...` (Go: `IP.IsLoopback`,
 * `IP.IsPrivate` and the like). IPv4 in IPv6 form counts as the IPv4 it is.
 *
 * Returns the sum, which may be 0, or `DUNLIN_ERR_INVALID_ADDRESS` (no IP address),
 * `DUNLIN_ERR_INVALID` for NULL. Does not block. Any task, before `dunlin_init` too.
 */
int32_t dunlin_ip_class(const struct dunlin_addr *addr);

/**
 * dunlin_ip_equal says whether two addresses have the same IP address and zone; ports do not count,
 * and IPv4 in IPv6 form is the IPv4 it is (Go: `IP.Equal`).
 *
 * Returns 1 or 0, or `DUNLIN_ERR_INVALID_ADDRESS` (no IP address), `DUNLIN_ERR_INVALID` for NULL.
 * Does not block. Any task, before `dunlin_init` too.
 */
int32_t dunlin_ip_equal(const struct dunlin_addr *a, const struct dunlin_addr *b);

/**
 * dunlin_mask_make makes the mask that begins with `ones` ones, as an address of the family:
 * 255.255.255.0 for 24 and `DUNLIN_AF_INET` (Go: `net.CIDRMask`).
 *
 * Returns 0, or `DUNLIN_ERR_INVALID` (NULL, another family, or more ones than it has bits). Does not
 * block. Any task, before `dunlin_init` too.
 */
int32_t dunlin_mask_make(uint32_t ones,
                         uint16_t family,
                         struct dunlin_addr *mask);

/**
 * dunlin_mask_ones counts the ones that a mask begins with, 24 for 255.255.255.0 (Go:
 * `IPMask.Size`).
 *
 * Returns how many, or `DUNLIN_ERR_INVALID_ADDRESS` (no IP address, or a one comes behind a zero),
 * `DUNLIN_ERR_INVALID` for NULL. Does not block. Any task, before `dunlin_init` too.
 */
int32_t dunlin_mask_ones(const struct dunlin_addr *mask);

/**
 * dunlin_mask_format writes a mask as hexadecimal digits, NUL-terminated: "ffffff00" (Go:
 * `IPMask.String`). `DUNLIN_IP_TEXT_MAX` bytes are always enough. Returns as `dunlin_ip_format`.
 */
int32_t dunlin_mask_format(const struct dunlin_addr *mask, char *buf, size_t capacity);

/**
 * dunlin_ip_mask clears the bits of an address that the mask does not have (Go: `IP.Mask`); of IPv4
 * in IPv6 form with an IPv4 mask the result is IPv4. The port stays, the zone goes.
 *
 * Returns 0, or `DUNLIN_ERR_INVALID_ADDRESS` (no IP address, or a mask of another family),
 * `DUNLIN_ERR_INVALID` for NULL. Does not block. Any task, before `dunlin_init` too.
 */
int32_t dunlin_ip_mask(struct dunlin_addr *addr, const struct dunlin_addr *mask);

/* ------------------------------------------------------------------------------------------------
 * Networks
 * ------------------------------------------------------------------------------------------------ */

/** Bytes that any network takes as text, its NUL included. */
#define DUNLIN_PREFIX_TEXT_MAX 44

/** The bits that an IPv4 address had by its class. */
#define DUNLIN_PREFIX_DEFAULT 4294967295

/**
 * A network: an address, and how many of its leading bits all members share (Go: `net.IPNet`). The
 * other bits may be set, as in the address of an interface. Frozen: its layout never changes. IPv4
 * lies in the first four bytes of `ip`.
 */
struct dunlin_prefix {
    /** `DUNLIN_AF_INET` or `DUNLIN_AF_INET6`. */
    uint16_t family;
    /** The bits that the members share, at most 32 or 128. */
    uint8_t bits;
    /** Zero. */
    uint8_t reserved;
    /** The address, in network order. */
    uint8_t ip[16];
};

/**
 * dunlin_prefix_parse reads "192.0.2.1/24" or "2001:db8::1/32" (Go: `net.ParseCIDR`). `*network` gets
 * the network, its other bits cleared; `*addr`, unless NULL, the address as it was written.
 *
 * Returns 0, or `DUNLIN_ERR_INVALID_ADDRESS`, `DUNLIN_ERR_NAME_TOO_LONG`, `DUNLIN_ERR_INVALID` for
 * NULL. Does not block. Any task, before `dunlin_init` too.
 */
int32_t dunlin_prefix_parse(const char *text,
                            struct dunlin_prefix *network,
                            struct dunlin_addr *addr);

/**
 * dunlin_prefix_make makes the network of an address, whose other bits stay. `bits` as
 * `DUNLIN_PREFIX_DEFAULT` are those of an IPv4 address by its old class, 8, 16 or 24 (Go:
 * `IP.DefaultMask`).
 *
 * Returns 0, or `DUNLIN_ERR_INVALID_ADDRESS` (no IP address, or an IPv6 one, which has no default),
 * `DUNLIN_ERR_INVALID` (NULL, or more bits than the address has). Does not block. Any task, before
 * `dunlin_init` too.
 */
int32_t dunlin_prefix_make(const struct dunlin_addr *addr,
                           uint32_t bits,
                           struct dunlin_prefix *network);

/**
 * dunlin_prefix_mask clears the bits of a network's address that its members do not share.
 *
 * Returns 0, or `DUNLIN_ERR_INVALID_ADDRESS` (no network), `DUNLIN_ERR_INVALID` for NULL. Does not
 * block. Any task, before `dunlin_init` too.
 */
int32_t dunlin_prefix_mask(struct dunlin_prefix *network);

/**
 * dunlin_prefix_contains says whether an address is in a network (Go: `IPNet.Contains`); IPv4 in
 * IPv6 form is the IPv4 it is, ports and zones do not count.
 *
 * Returns 1 or 0, or `DUNLIN_ERR_INVALID_ADDRESS` (no network, or no IP address),
 * `DUNLIN_ERR_INVALID` for NULL. Does not block. Any task, before `dunlin_init` too.
 */
int32_t dunlin_prefix_contains(const struct dunlin_prefix *network, const struct dunlin_addr *addr);

/**
 * dunlin_prefix_format writes a network, NUL-terminated: "192.0.2.0/24", "2001:db8::/32" (Go:
 * `IPNet.String`). `DUNLIN_PREFIX_TEXT_MAX` bytes are always enough.
 *
 * Returns the length without the NUL, or `DUNLIN_ERR_BUFFER_TOO_SMALL`,
 * `DUNLIN_ERR_INVALID_ADDRESS` (no network), `DUNLIN_ERR_INVALID` for NULL. Does not block. Any
 * task, before `dunlin_init` too.
 */
int32_t dunlin_prefix_format(const struct dunlin_prefix *network, char *buf, size_t capacity);

/* ------------------------------------------------------------------------------------------------
 * Hardware addresses
 * ------------------------------------------------------------------------------------------------ */

/** The most octets of a hardware address, those of IP over InfiniBand. */
#define DUNLIN_MAC_MAX 20

/** Bytes that any hardware address takes as text, its NUL included. */
#define DUNLIN_MAC_TEXT_MAX 60

/**
 * A hardware address: EUI-48, EUI-64, or of IP over InfiniBand (Go: `net.HardwareAddr`). Frozen: its
 * layout never changes.
 */
struct dunlin_mac {
    /** How many octets: 6, 8 or 20; 0 is no address. */
    uint8_t len;
    /** The octets, in the order they are sent. */
    uint8_t octets[20];
};

/**
 * dunlin_mac_parse reads a hardware address of 6, 8 or 20 octets: "00:00:5e:00:53:01",
 * "00-00-5e-00-53-01", "0000.5e00.5301" or "00005e005301" (Go: `net.ParseMAC`).
 *
 * Returns 0, or `DUNLIN_ERR_INVALID_ADDRESS`, `DUNLIN_ERR_NAME_TOO_LONG`, `DUNLIN_ERR_INVALID` for
 * NULL. Does not block. Any task, before `dunlin_init` too.
 */
int32_t dunlin_mac_parse(const char *text, struct dunlin_mac *mac);

/**
 * dunlin_mac_format writes a hardware address, NUL-terminated: "00:00:5e:00:53:01"; nothing for no
 * address (Go: `HardwareAddr.String`). `DUNLIN_MAC_TEXT_MAX` bytes are always enough.
 *
 * Returns the length without the NUL, or `DUNLIN_ERR_BUFFER_TOO_SMALL`,
 * `DUNLIN_ERR_INVALID_ADDRESS` (another number of octets), `DUNLIN_ERR_INVALID` for NULL. Does not
 * block. Any task, before `dunlin_init` too.
 */
int32_t dunlin_mac_format(const struct dunlin_mac *mac, char *buf, size_t capacity);

/* ------------------------------------------------------------------------------------------------
 * Dialing
 * ------------------------------------------------------------------------------------------------ */

/** How to dial (Go: `Dialer`). Set up with `DUNLIN_DIALER_INIT`. */
struct dunlin_dialer {
    /** `sizeof(struct dunlin_dialer)`. */
    uint32_t size;
    /** For name look-up and connecting together; 0 is 30 seconds. */
    int32_t timeout_ms;
    /** The latest end, besides the time-out; 0 is none. */
    int64_t deadline;
    /** The name of the device to go through. NULL: the route decides. */
    const char *device;
    /** Ends the dial; 0 is none. */
    dunlin_cancel_t cancel;
    /**
     * When a name has addresses of both families and the first one's has not connected after so
     * many milliseconds, the other one is tried too; 0 is 300, negative is never (Go:
     * `FallbackDelay`).
     */
    int32_t fallback_delay_ms;
    /**
     * Where to connect from; of family 0 or of no address only its port counts. NULL: the device
     * chooses.
     */
    const struct dunlin_addr *local_addr;
    /** The probes of a TCP connection. NULL: Go's default. */
    const struct dunlin_keep_alive *keep_alive;
    /** Where a dial that fails tells more; cleared when it begins. NULL: nowhere. */
    struct dunlin_error_info *error;
};

#ifdef __cplusplus
static inline struct dunlin_dialer dunlin_dialer_init(void)
{
    struct dunlin_dialer x = {};
    x.size = (uint32_t)sizeof x;
    return x;
}
#define DUNLIN_DIALER_INIT (dunlin_dialer_init())
#else
#define DUNLIN_DIALER_INIT { .size = (uint32_t)sizeof(struct dunlin_dialer) }
#endif

/**
 * dunlin_dial connects to `address` on `network` (Go: `Dialer.Dial`); `dialer` may be NULL.
 *
 * "tcp", "tcp4", "tcp6": `address` is "host:port" with a name or an IP address and a number or the
 * name of a service; an empty or unspecified host is this system. The addresses of a name are tried
 * one after another, each for its share of the time; of two families the second begins
 * after `fallback_delay_ms`, where the device can connect without blocking. The first error of the
 * first family is the one returned.
 * "udp", "udp4", "udp6": the same, for a connection of datagrams. "ip:icmp", "ip4:1", "ip6:58" and
 * the like: `address` is a host, messages are packets of that protocol. "unix", "unixgram",
 * "unixpacket": `address` is a path.
 * On connections of messages a read gives one message (`DUNLIN_ERR_MESSAGE_SIZE`: it was longer, the
 * rest is gone), a write sends one.
 *
 * Returns a handle, to be released by `dunlin_conn_close`; or `DUNLIN_ERR_TIMEOUT`,
 * `DUNLIN_ERR_CANCELED`, `DUNLIN_ERR_CONN_REFUSED`, `DUNLIN_ERR_NO_SUCH_HOST` and the others of `dunlin_lookup_host`,
 * `DUNLIN_ERR_NO_NETDEV`, `DUNLIN_ERR_NET_DOWN`, `DUNLIN_ERR_NO_DEVICE`, `DUNLIN_ERR_NOT_SUPPORTED`
 * (no device has such sockets), `DUNLIN_ERR_UNKNOWN_NETWORK`, `DUNLIN_ERR_UNKNOWN_PROTOCOL`,
 * `DUNLIN_ERR_MISSING_ADDRESS`, `DUNLIN_ERR_MISSING_PORT` and others of addresses,
 * `DUNLIN_ERR_NO_SUITABLE_ADDRESS`, `DUNLIN_ERR_MISMATCHED_ADDRESS` (`local_addr` is of another
 * kind), `DUNLIN_ERR_NO_SLOT`, `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_VERSION`, or the driver's. Blocks.
 * Any task.
 */
dunlin_conn_t dunlin_dial(const struct dunlin_dialer *dialer,
                          const char *network,
                          const char *address);

/* ------------------------------------------------------------------------------------------------
 * Connections
 * ------------------------------------------------------------------------------------------------ */

/** The most pieces of one `dunlin_conn_writev`. */
#define DUNLIN_IOVEC_MAX 16

/** `op`: nothing failed yet. */
#define DUNLIN_OP_NONE 0

/** `op`: connecting. */
#define DUNLIN_OP_DIAL 1

/** `op`: reading. */
#define DUNLIN_OP_READ 2

/** `op`: writing. */
#define DUNLIN_OP_WRITE 3

/** `op`: closing, or ending one direction. */
#define DUNLIN_OP_CLOSE 4

/** `op`: accepting. */
#define DUNLIN_OP_ACCEPT 5

/** `op`: listening. */
#define DUNLIN_OP_LISTEN 6

/** `op`: setting an option. */
#define DUNLIN_OP_SET 7

/**
 * The last error of a connection or a listener (Go: `OpError`, as data). Set up with `DUNLIN_ERROR_INFO_INIT`.
 */
struct dunlin_error_info {
    /** `sizeof(struct dunlin_error_info)`. */
    uint32_t size;
    /** What was tried, `DUNLIN_OP_...` (Go: `Op`). */
    uint32_t op;
    /** The result that was returned, 0 when nothing failed yet (Go: `Err`). */
    int32_t code;
    /** What the driver returned; differs from `code` when that could not be believed. */
    int32_t driver_code;
    /** The local address (Go: `Source`); of family 0 when it is not known. */
    struct dunlin_addr source;
    /** The peer's address (Go: `Addr`); of family 0 when it is not known. */
    struct dunlin_addr addr;
    /**
     * The network, "tcp" or "pipe" for example, static (Go: `Net`); NULL when it is not known.
     */
    const char *network;
};

#ifdef __cplusplus
static inline struct dunlin_error_info dunlin_error_info_init(void)
{
    struct dunlin_error_info x = {};
    x.size = (uint32_t)sizeof x;
    return x;
}
#define DUNLIN_ERROR_INFO_INIT (dunlin_error_info_init())
#else
#define DUNLIN_ERROR_INFO_INIT { .size = (uint32_t)sizeof(struct dunlin_error_info) }
#endif

/**
 * dunlin_conn_read reads 1 to `len` bytes (Go: `Conn.Read`), until the read deadline.
 *
 * Returns how many; 0 is the end of the stream and nothing else. `DUNLIN_ERR_TIMEOUT`: the
 * deadline came, nothing is lost; `DUNLIN_ERR_WOULD_BLOCK` with a deadline before 0;
 * `DUNLIN_ERR_CLOSED` (by another task), `DUNLIN_ERR_CLOSED_PIPE`, `DUNLIN_ERR_CONN_RESET`,
 * `DUNLIN_ERR_NET_DOWN`, `DUNLIN_ERR_BUSY` (another task reads), `DUNLIN_ERR_INVALID` (NULL, or a
 * length of 0), `DUNLIN_ERR_BAD_HANDLE`, or the driver's. Blocks. Any task, one reader at a time.
 */
dunlin_ssize_t dunlin_conn_read(dunlin_conn_t conn, void *buf, size_t len);

/**
 * dunlin_conn_write writes all of `data` (Go: `Conn.Write`), until the write deadline.
 *
 * Returns `len`. Fewer, when an error came after some bytes were taken: `dunlin_conn_error` tells it.
 * An error when none were: `DUNLIN_ERR_TIMEOUT`, `DUNLIN_ERR_WOULD_BLOCK` with a deadline before
 * 0, `DUNLIN_ERR_CLOSED` (by another task), `DUNLIN_ERR_CLOSED_PIPE`, `DUNLIN_ERR_BROKEN_PIPE`,
 * `DUNLIN_ERR_CONN_RESET`, `DUNLIN_ERR_NET_DOWN`, `DUNLIN_ERR_BUSY` (another task writes),
 * `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_BAD_HANDLE`, or the driver's. Blocks. Any task, one writer at
 * a time.
 */
dunlin_ssize_t dunlin_conn_write(dunlin_conn_t conn,
                                 const void *data,
                                 size_t len);

/**
 * dunlin_conn_writev writes the pieces in order, as one write (Go: `Buffers.WriteTo`). `count` is
 * at most `DUNLIN_IOVEC_MAX`. Returns what `dunlin_conn_write` returns. Blocks. Any task, one
 * writer at a time.
 */
dunlin_ssize_t dunlin_conn_writev(dunlin_conn_t conn,
                                  const struct dunlin_iovec *vec,
                                  uint32_t count);

/**
 * dunlin_conn_close closes the connection (Go: `Conn.Close`): the handle is stale at once, blocked
 * calls end with `DUNLIN_ERR_CLOSED`, the socket is given back when they have left.
 *
 * Returns 0; `DUNLIN_ERR_BAD_HANDLE` the second time. Does not wait. Any task.
 */
int32_t dunlin_conn_close(dunlin_conn_t conn);

/**
 * dunlin_conn_close_write ends the writing direction: the peer reads an end of stream, and reading
 * goes on (Go: `TCPConn.CloseWrite`).
 *
 * Returns 0, `DUNLIN_ERR_NOT_SUPPORTED` (by the driver), `DUNLIN_ERR_BAD_HANDLE`, or the driver's.
 * Does not wait. Any task.
 */
int32_t dunlin_conn_close_write(dunlin_conn_t conn);

/**
 * dunlin_conn_set_deadline sets both deadlines (Go: `Conn.SetDeadline`): for reads and writes in
 * progress and all later ones; 0 is none. Returns 0 or `DUNLIN_ERR_BAD_HANDLE`. Does not block.
 * Any task.
 */
int32_t dunlin_conn_set_deadline(dunlin_conn_t conn, int64_t deadline);

/**
 * dunlin_conn_set_read_deadline bounds the read in progress and later ones (Go:
 * `Conn.SetReadDeadline`); 0 is none, a negative number makes every read a single try. Returns 0
 * or `DUNLIN_ERR_BAD_HANDLE`. Does not block. Any task.
 */
int32_t dunlin_conn_set_read_deadline(dunlin_conn_t conn, int64_t deadline);

/**
 * dunlin_conn_set_write_deadline bounds the write in progress and later ones (Go:
 * `Conn.SetWriteDeadline`); 0 is none, a negative number makes every write a single try. Returns 0
 * or `DUNLIN_ERR_BAD_HANDLE`. Does not block. Any task.
 */
int32_t dunlin_conn_set_write_deadline(dunlin_conn_t conn, int64_t deadline);

/**
 * dunlin_conn_local_addr tells the local address (Go: `Conn.LocalAddr`); of family 0 for a pipe.
 *
 * Returns 0, `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_NOT_SUPPORTED` (by the driver),
 * `DUNLIN_ERR_BAD_HANDLE`, or the driver's. Does not block. Any task.
 */
int32_t dunlin_conn_local_addr(dunlin_conn_t conn, struct dunlin_addr *addr);

/**
 * dunlin_conn_remote_addr tells the peer's address (Go: `Conn.RemoteAddr`); of family 0 for a
 * pipe. Returns as `dunlin_conn_local_addr`. Does not block. Any task.
 */
int32_t dunlin_conn_remote_addr(dunlin_conn_t conn, struct dunlin_addr *addr);

/**
 * dunlin_conn_error tells the last error of the connection (Go: the `OpError`). It stays until the
 * next one; ask before the connection is closed.
 *
 * Returns 0, `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_VERSION`, `DUNLIN_ERR_BAD_HANDLE`. Does not block.
 * Any task.
 */
int32_t dunlin_conn_error(dunlin_conn_t conn, struct dunlin_error_info *info);

/* ------------------------------------------------------------------------------------------------
 * Connection options
 * ------------------------------------------------------------------------------------------------ */

/**
 * Probes that find out whether a silent peer is still there (Go: `KeepAliveConfig`). Set up with
 * `DUNLIN_KEEP_ALIVE_INIT`, which is Go's default: on, 15 s, 15 s, 9.
 */
struct dunlin_keep_alive {
    /** `sizeof(struct dunlin_keep_alive)`. */
    uint32_t size;
    /** 1: no probes. 0: probes. */
    uint32_t off;
    /** Seconds of silence before the first; 0 is 15, negative leaves the device's number. */
    int32_t idle_s;
    /** Seconds between them; 0 is 15, negative leaves the device's number. */
    int32_t interval_s;
    /**
     * How many go unanswered before the connection is given up; 0 is 9, negative leaves the device's.
     */
    int32_t count;
};

#ifdef __cplusplus
static inline struct dunlin_keep_alive dunlin_keep_alive_init(void)
{
    struct dunlin_keep_alive x = {};
    x.size = (uint32_t)sizeof x;
    return x;
}
#define DUNLIN_KEEP_ALIVE_INIT (dunlin_keep_alive_init())
#else
#define DUNLIN_KEEP_ALIVE_INIT { .size = (uint32_t)sizeof(struct dunlin_keep_alive) }
#endif

/**
 * dunlin_conn_set_no_delay says whether segments go out at once (1, the default) or may wait a
 * little for more data (0) (Go: `TCPConn.SetNoDelay`).
 *
 * Returns 0, `DUNLIN_ERR_NOT_SUPPORTED` (by the driver, or by what is no TCP connection),
 * `DUNLIN_ERR_BAD_HANDLE`, `DUNLIN_ERR_NET_DOWN`, or the driver's. Does not wait for the network.
 * Any task.
 */
int32_t dunlin_conn_set_no_delay(dunlin_conn_t conn, int32_t on);

/**
 * dunlin_conn_set_keep_alive sets the probes of a silent peer (Go: `TCPConn.SetKeepAliveConfig`).
 * `config` may be NULL: Go's default, with which every TCP connection begins.
 *
 * Returns as `dunlin_conn_set_no_delay`, `DUNLIN_ERR_INVALID` or `DUNLIN_ERR_VERSION`; a device
 * that has only a part of the options has then set that part. Does not wait for the network. Any
 * task.
 */
int32_t dunlin_conn_set_keep_alive(dunlin_conn_t conn, const struct dunlin_keep_alive *config);

/**
 * dunlin_conn_set_linger says what close does with data that is not yet sent (Go:
 * `TCPConn.SetLinger`). Negative, the default: the device sends it after close. 0: it is dropped
 * and the peer sees a reset. Positive: it is sent, but after so many seconds dropped.
 *
 * Returns as `dunlin_conn_set_no_delay`. Does not wait for the network. Any task.
 */
int32_t dunlin_conn_set_linger(dunlin_conn_t conn, int32_t seconds);

/**
 * dunlin_conn_set_read_buffer sets the size in bytes of the device's receive buffer (Go:
 * `SetReadBuffer`); the device may round it.
 *
 * Returns as `dunlin_conn_set_no_delay`, or `DUNLIN_ERR_INVALID` (0, or 2 GiB and more). Does not
 * wait for the network. Any task.
 */
int32_t dunlin_conn_set_read_buffer(dunlin_conn_t conn, uint32_t bytes);

/**
 * dunlin_conn_set_write_buffer sets the size in bytes of the device's send buffer (Go:
 * `SetWriteBuffer`). Returns as `dunlin_conn_set_read_buffer`. Does not wait for the network. Any
 * task.
 */
int32_t dunlin_conn_set_write_buffer(dunlin_conn_t conn, uint32_t bytes);

/**
 * dunlin_conn_close_read ends the reading direction (Go: `TCPConn.CloseRead`): a read in progress
 * and all later ones give an end of stream, what lies unread is dropped, and writing goes on.
 *
 * Returns 0, `DUNLIN_ERR_NOT_SUPPORTED` (by the driver, or by a pipe), `DUNLIN_ERR_BAD_HANDLE`,
 * `DUNLIN_ERR_NET_DOWN`, or the driver's. Does not wait. Any task.
 */
int32_t dunlin_conn_close_read(dunlin_conn_t conn);

/* ------------------------------------------------------------------------------------------------
 * Listeners
 * ------------------------------------------------------------------------------------------------ */

/** How to listen (Go: `ListenConfig`). Set up with `DUNLIN_LISTEN_CONFIG_INIT`. */
struct dunlin_listen_config {
    /** `sizeof(struct dunlin_listen_config)`. */
    uint32_t size;
    /** Connections that may wait to be accepted; 0 is 8. The device may allow fewer. */
    uint32_t backlog;
    /**
     * The name of the only device to listen on. NULL: the one that has the address, or all, later
     * ones too, when the address is a wildcard.
     */
    const char *device;
    /** The probes of accepted TCP connections; read during the call. NULL: Go's default. */
    const struct dunlin_keep_alive *keep_alive;
    /**
     * 1: several listeners of the system may share the port; a device that cannot refuses. Else 0.
     */
    uint32_t reuse_port;
    /** Zero. */
    uint32_t reserved;
};

#ifdef __cplusplus
static inline struct dunlin_listen_config dunlin_listen_config_init(void)
{
    struct dunlin_listen_config x = {};
    x.size = (uint32_t)sizeof x;
    return x;
}
#define DUNLIN_LISTEN_CONFIG_INIT (dunlin_listen_config_init())
#else
#define DUNLIN_LISTEN_CONFIG_INIT { .size = (uint32_t)sizeof(struct dunlin_listen_config) }
#endif

/**
 * dunlin_listen listens for connections (Go: `net.Listen`, `ListenConfig.Listen`). On "tcp", "tcp4"
 * and "tcp6" `address` is "host:port" with an IP address or nothing as the host: ":8080",
 * "127.0.0.1:0"; port 0 lets the device choose. On "unix" and "unixpacket" it is a path. `config`
 * may be NULL.
 *
 * Returns a handle, or `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_VERSION`, `DUNLIN_ERR_UNKNOWN_NETWORK`,
 * `DUNLIN_ERR_MISSING_PORT`, `DUNLIN_ERR_MISSING_ADDRESS`, `DUNLIN_ERR_INVALID_ADDRESS`,
 * `DUNLIN_ERR_NO_SUITABLE_ADDRESS` (of the other family), `DUNLIN_ERR_NOT_SUPPORTED` (the device
 * has no such sockets), `DUNLIN_ERR_NO_NETDEV`, `DUNLIN_ERR_NO_DEVICE`, `DUNLIN_ERR_ADDR_IN_USE`,
 * `DUNLIN_ERR_NO_SLOT`, or the driver's. Does not wait for the network. Any task.
 */
dunlin_listener_t dunlin_listen(const struct dunlin_listen_config *config,
                                const char *network,
                                const char *address);

/**
 * dunlin_accept waits for a connection (Go: `Listener.Accept`), until the listener's deadline.
 *
 * Returns a handle, to be released by `dunlin_conn_close`; or `DUNLIN_ERR_TIMEOUT`,
 * `DUNLIN_ERR_CLOSED` (by another task), `DUNLIN_ERR_NO_SLOT` (the table of connections is full;
 * nothing was accepted), `DUNLIN_ERR_BUSY` (another task accepts), `DUNLIN_ERR_WOULD_BLOCK` with a
 * deadline before 0, `DUNLIN_ERR_BAD_HANDLE`, or the driver's. Blocks. Any task, one at a time.
 */
dunlin_conn_t dunlin_accept(dunlin_listener_t listener);

/**
 * dunlin_listener_addr tells the address that is listened on (Go: `Listener.Addr`), with the port
 * that the device chose; of a listener on several devices the first one's.
 *
 * Returns 0, or `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_BAD_HANDLE`, `DUNLIN_ERR_NOT_SUPPORTED` (by the
 * driver), or the driver's. Does not block. Any task.
 */
int32_t dunlin_listener_addr(dunlin_listener_t listener, struct dunlin_addr *addr);

/**
 * dunlin_listener_set_deadline bounds present and future accepts (Go: `TCPListener.SetDeadline`);
 * 0 is none.
 *
 * Returns 0 or `DUNLIN_ERR_BAD_HANDLE`. Does not block. Any task.
 */
int32_t dunlin_listener_set_deadline(dunlin_listener_t listener, int64_t deadline);

/**
 * dunlin_listener_error tells the last error of the listener (Go: the `OpError` of `Accept`): `op`
 * is `DUNLIN_OP_ACCEPT`, or `DUNLIN_OP_LISTEN` when a listener on all devices could not listen on
 * one of them. `addr` is the address listened on, `source` is of family 0. It stays until the next
 * one; ask before the listener is closed. A `dunlin_listen` that failed left no listener to ask.
 *
 * Returns 0, `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_VERSION`, `DUNLIN_ERR_BAD_HANDLE`. Does not block.
 * Any task.
 */
int32_t dunlin_listener_error(dunlin_listener_t listener, struct dunlin_error_info *info);

/**
 * dunlin_listener_close closes the listener (Go: `Listener.Close`): the handle is stale at once,
 * an accept in progress ends with `DUNLIN_ERR_CLOSED`. Accepted connections stay.
 *
 * Returns 0; `DUNLIN_ERR_BAD_HANDLE` the second time. Does not block. Any task.
 */
int32_t dunlin_listener_close(dunlin_listener_t listener);

/* ------------------------------------------------------------------------------------------------
 * Lookups
 * ------------------------------------------------------------------------------------------------ */

/** How to look something up (Go: `Resolver`). Set up with `DUNLIN_LOOKUP_CONFIG_INIT`. */
struct dunlin_lookup_config {
    /** `sizeof(struct dunlin_lookup_config)`. */
    uint32_t size;
    /** For all tries together; 0 is 30 seconds. */
    int32_t timeout_ms;
    /** The latest end, besides the time-out; 0 is none. */
    int64_t deadline;
    /** The name of the device to ask through. NULL: the route decides. */
    const char *device;
    /** Ends the lookup; 0 is none. */
    dunlin_cancel_t cancel;
    /** Zero. */
    uint32_t reserved;
};

#ifdef __cplusplus
static inline struct dunlin_lookup_config dunlin_lookup_config_init(void)
{
    struct dunlin_lookup_config x = {};
    x.size = (uint32_t)sizeof x;
    return x;
}
#define DUNLIN_LOOKUP_CONFIG_INIT (dunlin_lookup_config_init())
#else
#define DUNLIN_LOOKUP_CONFIG_INIT { .size = (uint32_t)sizeof(struct dunlin_lookup_config) }
#endif

/** A mail server (Go: `MX`). Frozen: its layout never changes. */
struct dunlin_mx {
    /**
     * Its name with the last dot, NUL-terminated in the caller's buffer; `ptr` NULL: no room was left.
     */
    struct dunlin_str host;
    /** The smaller, the earlier it is to be tried. */
    uint32_t pref;
    /** Zero. */
    uint32_t reserved;
};

/** A server of a service (Go: `SRV`). Frozen: its layout never changes. */
struct dunlin_srv {
    /**
     * Its name with the last dot, NUL-terminated in the caller's buffer; `ptr` NULL: no room was left.
     */
    struct dunlin_str target;
    /** In the host's byte order. */
    uint16_t port;
    /** The smaller, the earlier it is to be tried. */
    uint16_t priority;
    /** Among those of one priority, how often it goes first. */
    uint16_t weight;
    /** Zero. */
    uint16_t reserved;
};

/**
 * dunlin_lookup_host finds the addresses of a name (Go: `Resolver.LookupHost`), of a family
 * (`DUNLIN_AF_INET`, `DUNLIN_AF_INET6`) or of both (0), in the order in which they are worth a
 * try; their port is 0. An address in text is its own; "localhost" and names below it are the
 * loopback. The device is asked where it can do it, otherwise DNS through it, with the servers of
 * `dunlin_netdev_set_dns_servers`; names below ".local" by multicast. What was found by DNS is
 * kept for as long as its servers say.
 *
 * Returns how many addresses there are, 1 or more: the first `capacity` of them are stored, some of
 * each family. Or `DUNLIN_ERR_NO_SUCH_HOST`, `DUNLIN_ERR_NAME_SERVER` (the servers fail or refuse),
 * `DUNLIN_ERR_NO_NAME_SERVER`, `DUNLIN_ERR_TIMEOUT`, `DUNLIN_ERR_CANCELED`, `DUNLIN_ERR_NET_DOWN`,
 * `DUNLIN_ERR_ENTROPY` (the port has no random source), `DUNLIN_ERR_NOT_SUPPORTED` (the device has
 * neither names nor UDP), `DUNLIN_ERR_NO_NETDEV`, `DUNLIN_ERR_NO_DEVICE`,
 * `DUNLIN_ERR_NAME_TOO_LONG`, `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_VERSION`, or the driver's. Blocks.
 * Any task.
 */
int32_t dunlin_lookup_host(const struct dunlin_lookup_config *config,
                           const char *name,
                           uint32_t family,
                           struct dunlin_addr *addrs,
                           uint32_t capacity);

/**
 * dunlin_lookup_port finds the port of a service, "https", or of a number in text (Go:
 * `Resolver.LookupPort`). `network` is "tcp", "udp" and the like; "ip" or "" takes either's.
 *
 * Returns the port, or `DUNLIN_ERR_UNKNOWN_NETWORK`, `DUNLIN_ERR_INVALID_PORT`,
 * `DUNLIN_ERR_NAME_TOO_LONG`, `DUNLIN_ERR_INVALID` for NULL. Does not block. Any task, before
 * `dunlin_init` too.
 */
int32_t dunlin_lookup_port(const char *network, const char *service);

/**
 * dunlin_lookup_cname finds the name that `name` stands for in the end, with its last dot (Go:
 * `Resolver.LookupCNAME`); a name that is no alias stands for itself. It must have an address.
 * Always by DNS. 256 bytes are enough.
 *
 * Returns its length without the NUL, or `DUNLIN_ERR_BUFFER_TOO_SMALL`, or the errors of
 * `dunlin_lookup_host`. Blocks. Any task.
 */
int32_t dunlin_lookup_cname(const struct dunlin_lookup_config *config,
                            const char *name,
                            char *buf,
                            size_t capacity);

/**
 * dunlin_lookup_addr finds the names of an address, with their last dots (Go:
 * `Resolver.LookupAddr`). They are stored NUL-terminated in `buf`, `names` are views of them; one
 * for which no room was left has NULL as its `ptr`. Always by DNS.
 *
 * Returns how many there are, 1 or more: the first `capacity` of them are stored. Or
 * `DUNLIN_ERR_INVALID_ADDRESS`, or the errors of `dunlin_lookup_host`. Blocks. Any task.
 */
int32_t dunlin_lookup_addr(const struct dunlin_lookup_config *config,
                           const struct dunlin_addr *addr,
                           char *buf,
                           size_t len,
                           struct dunlin_str *names,
                           uint32_t capacity);

/**
 * dunlin_lookup_txt finds the texts of a name (Go: `Resolver.LookupTXT`). They may hold any bytes.
 * They are stored in `buf`, each with a NUL behind it, and `texts` are views of them; one for which
 * no room was left has NULL as its `ptr`. Always by DNS.
 *
 * Returns how many there are, 1 or more: the first `capacity` of them are stored. Or the errors of
 * `dunlin_lookup_host`. Blocks. Any task.
 */
int32_t dunlin_lookup_txt(const struct dunlin_lookup_config *config,
                          const char *name,
                          char *buf,
                          size_t len,
                          struct dunlin_str *texts,
                          uint32_t capacity);

/**
 * dunlin_lookup_mx finds the mail servers of a name, in the order in which they are to be tried
 * (Go: `Resolver.LookupMX`). Their names are stored NUL-terminated in `buf`. Always by DNS.
 *
 * Returns how many there are, 1 or more: the first `capacity` of them are stored, 32 at most. Or
 * the errors of `dunlin_lookup_host`. Blocks. Any task.
 */
int32_t dunlin_lookup_mx(const struct dunlin_lookup_config *config,
                         const char *name,
                         char *buf,
                         size_t len,
                         struct dunlin_mx *servers,
                         uint32_t capacity);

/**
 * dunlin_lookup_srv finds the servers of a service of a name, in the order in which they are to be
 * tried, among those of one priority at random by their weight (Go: `Resolver.LookupSRV`). What
 * is asked for is "_service._proto.name", or `name` itself when `service` and `proto` are both
 * empty. The names of the servers are stored NUL-terminated in `buf`. Always by DNS.
 *
 * Returns how many there are, 1 or more: the first `capacity` of them are stored, 32 at most. Or
 * the errors of `dunlin_lookup_host`. Blocks. Any task.
 */
int32_t dunlin_lookup_srv(const struct dunlin_lookup_config *config,
                          const char *service,
                          const char *proto,
                          const char *name,
                          char *buf,
                          size_t len,
                          struct dunlin_srv *servers,
                          uint32_t capacity);

/**
 * dunlin_netdev_set_dns_servers says which DNS servers are asked through the device, in this order;
 * none (NULL with 0) takes them away. Port 0 is 53. What was found through the device before is
 * forgotten. They stay until the device is unregistered; a device that finds names itself needs
 * them for other records only.
 *
 * A program carries the DNS client when it calls this, or a function that looks up: without, a dial of
 * a name that the device cannot find itself is `DUNLIN_ERR_NO_NAME_SERVER`. For names below ".local"
 * alone call it with none.
 *
 * Returns 0, `DUNLIN_ERR_INVALID_ADDRESS`, `DUNLIN_ERR_NO_SLOT` (more than 3),
 * `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_BAD_HANDLE`. Does not block. Any task.
 */
int32_t dunlin_netdev_set_dns_servers(dunlin_netdev_t dev,
                                      const struct dunlin_addr *addrs,
                                      uint32_t count);

/* ------------------------------------------------------------------------------------------------
 * Packet connections
 * ------------------------------------------------------------------------------------------------ */

/** `flags`: the datagram was longer than the buffer; the rest is gone. */
#define DUNLIN_PACKET_TRUNCATED 1

/**
 * A datagram's other end (Go: the results of `ReadMsgUDP`). As `dunlin_packet_conn_read_msg` fills it,
 * it serves to answer by `dunlin_packet_conn_write_msg`. Set up with `DUNLIN_PACKET_INFO_INIT`.
 */
struct dunlin_packet_info {
    /** `sizeof(struct dunlin_packet_info)`. */
    uint32_t size;
    /** Of one that was read: `DUNLIN_PACKET_TRUNCATED`. */
    uint32_t flags;
    /** The device it came on, or is to go out on; 0: the one that a dial would take. */
    dunlin_netdev_t device;
    /** Zero. */
    uint32_t reserved;
    /**
     * The sender, or the destination. Of family 0 when the device does not tell; a unix sender's path
     * is not told.
     */
    struct dunlin_addr addr;
};

#ifdef __cplusplus
static inline struct dunlin_packet_info dunlin_packet_info_init(void)
{
    struct dunlin_packet_info x = {};
    x.size = (uint32_t)sizeof x;
    return x;
}
#define DUNLIN_PACKET_INFO_INIT (dunlin_packet_info_init())
#else
#define DUNLIN_PACKET_INFO_INIT { .size = (uint32_t)sizeof(struct dunlin_packet_info) }
#endif

/**
 * dunlin_listen_packet receives datagrams on `address` (Go: `net.ListenPacket`). `network` is
 * "udp", "udp4", "udp6" with an address "host:port", the host an IP address or nothing (":5353",
 * "127.0.0.1:0"; port 0 lets the device choose); "ip", "ip4" or "ip6" and a protocol ("ip4:icmp",
 * "ip:89") with an IP address or nothing; or "unixgram" with a path. Without a host, and with no
 * device named in `config`, it is on every device, those registered later too. The port of a multicast address
 * is shared with others; its group is joined by `dunlin_packet_conn_join`. `config` may be NULL; its backlog
 * and keep_alive are not used.
 *
 * Returns a handle, or `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_VERSION`, `DUNLIN_ERR_UNKNOWN_NETWORK`,
 * `DUNLIN_ERR_UNKNOWN_PROTOCOL`, `DUNLIN_ERR_MISSING_PORT`, `DUNLIN_ERR_MISSING_ADDRESS`,
 * `DUNLIN_ERR_INVALID_ADDRESS`, `DUNLIN_ERR_NO_SUITABLE_ADDRESS` (of the other family),
 * `DUNLIN_ERR_NOT_SUPPORTED` (no device has such sockets), `DUNLIN_ERR_NO_NETDEV`, `DUNLIN_ERR_NO_DEVICE`,
 * `DUNLIN_ERR_ADDR_IN_USE`, `DUNLIN_ERR_NO_SLOT`, or the driver's. Does not wait for the network. Any
 * task.
 */
dunlin_packet_conn_t dunlin_listen_packet(const struct dunlin_listen_config *config,
                                          const char *network,
                                          const char *address);

/**
 * dunlin_listen_multicast receives what is sent to a group, "group:port", and joins it on the device
 * named in `config`, or on every device that can, later ones too (Go: `ListenMulticastUDP`). What it
 * sends to the group does not come back to this host. `network` is "udp", "udp4" or "udp6".
 *
 * Returns as `dunlin_listen_packet`; `DUNLIN_ERR_INVALID_ADDRESS` for an address that is no group,
 * `DUNLIN_ERR_NOT_SUPPORTED` when no device joins groups. Does not wait for the network. Any task.
 */
dunlin_packet_conn_t dunlin_listen_multicast(const struct dunlin_listen_config *config,
                                             const char *network,
                                             const char *address);

/**
 * dunlin_packet_conn_read_from waits for one datagram, until the read deadline (Go:
 * `PacketConn.ReadFrom`). `*from` is its sender; `from` may be NULL.
 *
 * Returns its bytes; 0 is a datagram of no bytes, not an end: packet connections have none.
 * `DUNLIN_ERR_MESSAGE_SIZE`: it was longer than `len`; the first `len` bytes and the sender are there,
 * the rest is gone (`dunlin_packet_conn_read_msg` tells the same by a flag). `DUNLIN_ERR_TIMEOUT`: the
 * deadline came, nothing is lost; `DUNLIN_ERR_WOULD_BLOCK` with a deadline before 0; `DUNLIN_ERR_CLOSED` (by another task),
 * `DUNLIN_ERR_NET_DOWN` (the only device is gone), `DUNLIN_ERR_BUSY` (another task reads),
 * `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_BAD_HANDLE`, or the driver's; one may read on after any that is
 * the driver's. Blocks. Any task, one reader at a time.
 */
dunlin_ssize_t dunlin_packet_conn_read_from(dunlin_packet_conn_t pc,
                                            void *buf,
                                            size_t len,
                                            struct dunlin_addr *from);

/**
 * dunlin_packet_conn_read_msg waits for one datagram as `dunlin_packet_conn_read_from` does, and tells
 * more of it (Go: `UDPConn.ReadMsgUDP`): the sender, the device it came on, and whether it was cut.
 *
 * Returns the bytes stored, `len` with `DUNLIN_PACKET_TRUNCATED` for a longer one; otherwise as
 * `dunlin_packet_conn_read_from`, and `DUNLIN_ERR_VERSION`. Blocks. Any task, one reader at a time.
 */
dunlin_ssize_t dunlin_packet_conn_read_msg(dunlin_packet_conn_t pc,
                                           void *buf,
                                           size_t len,
                                           struct dunlin_packet_info *info);

/**
 * dunlin_packet_conn_write_to sends one datagram, of no bytes too, to `to` (Go:
 * `PacketConn.WriteTo`), on the device that a dial to it would take. It blocks only while the device
 * has no room, until the write deadline.
 *
 * Returns `len`; a datagram goes out whole or not at all. `DUNLIN_ERR_MESSAGE_SIZE`: it is too long;
 * `DUNLIN_ERR_INVALID_ADDRESS`: none, of another family, or port 0; `DUNLIN_ERR_NET_DOWN`: no device's link is
 * up; `DUNLIN_ERR_CONN_REFUSED` where a device reports an earlier datagram's fate; `DUNLIN_ERR_TIMEOUT`,
 * `DUNLIN_ERR_WOULD_BLOCK` with a deadline before 0, `DUNLIN_ERR_CLOSED` (by another task),
 * `DUNLIN_ERR_BUSY` (another task writes), `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_BAD_HANDLE`, or the driver's.
 * Blocks. Any task, one writer at a time.
 */
dunlin_ssize_t dunlin_packet_conn_write_to(dunlin_packet_conn_t pc,
                                           const void *data,
                                           size_t len,
                                           const struct dunlin_addr *to);

/**
 * dunlin_packet_conn_write_msg sends one datagram to `info->addr` on `info->device`: with what
 * `dunlin_packet_conn_read_msg` gave, an answer on the device that the question came on (Go:
 * `UDPConn.WriteMsgUDP`).
 *
 * Returns as `dunlin_packet_conn_write_to`; `DUNLIN_ERR_NO_DEVICE` when the connection is not on that
 * device, `DUNLIN_ERR_VERSION`. Blocks. Any task, one writer at a time.
 */
dunlin_ssize_t dunlin_packet_conn_write_msg(dunlin_packet_conn_t pc,
                                            const void *data,
                                            size_t len,
                                            const struct dunlin_packet_info *info);

/**
 * dunlin_packet_conn_set_deadline sets both deadlines (Go: `PacketConn.SetDeadline`): for reads and
 * writes in progress and all later ones; 0 is none. Returns 0 or `DUNLIN_ERR_BAD_HANDLE`. Does not
 * block. Any task.
 */
int32_t dunlin_packet_conn_set_deadline(dunlin_packet_conn_t pc, int64_t deadline);

/**
 * dunlin_packet_conn_set_read_deadline bounds the read in progress and later ones (Go:
 * `PacketConn.SetReadDeadline`); 0 is none, a negative number makes every read a single try. Returns 0
 * or `DUNLIN_ERR_BAD_HANDLE`. Does not block. Any task.
 */
int32_t dunlin_packet_conn_set_read_deadline(dunlin_packet_conn_t pc,
                                             int64_t deadline);

/**
 * dunlin_packet_conn_set_write_deadline bounds the write in progress and later ones (Go:
 * `PacketConn.SetWriteDeadline`); 0 is none, a negative number makes every write a single try. Returns
 * 0 or `DUNLIN_ERR_BAD_HANDLE`. Does not block. Any task.
 */
int32_t dunlin_packet_conn_set_write_deadline(dunlin_packet_conn_t pc,
                                              int64_t deadline);

/**
 * dunlin_packet_conn_local_addr tells the local address (Go: `PacketConn.LocalAddr`), with the port that
 * the device chose; of a connection on several devices the first one's.
 *
 * Returns 0, `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_NET_DOWN` (it is on no device now),
 * `DUNLIN_ERR_NOT_SUPPORTED` (by the driver), `DUNLIN_ERR_BAD_HANDLE`. Does not block. Any task.
 */
int32_t dunlin_packet_conn_local_addr(dunlin_packet_conn_t pc,
                                      struct dunlin_addr *addr);

/**
 * dunlin_packet_conn_error tells the last error of the packet connection (Go: the `OpError`): `addr` is
 * the destination of a write. It stays until the next one; ask before the connection is closed.
 *
 * Returns 0, `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_VERSION`, `DUNLIN_ERR_BAD_HANDLE`. Does not block. Any
 * task.
 */
int32_t dunlin_packet_conn_error(dunlin_packet_conn_t pc,
                                 struct dunlin_error_info *info);

/**
 * dunlin_packet_conn_join receives what is sent to a group (golang.org/x/net: `JoinGroup`), on the
 * named device, or for NULL on every one that can, later ones too. `group->scope_id` is the device's own
 * interface by number, 0 lets it choose; the port is not used.
 *
 * Returns 0, or `DUNLIN_ERR_INVALID_ADDRESS` (no group, or of the other family), `DUNLIN_ERR_NOT_SUPPORTED` (no
 * device joins groups), `DUNLIN_ERR_NO_DEVICE` (no such device, or the connection is not on it), `DUNLIN_ERR_NO_SLOT` (more than four on
 * all devices), `DUNLIN_ERR_NET_DOWN` (it is on no device), `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_BAD_HANDLE`, or the
 * driver's. Does not block. Any task.
 */
int32_t dunlin_packet_conn_join(dunlin_packet_conn_t pc,
                                const struct dunlin_addr *group,
                                const char *device);

/**
 * dunlin_packet_conn_leave ends what `dunlin_packet_conn_join` began with the same arguments
 * (golang.org/x/net: `LeaveGroup`). Returns as that does; the driver's error, as
 * `DUNLIN_ERR_ADDR_NOT_AVAILABLE`, for a group that was not joined. Does not block. Any task.
 */
int32_t dunlin_packet_conn_leave(dunlin_packet_conn_t pc,
                                 const struct dunlin_addr *group,
                                 const char *device);

/**
 * dunlin_packet_conn_set_broadcast allows datagrams to broadcast addresses, which is so from the start
 * as in Go, or for 0 refuses them.
 *
 * Returns 0, `DUNLIN_ERR_NOT_SUPPORTED` (by the driver), `DUNLIN_ERR_NET_DOWN` (it is on no device),
 * `DUNLIN_ERR_BAD_HANDLE`, or the driver's. Does not block. Any task.
 */
int32_t dunlin_packet_conn_set_broadcast(dunlin_packet_conn_t pc,
                                         int32_t on);

/**
 * dunlin_packet_conn_set_read_buffer sets the size of the devices' receive buffers in bytes (Go:
 * `UDPConn.SetReadBuffer`). Returns as `dunlin_packet_conn_set_broadcast`; `DUNLIN_ERR_INVALID` for 0 or
 * more than 2147483647. Does not block. Any task.
 */
int32_t dunlin_packet_conn_set_read_buffer(dunlin_packet_conn_t pc,
                                           uint32_t bytes);

/**
 * dunlin_packet_conn_set_write_buffer sets the size of the devices' send buffers in bytes (Go:
 * `UDPConn.SetWriteBuffer`). Returns as `dunlin_packet_conn_set_read_buffer`. Does not block. Any task.
 */
int32_t dunlin_packet_conn_set_write_buffer(dunlin_packet_conn_t pc,
                                            uint32_t bytes);

/**
 * dunlin_packet_conn_close closes the packet connection (Go: `PacketConn.Close`): the handle is stale at
 * once, blocked calls end with `DUNLIN_ERR_CLOSED`, the sockets are given back when they have left.
 *
 * Returns 0; `DUNLIN_ERR_BAD_HANDLE` the second time. Does not wait. Any task.
 */
int32_t dunlin_packet_conn_close(dunlin_packet_conn_t pc);

/* ------------------------------------------------------------------------------------------------
 * Pipes
 * ------------------------------------------------------------------------------------------------ */

/**
 * dunlin_pipe makes two connections, each the other's peer (Go: `net.Pipe`): in memory,
 * unbuffered; a write waits for reads that take all of it. Everything a connection does works,
 * closing included; their addresses are empty.
 *
 * Returns 0, `DUNLIN_ERR_NO_SLOT` (pipes or connections), `DUNLIN_ERR_INVALID` for NULL. Does not
 * block. Any task. Both ends are released by `dunlin_conn_close`.
 */
int32_t dunlin_pipe(dunlin_conn_t *a, dunlin_conn_t *b);

/* ------------------------------------------------------------------------------------------------
 * Waiting for many
 * ------------------------------------------------------------------------------------------------ */

/**
 * One handle of a set, made by `DUNLIN_POLL(handle, events)`. Frozen: its layout never changes.
 */
struct dunlin_poll_item {
    /** The object: see `dunlin_poll`. */
    int32_t handle;
    /** What is asked: `DUNLIN_READABLE`, `DUNLIN_WRITABLE`. */
    uint16_t events;
    /** What is so; also `DUNLIN_HANGUP` and `DUNLIN_ERROR`, which need not be asked for. */
    uint16_t revents;
};

/**
 * dunlin_poll waits until one of the handles is ready, on any devices at once (POSIX: `poll`).
 * What the events mean:
 *
 * - connection, packet connection: a read, a write would not block; on a device that cannot tell,
 *   writable means "try", and so does a packet connection's readable where no datagram can be peeked.
 * - listener: readable, an accept would not block.
 * - cancel token: readable, it was canceled.
 * - HTTP response: readable, a read of the body would not block.
 * - HTTP exchange, in its handler or detached: readable, a read gives bytes, the end of the body or
 *   an error without blocking, or has to ask a peer that waits for `100 Continue`; writable, the
 *   answer takes at least a byte, or the next event whole; `DUNLIN_HANGUP`, the peer has left. The
 *   handler's worker serves nobody else while it is in here. Events leave when a task serves.
 * - HTTP server: readable, `dunlin_http_server_serve_until(server, -1)` has something to do. While
 *   no task serves, that takes a place in the set for each of the server's connections and
 *   listeners.
 * - HTTP client: writable, a request finds a place at once, instead of `DUNLIN_ERR_NO_SLOT`; seen
 *   within 10 ms.
 * - netdev: readable and writable, its link is up; `DUNLIN_HANGUP`, it is down: asked for by that
 *   event, or by none. So both changes can be waited for.
 *
 * A handle that is closed, also meanwhile, or that was never one, is ready with `DUNLIN_ERROR`. A
 * set of none waits as `dunlin_run` does.
 *
 * Returns how many are ready, with their `revents` set; 0 at `deadline`. `DUNLIN_ERR_INVALID` for
 * NULL or more than 65535 items, `DUNLIN_ERR_NO_SLOT` for more sockets than `DUNLIN_MAX_POLL`, or
 * when too many tasks wait already.
 * Blocks up to `deadline`. Any task; `items` is Dunlin's until it returns.
 */
int32_t dunlin_poll(struct dunlin_poll_item *items,
                    uint32_t count,
                    int64_t deadline);

/* ------------------------------------------------------------------------------------------------
 * Cancel tokens
 * ------------------------------------------------------------------------------------------------ */

/**
 * dunlin_cancel_new makes a token (Go: `context.WithCancel`). Returns a handle or
 * `DUNLIN_ERR_NO_SLOT`. Does not block. Any task.
 */
dunlin_cancel_t dunlin_cancel_new(void);

/**
 * dunlin_cancel ends every operation under the token, those in progress and later ones, with
 * `DUNLIN_ERR_CANCELED` (Go: the `CancelFunc`). It may be repeated.
 *
 * Returns 0 or `DUNLIN_ERR_BAD_HANDLE`. Does not block. Any task.
 */
int32_t dunlin_cancel(dunlin_cancel_t token);

/**
 * dunlin_cancel_close gives the token up; operations in progress under it end with
 * `DUNLIN_ERR_CANCELED` first.
 *
 * Returns 0 or `DUNLIN_ERR_BAD_HANDLE`. Does not block. Any task.
 */
int32_t dunlin_cancel_close(dunlin_cancel_t token);

/* ------------------------------------------------------------------------------------------------
 * HTTP
 * ------------------------------------------------------------------------------------------------ */

/**
 * A field of a message's head, made by `DUNLIN_HTTP_HEADER(name, value)`. Frozen: its layout never
 * changes.
 */
struct dunlin_http_header {
    /** NUL-terminated. */
    const char *name;
    /** NUL-terminated. */
    const char *value;
    /** NULL. */
    const void *options;
};

/**
 * dunlin_http_header tells the first value of a field of the request, its name in any case of
 * letters (Go: `Request.Header.Get`). `ptr` is NULL when there is none, for a bad handle or NULL.
 * Does not block.
 */
struct dunlin_str dunlin_http_header(dunlin_http_exchange_t x, const char *name);

/* ------------------------------------------------------------------------------------------------
 * HTTP client
 * ------------------------------------------------------------------------------------------------ */

/** `stage`: nothing failed yet. */
#define DUNLIN_HTTP_STAGE_NONE 0

/** `stage`: checking the request; nothing was sent. */
#define DUNLIN_HTTP_STAGE_CHECK 1

/** `stage`: finding and connecting the peer. */
#define DUNLIN_HTTP_STAGE_DIAL 2

/** `stage`: sending the request. */
#define DUNLIN_HTTP_STAGE_WRITE 3

/** `stage`: reading the body from the application. */
#define DUNLIN_HTTP_STAGE_SOURCE 4

/** `stage`: waiting for the answer's head, or in it. */
#define DUNLIN_HTTP_STAGE_HEAD 5

/** `stage`: reading the answer's body. */
#define DUNLIN_HTTP_STAGE_BODY 6

/**
 * How a client works. Set up with `DUNLIN_HTTP_CLIENT_CONFIG_INIT`; of every number 0 is the
 * default that is named, of time-outs `DUNLIN_NO_TIMEOUT` is none.
 */
struct dunlin_http_client_config {
    /** `sizeof(struct dunlin_http_client_config)`. */
    uint32_t size;
    /**
     * From the start of a request until the answer's head has come, the sending of the body
     * included: 30,000.
     */
    int32_t timeout_ms;
    /** Of it for finding and connecting the peer: 10,000. */
    int32_t dial_timeout_ms;
    /** From the end of the request to the first byte of the answer: none but `timeout_ms`. */
    int32_t first_byte_timeout_ms;
    /** Between two pieces of a body, sent or received: 30,000. */
    int32_t idle_timeout_ms;
    /** How long a request with `Expect: 100-continue` holds its body back: 1,000. */
    int32_t expect_timeout_ms;
    /** How long connections are kept for later requests: 90,000. */
    int32_t idle_conn_timeout_ms;
    /** How many are kept: 2; -1 keeps none. */
    int32_t max_idle;
    /** Answers open at once, each with a head buffer: 1. */
    uint32_t responses;
    /**
     * Bytes of a head buffer: 4096, at least 256. It bounds a request's head and an answer's.
     */
    uint32_t head_len;
    /** Fields of an answer's head: 64. */
    uint32_t fields;
    /** Bytes of a size line of the chunked coding: 128. */
    uint32_t chunk_line;
    /** Bytes of an unread body that closing reads away to keep the connection: 8192. */
    uint32_t drain_len;
    /** Zero. */
    uint32_t reserved;
    /** The `User-Agent`, copied: NULL is "dunlin", "" leaves the field out. */
    const char *user_agent;
    /** The name of the device to go through, copied. NULL: the route decides. */
    const char *device;
};

#ifdef __cplusplus
static inline struct dunlin_http_client_config dunlin_http_client_config_init(void)
{
    struct dunlin_http_client_config x = {};
    x.size = (uint32_t)sizeof x;
    return x;
}
#define DUNLIN_HTTP_CLIENT_CONFIG_INIT (dunlin_http_client_config_init())
#else
#define DUNLIN_HTTP_CLIENT_CONFIG_INIT { .size = (uint32_t)sizeof(struct dunlin_http_client_config) }
#endif

/** Why a client's last request failed. Set up with `DUNLIN_HTTP_FAILURE_INIT`. */
struct dunlin_http_failure {
    /** `sizeof(struct dunlin_http_failure)`. */
    uint32_t size;
    /** What was being done, `DUNLIN_HTTP_STAGE_...`. */
    uint32_t stage;
    /** The result that was returned, 0 when nothing failed yet. */
    int32_t code;
    /** What the driver returned; differs from `code` when that could not be believed. */
    int32_t driver_code;
};

#ifdef __cplusplus
static inline struct dunlin_http_failure dunlin_http_failure_init(void)
{
    struct dunlin_http_failure x = {};
    x.size = (uint32_t)sizeof x;
    return x;
}
#define DUNLIN_HTTP_FAILURE_INIT (dunlin_http_failure_init())
#else
#define DUNLIN_HTTP_FAILURE_INIT { .size = (uint32_t)sizeof(struct dunlin_http_failure) }
#endif

/**
 * A request (Go: `Request`). Set up with `DUNLIN_HTTP_REQUEST_INIT`; it is the application's, and
 * nothing of it is kept past the call, but the token.
 */
struct dunlin_http_request {
    /** `sizeof(struct dunlin_http_request)`. */
    uint32_t size;
    /** How many `headers`. */
    uint32_t header_count;
    /** NULL is "GET". */
    const char *method;
    /** "http://host[:port][/path][?query]". */
    const char *url;
    /**
     * Fields beside those that the library writes. A Host field replaces the URL's, a User-Agent
     * the client's; Content-Length, Transfer-Encoding and Trailer are the library's and left out.
     */
    const struct dunlin_http_header *headers;
    /** The body in memory; NULL is none, or one that `body_read` gives. */
    const void *body;
    /** Bytes of the body. With `body_read` 0 is "not known": it is sent chunked. */
    uint64_t body_len;
    /** The latest end of the wait for the head, besides the time-outs; 0 is none. */
    int64_t deadline;
    /**
     * Gives the body while it is sent: 1 to `len` bytes, 0 at its end, an error < 0, which ends
     * the request. Blocks: it may. Called from: the task of the request. Re-entry: any function
     * but on this request. Owner: `buf` is the library's, until it returns. NULL: `body`.
     */
    dunlin_ssize_t (*body_read)(void *ctx, void *buf, size_t len);
    /**
     * Goes back to the body's start, so that the request can be sent again on a new connection;
     * returns 0, or < 0 when it cannot. Otherwise as `body_read`. NULL: it cannot.
     */
    int32_t (*body_rewind)(void *ctx);
    /** Passed to `body_read` and `body_rewind`. */
    void *body_ctx;
    /** Ends the request and the reading of its answer; 0 is none. */
    dunlin_cancel_t cancel;
    /** Zero. */
    uint32_t reserved;
};

#ifdef __cplusplus
static inline struct dunlin_http_request dunlin_http_request_init(void)
{
    struct dunlin_http_request x = {};
    x.size = (uint32_t)sizeof x;
    return x;
}
#define DUNLIN_HTTP_REQUEST_INIT (dunlin_http_request_init())
#else
#define DUNLIN_HTTP_REQUEST_INIT { .size = (uint32_t)sizeof(struct dunlin_http_request) }
#endif

/**
 * dunlin_http_client_new makes a client. Its memory comes from the arena: a head buffer for each
 * answer, and some 100 bytes. `config` may be NULL.
 *
 * Returns a handle, or `DUNLIN_ERR_NO_SLOT`, `DUNLIN_ERR_NO_MEMORY`, `DUNLIN_ERR_INVALID` (numbers
 * out of range), `DUNLIN_ERR_HTTP_INVALID_HEADER_VALUE` (a name that cannot be sent),
 * `DUNLIN_ERR_VERSION`. Does not block. Any task.
 */
dunlin_http_client_t dunlin_http_client_new(const struct dunlin_http_client_config *config);

/**
 * dunlin_http_client_close closes a client: requests and reads in progress end with
 * `DUNLIN_ERR_CLOSED`, its idle connections are closed. Its memory is back when its last answer is
 * closed.
 *
 * Returns 0; `DUNLIN_ERR_BAD_HANDLE` the second time. Does not wait. Any task.
 */
int32_t dunlin_http_client_close(dunlin_http_client_t client);

/**
 * dunlin_http_client_close_idle closes the connections that no request uses (Go:
 * `CloseIdleConnections`). Returns 0 or `DUNLIN_ERR_BAD_HANDLE`. Does not wait. Any task.
 */
int32_t dunlin_http_client_close_idle(dunlin_http_client_t client);

/**
 * dunlin_http_client_adopt gives the client a connection that was opened by other means, a pipe's
 * end for example: the next request to the host of `url` uses it. Its handle is the client's from
 * here on, also when this fails.
 *
 * Returns 0, `DUNLIN_ERR_BAD_HANDLE`, `DUNLIN_ERR_INVALID`, or the errors of URLs. Does not block.
 * Any task.
 */
int32_t dunlin_http_client_adopt(dunlin_http_client_t client, const char *url, dunlin_conn_t conn);

/**
 * dunlin_http_client_failure tells why the client's last request failed, as that has no handle of
 * its own (Go: `url.Error` with its `OpError`).
 *
 * Returns 0, `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_VERSION`, `DUNLIN_ERR_BAD_HANDLE`. Does not block.
 * Any task.
 */
int32_t dunlin_http_client_failure(dunlin_http_client_t client,
                                   struct dunlin_http_failure *failure);

/**
 * dunlin_http_get fetches a URL (Go: `Client.Get`). Returns what `dunlin_http_do` returns. Blocks.
 * Any task.
 */
dunlin_http_response_t dunlin_http_get(dunlin_http_client_t client, const char *url);

/**
 * dunlin_http_post sends a body of a type, which may be NULL, to a URL (Go: `Client.Post`).
 * Returns what `dunlin_http_do` returns. Blocks. Any task.
 */
dunlin_http_response_t dunlin_http_post(dunlin_http_client_t client,
                                        const char *url,
                                        const char *content_type,
                                        const void *body,
                                        size_t body_len);

/**
 * dunlin_http_do sends a request and waits for the head of its answer (Go: `Client.Do`).
 * Everything is checked before a byte is sent. It is sent a second time only when a kept
 * connection turns out to be dead before a byte of the answer came, and the request may be made
 * twice.
 *
 * Returns a handle, to be released by `dunlin_http_response_close`; every status is a success. Or
 * `DUNLIN_ERR_TIMEOUT`, `DUNLIN_ERR_CANCELED`, `DUNLIN_ERR_CLOSED` (the client, by another task),
 * `DUNLIN_ERR_NO_SLOT` (as many answers are open as the client allows),
 * `DUNLIN_ERR_HTTP_NO_RESPONSE`, `DUNLIN_ERR_TLS_NOT_CONFIGURED` (https), those of dialing, of
 * URLs, of fields, of the answer's head, or of `body_read`. Blocks. Any task.
 */
dunlin_http_response_t dunlin_http_do(dunlin_http_client_t client,
                                      const struct dunlin_http_request *request);

/**
 * dunlin_http_response_status tells the status code, 100 to 999 (Go: `Response.StatusCode`).
 * Returns it or `DUNLIN_ERR_BAD_HANDLE`. Does not block. Any task.
 */
int32_t dunlin_http_response_status(dunlin_http_response_t r);

/**
 * dunlin_http_response_status_text tells code and reason as they came, "200 OK" (Go:
 * `Response.Status`). The view lives until the response is closed; it is empty for a bad handle.
 * Does not block. Any task.
 */
struct dunlin_str dunlin_http_response_status_text(dunlin_http_response_t r);

/**
 * dunlin_http_response_proto tells the version as it came, "HTTP/1.1" (Go: `Response.Proto`). The
 * view lives until the response is closed; it is empty for a bad handle. Does not block. Any task.
 */
struct dunlin_str dunlin_http_response_proto(dunlin_http_response_t r);

/**
 * dunlin_http_response_header tells the first value of a field, its name in any case of letters
 * (Go: `Response.Header.Get`). The view lives until the response is closed; its `ptr` is NULL when
 * there is no such field, or for a bad handle or NULL. Does not block. Any task.
 */
struct dunlin_str dunlin_http_response_header(dunlin_http_response_t r, const char *name);

/**
 * dunlin_http_response_header_at tells the field of a number, from 0, in the order they came. The
 * views live until the response is closed.
 *
 * Returns 1, or 0 behind the last field; `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_BAD_HANDLE`. Does not
 * block. Any task.
 */
int32_t dunlin_http_response_header_at(dunlin_http_response_t r,
                                       uint32_t number,
                                       struct dunlin_str *name,
                                       struct dunlin_str *value);

/**
 * dunlin_http_response_content_length tells the announced length of the body in `*length`, -1 when
 * it is not known (Go: `Response.ContentLength`).
 *
 * Returns 0, `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_BAD_HANDLE`. Does not block. Any task.
 */
int32_t dunlin_http_response_content_length(dunlin_http_response_t r, int64_t *length);

/**
 * dunlin_http_response_read reads 1 to `len` bytes of the body, without its framing (Go:
 * `Response.Body.Read`).
 *
 * Returns how many; 0 is the body's true end and nothing else. `DUNLIN_ERR_UNEXPECTED_EOF`: the
 * peer closed too early. `DUNLIN_ERR_TIMEOUT`: nothing came for the client's `idle_timeout_ms`,
 * and the answer is lost; or the answer's own deadline came, and reading may go on.
 * `DUNLIN_ERR_CANCELED`, `DUNLIN_ERR_CLOSED` (by another task), `DUNLIN_ERR_BUSY` (another task
 * reads), `DUNLIN_ERR_INVALID` (NULL, or a length of 0), those of the chunked coding and of
 * connections. Blocks. Any task, one at a time.
 */
dunlin_ssize_t dunlin_http_response_read(dunlin_http_response_t r, void *buf, size_t len);

/**
 * dunlin_http_response_set_deadline bounds the read in progress and later ones, beside the idle
 * time-out; 0 is none. Returns 0 or `DUNLIN_ERR_BAD_HANDLE`. Does not block. Any task.
 */
int32_t dunlin_http_response_set_deadline(dunlin_http_response_t r, int64_t deadline);

/**
 * dunlin_http_response_close closes an answer (Go: `Response.Body.Close`): handle and views are
 * stale. The connection is kept for the next request if the body was read to its end, or its rest
 * is short and comes within 50 ms. A read in progress ends with `DUNLIN_ERR_CLOSED`.
 *
 * Returns 0; `DUNLIN_ERR_BAD_HANDLE` the second time. Waits at most 50 ms. Any task.
 */
int32_t dunlin_http_response_close(dunlin_http_response_t r);

/* ------------------------------------------------------------------------------------------------
 * HTTP server
 * ------------------------------------------------------------------------------------------------ */

/** Every connection ends after one answer (Go: `Server.SetKeepAlivesEnabled(false)`). */
#define DUNLIN_HTTP_NO_KEEP_ALIVE 1

/**
 * One route of an application, made by `DUNLIN_HTTP_ROUTE(pattern, handler, ctx)`. Frozen: its
 * layout never changes. It is kept until the server closes, so it may lie in flash.
 */
struct dunlin_http_route {
    /**
     * `[METHOD ][HOST]/PATH`, as of Go 1.22: "GET /hello/{name}", "/files/{path...}", "/{$}". Or "*",
     * if there is no other route: every request as it came, no path is cleaned.
     */
    const char *pattern;
    /**
     * Answers a request. Returns >= 0; < 0 before the head was sent is answered 500 (or by the
     * body's error), after it the connection is aborted. Blocks: it may. Called from: a worker of
     * the server, several at once. Re-entry: everything but `dunlin_deinit` and the server's
     * shutdown. Owner: the exchange ends when it returns, unless it was detached.
     */
    int32_t (*handler)(void *ctx, dunlin_http_exchange_t x);
    /** Passed to `handler`. */
    void *ctx;
    /** NULL. */
    const void *options;
};

/**
 * How a server works. Set up with `DUNLIN_HTTP_SERVER_CONFIG_INIT`; of every number 0 is the
 * default that is named, of time-outs `DUNLIN_NO_TIMEOUT` is none.
 */
struct dunlin_http_server_config {
    /** `sizeof(struct dunlin_http_server_config)`. */
    uint32_t size;
    /** How many `routes`. */
    uint32_t route_count;
    /** What is served; kept until the server closes. */
    const struct dunlin_http_route *routes;
    /**
     * Sent as `Server`, at most 24 bytes; kept until the server closes. NULL sends none, as Go.
     */
    const char *name;
    /**
     * Bytes of body that handlers may read of one request, whatever they ask for: no limit.
     */
    uint64_t max_body_len;
    /** Bytes of unread body that are read away to keep a connection: 262,144. */
    uint64_t drain_len;
    /** Bytes of a request's head: 4096, at least 64. */
    uint32_t head_len;
    /** Fields of a head: 64. */
    uint32_t fields;
    /** Bytes of a size line of the chunked coding: 128. */
    uint32_t chunk_line;
    /** Bytes of a trailer section: 512. */
    uint32_t trailer_len;
    /**
     * Bytes of an answer that are collected before it is sent in chunks: 2048, at least 64.
     */
    uint32_t output_len;
    /** Bodies of at most that many bytes are received before the handler runs: 1024. */
    uint32_t buffered_body_len;
    /** Connections at once: 8. */
    uint32_t max_conns;
    /**
     * Requests in progress at once, each with a head and an output buffer: as many as connections.
     */
    uint32_t max_requests;
    /** Detached exchanges at once: half the requests, at least one. */
    uint32_t max_detached;
    /**
     * From accept, or from the first byte of a later request, to the end of its head: 5,000.
     */
    int32_t read_header_timeout_ms;
    /** Between two pieces of a body: 10,000. */
    int32_t read_timeout_ms;
    /** Between two pieces of an answer that the peer takes: 10,000. */
    int32_t write_timeout_ms;
    /** Between two requests: 60,000. */
    int32_t idle_timeout_ms;
    /**
     * Bytes a second that a peer must send or take while a handler waits for it and other requests
     * wait for the worker: 256.
     */
    uint32_t min_rate;
    /** Milliseconds over which the rate is taken: 2000. */
    uint32_t min_rate_window_ms;
    /** `DUNLIN_HTTP_NO_KEEP_ALIVE`, or zero. */
    uint32_t flags;
};

#ifdef __cplusplus
static inline struct dunlin_http_server_config dunlin_http_server_config_init(void)
{
    struct dunlin_http_server_config x = {};
    x.size = (uint32_t)sizeof x;
    return x;
}
#define DUNLIN_HTTP_SERVER_CONFIG_INIT (dunlin_http_server_config_init())
#else
#define DUNLIN_HTTP_SERVER_CONFIG_INIT { .size = (uint32_t)sizeof(struct dunlin_http_server_config) }
#endif

/** The counters of a server. Set up with `DUNLIN_HTTP_SERVER_STATS_INIT`. They wrap. */
struct dunlin_http_server_stats {
    /** `sizeof(struct dunlin_http_server_stats)`. */
    uint32_t size;
    /** Connections taken. */
    uint32_t accepted;
    /** Connections now. */
    uint32_t active;
    /** Detached exchanges now. */
    uint32_t detached;
    /** Requests by the first digit of their answer's status: `answers[0]` is 1xx. */
    uint32_t answers[5];
    /** Connections ended by a time-out. */
    uint32_t timeouts;
    /** Heads that could not be served. */
    uint32_t rejected;
    /** Connections ended to make room. */
    uint32_t evicted;
    /** Peers ended for moving less than the minimum rate. */
    uint32_t slow;
    /** Connections that handlers took over (`dunlin_http_hijack`). */
    uint32_t hijacked;
};

#ifdef __cplusplus
static inline struct dunlin_http_server_stats dunlin_http_server_stats_init(void)
{
    struct dunlin_http_server_stats x = {};
    x.size = (uint32_t)sizeof x;
    return x;
}
#define DUNLIN_HTTP_SERVER_STATS_INIT (dunlin_http_server_stats_init())
#else
#define DUNLIN_HTTP_SERVER_STATS_INIT { .size = (uint32_t)sizeof(struct dunlin_http_server_stats) }
#endif

/**
 * dunlin_http_server_new makes a server. Its memory comes from the arena, all of it now: for each
 * request in progress a head and an output buffer, for each connection and route some 100 bytes.
 *
 * Returns a handle, or `DUNLIN_ERR_INVALID` (NULL, limits that make no sense or exceed the
 * build's), `DUNLIN_ERR_HTTP_PATTERN`, `DUNLIN_ERR_HTTP_PATTERN_CONFLICT`, `DUNLIN_ERR_NO_MEMORY`,
 * `DUNLIN_ERR_NO_SLOT`, `DUNLIN_ERR_VERSION`. Does not block. Any task.
 */
dunlin_http_server_t dunlin_http_server_new(const struct dunlin_http_server_config *config);

/**
 * dunlin_http_server_listen listens on `address`, ":8080" or "127.0.0.1:0" for example, on all
 * devices or the one that has the address; up to four addresses, before or while workers serve
 * (Go: `net.Listen` and `Server.Serve`).
 *
 * Returns 0, or the errors of `dunlin_listen`; `DUNLIN_ERR_NO_SLOT`,
 * `DUNLIN_ERR_HTTP_SERVER_CLOSED`, `DUNLIN_ERR_BAD_HANDLE`. Does not wait for the network. Any
 * task.
 */
int32_t dunlin_http_server_listen(dunlin_http_server_t server, const char *address);

/**
 * dunlin_http_server_listen_with listens as `dunlin_listen` with the same arguments does, for a
 * server. Returns as `dunlin_http_server_listen`. Does not wait for the network. Any task.
 */
int32_t dunlin_http_server_listen_with(dunlin_http_server_t server,
                                       const struct dunlin_listen_config *config,
                                       const char *network,
                                       const char *address);

/**
 * dunlin_http_server_addr tells the address of a listener, numbered from 0 in the order they were
 * made, with the port that the device chose.
 *
 * Returns 0, or `DUNLIN_ERR_INVALID` (no such listener, NULL), `DUNLIN_ERR_BAD_HANDLE`,
 * `DUNLIN_ERR_NOT_SUPPORTED` (by the driver). Does not block. Any task.
 */
int32_t dunlin_http_server_addr(dunlin_http_server_t server,
                                uint32_t number,
                                struct dunlin_addr *addr);

/**
 * dunlin_http_server_adopt serves a connection that was made by other means, a pipe's end for
 * example. Its handle is the server's from here on, also when this fails.
 *
 * Returns 0, or `DUNLIN_ERR_NO_SLOT`, `DUNLIN_ERR_HTTP_SERVER_CLOSED`, `DUNLIN_ERR_BAD_HANDLE`.
 * Does not block. Any task.
 */
int32_t dunlin_http_server_adopt(dunlin_http_server_t server, dunlin_conn_t conn);

/**
 * dunlin_http_server_serve works for the server until it is closed or shut down (Go:
 * `Server.Serve`). The calling task is a worker: it waits for all connections and runs handlers.
 * Any number of tasks may call it on the same server; each runs one handler at a time.
 *
 * Returns `DUNLIN_ERR_HTTP_SERVER_CLOSED` at the end; `DUNLIN_ERR_NO_SLOT` when `DUNLIN_MAX_TASKS`
 * tasks wait already, `DUNLIN_ERR_BAD_HANDLE`. Blocks. Any task.
 */
int32_t dunlin_http_server_serve(dunlin_http_server_t server);

/**
 * dunlin_http_server_serve_until is `dunlin_http_server_serve` up to `deadline`, for a task that does
 * other things too: `dunlin_poll` says when there is something to do. A handler that began is finished
 * first. With a deadline that has passed it does what is ready, runs at most one handler, and waits
 * for nothing but that handler.
 *
 * Returns `DUNLIN_ERR_TIMEOUT` at the deadline, otherwise as `dunlin_http_server_serve`. Blocks up to
 * `deadline`. Any task.
 */
int32_t dunlin_http_server_serve_until(dunlin_http_server_t server,
                                       int64_t deadline);

/**
 * dunlin_http_server_shutdown stops accepting, ends idle connections and waits for requests in
 * progress (Go: `Server.Shutdown`). Then every `dunlin_http_server_serve` returns; the server is
 * still to be closed.
 *
 * Returns 0; `DUNLIN_ERR_TIMEOUT` when requests are left at `deadline`, which go on;
 * `DUNLIN_ERR_REENTRANT` from a handler of this server, `DUNLIN_ERR_BAD_HANDLE`. Blocks up to
 * `deadline`. Any task.
 */
int32_t dunlin_http_server_shutdown(dunlin_http_server_t server, int64_t deadline);

/**
 * dunlin_http_server_close ends a server at once (Go: `Server.Close`): its listeners and
 * connections are closed, every `dunlin_http_server_serve` returns when its handler has. Routes
 * and name are given back when they all have returned.
 *
 * Returns 0; `DUNLIN_ERR_BAD_HANDLE` the second time. Does not wait. Any task, from handlers too.
 */
int32_t dunlin_http_server_close(dunlin_http_server_t server);

/**
 * dunlin_http_server_stats tells the counters. Returns 0 or `DUNLIN_ERR_INVALID`,
 * `DUNLIN_ERR_VERSION`, `DUNLIN_ERR_BAD_HANDLE`. Does not block. Any task.
 */
int32_t dunlin_http_server_stats(dunlin_http_server_t server,
                                 struct dunlin_http_server_stats *stats);

/* ------------------------------------------------------------------------------------------------
 * Interface flags
 * ------------------------------------------------------------------------------------------------ */

/** Bytes that the names of all flags take, their NUL included. */
#define DUNLIN_FLAGS_TEXT_MAX 53

/** The interface is up: its administrator switched it on. */
#define DUNLIN_FLAG_UP 1

/** The interface carries broadcasts. */
#define DUNLIN_FLAG_BROADCAST 2

/** The interface leads back to this system. */
#define DUNLIN_FLAG_LOOPBACK 4

/** The interface is one end of a link with exactly one other. */
#define DUNLIN_FLAG_POINT_TO_POINT 8

/** The interface carries multicast. */
#define DUNLIN_FLAG_MULTICAST 16

/** The interface is in operation: its link is there. */
#define DUNLIN_FLAG_RUNNING 32

/**
 * dunlin_flags_format writes the names of the `DUNLIN_FLAG_...` that are set, NUL-terminated:
 * "up|broadcast|multicast", or "0" for none (Go: `Flags.String`). `DUNLIN_FLAGS_TEXT_MAX` bytes
 * are always enough.
 *
 * Returns the length without the NUL, or `DUNLIN_ERR_BUFFER_TOO_SMALL`, `DUNLIN_ERR_INVALID` for
 * NULL. Does not block. Any task, before `dunlin_init` too.
 */
int32_t dunlin_flags_format(uint32_t flags, char *buf, size_t capacity);

/* ------------------------------------------------------------------------------------------------
 * HTTP answer
 * ------------------------------------------------------------------------------------------------ */

/**
 * dunlin_http_set_cookie adds a `Set-Cookie` field to the answer (Go: `http.SetCookie`).
 *
 * Returns 0, `DUNLIN_ERR_HTTP_INVALID_HEADER_NAME` for a name that is no token,
 * `DUNLIN_ERR_BUFFER_TOO_SMALL`, `DUNLIN_ERR_HTTP_HEADERS_SENT`, `DUNLIN_ERR_INVALID`,
 * `DUNLIN_ERR_VERSION`, `DUNLIN_ERR_BAD_HANDLE`. Does not block.
 */
int32_t dunlin_http_set_cookie(dunlin_http_exchange_t x, const struct dunlin_http_cookie *cookie);

/**
 * dunlin_http_omit_header sends no field of a name, not even the one that is automatic: `Date`,
 * `Content-Type`, `Content-Length` (Go: a key of `Header` without values). Setting it again ends that.
 * Returns 0, `DUNLIN_ERR_HTTP_HEADERS_SENT`, `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_BAD_HANDLE`. Does not block.
 */
int32_t dunlin_http_omit_header(dunlin_http_exchange_t x,
                                const char *name);

/**
 * dunlin_http_answer_header tells the first value set for a field of the answer, its name in any case
 * of letters (Go: `ResponseWriter.Header().Get`). The view holds until a field is set. `ptr` is NULL when
 * there is none, for a bad handle or NULL. Does not block.
 */
struct dunlin_str dunlin_http_answer_header(dunlin_http_exchange_t x,
                                            const char *name);

/**
 * dunlin_http_set_trailer adds a trailer to the answer: a field behind its body, which is chunked then
 * (Go: `TrailerPrefix`). One that a `Trailer` field announces may be set by
 * `dunlin_http_set_header` too, also when the head is out. Peers of HTTP/1.0 and answers without
 * a body get none.
 *
 * Returns as `dunlin_http_set_header`; `DUNLIN_ERR_HTTP_HEADERS_SENT` when the status was decided without
 * a trailer and the head is not out. Does not block.
 */
int32_t dunlin_http_set_trailer(dunlin_http_exchange_t x,
                                const char *name,
                                const char *value);

/**
 * dunlin_http_trailer tells the first value of a trailer of the request, its name in any case of
 * letters, once the whole body was read (Go: `Request.Trailer`). `ptr` is NULL when there is none, when
 * they did not fit the head buffer, for a bad handle or NULL. Does not block.
 */
struct dunlin_str dunlin_http_trailer(dunlin_http_exchange_t x,
                                      const char *name);

/**
 * dunlin_http_trailer_at tells the trailer of a number, from 0, in the order they came.
 *
 * Returns 1, or 0 behind the last and before the body's end; `DUNLIN_ERR_BUFFER_TOO_SMALL` when they did
 * not fit the head buffer, `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_STATE` (detached),
 * `DUNLIN_ERR_BAD_HANDLE`. Does not block.
 */
int32_t dunlin_http_trailer_at(dunlin_http_exchange_t x,
                               uint32_t number,
                               struct dunlin_str *name,
                               struct dunlin_str *value);

/**
 * dunlin_http_write_informational sends an interim answer, 103 Early Hints for example, with the
 * fields set so far, which stay set (Go: `WriteHeader` with 1xx). May repeat.
 *
 * Returns 0, `DUNLIN_ERR_INVALID` for a status that is not 1xx, and for 101,
 * `DUNLIN_ERR_HTTP_HEADERS_SENT`, `DUNLIN_ERR_CLOSED` (the peer left), `DUNLIN_ERR_BAD_HANDLE`, or those of
 * connections. Blocks while the peer does not take it.
 */
int32_t dunlin_http_write_informational(dunlin_http_exchange_t x,
                                        int32_t status);

/**
 * dunlin_http_close_body reads the rest of the request's body away, as far as the server's `drain_len`
 * allows, so that the connection can stay (Go: `Request.Body.Close`). Reading is
 * `DUNLIN_ERR_HTTP_BODY_READ_AFTER_CLOSE` from then on. It happens by itself when the answer's head goes
 * out, unless `dunlin_http_full_duplex`.
 *
 * Returns 0, `DUNLIN_ERR_TIMEOUT`, `DUNLIN_ERR_HTTP_SLOW_PEER`, `DUNLIN_ERR_CLOSED`,
 * `DUNLIN_ERR_BAD_HANDLE`. Blocks, while the task goes on serving others.
 */
int32_t dunlin_http_close_body(dunlin_http_exchange_t x);

/**
 * dunlin_http_full_duplex lets the handler read the request's body on after its answer has begun (Go:
 * `ResponseController.EnableFullDuplex`). A peer that reads nothing before it has sent all then
 * hangs until a time-out. Returns 0 or `DUNLIN_ERR_BAD_HANDLE`. Does not block.
 */
int32_t dunlin_http_full_duplex(dunlin_http_exchange_t x);

/**
 * dunlin_http_abort drops the connection without another byte (Go: a panic with `ErrAbortHandler`).
 * Functions of the exchange are `DUNLIN_ERR_CLOSED` from then on. Returning
 * `DUNLIN_ERR_HTTP_ABORTED` from the handler does the same. Returns 0 or `DUNLIN_ERR_BAD_HANDLE`.
 * Does not block.
 */
int32_t dunlin_http_abort(dunlin_http_exchange_t x);

/**
 * dunlin_http_hijack takes the connection over (Go: `Hijacker.Hijack`): it is the caller's to close,
 * without deadlines, and its next reads give what the server had received and not used. The server
 * sends nothing more, its place serves another connection, and the exchange is over. A status that was
 * decided goes out first, without what was collected of its body.
 *
 * Returns the connection; `DUNLIN_ERR_STATE` when the exchange is detached, `DUNLIN_ERR_NO_MEMORY` when
 * the arena has no room for the bytes that came ahead (the exchange goes on),
 * `DUNLIN_ERR_CLOSED` (the peer left), `DUNLIN_ERR_BAD_HANDLE`, or those of connections. Blocks for a
 * decided status only.
 */
dunlin_conn_t dunlin_http_hijack(dunlin_http_exchange_t x);

/**
 * dunlin_http_upgrade answers 101 Switching Protocols with the fields that were set, and takes the
 * connection over as `dunlin_http_hijack`. The request must ask for `protocol`.
 *
 * Returns as `dunlin_http_hijack`; `DUNLIN_ERR_HTTP_UNEXPECTED_UPGRADE` when the request does not ask
 * for it, `DUNLIN_ERR_HTTP_HEADERS_SENT`, `DUNLIN_ERR_INVALID`. Blocks while the peer does not take it.
 */
dunlin_conn_t dunlin_http_upgrade(dunlin_http_exchange_t x,
                                  const char *protocol);

/* ------------------------------------------------------------------------------------------------
 * HTTP exchange
 * ------------------------------------------------------------------------------------------------ */

/**
 * dunlin_http_method tells the method (Go: `Request.Method`). Empty for a bad handle. Does not
 * block.
 */
struct dunlin_str dunlin_http_method(dunlin_http_exchange_t x);

/**
 * dunlin_http_target tells the target as it came (Go: `Request.RequestURI`). Empty for a bad
 * handle. Does not block.
 */
struct dunlin_str dunlin_http_target(dunlin_http_exchange_t x);

/**
 * dunlin_http_path tells the path, still escaped (Go: `URL.EscapedPath`). Empty for a bad handle.
 * Does not block.
 */
struct dunlin_str dunlin_http_path(dunlin_http_exchange_t x);

/**
 * dunlin_http_query tells the query without its "?", still escaped (Go: `URL.RawQuery`). Empty for
 * a bad handle. Does not block.
 */
struct dunlin_str dunlin_http_query(dunlin_http_exchange_t x);

/**
 * dunlin_http_host tells the host asked for, with its port if that came (Go: `Request.Host`).
 * Empty for a bad handle. Does not block.
 */
struct dunlin_str dunlin_http_host(dunlin_http_exchange_t x);

/**
 * dunlin_http_proto tells the version, "HTTP/1.1" (Go: `Request.Proto`). Static; empty for a bad
 * handle. Does not block.
 */
struct dunlin_str dunlin_http_proto(dunlin_http_exchange_t x);

/**
 * dunlin_http_path_value tells what a wildcard of the route's pattern stands for, unescaped (Go:
 * `Request.PathValue`). Empty for a name that the pattern does not have, for a value with escapes
 * that does not fit the head buffer, for a bad handle or NULL. Does not block.
 */
struct dunlin_str dunlin_http_path_value(dunlin_http_exchange_t x, const char *name);

/**
 * dunlin_http_header_at tells the field of a number, from 0, in the order they came.
 *
 * Returns 1, or 0 behind the last field; `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_STATE` (detached),
 * `DUNLIN_ERR_BAD_HANDLE`. Does not block.
 */
int32_t dunlin_http_header_at(dunlin_http_exchange_t x,
                              uint32_t number,
                              struct dunlin_str *name,
                              struct dunlin_str *value);

/**
 * dunlin_http_content_length tells the announced length of the request's body in `*length`, -1
 * when it is chunked (Go: `Request.ContentLength`).
 *
 * Returns 0, `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_STATE` (detached), `DUNLIN_ERR_BAD_HANDLE`. Does
 * not block.
 */
int32_t dunlin_http_content_length(dunlin_http_exchange_t x, int64_t *length);

/**
 * dunlin_http_remote_addr tells the peer's address (Go: `Request.RemoteAddr`). Returns 0,
 * `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_CLOSED`, `DUNLIN_ERR_BAD_HANDLE`, or the driver's. Does not
 * block.
 */
int32_t dunlin_http_remote_addr(dunlin_http_exchange_t x, struct dunlin_addr *addr);

/**
 * dunlin_http_local_addr tells the server's address (Go: `LocalAddrContextKey`). Returns as
 * `dunlin_http_remote_addr`. Does not block.
 */
int32_t dunlin_http_local_addr(dunlin_http_exchange_t x, struct dunlin_addr *addr);

/**
 * dunlin_http_read reads 1 to `len` bytes of the request's body, without its framing (Go:
 * `Request.Body.Read`). The first read asks a peer that waits for it to go on (100 Continue).
 *
 * Returns how many; 0 is the body's end and nothing else. Errors stay, and returned by the handler
 * they become the answer: `DUNLIN_ERR_HTTP_BODY_TOO_LARGE` 413, a malformed body 400,
 * `DUNLIN_ERR_TIMEOUT` and `DUNLIN_ERR_HTTP_SLOW_PEER` 408. `DUNLIN_ERR_UNEXPECTED_EOF`: the peer
 * closed too early. `DUNLIN_ERR_INVALID` (NULL, or a length of 0), `DUNLIN_ERR_BAD_HANDLE`.
 * Blocks, while the task goes on serving others.
 */
dunlin_ssize_t dunlin_http_read(dunlin_http_exchange_t x, void *buf, size_t len);

/**
 * dunlin_http_limit_body bounds what `dunlin_http_read` gives to `max` bytes from here on (Go:
 * `http.MaxBytesReader`); past it that is `DUNLIN_ERR_HTTP_BODY_TOO_LARGE`. Returns 0 or
 * `DUNLIN_ERR_BAD_HANDLE`. Does not block.
 */
int32_t dunlin_http_limit_body(dunlin_http_exchange_t x, uint64_t max);

/**
 * dunlin_http_set_header sets a field of the answer in place of all of that name (Go:
 * `Header.Set`); both are copied, line ends in the value as spaces. Fields go out in the order of
 * their names. Behind the status it sets a trailer that a `Trailer` field announced.
 *
 * Returns 0, `DUNLIN_ERR_HTTP_HEADERS_SENT` once the status is decided,
 * `DUNLIN_ERR_BUFFER_TOO_SMALL` (the head buffer is full), `DUNLIN_ERR_HTTP_INVALID_HEADER_NAME`,
 * `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_BAD_HANDLE`. Does not block.
 */
int32_t dunlin_http_set_header(dunlin_http_exchange_t x, const char *name, const char *value);

/**
 * dunlin_http_add_header adds a field of the answer behind those of the same name (Go:
 * `Header.Add`). Returns as `dunlin_http_set_header`. Does not block.
 */
int32_t dunlin_http_add_header(dunlin_http_exchange_t x, const char *name, const char *value);

/**
 * dunlin_http_del_header takes the fields of a name out of the answer (Go: `Header.Del`). Returns
 * 0, `DUNLIN_ERR_HTTP_HEADERS_SENT`, `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_BAD_HANDLE`. Does not
 * block.
 */
int32_t dunlin_http_del_header(dunlin_http_exchange_t x, const char *name);

/**
 * dunlin_http_write_head decides the status of the answer and closes its fields (Go:
 * `WriteHeader`); 200 if the body is written without it. 1xx, but 101, goes out at once and may
 * repeat.
 *
 * Returns 0, `DUNLIN_ERR_INVALID` outside 100 to 999, `DUNLIN_ERR_HTTP_HEADERS_SENT` the second
 * time, `DUNLIN_ERR_CLOSED` (the peer left), `DUNLIN_ERR_BAD_HANDLE`. Blocks for 1xx only.
 */
int32_t dunlin_http_write_head(dunlin_http_exchange_t x, int32_t status);

/**
 * dunlin_http_write writes a text to the answer's body (Go: `ResponseWriter.Write`). What fits the
 * output buffer is collected: an answer that fits wholly gets its Content-Length, a longer one is
 * chunked. Without a `Content-Type` the first bytes tell it. When the head goes out, what the handler has
 * not read of the request's body is read away, see `dunlin_http_close_body`.
 *
 * Returns 0 when all of it was taken; `DUNLIN_ERR_HTTP_BODY_NOT_ALLOWED` (1xx, 204, 304),
 * `DUNLIN_ERR_HTTP_CONTENT_LENGTH` (more than announced), `DUNLIN_ERR_CLOSED` (the peer left),
 * `DUNLIN_ERR_TIMEOUT`, `DUNLIN_ERR_HTTP_SLOW_PEER`, `DUNLIN_ERR_INVALID`,
 * `DUNLIN_ERR_BAD_HANDLE`, or those of connections; after an error the answer is broken. Blocks
 * while the peer takes what does not fit.
 */
int32_t dunlin_http_write(dunlin_http_exchange_t x,
                          struct dunlin_str text);

/**
 * dunlin_http_write_bytes writes bytes to the answer's body. Returns and blocks as
 * `dunlin_http_write`.
 */
int32_t dunlin_http_write_bytes(dunlin_http_exchange_t x, const void *data, size_t len);

/**
 * dunlin_http_write_str writes a NUL-terminated text, of at most 65,536 bytes, to the answer's
 * body. Returns and blocks as `dunlin_http_write`.
 */
int32_t dunlin_http_write_str(dunlin_http_exchange_t x, const char *text);

/**
 * dunlin_http_write_u32 writes a number in decimal to the answer's body. Returns and blocks as
 * `dunlin_http_write`.
 */
int32_t dunlin_http_write_u32(dunlin_http_exchange_t x, uint32_t number);

/**
 * dunlin_http_write_hex writes a number in lower-case hexadecimal, without leading zeros, to the
 * answer's body. Returns and blocks as `dunlin_http_write`.
 */
int32_t dunlin_http_write_hex(dunlin_http_exchange_t x, uint64_t number);

/**
 * dunlin_http_flush sends what was collected, the head first (Go: `Flusher.Flush`). Returns and
 * blocks as `dunlin_http_write`.
 */
int32_t dunlin_http_flush(dunlin_http_exchange_t x);

/**
 * dunlin_http_reply is the whole answer: status, the fields that were set, and a body, which is
 * copied as far as it fits the output buffer, else waited for.
 *
 * Returns as `dunlin_http_write`; `DUNLIN_ERR_HTTP_HEADERS_SENT` when the answer has begun. Blocks
 * for long bodies only.
 */
int32_t dunlin_http_reply(dunlin_http_exchange_t x,
                          int32_t status,
                          const void *body,
                          size_t body_len);

/**
 * dunlin_http_reply_static is the whole answer, with a body that is sent from where it is after
 * the handler has returned: it must not change or go until the server closes (in flash, for
 * example).
 *
 * Returns 0, `DUNLIN_ERR_HTTP_HEADERS_SENT`, `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_CLOSED`,
 * `DUNLIN_ERR_BAD_HANDLE`. Does not block.
 */
int32_t dunlin_http_reply_static(dunlin_http_exchange_t x,
                                 int32_t status,
                                 const void *body,
                                 size_t body_len);

/**
 * dunlin_http_error is a whole answer in plain text, with a line end behind it (Go: `http.Error`).
 *
 * Returns 0, `DUNLIN_ERR_HTTP_HEADERS_SENT`, `DUNLIN_ERR_BUFFER_TOO_SMALL` (the text is longer
 * than the output buffer), `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_CLOSED`, `DUNLIN_ERR_BAD_HANDLE`.
 * Does not block.
 */
int32_t dunlin_http_error(dunlin_http_exchange_t x, int32_t status, const char *text);

/**
 * dunlin_http_not_found answers 404 (Go: `http.NotFound`). Returns as `dunlin_http_error`. Does
 * not block.
 */
int32_t dunlin_http_not_found(dunlin_http_exchange_t x);

/**
 * dunlin_http_redirect sends the peer elsewhere (Go: `http.Redirect`), with a status of 300 to
 * 399. `target` without scheme and host is resolved against the request's path and cleaned.
 *
 * Returns as `dunlin_http_error`; `DUNLIN_ERR_BUFFER_TOO_SMALL` when it does not fit the output buffer or
 * the head buffer. Does not block.
 */
int32_t dunlin_http_redirect(dunlin_http_exchange_t x,
                             const char *target,
                             int32_t status);

/**
 * dunlin_http_sse_begin begins an answer of server-sent events and sends its head. Returns and
 * blocks as `dunlin_http_flush`; `DUNLIN_ERR_HTTP_HEADERS_SENT` when an answer has begun.
 */
int32_t dunlin_http_sse_begin(dunlin_http_exchange_t x);

/**
 * dunlin_http_sse_send sends one event, whole or not at all. `event` may be NULL; `data` may have
 * several lines.
 *
 * Returns 0, `DUNLIN_ERR_WOULD_BLOCK` while the peer has not taken enough of the earlier ones,
 * `DUNLIN_ERR_BUFFER_TOO_SMALL` when it can never fit the output buffer, `DUNLIN_ERR_CLOSED` (the
 * peer left), `DUNLIN_ERR_STATE` before `dunlin_http_sse_begin`, `DUNLIN_ERR_INVALID` (NULL, or a
 * line end in `event`), `DUNLIN_ERR_BAD_HANDLE`. Does not block. Any task, of a detached exchange.
 */
int32_t dunlin_http_sse_send(dunlin_http_exchange_t x, const char *event, const char *data);

/**
 * dunlin_http_detach lets the exchange live on when its handler returns, whose result then does
 * not matter. From then on any task may write, and `dunlin_http_finish` is its only end.
 * `on_close`, which may be NULL, is called once when the peer leaves or the server closes. Blocks:
 * it should not. Called from: a task inside the server. Re-entry: everything but `dunlin_deinit`
 * and the server's shutdown; `dunlin_http_finish` is still to be called, and may be from there.
 *
 * Returns `x`, or `DUNLIN_ERR_NO_SLOT` when the server's `max_detached` are detached,
 * `DUNLIN_ERR_STATE` when it is already, `DUNLIN_ERR_BAD_HANDLE`. Does not block. From the
 * handler's task.
 */
dunlin_http_exchange_t dunlin_http_detach(dunlin_http_exchange_t x,
                                          void (*on_close)(void *ctx, dunlin_http_exchange_t x),
                                          void *ctx);

/**
 * dunlin_http_finish ends a detached exchange: the handle is stale, the rest of the answer is
 * sent.
 *
 * Returns 0, `DUNLIN_ERR_STATE` when it is not detached, `DUNLIN_ERR_BAD_HANDLE`. Does not block.
 * Any task.
 */
int32_t dunlin_http_finish(dunlin_http_exchange_t x);

/* ------------------------------------------------------------------------------------------------
 * HTTP multipart bodies
 * ------------------------------------------------------------------------------------------------ */

/**
 * A multipart body that is read part by part (Go: `multipart.Reader`). Set up with
 * `DUNLIN_HTTP_MULTIPART_INIT`, then set `window`; the rest is the library's between
 * `dunlin_http_multipart_begin` and the end of the exchange. There is nothing to close.
 */
struct dunlin_http_multipart {
    /** `sizeof(struct dunlin_http_multipart)`. */
    uint32_t size;
    /** The exchange whose body it is. */
    dunlin_http_exchange_t exchange;
    /**
     * Memory of the application's that holds what was read and not yet used: the fields of a part
     * must fit, its data need not. At least twice the boundary and 64 bytes; 512 for usual forms.
     */
    void *window;
    /** Bytes of `window`. */
    size_t window_len;
    /** The most parts: 0 is 1000, Go's, which is also the greatest. */
    uint32_t max_parts;
    /**
     * The most fields of a part, and of all parts with file names together: 0 is 10,000, Go's, which
     * is also the greatest.
     */
    uint32_t max_fields;
    /** The library's. */
    uint32_t state[20];
};

#ifdef __cplusplus
static inline struct dunlin_http_multipart dunlin_http_multipart_init(void)
{
    struct dunlin_http_multipart x = {};
    x.size = (uint32_t)sizeof x;
    return x;
}
#define DUNLIN_HTTP_MULTIPART_INIT (dunlin_http_multipart_init())
#else
#define DUNLIN_HTTP_MULTIPART_INIT { .size = (uint32_t)sizeof(struct dunlin_http_multipart) }
#endif

/**
 * dunlin_http_multipart_begin begins to read the parts of a request's body, of the type
 * multipart/form-data or multipart/mixed (Go: `Request.MultipartReader`).
 *
 * Returns 0; `DUNLIN_ERR_HTTP_NOT_MULTIPART`, `DUNLIN_ERR_HTTP_MISSING_BOUNDARY`,
 * `DUNLIN_ERR_BUFFER_TOO_SMALL` (the window), `DUNLIN_ERR_INVALID` (NULL, or limits past the
 * greatest), `DUNLIN_ERR_VERSION`, `DUNLIN_ERR_STATE` (detached), `DUNLIN_ERR_BAD_HANDLE`. Does not
 * block.
 */
int32_t dunlin_http_multipart_begin(dunlin_http_exchange_t x, struct dunlin_http_multipart *m);

/**
 * dunlin_http_multipart_next goes to the next part, past what was not read of this one (Go:
 * `Reader.NextPart`).
 *
 * Returns 1, or 0 behind the last part. Errors stay: `DUNLIN_ERR_HTTP_MALFORMED_MULTIPART`,
 * `DUNLIN_ERR_HTTP_MALFORMED_HEADER`, `DUNLIN_ERR_HTTP_HEADER_TOO_LARGE` (fields that do not fit the
 * window, or too many), `DUNLIN_ERR_HTTP_LINE_TOO_LONG` (4096 bytes before the first part),
 * `DUNLIN_ERR_HTTP_BODY_TOO_LARGE` (too many parts), `DUNLIN_ERR_UNEXPECTED_EOF`,
 * `DUNLIN_ERR_STATE` (not begun), `DUNLIN_ERR_INVALID`, and as `dunlin_http_read`. Blocks as that
 * does.
 */
int32_t dunlin_http_multipart_next(struct dunlin_http_multipart *m);

/**
 * dunlin_http_multipart_read reads 1 to `len` bytes of the part's data; quoted-printable data is
 * decoded (Go: `Part.Read`).
 *
 * Returns how many; 0 is the part's end and nothing else. Errors as `dunlin_http_multipart_next`;
 * `DUNLIN_ERR_BUFFER_TOO_SMALL` for blanks of quoted-printable that do not fit the window. Blocks as
 * `dunlin_http_read`.
 */
dunlin_ssize_t dunlin_http_multipart_read(struct dunlin_http_multipart *m,
                                          void *buf,
                                          size_t len);

/**
 * dunlin_http_multipart_name writes the name of the part's form field, and ends it with a NUL (Go:
 * `Part.FormName`). Before the part's data is read.
 *
 * Returns the length without the NUL, 0 for a part without a name; `DUNLIN_ERR_BUFFER_TOO_SMALL`,
 * `DUNLIN_ERR_STATE` (no part, or its data was read), `DUNLIN_ERR_INVALID`. Does not block.
 */
int32_t dunlin_http_multipart_name(const struct dunlin_http_multipart *m,
                                   char *buf,
                                   size_t capacity);

/**
 * dunlin_http_multipart_file_name writes the part's file name without the folders before it (up to
 * the last "/"), and ends it with a NUL (Go: `Part.FileName`). Before the part's data is read.
 *
 * Returns as `dunlin_http_multipart_name`, 0 for a part that is no file. A name may still be "." or
 * ".." or have bytes that a file system takes for more. Does not block.
 */
int32_t dunlin_http_multipart_file_name(const struct dunlin_http_multipart *m,
                                        char *buf,
                                        size_t capacity);

/**
 * dunlin_http_multipart_header tells the first value of a field of the part, its name in any case
 * of letters (Go: `Part.Header.Get`). The view lives until the part's data is read or the next part
 * comes. `ptr` is NULL when there is none, then, and for NULL. Does not block.
 */
struct dunlin_str dunlin_http_multipart_header(const struct dunlin_http_multipart *m,
                                               const char *name);

/**
 * dunlin_http_multipart_header_at tells the field of a number, from 0, of the part (Go:
 * `Part.Header`); the views live as that of `dunlin_http_multipart_header`.
 *
 * Returns 1, or 0 behind the last field; `DUNLIN_ERR_STATE` (no part, or its data was read),
 * `DUNLIN_ERR_INVALID`. Does not block.
 */
int32_t dunlin_http_multipart_header_at(const struct dunlin_http_multipart *m,
                                        uint32_t number,
                                        struct dunlin_str *name,
                                        struct dunlin_str *value);

/* ------------------------------------------------------------------------------------------------
 * HTTP texts
 * ------------------------------------------------------------------------------------------------ */

/** Nothing is said of other sites' requests. */
#define DUNLIN_SAME_SITE_UNSET 0

/** It is said, with no value that is known. */
#define DUNLIN_SAME_SITE_DEFAULT 1

/** "Lax" */
#define DUNLIN_SAME_SITE_LAX 2

/** "Strict" */
#define DUNLIN_SAME_SITE_STRICT 3

/** "None" */
#define DUNLIN_SAME_SITE_NONE 4

/** Not over plain HTTP. */
#define DUNLIN_COOKIE_SECURE 1

/** Not for scripts. */
#define DUNLIN_COOKIE_HTTP_ONLY 2

/** Kept apart by the site that embeds this one. */
#define DUNLIN_COOKIE_PARTITIONED 4

/** The value had quotes, or is to get them. */
#define DUNLIN_COOKIE_QUOTED 8

/** `expires` is set. */
#define DUNLIN_COOKIE_EXPIRES 16

/**
 * A cookie as a server sets it (Go: `http.Cookie`). Set up with `DUNLIN_HTTP_COOKIE_INIT`; a view
 * of nothing is no such attribute.
 */
struct dunlin_http_cookie {
    /** `sizeof(struct dunlin_http_cookie)`. */
    uint32_t size;
    /** `DUNLIN_COOKIE_...`. */
    uint32_t flags;
    /** `DUNLIN_SAME_SITE_...`. */
    uint32_t same_site;
    /** Zero. */
    uint32_t reserved;
    /** Unix seconds, if `DUNLIN_COOKIE_EXPIRES` is set. */
    int64_t expires;
    /** Seconds; 0 says nothing, a negative number deletes the cookie. */
    int64_t max_age;
    /** A token. */
    struct dunlin_str name;
    /** Without its quotes. */
    struct dunlin_str value;
    /** The path it is for. */
    struct dunlin_str path;
    /** The domain it is for; none: the host alone. */
    struct dunlin_str domain;
};

#ifdef __cplusplus
static inline struct dunlin_http_cookie dunlin_http_cookie_init(void)
{
    struct dunlin_http_cookie x = {};
    x.size = (uint32_t)sizeof x;
    return x;
}
#define DUNLIN_HTTP_COOKIE_INIT (dunlin_http_cookie_init())
#else
#define DUNLIN_HTTP_COOKIE_INIT { .size = (uint32_t)sizeof(struct dunlin_http_cookie) }
#endif

/**
 * dunlin_http_detect_content_type tells the media type of what begins with these bytes, of which at
 * most 512 decide (Go: `http.DetectContentType`): "application/octet-stream" if nothing tells.
 * Static; `ptr` is NULL for NULL. Does not block. Any task, before `dunlin_init` too.
 */
struct dunlin_str dunlin_http_detect_content_type(const void *data, size_t len);

/**
 * dunlin_http_status_text tells the reason phrase of a status (Go: `http.StatusText`). Static;
 * empty for one that is not known. Does not block. Any task, before `dunlin_init` too.
 */
struct dunlin_str dunlin_http_status_text(int32_t status);

/**
 * dunlin_http_time_parse reads the time of a field in one of its three forms into `*seconds`
 * since 1970 (Go: `http.ParseTime`).
 *
 * Returns 0 or `DUNLIN_ERR_INVALID`. Does not block. Any task, before `dunlin_init` too.
 */
int32_t dunlin_http_time_parse(struct dunlin_str time, int64_t *seconds);

/**
 * dunlin_http_time_format writes a time as fields have it, "Thu, 01 Jan 1970 00:00:00 GMT", and ends
 * it with a NUL (Go: `http.TimeFormat`): 30 bytes. Years outside of 0 to 9999 become the nearest
 * one.
 *
 * Returns 29; `DUNLIN_ERR_BUFFER_TOO_SMALL`, `DUNLIN_ERR_INVALID`. Does not block. Any task, before
 * `dunlin_init` too.
 */
int32_t dunlin_http_time_format(int64_t seconds,
                                char *buf,
                                size_t capacity);

/**
 * dunlin_http_canonical_header_key writes a field's name as Go has it, "content-type" as
 * "Content-Type", and ends it with a NUL; a name that is none stays as it is (Go:
 * `http.CanonicalHeaderKey`).
 *
 * Returns the length without the NUL; `DUNLIN_ERR_BUFFER_TOO_SMALL`, `DUNLIN_ERR_INVALID`. Does not
 * block. Any task, before `dunlin_init` too.
 */
int32_t dunlin_http_canonical_header_key(struct dunlin_str name, char *buf, size_t capacity);

/**
 * dunlin_cookie_parse reads the value of a Set-Cookie field (Go: `http.ParseSetCookie`); the
 * cookie's views are parts of it. Attributes that are not known are passed over.
 *
 * Returns 0; `DUNLIN_ERR_HTTP_INVALID_HEADER_VALUE`, `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_VERSION`.
 * Does not block. Any task, before `dunlin_init` too.
 */
int32_t dunlin_cookie_parse(struct dunlin_str line, struct dunlin_http_cookie *cookie);

/**
 * dunlin_cookie_format writes the value of a Set-Cookie field, and ends it with a NUL (Go:
 * `Cookie.String`): bytes that have no place in a value or a path are left out, and so is a domain
 * that is none.
 *
 * Returns the length without the NUL; `DUNLIN_ERR_HTTP_INVALID_HEADER_NAME`,
 * `DUNLIN_ERR_BUFFER_TOO_SMALL`, `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_VERSION`. Does not block. Any
 * task, before `dunlin_init` too.
 */
int32_t dunlin_cookie_format(const struct dunlin_http_cookie *cookie, char *buf, size_t capacity);

/**
 * dunlin_http_cookie tells the value of the first cookie of a name (Go: `Request.Cookie`). `ptr` is
 * NULL when there is none, for a bad handle or NULL. Does not block.
 */
struct dunlin_str dunlin_http_cookie(dunlin_http_exchange_t x, const char *name);

/* ------------------------------------------------------------------------------------------------
 * HTTP requests: values
 * ------------------------------------------------------------------------------------------------ */

/** The most names that one `dunlin_http_form_values` takes. */
#define DUNLIN_HTTP_FORM_FIELDS_MAX 32

/** A value that `dunlin_http_form_values` looks for. Frozen: its layout never changes. */
struct dunlin_http_form_field {
    /** NUL-terminated. */
    const char *name;
    /** Out: its first value in the buffer of the call; `ptr` is NULL when there is none. */
    struct dunlin_str value;
    /** NULL. */
    const void *options;
};

/**
 * dunlin_http_header_value_at tells the value of a number, from 0, among the fields of one name, in
 * the order they came (Go: `Header.Values`). `ptr` is NULL behind the last one, for a bad handle or
 * NULL. Does not block.
 */
struct dunlin_str dunlin_http_header_value_at(dunlin_http_exchange_t x,
                                              const char *name,
                                              uint32_t number);

/**
 * dunlin_http_user_agent tells what the client calls itself (Go: `Request.UserAgent`). `ptr` is
 * NULL when it does not, or for a bad handle. Does not block.
 */
struct dunlin_str dunlin_http_user_agent(dunlin_http_exchange_t x);

/**
 * dunlin_http_referer tells the page that led here (Go: `Request.Referer`). `ptr` is NULL when
 * that is not said, or for a bad handle. Does not block.
 */
struct dunlin_str dunlin_http_referer(dunlin_http_exchange_t x);

/**
 * dunlin_http_transfer_encoding tells the coding in which the body comes: "chunked", or `ptr` is
 * NULL; others are refused before a handler runs (Go: `Request.TransferEncoding`). Static. Does not
 * block.
 */
struct dunlin_str dunlin_http_transfer_encoding(dunlin_http_exchange_t x);

/**
 * dunlin_http_cookie_at tells the cookie of a number, from 0, in the order they came (Go:
 * `Request.Cookies`).
 *
 * Returns 1, or 0 behind the last one; `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_STATE` (detached),
 * `DUNLIN_ERR_BAD_HANDLE`. Does not block.
 */
int32_t dunlin_http_cookie_at(dunlin_http_exchange_t x,
                              uint32_t number,
                              struct dunlin_str *name,
                              struct dunlin_str *value);

/**
 * dunlin_http_basic_auth decodes user and password of the Authorization field into the buffer, of
 * which `*user` and `*password` are views (Go: `Request.BasicAuth`). Compare them with
 * `dunlin_http_same_secret`.
 *
 * Returns 1, or 0 when they did not come; `DUNLIN_ERR_BUFFER_TOO_SMALL` (three quarters of the
 * field's length are enough), `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_STATE` (detached),
 * `DUNLIN_ERR_BAD_HANDLE`. Does not block.
 */
int32_t dunlin_http_basic_auth(dunlin_http_exchange_t x,
                               char *buf,
                               size_t capacity,
                               struct dunlin_str *user,
                               struct dunlin_str *password);

/**
 * dunlin_http_same_secret compares what a client gave with a secret, in a time that does not tell
 * where they differ (Go: `subtle.ConstantTimeCompare`); the secret's length is none.
 *
 * Returns 1 or 0; `DUNLIN_ERR_INVALID`. Does not block. Any task, before `dunlin_init` too.
 */
int32_t dunlin_http_same_secret(struct dunlin_str given, const char *secret);

/**
 * dunlin_http_query_value decodes the first value of a name in the query into the buffer, and ends
 * it with a NUL (Go: `URL.Query().Get`). All pairs: `dunlin_query_next` over `dunlin_http_query`.
 *
 * Returns the length without the NUL, 0 also when there is none; `DUNLIN_ERR_BUFFER_TOO_SMALL`,
 * `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_STATE` (detached), `DUNLIN_ERR_BAD_HANDLE`. Does not block.
 */
int32_t dunlin_http_query_value(dunlin_http_exchange_t x,
                                const char *name,
                                char *buf,
                                size_t capacity);

/**
 * dunlin_http_form_value decodes the first value of a name into the buffer, and ends it with a NUL:
 * of the form in the body (`application/x-www-form-urlencoded` of POST, PUT and PATCH), else of the
 * query (Go: `Request.FormValue`). It reads the body to its end and keeps no more than the value, so
 * it finds one name only: for several, `dunlin_http_form_values`. Pairs that are none are passed
 * over. Multipart bodies have a section of their own.
 *
 * Returns the length without the NUL, 0 also when there is none; `DUNLIN_ERR_BUFFER_TOO_SMALL`,
 * `DUNLIN_ERR_HTTP_HEADER_TOO_LARGE` (more than 10,000 pairs), `DUNLIN_ERR_HTTP_BODY_TOO_LARGE` (more
 * than 10 MiB), and as `dunlin_http_read`. Blocks as that does.
 */
int32_t dunlin_http_form_value(dunlin_http_exchange_t x,
                               const char *name,
                               char *buf,
                               size_t capacity);

/**
 * dunlin_http_form_values decodes the first values of several names into the buffer in one pass
 * over body and query, as `dunlin_http_form_value` does for one. `value` of each field becomes a
 * view of the buffer, without a NUL. At most `DUNLIN_HTTP_FORM_FIELDS_MAX` fields.
 *
 * Returns how many were found; `DUNLIN_ERR_INVALID` (also for more fields),
 * `DUNLIN_ERR_VERSION` (options that are not NULL), and as `dunlin_http_form_value`. Blocks as that
 * does.
 */
int32_t dunlin_http_form_values(dunlin_http_exchange_t x,
                                struct dunlin_http_form_field *fields,
                                uint32_t field_count,
                                char *buf,
                                size_t capacity);

/**
 * dunlin_http_form_read reads the form in the body into the buffer as it came (Go:
 * `Request.ParseForm`); `dunlin_query_next` and `dunlin_query_value` take it apart.
 *
 * Returns its length, 0 also when the body is no form; `DUNLIN_ERR_BUFFER_TOO_SMALL`,
 * `DUNLIN_ERR_HTTP_HEADER_TOO_LARGE` (more than 10,000 pairs), and as `dunlin_http_read`. Blocks as
 * that does.
 */
int32_t dunlin_http_form_read(dunlin_http_exchange_t x, char *buf, size_t capacity);

/* ------------------------------------------------------------------------------------------------
 * Interfaces
 * ------------------------------------------------------------------------------------------------ */

/**
 * dunlin_interfaces tells the network interfaces of all devices (Go: `net.Interfaces`). A device is one
 * interface with its own name, unless its driver tells of several, as that of POSIX hosts does.
 *
 * Returns how many there are, of which the first `capacity` are stored; `list` may be NULL with 0. Or
 * `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_BUSY`, or a driver's. Waits only for calls that are inside a device.
 * Any task.
 */
int32_t dunlin_interfaces(struct dunlin_interface *list,
                          size_t capacity);

/**
 * dunlin_interface_by_index tells the interface with that index (Go: `net.InterfaceByIndex`). Returns 0,
 * or `DUNLIN_ERR_NO_SUCH_INTERFACE`, `DUNLIN_ERR_INVALID` (0, NULL), `DUNLIN_ERR_BUSY`, or a driver's.
 * Waits only for calls that are inside a device. Any task.
 */
int32_t dunlin_interface_by_index(uint32_t index,
                                  struct dunlin_interface *out);

/**
 * dunlin_interface_by_name tells the interface of that name (Go: `net.InterfaceByName`). Returns 0, or
 * `DUNLIN_ERR_NO_SUCH_INTERFACE`, `DUNLIN_ERR_INVALID` (an empty name, NULL), `DUNLIN_ERR_NAME_TOO_LONG`,
 * `DUNLIN_ERR_BUSY`, or a driver's. Waits only for calls that are inside a device. Any task.
 */
int32_t dunlin_interface_by_name(const char *name,
                                 struct dunlin_interface *out);

/**
 * dunlin_interface_addrs tells the addresses of the interface with that index and their networks (Go:
 * `Interface.Addrs`), or with `index` 0 those of all (Go: `net.InterfaceAddrs`). A device that does not
 * tell the length of its prefix is told with all bits.
 *
 * Returns how many there are, of which the first `capacity` are stored; `list` may be NULL with 0. Or
 * `DUNLIN_ERR_NO_SUCH_INTERFACE`, `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_BUSY`, or a driver's. Waits only for
 * calls that are inside a device. Any task.
 */
int32_t dunlin_interface_addrs(uint32_t index,
                               struct dunlin_interface_addr *list,
                               size_t capacity);

/* ------------------------------------------------------------------------------------------------
 * Netdevs
 * ------------------------------------------------------------------------------------------------ */

/** A network that is reached through a device. Frozen: its layout never changes. */
struct dunlin_route {
    /** Its address; of family `DUNLIN_AF_INET` or `DUNLIN_AF_INET6`, the port is not used. */
    struct dunlin_addr network;
    /** Leading bits of the network, 0 is the default route. */
    uint32_t prefix_len;
    /** Of two routes of equal length the smaller wins; up to 65535. */
    uint32_t metric;
    /** NULL. */
    const void *options;
};

/**
 * dunlin_netdev_register makes a device known under a name (1 to 15 bytes). Its link counts as up;
 * wildcard listeners that exist open on it too. `ops` is constant and, like `ctx`, is used until
 * `dunlin_netdev_unregister` returns. (TinyGo: `useNetdev`, made plural.)
 *
 * Returns a handle, or `DUNLIN_ERR_INVALID` (NULL, a bad name, an entry every driver must have is
 * missing: socket, connect, send, recv, close), `DUNLIN_ERR_VERSION` (the table's size),
 * `DUNLIN_ERR_EXISTS`, `DUNLIN_ERR_NO_SLOT`. Any task; does not block.
 */
dunlin_netdev_t dunlin_netdev_register(const char *name,
                                       const struct dunlin_netdev_ops *ops,
                                       void *ctx);

/**
 * dunlin_netdev_unregister takes a device away. Its connections fail with `DUNLIN_ERR_NET_DOWN`,
 * its sockets are closed; it returns when no call is inside the driver any more, so that its
 * context may go.
 *
 * Returns 0, `DUNLIN_ERR_BAD_HANDLE`, `DUNLIN_ERR_TIMEOUT` when a call did not leave the driver by
 * `deadline` (the device is still registered, with its link down: try again), `DUNLIN_ERR_REENTRANT` from
 * inside a driver or a callback of a link. Blocks up to `deadline`. Any task.
 */
int32_t dunlin_netdev_unregister(dunlin_netdev_t dev,
                                 int64_t deadline);

/**
 * dunlin_netdev_notify tells what happened at a device: `DUNLIN_READABLE`, `DUNLIN_WRITABLE`,
 * `DUNLIN_HANGUP`, `DUNLIN_ERROR` of a socket, or `DUNLIN_WORK` (with any socket number) when the
 * driver wants its `step` called. For an unknown device or socket it does nothing; a notify too
 * many is harmless.
 *
 * Does not block. Any task, and ISR-safe; also from inside the driver's own functions.
 */
void dunlin_netdev_notify(dunlin_netdev_t dev, int32_t sock, uint32_t events);

/**
 * dunlin_netdev_link tells that the device's link went down (`up` is 0) or came up. Down: its
 * connections fail with `DUNLIN_ERR_NET_DOWN` at once, and new dials take another device;
 * listeners stay. Up: a device with a link table counts as up when it has an address too.
 *
 * Returns 0, `DUNLIN_ERR_BAD_HANDLE`. Does not block. Any task; from an interrupt use
 * `dunlin_netlink_notify`.
 */
int32_t dunlin_netdev_link(dunlin_netdev_t dev, int32_t up);

/**
 * dunlin_netdev_add_route says that a network is reached through the device, until it is
 * unregistered. A dial takes the longest prefix, then the smallest metric, then the first device
 * whose link is up; a device without routes comes last.
 *
 * Returns 0, `DUNLIN_ERR_INVALID` (family, prefix longer than the address, metric above 65535,
 * options), `DUNLIN_ERR_NO_SLOT` (four routes a device), `DUNLIN_ERR_BAD_HANDLE`. Does not block.
 * Any task.
 */
int32_t dunlin_netdev_add_route(dunlin_netdev_t dev, const struct dunlin_route *route);

/* ------------------------------------------------------------------------------------------------
 * Faulty netdevs
 * ------------------------------------------------------------------------------------------------ */

/** Any operation. */
#define DUNLIN_FAULT_OP_ANY 0

/** `get_host_by_name`. */
#define DUNLIN_FAULT_OP_LOOKUP 1

/** `addr`, `local_addr`, `peer_addr`. */
#define DUNLIN_FAULT_OP_ADDR 2

/** `socket`. */
#define DUNLIN_FAULT_OP_SOCKET 3

/** `bind`. */
#define DUNLIN_FAULT_OP_BIND 4

/** `connect`. */
#define DUNLIN_FAULT_OP_CONNECT 5

/** `listen`. */
#define DUNLIN_FAULT_OP_LISTEN 6

/** `accept`. */
#define DUNLIN_FAULT_OP_ACCEPT 7

/** `send`, `send_vec`, `send_to`. */
#define DUNLIN_FAULT_OP_SEND 8

/** `recv`, `recv_from`. */
#define DUNLIN_FAULT_OP_RECV 9

/** `close`. */
#define DUNLIN_FAULT_OP_CLOSE 10

/** `set_sock_opt`, `get_sock_opt`. */
#define DUNLIN_FAULT_OP_OPTION 11

/** `shutdown`. */
#define DUNLIN_FAULT_OP_SHUTDOWN 12

/** `poll`. */
#define DUNLIN_FAULT_OP_POLL 13

/** `wake` (counted, never faulted). */
#define DUNLIN_FAULT_OP_WAKE 14

/** `step` (counted, never faulted). */
#define DUNLIN_FAULT_OP_STEP 15

/** Kinds of operations, for the size of arrays. */
#define DUNLIN_FAULT_OPS 16

/** No fault. */
#define DUNLIN_FAULT_NONE 0

/**
 * A short send or receive: at most `arg` bytes, 1 if that is 0. Of a datagram that comes so many bytes
 * are left; one that is sent is not cut.
 */
#define DUNLIN_FAULT_SHORT 1

/**
 * `DUNLIN_ERR_WOULD_BLOCK` without asking, also to a call that may wait; from `poll` "none is ready".
 */
#define DUNLIN_FAULT_WOULD_BLOCK 2

/** `DUNLIN_ERR_INTERRUPTED` for no reason. */
#define DUNLIN_FAULT_INTERRUPTED 3

/** An impossible count: more than there was room for, or 0 from a send or a lookup. */
#define DUNLIN_FAULT_LENGTH 4

/**
 * The code `arg`; when that is 0, one that no driver may return (-1, -4097, INT32_MIN, ...).
 */
#define DUNLIN_FAULT_CODE 5

/** The call blocks until it is woken or its deadline comes, whatever happens. */
#define DUNLIN_FAULT_STUCK 6

/**
 * The connection is lost: `DUNLIN_ERR_CONN_RESET` now and on every later send and receive. On a
 * socket of datagrams it is told once, as stacks tell the fate of an earlier datagram.
 */
#define DUNLIN_FAULT_RESET 7

/**
 * `DUNLIN_ERR_PENDING`, completed by notify at once, or `arg` milliseconds later when the device has
 * `step`. Only of a device with `step` or `DUNLIN_CAP_NOTIFY`.
 */
#define DUNLIN_FAULT_LATE 8

/** `DUNLIN_ERR_NO_SOCKETS`. */
#define DUNLIN_FAULT_NO_SOCKETS 9

/** `DUNLIN_ERR_NO_SUCH_HOST`. */
#define DUNLIN_FAULT_NO_NAME 10

/** The link goes down, and with `arg` 1 up again at once. */
#define DUNLIN_FAULT_LINK 11

/** A datagram is lost: one that is sent is said to have gone, one that came is thrown away. */
#define DUNLIN_FAULT_DROP 12

/** Kinds of faults, for the size of arrays. */
#define DUNLIN_FAULT_KINDS 16

/** Storage of one faulty device, the application's; its address is the device's context. */
struct dunlin_netdev_fault {
    /** The library's. */
    uint64_t opaque[256];
};

/** One step of a script. Frozen: its layout never changes. */
struct dunlin_netdev_fault_step {
    /** `DUNLIN_FAULT_OP_...` */
    uint32_t op;
    /** The call of that operation that gets the fault, counted from 1. */
    uint32_t nth;
    /** How many calls in a row do, 0 is one; `UINT32_MAX` is every one from then on. */
    uint32_t count;
    /** `DUNLIN_FAULT_...` */
    uint32_t kind;
    /** See the kind. */
    int32_t arg;
};

/** What is wrapped and what goes wrong. Set up with `DUNLIN_NETDEV_FAULT_CONFIG_INIT`. */
struct dunlin_netdev_fault_config {
    /** `sizeof(struct dunlin_netdev_fault_config)`. */
    uint32_t size;
    /**
     * Of the random faults: the same seed gives the same faults to the same calls. 0 is taken as 1.
     */
    uint32_t seed;
    /** The driver's table; used until `dunlin_netdev_fault_free`. */
    const struct dunlin_netdev_ops *ops;
    /** The driver's context. */
    void *ctx;
    /** Steps, NULL for none; kept until `dunlin_netdev_fault_free`. */
    const struct dunlin_netdev_fault_step *script;
    /** Steps of the script. */
    size_t script_len;
    /**
     * How often each kind comes at random, in 1/65536 of the calls it can happen to, by
     * `DUNLIN_FAULT_...`.
     */
    uint16_t rates[DUNLIN_FAULT_KINDS];
};

#ifdef __cplusplus
static inline struct dunlin_netdev_fault_config dunlin_netdev_fault_config_init(void)
{
    struct dunlin_netdev_fault_config x = {};
    x.size = (uint32_t)sizeof x;
    return x;
}
#define DUNLIN_NETDEV_FAULT_CONFIG_INIT (dunlin_netdev_fault_config_init())
#else
#define DUNLIN_NETDEV_FAULT_CONFIG_INIT { .size = (uint32_t)sizeof(struct dunlin_netdev_fault_config) }
#endif

/** What happened so far. */
struct dunlin_netdev_fault_stats {
    /** `sizeof(struct dunlin_netdev_fault_stats)`. */
    uint32_t size;
    /** Sockets that the driver gave and did not get back. */
    uint32_t open_sockets;
    /**
     * Calls by `DUNLIN_FAULT_OP_...`; all of them but `wake` and `step` under `DUNLIN_FAULT_OP_ANY`.
     */
    uint32_t calls[DUNLIN_FAULT_OPS];
    /** Faults injected by `DUNLIN_FAULT_...`. */
    uint32_t injected[DUNLIN_FAULT_KINDS];
};

#ifdef __cplusplus
static inline struct dunlin_netdev_fault_stats dunlin_netdev_fault_stats_init(void)
{
    struct dunlin_netdev_fault_stats x = {};
    x.size = (uint32_t)sizeof x;
    return x;
}
#define DUNLIN_NETDEV_FAULT_STATS_INIT (dunlin_netdev_fault_stats_init())
#else
#define DUNLIN_NETDEV_FAULT_STATS_INIT { .size = (uint32_t)sizeof(struct dunlin_netdev_fault_stats) }
#endif

/**
 * dunlin_netdev_fault_init makes a device that passes every call on to another driver and injects
 * faults on the way: for tests of an application, or of a driver's and a device's worst days. It is
 * registered like any other: `dunlin_netdev_register(name, dunlin_netdev_fault_ops(fault),
 * fault)`; the wrapped driver is not registered itself, and notifies with the handle of this one.
 *
 * `fault` is storage of the caller that stays in place until `dunlin_netdev_fault_free`. Nothing
 * is allocated. Returns 0, `DUNLIN_ERR_INVALID` (NULL, a script without steps), what
 * `dunlin_netdev_register` says of a bad table, `DUNLIN_ERR_VERSION`, `DUNLIN_ERR_NO_MEMORY` (the
 * operating system's). Does not block. Any task, before `dunlin_init` too.
 */
int32_t dunlin_netdev_fault_init(struct dunlin_netdev_fault *fault,
                                 const struct dunlin_netdev_fault_config *config);

/**
 * dunlin_netdev_fault_ops gives the table to register, with `fault` as its context; it has the
 * entries that the wrapped table has. NULL for NULL. Does not block. Any task.
 */
const struct dunlin_netdev_ops *dunlin_netdev_fault_ops(const struct dunlin_netdev_fault *fault);

/**
 * dunlin_netdev_fault_get_stats tells how often each operation was called and each fault injected:
 * a first run without faults tells how many runs "the k-th call fails" needs. Returns 0,
 * `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_VERSION`. Does not block. Any task.
 */
int32_t dunlin_netdev_fault_get_stats(const struct dunlin_netdev_fault *fault,
                                      struct dunlin_netdev_fault_stats *stats);

/**
 * dunlin_netdev_fault_free ends what `dunlin_netdev_fault_init` began; the device must have been
 * unregistered. Nothing for NULL. Does not block. Any task.
 */
void dunlin_netdev_fault_free(struct dunlin_netdev_fault *fault);

/* ------------------------------------------------------------------------------------------------
 * Links
 * ------------------------------------------------------------------------------------------------ */

/** Nobody asked for it; the device may come up by itself. */
#define DUNLIN_LINK_IDLE 0

/** Between two attempts. */
#define DUNLIN_LINK_RESTING 1

/** An attempt is in progress. */
#define DUNLIN_LINK_CONNECTING 2

/** Connected, and waiting for an address. */
#define DUNLIN_LINK_ADDRESSING 3

/** Usable. */
#define DUNLIN_LINK_UP 4

/** As many attempts as were allowed have failed. */
#define DUNLIN_LINK_FAILED 5

/** The device's network is usable: connected, and with an address. */
#define DUNLIN_NETLINK_UP 1

/** The device's network is gone. */
#define DUNLIN_NETLINK_DOWN 2

/** Join a network (TinyGo: `ConnectModeSTA`, the default). */
#define DUNLIN_CONNECT_STATION 0

/** Be an access point that others join (TinyGo: `ConnectModeAP`). */
#define DUNLIN_CONNECT_ACCESS_POINT 1

/** WPA2 (TinyGo: `AuthTypeWPA2`, the default). */
#define DUNLIN_AUTH_WPA2 0

/** None: anybody may listen (TinyGo: `AuthTypeOpen`). */
#define DUNLIN_AUTH_OPEN 1

/** WPA, which is broken (TinyGo: `AuthTypeWPA`). */
#define DUNLIN_AUTH_WPA 2

/** WPA2, or WPA if that is all there is (TinyGo: `AuthTypeWPA2Mixed`). */
#define DUNLIN_AUTH_WPA2_MIXED 3

/** WPA3. */
#define DUNLIN_AUTH_WPA3 4

/** WPA3, or WPA2 if that is all there is. */
#define DUNLIN_AUTH_WPA3_MIXED 5

/** The longest name of an interface, its NUL included. */
#define DUNLIN_INTERFACE_NAME_MAX 16

/** The longest hardware address (InfiniBand's). */
#define DUNLIN_HARDWARE_ADDR_MAX 20

/** A network interface (Go: `net.Interface`). Frozen: its layout never changes. */
struct dunlin_interface {
    /** NUL-terminated; also the zone of link-local IPv6 addresses ("fe80::1%eth0"). */
    char name[DUNLIN_INTERFACE_NAME_MAX];
    /** >= 1; also the `scope_id` of such addresses. */
    uint32_t index;
    /** `DUNLIN_INTERFACE_...`. */
    uint32_t flags;
    /** The most bytes of a packet, 0 if not known. */
    uint32_t mtu;
    /** The device it belongs to (`dunlin_netdev_t`). */
    int32_t device;
    /** Bytes of `hardware_addr`, 0 if it has none. */
    uint32_t hardware_addr_len;
    /** The hardware (MAC) address. */
    uint8_t hardware_addr[DUNLIN_HARDWARE_ADDR_MAX];
    /** NULL. */
    const void *options;
};

/**
 * An address of an interface and its network (Go: `net.IPNet` as given by `Interface.Addrs`). Frozen.
 */
struct dunlin_interface_addr {
    /** The address; the port is 0. */
    struct dunlin_addr addr;
    /** Leading bits that are the network's; all of them if the device does not tell. */
    uint32_t prefix_len;
    /** The interface's index. */
    uint32_t index;
};

/** A fixed address, for networks without DHCP. Set up with `DUNLIN_IP_CONFIG_INIT`. */
struct dunlin_ip_config {
    /** `sizeof(struct dunlin_ip_config)`. */
    uint32_t size;
    /** Leading bits of `addr` that are the network's. */
    uint32_t prefix_len;
    /** The device's own address. */
    struct dunlin_addr addr;
    /** The router; family 0 is none. */
    struct dunlin_addr gateway;
    /** Name servers; family 0 is none. */
    struct dunlin_addr dns[2];
};

#ifdef __cplusplus
static inline struct dunlin_ip_config dunlin_ip_config_init(void)
{
    struct dunlin_ip_config x = {};
    x.size = (uint32_t)sizeof x;
    return x;
}
#define DUNLIN_IP_CONFIG_INIT (dunlin_ip_config_init())
#else
#define DUNLIN_IP_CONFIG_INIT { .size = (uint32_t)sizeof(struct dunlin_ip_config) }
#endif

/**
 * How to connect a device to its network (TinyGo: `netlink.ConnectParams`). Set up with
 * `DUNLIN_CONNECT_PARAMS_INIT`. A device takes the fields that it knows. The struct is copied; what
 * its pointers point to must stay until `dunlin_netlink_disconnect` or `dunlin_netdev_unregister` has
 * returned, as reconnecting needs it again.
 *
 * A Wi-Fi station: `.ssid = "home", .passphrase = "correct horse", .country = "CH",
 * .watchdog_ms = 30000`. A modem: `.apn = "iot.example", .pin = "0000", .connect_timeout_ms = 90000`.
 * Ethernet with a fixed address: `.ip = &config`.
 */
struct dunlin_connect_params {
    /** `sizeof(struct dunlin_connect_params)`. */
    uint32_t size;
    /** `DUNLIN_CONNECT_...`. */
    uint32_t mode;
    /** Wi-Fi: the network's name, 1 to 32 bytes; NULL for what is not Wi-Fi. */
    const char *ssid;
    /**
     * Wi-Fi: 8 to 63 characters, or 64 hexadecimal digits, unless `auth` is `DUNLIN_AUTH_OPEN`. A
     * modem: the password of `user`.
     */
    const char *passphrase;
    /** Wi-Fi: `DUNLIN_AUTH_...`. */
    uint32_t auth;
    /** Attempts in a row before the device gives up, 0 is no end. */
    uint32_t retries;
    /** Wi-Fi: the country as two letters, whose rules the radio keeps. NULL: world-wide. */
    const char *country;
    /** The name the device tells the network's DHCP server, up to 63 bytes; NULL is none. */
    const char *hostname;
    /** Milliseconds of each attempt, the address included; 0 is 10 seconds. */
    int32_t connect_timeout_ms;
    /**
     * Milliseconds between two looks at the device while it is up: one that does not answer, has lost
     * its network without telling or has no address any more is connected anew. 0 is never.
     */
    int32_t watchdog_ms;
    /** A fixed address; NULL asks the network (DHCP). */
    const struct dunlin_ip_config *ip;
    /** A modem: the access point's name, up to 100 bytes. */
    const char *apn;
    /** A modem: the user at the access point, up to 64 bytes. */
    const char *user;
    /** A modem: the SIM's PIN, up to 8 digits. */
    const char *pin;
};

#ifdef __cplusplus
static inline struct dunlin_connect_params dunlin_connect_params_init(void)
{
    struct dunlin_connect_params x = {};
    x.size = (uint32_t)sizeof x;
    return x;
}
#define DUNLIN_CONNECT_PARAMS_INIT (dunlin_connect_params_init())
#else
#define DUNLIN_CONNECT_PARAMS_INIT { .size = (uint32_t)sizeof(struct dunlin_connect_params) }
#endif

/**
 * What a driver tells of its link (TinyGo: `netlink.Netlinker`, completed). Attached to a device with
 * `dunlin_netlink_attach`; constant and, like `ctx`, used until `dunlin_netdev_unregister` has returned.
 *
 * Every function: as in `struct dunlin_netdev_ops` for results, buffers and what may be called from
 * inside, besides which `dunlin_netlink_notify` may. Called by whatever task does background work,
 * never from an interrupt, one function of this table at a time; without `DUNLIN_CAP_CONCURRENT` also
 * never together with one of `struct dunlin_netdev_ops`. Since that task may have something else to
 * wait for, none blocks for longer than it must.
 */
struct dunlin_netlink_ops {
    /** `sizeof(struct dunlin_netlink_ops)`. */
    uint32_t size;
    /**
     * For a device that cannot tell: `net_check` is called so often, in milliseconds. 0: it tells.
     */
    uint32_t poll_ms;
    /**
     * Optional: connects the device to its network. Returns 0 when it is connected (its address may come
     * later); `DUNLIN_ERR_PENDING` when it goes on by itself and tells; at `deadline`, which is at most
     * 50 ms away, `DUNLIN_ERR_TIMEOUT` when it is to be called again to go on; or why the attempt
     * failed, for example `DUNLIN_ERR_PERMISSION` for a passphrase that the network does not take. With a
     * `deadline` in the past it must not wait. `params` and what they point to stay until
     * `net_disconnect`. NULL: connecting is nothing (a cable).
     */
    int32_t (*net_connect)(void *ctx, const struct dunlin_connect_params *params, int64_t deadline);
    /**
     * Optional: leaves the network, or ends the attempt. After it `params` are not used any more. Does
     * not wait for the network.
     */
    int32_t (*net_disconnect)(void *ctx);
    /**
     * Optional: called once when the table is attached. From then on the driver tells with
     * `dunlin_netlink_notify(dev, DUNLIN_NETLINK_...)` each time it is connected or not any more, from any
     * task or interrupt. Returns 1 when it is connected already, else 0. Does not wait.
     */
    int32_t (*net_notify)(void *ctx, int32_t dev);
    /**
     * Optional: the hardware (MAC) address; how many bytes it has: 6, 8 or 20. Does not wait for the
     * network. The watchdog asks it too: an error means that the device is out of order.
     */
    int32_t (*get_hardware_addr)(void *ctx, uint8_t *addr, uint32_t capacity);
    /**
     * Optional: 1 when the device is connected, 0 when not, an error when it is out of order and should
     * be disconnected and connected again. The watchdog asks it. Does not wait for the network.
     */
    int32_t (*net_check)(void *ctx);
    /**
     * Optional: for a device of several interfaces, the one in place `at` of their list; 1, or 0 when
     * there are not so many. The `index` is the driver's own, >= 1 and below 65536: addresses come with it as
     * their `scope_id`. `device` is filled in by the caller. NULL: the device is one interface.
     */
    int32_t (*interface_at)(void *ctx, uint32_t at, struct dunlin_interface *interface);
    /**
     * Optional: the addresses of an interface (`index` 0: of the device) with their prefixes; how many
     * there are, of which at most `capacity` are stored. NULL: those of `addr`, without prefixes.
     */
    int32_t (*interface_addrs)(void *ctx,
                               uint32_t index,
                               struct dunlin_interface_addr *addrs,
                               uint32_t capacity);
};

#ifdef __cplusplus
static inline struct dunlin_netlink_ops dunlin_netlink_ops_init(void)
{
    struct dunlin_netlink_ops x = {};
    x.size = (uint32_t)sizeof x;
    return x;
}
#define DUNLIN_NETLINK_OPS_INIT (dunlin_netlink_ops_init())
#else
#define DUNLIN_NETLINK_OPS_INIT { .size = (uint32_t)sizeof(struct dunlin_netlink_ops) }
#endif

/** How a link is. Set up with `DUNLIN_NETLINK_STATUS_INIT`. */
struct dunlin_netlink_status {
    /** `sizeof(struct dunlin_netlink_status)`. */
    uint32_t size;
    /** `DUNLIN_LINK_...`. */
    uint32_t state;
    /** Attempts that failed since it was up last. */
    uint32_t failures;
    /**
     * Why it is not up: the last attempt's error, or `DUNLIN_ERR_NET_DOWN`; 0 when it is up.
     */
    int32_t error;
    /** 1 when it is connected again whenever it is lost. */
    uint32_t kept;
    /** Zero. */
    uint32_t reserved;
};

#ifdef __cplusplus
static inline struct dunlin_netlink_status dunlin_netlink_status_init(void)
{
    struct dunlin_netlink_status x = {};
    x.size = (uint32_t)sizeof x;
    return x;
}
#define DUNLIN_NETLINK_STATUS_INIT (dunlin_netlink_status_init())
#else
#define DUNLIN_NETLINK_STATUS_INIT { .size = (uint32_t)sizeof(struct dunlin_netlink_status) }
#endif

/**
 * dunlin_netlink_attach gives a registered device its link table (TinyGo: `netlink.UseNetlink`). From
 * then on the device's link is down until it is connected **and** has an address; a device that is
 * connected already says so. `ops` is constant and, like `ctx`, is used until `dunlin_netdev_unregister`
 * returns.
 *
 * Returns 0, or `DUNLIN_ERR_INVALID` (NULL; `poll_ms` without `net_check`), `DUNLIN_ERR_VERSION` (the
 * table's size), `DUNLIN_ERR_EXISTS` (it has one), `DUNLIN_ERR_BAD_HANDLE`, `DUNLIN_ERR_BUSY`. Waits only
 * for a call that is inside the device. Any task.
 */
int32_t dunlin_netlink_attach(dunlin_netdev_t dev,
                              const struct dunlin_netlink_ops *ops,
                              void *ctx);

/**
 * dunlin_netlink_connect connects the device to its network and keeps it connected (TinyGo:
 * `Netlinker.NetConnect`): a link that is lost is connected again in the background, that is by every
 * call that waits and by `dunlin_run`. Between two attempts it pauses: 500 ms, then twice as long each
 * time up to 60 s, of which half is certain and half drawn from the port's entropy; a link that was up
 * for 10 s begins anew. Every attempt may take `connect_timeout_ms`, the address included; after
 * `retries` failed ones in a row it gives up until the next `dunlin_netlink_connect`.
 *
 * Returns 0 when the device is up (connected and with an address); `DUNLIN_ERR_TIMEOUT` when it is not by
 * `deadline`: then it goes on in the background; the last attempt's error when it gave up, for
 * example `DUNLIN_ERR_PERMISSION`; `DUNLIN_ERR_CANCELED` when another task disconnected it;
 * `DUNLIN_ERR_STATE` when it is kept connected already; `DUNLIN_ERR_NOT_SUPPORTED` for a device without a link
 * table; `DUNLIN_ERR_INVALID` (a field that cannot be: a passphrase below 8 characters, a country that is
 * not two letters), `DUNLIN_ERR_NAME_TOO_LONG`, `DUNLIN_ERR_VERSION`, `DUNLIN_ERR_BAD_HANDLE`,
 * `DUNLIN_ERR_NO_SLOT`. Blocks up to `deadline`; with one in the past it only begins. Any task.
 */
int32_t dunlin_netlink_connect(dunlin_netdev_t dev,
                               const struct dunlin_connect_params *params,
                               int64_t deadline);

/**
 * dunlin_netlink_disconnect takes the link down, its connections fail with `DUNLIN_ERR_NET_DOWN`, and it
 * stays down whatever the device tells, until the next `dunlin_netlink_connect` (TinyGo:
 * `Netlinker.NetDisconnect`). When it has returned 0, what the parameters point to is the
 * application's again.
 *
 * Returns 0, `DUNLIN_ERR_TIMEOUT` when the driver could not be told by `deadline` (it will be, in the
 * background), `DUNLIN_ERR_NOT_SUPPORTED` for a device without a link table, `DUNLIN_ERR_BAD_HANDLE`,
 * `DUNLIN_ERR_NO_SLOT`. Blocks up to `deadline`, as a rule not at all. Any task.
 */
int32_t dunlin_netlink_disconnect(dunlin_netdev_t dev,
                                  int64_t deadline);

/**
 * dunlin_netlink_status tells how a device's link is. Returns 0, or `DUNLIN_ERR_BAD_HANDLE`,
 * `DUNLIN_ERR_INVALID`, `DUNLIN_ERR_VERSION`. Does not block. Any task.
 */
int32_t dunlin_netlink_status(dunlin_netdev_t dev, struct dunlin_netlink_status *status);

/**
 * dunlin_netlink_hardware_addr tells the device's hardware (MAC) address (TinyGo:
 * `Netlinker.GetHardwareAddr`). `DUNLIN_HARDWARE_ADDR_MAX` bytes are always enough.
 *
 * Returns how many bytes it has (6, 8 or 20), or `DUNLIN_ERR_BUFFER_TOO_SMALL`,
 * `DUNLIN_ERR_NOT_SUPPORTED`, `DUNLIN_ERR_BUSY`, `DUNLIN_ERR_BAD_HANDLE`, `DUNLIN_ERR_INVALID`, or the
 * driver's. Waits only for a call that is inside the device. Any task.
 */
int32_t dunlin_netlink_hardware_addr(dunlin_netdev_t dev,
                                     uint8_t *addr,
                                     size_t capacity);

/**
 * dunlin_netlink_notify is how a driver tells that its device is connected (`DUNLIN_NETLINK_UP`: it may
 * get its address later, and may tell again when it has) or not any more (`DUNLIN_NETLINK_DOWN`).
 * Down counts at once: connections fail with `DUNLIN_ERR_NET_DOWN`, new dials take another device. What
 * else is to be done, the application's callbacks too, is done in the background by a task. For an
 * unknown device or event it does nothing; one too many is harmless.
 *
 * Does not block. Any task, and ISR-safe; also from inside the driver's own functions.
 */
void dunlin_netlink_notify(dunlin_netdev_t dev,
                           uint32_t event);

/**
 * dunlin_netlink_subscribe has `callback` called with every event of every device from now on:
 * `DUNLIN_NETLINK_UP` when it is usable, `DUNLIN_NETLINK_DOWN` when it is not any more (TinyGo:
 * `Netlinker.NetNotify`, for any number of subscribers). What changes faster than it can be told is
 * told in short: a link that fell and is back is told as DOWN and UP, however often it did so.
 *
 * `callback`: called by whatever task does background work, outside all locks, one event after another
 * and never two calls at once. It may call any function but `dunlin_deinit` and
 * `dunlin_netdev_unregister` (`DUNLIN_ERR_REENTRANT`), but should be quick: that task has its own affairs,
 * and its stack is what the callback runs on.
 *
 * Returns a handle, or `DUNLIN_ERR_INVALID` for NULL, `DUNLIN_ERR_NO_SLOT`. Does not block. Any task.
 */
dunlin_netlink_sub_t dunlin_netlink_subscribe(void (*callback)(void *ctx,
                                                               dunlin_netdev_t dev,
                                                               uint32_t event),
                                              void *ctx);

/**
 * dunlin_netlink_unsubscribe ends a subscription. When it has returned 0 the callback is not inside and
 * is not called any more. From inside the callback itself it does not wait.
 *
 * Returns 0, `DUNLIN_ERR_TIMEOUT` when the callback was still inside at `deadline` (the subscription
 * stands, try again), `DUNLIN_ERR_BAD_HANDLE`, `DUNLIN_ERR_NO_SLOT`. Blocks up to `deadline`. Any task.
 */
int32_t dunlin_netlink_unsubscribe(dunlin_netlink_sub_t sub,
                                   int64_t deadline);

/* ------------------------------------------------------------------------------------------------
 * Resolving addresses
 * ------------------------------------------------------------------------------------------------ */

/**
 * dunlin_resolve_addr makes an address of a text by the rules of its network (Go: `ResolveTCPAddr`,
 * `ResolveUDPAddr`, `ResolveIPAddr`, `ResolveUnixAddr`): "host:port" for "tcp" and "udp", a host for
 * "ip" (with or without a protocol), a path for "unix". A host is an IP address, or a name that is
 * looked up until `deadline`; without a host the IP address is unspecified. A port is a number or
 * the name of a service. The path of a unix address is `address` itself, which must live as long.
 *
 * Returns 0, or `DUNLIN_ERR_UNKNOWN_NETWORK`, `DUNLIN_ERR_UNKNOWN_PROTOCOL`,
 * `DUNLIN_ERR_NO_SUITABLE_ADDRESS` (of the other family), `DUNLIN_ERR_INVALID_ADDRESS` (a zone that
 * is neither a number nor the name of an interface), `DUNLIN_ERR_INVALID_PORT`, `DUNLIN_ERR_MISSING_PORT`,
 * `DUNLIN_ERR_TOO_MANY_COLONS`, `DUNLIN_ERR_UNEXPECTED_BRACKET`, `DUNLIN_ERR_NAME_TOO_LONG`,
 * `DUNLIN_ERR_INVALID` for NULL; for a name also `DUNLIN_ERR_NO_SUCH_HOST`, `DUNLIN_ERR_TIMEOUT`,
 * `DUNLIN_ERR_NO_NETDEV`, `DUNLIN_ERR_NET_DOWN`, or the driver's. Blocks for a name only. Any task;
 * without a name before `dunlin_init` too.
 */
int32_t dunlin_resolve_addr(const char *network,
                            const char *address,
                            int64_t deadline,
                            struct dunlin_addr *addr);

/* ------------------------------------------------------------------------------------------------
 * URLs
 * ------------------------------------------------------------------------------------------------ */

/** A segment of a path (Go: `url.PathEscape`). */
#define DUNLIN_URL_SEGMENT 0

/** A name or a value of a query or a form, where a space is "+" (Go: `url.QueryEscape`). */
#define DUNLIN_URL_QUERY 1

/**
 * The parts of a URL or reference, all still escaped, as views of its text; `ptr` is NULL for one
 * that is not there. Set up with `DUNLIN_URL_INIT`.
 */
struct dunlin_url {
    /** `sizeof(struct dunlin_url)`. */
    uint32_t size;
    /** Zero. */
    uint32_t reserved;
    /** "http"; as written. */
    struct dunlin_str scheme;
    /** What follows the scheme of "mailto:a@b". */
    struct dunlin_str opaque;
    /** The user's name. */
    struct dunlin_str user;
    /** The password. */
    struct dunlin_str password;
    /** Host and port, IPv6 in brackets. */
    struct dunlin_str host;
    /** The host without brackets and port. */
    struct dunlin_str hostname;
    /** The port, without its colon. */
    struct dunlin_str port;
    /** The path. */
    struct dunlin_str path;
    /** The query, without its "?"; there and empty for a "?" alone. */
    struct dunlin_str query;
    /** The fragment, without its "#". */
    struct dunlin_str fragment;
};

#ifdef __cplusplus
static inline struct dunlin_url dunlin_url_init(void)
{
    struct dunlin_url x = {};
    x.size = (uint32_t)sizeof x;
    return x;
}
#define DUNLIN_URL_INIT (dunlin_url_init())
#else
#define DUNLIN_URL_INIT { .size = (uint32_t)sizeof(struct dunlin_url) }
#endif

/**
 * dunlin_url_parse takes a URL or a reference apart (Go: `url.Parse`).
 *
 * Returns 0, `DUNLIN_ERR_HTTP_INVALID_TARGET`, `DUNLIN_ERR_INVALID` for NULL, `DUNLIN_ERR_VERSION`.
 * Does not block. Any task, before `dunlin_init` too.
 */
int32_t dunlin_url_parse(struct dunlin_str url, struct dunlin_url *parts);

/**
 * dunlin_url_resolve writes what a reference stands for on a page, whose URL is `base`, and ends it
 * with a NUL (Go: `URL.ResolveReference`).
 *
 * Returns the length without the NUL; `DUNLIN_ERR_HTTP_INVALID_TARGET`,
 * `DUNLIN_ERR_BUFFER_TOO_SMALL` (while it works it needs room for both paths),
 * `DUNLIN_ERR_INVALID` for NULL. Does not block. Any task, before `dunlin_init` too.
 */
int32_t dunlin_url_resolve(struct dunlin_str base,
                           struct dunlin_str reference,
                           char *buf,
                           size_t capacity);

/**
 * dunlin_url_escape encodes bytes for a place in a URL, `DUNLIN_URL_SEGMENT` or `DUNLIN_URL_QUERY`,
 * and ends them with a NUL (Go: `url.PathEscape`, `url.QueryEscape`). Three bytes for each are
 * enough.
 *
 * Returns the length without the NUL; `DUNLIN_ERR_BUFFER_TOO_SMALL`, `DUNLIN_ERR_INVALID`. Does not
 * block. Any task, before `dunlin_init` too.
 */
int32_t dunlin_url_escape(uint32_t kind, struct dunlin_str bytes, char *buf, size_t capacity);

/**
 * dunlin_url_unescape decodes a part of a URL, and ends it with a NUL (Go: `url.PathUnescape`,
 * `url.QueryUnescape`). The result, which may have NULs of its own, is never longer than the part.
 *
 * Returns the length without the NUL; `DUNLIN_ERR_HTTP_INVALID_TARGET` (an escape that is none),
 * `DUNLIN_ERR_BUFFER_TOO_SMALL`, `DUNLIN_ERR_INVALID`. Does not block. Any task, before
 * `dunlin_init` too.
 */
int32_t dunlin_url_unescape(uint32_t kind, struct dunlin_str escaped, char *buf, size_t capacity);

/**
 * dunlin_query_next takes the next pair off a query or a form (Go: `url.ParseQuery`); `*name` and
 * `*value` are still escaped, for `dunlin_url_unescape` with `DUNLIN_URL_QUERY`.
 *
 * Returns 1, or 0 when nothing is left; `DUNLIN_ERR_HTTP_INVALID_TARGET` for something that is no
 * pair (a ";", an escape that is none), behind which the next call goes on; `DUNLIN_ERR_INVALID`.
 * Does not block. Any task, before `dunlin_init` too.
 */
int32_t dunlin_query_next(struct dunlin_str *rest,
                          struct dunlin_str *name,
                          struct dunlin_str *value);

/**
 * dunlin_query_value decodes the first value of a name in a query or a form, and ends it with a NUL
 * (Go: `Values.Get`); what is no pair is passed over.
 *
 * Returns the length without the NUL, 0 also when there is none; `DUNLIN_ERR_BUFFER_TOO_SMALL`,
 * `DUNLIN_ERR_INVALID`. Does not block. Any task, before `dunlin_init` too.
 */
int32_t dunlin_query_value(struct dunlin_str query, const char *name, char *buf, size_t capacity);

/**
 * dunlin_path_clean writes the shortest path that names the same thing, and ends it with a NUL (Go:
 * `path.Clean`). The path's length, and 2 bytes, are enough.
 *
 * Returns the length without the NUL; `DUNLIN_ERR_BUFFER_TOO_SMALL`, `DUNLIN_ERR_INVALID`. Does not
 * block. Any task, before `dunlin_init` too.
 */
int32_t dunlin_path_clean(struct dunlin_str path, char *buf, size_t capacity);

/**
 * dunlin_media_type_param writes the value of a parameter of a Content-Type, a Content-Disposition
 * or the like, decoded, and ends it with a NUL (Go: `mime.ParseMediaType`).
 *
 * Returns the length without the NUL, 0 also when there is none;
 * `DUNLIN_ERR_HTTP_INVALID_HEADER_VALUE`, `DUNLIN_ERR_BUFFER_TOO_SMALL`, `DUNLIN_ERR_INVALID`. Does
 * not block. Any task, before `dunlin_init` too.
 */
int32_t dunlin_media_type_param(struct dunlin_str value,
                                const char *name,
                                char *buf,
                                size_t capacity);

/* ------------------------------------------------------------------------------------------------
 * Helpers
 * ------------------------------------------------------------------------------------------------ */

/** The number of elements of an array. */
#define DUNLIN_COUNT(array) ((uint32_t)(sizeof(array) / sizeof((array)[0])))

/** A driver's own error code, 0 ..= 999999, as a result. */
#define DUNLIN_ERR_DRIVER(code) (-10000 - (int32_t)(code))

/** The two arguments of a "%.*s" that prints a struct dunlin_str. */
#define DUNLIN_STR_ARG(str) ((int)(str).len), ((str).ptr ? (str).ptr : "")

/** An element of the set of dunlin_poll(). */
#define DUNLIN_POLL(handle, events) { (handle), (uint16_t)(events), 0 }

/** An element of an array of fields. */
#define DUNLIN_HTTP_HEADER(name, value) { (name), (value), NULL }

/** An element of an array of routes. */
#define DUNLIN_HTTP_ROUTE(pattern, handler, ctx) { (pattern), (handler), (ctx), NULL }

#ifdef __cplusplus
}
#endif

#endif /* DUNLIN_DUNLIN_H */
