/*
 * The walk over every exported function: each header section has a file here, with one WALK for
 * each of its functions. test_misuse.c calls them with every wrong handle and with NULL in every
 * position; it fails when a function of tests/abi/exports.txt has no WALK.
 */
#ifndef TESTS_MISUSE_WALK_H
#define TESTS_MISUSE_WALK_H

#include <dunlin/dunlin.h>
#include <dunlin/posix.h>

#include <stddef.h>
#include <string.h>

enum kind {
    NONE,
    NETDEV,
    CONN,
    LISTENER,
    PACKET_CONN,
    CANCEL,
    SERVER,
    CLIENT,
    RESPONSE,
    EXCHANGE,
    SUBSCRIPTION,
    KINDS
};

#define ANYTIME 1  /* works before dunlin_init() */
#define VIEW 2     /* gives a view: 0 is none */
#define HARMLESS 4 /* NULL is allowed, or there is no result */

struct entry {
    const char *name; /* the function, and after a '/' the argument that is the handle */
    int64_t (*call)(int32_t h, int null);
    enum kind kind;
    int pointers; /* P(1) to P(pointers) */
    unsigned flags;
    struct entry *next;
};

/* Handles of each kind, 0 where there is none. */
extern int32_t live[KINDS], stale[KINDS];
extern const struct dunlin_http_route routes[1];

void walk_add(struct entry *entry);
dunlin_conn_t spare_conn(void);

/*
 * A function by its name without "dunlin_", the kind of its handle, how many pointers it takes, the
 * flags, and a call of it, in which h is the handle and P(n, p) the pointer p, or NULL when the
 * n-th is tried.
 */
#define WALK(name, kind, pointers, flags, call) WALK_ENTRY(name, #name, kind, pointers, flags, call)

/* The same function with another argument as the handle. */
#define WALK_AS(name, which, kind, pointers, flags, call) \
    WALK_ENTRY(name##_##which, #name "/" #which, kind, pointers, flags, call)

#define P(n, p) (null == (n) ? NULL : (p))

#define WALK_ENTRY(id, name, kind, pointers, flags, expression)                              \
    static int64_t call_##id(int32_t h, int null)                                            \
    {                                                                                        \
        (void)h;                                                                             \
        (void)null;                                                                          \
        return (int64_t)(expression);                                                        \
    }                                                                                        \
    __attribute__((constructor)) static void add_##id(void)                                  \
    {                                                                                        \
        static struct entry entry = {"dunlin_" name, call_##id, kind, pointers, flags, NULL}; \
        walk_add(&entry);                                                                    \
    }

#endif
