/*
 * Names. libc's getaddrinfo() can be neither bounded nor ended, so it runs in a helper thread, and
 * the caller waits for the job's result as long as its deadline and wake() allow. A caller that
 * gives up leaves the job behind: it never writes to the caller's memory, and its slot comes back
 * when getaddrinfo() returns. A lookup of a name that is being looked up already joins that job, so
 * asking again after a time-out or an interruption costs no further thread.
 */
#include "internal.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define MAX_NAME  255
#define MAX_ADDRS 16

enum job_state {
    JOB_FREE,
    JOB_RUNNING,
    JOB_DONE /* until the last caller has taken its copy */
};

struct job {
    enum job_state state;
    uint32_t callers; /* who waits for it, or has not copied the result yet */
    uint32_t family;
    int32_t result; /* addresses, or an error */
    char name[MAX_NAME + 1];
    struct dunlin_addr addrs[MAX_ADDRS];
};

/* All of it is guarded by `mutex`; `changed` tells of every end and every wake. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed;
static bool changed_made;
static struct job jobs[DUNLIN_POSIX_MAX_LOOKUPS];
static uint32_t wakes; /* counts the wakes that ended callers in progress, of whatever device */

static int32_t from_eai(int code, int error)
{
    switch (code) {
    case EAI_NONAME:
#if defined(EAI_NODATA) && EAI_NODATA != EAI_NONAME
    case EAI_NODATA:
#endif
#if defined(EAI_ADDRFAMILY) && EAI_ADDRFAMILY != EAI_NONAME
    case EAI_ADDRFAMILY:
#endif
        return DUNLIN_ERR_NO_SUCH_HOST;
    case EAI_AGAIN:
    case EAI_FAIL:
        return DUNLIN_ERR_NAME_SERVER;
    case EAI_FAMILY:
        return DUNLIN_ERR_NOT_SUPPORTED;
    case EAI_MEMORY:
        return DUNLIN_ERR_NO_MEMORY;
    case EAI_SYSTEM:
        return dunlin_err_from_errno(error);
    default:
        return DUNLIN_ERR_NAME_SERVER;
    }
}

static int32_t resolve(const char *name, uint32_t family, struct dunlin_addr *addrs)
{
    struct addrinfo hints;
    struct addrinfo *list = NULL;
    int32_t count = 0;
    memset(&hints, 0, sizeof hints);
    hints.ai_socktype = SOCK_STREAM; /* else every address comes once per type */
    hints.ai_family = family == DUNLIN_AF_INET    ? AF_INET
                      : family == DUNLIN_AF_INET6 ? AF_INET6
                                                  : AF_UNSPEC;
    int code = getaddrinfo(name, NULL, &hints, &list);
    if (code != 0)
        return from_eai(code, errno);
    for (const struct addrinfo *i = list; i != NULL && count < MAX_ADDRS; i = i->ai_next) {
        if (i->ai_family == AF_INET || i->ai_family == AF_INET6)
            dunlin_posix_from_sockaddr(i->ai_addr, &addrs[count++]);
    }
    freeaddrinfo(list);
    return count > 0 ? count : DUNLIN_ERR_NO_SUCH_HOST;
}

static void *run(void *arg)
{
    struct job *job = arg;
    struct dunlin_addr addrs[MAX_ADDRS];
    int32_t result = resolve(job->name, job->family, addrs);
    pthread_mutex_lock(&mutex);
    job->result = result;
    if (result > 0)
        memcpy(job->addrs, addrs, (size_t)result * sizeof addrs[0]);
    job->state = job->callers > 0 ? JOB_DONE : JOB_FREE;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
    return NULL;
}

static int start_thread(struct job *job)
{
    pthread_attr_t attr;
    pthread_t thread;
    sigset_t all, before;
    int error = pthread_attr_init(&attr);
    if (error != 0)
        return error;
    error = pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    if (error == 0) {
        /* Signals are the application's: none of them is to run on this thread. */
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        error = pthread_create(&thread, &attr, run, job);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
    pthread_attr_destroy(&attr);
    return error;
}

static int make_changed(void)
{
    pthread_condattr_t attr;
    if (changed_made)
        return 0;
    int error = pthread_condattr_init(&attr);
    if (error != 0)
        return error;
    error = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    if (error == 0)
        error = pthread_cond_init(&changed, &attr);
    pthread_condattr_destroy(&attr);
    changed_made = error == 0;
    return error;
}

/* The running job of this name, or a new one; NULL with the reason in *err. */
static struct job *job_for(const char *name, size_t len, uint32_t family, int32_t *err)
{
    struct job *free_job = NULL;
    for (size_t i = 0; i < DUNLIN_POSIX_MAX_LOOKUPS; i++) {
        struct job *job = &jobs[i];
        if (job->state == JOB_RUNNING && job->family == family && strcasecmp(job->name, name) == 0)
            return job;
        if (job->state == JOB_FREE && free_job == NULL)
            free_job = job;
    }
    *err = DUNLIN_ERR_NO_SLOT;
    if (free_job == NULL)
        return NULL;
    memcpy(free_job->name, name, len + 1);
    free_job->family = family;
    free_job->callers = 0;
    int error = make_changed();
    if (error == 0)
        error = start_thread(free_job);
    if (error != 0) {
        /* EAGAIN here is the system's limit of threads, nothing to poll for. */
        *err = error == EAGAIN ? DUNLIN_ERR_NO_SLOT : dunlin_err_from_errno(error);
        return NULL;
    }
    free_job->state = JOB_RUNNING;
    return free_job;
}

/* Sleeps until something changed or the deadline; at most a day, the caller looks again. */
static void sleep_until(int64_t deadline)
{
    const int64_t day_ms = 24 * 3600 * 1000;
    struct timespec until;
    int64_t left = dunlin_driver_remaining_ms(deadline);
    if (left < 0 || left > day_ms)
        left = day_ms;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += (time_t)(left / 1000);
    until.tv_nsec += (long)(left % 1000) * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_nsec -= 1000000000L;
        until.tv_sec++;
    }
    pthread_cond_timedwait(&changed, &mutex, &until);
}

