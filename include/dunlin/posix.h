/*
 * dunlin/posix.h - the netdev over the BSD sockets of a POSIX host (drivers/posix).
 *
 * Needs Linux or a BSD with accept4(), pipe2() and MSG_NOSIGNAL. Its state is static, so there is
 * one such device in a program. Sizes are macros that a build may set: DUNLIN_POSIX_MAX_SOCKETS
 * (1024), DUNLIN_POSIX_MAX_POLL (1024 items of one poll), DUNLIN_POSIX_MAX_BLOCKED (128 waiting
 * calls that are woken at once; further ones notice within 10 ms), DUNLIN_POSIX_MAX_LOOKUPS (8 name
 * lookups at a time).
 */
#ifndef DUNLIN_POSIX_H
#define DUNLIN_POSIX_H

#include <dunlin/dunlin.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The table, for dunlin_netdev_register() under a name of one's own; ctx is not used. */
extern const struct dunlin_netdev_ops dunlin_posix_ops;

/*
 * Registers the device as "posix0".
 *
 * Blocks: no. Called from: task, after dunlin_init(). Returns: the netdev handle, or < 0.
 */
int32_t dunlin_posix_register(void);

#ifdef __cplusplus
}
#endif

#endif /* DUNLIN_POSIX_H */
