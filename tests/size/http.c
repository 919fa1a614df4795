/* Fetches, then serves. */
#include "client.h"
#include "server.h"

int main(void)
{
    return size_up() < 0 || size_get() != 200 || size_serve() < 0;
}