static int32_t min_count(int32_t count, uint32_t capacity)
{
    return (uint32_t)count < capacity ? count : (int32_t)capacity;
}

/* Waits for a job of which the caller is counted, and copies its result. */
static int32_t wait_for(struct job *job, struct dunlin_addr *addrs, uint32_t capacity,
                        int64_t deadline)
{
    uint32_t wakes_before = wakes;
    while (job->state == JOB_RUNNING) {
        if (wakes != wakes_before)
            return DUNLIN_ERR_INTERRUPTED;
        if (dunlin_posix_is_past(deadline))
            return DUNLIN_ERR_TIMEOUT;
        sleep_until(deadline);
    }
    if (job->result < 0)
        return job->result;
    int32_t count = min_count(job->result, capacity);
    memcpy(addrs, job->addrs, (size_t)count * sizeof addrs[0]);
    return count;
}

static int32_t look_up(struct dunlin_posix_device *device, const char *name, size_t len,
                       uint32_t family, struct dunlin_addr *addrs, uint32_t capacity,
                       int64_t deadline)
{
    int32_t result = DUNLIN_ERR_INTERRUPTED;
    if (dunlin_posix_is_past(deadline))
        return DUNLIN_ERR_WOULD_BLOCK;
    pthread_mutex_lock(&mutex);
    if (device->lookup_wake) {
        device->lookup_wake = false;
    } else {
        struct job *job = job_for(name, len, family, &result);
        if (job != NULL) {
            job->callers++;
            device->lookups++;
            result = wait_for(job, addrs, capacity, deadline);
            device->lookups--;
            job->callers--;
            if (job->callers == 0 && job->state == JOB_DONE)
                job->state = JOB_FREE;
        }
    }
    pthread_mutex_unlock(&mutex);
    return result;
}

/* Ends every lookup in progress; with none, the device's next that has to wait. */
int32_t dunlin_posix_wake_lookups(void *ctx)
{
    struct dunlin_posix_device *device = dunlin_posix_device(ctx);
    pthread_mutex_lock(&mutex);
    if (device->lookups == 0) {
        device->lookup_wake = true;
    } else {
        wakes++;
        pthread_cond_broadcast(&changed);
    }
    pthread_mutex_unlock(&mutex);
    return 0;
}

/* An address in text, with %zone behind an IPv6 one; false: `name` is none. */
static bool parse_literal(const char *name, struct dunlin_addr *addr)
{
    char text[INET6_ADDRSTRLEN + IF_NAMESIZE + 1];
    memset(addr, 0, sizeof *addr);
    if (inet_pton(AF_INET, name, addr->ip) == 1) {
        addr->family = DUNLIN_AF_INET;
        return true;
    }
    size_t len = strlen(name);
    if (len >= sizeof text)
        return false;
    memcpy(text, name, len + 1);
    char *zone = strchr(text, '%');
    if (zone != NULL)
        *zone++ = '\0';
    if (inet_pton(AF_INET6, text, addr->ip) != 1)
        return false;
    if (zone != NULL) {
        char *end = NULL;
        unsigned long id = strtoul(zone, &end, 10);
        bool is_number = zone[0] >= '0' && zone[0] <= '9' && *end == '\0' && id <= UINT32_MAX;
        addr->scope_id = is_number ? (uint32_t)id : if_nametoindex(zone);
        if (addr->scope_id == 0)
            return false;
    }
    addr->family = DUNLIN_AF_INET6;
    return true;
}

static int32_t localhost(uint32_t family, struct dunlin_addr *addrs, uint32_t capacity)
{
    struct dunlin_addr both[2];
    int32_t count = 0;
    if (family != DUNLIN_AF_INET6)
        parse_literal("127.0.0.1", &both[count++]);
    if (family != DUNLIN_AF_INET)
        parse_literal("::1", &both[count++]);
    count = min_count(count, capacity);
    memcpy(addrs, both, (size_t)count * sizeof both[0]);
    return count;
}

/* Literals and "localhost" are answered at once, whatever the deadline. */
int32_t dunlin_posix_get_host_by_name(void *ctx, const char *name, uint32_t family,
                                      struct dunlin_addr *addrs, uint32_t capacity,
                                      int64_t deadline)
{
    struct dunlin_addr literal;
    if (name == NULL || addrs == NULL || capacity == 0)
        return DUNLIN_ERR_INVALID;
    if (family != 0 && family != DUNLIN_AF_INET && family != DUNLIN_AF_INET6)
        return DUNLIN_ERR_NOT_SUPPORTED;
    const char *end = memchr(name, '\0', MAX_NAME + 1);
    if (end == NULL)
        return DUNLIN_ERR_NAME_TOO_LONG;
    if (end == name)
        return DUNLIN_ERR_NO_SUCH_HOST;
    if (parse_literal(name, &literal)) {
        if (family != 0 && family != literal.family)
            return DUNLIN_ERR_NO_SUCH_HOST;
        addrs[0] = literal;
        return 1;
    }
    if (strcasecmp(name, "localhost") == 0 || strcasecmp(name, "localhost.") == 0)
        return localhost(family, addrs, capacity);
    return look_up(dunlin_posix_device(ctx), name, (size_t)(end - name), family, addrs, capacity,
                   deadline);
}
