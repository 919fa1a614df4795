#include "walk.h"

static char bytes[64];
static struct dunlin_addr addr;
static struct dunlin_error_info info = DUNLIN_ERROR_INFO_INIT;
static const struct dunlin_iovec iovec = {bytes, 1};
static dunlin_conn_t conn_a, conn_b;

static int32_t dial_under(dunlin_cancel_t token)
{
    struct dunlin_dialer dialer = DUNLIN_DIALER_INIT;
    dialer.cancel = token;
    return dunlin_dial(&dialer, "tcp", "127.0.0.1:1");
}

WALK(accept, LISTENER, 0, 0, dunlin_accept(h))
WALK(conn_close, CONN, 0, 0, dunlin_conn_close(h))
WALK(conn_close_write, CONN, 0, 0, dunlin_conn_close_write(h))
WALK(conn_error, CONN, 1, 0, dunlin_conn_error(h, P(1, &info)))
WALK(conn_local_addr, CONN, 1, 0, dunlin_conn_local_addr(h, P(1, &addr)))
WALK(conn_read, CONN, 1, 0, dunlin_conn_read(h, P(1, bytes), sizeof bytes))
WALK(conn_remote_addr, CONN, 1, 0, dunlin_conn_remote_addr(h, P(1, &addr)))
WALK(conn_set_deadline, CONN, 0, 0, dunlin_conn_set_deadline(h, 0))
WALK(conn_set_read_deadline, CONN, 0, 0, dunlin_conn_set_read_deadline(h, 0))
WALK(conn_set_write_deadline, CONN, 0, 0, dunlin_conn_set_write_deadline(h, 0))
WALK(conn_write, CONN, 1, 0, dunlin_conn_write(h, P(1, bytes), 1))
WALK(conn_writev, CONN, 1, 0, dunlin_conn_writev(h, P(1, &iovec), 1))
WALK(dial, NONE, 2, 0, dunlin_dial(NULL, P(1, "tcp"), P(2, "127.0.0.1:1")))
WALK_AS(dial, cancel, CANCEL, 0, 0, dial_under(h))
WALK(listen, NONE, 2, 0, dunlin_listen(NULL, P(1, "tcp"), P(2, "127.0.0.1:x")))
WALK(listener_addr, LISTENER, 1, 0, dunlin_listener_addr(h, P(1, &addr)))
WALK(listener_error, LISTENER, 1, 0, dunlin_listener_error(h, P(1, &info)))
WALK(listener_close, LISTENER, 0, 0, dunlin_listener_close(h))
WALK(listener_set_deadline, LISTENER, 0, 0, dunlin_listener_set_deadline(h, 0))
WALK(pipe, NONE, 2, 0, dunlin_pipe(P(1, &conn_a), P(2, &conn_b)))
