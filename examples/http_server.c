/*
 * A server with a route of every kind: answers from memory and from flash, a value out of the path,
 * a streamed upload, and server-sent events to any number of peers without a task for each.
 */
#define _POSIX_C_SOURCE 200809L

#include <dunlin/dunlin.h>
#include <dunlin/posix.h>

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_WORKERS 6
#define MAX_LISTENERS 4 /* of events */
#define ARENA_BASE (16 * 1024)
#define ARENA_EACH (8 * 1024) /* head and output buffer of a connection, and change */

static const char usage[] =
    "usage: http_server [-h] [--port N] [--host ADDR] [--workers N] [--conns N]\n"
    "  --port N     where to listen, by default 8080; 0 takes any\n"
    "  --host ADDR  by default 127.0.0.1; \"\" is every address\n"
    "  --workers N  tasks that serve, 1 to 6, by default 2\n"
    "  --conns N    connections at once, by default 8; the library is built for 16\n"
    "GET / /json /file /hello/{name} /events, POST /echo; ends with SIGINT.\n";

static char json[1024];
static char file[64 * 1024];

/* Peers that get events; the lock is the application's own. */
static struct {
    pthread_mutex_t lock;
    dunlin_http_exchange_t x[MAX_LISTENERS];
    int count;
} listeners;

static int fail(const char *what, int32_t err)
{
    fprintf(stderr, "http_server: %s: %s\n", what, dunlin_strerror(err));
    return 1;
}

static int32_t root(void *ctx, dunlin_http_exchange_t x)
{
    static const char text[] = "Hello, World!";
    (void)ctx;
    dunlin_http_set_header(x, "Content-Type", "text/plain; charset=utf-8");
    return dunlin_http_reply_static(x, 200, text, sizeof text - 1);
}

static int32_t get_json(void *ctx, dunlin_http_exchange_t x)
{
    (void)ctx;
    dunlin_http_set_header(x, "Content-Type", "application/json");
    return dunlin_http_reply_static(x, 200, json, sizeof json);
}

static int32_t get_file(void *ctx, dunlin_http_exchange_t x)
{
    (void)ctx;
    dunlin_http_set_header(x, "Content-Type", "application/octet-stream");
    return dunlin_http_reply_static(x, 200, file, sizeof file);
}

static int32_t hello(void *ctx, dunlin_http_exchange_t x)
{
    (void)ctx;
    dunlin_http_set_header(x, "Content-Type", "text/plain; charset=utf-8");
    dunlin_http_write_str(x, "Hello, "); /* status, length and date by themselves */
    return dunlin_http_write(x, dunlin_http_path_value(x, "name"));
}

/* Sends the body back while it still comes. */
static int32_t echo(void *ctx, dunlin_http_exchange_t x)
{
    uint8_t buf[1024];
    struct dunlin_str type = dunlin_http_header(x, "Content-Type");
    char copy[128];
    dunlin_ssize_t n;
    (void)ctx;
    if (type.len > 0 && dunlin_str_copy(type, copy, sizeof copy) > 0) {
        dunlin_http_set_header(x, "Content-Type", copy);
    }
    dunlin_http_full_duplex(x); /* the answer begins before the body was read */
    while ((n = dunlin_http_read(x, buf, sizeof buf)) > 0) {
        int32_t err = dunlin_http_write_bytes(x, buf, (size_t)n);
        if (err < 0) {
            return err;
        }
    }
    return (int32_t)n; /* the answer to a bad body, if there can be one, is the library's */
}

static void on_gone(void *ctx, dunlin_http_exchange_t x)
{
    int i;
    (void)ctx;
    pthread_mutex_lock(&listeners.lock);
    for (i = 0; i < listeners.count; i++) {
        if (listeners.x[i] == x) {
            listeners.x[i] = listeners.x[--listeners.count];
            break;
        }
    }
    pthread_mutex_unlock(&listeners.lock);
    dunlin_http_finish(x);
}

static int32_t events(void *ctx, dunlin_http_exchange_t x)
{
    int32_t err;
    (void)ctx;
    pthread_mutex_lock(&listeners.lock);
    if (listeners.count == MAX_LISTENERS) {
        err = dunlin_http_error(x, 503, "busy");
    } else {
        err = dunlin_http_sse_begin(x);
        if (err == 0) {
            dunlin_http_sse_send(x, "start", "here they come");
            err = dunlin_http_detach(x, on_gone, NULL); /* finished later, by on_gone() */
        }
        if (err > 0) {
            listeners.x[listeners.count++] = x;
        } else if (err < 0) {
            fail("events", err);
        }
    }
    pthread_mutex_unlock(&listeners.lock);
    return err;
}

/* One event a second to whoever listens; one that takes nothing just misses it. */
static void *tick(void *arg)
{
    struct timespec second = {1, 0};
    char text[32];
    unsigned n;
    int i;
    (void)arg;
    for (n = 1;; n++) {
        nanosleep(&second, NULL);
        snprintf(text, sizeof text, "%u", n);
        pthread_mutex_lock(&listeners.lock);
        for (i = 0; i < listeners.count; i++) {
            dunlin_http_sse_send(listeners.x[i], "tick", text);
        }
        pthread_mutex_unlock(&listeners.lock);
    }
    return NULL;
}

