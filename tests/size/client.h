/* One GET, its body read to the end. */
#ifndef SIZE_CLIENT_H
#define SIZE_CLIENT_H

#include "size.h"

static inline int32_t size_get(void)
{
    char buf[64];
    struct dunlin_http_client_config config = DUNLIN_HTTP_CLIENT_CONFIG_INIT;
    dunlin_http_client_t client = dunlin_http_client_new(&config);
    dunlin_http_response_t response = dunlin_http_get(client, "http://device.example/");
    int32_t status = dunlin_http_response_status(response);
    while (dunlin_http_response_read(response, buf, sizeof buf) > 0) {
        /* thrown away */
    }
    dunlin_http_response_close(response);
    dunlin_http_client_close(client);
    return status;
}

#endif
