/* Two tasks that switch when one of them waits: enough of an RTOS for a client and a server. */
#include "image.h"

#include <setjmp.h>
#include <stddef.h>

static jmp_buf contexts[2];
static uint64_t stack[1024];
static volatile uint32_t current;
static volatile uint32_t count = 1;
static void (*task_entry)(void *argument);
static void *task_argument;

static void run_second(void)
{
    task_entry(task_argument);
    count = 1;
    current = 0;
    longjmp(contexts[0], 1);
}

void image_task_start(void (*entry)(void *argument), void *argument)
{
    task_entry = entry;
    task_argument = argument;
    if (setjmp(contexts[0]) != 0) {
        return;
    }
    count = 2;
    current = 1;
    void *top = stack + sizeof stack / sizeof stack[0];
#if defined(__arm__)
    __asm__ volatile("mov sp, %0\n bx %1" : : "r"(top), "r"(run_second) : "memory");
#elif defined(__riscv)
    __asm__ volatile("mv sp, %0\n jr %1" : : "r"(top), "r"(run_second) : "memory");
#endif
    __builtin_unreachable();
}

void image_yield(void)
{
    if (count == 2 && setjmp(contexts[current]) == 0) {
        current ^= 1u;
        longjmp(contexts[current], 1);
    }
}

int image_task_running(void)
{
    return count == 2;
}

uint32_t image_task_id(void)
{
    return current + 1;
}

extern uint32_t stack_low[], stack_top[];

#define PAINT UINT32_C(0xdeadbeef)

static uint32_t *low_of(uint32_t task)
{
    return task == 1 ? stack_low : (uint32_t *)stack;
}

uint32_t image_stack_size(uint32_t task)
{
    return task == 1 ? (uint32_t)((uintptr_t)stack_top - (uintptr_t)stack_low) : (uint32_t)sizeof stack;
}

void image_stack_paint(void)
{
    uint32_t here;
    /* This frame, and an interrupt that comes meanwhile, stay clear. */
    volatile uint32_t *end = (volatile uint32_t *)((uintptr_t)&here - 256);
    for (volatile uint32_t *p = stack_low; p < end; p++) {
        *p = PAINT;
    }
    for (volatile uint64_t *p = stack; p < stack + sizeof stack / sizeof stack[0]; p++) {
        *p = (uint64_t)PAINT << 32 | PAINT;
    }
}

uint32_t image_stack_used(uint32_t task)
{
    uint32_t unused = 0;
    for (const volatile uint32_t *p = low_of(task); unused < image_stack_size(task) && *p == PAINT; p++) {
        unused += (uint32_t)sizeof *p;
    }
    return image_stack_size(task) - unused;
}
