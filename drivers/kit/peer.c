/* The peer's services (see peer.py), and data with a known pattern. */
#include "internal.h"

#include <string.h>

static const char hello[] = "a few words, there and back";

struct dunlin_addr dunlin_kit_port(uint16_t above)
{
    struct dunlin_addr addr = dunlin_kit.config->peer;
    addr.port = (uint16_t)(addr.port + above);
    return addr;
}

int32_t dunlin_kit_send_all(int32_t sock, const void *data, size_t len)
{
    const uint8_t *at = data;
    int64_t deadline = dunlin_kit_after(4 * dunlin_kit.limit_ms);
    while (len > 0) {
        int32_t n = dunlin_kit_send(sock, at, len, 0, deadline);
        if (n <= 0 || (size_t)n > len) {
            dunlin_kit_fail_got("send", n, "bytes");
            return -1;
        }
        at += n;
        len -= (size_t)n;
    }
    return 0;
}

int32_t dunlin_kit_recv_all(int32_t sock, void *buf, size_t len)
{
    uint8_t *at = buf;
    int64_t deadline = dunlin_kit_after(4 * dunlin_kit.limit_ms);
    while (len > 0) {
        int32_t n = dunlin_kit_recv(sock, at, len, 0, deadline);
        if (n <= 0 || (size_t)n > len) {
            dunlin_kit_fail_got("recv", n, "bytes");
            return -1;
        }
        at += n;
        len -= (size_t)n;
    }
    return 0;
}

int32_t dunlin_kit_echo(int32_t sock)
{
    char back[sizeof hello];
    if (dunlin_kit_send_all(sock, hello, sizeof hello) < 0 ||
        dunlin_kit_recv_all(sock, back, sizeof back) < 0)
        return -1;
    if (memcmp(hello, back, sizeof hello) == 0)
        return 0;
    dunlin_kit_fail("other bytes came back than were sent");
    return -1;
}

int32_t dunlin_kit_dial_over(const struct dunlin_addr *peer, const char *command)
{
    int32_t sock = dunlin_kit_socket(peer->family, DUNLIN_SOCK_STREAM);
    if (sock < 0) {
        dunlin_kit_fail_got("socket", sock, "a socket");
        return -1;
    }
    int32_t err = dunlin_kit_connect(sock, peer, dunlin_kit_after(dunlin_kit.limit_ms));
    if (err != 0) {
        dunlin_kit_fail_got("connect to the peer", err, "0");
        return -1;
    }
    struct dunlin_kit_text line = {0, {0}};
    dunlin_kit_str(&line, command);
    dunlin_kit_str(&line, "\n");
    return dunlin_kit_send_all(sock, line.data, line.len) < 0 ? -1 : sock;
}

int32_t dunlin_kit_dial(const char *command)
{
    return dunlin_kit_dial_over(&dunlin_kit.config->peer, command);
}

int32_t dunlin_kit_dial_number(const char *word, uint32_t number)
{
    struct dunlin_kit_text line = {0, {0}};
    dunlin_kit_str(&line, word);
    dunlin_kit_str(&line, " ");
    dunlin_kit_int(&line, number);
    return dunlin_kit_dial(line.data);
}

int32_t dunlin_kit_listen(uint16_t family, struct dunlin_addr *addr)
{
    int32_t sock = dunlin_kit_socket(family, DUNLIN_SOCK_STREAM);
    int32_t err = sock;
    memset(addr, 0, sizeof *addr);
    addr->family = family;
    addr->port = dunlin_kit.config->listen_port;
    if (err >= 0)
        err = KIT_OPS->bind(KIT_CTX, sock, addr);
    if (err >= 0)
        err = KIT_OPS->listen(KIT_CTX, sock, 8);
    if (err >= 0 && addr->port == 0)
        err = KIT_OPS->local_addr(KIT_CTX, sock, addr);
    if (err >= 0)
        return sock;
    dunlin_kit_fail_got("socket, bind, listen", err, "success");
    return -1;
}

int32_t dunlin_kit_call_back(int32_t listener, uint32_t ms, uint32_t count)
{
    const struct dunlin_addr *reach = &dunlin_kit.config->reach;
    struct dunlin_addr addr = {0, dunlin_kit.config->listen_port, 0, {0}, NULL};
    struct dunlin_kit_text line = {0, {0}};
    char ok[3];
    if (addr.port == 0 && KIT_OPS->local_addr(KIT_CTX, listener, &addr) < 0) {
        dunlin_kit_fail("local_addr: no address of a listener");
        return -1;
    }
    dunlin_kit_str(&line, "BACK ");
    if (reach->family != 0)
        dunlin_kit_hex(&line, reach->ip, reach->family == DUNLIN_AF_INET ? 4 : 16);
    else
        dunlin_kit_str(&line, "-");
    const uint32_t numbers[] = {reach->port != 0 ? reach->port : addr.port, ms, count};
    for (size_t i = 0; i < 3; i++) {
        dunlin_kit_str(&line, " ");
        dunlin_kit_int(&line, numbers[i]);
    }
    int32_t control = dunlin_kit_dial(line.data);
    if (control < 0 || dunlin_kit_recv_all(control, ok, sizeof ok) < 0)
        return -1;
    return dunlin_kit_close(control);
}

int32_t dunlin_kit_fill(int32_t sock)
{
    uint32_t pauses = 0;
    memset(dunlin_kit.more, 'x', sizeof dunlin_kit.more);
    for (;;) {
        int32_t n = dunlin_kit_send(sock, dunlin_kit.more, KIT_BUF, DUNLIN_DONTWAIT, 1);
        if (n > 0) {
            pauses = 0;
            continue;
        }
        if (n != DUNLIN_ERR_WOULD_BLOCK) {
            dunlin_kit_fail_got("send to a peer that does not read", n, "DUNLIN_ERR_WOULD_BLOCK");
            return -1;
        }
        /* What is under way may still make room; full is what stays full. */
        if (++pauses > 4)
            return 0;
        dunlin_kit_sleep(dunlin_kit.short_ms / 4);
    }
}

static uint8_t pattern_at(uint32_t i)
{
    uint32_t at = i & 0xffff; /* the peer's pattern repeats */
    return (uint8_t)(at * 31 + (at >> 8));
}

void dunlin_kit_pattern(uint8_t *buf, size_t len, uint32_t from)
{
    for (size_t i = 0; i < len; i++)
        buf[i] = pattern_at(from + (uint32_t)i);
}

bool dunlin_kit_is_pattern(const uint8_t *buf, size_t len, uint32_t from)
{
    for (size_t i = 0; i < len; i++) {
        if (buf[i] != pattern_at(from + (uint32_t)i))
            return false;
    }
    return true;
}

uint32_t dunlin_kit_adler(uint32_t sum, const uint8_t *buf, size_t len)
{
    uint32_t a = sum & 0xffff, b = sum >> 16;
    for (size_t i = 0; i < len; i++) {
        a = (a + buf[i]) % 65521;
        b = (b + a) % 65521;
    }
    return b << 16 | a;
}

static uint32_t big_endian(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

int32_t dunlin_kit_sunk(int32_t sock, uint32_t *count, uint32_t *sum)
{
    uint8_t answer[8];
    if (dunlin_kit_recv_all(sock, answer, sizeof answer) < 0)
        return -1;
    *count = big_endian(answer);
    *sum = big_endian(answer + 4);
    return 0;
}
