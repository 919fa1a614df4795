/* Serves and fetches over a pipe; check is called with what held or not. */
#ifndef EXCHANGE_H
#define EXCHANGE_H

void exchange(void (*check)(int condition, const char *what));

#endif
