/*
 * Prints what is known of a name: addresses, the name it stands for, texts, mail servers, and the
 * servers of a service; or the names of an address.
 */
#include <dunlin/dunlin.h>
#include <dunlin/posix.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 16

static const char usage[] =
    "usage: lookup [-h] [-t MS] -s ADDRESS:PORT NAME|ADDRESS [SERVICE PROTO]\n"
    "  -t MS            how long each lookup may take; 5000\n"
    "  -s ADDRESS:PORT  the DNS server; it serves everything but the addresses of names\n"
    "  SERVICE PROTO    a service, like http tcp\n";

static char buf[2048];

/* Says what was found: 1 when something was, 0 when there is nothing of the kind. */
static int found(const char *what, int32_t count, int *status)
{
    if (count >= 0) {
        return count > 0;
    }
    if (count != DUNLIN_ERR_NO_SUCH_HOST) {
        fprintf(stderr, "lookup: %s: %s\n", what, dunlin_strerror(count));
        *status = 1;
    }
    return 0;
}

static uint32_t stored(int32_t count)
{
    return count < MOST ? (uint32_t)count : MOST;
}

static int names_of(const struct dunlin_lookup_config *how, const struct dunlin_addr *addr)
{
    struct dunlin_str names[MOST];
    int status = 0;
    int32_t n = dunlin_lookup_addr(how, addr, buf, sizeof buf, names, MOST);
    if (found("addr", n, &status)) {
        for (uint32_t i = 0; i < stored(n); i++) {
            printf("name %.*s\n", DUNLIN_STR_ARG(names[i]));
        }
    }
    return status;
}

static int all_of(const struct dunlin_lookup_config *how, const char *name)
{
    struct dunlin_addr addrs[MOST];
    struct dunlin_str texts[MOST];
    struct dunlin_mx mail[MOST];
    char text[DUNLIN_ADDR_TEXT_MAX];
    int status = 0;
    int32_t n = dunlin_lookup_host(how, name, 0, addrs, MOST);
    if (found("host", n, &status)) {
        for (uint32_t i = 0; i < stored(n); i++) {
            dunlin_addr_format(&addrs[i], text, sizeof text);
            printf("host %s\n", text);
        }
    }
    if (found("cname", dunlin_lookup_cname(how, name, buf, sizeof buf), &status)) {
        printf("cname %s\n", buf);
    }
    n = dunlin_lookup_txt(how, name, buf, sizeof buf, texts, MOST);
    if (found("txt", n, &status)) {
        for (uint32_t i = 0; i < stored(n); i++) {
            printf("txt %.*s\n", DUNLIN_STR_ARG(texts[i]));
        }
    }
    n = dunlin_lookup_mx(how, name, buf, sizeof buf, mail, MOST);
    if (found("mx", n, &status)) {
        for (uint32_t i = 0; i < stored(n); i++) {
            printf("mx %u %.*s\n", (unsigned)mail[i].pref, DUNLIN_STR_ARG(mail[i].host));
        }
    }
    return status;
}

static int service_of(const struct dunlin_lookup_config *how, const char *service,
                      const char *proto, const char *name)
{
    struct dunlin_srv servers[MOST];
    int status = 0;
    int32_t port = dunlin_lookup_port(proto, service);
    int32_t n = dunlin_lookup_srv(how, service, proto, name, buf, sizeof buf, servers, MOST);
    if (port >= 0) {
        printf("port %d\n", (int)port);
    }
    if (found("srv", n, &status)) {
        for (uint32_t i = 0; i < stored(n); i++) {
            printf("srv %u %u %u %.*s\n", servers[i].priority, servers[i].weight, servers[i].port,
                   DUNLIN_STR_ARG(servers[i].target));
        }
    }
    return status;
}

int main(int argc, char **argv)
{
    struct dunlin_lookup_config how = DUNLIN_LOOKUP_CONFIG_INIT;
    struct dunlin_config config = DUNLIN_CONFIG_INIT; /* no HTTP, so no arena */
    struct dunlin_addr server, addr;
    const char *words[3] = {NULL, NULL, NULL}, *server_text = NULL;
    int count = 0, status;
    how.timeout_ms = 5000;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0) {
            fputs(usage, stdout);
            return 0;
        } else if (strcmp(argv[i], "-t") == 0 && i + 1 < argc) {
            how.timeout_ms = (int32_t)strtol(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "-s") == 0 && i + 1 < argc) {
            server_text = argv[++i];
        } else if (count < 3 && argv[i][0] != '-') {
            words[count++] = argv[i];
        } else {
            fprintf(stderr, "lookup: what is \"%s\"?\n%s", argv[i], usage);
            return 2;
        }
    }
    if (server_text == NULL || (count != 1 && count != 3) || how.timeout_ms < 1 ||
        dunlin_addr_parse(server_text, &server) < 0) {
        fputs(usage, stderr);
        return 2;
    }

    int32_t err = dunlin_init(&config);
    int32_t dev = err < 0 ? err : dunlin_posix_register();
    err = dev < 0 ? dev : dunlin_netdev_set_dns_servers(dev, &server, 1);
    if (err < 0) {
        fprintf(stderr, "lookup: %s\n", dunlin_strerror(err));
        return 1;
    }
    if (count == 3) {
        status = service_of(&how, words[1], words[2], words[0]);
    } else if (dunlin_addr_parse(words[0], &addr) == 0) {
        status = names_of(&how, &addr);
    } else {
        status = all_of(&how, words[0]);
    }
    return dunlin_deinit(dunlin_after_ms(1000)) < 0 ? 1 : status;
}
