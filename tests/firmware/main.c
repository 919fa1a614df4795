/* The image that runs in QEMU: exit code 0 says that everything held. */
#include <dunlin/dunlin.h>

#include "image.h"

#include <string.h>

#ifdef SECOND_RUST_LIBRARY
uint32_t second_sum(const uint32_t *values, uint32_t count);
#endif

static int failures;

static void check(int condition, const char *what)
{
    if (!condition) {
        image_print("FAILED: ");
        failures++;
    }
    image_print(what);
    image_print("\n");
}

int main(void)
{
    check(strcmp(dunlin_strerror(DUNLIN_ERR_TIMEOUT), "i/o timeout") == 0, "strerror of a timeout");
    check(strcmp(dunlin_strerror(7), "ok") == 0, "strerror of a success");
#ifdef SECOND_RUST_LIBRARY
    const uint32_t values[] = { 1, 2, 39 };
    check(second_sum(values, DUNLIN_COUNT(values)) == 42, "the second Rust library");
#endif
    return failures == 0 ? 0 : 1;
}
