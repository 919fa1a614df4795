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

HOLDS(sizeof(struct dunlin_addr), 32, 28);
HOLDS(offsetof(struct dunlin_addr, family), 0, 0);
HOLDS(offsetof(struct dunlin_addr, port), 2, 2);
HOLDS(offsetof(struct dunlin_addr, scope_id), 4, 4);
HOLDS(offsetof(struct dunlin_addr, ip), 8, 8);
HOLDS(offsetof(struct dunlin_addr, options), 24, 24);

HOLDS(sizeof(struct dunlin_netdev_poll), 8, 8);
HOLDS(offsetof(struct dunlin_netdev_poll, sock), 0, 0);
HOLDS(offsetof(struct dunlin_netdev_poll, events), 4, 4);
HOLDS(offsetof(struct dunlin_netdev_poll, revents), 6, 6);

HOLDS(sizeof(struct dunlin_iovec), 16, 8);
HOLDS(offsetof(struct dunlin_iovec, ptr), 0, 0);
HOLDS(offsetof(struct dunlin_iovec, len), 8, 4);

HOLDS(sizeof(struct dunlin_netdev_ops), 192, 104);
HOLDS(offsetof(struct dunlin_netdev_ops, size), 0, 0);
HOLDS(offsetof(struct dunlin_netdev_ops, caps), 4, 4);
HOLDS(offsetof(struct dunlin_netdev_ops, max_sockets), 8, 8);
HOLDS(offsetof(struct dunlin_netdev_ops, reserved), 12, 12);
HOLDS(offsetof(struct dunlin_netdev_ops, get_host_by_name), 16, 16);
HOLDS(offsetof(struct dunlin_netdev_ops, addr), 24, 20);
HOLDS(offsetof(struct dunlin_netdev_ops, socket), 32, 24);
HOLDS(offsetof(struct dunlin_netdev_ops, bind), 40, 28);
HOLDS(offsetof(struct dunlin_netdev_ops, connect), 48, 32);
HOLDS(offsetof(struct dunlin_netdev_ops, listen), 56, 36);
HOLDS(offsetof(struct dunlin_netdev_ops, accept), 64, 40);
HOLDS(offsetof(struct dunlin_netdev_ops, send), 72, 44);
HOLDS(offsetof(struct dunlin_netdev_ops, recv), 80, 48);
HOLDS(offsetof(struct dunlin_netdev_ops, send_to), 88, 52);
HOLDS(offsetof(struct dunlin_netdev_ops, recv_from), 96, 56);
HOLDS(offsetof(struct dunlin_netdev_ops, close), 104, 60);
HOLDS(offsetof(struct dunlin_netdev_ops, set_sock_opt), 112, 64);
HOLDS(offsetof(struct dunlin_netdev_ops, shutdown), 120, 68);
HOLDS(offsetof(struct dunlin_netdev_ops, poll), 128, 72);
HOLDS(offsetof(struct dunlin_netdev_ops, wake), 136, 76);
HOLDS(offsetof(struct dunlin_netdev_ops, step), 144, 80);
HOLDS(offsetof(struct dunlin_netdev_ops, send_vec), 152, 84);
HOLDS(offsetof(struct dunlin_netdev_ops, local_addr), 160, 88);
HOLDS(offsetof(struct dunlin_netdev_ops, peer_addr), 168, 92);
HOLDS(offsetof(struct dunlin_netdev_ops, get_sock_opt), 176, 96);
HOLDS(offsetof(struct dunlin_netdev_ops, tls_provision), 184, 100);
