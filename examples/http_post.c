/*
 * Sends a text, or a file as it is read, by POST, and prints the answer's body.
 */
#include <dunlin/dunlin.h>
#include <dunlin/posix.h>

#include <stdio.h>
#include <string.h>

static uint8_t memory[24 * 1024]; /* the only RAM Dunlin takes beside its pools */

static const char usage[] =
    "usage: http_post [-h] [-t TYPE] [-f FILE] URL [TEXT]\n"
    "  -t TYPE  the Content-Type, by default text/plain\n"
    "  -f FILE  what to send, streamed; - is the standard input\n"
    "  TEXT     what to send\n"
    "The exit status is 0 for a whole answer of status 200 to 299.\n";

static int fail(const char *what, int32_t err)
{
    fprintf(stderr, "http_post: %s: %s\n", what, dunlin_strerror(err));
    return 1;
}

/* Gives the body piece by piece; of unknown length, so it is sent chunked. */
static dunlin_ssize_t read_file(void *ctx, void *buf, size_t len)
{
    FILE *file = (FILE *)ctx;
    size_t n = fread(buf, 1, len, file);
    if (n == 0 && ferror(file)) {
        return DUNLIN_ERR_IO;
    }
    return (dunlin_ssize_t)n;
}

/* So that the request can be sent again when a kept connection turns out to be dead. */
static int32_t rewind_file(void *ctx)
{
    return fseek((FILE *)ctx, 0, SEEK_SET) == 0 ? 0 : DUNLIN_ERR_NOT_SUPPORTED;
}

static int show(const char *url, dunlin_http_response_t r)
{
    uint8_t buf[1024];
    dunlin_ssize_t n;
    int32_t code = dunlin_http_response_status(r);
    while ((n = dunlin_http_response_read(r, buf, sizeof buf)) > 0) {
        if (fwrite(buf, 1, (size_t)n, stdout) != (size_t)n) {
            perror("http_post: output");
            return 1;
        }
    }
    if (n < 0) {
        return fail("body", (int32_t)n);
    }
    if (code < 200 || code > 299) {
        struct dunlin_str text = dunlin_http_response_status_text(r);
        fprintf(stderr, "http_post: %s: %.*s\n", url, DUNLIN_STR_ARG(text));
        return 1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    const char *url = NULL, *text = NULL, *name = NULL, *type = "text/plain";
    FILE *file = NULL;
    int i;
    for (i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0) {
            fputs(usage, stdout);
            return 0;
        } else if (strcmp(argv[i], "-t") == 0 && i + 1 < argc) {
            type = argv[++i];
        } else if (strcmp(argv[i], "-f") == 0 && i + 1 < argc) {
            name = argv[++i];
        } else if (url == NULL && argv[i][0] != '-') {
            url = argv[i];
        } else if (url != NULL && text == NULL) {
            text = argv[i];
        } else {
            fprintf(stderr, "http_post: what is \"%s\"?\n%s", argv[i], usage);
            return 2;
        }
    }
    if (url == NULL || (text == NULL) == (name == NULL)) {
        fputs(usage, stderr);
        return 2;
    }
    if (name != NULL) {
        file = strcmp(name, "-") == 0 ? stdin : fopen(name, "rb");
        if (file == NULL) {
            perror(name);
            return 1;
        }
    }

    struct dunlin_config config = DUNLIN_CONFIG_INIT;
    config.arena = memory;
    config.arena_len = sizeof memory;
    int32_t err = dunlin_init(&config);
    if (err < 0) {
        return fail("init", err);
    }
    err = dunlin_posix_register();
    if (err < 0) {
        return fail("driver", err);
    }
    dunlin_http_client_t client = dunlin_http_client_new(NULL);
    if (client < 0) {
        return fail("client", client);
    }
    dunlin_http_response_t r;
    if (text != NULL) {
        r = dunlin_http_post(client, url, type, text, strlen(text));
    } else {
        const struct dunlin_http_header headers[] = {DUNLIN_HTTP_HEADER("Content-Type", type)};
        struct dunlin_http_request request = DUNLIN_HTTP_REQUEST_INIT;
        request.method = "POST";
        request.url = url;
        request.headers = headers;
        request.header_count = DUNLIN_COUNT(headers);
        request.body_read = read_file;
        request.body_rewind = rewind_file;
        request.body_ctx = file;
        r = dunlin_http_do(client, &request);
    }
    if (r < 0) {
        return fail(url, r);
    }
    int status = show(url, r);
    dunlin_http_response_close(r);
    dunlin_http_client_close(client);
    err = dunlin_deinit(dunlin_after_ms(1000));
    if (file != NULL && file != stdin) {
        fclose(file);
    }
    return err < 0 ? fail("deinit", err) : status;
}
