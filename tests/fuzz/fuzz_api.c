/*
 * Random programs over the C API: calls with live, stale and forged handles, any sizes, strings and
 * deadlines, over a driver that answers anything. After each program dunlin_deinit returns and nothing
 * is left. With sanitizers it finds what is used wrongly.
 *
 *     fuzz_api [-s SECONDS] [-n PROGRAMS] [SEED]     a seed that fails tells itself
 *
 * Built with -DFUZZ_ENGINE it is a target of libFuzzer, whose inputs are the programs.
 */
#include "fuzz.h"

#include <inttypes.h>
#include <time.h>

static uint64_t seed_now;
static uint8_t arena[48 * 1024];

void fuzz_fail(const char *what, int64_t value)
{
    fprintf(stderr, "fuzz_api: seed %" PRIu64 ": %s (%" PRId64 ")\n", seed_now, what, value);
    abort();
}

/* This program is about HTTP. */
static bool http;

void call_any(void)
{
    if (http ? !once_in(4) : once_in(8)) {
        call_http();
    } else {
        call_net();
    }
}

static void up(void)
{
    struct dunlin_config config = DUNLIN_CONFIG_INIT;
    struct dunlin_usage usage = DUNLIN_USAGE_INIT;
    config.arena = arena;
    config.arena_len = once_in(8) ? 2048 + pick(4000) : sizeof arena;
    int32_t code = dunlin_init(&config);
    if (code != 0) {
        fuzz_fail("dunlin_init", code);
    }
    dunlin_usage(&usage);
    struct dunlin_usage none = DUNLIN_USAGE_INIT;
    none.arena_total = usage.arena_total;
    if (memcmp(&usage, &none, sizeof none) != 0) {
        fuzz_fail("something is in use after dunlin_init", usage.conns);
    }
}

static void down(void)
{
    int32_t code = dunlin_deinit(dunlin_after_ms(10000));
    if (code != 0) {
        fuzz_fail("dunlin_deinit", code);
    }
    if (fuzz_sockets() != 0) {
        fuzz_fail("sockets are open after dunlin_deinit", fuzz_sockets());
    }
    forget_all();
}

static void program(void)
{
    up();
    keep(dunlin_netdev_register("fuzz0", &fuzz_ops, NULL));
    http = once_in(2);
    if (http) {
        begin_http();
    }
    for (uint32_t n = 4 + pick(40); n > 0 && !fuzz_over(); n--) {
        if (once_in(200)) {
            down();
            call_any(); /* refused, all of it */
            up();
        }
        call_any();
    }
    down();
    fuzz_free_all();
}

#ifdef FUZZ_ENGINE
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len > 0) {
        fuzz_begin(data, len, 1);
        program();
    }
    return 0;
}
#else
int main(int argc, char **argv)
{
    long seconds = 10, programs = 0;
    uint64_t seed = 1, count = 0;
    bool one = false;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-s") == 0 && i + 1 < argc) {
            seconds = strtol(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "-n") == 0 && i + 1 < argc) {
            programs = strtol(argv[++i], NULL, 10);
        } else {
            seed = strtoull(argv[i], NULL, 10);
            one = true;
        }
    }
    if (one && programs == 0) {
        programs = 1;
    }
    int64_t end = dunlin_now_ms() + seconds * 1000;
    while (programs > 0 ? count < (uint64_t)programs : dunlin_now_ms() < end) {
        seed_now = seed++;
        fuzz_begin(NULL, 0, seed_now);
        program();
        count++;
    }
    printf("fuzz_api: %" PRIu64 " programs, the last seed %" PRIu64 "; given:", count, seed_now);
    bool all = true;
    static const char *const names[KINDS] = {[NETDEV] = "devices", [CONN] = "connections", [LISTENER] = "listeners",
        [PACKET_CONN] = "packet connections", [CANCEL] = "tokens", [SERVER] = "servers", [CLIENT] = "clients",
        [RESPONSE] = "responses", [EXCHANGE] = "exchanges", [SUBSCRIPTION] = "subscriptions"};
    for (int kind = 0; kind < KINDS; kind++) {
        if (names[kind] != NULL) {
            printf(" %" PRIu64 " %s", fuzz_given((enum kind)kind), names[kind]);
            all = all && fuzz_given((enum kind)kind) >= count / 100;
        }
    }
    printf("\n");
    if (count >= 10000 && !all) {
        /* Programs that come to nothing find nothing. */
        printf("0 passed, 1 failed, 0 skipped\n");
        return 1;
    }
    printf("1 passed, 0 failed, 0 skipped\n");
    return 0;
}
#endif
