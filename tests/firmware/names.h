/* See names.c. */
#ifndef NAMES_H
#define NAMES_H

void names(void (*check)(int condition, const char *what));

#endif
