/*
 * What the parts of the fuzzer of the C API share: where its choices come from, and the driver that
 * answers anything. Include it first.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <dunlin/dunlin.h>
#include <dunlin/posix.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The program: bytes of a file, and when they are used up, or from the start, a seed's numbers. */
void fuzz_begin(const uint8_t *data, size_t len, uint64_t seed);

/* Says whether the bytes of a file are used up; never so for a seed. */
bool fuzz_over(void);

/* A number below n (n > 0). */
uint32_t pick(uint32_t n);

/* Once in n. */
static inline bool once_in(uint32_t n)
{
    return pick(n) == 0;
}

/* Something is wrong: tells it with the seed, and aborts. */
void fuzz_fail(const char *what, int64_t value);

/* A deadline: past, now, or at most 2 ms away; never none. */
int64_t fuzz_deadline(void);

/* A string of its own memory, which fuzz_free_all gives back; no byte beyond its NUL. */
const char *fuzz_text(void);

/* Memory of exactly len bytes; given back by fuzz_free_all. */
void *fuzz_memory(size_t len);
void fuzz_free_all(void);

/* Fills memory with what a peer of HTTP may send, or with anything. */
void fuzz_fill(void *memory, size_t len);

/* Handles that were given, live or not. */
void keep(int32_t handle);
int32_t any(void);

/* Most often one of that kind, of those that were given. */
enum kind { NETDEV = 1, CONN, LISTENER, PACKET_CONN, CANCEL, SERVER, CLIENT, RESPONSE, EXCHANGE, SUBSCRIPTION = 12, KINDS = 16 };
int32_t some(enum kind kind);

/* How many handles of a kind were given so far, over all programs. */
uint64_t fuzz_given(enum kind kind);
void forget_all(void);

/* The driver; how many sockets are open at it. */
extern const struct dunlin_netdev_ops fuzz_ops;
extern const struct dunlin_netlink_ops fuzz_link_ops;
uint32_t fuzz_sockets(void);

/* One random call of the net part, of the HTTP part, and of an exchange. */
void call_text(void);
void call_net(void);
void call_http(void);
void call_exchange(dunlin_http_exchange_t x);
/* A client, and a server that listens. */
void begin_http(void);
/* Any but deinit. */
void call_any(void);

#endif /* TESTS_FUZZ_H */
