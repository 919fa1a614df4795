/* Fetches a page. */
#include <dunlin/dunlin.h>
#include <dunlin/posix.h>
#include <stdio.h>

static uint8_t memory[24 * 1024]; /* the only RAM Dunlin takes beside its pools */

int main(void)
{
    struct dunlin_config config = DUNLIN_CONFIG_INIT;
    config.arena = memory;
    config.arena_len = sizeof memory;
    int32_t err = dunlin_init(&config);
    if (err < 0) {
        printf("init: %s\n", dunlin_strerror(err));
        return 1;
    }
    dunlin_posix_register();

    dunlin_http_client_t client = dunlin_http_client_new(NULL);
    dunlin_http_response_t r = dunlin_http_get(client, "http://example.local/status");
    if (r < 0) {
        printf("get: %s\n", dunlin_strerror(r));
        return 1;
    }
    struct dunlin_str type = dunlin_http_response_header(r, "content-type");
    printf("%d %.*s\n", (int)dunlin_http_response_status(r), DUNLIN_STR_ARG(type));

    uint8_t buf[512];
    dunlin_ssize_t n;
    while ((n = dunlin_http_response_read(r, buf, sizeof buf)) > 0)
        fwrite(buf, 1, (size_t)n, stdout);
    if (n < 0)
        printf("body: %s\n", dunlin_strerror((int32_t)n));
    return dunlin_http_response_close(r);
}
