/* What a driver with DUNLIN_CAP_NOTIFY tells: every change from not ready to ready. */
#include "internal.h"

static int64_t limit(void)
{
    return dunlin_kit_after(dunlin_kit.limit_ms);
}

static void tells_data(void)
{
    uint8_t byte;
    int32_t sock = dunlin_kit_dial("LATE 100 1");
    CHECKED(sock);
    dunlin_kit_forget_notifies();
    WANT_IS("recv", dunlin_kit_recv(sock, &byte, 1, DUNLIN_DONTWAIT, 0), DUNLIN_ERR_WOULD_BLOCK);
    WANT(dunlin_kit_notified(sock, DUNLIN_READABLE, limit()), "no notify of data");
    WANT_IS("recv after it", dunlin_kit_recv(sock, &byte, 1, DUNLIN_DONTWAIT, 0), 1);
}

static void tells_end(void)
{
    uint8_t byte;
    int32_t sock = dunlin_kit_dial("LAST 100");
    CHECKED(sock);
    dunlin_kit_forget_notifies();
    WANT_IS("recv", dunlin_kit_recv(sock, &byte, 1, DUNLIN_DONTWAIT, 0), DUNLIN_ERR_WOULD_BLOCK);
    WANT(dunlin_kit_notified(sock, DUNLIN_READABLE, limit()), "no notify of the stream's end");
    WANT_IS("recv after it", dunlin_kit_recv(sock, &byte, 1, DUNLIN_DONTWAIT, 0), 0);
}

static void tells_room(void)
{
    int32_t n, sock = dunlin_kit_dial("SLOW");
    CHECKED(sock);
    do {
        dunlin_kit_forget_notifies();
        n = dunlin_kit_send(sock, dunlin_kit.more, KIT_BUF, DUNLIN_DONTWAIT, 0);
    } while (n > 0);
    WANT_IS("send", n, DUNLIN_ERR_WOULD_BLOCK);
    WANT(dunlin_kit_notified(sock, DUNLIN_WRITABLE, limit()), "no notify of room to send");
}

static void tells_connection(void)
{
    struct dunlin_addr addr;
    int32_t sock = dunlin_kit_listen(DUNLIN_AF_INET, &addr);
    CHECKED(sock);
    dunlin_kit_forget_notifies();
    WANT_IS("accept", dunlin_kit_accept(sock, &addr, DUNLIN_DONTWAIT, 0), DUNLIN_ERR_WOULD_BLOCK);
    CHECKED(dunlin_kit_call_back(sock, 50, 1));
    WANT(dunlin_kit_notified(sock, DUNLIN_READABLE, limit()), "no notify of a connection");
    WANT_OK("accept after it", dunlin_kit_accept(sock, &addr, DUNLIN_DONTWAIT, 0));
}

static const struct dunlin_kit_check notify_checks[] = {
    {"notify: data", tells_data, NEED_NOTIFY},
    {"notify: the end of a stream", tells_end, NEED_NOTIFY},
    {"notify: room to send", tells_room, NEED_NOTIFY},
    {"notify: a connection to accept", tells_connection, NEED_NOTIFY | NEED_LISTEN},
};
const struct dunlin_kit_group dunlin_kit_notifies = KIT_GROUP(notify_checks);
