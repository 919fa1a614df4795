/* Reset, memory set-up and exit of the images; 1 ms ticks on Cortex-M. */
#include "image.h"

#include <string.h>

extern char data_load[], data_start[], data_end[], bss_start[], bss_end[], stack_top[];

int main(void);

static volatile uint32_t ticks;
static void (*volatile on_tick)(void);

void image_on_tick(void (*handler)(void))
{
    on_tick = handler;
}

uint32_t image_ticks(void)
{
    return ticks;
}

static void run(void)
{
    memcpy(data_start, data_load, (size_t)(data_end - data_start));
    memset(bss_start, 0, (size_t)(bss_end - bss_start));
    image_exit(main());
}

#if defined(__arm__)

#define SYSTICK ((volatile uint32_t *)0xe000e010u)

void reset(void);

void reset(void)
{
    SYSTICK[1] = 25000 - 1; /* 25 MHz */
    SYSTICK[2] = 0;
    SYSTICK[0] = 7;
    run();
}

static void systick(void)
{
    void (*handler)(void) = on_tick;
    ticks++;
    if (handler != NULL) {
        handler();
    }
}

uint32_t image_interrupts_off(void)
{
    uint32_t state;
    __asm__ volatile("mrs %0, primask\n cpsid i" : "=r"(state) : : "memory");
    return state;
}

void image_interrupts_restore(uint32_t state)
{
    __asm__ volatile("msr primask, %0" : : "r"(state) : "memory");
}

static void fault(void)
{
    image_exit(99);
}

/* Semihosting; thumb1 has no way to say it in C. */
static uint32_t semihost(uint32_t operation, const void *argument)
{
    register uint32_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

void image_print(const char *text)
{
    semihost(0x04, text);
}

void image_exit(int code)
{
    /* SYS_EXIT_EXTENDED, ADP_Stopped_ApplicationExit */
    uint32_t block[2] = { 0x20026, (uint32_t)code };
    semihost(0x20, block);
    for (;;) {
    }
}

typedef void (*vector)(void);

__attribute__((section(".vectors"), used)) static const struct {
    void *stack;
    vector entries[15];
} vectors = {
    stack_top,
    { reset, fault, fault, fault, fault, fault, 0, 0, 0, 0, fault, fault, 0, fault, systick },
};

#elif defined(__riscv)

/* Linked, not run: a real board has its own clock and its own way to print and to stop. */
__asm__(".section .text.reset\n"
        ".globl reset\n"
        "reset:\n"
        ".option push\n"
        ".option norelax\n"
        "la gp, __global_pointer$\n"
        ".option pop\n"
        "la sp, stack_top\n"
        "j image_run\n");

__attribute__((used)) void image_run(void);

void image_run(void)
{
    run();
}

/* -march=rv32imc alone does not name the extension of these instructions. */
#define WITH_CSR(code) ".option push\n .option arch, +zicsr\n " code "\n .option pop"

uint32_t image_interrupts_off(void)
{
    uint32_t state;
    __asm__ volatile(WITH_CSR("csrrci %0, mstatus, 8") : "=r"(state) : : "memory");
    return state & 8;
}

void image_interrupts_restore(uint32_t state)
{
    __asm__ volatile(WITH_CSR("csrs mstatus, %0") : : "r"(state) : "memory");
}

void image_print(const char *text)
{
    volatile uint32_t *uart = (volatile uint32_t *)0x10000000u;
    while (*text) {
        *uart = (uint8_t)*text++;
    }
    ticks++;
}

void image_exit(int code)
{
    (void)code;
    for (;;) {
    }
}

#endif
