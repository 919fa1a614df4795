/*
 * Dunlin on POSIX hosts: pthreads, CLOCK_MONOTONIC, getrandom().
 *
 * Needs a system where a condition variable can run on CLOCK_MONOTONIC and that has getrandom():
 * Linux (glibc 2.25, musl 1.1.20) and the BSDs. Link with -pthread.
 *
 * dunlin_port_log() is a weak symbol: an application that defines its own replaces it.
 */
#if !defined(_GNU_SOURCE)
#    define _GNU_SOURCE 1 /* glibc hides PTHREAD_PRIO_INHERIT and getrandom() from plain C99 */
#endif

#include <dunlin/port.h>

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>
#if defined(__linux__)
#    include <linux/futex.h>
#    include <sys/syscall.h>
#endif

/* The longest single timed wait: about 11 days, so that a 32-bit time_t never overflows. */
#define LONGEST_WAIT_MS INT64_C(1000000000)

struct event {
    pthread_mutex_t mutex;
    pthread_cond_t cond;
    bool signalled;
};

/* C99 has no _Static_assert. */
typedef char event_fits[sizeof(struct event) <= sizeof(struct dunlin_port_event) ? 1 : -1];

/* A pthread call that can fail only when a rule of port.h was broken. */
#define CHECK(call)                                          \
    do {                                                     \
        if ((call) != 0)                                     \
            dunlin_port_panic(__FILE__, (uint32_t)__LINE__); \
    } while (0)

static struct event *event_of(struct dunlin_port_event *event)
{
    return (struct event *)(void *)event;
}

/* One more than the clock's milliseconds, so that the first millisecond of uptime is 1. */
static int64_t ms_of(const struct timespec *ts)
{
    return (int64_t)ts->tv_sec * 1000 + ts->tv_nsec / 1000000 + 1;
}

int64_t dunlin_port_now_ms(void)
{
    struct timespec ts;
    CHECK(clock_gettime(CLOCK_MONOTONIC, &ts));
    return ms_of(&ts);
}

int64_t dunlin_port_wall_time_s(void)
{
    struct timespec ts;
    if (clock_gettime(CLOCK_REALTIME, &ts) != 0)
        return -1;
    return (int64_t)ts.tv_sec;
}

#if defined(__linux__) && defined(__GNUC__)

/*
 * The kernel's own kind of mutex with priority inheritance: `word` is 0 or the owner's thread id, and the
 * kernel adds FUTEX_WAITERS. Taking a free one and giving back one that nobody waits for are one atomic
 * operation each. Where the kernel has no such futex, `word` is 0: free, 1: held, 2: held and perhaps
 * waited for.
 */
struct mutex {
    uint32_t word;
    bool plain;
};

typedef char mutex_fits[sizeof(struct mutex) <= sizeof(struct dunlin_port_mutex) ? 1 : -1];

static __thread uint32_t own_tid;

static struct mutex *mutex_of(struct dunlin_port_mutex *mutex)
{
    return (struct mutex *)(void *)mutex;
}

static uint32_t owner_of(const struct mutex *m)
{
    if (m->plain)
        return 1;
    if (own_tid == 0)
        own_tid = (uint32_t)syscall(SYS_gettid);
    return own_tid;
}

static bool word_change(uint32_t *word, uint32_t from, uint32_t to, int order)
{
    return __atomic_compare_exchange_n(word, &from, to, false, order, __ATOMIC_RELAXED);
}

/* A child of fork() has another thread id. */
static void forget_tid(void)
{
    own_tid = 0;
}

static void mutex_once(void)
{
    CHECK(pthread_atfork(NULL, NULL, forget_tid));
}

int32_t dunlin_port_mutex_init(struct dunlin_port_mutex *mutex)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct mutex *m = mutex_of(mutex);
    CHECK(pthread_once(&once, mutex_once));
    m->plain = false;
    m->word = 0;
    /* Refused by some kernels; a mutex without inheritance is then the best there is. */
    m->plain = syscall(SYS_futex, &m->word, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0) != 0;
    m->word = 0;
    return 0;
}

static void mutex_wait(struct mutex *m)
{
    int error = errno;
    if (m->plain) {
        while (__atomic_exchange_n(&m->word, 2, __ATOMIC_ACQUIRE) != 0)
            syscall(SYS_futex, &m->word, FUTEX_WAIT_PRIVATE, 2, NULL, NULL, 0);
    } else {
        while (syscall(SYS_futex, &m->word, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0) != 0)
            CHECK(errno != EINTR && errno != EAGAIN);
    }
    errno = error;
}

