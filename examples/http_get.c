/*
 * Fetches a URL and prints its body, or writes it to a file.
 */
#include <dunlin/dunlin.h>
#include <dunlin/posix.h>

#include <stdio.h>
#include <string.h>

static uint8_t memory[24 * 1024]; /* the only RAM Dunlin takes beside its pools */

static const char usage[] =
    "usage: http_get [-h] [-v] [-o FILE] URL\n"
    "  -o FILE  write the body to FILE\n"
    "  -v       show status and fields on the standard error\n"
    "The exit status is 0 for a whole answer of status 200 to 299.\n";

static int fail(const char *what, int32_t err)
{
    fprintf(stderr, "http_get: %s: %s\n", what, dunlin_strerror(err));
    return 1;
}

static void show_head(dunlin_http_response_t r)
{
    struct dunlin_str proto = dunlin_http_response_proto(r);
    struct dunlin_str status = dunlin_http_response_status_text(r);
    struct dunlin_str name, value;
    uint32_t i;
    fprintf(stderr, "< %.*s %.*s\n", DUNLIN_STR_ARG(proto), DUNLIN_STR_ARG(status));
    for (i = 0; dunlin_http_response_header_at(r, i, &name, &value) == 1; i++) {
        fprintf(stderr, "< %.*s: %.*s\n", DUNLIN_STR_ARG(name), DUNLIN_STR_ARG(value));
    }
}

static int save(dunlin_http_response_t r, FILE *out)
{
    uint8_t buf[1024];
    dunlin_ssize_t n;
    while ((n = dunlin_http_response_read(r, buf, sizeof buf)) > 0) {
        if (fwrite(buf, 1, (size_t)n, out) != (size_t)n) {
            perror("http_get: output");
            return 1;
        }
    }
    if (n < 0) {
        return fail("body", (int32_t)n); /* cut short is an error, not an end */
    }
    return 0;
}

int main(int argc, char **argv)
{
    const char *url = NULL, *file = NULL;
    int verbose = 0, i;
    for (i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0) {
            fputs(usage, stdout);
            return 0;
        } else if (strcmp(argv[i], "-v") == 0) {
            verbose = 1;
        } else if (strcmp(argv[i], "-o") == 0 && i + 1 < argc) {
            file = argv[++i];
        } else if (url == NULL && argv[i][0] != '-') {
            url = argv[i];
        } else {
            fprintf(stderr, "http_get: what is \"%s\"?\n%s", argv[i], usage);
            return 2;
        }
    }
    if (url == NULL) {
        fputs(usage, stderr);
        return 2;
    }

    struct dunlin_config config = DUNLIN_CONFIG_INIT;
    config.arena = memory;
    config.arena_len = sizeof memory;
    int32_t err = dunlin_init(&config);
    if (err < 0) {
        return fail("init", err);
    }
    err = dunlin_posix_register(); /* a driver is one call */
    if (err < 0) {
        return fail("driver", err);
    }
    dunlin_http_client_t client = dunlin_http_client_new(NULL); /* finite time-outs, no TLS, no redirects */
    if (client < 0) {
        return fail("client", client);
    }
    dunlin_http_response_t r = dunlin_http_get(client, url);
    if (r < 0) {
        return fail(url, r);
    }
    if (verbose) {
        show_head(r);
    }
    FILE *out = file != NULL ? fopen(file, "wb") : stdout;
    if (out == NULL) {
        perror(file);
        return 1;
    }
    int status = save(r, out);
    if (fflush(out) != 0 || (file != NULL && fclose(out) != 0)) {
        perror("http_get: output");
        status = 1;
    }
    int32_t code = dunlin_http_response_status(r);
    if (status == 0 && (code < 200 || code > 299)) {
        struct dunlin_str text = dunlin_http_response_status_text(r);
        fprintf(stderr, "http_get: %s: %.*s\n", url, DUNLIN_STR_ARG(text));
        status = 1;
    }
    dunlin_http_response_close(r); /* the connection goes back to the pool when it may */
    dunlin_http_client_close(client);
    err = dunlin_deinit(dunlin_after_ms(1000));
    return err < 0 ? fail("deinit", err) : status;
}
