#include "walk.h"

static char text[64];
static struct dunlin_error_info info = DUNLIN_ERROR_INFO_INIT;

WALK(error_format, NONE, 2, ANYTIME, dunlin_error_format(P(1, &info), P(2, text), sizeof text))
WALK(error_is_temporary, NONE, 0, ANYTIME | HARMLESS, dunlin_error_is_temporary(99, h))
WALK(error_is_timeout, NONE, 0, ANYTIME | HARMLESS, dunlin_error_is_timeout(h))
