/* Where the choices come from: numbers, strings, memory, handles. */
#include "fuzz.h"

static const uint8_t *bytes;
static size_t left;
static bool from_file;
static uint64_t state;

void fuzz_begin(const uint8_t *data, size_t len, uint64_t seed)
{
    bytes = data;
    left = len;
    from_file = data != NULL;
    state = seed * 0x9E3779B97F4A7C15u + 0x1234567;
}

bool fuzz_over(void)
{
    return from_file && left == 0;
}

uint32_t pick(uint32_t n)
{
    uint32_t v = 0;
    if (from_file) {
        for (int i = 0; i < (n > 256 ? 4 : 1) && left > 0; i++, left--) {
            v = v << 8 | *bytes++;
        }
    } else {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        v = (uint32_t)(state >> 32);
    }
    return v % n;
}

int64_t fuzz_deadline(void)
{
    static const int64_t odd[] = {-1, 1, INT64_MIN};
    return once_in(12) ? dunlin_after_ms((int64_t)pick(3)) : odd[pick(3)];
}

/* --- memory ------------------------------------------------------------------------------------ */

static void *taken[1 << 16];
static size_t taken_count;

void *fuzz_memory(size_t len)
{
    void *p = malloc(len > 0 ? len : 1);
    if (p == NULL || taken_count == sizeof taken / sizeof taken[0]) {
        abort();
    }
    taken[taken_count++] = p;
    return p;
}

void fuzz_free_all(void)
{
    while (taken_count > 0) {
        free(taken[--taken_count]);
    }
}

static const char *const words[] = {
    "", "tcp", "tcp4", "tcp6", "udp", "udp4", "ip", "ip4:icmp", "unix", "unixgram", "a", "fuzz0", "fuzz1",
    "127.0.0.1:80", "10.0.0.1:7", ":0", ":80", "[::1]:80", "[fe80::1%1]:53", "name.test:80", "name.test",
    "big.name.test.", "_sip._tcp.name.test", "local", "host.local", "10.0.0.0/8", "fe80::/10", "::", "1.2.3.4",
    "00:11:22:33:44:55", "http://10.0.0.1/", "http://name.test:8080/a?b=c#d", "https://10.0.0.1/", "http://[::1]/",
    "GET", "POST", "HEAD", "CONNECT", "Host", "Content-Length", "Transfer-Encoding", "chunked", "text/plain",
    "Expect", "100-continue", "X-A", "value", "a\r\nb: c", "/", "/x/1", "n", "close", "keep-alive", "65536", "http",
    "255.255.255.0", "%zz", "[::1", "a:b:c", "224.0.0.1", "224.0.0.1:5353", "ff02::1", "localhost:80",
};

const char *fuzz_text(void)
{
    const char *word = words[pick(sizeof words / sizeof words[0])];
    size_t len = strlen(word);
    char *text;
    if (once_in(16)) {
        len = pick(600);
        text = fuzz_memory(len + 1);
        fuzz_fill(text, len);
        for (size_t i = 0; i < len; i++) {
            if (text[i] == '\0') {
                text[i] = 'z';
            }
        }
    } else {
        text = fuzz_memory(len + 1);
        memcpy(text, word, len);
        if (len > 0 && once_in(8)) {
            text[pick((uint32_t)len)] = (char)(1 + pick(255));
        }
    }
    text[len] = '\0';
    return once_in(40) ? NULL : text;
}

static const char *const messages[] = {
    "GET / HTTP/1.1\r\nHost: h\r\n\r\n", "GET /x/1 HTTP/1.0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello",
    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5000\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.1 204 No Content\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "HTTP/1.0 200 OK\r\n\r\nhello",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 301 x\r\nLocation: /\r\nContent-Length: 0\r\n\r\n",
};

void fuzz_fill(void *memory, size_t len)
{
    uint8_t *to = memory;
    if (len > 0 && !once_in(4)) {
        const char *text = messages[pick(sizeof messages / sizeof messages[0])];
        size_t n = strlen(text);
        memset(to, 'a', len);
        memcpy(to, text, n < len ? n : len);
        if (once_in(4)) {
            to[pick((uint32_t)len)] = (uint8_t)pick(256);
        }
        return;
    }
    for (size_t i = 0; i < len; i++) {
        to[i] = i < 16 ? (uint8_t)pick(256) : (uint8_t)(to[i - 16] + 7);
    }
}

/* --- handles ----------------------------------------------------------------------------------- */

static int32_t kept[48];
static uint32_t kept_count;
static uint64_t given[KINDS];

static enum kind kind_of(int32_t handle)
{
    return (enum kind)((uint32_t)handle >> 27 & 15);
}

uint64_t fuzz_given(enum kind kind)
{
    return given[kind];
}

void keep(int32_t handle)
{
    if (handle > 0) {
        given[kind_of(handle)]++;
        if (kept_count < sizeof kept / sizeof kept[0]) {
            kept[kept_count++] = handle;
        } else {
            kept[pick(kept_count)] = handle;
        }
    }
}

int32_t any(void)
{
    static const int32_t forged[] = {0, -1, 1, 4711, INT32_MIN, INT32_MAX, 0x40000000, 0x0fffffff};
    if (kept_count == 0 || once_in(24)) {
        return forged[pick(8)];
    }
    int32_t h = kept[pick(kept_count)];
    return once_in(32) ? h ^ (int32_t)(1u << pick(31)) : h;
}

int32_t some(enum kind kind)
{
    if (kept_count > 0 && !once_in(6)) {
        /* The later one first: it is the likelier to live. */
        uint32_t skip = once_in(3) ? pick(kept_count) : 0;
        for (uint32_t i = kept_count - skip; i > 0; i--) {
            if (kind_of(kept[i - 1]) == kind) {
                return kept[i - 1];
            }
        }
    }
    return any();
}

void forget_all(void)
{
    kept_count = 0;
}
