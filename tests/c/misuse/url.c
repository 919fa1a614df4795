#include "walk.h"

static struct dunlin_url parts = DUNLIN_URL_INIT;
static struct dunlin_str rest, name, value;
static char room[256];

/* A view of a text, or of nothing. */
static struct dunlin_str of(const char *text)
{
    struct dunlin_str s = {text, text != NULL ? strlen(text) : 0};
    return s;
}

WALK(media_type_param, NONE, 3, ANYTIME,
     dunlin_media_type_param(of(P(1, "a/b; c=d")), P(2, "c"), P(3, room), sizeof room))
WALK(path_clean, NONE, 2, ANYTIME, dunlin_path_clean(of(P(1, "/a/..")), P(2, room), sizeof room))
WALK(query_next, NONE, 3, ANYTIME,
     (rest = of("a=b"), dunlin_query_next(P(1, &rest), P(2, &name), P(3, &value))))
WALK(query_value, NONE, 2, ANYTIME,
     dunlin_query_value(of("a=b"), P(1, "a"), P(2, room), sizeof room))
WALK(str_of, NONE, 1, ANYTIME | VIEW, dunlin_str_of(P(1, "text")).ptr != NULL)
WALK(url_escape, NONE, 2, ANYTIME,
     dunlin_url_escape(DUNLIN_URL_QUERY, of(P(1, "a b")), P(2, room), sizeof room))
WALK(url_parse, NONE, 2, ANYTIME, dunlin_url_parse(of(P(1, "http://a/")), P(2, &parts)))
WALK(url_resolve, NONE, 3, ANYTIME,
     dunlin_url_resolve(of(P(1, "http://a/")), of(P(2, "b")), P(3, room), sizeof room))
WALK(url_unescape, NONE, 2, ANYTIME,
     dunlin_url_unescape(DUNLIN_URL_QUERY, of(P(1, "a+b")), P(2, room), sizeof room))
