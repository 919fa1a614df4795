/*
 * dunlin/driver.h - small helpers for those who write a driver (struct dunlin_netdev_ops).
 *
 * Everything here is inline and calls nothing but dunlin_port_now_ms(), so that a driver built with
 * it links without the library.
 */
#ifndef DUNLIN_DRIVER_H
#define DUNLIN_DRIVER_H

#include <dunlin/dunlin.h>
#include <dunlin/port.h>

#include <errno.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Any number of a vendor, negative too, as a result of a driver's operation: DUNLIN_ERR_DRIVER() of
 * its absolute value, held inside int32_t. It reaches the application unchanged. Prefer one of enum
 * dunlin_err where it says the same: the application can act on those.
 */
static inline int32_t dunlin_driver_error(int32_t code)
{
    const int32_t most = INT32_MAX - 10000;
    if (code < 0)
        code = code < -most ? most : -code;
    return DUNLIN_ERR_DRIVER(code > most ? most : code);
}

/* The vendor's number inside a result made by DUNLIN_ERR_DRIVER(); -1: `err` is none of those. */
static inline int32_t dunlin_driver_code(int32_t err)
{
    return err > -10000 ? -1 : err < -INT32_MAX ? INT32_MAX - 10000 : -(err + 10000);
}

/* One number of the local <errno.h>, where the libc has it, and what it means here. */
struct dunlin_errno_entry {
    int32_t local;
    int32_t err;
};

/*
 * The error for a number of the local <errno.h>; positive or negative, so that both errno and a
 * result of -errno may be given. Numbers without a counterpart become dunlin_driver_error(number),
 * 0 becomes DUNLIN_ERR_IO. Numbers of another stack (lwIP built with its own errno values) need
 * that stack's header included before this one.
 */
