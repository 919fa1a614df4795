/* Connections over the driver of this host. */
#include "app.h"

static void bytes_and_both_ends(void **state)
{
    struct dunlin_iovec pieces[3] = {{"ab", 2}, {NULL, 0}, {"cde", 3}};
    dunlin_conn_t a, b;
    char buf[16];
    (void)state;
    app_pair(&a, &b);
    assert_int_equal(dunlin_conn_write(a, "0", 1), 1);
    assert_int_equal(dunlin_conn_writev(a, pieces, 3), 5);
    assert_int_equal(dunlin_conn_write(a, NULL, 0), 0);
    assert_int_equal(dunlin_conn_close_write(a), 0);
    assert_int_equal(app_read_all(b, buf, sizeof buf), 6);
    assert_memory_equal(buf, "0abcde", 6);
    /* Reading goes on after the writing direction has ended. */
    assert_int_equal(dunlin_conn_write(b, "ok", 2), 2);
    assert_int_equal(dunlin_conn_read(a, buf, sizeof buf), 2);
    assert_int_equal(dunlin_conn_write(a, "x", 1), DUNLIN_ERR_BROKEN_PIPE);
    assert_int_equal(dunlin_conn_close(a), 0);
    assert_int_equal(dunlin_conn_read(b, buf, sizeof buf), 0);
    assert_int_equal(dunlin_conn_read(b, buf, sizeof buf), 0);
    assert_int_equal(dunlin_conn_close(b), 0);
    assert_int_equal(dunlin_conn_close(b), DUNLIN_ERR_BAD_HANDLE);
}

static void lengths_and_pointers_are_checked(void **state)
{
    struct dunlin_iovec pieces[DUNLIN_IOVEC_MAX + 1];
    dunlin_conn_t a, b;
    char buf[4];
    (void)state;
    memset(pieces, 0, sizeof pieces);
    app_pair(&a, &b);
    assert_int_equal(dunlin_conn_read(a, buf, 0), DUNLIN_ERR_INVALID);
    assert_int_equal(dunlin_conn_read(a, NULL, 1), DUNLIN_ERR_INVALID);
    assert_int_equal(dunlin_conn_read(a, buf, SIZE_MAX), DUNLIN_ERR_INVALID);
    assert_int_equal(dunlin_conn_write(a, NULL, 1), DUNLIN_ERR_INVALID);
    assert_int_equal(dunlin_conn_write(a, buf, (size_t)PTRDIFF_MAX + 1), DUNLIN_ERR_INVALID);
    assert_int_equal(dunlin_conn_writev(a, NULL, 1), DUNLIN_ERR_INVALID);
    assert_int_equal(dunlin_conn_writev(a, NULL, 0), 0);
    assert_int_equal(dunlin_conn_writev(a, pieces, DUNLIN_IOVEC_MAX), 0);
    assert_int_equal(dunlin_conn_writev(a, pieces, DUNLIN_IOVEC_MAX + 1), DUNLIN_ERR_INVALID);
    pieces[1].len = 3;
    assert_int_equal(dunlin_conn_writev(a, pieces, 2), DUNLIN_ERR_INVALID);
    pieces[0].ptr = pieces[1].ptr = buf;
    pieces[0].len = pieces[1].len = PTRDIFF_MAX;
    assert_int_equal(dunlin_conn_writev(a, pieces, 2), DUNLIN_ERR_INVALID);
    dunlin_conn_close(a);
    dunlin_conn_close(b);
}

static void a_deadline_loses_nothing(void **state)
{
    struct app_task reader;
    dunlin_conn_t a, b;
    char buf[8];
    int64_t until;
    (void)state;
    app_pair(&a, &b);
    assert_int_equal(dunlin_conn_set_read_deadline(a, -1), 0);
    assert_int_equal(dunlin_conn_read(a, buf, sizeof buf), DUNLIN_ERR_WOULD_BLOCK);
    assert_int_equal(dunlin_conn_set_read_deadline(a, 1), 0);
    assert_int_equal(dunlin_conn_read(a, buf, sizeof buf), DUNLIN_ERR_TIMEOUT);
    until = dunlin_after_ms(50);
    assert_int_equal(dunlin_conn_set_read_deadline(a, until), 0);
    assert_int_equal(dunlin_conn_read(a, buf, sizeof buf), DUNLIN_ERR_TIMEOUT);
    assert_true(dunlin_now_ms() >= until && dunlin_now_ms() < until + 2000);

    /* Moved while a read waits, it takes effect at once. */
    assert_int_equal(dunlin_conn_set_read_deadline(a, 0), 0);
    reader.buf = buf;
    reader.len = sizeof buf;
    app_start(&reader, app_read, a);
    app_sleep(30);
    assert_int_equal(dunlin_conn_set_deadline(a, dunlin_after_ms(1)), 0);
    assert_int_equal(app_join(&reader), DUNLIN_ERR_TIMEOUT);

    assert_int_equal(dunlin_conn_set_deadline(a, dunlin_after_ms(5000)), 0);
    assert_int_equal(dunlin_conn_write(b, "kept", 4), 4);
    assert_int_equal(dunlin_conn_read(a, buf, sizeof buf), 4);
    dunlin_conn_close(a);
    dunlin_conn_close(b);
}

