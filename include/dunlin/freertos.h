/*
 * dunlin/freertos.h - what an application on FreeRTOS gives to port/freertos.
 *
 * Each of these has a weak definition in the port, which fails closed; the application defines what
 * its board has. Needs of FreeRTOSConfig.h: configSUPPORT_STATIC_ALLOCATION 1, configUSE_MUTEXES 1,
 * INCLUDE_vTaskSuspend 1, ticks of 32 or 64 bits. The port takes nothing from FreeRTOS's heap.
 */
#ifndef DUNLIN_FREERTOS_H
#define DUNLIN_FREERTOS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Fills buf with len bytes of a cryptographically secure random source: the chip's generator, or a
 * generator seeded by it. Weak default: -1, so that what needs randomness fails.
 *
 * Blocks: until the source is seeded. Called from: task. Returns: 0: all filled; < 0: none.
 */
int32_t dunlin_freertos_random(void *buf, size_t len);

/*
 * Seconds since 1970-01-01T00:00:00Z from the real-time clock. Weak default: -1, not known.
 *
 * Blocks: no. Called from: task. Returns: Unix seconds; < 0: not known.
 */
int64_t dunlin_freertos_wall_time_s(void);

/*
 * Writes a line of the log; see dunlin_port_log(). Weak default: nothing.
 *
 * Blocks: as long as the output does. Called from: task.
 */
void dunlin_freertos_log(int32_t level, const char *text, size_t len);

/*
 * An invariant is broken: record it, then reset; see dunlin_port_panic(). Weak default: masks the
 * interrupts and stays, for the watchdog to find.
 *
 * Blocks: does not return. Called from: task, interrupt.
 */
void dunlin_freertos_panic(const char *file, uint32_t line);

#ifdef __cplusplus
}
#endif

#endif /* DUNLIN_FREERTOS_H */
