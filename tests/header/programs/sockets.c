/* Sockets: a dialer, deadlines, the error's detail, several at once. */
#include <dunlin/dunlin.h>

int32_t talk(uint8_t *buf, size_t len);
int32_t both(dunlin_conn_t a, dunlin_conn_t b);

int32_t talk(uint8_t *buf, size_t len)
{
    struct dunlin_dialer d = DUNLIN_DIALER_INIT;
    d.device = "modem0";
    d.timeout_ms = 8000;
    dunlin_conn_t c = dunlin_dial(&d, "tcp", "broker.example:1883");

    dunlin_conn_set_read_deadline(c, dunlin_after_ms(1000));
    dunlin_ssize_t n = dunlin_conn_read(c, buf, len);
    if (n == DUNLIN_ERR_TIMEOUT)
        n = dunlin_conn_read(c, buf, len); /* nothing was lost */
    struct dunlin_error_info e = DUNLIN_ERROR_INFO_INIT;
    if (n < 0)
        dunlin_conn_error(c, &e);
    dunlin_conn_close(c); /* a second close is DUNLIN_ERR_BAD_HANDLE */
    return e.code;
}

int32_t both(dunlin_conn_t a, dunlin_conn_t b)
{
    struct dunlin_poll_item set[] = { DUNLIN_POLL(a, DUNLIN_READABLE), DUNLIN_POLL(b, DUNLIN_READABLE) };
    int32_t n = dunlin_poll(set, DUNLIN_COUNT(set), dunlin_after_ms(500));
    return n > 0 && (set[1].revents & DUNLIN_READABLE) != 0;
}
