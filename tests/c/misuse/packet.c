#include "walk.h"

static char bytes[64];
static struct dunlin_addr addr;
static struct dunlin_error_info error = DUNLIN_ERROR_INFO_INIT;
static struct dunlin_packet_info info = DUNLIN_PACKET_INFO_INIT;

WALK(listen_multicast, NONE, 2, 0, dunlin_listen_multicast(NULL, P(1, "udp"), P(2, "10.0.0.1:1")))
WALK(listen_packet, NONE, 2, 0, dunlin_listen_packet(NULL, P(1, "udp"), P(2, "127.0.0.1:x")))
WALK(packet_conn_close, PACKET_CONN, 0, 0, dunlin_packet_conn_close(h))
WALK(packet_conn_error, PACKET_CONN, 1, 0, dunlin_packet_conn_error(h, P(1, &error)))
WALK(packet_conn_join, PACKET_CONN, 1, 0, dunlin_packet_conn_join(h, P(1, &addr), NULL))
WALK(packet_conn_leave, PACKET_CONN, 1, 0, dunlin_packet_conn_leave(h, P(1, &addr), NULL))
WALK(packet_conn_local_addr, PACKET_CONN, 1, 0, dunlin_packet_conn_local_addr(h, P(1, &addr)))
WALK(packet_conn_read_from, PACKET_CONN, 1, 0,
     dunlin_packet_conn_read_from(h, P(1, bytes), sizeof bytes, NULL))
WALK(packet_conn_read_msg, PACKET_CONN, 2, 0,
     dunlin_packet_conn_read_msg(h, P(1, bytes), sizeof bytes, P(2, &info)))
WALK(packet_conn_set_broadcast, PACKET_CONN, 0, 0, dunlin_packet_conn_set_broadcast(h, 1))
WALK(packet_conn_set_deadline, PACKET_CONN, 0, 0, dunlin_packet_conn_set_deadline(h, 0))
WALK(packet_conn_set_read_buffer, PACKET_CONN, 0, 0, dunlin_packet_conn_set_read_buffer(h, 4096))
WALK(packet_conn_set_read_deadline, PACKET_CONN, 0, 0, dunlin_packet_conn_set_read_deadline(h, 0))
WALK(packet_conn_set_write_buffer, PACKET_CONN, 0, 0, dunlin_packet_conn_set_write_buffer(h, 4096))
WALK(packet_conn_set_write_deadline, PACKET_CONN, 0, 0, dunlin_packet_conn_set_write_deadline(h, 0))
WALK(packet_conn_write_msg, PACKET_CONN, 2, 0,
     dunlin_packet_conn_write_msg(h, P(1, bytes), 1, P(2, &info)))
WALK(packet_conn_write_to, PACKET_CONN, 2, 0,
     dunlin_packet_conn_write_to(h, P(1, bytes), 1, P(2, &addr)))
