/* What the parts of a test image give one another. */
#ifndef IMAGE_H
#define IMAGE_H

#include <stdint.h>

/* Milliseconds since reset, wrapping. */
uint32_t image_ticks(void);

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

#endif
