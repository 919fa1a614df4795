/*
 * Made by `cargo xtask abi`. Within a major version no line may change: structs that start with
 * their size may grow at the end, so only the number of their size may.
 */
#include <dunlin/dunlin.h>

#ifdef __cplusplus
#define _Static_assert static_assert
#endif

#if UINTPTR_MAX > 0xffffffff
#define HOLDS(what, wide, narrow) _Static_assert((what) == (wide), #what)
#else
#define HOLDS(what, wide, narrow) _Static_assert((what) == (narrow), #what)
#endif

HOLDS(sizeof(int), 4, 4);
HOLDS(sizeof(DUNLIN_ERR_TIMEOUT), 4, 4);