static inline int32_t dunlin_err_from_errno(int local)
{
    /* A table and not a switch: on some libcs two names have the same value. */
    static const struct dunlin_errno_entry table[] = {
        {EAGAIN, DUNLIN_ERR_WOULD_BLOCK},
#ifdef EWOULDBLOCK
        {EWOULDBLOCK, DUNLIN_ERR_WOULD_BLOCK},
#endif
#ifdef EINPROGRESS
        {EINPROGRESS, DUNLIN_ERR_WOULD_BLOCK},
#endif
#ifdef EALREADY
        {EALREADY, DUNLIN_ERR_WOULD_BLOCK},
#endif
        {EINTR, DUNLIN_ERR_INTERRUPTED},
#ifdef ETIMEDOUT
        {ETIMEDOUT, DUNLIN_ERR_TIMEOUT},
#endif
#ifdef ECONNREFUSED
        {ECONNREFUSED, DUNLIN_ERR_CONN_REFUSED},
#endif
#ifdef ECONNRESET
        {ECONNRESET, DUNLIN_ERR_CONN_RESET},
#endif
#ifdef ENETRESET
        {ENETRESET, DUNLIN_ERR_CONN_RESET},
#endif
#ifdef ECONNABORTED
        {ECONNABORTED, DUNLIN_ERR_CONN_ABORTED},
#endif
#ifdef EPIPE
        {EPIPE, DUNLIN_ERR_BROKEN_PIPE},
#endif
#ifdef ESHUTDOWN
        {ESHUTDOWN, DUNLIN_ERR_BROKEN_PIPE},
#endif
#ifdef ENOTCONN
        {ENOTCONN, DUNLIN_ERR_NOT_CONNECTED},
#endif
#ifdef EISCONN
        {EISCONN, DUNLIN_ERR_STATE},
#endif
#ifdef ENETDOWN
        {ENETDOWN, DUNLIN_ERR_NET_DOWN},
#endif
#ifdef ENETUNREACH
        {ENETUNREACH, DUNLIN_ERR_NET_UNREACHABLE},
#endif
#ifdef EHOSTUNREACH
        {EHOSTUNREACH, DUNLIN_ERR_HOST_UNREACHABLE},
#endif
#ifdef EHOSTDOWN
        {EHOSTDOWN, DUNLIN_ERR_HOST_UNREACHABLE},
#endif
#ifdef EADDRINUSE
        {EADDRINUSE, DUNLIN_ERR_ADDR_IN_USE},
#endif
#ifdef EADDRNOTAVAIL
        {EADDRNOTAVAIL, DUNLIN_ERR_ADDR_NOT_AVAILABLE},
#endif
#ifdef EDESTADDRREQ
        {EDESTADDRREQ, DUNLIN_ERR_INVALID_ADDRESS},
#endif
        {EMFILE, DUNLIN_ERR_NO_SOCKETS},
        {ENFILE, DUNLIN_ERR_NO_SOCKETS},
        {ENOMEM, DUNLIN_ERR_NO_MEMORY},
#ifdef ENOBUFS
        {ENOBUFS, DUNLIN_ERR_NO_MEMORY},
#endif
#ifdef EMSGSIZE
        {EMSGSIZE, DUNLIN_ERR_MESSAGE_SIZE},
#endif
        {EACCES, DUNLIN_ERR_PERMISSION},
        {EPERM, DUNLIN_ERR_PERMISSION},
        {EINVAL, DUNLIN_ERR_INVALID},
        {EFAULT, DUNLIN_ERR_INVALID},
        {EBADF, DUNLIN_ERR_BAD_HANDLE},
#ifdef ENOTSOCK
        {ENOTSOCK, DUNLIN_ERR_BAD_HANDLE},
#endif
#ifdef EOPNOTSUPP
        {EOPNOTSUPP, DUNLIN_ERR_NOT_SUPPORTED},
#endif
#ifdef ENOTSUP
        {ENOTSUP, DUNLIN_ERR_NOT_SUPPORTED},
#endif
#ifdef EAFNOSUPPORT
        {EAFNOSUPPORT, DUNLIN_ERR_NOT_SUPPORTED},
#endif
#ifdef EPROTONOSUPPORT
        {EPROTONOSUPPORT, DUNLIN_ERR_NOT_SUPPORTED},
#endif
#ifdef EPROTOTYPE
        {EPROTOTYPE, DUNLIN_ERR_NOT_SUPPORTED},
#endif
#ifdef ENOPROTOOPT
        {ENOPROTOOPT, DUNLIN_ERR_NOT_SUPPORTED},
#endif
#ifdef ENOSYS
        {ENOSYS, DUNLIN_ERR_NOT_SUPPORTED},
#endif
#ifdef ECANCELED
        {ECANCELED, DUNLIN_ERR_CANCELED},
#endif
#ifdef ENAMETOOLONG
        {ENAMETOOLONG, DUNLIN_ERR_NAME_TOO_LONG},
#endif
        {EBUSY, DUNLIN_ERR_BUSY},
        {EEXIST, DUNLIN_ERR_EXISTS},
        {ENODEV, DUNLIN_ERR_NO_DEVICE},
        {ENXIO, DUNLIN_ERR_NO_DEVICE},
        {EIO, DUNLIN_ERR_IO},
        {0, DUNLIN_ERR_IO},
    };
    size_t i;
    if (local < 0 && local >= -INT32_MAX)
        local = -local;
    for (i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (table[i].local == local)
            return table[i].err;
    }
    return dunlin_driver_error(local);
}

/*
 * What is left of a deadline in milliseconds, rounded up: -1: there is none; 0: it is past; at most
 * INT32_MAX, so call again after a wait that long. It fits poll(2)'s time-out as it is.
 */
static inline int32_t dunlin_driver_remaining_ms(int64_t deadline)
{
    int64_t now;
    if (deadline == 0)
        return -1;
    now = dunlin_port_now_ms();
    if (deadline <= now)
        return 0;
    return deadline - now > INT32_MAX ? INT32_MAX : (int32_t)(deadline - now);
}

/*
 * The same in ticks of an RTOS, for its timed waits: rounded up and one more, because the tick that
 * runs is partly over. 0: past; UINT32_MAX: no deadline; at most UINT32_MAX - 1.
 */
static inline uint32_t dunlin_driver_remaining_ticks(int64_t deadline, uint32_t ticks_per_second)
{
    int32_t ms = dunlin_driver_remaining_ms(deadline);
    uint64_t ticks;
    if (ms < 0)
        return UINT32_MAX;
    if (ms == 0)
        return 0;
    ticks = ((uint64_t)ms * ticks_per_second + 999) / 1000 + 1;
    return ticks >= UINT32_MAX ? UINT32_MAX - 1 : (uint32_t)ticks;
}

#ifdef __cplusplus
}
#endif

#endif /* DUNLIN_DRIVER_H */
