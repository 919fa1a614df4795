/*
 * dunlin/driver_kit.h - checks that the author of a driver runs against the driver's own table.
 *
 * The kit calls struct dunlin_netdev_ops as the core does, and checks every operation, error,
 * deadline and wake. It is below the library: it needs the port (dunlin/port.h) and nothing else,
 * so that what fails is the driver. No heap, no stdio; about 6 KiB of RAM and 2 KiB of stack. Its
 * counterpart on the network is drivers/kit/peer.py, which runs on any host with Python 3.
 *
 * One line per check, in a fixed order and with a fixed number:
 *
 *     ok 12 connect: a refused port
 *     FAIL 13 connect: its deadline: connect: got DUNLIN_ERR_WOULD_BLOCK, want DUNLIN_ERR_TIMEOUT
 *     skip 14 connect: an address without a route: no such address is configured
 *     61 passed, 1 failed, 4 skipped
 */
#ifndef DUNLIN_DRIVER_KIT_H
#define DUNLIN_DRIVER_KIT_H

#include <dunlin/dunlin.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What the kit is told. Zero or NULL leaves an optional field to its default. */
struct dunlin_driver_kit_config {
    /* sizeof(struct dunlin_driver_kit_config). */
    uint32_t size;
    /* Multiplies every time that the kit waits; 0: 1. A slow modem may want 5. */
    uint32_t time_scale;
    /* How late a call may come back after its deadline or a wake, in milliseconds; 0: 1000. */
    uint32_t late_ms;
    /* Port of the listeners that the kit opens; 0: the driver chooses, and has local_addr. */
    uint16_t listen_port;
    /* Zero. */
    uint16_t reserved;
    /* The driver. */
    const struct dunlin_netdev_ops *ops;
    void *ctx;
    /* Where peer.py listens, over IPv4; it also uses the two ports above. */
    struct dunlin_addr peer;
    /* The same over IPv6; family 0: what needs it is skipped. */
    struct dunlin_addr peer6;
    /* An address without a route; family 0: skipped. */
    struct dunlin_addr unreachable;
    /* How the peer reaches the device; family 0: at the address that its connections come from. */
    struct dunlin_addr reach;
    /* A name that the device finds, and one that it does not; NULL: skipped. */
    const char *known_name;
    const char *unknown_name;
    /* A path that a unix socket may be bound to; NULL: skipped. */
    const char *unix_path;
    /*
     * Starts a task that calls entry(arg) and ends when it returns; 0, or < 0: it cannot. Called at
     * most once. NULL: what needs two tasks is skipped.
     */
    int32_t (*start_task)(void *user, void (*entry)(void *arg), void *arg);
    /* Takes a line, without its end. NULL: dunlin_port_log(). */
    void (*line)(void *user, const char *text, size_t len);
    /* Handed to start_task and line. */
    void *user;
    /* Runs only the checks whose name begins so; NULL: all. Numbers stay. */
    const char *only;
};

/*
 * Runs the checks, one after another, and closes what they opened. One run at a time in a program.
 *
 * Blocks: yes, some 10 s. Called from: task. Returns: how many checks failed; DUNLIN_ERR_INVALID
 * (no table or no peer), DUNLIN_ERR_VERSION (size), DUNLIN_ERR_NO_MEMORY (the port has no events).
 */
int32_t dunlin_driver_kit_run(const struct dunlin_driver_kit_config *config);

/*
 * The handle that a driver with DUNLIN_CAP_NOTIFY or step hands to dunlin_netdev_notify() while the
 * kit runs. The kit brings that function, for programs that do not link the library.
 */
#define DUNLIN_DRIVER_KIT_DEV 1

#ifdef __cplusplus
}
#endif

#endif /* DUNLIN_DRIVER_KIT_H */
