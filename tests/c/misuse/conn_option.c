#include "walk.h"

static const struct dunlin_keep_alive keep_alive = DUNLIN_KEEP_ALIVE_INIT;

WALK(conn_close_read, CONN, 0, 0, dunlin_conn_close_read(h))
WALK(conn_set_keep_alive, CONN, 1, HARMLESS, dunlin_conn_set_keep_alive(h, P(1, &keep_alive)))
WALK(conn_set_linger, CONN, 0, 0, dunlin_conn_set_linger(h, -1))
WALK(conn_set_no_delay, CONN, 0, 0, dunlin_conn_set_no_delay(h, 1))
WALK(conn_set_read_buffer, CONN, 0, 0, dunlin_conn_set_read_buffer(h, 4096))
WALK(conn_set_write_buffer, CONN, 0, 0, dunlin_conn_set_write_buffer(h, 4096))
