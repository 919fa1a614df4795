#include "walk.h"

static char text[64];
static struct dunlin_addr addr = {.family = DUNLIN_AF_INET}, mask = {.family = DUNLIN_AF_INET};

WALK(ip_class, NONE, 1, ANYTIME, dunlin_ip_class(P(1, &addr)))
WALK(ip_equal, NONE, 2, ANYTIME, dunlin_ip_equal(P(1, &addr), P(2, &mask)))
WALK(ip_format, NONE, 2, ANYTIME, dunlin_ip_format(P(1, &addr), P(2, text), sizeof text))
WALK(ip_format_expanded, NONE, 2, ANYTIME,
     dunlin_ip_format_expanded(P(1, &addr), P(2, text), sizeof text))
WALK(ip_map, NONE, 1, ANYTIME, dunlin_ip_map(P(1, &addr)))
WALK(ip_mask, NONE, 2, ANYTIME, dunlin_ip_mask(P(1, &addr), P(2, &mask)))
WALK(ip_parse, NONE, 2, ANYTIME, dunlin_ip_parse(P(1, "::1"), P(2, &addr)))
WALK(ip_unmap, NONE, 1, ANYTIME, dunlin_ip_unmap(P(1, &addr)))
WALK(mask_format, NONE, 2, ANYTIME, dunlin_mask_format(P(1, &mask), P(2, text), sizeof text))
WALK(mask_make, NONE, 1, ANYTIME, dunlin_mask_make(24, DUNLIN_AF_INET, P(1, &mask)))
WALK(mask_ones, NONE, 1, ANYTIME, dunlin_mask_ones(P(1, &mask)))
