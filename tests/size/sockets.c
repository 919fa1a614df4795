/* Dials, sends, receives; listens and accepts. */
#include "size.h"

int main(void)
{
    char buf[64];
    if (size_up() < 0) {
        return 1;
    }
    dunlin_conn_t conn = dunlin_dial(NULL, "tcp", "device.example:7");
    dunlin_conn_set_deadline(conn, dunlin_after_ms(5000));
    dunlin_conn_write(conn, "hello", 5);
    dunlin_conn_read(conn, buf, sizeof buf);
    dunlin_conn_close(conn);
    dunlin_listener_t listener = dunlin_listen(NULL, "tcp", ":7");
    dunlin_conn_t peer = dunlin_accept(listener);
    dunlin_ssize_t n = dunlin_conn_read(peer, buf, sizeof buf);
    if (n > 0) {
        dunlin_conn_write(peer, buf, (size_t)n);
    }
    dunlin_conn_close(peer);
    return dunlin_listener_close(listener);
}
