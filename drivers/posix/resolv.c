/* The host's DNS servers: resolv.conf(5). Apart from the table, as it needs the library. */
#include "internal.h"

#include <stdio.h>
#include <string.h>

#define MAX_SERVERS 3 /* as libc has it */
#define LINE_MAX    256

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\v' || c == '\f';
}

/* The address of a line "nameserver ADDRESS", cut out of it; NULL for any other line. */
static char *server_of(char *line)
{
    static const char word[] = "nameserver";
    char *at = line;
    if (strncmp(at, word, sizeof word - 1) != 0 || !is_space(at[sizeof word - 1]))
        return NULL;
    at += sizeof word - 1;
    while (is_space(*at))
        at++;
    char *end = at;
    while (*end != '\0' && !is_space(*end))
        end++;
    *end = '\0';
    return at;
}

/* One line without its tail past the buffer, which is read over. False at the end of the file. */
static bool next_line(FILE *file, char *line, size_t room)
{
    int c;
    if (fgets(line, (int)room, file) == NULL)
        return false;
    if (strchr(line, '\n') == NULL) {
        do {
            c = fgetc(file);
        } while (c != EOF && c != '\n');
    }
    return true;
}

int32_t dunlin_posix_set_dns_servers(dunlin_netdev_t dev, const char *path)
{
    struct dunlin_addr servers[MAX_SERVERS];
    char line[LINE_MAX];
    uint32_t count = 0;
    FILE *file = fopen(path != NULL ? path : "/etc/resolv.conf", "re");
    if (file == NULL)
        return dunlin_err_from_errno(errno);
    while (count < MAX_SERVERS && next_line(file, line, sizeof line)) {
        const char *text = server_of(line);
        /* With a port it would be none: resolv.conf(5) has no word for one. */
        if (text != NULL && dunlin_addr_parse(text, &servers[count]) == 0 &&
            servers[count].port == 0)
            count++;
    }
    int failed = ferror(file);
    fclose(file);
    if (failed != 0)
        return DUNLIN_ERR_IO;
    int32_t err = dunlin_netdev_set_dns_servers(dev, servers, count);
    return err < 0 ? err : (int32_t)count;
}
