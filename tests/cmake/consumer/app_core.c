/* The library and the port, without a driver. */
#include <dunlin/dunlin.h>

#include <stdio.h>
#include <string.h>

int main(void)
{
    const char *text = dunlin_strerror(DUNLIN_ERR_TIMEOUT);
    puts(text);
    return strcmp(text, "i/o timeout") == 0 ? 0 : 1;
}
