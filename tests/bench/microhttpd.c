/* libmicrohttpd, one thread with epoll:  microhttpd PORT FOLDER */
#define _GNU_SOURCE

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct {
    const char *path, *name, *type;
    char body[64 * 1024];
    size_t len;
} routes[] = {
    {.path = "/", .name = "index.html", .type = "text/plain; charset=utf-8"},
    {.path = "/json", .name = "json", .type = "application/json"},
    {.path = "/file", .name = "file", .type = "application/octet-stream"},
};

static enum MHD_Result answer(void *cls, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *data,
                              size_t *size, void **state)
{
    static int begun;
    (void)cls, (void)method, (void)version, (void)data, (void)size;
    if (*state == NULL) { /* the first call has the head alone */
        *state = &begun;
        return MHD_YES;
    }
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
        if (strcmp(url, routes[i].path) == 0) {
            struct MHD_Response *r = MHD_create_response_from_buffer(
                routes[i].len, routes[i].body, MHD_RESPMEM_PERSISTENT);
            MHD_add_response_header(r, "Content-Type", routes[i].type);
            enum MHD_Result done = MHD_queue_response(connection, 200, r);
            MHD_destroy_response(r);
            return done;
        }
    }
    return MHD_NO;
}

int main(int argc, char **argv)
{
    char path[512];
    for (size_t i = 0; argc == 3 && i < sizeof routes / sizeof routes[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", argv[2], routes[i].name);
        FILE *in = fopen(path, "rb");
        if (in == NULL) {
            return 1;
        }
        routes[i].len = fread(routes[i].body, 1, sizeof routes[i].body, in);
        fclose(in);
    }
    struct sockaddr_in at = {.sin_family = AF_INET};
    at.sin_port = htons((uint16_t)atoi(argc == 3 ? argv[1] : "0"));
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (argc != 3 || MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, answer, NULL,
                                      MHD_OPTION_SOCK_ADDR, &at, MHD_OPTION_END) == NULL) {
        return 1;
    }
    pause();
    return 0;
}
