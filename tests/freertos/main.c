/* Runs the port and an HTTP exchange on FreeRTOS's POSIX port; ends with the usual counts. */
#include "checks.h"

#include <dunlin/dunlin.h>
#include <dunlin/freertos.h>

#include <FreeRTOS.h>
#include <task.h>

#include "exchange.h"
#include "image.h"

#include <stdio.h>
#include <stdlib.h>

static int passed, failed;
void (*volatile on_tick)(void);

void check(int condition, const char *what)
{
    if (condition) {
        passed++;
    } else {
        failed++;
        printf("FAIL %s\n", what);
    }
}

/* --- the second task ----------------------------------------------------------------------------- */

/* One for all uses: the kernel's POSIX port does not end a task without a race with its tick. */
static StaticTask_t second_task;
static StackType_t second_stack[16 * 1024];
static TaskHandle_t second;
static void (*second_entry)(void *argument);
static void *second_argument;
static volatile int second_running;

static void second_main(void *argument)
{
    (void)argument;
    for (;;) {
        (void)ulTaskNotifyTake(pdTRUE, portMAX_DELAY);
        second_entry(second_argument);
        second_running = 0;
    }
}

void second_start(void (*entry)(void *argument), void *argument, int priority)
{
    second_entry = entry;
    second_argument = argument;
    second_running = 1;
    vTaskPrioritySet(second, (UBaseType_t)priority);
    (void)xTaskNotifyGive(second);
}

void image_task_start(void (*entry)(void *argument), void *argument)
{
    second_start(entry, argument, 2);
}

int image_task_running(void)
{
    return second_running;
}

void image_yield(void)
{
    vTaskDelay(1);
}

/* --- what the board gives ------------------------------------------------------------------------ */

int32_t dunlin_freertos_random(void *buf, size_t len)
{
    FILE *source = fopen("/dev/urandom", "rb");
    size_t got = source != NULL ? fread(buf, 1, len, source) : 0;
    if (source != NULL) {
        fclose(source);
    }
    return got == len ? 0 : -1;
}

void dunlin_freertos_log(int32_t level, const char *text, size_t len)
{
    printf("log %d: %.*s\n", (int)level, (int)len, text);
}

void dunlin_freertos_panic(const char *file, uint32_t line)
{
    printf("FAIL panic in %s:%u\n", file != NULL ? file : "?", (unsigned)line);
    abort();
}

void vApplicationTickHook(void)
{
    void (*handler)(void) = on_tick;
    if (handler != NULL) {
        handler();
    }
}

/* --- the first task ------------------------------------------------------------------------------ */

static uint8_t memory[32 * 1024];

static void first_main(void *argument)
{
    struct dunlin_config config = DUNLIN_CONFIG_INIT;
    (void)argument;
    port_keeps_its_contract();
    config.arena = memory;
    config.arena_len = sizeof memory;
    for (int i = 0; i < 2; i++) {
        check(dunlin_init(&config) == 0, "init");
        exchange(check);
        check(dunlin_deinit(dunlin_after_ms(2000)) == 0, "deinit");
    }
    printf("%d passed, %d failed, 0 skipped\n", passed, failed);
    exit(failed == 0 ? 0 : 1);
}

int main(void)
{
    static StaticTask_t task;
    static StackType_t stack[16 * 1024];
    (void)xTaskCreateStatic(first_main, "first", 16 * 1024, NULL, 2, stack, &task);
    second = xTaskCreateStatic(second_main, "second", 16 * 1024, NULL, 2, second_stack, &second_task);
    vTaskStartScheduler();
    return 1;
}
