#ifndef TESTS_KIT_BROKEN_H
#define TESTS_KIT_BROKEN_H

#include <dunlin/dunlin.h>

/* The posix driver's table with one defect; 0: none; NULL: there is no such number. */
const struct dunlin_netdev_ops *broken_ops(uint32_t defect);
/* Prints "number: check" lines: what has to fail, and nothing else may. */
void broken_list(void);

#endif
