#include "walk.h"

static char text[DUNLIN_MAC_TEXT_MAX];
static struct dunlin_mac mac;

WALK(mac_format, NONE, 2, ANYTIME, dunlin_mac_format(P(1, &mac), P(2, text), sizeof text))
WALK(mac_parse, NONE, 2, ANYTIME, dunlin_mac_parse(P(1, "00005e005301"), P(2, &mac)))
