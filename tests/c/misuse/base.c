#include "walk.h"

static char text[64], bytes[64];
static struct dunlin_str str;
static struct dunlin_config config;
static struct dunlin_usage usage = DUNLIN_USAGE_INIT;
static struct dunlin_build_config numbers = DUNLIN_BUILD_CONFIG_INIT;
static struct dunlin_tick_clock ticks;

WALK(abi_version, NONE, 0, ANYTIME | HARMLESS, dunlin_abi_version())
WALK(after_ms, NONE, 0, ANYTIME | HARMLESS, dunlin_after_ms(1))
WALK(build_config, NONE, 1, ANYTIME, dunlin_build_config(P(1, &numbers)))
WALK(cancel, CANCEL, 0, 0, dunlin_cancel(h))
WALK(cancel_close, CANCEL, 0, 0, dunlin_cancel_close(h))
WALK(cancel_new, NONE, 0, HARMLESS, dunlin_cancel_close(dunlin_cancel_new()))
WALK(deinit, NONE, 0, 0, dunlin_deinit(0))
WALK(init, NONE, 1, ANYTIME, dunlin_init(P(1, &config)))
WALK(memory_report, NONE, 0, ANYTIME | HARMLESS, dunlin_memory_report(NULL, NULL))
WALK(now_ms, NONE, 0, ANYTIME | HARMLESS, dunlin_now_ms())
WALK(poll, NONE, 1, 0, dunlin_poll(NULL, 1, -1))
WALK(remaining_ms, NONE, 0, ANYTIME | HARMLESS, dunlin_remaining_ms(0))
WALK(run, NONE, 0, HARMLESS, dunlin_run(-1))
WALK(str_copy, NONE, 2, ANYTIME,
     (str.ptr = P(1, bytes), str.len = 1, dunlin_str_copy(str, P(2, text), sizeof text)))
WALK(strerror, NONE, 0, ANYTIME | HARMLESS, dunlin_strerror(h) != NULL)
WALK(ticks_to_ms, NONE, 1, ANYTIME | HARMLESS, dunlin_ticks_to_ms(P(1, &ticks), 1, 1000))
WALK(usage, NONE, 1, 0, dunlin_usage(P(1, &usage)))
WALK(wall_time_s, NONE, 0, ANYTIME | HARMLESS, dunlin_wall_time_s())
