/* An application on a POSIX host: a connection to itself through the driver. */
#include <dunlin/dunlin.h>
#include <dunlin/posix.h>

#include <stdio.h>
#include <string.h>

static uint8_t memory[16 * 1024];

static int32_t fail(const char *what, int32_t err)
{
    fprintf(stderr, "%s: %s\n", what, dunlin_strerror(err));
    return err < 0 ? err : DUNLIN_ERR_STATE;
}

static int32_t talk(void)
{
    dunlin_listener_t listener = dunlin_listen(NULL, "tcp", "127.0.0.1:0");
    struct dunlin_addr addr;
    char text[64], buf[16];
    int32_t err = dunlin_listener_addr(listener, &addr);
    if (err < 0) {
        return fail("listen", listener < 0 ? listener : err);
    }
    err = dunlin_addr_format(&addr, text, sizeof text);
    dunlin_conn_t client = err < 0 ? err : dunlin_dial(NULL, "tcp", text);
    if (client < 0) {
        return fail("dial", client);
    }
    dunlin_conn_t server = dunlin_accept(listener);
    if (server < 0) {
        return fail("accept", server);
    }
    dunlin_conn_set_deadline(server, dunlin_after_ms(5000));
    if (dunlin_conn_write(client, "hello", 5) != 5) {
        return fail("write", dunlin_conn_close(client));
    }
    dunlin_ssize_t n = dunlin_conn_read(server, buf, sizeof buf);
    if (n != 5 || memcmp(buf, "hello", 5) != 0) {
        return fail("read", (int32_t)n);
    }
    printf("%s: %.*s\n", text, (int)n, buf);
    dunlin_conn_close(client);
    dunlin_conn_close(server);
    return dunlin_listener_close(listener);
}

int main(void)
{
    struct dunlin_config config = DUNLIN_CONFIG_INIT;
    config.arena = memory;
    config.arena_len = sizeof memory;
    int32_t err = dunlin_init(&config);
    if (err < 0) {
        return fail("init", err) != 0;
    }
    dunlin_netdev_t dev = dunlin_posix_register();
    if (dev < 0) {
        return fail("register", dev) != 0;
    }
    err = talk();
    int32_t end = dunlin_deinit(dunlin_after_ms(5000));
    return err < 0 || end < 0;
}
