/*
 * Dunlin on FreeRTOS (kernel V10.4 and later). See include/dunlin/freertos.h for what the
 * application gives, and README.md beside this file for FreeRTOSConfig.h.
 */
#include <dunlin/driver.h>
#include <dunlin/freertos.h>
#include <dunlin/port.h>

#include <FreeRTOS.h>
#include <semphr.h>
#include <task.h>

#include <stdbool.h>

#if configSUPPORT_STATIC_ALLOCATION != 1 || configUSE_MUTEXES != 1 || INCLUDE_vTaskSuspend != 1
#error "port/freertos needs configSUPPORT_STATIC_ALLOCATION, configUSE_MUTEXES and INCLUDE_vTaskSuspend"
#endif
#if defined(configUSE_16_BIT_TICKS) && configUSE_16_BIT_TICKS == 1
#error "port/freertos needs ticks of 32 or 64 bits"
#endif
#if configNUMBER_OF_CORES > 1
#error "port/freertos masks the interrupts of one core"
#endif

/* FreeRTOSConfig.h may say how to know an interrupt, where the kernel's port does not. */
#ifndef DUNLIN_FREERTOS_IN_INTERRUPT
#if defined(__unix__) || defined(__APPLE__)
#define DUNLIN_FREERTOS_IN_INTERRUPT() false /* the simulator's interrupts are signals, which do not call */
#elif defined(__arm__)
#define DUNLIN_FREERTOS_IN_INTERRUPT() (xPortIsInsideInterrupt() != pdFALSE)
#else
#error "define DUNLIN_FREERTOS_IN_INTERRUPT() in FreeRTOSConfig.h"
#endif
#endif

/* The storage that Dunlin provides must do; C99 has no _Static_assert. */
typedef char event_fits[sizeof(StaticSemaphore_t) <= sizeof(struct dunlin_port_event) ? 1 : -1];
typedef char mutex_fits[sizeof(StaticSemaphore_t) <= sizeof(struct dunlin_port_mutex) ? 1 : -1];

/* A handle made of static storage is the storage's address. */
static SemaphoreHandle_t event_of(struct dunlin_port_event *event)
{
    return (SemaphoreHandle_t)(void *)event;
}

static SemaphoreHandle_t mutex_of(struct dunlin_port_mutex *mutex)
{
    return (SemaphoreHandle_t)(void *)mutex;
}

/* --- critical section --------------------------------------------------------------------------- */

/* Both are used with the interrupts masked only. */
static uint32_t depth;
static bool switch_due; /* a signal inside the section made a more urgent task ready */

uint32_t dunlin_port_critical_enter(void)
{
    if (DUNLIN_FREERTOS_IN_INTERRUPT()) {
        return (uint32_t)taskENTER_CRITICAL_FROM_ISR();
    }
    taskENTER_CRITICAL();
    depth++;
    return 0;
}

void dunlin_port_critical_exit(uint32_t state)
{
    bool switches;
    if (DUNLIN_FREERTOS_IN_INTERRUPT()) {
        taskEXIT_CRITICAL_FROM_ISR(state);
        return;
    }
    depth--;
    switches = depth == 0 && switch_due;
    if (switches) {
        switch_due = false;
    }
    taskEXIT_CRITICAL();
    if (switches && xTaskGetSchedulerState() == taskSCHEDULER_RUNNING) {
        taskYIELD();
    }
}

/* --- time --------------------------------------------------------------------------------------- */

/*
 * The kernel counts how often its tick wrapped, so that nothing is lost while nobody asks. Count and
 * tick change in the tick interrupt, which the section holds off.
 */
int64_t dunlin_port_now_ms(void)
{
    TimeOut_t now;
    uint64_t ticks;
    uint32_t state = dunlin_port_critical_enter();
    vTaskInternalSetTimeOutState(&now);
    dunlin_port_critical_exit(state);
    ticks = (uint64_t)now.xTimeOnEntering;
    if (sizeof now.xTimeOnEntering == sizeof(uint32_t)) {
        ticks += (uint64_t)(uint32_t)now.xOverflowCount << 32;
    }
    return (int64_t)(ticks / configTICK_RATE_HZ * 1000u +
                     ticks % configTICK_RATE_HZ * 1000u / configTICK_RATE_HZ) + 1;
}

