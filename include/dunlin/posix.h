/*
 * dunlin/posix.h - the netdev over the BSD sockets of a POSIX host (drivers/posix).
 *
 * Needs Linux or a BSD with accept4(), pipe2() and MSG_NOSIGNAL. Its state is static, and all its
 * devices share it. Sizes are macros that a build may set: DUNLIN_POSIX_MAX_SOCKETS (1024),
 * DUNLIN_POSIX_MAX_POLL (1024 items of one poll), DUNLIN_POSIX_MAX_BLOCKED (128 waiting calls that
 * are woken at once; further ones notice within 10 ms), DUNLIN_POSIX_MAX_LOOKUPS (8 name lookups at
 * a time), DUNLIN_POSIX_MAX_INTERFACES (8 names of interfaces that devices are bound to in the life
 * of a program).
 */
#ifndef DUNLIN_POSIX_H
#define DUNLIN_POSIX_H

#include <dunlin/dunlin.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The table, for dunlin_netdev_register() under a name of one's own; ctx is the application's. */
extern const struct dunlin_netdev_ops dunlin_posix_ops;

/*
 * Registers the whole host as "posix0": the system routes. dunlin_interfaces() tells the interfaces
 * of the host, with its indices. The device is always up: single interfaces come and go.
 *
 * Blocks: no. Called from: task, after dunlin_init(). Returns: the netdev handle, or < 0.
 */
int32_t dunlin_posix_register(void);

/*
 * Registers one interface of the host as a device of that name ("eth0"), for programs of several
 * devices. Its sockets send and receive through this interface alone (SO_BINDTODEVICE: Linux;
 * before 5.7 it needs CAP_NET_RAW); what the host sends to itself goes through "lo". Unix sockets
 * and lookups are the host's. The device is up when the interface is switched on, in operation, and
 * has an address that is not link-local IPv6; a change is noticed within 250 ms while anybody waits
 * in the library. The interface need not exist yet.
 *
 * Blocks: no. Called from: task, after dunlin_init(). Returns: the netdev handle, or < 0:
 * DUNLIN_ERR_NO_SUCH_INTERFACE (no name of an interface), DUNLIN_ERR_EXISTS, DUNLIN_ERR_NO_SLOT.
 */
int32_t dunlin_posix_register_on(const char *interface);

/*
 * Sets a device's DNS servers from a file in the format of resolv.conf(5): its first three
 * "nameserver" lines with an IP address; lines of another kind or without one are passed over.
 * NULL is "/etc/resolv.conf", which the functions above read when they register a device; call it
 * again when the file has changed. Addresses are found by the host's own resolver; the servers are
 * asked for other records (dunlin_lookup_txt() and the like).
 *
 * Blocks: no, but it reads a file. Called from: task. Returns: how many servers were set, 0 takes
 * those away that there were; or < 0: the system's (no such file), DUNLIN_ERR_IO,
 * DUNLIN_ERR_BAD_HANDLE.
 */
int32_t dunlin_posix_set_dns_servers(dunlin_netdev_t dev, const char *path);

#ifdef __cplusplus
}
#endif

#endif /* DUNLIN_POSIX_H */
