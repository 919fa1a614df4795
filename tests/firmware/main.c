/* The image that runs in QEMU: exit code 0 says that everything held. */
#include <dunlin/dunlin.h>

#include "exchange.h"
#include "image.h"
#include "interrupt.h"
#include "names.h"
#include "stub_device.h"

#include <string.h>

#ifdef SECOND_RUST_LIBRARY
uint32_t second_sum(const uint32_t *values, uint32_t count);
#endif

/* Critical sections of Dunlin: of the port, or of the image's own Rust. */
extern uint32_t port_sections;
#ifdef RUST_SECTIONS
uint32_t RUST_SECTIONS(void);
#endif

static uint8_t memory[24 * 1024];
static int failures;

static void check(int condition, const char *what)
{
    if (!condition) {
        image_print("FAILED: ");
        failures++;
    }
    image_print(what);
    image_print("\n");
}

/* The promise of docs/memory.md for a task that calls Dunlin, the application's own frames apart. */
#define STACK_MOST 3584
/* The same for a task that dials names which only DNS knows. */
#define STACK_MOST_BY_DNS 6400

/* Says how deep the stacks of both tasks were since they were painted, and paints them again. */
static void stacks_within(uint32_t most, const char *what)
{
    char line[] = "stack 00000 + 00000 bytes: ";
    for (uint32_t task = 1; task <= 2; task++) {
        uint32_t used = image_stack_used(task);
        char *digit = line + (task == 1 ? 10 : 18);
        for (uint32_t n = used, i = 0; i < 5; i++, n /= 10) {
            *digit-- = (char)('0' + n % 10);
        }
        check(used < most, "a stack within its bound");
    }
    image_print(line);
    image_print(what);
    image_print("\n");
    image_stack_paint();
}

/* The second task: sends back what comes, until the end. */
static void echo(void *argument)
{
    const dunlin_conn_t *conn = argument;
    char buf[16];
    dunlin_ssize_t n;
    while ((n = dunlin_conn_read(*conn, buf, sizeof buf)) > 0) {
        if (dunlin_conn_write(*conn, buf, (size_t)n) != n) {
            break;
        }
    }
    check(n == 0, "the echo task sees the end");
    check(dunlin_conn_close(*conn) == 0, "the echo task closes");
}

static void stacks(const char *what)
{
    stacks_within(STACK_MOST, what);
}

static void pipes(void)
{
    dunlin_conn_t a = 0, b = 0;
    char buf[32];
    check(dunlin_pipe(&a, &b) == 0, "a pipe");
    image_task_start(echo, &b);
    check(dunlin_conn_write(a, "over the pipe", 13) == 13, "a write");
    check(dunlin_conn_read(a, buf, sizeof buf) == 13 && memcmp(buf, "over the pipe", 13) == 0, "its echo");
    dunlin_conn_set_read_deadline(a, dunlin_after_ms(20));
    check(dunlin_conn_read(a, buf, sizeof buf) == DUNLIN_ERR_TIMEOUT, "a read that times out");
    check(dunlin_conn_close(a) == 0, "close");
    while (image_task_running()) {
        image_yield();
    }
    check(dunlin_conn_close(a) == DUNLIN_ERR_BAD_HANDLE, "a second close");
}

static void devices(void)
{
    static struct stub_device device;
    check(dunlin_dial(NULL, "tcp", "192.0.2.1:80") == DUNLIN_ERR_NO_NETDEV, "no device");
    dunlin_netdev_t dev = dunlin_netdev_register("stub0", &stub_device_ops, &device);
    check(dev > 0, "a device");
    check(dunlin_dial(NULL, "tcp", "192.0.2.1:80") == DUNLIN_ERR_CONN_REFUSED, "a dial that is refused");
    check(device.open == 0 && device.closed == 1, "its socket is closed");
    check(dunlin_netdev_unregister(dev, dunlin_after_ms(100)) == 0, "the device goes");
}

int main(void)
{
    check(strcmp(dunlin_strerror(DUNLIN_ERR_TIMEOUT), "i/o timeout") == 0, "the text of an error");
    struct dunlin_config config = DUNLIN_CONFIG_INIT;
    config.arena = memory;
    config.arena_len = sizeof memory;
    check(dunlin_init(&config) == 0, "init");
    image_stack_paint();
    devices();
    stacks("a dial on a device");
    names(check);
    stacks_within(STACK_MOST_BY_DNS, "a dial of a name, by DNS");
    pipes();
    stacks("reading and writing a pipe");
    interrupts(check);
    stacks("waiting for an interrupt");
    exchange(check);
    stacks("an HTTP client + an HTTP server's worker");
#ifdef SECOND_RUST_LIBRARY
    const uint32_t values[] = { 1, 2, 39 };
    check(second_sum(values, DUNLIN_COUNT(values)) == 42, "the second Rust library");
#endif
    check(dunlin_deinit(dunlin_after_ms(100)) == 0, "deinit");
#ifdef RUST_SECTIONS
    check(port_sections == 0 && RUST_SECTIONS() > 0, "the critical section of the image's own Rust");
#else
    check(port_sections > 0, "the port's critical section");
#endif
    return failures == 0 ? 0 : 1;
}
