/*
 * dunlin/port.h - what an operating system port implements.
 *
 * Dunlin calls these functions and nothing else of the operating system. A port is one C file:
 * port/posix serves hosts, port/template is the file to copy for an RTOS. This header stands alone.
 *
 * Rules for all of them:
 *  - They may be called from any task, before dunlin_init() too; from an interrupt only those whose
 *    comment says so.
 *  - They must not call back into Dunlin, except dunlin_ticks_to_ms(), which takes no lock.
 *  - They allocate nothing that their _free function does not give back.
 *  - Milliseconds are those of dunlin_port_now_ms(). A deadline is an absolute number of them; 0 is
 *    no deadline; one that is past means: do not wait.
 */
#ifndef DUNLIN_PORT_H
#define DUNLIN_PORT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Storage of one event. Dunlin keeps it in .bss; the port puts its own type inside and asserts at
 * compile time that it fits: 24 pointers, aligned to 8 bytes. All zero until
 * dunlin_port_event_init().
 */
struct dunlin_port_event {
    void *opaque[24];
};

/* Storage of one mutex; as struct dunlin_port_event. */
struct dunlin_port_mutex {
    void *opaque[24];
};

/* Levels of dunlin_port_log(). */
#define DUNLIN_PORT_LOG_ERROR 1
#define DUNLIN_PORT_LOG_WARN  2
#define DUNLIN_PORT_LOG_INFO  3
#define DUNLIN_PORT_LOG_DEBUG 4

/*
 * Monotonic time in milliseconds, 64 bits that never wrap, >= 1 from the first call on (0 means
 * "no deadline" everywhere). It goes on while the CPU sleeps. An RTOS with a 32-bit tick extends it
 * with dunlin_ticks_to_ms(), see port/template.
 *
 * Blocks: no. Called from: task, interrupt. Returns: >= 1, never less than before, on any task.
 * POSIX: clock_gettime(CLOCK_MONOTONIC).
 */
int64_t dunlin_port_now_ms(void);

/*
 * Wall-clock time, seconds since 1970-01-01T00:00:00Z. Certificates, cookies and Date fields need
 * it; a device that has not set its clock says so and those fail closed or are left out.
 *
 * Blocks: no. Called from: task. Returns: Unix seconds; < 0: not known.
 * POSIX: time().
 */
int64_t dunlin_port_wall_time_s(void);

/*
 * Makes a mutex: not recursive, with priority inheritance where the system has it.
 *
 * Blocks: no. Called from: task. Returns: 0, or < 0: no resources (nothing to free then).
 * Owner: the storage is the caller's, from init to free it is the port's to write.
 * POSIX: pthread_mutex_init().
 */
int32_t dunlin_port_mutex_init(struct dunlin_port_mutex *mutex);

/*
 * Takes the mutex. It is never called by the task that already holds it, nor inside a critical
 * section. Several mutexes may be held at once.
 *
 * Blocks: until the holder unlocks. Called from: task.
 * POSIX: pthread_mutex_lock().
 */
void dunlin_port_mutex_lock(struct dunlin_port_mutex *mutex);

/*
 * Gives the mutex back; called by the task that took it.
 *
 * Blocks: no. Called from: task. POSIX: pthread_mutex_unlock().
 */
void dunlin_port_mutex_unlock(struct dunlin_port_mutex *mutex);

/*
 * Ends a mutex that nobody holds. Init may follow on the same storage.
 *
 * Blocks: no. Called from: task. POSIX: pthread_mutex_destroy().
 */
void dunlin_port_mutex_free(struct dunlin_port_mutex *mutex);

/*
 * Makes an event, not signalled: a binary semaphore with at most one waiter.
 *
 * Blocks: no. Called from: task. Returns: 0, or < 0: no resources (nothing to free then).
 * Owner: as dunlin_port_mutex_init(). POSIX: sem_init(), with value 0 and at most 1.
 */
