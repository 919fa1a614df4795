#include "walk.h"

static char text[DUNLIN_FLAGS_TEXT_MAX];

WALK(flags_format, NONE, 1, ANYTIME, dunlin_flags_format(DUNLIN_FLAG_UP, P(1, text), sizeof text))
