#include "walk.h"

static char text[64];
static struct dunlin_addr addr = {.family = DUNLIN_AF_INET};
static struct dunlin_prefix net = {.family = DUNLIN_AF_INET};

WALK(prefix_contains, NONE, 2, ANYTIME, dunlin_prefix_contains(P(1, &net), P(2, &addr)))
WALK(prefix_format, NONE, 2, ANYTIME, dunlin_prefix_format(P(1, &net), P(2, text), sizeof text))
WALK(prefix_make, NONE, 2, ANYTIME, dunlin_prefix_make(P(1, &addr), 24, P(2, &net)))
WALK(prefix_mask, NONE, 1, ANYTIME, dunlin_prefix_mask(P(1, &net)))
WALK(prefix_parse, NONE, 2, ANYTIME, dunlin_prefix_parse(P(1, "10.0.0.0/8"), P(2, &net), NULL))