int64_t dunlin_port_wall_time_s(void)
{
    return dunlin_freertos_wall_time_s();
}

/* --- mutexes ------------------------------------------------------------------------------------ */

int32_t dunlin_port_mutex_init(struct dunlin_port_mutex *mutex)
{
    return xSemaphoreCreateMutexStatic((StaticSemaphore_t *)(void *)mutex) != NULL ? 0 : -1;
}

void dunlin_port_mutex_lock(struct dunlin_port_mutex *mutex)
{
    while (xSemaphoreTake(mutex_of(mutex), portMAX_DELAY) != pdTRUE) {
    }
}

void dunlin_port_mutex_unlock(struct dunlin_port_mutex *mutex)
{
    (void)xSemaphoreGive(mutex_of(mutex));
}

void dunlin_port_mutex_free(struct dunlin_port_mutex *mutex)
{
    vSemaphoreDelete(mutex_of(mutex));
}

/* --- events ------------------------------------------------------------------------------------- */

int32_t dunlin_port_event_init(struct dunlin_port_event *event)
{
    return xSemaphoreCreateBinaryStatic((StaticSemaphore_t *)(void *)event) != NULL ? 0 : -1;
}

/* dunlin_driver_remaining_ticks() rounds up; the loop makes up for what is longer than it can say. */
int32_t dunlin_port_event_wait(struct dunlin_port_event *event, int64_t deadline)
{
    for (;;) {
        uint32_t ticks = dunlin_driver_remaining_ticks(deadline, configTICK_RATE_HZ);
        TickType_t wait = ticks == UINT32_MAX ? portMAX_DELAY : (TickType_t)ticks;
        if (xSemaphoreTake(event_of(event), wait) == pdTRUE) {
            return 1;
        }
        if (deadline != 0 && dunlin_port_now_ms() >= deadline) {
            return 0;
        }
    }
}

/*
 * Inside a section no other task may run, so a task too gives by the call that does not switch, and
 * the switch follows at the section's end.
 */
void dunlin_port_event_signal(struct dunlin_port_event *event)
{
    BaseType_t woken = pdFALSE;
    if (DUNLIN_FREERTOS_IN_INTERRUPT()) {
        (void)xSemaphoreGiveFromISR(event_of(event), &woken);
        portYIELD_FROM_ISR(woken);
    } else {
        uint32_t state = dunlin_port_critical_enter();
        (void)xSemaphoreGiveFromISR(event_of(event), &woken);
        if (woken != pdFALSE) {
            switch_due = true;
        }
        dunlin_port_critical_exit(state);
    }
}

void dunlin_port_event_free(struct dunlin_port_event *event)
{
    vSemaphoreDelete(event_of(event));
}

/* --- the rest ----------------------------------------------------------------------------------- */

/* Before the scheduler runs there is one task, main(), which has no handle. */
uintptr_t dunlin_port_task_id(void)
{
    uintptr_t task = (uintptr_t)xTaskGetCurrentTaskHandle();
    return task != 0 ? task : 1;
}

int32_t dunlin_port_random(void *buf, size_t len)
{
    return dunlin_freertos_random(buf, len);
}

void dunlin_port_log(int32_t level, const char *text, size_t len)
{
    dunlin_freertos_log(level, text, len);
}

void dunlin_port_panic(const char *file, uint32_t line)
{
    dunlin_freertos_panic(file, line);
    for (;;) {
    }
}

/* --- what an application may give ------------------------------------------------------------------- */

__attribute__((weak)) int32_t dunlin_freertos_random(void *buf, size_t len)
{
    (void)buf;
    (void)len;
    return -1;
}

__attribute__((weak)) int64_t dunlin_freertos_wall_time_s(void)
{
    return -1;
}

__attribute__((weak)) void dunlin_freertos_log(int32_t level, const char *text, size_t len)
{
    (void)level;
    (void)text;
    (void)len;
}

__attribute__((weak)) void dunlin_freertos_panic(const char *file, uint32_t line)
{
    (void)file;
    (void)line;
    taskDISABLE_INTERRUPTS();
}
