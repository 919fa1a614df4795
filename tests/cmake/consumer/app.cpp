// The same header in C++: a port that nobody listens on any more.
#include <dunlin/dunlin.h>
#include <dunlin/posix.h>

#include <cstdio>

static uint8_t memory[16 * 1024];

int main()
{
    struct dunlin_config config = DUNLIN_CONFIG_INIT;
    config.arena = memory;
    config.arena_len = sizeof memory;
    if (dunlin_init(&config) < 0 || dunlin_posix_register() < 0) {
        return 1;
    }
    struct dunlin_addr addr;
    char text[64];
    const dunlin_listener_t listener = dunlin_listen(nullptr, "tcp", "127.0.0.1:0");
    if (dunlin_listener_addr(listener, &addr) < 0 || dunlin_addr_format(&addr, text, sizeof text) < 0) {
        return 1;
    }
    dunlin_listener_close(listener);
    struct dunlin_dialer dialer = DUNLIN_DIALER_INIT;
    dialer.timeout_ms = 5000;
    const dunlin_conn_t conn = dunlin_dial(&dialer, "tcp", text);
    std::printf("%s: %s\n", text, dunlin_strerror(conn));
    const bool refused = conn == DUNLIN_ERR_CONN_REFUSED;
    return refused && dunlin_deinit(dunlin_after_ms(5000)) == 0 ? 0 : 1;
}