static void a_write_tells_how_much_went_out(void **state)
{
    static char big[8 * 1024 * 1024];
    dunlin_conn_t a, b;
    dunlin_ssize_t n;
    (void)state;
    app_pair(&a, &b);
    assert_int_equal(dunlin_conn_set_write_deadline(a, dunlin_after_ms(200)), 0);
    n = dunlin_conn_write(a, big, sizeof big); /* nobody reads */
    assert_true(n > 0 && (size_t)n < sizeof big);
    assert_int_equal(dunlin_conn_write(a, big, 1), DUNLIN_ERR_TIMEOUT);
    assert_int_equal(dunlin_conn_set_write_deadline(a, -1), 0);
    while ((n = dunlin_conn_write(a, big, sizeof big)) > 0) {
        /* the peer's buffer may still have grown */
    }
    assert_int_equal(n, DUNLIN_ERR_WOULD_BLOCK);
    dunlin_conn_close(a);
    dunlin_conn_close(b);
}

static void one_reader_and_any_closer(void **state)
{
    struct app_task reader;
    dunlin_conn_t a, b;
    char buf[4], other[4];
    (void)state;
    app_pair(&a, &b);
    dunlin_conn_set_read_deadline(a, 0);
    reader.buf = buf;
    reader.len = sizeof buf;
    app_start(&reader, app_read, a);
    app_sleep(30);
    assert_int_equal(dunlin_conn_read(a, other, sizeof other), DUNLIN_ERR_BUSY);
    assert_int_equal(dunlin_conn_write(a, "x", 1), 1); /* the other direction is free */
    assert_int_equal(dunlin_conn_close(a), 0);
    assert_int_equal(app_join(&reader), DUNLIN_ERR_CLOSED);
    assert_int_equal(dunlin_conn_read(a, buf, sizeof buf), DUNLIN_ERR_BAD_HANDLE);
    dunlin_conn_close(b);
}

static void addresses_of_both_ends(void **state)
{
    struct dunlin_addr near_a, far_a, near_b, far_b;
    dunlin_conn_t a, b;
    (void)state;
    app_pair(&a, &b);
    assert_int_equal(dunlin_conn_local_addr(a, &near_a), 0);
    assert_int_equal(dunlin_conn_remote_addr(a, &far_a), 0);
    assert_int_equal(dunlin_conn_local_addr(b, &near_b), 0);
    assert_int_equal(dunlin_conn_remote_addr(b, &far_b), 0);
    assert_int_equal(near_a.family, DUNLIN_AF_INET);
    assert_int_equal(near_a.port, far_b.port);
    assert_int_equal(far_a.port, near_b.port);
    assert_memory_equal(near_a.ip, far_b.ip, 16);
    assert_int_equal(dunlin_conn_local_addr(a, NULL), DUNLIN_ERR_INVALID);
    assert_int_equal(dunlin_conn_remote_addr(a, NULL), DUNLIN_ERR_INVALID);
    dunlin_conn_close(a);
    dunlin_conn_close(b);
}

static void the_last_error_stays_with_the_connection(void **state)
{
    struct dunlin_error_info info = DUNLIN_ERROR_INFO_INIT;
    dunlin_conn_t a, b;
    char buf[4];
    (void)state;
    app_pair(&a, &b);
    assert_int_equal(dunlin_conn_error(a, &info), 0);
    assert_int_equal(info.op, DUNLIN_OP_NONE);
    assert_int_equal(info.code, 0);
    dunlin_conn_set_read_deadline(a, 1);
    assert_int_equal(dunlin_conn_read(a, buf, sizeof buf), DUNLIN_ERR_TIMEOUT);
    assert_int_equal(dunlin_conn_error(a, &info), 0);
    assert_int_equal(info.op, DUNLIN_OP_READ);
    assert_int_equal(info.code, DUNLIN_ERR_TIMEOUT);
    assert_int_equal(info.source.family, DUNLIN_AF_INET);
    assert_int_equal(info.addr.family, DUNLIN_AF_INET);
    assert_true(info.source.port != 0 && info.addr.port != 0);
    info.size = 0;
    assert_int_equal(dunlin_conn_error(a, &info), DUNLIN_ERR_VERSION);
    assert_int_equal(dunlin_conn_error(a, NULL), DUNLIN_ERR_INVALID);
    dunlin_conn_close(a);
    dunlin_conn_close(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        APP_TEST(bytes_and_both_ends),
        APP_TEST(lengths_and_pointers_are_checked),
        APP_TEST(a_deadline_loses_nothing),
        APP_TEST(a_write_tells_how_much_went_out),
        APP_TEST(one_reader_and_any_closer),
        APP_TEST(addresses_of_both_ends),
        APP_TEST(the_last_error_stays_with_the_connection),
    };
    return cmocka_run_group_tests_name("conn", tests, app_up, app_down);
}
