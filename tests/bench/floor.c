/*
 * The floor: an answerer that does nothing but what the kernel asks for. One thread, epoll, no parsing
 * beyond the end of the head and the path's first letter behind the slash; every head has to come in
 * one piece.
 *
 *     floor PORT FOLDER     serves FOLDER/index.html, FOLDER/json and FOLDER/file
 */
#define _GNU_SOURCE

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct answer {
    char bytes[72 * 1024];
    size_t len;
};

static struct answer root, json, file;

static int load(struct answer *a, const char *folder, const char *name, const char *type)
{
    static char body[64 * 1024];
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *in = fopen(path, "rb");
    if (in == NULL) {
        return -1;
    }
    size_t len = fread(body, 1, sizeof body, in);
    fclose(in);
    int head = snprintf(a->bytes, sizeof a->bytes,
                        "HTTP/1.1 200 OK\r\nContent-Type: %s\r\n"
                        "Date: Sun, 22 Nov 2026 12:00:00 GMT\r\nContent-Length: %zu\r\n\r\n",
                        type, len);
    memcpy(a->bytes + head, body, len);
    a->len = (size_t)head + len;
    return 0;
}

/* Answers what came; -1 when the peer left. A full socket is waited for: peers read all they get. */
static int serve(int fd)
{
    char head[4096];
    ssize_t n = recv(fd, head, sizeof head, 0);
    if (n < 6 || memcmp(head + n - 4, "\r\n\r\n", 4) != 0) {
        return -1;
    }
    const struct answer *a = head[5] == 'j' ? &json : head[5] == 'f' ? &file : &root;
    for (size_t sent = 0; sent < a->len;) {
        n = send(fd, a->bytes + sent, a->len - sent, MSG_NOSIGNAL);
        if (n < 0) {
            return -1;
        }
        sent += (size_t)n;
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 3 || load(&root, argv[2], "index.html", "text/plain; charset=utf-8") < 0 ||
        load(&json, argv[2], "json", "application/json") < 0 ||
        load(&file, argv[2], "file", "application/octet-stream") < 0) {
        fprintf(stderr, "usage: floor PORT FOLDER\n");
        return 2;
    }
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[1]))};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int on = 1, listener = socket(AF_INET, SOCK_STREAM, 0), set = epoll_create1(0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&at, sizeof at) != 0 || listen(listener, 128) != 0) {
        perror("floor");
        return 1;
    }
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, ready[64];
    epoll_ctl(set, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int count = epoll_wait(set, ready, 64, -1);
        for (int i = 0; i < count; i++) {
            int fd = ready[i].data.fd;
            if (fd == listener) {
                event.data.fd = accept(listener, NULL, NULL);
                setsockopt(event.data.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
                epoll_ctl(set, EPOLL_CTL_ADD, event.data.fd, &event);
            } else if (serve(fd) < 0) {
                close(fd);
            }
        }
    }
}
