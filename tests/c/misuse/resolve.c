#include "walk.h"

static struct dunlin_addr addr;

WALK(resolve_addr, NONE, 3, ANYTIME,
     dunlin_resolve_addr(P(1, "tcp"), P(2, "127.0.0.1:80"), -1, P(3, &addr)))