int32_t dunlin_port_event_init(struct dunlin_port_event *event);

/*
 * Waits until the event is signalled or the deadline is reached, whichever is first, and resets the
 * event. A signal given before the wait ends it at once; any number of them count as one. With a
 * deadline that is past it only looks.
 *
 * The wait is rounded UP: 0 is returned only when dunlin_port_now_ms() >= deadline. A tick-based
 * system therefore rounds the ticks up and adds one, because the current tick is already partly
 * over; a wait that rounds down would make the caller spin until its deadline.
 *
 * Blocks: yes. Called from: task, one at a time per event, never inside a critical section.
 * Returns: 1: signalled; 0: the deadline came (never when it is 0).
 * POSIX: sem_clockwait(CLOCK_MONOTONIC).
 */
int32_t dunlin_port_event_wait(struct dunlin_port_event *event, int64_t deadline);

/*
 * Signals the event: ends the wait in progress, or the next one. The waiter may call
 * dunlin_port_event_free() only after this has returned; Dunlin sees to that.
 *
 * Blocks: no. Called from: task, interrupt; inside a critical section too. POSIX: sem_post().
 */
void dunlin_port_event_signal(struct dunlin_port_event *event);

/*
 * Ends an event that nobody waits for. Init may follow on the same storage.
 *
 * Blocks: no. Called from: task. POSIX: sem_destroy().
 */
void dunlin_port_event_free(struct dunlin_port_event *event);

/*
 * A number that tells the running task from every other living task; it finds calls that come
 * back into Dunlin from inside a callback.
 *
 * Blocks: no. Called from: task. Returns: never 0. POSIX: pthread_self().
 */
uintptr_t dunlin_port_task_id(void);

/*
 * Fills buf with len bytes of a cryptographically secure random source. A device without one
 * returns < 0, and what needs it (TLS, multipart boundaries, WebSocket keys) fails closed. Never
 * fill with less than that.
 *
 * Blocks: until the source is seeded, which is a matter of start-up. Called from: task.
 * Returns: 0: all len bytes are filled; < 0: no entropy, buf is not used. Owner: caller.
 * POSIX: getrandom().
 */
int32_t dunlin_port_random(void *buf, size_t len);

/*
 * Enters the critical section: until exit no other task and no interrupt that calls Dunlin runs
 * Dunlin's code. Sections are short (some ten instructions), nest, and contain no call of the port
 * but dunlin_port_event_signal(), dunlin_port_now_ms() and further sections.
 *
 * Blocks: on one core it must not; on several it may spin. Called from: task, interrupt.
 * Returns: the state to hand to exit (the interrupt mask, or a nesting depth).
 * POSIX: a process-wide recursive mutex.
 */
uint32_t dunlin_port_critical_enter(void);

/*
 * Leaves the critical section that the matching enter began; sections end in reverse order.
 *
 * Blocks: no. Called from: task, interrupt. POSIX: pthread_mutex_unlock().
 */
void dunlin_port_critical_exit(uint32_t state);

/*
 * Writes one line of the log: len bytes, neither NUL- nor newline-terminated, printable ASCII.
 * level is DUNLIN_PORT_LOG_*; what to drop is the port's decision. An empty body is a valid port.
 *
 * Blocks: as long as the output does. Called from: task. Re-entry: may be called by several tasks
 * at once. Owner: text is the caller's and ends with the call. POSIX: fwrite(stderr).
 */
void dunlin_port_log(int32_t level, const char *text, size_t len);

/*
 * An invariant of Dunlin is broken, and going on would be worse: record file and line, then stop or
 * reset. file is NUL-terminated, static, and may be NULL when the build left names out.
 *
 * Blocks: does not return. Called from: task, interrupt; with the critical section held perhaps.
 * POSIX: abort().
 */
void dunlin_port_panic(const char *file, uint32_t line);

#ifdef __cplusplus
}
#endif

#endif /* DUNLIN_PORT_H */
