/* Lines, and the words for results. */
#include "internal.h"

#include <string.h>

struct name {
    int32_t err;
    const char *name;
};

#define NAME(err) \
    {             \
        err, #err \
    }

/* What a driver may answer. */
static const struct name names[] = {
    NAME(DUNLIN_ERR_INVALID),
    NAME(DUNLIN_ERR_BAD_HANDLE),
    NAME(DUNLIN_ERR_STATE),
    NAME(DUNLIN_ERR_BUSY),
    NAME(DUNLIN_ERR_NO_MEMORY),
    NAME(DUNLIN_ERR_NO_SLOT),
    NAME(DUNLIN_ERR_TIMEOUT),
    NAME(DUNLIN_ERR_CANCELED),
    NAME(DUNLIN_ERR_CLOSED),
    NAME(DUNLIN_ERR_WOULD_BLOCK),
    NAME(DUNLIN_ERR_PENDING),
    NAME(DUNLIN_ERR_INTERRUPTED),
    NAME(DUNLIN_ERR_NOT_SUPPORTED),
    NAME(DUNLIN_ERR_NET_DOWN),
    NAME(DUNLIN_ERR_NET_UNREACHABLE),
    NAME(DUNLIN_ERR_HOST_UNREACHABLE),
    NAME(DUNLIN_ERR_CONN_REFUSED),
    NAME(DUNLIN_ERR_CONN_RESET),
    NAME(DUNLIN_ERR_CONN_ABORTED),
    NAME(DUNLIN_ERR_BROKEN_PIPE),
    NAME(DUNLIN_ERR_NOT_CONNECTED),
    NAME(DUNLIN_ERR_ADDR_IN_USE),
    NAME(DUNLIN_ERR_ADDR_NOT_AVAILABLE),
    NAME(DUNLIN_ERR_NO_SOCKETS),
    NAME(DUNLIN_ERR_MESSAGE_SIZE),
    NAME(DUNLIN_ERR_NO_SUCH_HOST),
    NAME(DUNLIN_ERR_NAME_SERVER),
    NAME(DUNLIN_ERR_INVALID_ADDRESS),
    NAME(DUNLIN_ERR_IO),
    NAME(DUNLIN_ERR_PERMISSION),
    NAME(DUNLIN_ERR_BUFFER_TOO_SMALL),
    NAME(DUNLIN_ERR_NAME_TOO_LONG),
    NAME(DUNLIN_ERR_NO_DEVICE),
    NAME(DUNLIN_ERR_EXISTS),
};

void dunlin_kit_str(struct dunlin_kit_text *text, const char *str)
{
    while (*str != '\0' && text->len < sizeof text->data - 1)
        text->data[text->len++] = *str++;
    text->data[text->len] = '\0';
}

void dunlin_kit_int(struct dunlin_kit_text *text, int64_t value)
{
    char digits[24];
    size_t at = sizeof digits - 1;
    uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    digits[at] = '\0';
    do {
        digits[--at] = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    if (value < 0)
        digits[--at] = '-';
    dunlin_kit_str(text, &digits[at]);
}

void dunlin_kit_hex(struct dunlin_kit_text *text, const uint8_t *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    char pair[3] = {0, 0, 0};
    for (size_t i = 0; i < len; i++) {
        pair[0] = digits[bytes[i] >> 4];
        pair[1] = digits[bytes[i] & 15];
        dunlin_kit_str(text, pair);
    }
}

static const char *name_of(int32_t err)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (names[i].err == err)
            return names[i].name;
    }
    return NULL;
}

/* A success, one of the numbers that make sense from a driver, or a vendor's own. */
bool dunlin_kit_is_legal(int32_t result)
{
    return result >= 0 || name_of(result) != NULL || (result <= -10000 && result > INT32_MIN);
}

bool dunlin_kit_is_final(int32_t result)
{
    return result < 0 && result != DUNLIN_ERR_WOULD_BLOCK && result != DUNLIN_ERR_TIMEOUT &&
           result != DUNLIN_ERR_INTERRUPTED && result != DUNLIN_ERR_PENDING;
}

void dunlin_kit_result(struct dunlin_kit_text *text, int32_t result)
{
    const char *name = name_of(result);
    if (name != NULL)
        dunlin_kit_str(text, name);
    else
        dunlin_kit_int(text, result);
    if (!dunlin_kit_is_legal(result))
        dunlin_kit_str(text, ", which is no result of a driver");
}

void dunlin_kit_line(const struct dunlin_kit_text *text)
{
    const struct dunlin_driver_kit_config *config = dunlin_kit.config;
    if (config->line != NULL)
        config->line(config->user, text->data, text->len);
    else
        dunlin_port_log(DUNLIN_PORT_LOG_INFO, text->data, text->len);
}

void dunlin_kit_fail(const char *reason)
{
    if (dunlin_kit.check_failed)
        return;
    dunlin_kit.check_failed = true;
    dunlin_kit.why.len = 0;
    dunlin_kit_str(&dunlin_kit.why, reason);
}

void dunlin_kit_fail_got(const char *what, int32_t got, const char *want)
{
    struct dunlin_kit_text text = {0, {0}};
    dunlin_kit_str(&text, what);
    dunlin_kit_str(&text, ": got ");
    dunlin_kit_result(&text, got);
    dunlin_kit_str(&text, ", want ");
    dunlin_kit_str(&text, want);
    dunlin_kit_fail(text.data);
}

void dunlin_kit_skip(const char *reason)
{
    dunlin_kit.check_skipped = true;
    if (!dunlin_kit.check_failed) {
        dunlin_kit.why.len = 0;
        dunlin_kit_str(&dunlin_kit.why, reason);
    }
}