void dunlin_port_mutex_lock(struct dunlin_port_mutex *mutex)
{
    struct mutex *m = mutex_of(mutex);
    if (!word_change(&m->word, 0, owner_of(m), __ATOMIC_ACQUIRE))
        mutex_wait(m);
}

void dunlin_port_mutex_unlock(struct dunlin_port_mutex *mutex)
{
    struct mutex *m = mutex_of(mutex);
    if (word_change(&m->word, owner_of(m), 0, __ATOMIC_RELEASE))
        return;
    int error = errno;
    if (m->plain) {
        __atomic_store_n(&m->word, 0, __ATOMIC_RELEASE);
        syscall(SYS_futex, &m->word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
    } else {
        CHECK(syscall(SYS_futex, &m->word, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0) != 0);
    }
    errno = error;
}

void dunlin_port_mutex_free(struct dunlin_port_mutex *mutex)
{
    CHECK(__atomic_load_n(&mutex_of(mutex)->word, __ATOMIC_RELAXED) != 0);
}

#else

typedef char mutex_fits[sizeof(pthread_mutex_t) <= sizeof(struct dunlin_port_mutex) ? 1 : -1];

static pthread_mutex_t *mutex_of(struct dunlin_port_mutex *mutex)
{
    return (pthread_mutex_t *)(void *)mutex;
}

int32_t dunlin_port_mutex_init(struct dunlin_port_mutex *mutex)
{
    pthread_mutexattr_t attr;
    if (pthread_mutexattr_init(&attr) != 0)
        return -1;
#if defined(_POSIX_THREAD_PRIO_INHERIT) && _POSIX_THREAD_PRIO_INHERIT > 0
    /* Refused by some kernels; a mutex without inheritance is then the best there is. */
    if (pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT) == 0 &&
        pthread_mutex_init(mutex_of(mutex), &attr) == 0) {
        pthread_mutexattr_destroy(&attr);
        return 0;
    }
    pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_NONE);
#endif
    int err = pthread_mutex_init(mutex_of(mutex), &attr);
    pthread_mutexattr_destroy(&attr);
    return err == 0 ? 0 : -1;
}

void dunlin_port_mutex_lock(struct dunlin_port_mutex *mutex)
{
    CHECK(pthread_mutex_lock(mutex_of(mutex)));
}

void dunlin_port_mutex_unlock(struct dunlin_port_mutex *mutex)
{
    CHECK(pthread_mutex_unlock(mutex_of(mutex)));
}

void dunlin_port_mutex_free(struct dunlin_port_mutex *mutex)
{
    CHECK(pthread_mutex_destroy(mutex_of(mutex)));
}

#endif

int32_t dunlin_port_event_init(struct dunlin_port_event *event)
{
    struct event *e = event_of(event);
    pthread_condattr_t attr;
    e->signalled = false;
    if (pthread_mutex_init(&e->mutex, NULL) != 0)
        return -1;
    if (pthread_condattr_init(&attr) == 0) {
        bool made = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0 &&
                    pthread_cond_init(&e->cond, &attr) == 0;
        pthread_condattr_destroy(&attr);
        if (made)
            return 0;
    }
    pthread_mutex_destroy(&e->mutex);
    return -1;
}

/* The clock's time at which dunlin_port_now_ms() becomes `ms`. */
static struct timespec timespec_of(int64_t ms)
{
    struct timespec ts;
    ts.tv_sec = (time_t)((ms - 1) / 1000);
    ts.tv_nsec = (long)((ms - 1) % 1000) * 1000000L;
    return ts;
}

/* Waits once on the condition variable; false when the deadline is reached. */
static bool event_sleep(struct event *e, int64_t deadline)
{
    if (deadline == 0) {
        CHECK(pthread_cond_wait(&e->cond, &e->mutex));
        return true;
    }
    int64_t now = dunlin_port_now_ms();
    if (now >= deadline)
        return false;
    bool far = deadline - now > LONGEST_WAIT_MS;
    struct timespec until = timespec_of(far ? now + LONGEST_WAIT_MS : deadline);
    int err = pthread_cond_timedwait(&e->cond, &e->mutex, &until);
    CHECK(err != 0 && err != ETIMEDOUT);
    return true;
}