static const struct dunlin_http_route routes[] = {
    DUNLIN_HTTP_ROUTE("GET /{$}", root, NULL),
    DUNLIN_HTTP_ROUTE("GET /json", get_json, NULL),
    DUNLIN_HTTP_ROUTE("GET /file", get_file, NULL),
    DUNLIN_HTTP_ROUTE("GET /hello/{name}", hello, NULL),
    DUNLIN_HTTP_ROUTE("POST /echo", echo, NULL),
    DUNLIN_HTTP_ROUTE("GET /events", events, NULL),
};

static void *serve(void *arg)
{
    int32_t err = dunlin_http_server_serve(*(dunlin_http_server_t *)arg);
    if (err != DUNLIN_ERR_HTTP_SERVER_CLOSED) {
        fail("serve", err);
    }
    return NULL;
}

static void fill(void)
{
    static const char head[] = "{\"text\":\"", tail[] = "\"}\n";
    size_t i;
    memcpy(json, head, sizeof head - 1);
    for (i = sizeof head - 1; i < sizeof json - (sizeof tail - 1); i++) {
        json[i] = (char)('a' + i % 26);
    }
    memcpy(json + i, tail, sizeof tail - 1);
    for (i = 0; i < sizeof file; i++) {
        file[i] = (char)(i % 64 == 63 ? '\n' : ' ' + (i * 7 + i / 64) % 95);
    }
}

static int number(const char *text, long most, long *value)
{
    char *end;
    *value = strtol(text, &end, 10);
    return *text != '\0' && *end == '\0' && *value >= 0 && *value <= most;
}

int main(int argc, char **argv)
{
    const char *host = "127.0.0.1";
    long port = 8080, workers = 2, conns = 8;
    int i;
    for (i = 1; i < argc; i++) {
        const char *name = argv[i], *value = i + 1 < argc ? argv[i + 1] : "";
        int good = 0;
        if (strcmp(name, "-h") == 0 || strcmp(name, "--help") == 0) {
            fputs(usage, stdout);
            return 0;
        } else if (strcmp(name, "--port") == 0) {
            good = number(value, 65535, &port);
        } else if (strcmp(name, "--workers") == 0) {
            good = number(value, MAX_WORKERS, &workers) && workers > 0;
        } else if (strcmp(name, "--conns") == 0) {
            good = number(value, 1024, &conns) && conns > 0;
        } else if (strcmp(name, "--host") == 0 && i + 1 < argc) {
            host = value;
            good = 1;
        }
        if (!good) {
            fprintf(stderr, "http_server: %s %s?\n%s", name, value, usage);
            return 2;
        }
        i++;
    }
    fill();

    /* SIGINT is taken by this task, with sigwait(): the others never see it. */
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &ends, NULL);

    struct dunlin_config config = DUNLIN_CONFIG_INIT;
    config.arena_len = ARENA_BASE + (size_t)conns * ARENA_EACH;
    config.arena = malloc(config.arena_len); /* on a device: a static array */
    if (config.arena == NULL) {
        fprintf(stderr, "http_server: no memory\n");
        return 1;
    }
    int32_t err = dunlin_init(&config);
    if (err < 0) {
        return fail("init", err);
    }
    err = dunlin_posix_register();
    if (err < 0) {
        return fail("driver", err);
    }
    struct dunlin_http_server_config sc = DUNLIN_HTTP_SERVER_CONFIG_INIT;
    sc.routes = routes;
    sc.route_count = DUNLIN_COUNT(routes);
    sc.max_conns = (uint32_t)conns;
    dunlin_http_server_t server = dunlin_http_server_new(&sc);
    if (server < 0) {
        return fail("server", server);
    }
    char service[8], address[320];
    snprintf(service, sizeof service, "%ld", port);
    err = dunlin_join_host_port(host, service, address, sizeof address);
    if (err > 0) {
        err = dunlin_http_server_listen(server, address);
    }
    if (err < 0) {
        return fail(address, err);
    }
    struct dunlin_addr addr;
    if (dunlin_http_server_addr(server, 0, &addr) == 0 &&
        dunlin_addr_format(&addr, address, sizeof address) > 0) {
        printf("serving on http://%s/\n", address);
        fflush(stdout);
    }

    pthread_t tasks[MAX_WORKERS], ticker;
    pthread_mutex_init(&listeners.lock, NULL);
    for (i = 0; i < (int)workers; i++) {
        if (pthread_create(&tasks[i], NULL, serve, &server) != 0) {
            fprintf(stderr, "http_server: no task\n");
            return 1;
        }
    }
    if (pthread_create(&ticker, NULL, tick, NULL) != 0) {
        fprintf(stderr, "http_server: no task\n");
        return 1;
    }

    int which;
    sigwait(&ends, &which);
    /* Those who listen to events would stay for ever. */
    pthread_mutex_lock(&listeners.lock);
    while (listeners.count > 0) {
        dunlin_http_finish(listeners.x[--listeners.count]);
    }
    pthread_mutex_unlock(&listeners.lock);
    err = dunlin_http_server_shutdown(server, dunlin_after_ms(5000));
    int status = err < 0 ? fail("shutdown", err) : 0;
    dunlin_http_server_close(server);
    for (i = 0; i < (int)workers; i++) {
        pthread_join(tasks[i], NULL);
    }
    pthread_cancel(ticker);
    pthread_join(ticker, NULL);
    err = dunlin_deinit(dunlin_after_ms(5000));
    free(config.arena);
    return err < 0 ? fail("deinit", err) : status;
}
