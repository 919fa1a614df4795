/* Apart from the table, so that a program may link the table without the library. */
#include <dunlin/posix.h>

int32_t dunlin_posix_register(void)
{
    return dunlin_netdev_register("posix0", &dunlin_posix_ops, NULL);
}