int32_t dunlin_port_event_wait(struct dunlin_port_event *event, int64_t deadline)
{
    struct event *e = event_of(event);
    CHECK(pthread_mutex_lock(&e->mutex));
    while (!e->signalled && event_sleep(e, deadline)) {
    }
    int32_t signalled = e->signalled ? 1 : 0;
    e->signalled = false;
    CHECK(pthread_mutex_unlock(&e->mutex));
    return signalled;
}

void dunlin_port_event_signal(struct dunlin_port_event *event)
{
    struct event *e = event_of(event);
    CHECK(pthread_mutex_lock(&e->mutex));
    e->signalled = true;
    /* Under the mutex: outside it the waiter could already be gone, and its storage reused. */
    CHECK(pthread_cond_signal(&e->cond));
    CHECK(pthread_mutex_unlock(&e->mutex));
}

void dunlin_port_event_free(struct dunlin_port_event *event)
{
    struct event *e = event_of(event);
    CHECK(pthread_cond_destroy(&e->cond));
    CHECK(pthread_mutex_destroy(&e->mutex));
}

uintptr_t dunlin_port_task_id(void)
{
    return (uintptr_t)pthread_self(); /* an integer or a pointer, by libc; never 0 */
}

int32_t dunlin_port_random(void *buf, size_t len)
{
    unsigned char *at = buf;
    while (len > 0) {
        ssize_t n = getrandom(at, len, 0);
        if (n < 0) {
            if (errno == EINTR)
                continue;
            return -1;
        }
        at += n;
        len -= (size_t)n;
    }
    return 0;
}

#if defined(__linux__) && defined(__GNUC__)

/* 0: free, 1: held, 2: held and perhaps waited for. Entered many times per request, so the way of one
 * that finds it free is one atomic operation. */
static uint32_t critical_word;
static __thread uint32_t critical_depth;

static void critical_wait(void)
{
    int error = errno; /* whoever enters may still want its own */
    while (__atomic_exchange_n(&critical_word, 2, __ATOMIC_ACQUIRE) != 0)
        syscall(SYS_futex, &critical_word, FUTEX_WAIT_PRIVATE, 2, NULL, NULL, 0);
    errno = error;
}

uint32_t dunlin_port_critical_enter(void)
{
    uint32_t is_free = 0;
    if (critical_depth++ == 0 && !__atomic_compare_exchange_n(&critical_word, &is_free, 1, false,
                                                              __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        critical_wait();
    return 0; /* the depth is the thread's own */
}

void dunlin_port_critical_exit(uint32_t state)
{
    (void)state;
    if (--critical_depth == 0 && __atomic_exchange_n(&critical_word, 0, __ATOMIC_RELEASE) == 2) {
        int error = errno;
        syscall(SYS_futex, &critical_word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
        errno = error;
    }
}

#else

static pthread_mutex_t critical_mutex;
static pthread_once_t critical_once = PTHREAD_ONCE_INIT;

static void critical_init(void)
{
    pthread_mutexattr_t attr;
    CHECK(pthread_mutexattr_init(&attr));
    CHECK(pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE));
    CHECK(pthread_mutex_init(&critical_mutex, &attr));
    CHECK(pthread_mutexattr_destroy(&attr));
}

uint32_t dunlin_port_critical_enter(void)
{
    CHECK(pthread_once(&critical_once, critical_init));
    CHECK(pthread_mutex_lock(&critical_mutex));
    return 0; /* the mutex counts the nesting itself */
}

void dunlin_port_critical_exit(uint32_t state)
{
    (void)state;
    CHECK(pthread_mutex_unlock(&critical_mutex));
}

#endif

#if defined(__GNUC__)
__attribute__((weak))
#endif
void dunlin_port_log(int32_t level, const char *text, size_t len)
{
    static const char *const names[] = {"error", "warning", "info", "debug"};
    const char *name = level >= DUNLIN_PORT_LOG_ERROR && level <= DUNLIN_PORT_LOG_DEBUG
                           ? names[level - DUNLIN_PORT_LOG_ERROR]
                           : "log";
    /* One call per line: stdio locks the stream, so lines of several tasks stay whole. */
    fprintf(stderr, "dunlin %s: %.*s\n", name, len > 4096 ? 4096 : (int)len, text);
}

void dunlin_port_panic(const char *file, uint32_t line)
{
    fprintf(stderr, "dunlin: panic at %s:%lu\n", file != NULL ? file : "?", (unsigned long)line);
    abort();
}
