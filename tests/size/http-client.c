/* Fetches. */
#include "client.h"

int main(void)
{
    return size_up() < 0 || size_get() != 200;
}
