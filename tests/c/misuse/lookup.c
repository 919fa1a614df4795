#include "walk.h"

static const struct dunlin_addr server = {.family = DUNLIN_AF_INET, .ip = {127, 0, 0, 1}};
static struct dunlin_addr found[2];
static struct dunlin_str texts[2];
static struct dunlin_mx mail[2];
static struct dunlin_srv services[2];
static char room[256];

WALK(lookup_addr, NONE, 3, 0,
     dunlin_lookup_addr(NULL, P(1, &server), P(2, room), sizeof room, P(3, texts), 2))
WALK(lookup_cname, NONE, 2, 0, dunlin_lookup_cname(NULL, P(1, "-"), P(2, room), sizeof room))
WALK(lookup_host, NONE, 2, 0, dunlin_lookup_host(NULL, P(1, "127.0.0.1"), 0, P(2, found), 2))
WALK(lookup_mx, NONE, 3, 0,
     dunlin_lookup_mx(NULL, P(1, "-"), P(2, room), sizeof room, P(3, mail), 2))
WALK(lookup_port, NONE, 2, ANYTIME, dunlin_lookup_port(P(1, "tcp"), P(2, "http")))
WALK(lookup_srv, NONE, 5, 0,
     dunlin_lookup_srv(NULL, P(1, "s"), P(2, "p"), P(3, "-"), P(4, room), sizeof room,
                       P(5, services), 2))
WALK(lookup_txt, NONE, 3, 0,
     dunlin_lookup_txt(NULL, P(1, "-"), P(2, room), sizeof room, P(3, texts), 2))
WALK(netdev_set_dns_servers, NETDEV, 1, 0, dunlin_netdev_set_dns_servers(h, P(1, &server), 1))
