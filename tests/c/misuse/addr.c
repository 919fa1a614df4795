#include "walk.h"

static char text[64];
static struct dunlin_str str_a, str_b;
static struct dunlin_addr addr = {.family = DUNLIN_AF_INET};

WALK(addr_format, NONE, 2, ANYTIME, dunlin_addr_format(P(1, &addr), P(2, text), sizeof text))
WALK(addr_parse, NONE, 2, ANYTIME, dunlin_addr_parse(P(1, "::1"), P(2, &addr)))
WALK(join_host_port, NONE, 3, ANYTIME,
     dunlin_join_host_port(P(1, "a"), P(2, "b"), P(3, text), sizeof text))
WALK(split_host_port, NONE, 3, ANYTIME,
     dunlin_split_host_port(P(1, "a:b"), P(2, &str_a), P(3, &str_b)))
