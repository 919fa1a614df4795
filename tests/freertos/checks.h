/* What the parts of the test give one another. */
#ifndef TESTS_FREERTOS_CHECKS_H
#define TESTS_FREERTOS_CHECKS_H

/* Counts a check and prints it if it failed. */
void check(int condition, const char *what);

/* Runs `entry` in the second task at a priority (the first has 2), which is idle then. */
void second_start(void (*entry)(void *argument), void *argument, int priority);

/* The port's contract (dunlin/port.h) on the running kernel. */
void port_keeps_its_contract(void);

/* Called by the tick's interrupt, NULL: none. */
extern void (*volatile on_tick)(void);

#endif
