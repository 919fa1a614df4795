/* What the parts of a test image give one another. */
#ifndef IMAGE_H
#define IMAGE_H

#include <stdint.h>

/* Milliseconds since reset, wrapping. */
uint32_t image_ticks(void);

/* Has `handler` called by the tick's interrupt, from now on; NULL: no more. */
void image_on_tick(void (*handler)(void));

/* Nest: each restore gets what the matching call gave. */
uint32_t image_interrupts_off(void);
void image_interrupts_restore(uint32_t state);

void image_print(const char *text);

__attribute__((noreturn)) void image_exit(int code);

/* Starts a second task; it runs while the first waits. */
void image_task_start(void (*entry)(void *argument), void *argument);

/* 1 until the second task has ended */
int image_task_running(void);

/* Lets the other task run. */
void image_yield(void);

/* 1 or 2 */
uint32_t image_task_id(void);

/* Fills what is free of both stacks with a pattern, while the second task does not run. */
void image_stack_paint(void);

/* Bytes of a task's stack that were in use at most since it was painted, and its size. */
uint32_t image_stack_used(uint32_t task);
uint32_t image_stack_size(uint32_t task);

#endif
