/*
 * The driver kit over the driver of POSIX hosts, whole or broken on purpose.
 *
 *     kit PORT [DEFECT [ONLY]]     PORT is peer.py's; DEFECT 0: none (see broken.c)
 *     kit --defects                lists the defects: number, the check that must fail
 */
#include "broken.h"

#include <dunlin/driver_kit.h>
#include <dunlin/posix.h>

#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Names are found without a network: --wrap sends the driver's lookups here. */
int __real_getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                       struct addrinfo **list);
int __wrap_getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                       struct addrinfo **list);

int __wrap_getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                       struct addrinfo **list)
{
    struct timespec pause = {0, 20 * 1000000L};
    nanosleep(&pause, NULL);
    if (strcmp(name, "device.test") != 0)
        return EAI_NONAME;
    const char *literal = hints->ai_family == AF_INET6 ? "2001:db8::7" : "192.0.2.7";
    return __real_getaddrinfo(literal, service, hints, list);
}

struct task {
    void (*entry)(void *arg);
    void *arg;
};

static void *task_main(void *arg)
{
    struct task *task = arg;
    task->entry(task->arg);
    return NULL;
}

static int32_t start_task(void *user, void (*entry)(void *arg), void *arg)
{
    static struct task task;
    pthread_t thread;
    (void)user;
    task.entry = entry;
    task.arg = arg;
    if (pthread_create(&thread, NULL, task_main, &task) != 0)
        return -1;
    return pthread_detach(thread);
}

static void print(void *user, const char *text, size_t len)
{
    (void)user;
    printf("%.*s\n", (int)len, text);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    struct dunlin_driver_kit_config config;
    char path[64];
    if (argc == 2 && strcmp(argv[1], "--defects") == 0) {
        broken_list();
        return 0;
    }
    if (argc < 2 || argc > 4) {
        fprintf(stderr, "usage: %s PORT [DEFECT [ONLY]] | --defects\n", argv[0]);
        return 2;
    }
    snprintf(path, sizeof path, "@dunlin-kit-%ld", (long)getpid());
    memset(&config, 0, sizeof config);
    config.size = sizeof config;
    config.late_ms = 2500; /* the machine may be busy */
    config.ops = broken_ops(argc > 2 ? (uint32_t)atoi(argv[2]) : 0);
    config.only = argc > 3 ? argv[3] : NULL;
    config.peer.family = DUNLIN_AF_INET;
    config.peer.port = (uint16_t)atoi(argv[1]);
    config.peer.ip[0] = 127;
    config.peer.ip[3] = 1;
    config.peer6 = config.peer;
    config.peer6.family = DUNLIN_AF_INET6;
    memset(config.peer6.ip, 0, 16);
    config.peer6.ip[15] = 1;
    config.unreachable = config.peer; /* no TCP to a broadcast address */
    memset(config.unreachable.ip, 255, 4);
    config.known_name = "device.test";
    config.unknown_name = "nobody.test";
    config.unix_path = path;
    config.start_task = start_task;
    config.line = print;
    if (config.ops == NULL) {
        fprintf(stderr, "no defect %s\n", argv[2]);
        return 2;
    }
    int32_t failed = dunlin_driver_kit_run(&config);
    if (failed < 0)
        fprintf(stderr, "the kit did not run: %d\n", (int)failed);
    return failed == 0 ? 0 : 1;
}
