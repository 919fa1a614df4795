/* Serves. */
#include "server.h"

int main(void)
{
    return size_up() < 0 || size_serve() < 0;
}
