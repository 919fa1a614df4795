/* A device that speaks from an interrupt; check is called with what held or not. */
#ifndef INTERRUPT_H
#define INTERRUPT_H

void interrupts(void (*check)(int condition, const char *what));

#endif
