/* The order of the checks, what each needs, and the second task. */
#include "internal.h"

#include <string.h>

#define SHORT_MS 120
#define LIMIT_MS 5000
#define LATE_MS  1000

struct dunlin_kit dunlin_kit;

/* The order in which a driver is best mended. Numbers follow from it: add at the end of a group. */
static const struct dunlin_kit_group *const groups[] = {
    &dunlin_kit_table,    &dunlin_kit_sockets,   &dunlin_kit_connects,  &dunlin_kit_streams,
    &dunlin_kit_ends,     &dunlin_kit_deadlines, &dunlin_kit_wakes,     &dunlin_kit_polls,
    &dunlin_kit_notifies, &dunlin_kit_listens,   &dunlin_kit_datagrams, &dunlin_kit_lookups,
    &dunlin_kit_options,  &dunlin_kit_families,
};

/* --- what a check needs ------------------------------------------------------------------- */

static bool claims(uint32_t cap)
{
    return (KIT_OPS->caps & cap) != 0;
}

static const char *missing(uint32_t needs)
{
    const struct dunlin_driver_kit_config *config = dunlin_kit.config;
    const struct dunlin_netdev_ops *ops = KIT_OPS;
    const struct {
        uint32_t need;
        bool there;
        const char *reason;
    } all[] = {
        {NEED_LISTEN, ops->bind != NULL && ops->listen != NULL && ops->accept != NULL, "no listen"},
        {NEED_LISTEN, ops->local_addr != NULL || config->listen_port != 0, "no port to listen at"},
        {NEED_UDP, claims(DUNLIN_CAP_UDP), "not claimed"},
        {NEED_UDP, ops->send_to != NULL && ops->recv_from != NULL, "no send_to or recv_from"},
        {NEED_WAKE, ops->wake != NULL, "no wake"},
        {NEED_TASK, config->start_task != NULL, "no second task"},
        {NEED_POLL, ops->poll != NULL, "no poll"},
        {NEED_SHUTDOWN, ops->shutdown != NULL, "no shutdown"},
        {NEED_LOOKUP, ops->get_host_by_name != NULL, "no get_host_by_name"},
        {NEED_PARALLEL, claims(DUNLIN_CAP_CONCURRENT) && !claims(DUNLIN_CAP_BLOCKING),
         "not claimed"},
        {NEED_IPV6, claims(DUNLIN_CAP_IPV6), "not claimed"},
        {NEED_IPV6, config->peer6.family == DUNLIN_AF_INET6, "no peer over IPv6 is configured"},
        {NEED_UNIX, claims(DUNLIN_CAP_UNIX), "not claimed"},
        {NEED_UNIX, config->unix_path != NULL, "no path is configured"},
        {NEED_GROUPS, claims(DUNLIN_CAP_MULTICAST), "not claimed"},
        {NEED_NOTIFY, claims(DUNLIN_CAP_NOTIFY), "not claimed"},
        {NEED_NOTIFY, dunlin_kit.own_notify, "the program links the library, which takes them"},
        {NEED_OPTIONS, ops->set_sock_opt != NULL, "no set_sock_opt"},
        {NEED_LOCAL, ops->local_addr != NULL, "no local_addr"},
        {NEED_WAITING, ops->step == NULL, "a driver with step never waits"},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if ((needs & all[i].need) != 0 && !all[i].there)
            return all[i].reason;
    }
    return NULL;
}

/* --- the second task ---------------------------------------------------------------------- */

static void work(void *arg)
{
    struct dunlin_kit_worker *worker = arg;
    for (;;) {
        (void)dunlin_port_event_wait(&worker->go, 0);
        if (!worker->quit)
            worker->job(worker->arg);
        bool quit = worker->quit;
        dunlin_port_event_signal(&worker->done);
        if (quit)
            return;
    }
}

void dunlin_kit_begin(void (*job)(void *arg), void *arg)
{
    struct dunlin_kit_worker *worker = &dunlin_kit.worker;
    const struct dunlin_driver_kit_config *config = dunlin_kit.config;
    if (!worker->started) {
        if (config->start_task(config->user, work, worker) != 0) {
            dunlin_kit_fail("start_task: no task");
            return;
        }
        worker->started = true;
    }
    worker->job = job;
    worker->arg = arg;
    worker->busy = true;
    dunlin_port_event_signal(&worker->go);
}

int32_t dunlin_kit_join(void)
{
    struct dunlin_kit_worker *worker = &dunlin_kit.worker;
    if (!worker->busy)
        return 0;
    if (dunlin_port_event_wait(&worker->done, dunlin_kit_after(4 * dunlin_kit.limit_ms)) != 1) {
        dunlin_kit_fail("a call in the second task does not come back");
        return -1;
    }
    worker->busy = false;
    return 0;
}

static int32_t wake_sock;

/* Its own event serves for the pause: nobody signals it while a job runs. */
static void wake_job(void *arg)
{
    const int32_t *sock = arg;
    (void)dunlin_port_event_wait(&dunlin_kit.worker.go, dunlin_kit_after(dunlin_kit.short_ms));
    (void)KIT_OPS->wake(KIT_CTX, *sock);
}

void dunlin_kit_wake_later(int32_t sock)
{
    wake_sock = sock;
    dunlin_kit_begin(wake_job, &wake_sock);
}

static void end_worker(void)
{
    struct dunlin_kit_worker *worker = &dunlin_kit.worker;
    if (!worker->started || worker->busy)
        return;
    worker->quit = true;
    dunlin_port_event_signal(&worker->go);
    (void)dunlin_port_event_wait(&worker->done, 0);
}

/* --- the run ------------------------------------------------------------------------------ */

static bool begins_with(const char *text, const char *begin)
{
    return begin == NULL || strncmp(text, begin, strlen(begin)) == 0;
}

static void run_check(const struct dunlin_kit_check *check, uint32_t number)
{
    struct dunlin_kit_text line = {0, {0}};
    dunlin_kit.check_failed = dunlin_kit.check_skipped = false;
    dunlin_kit.why.len = 0;
    const char *reason = missing(check->needs);
    if (reason != NULL) {
        dunlin_kit_skip(reason);
    } else {
        check->run();
        (void)dunlin_kit_join();
        /* With a task that is stuck in it, closing a socket is not allowed. */
        if (!dunlin_kit.worker.busy)
            dunlin_kit_close_all();
    }
    bool failed = dunlin_kit.check_failed;
    bool skipped = !failed && dunlin_kit.check_skipped;
    dunlin_kit_str(&line, failed ? "FAIL " : skipped ? "skip " : "ok ");
    dunlin_kit_int(&line, number);
    dunlin_kit_str(&line, " ");
    dunlin_kit_str(&line, check->name);
    if (failed || skipped) {
        dunlin_kit_str(&line, ": ");
        dunlin_kit_str(&line, dunlin_kit.why.data);
    }
    dunlin_kit_line(&line);
    uint32_t *sum = failed    ? &dunlin_kit.failed
                    : skipped ? &dunlin_kit.skipped
                              : &dunlin_kit.passed;
    (*sum)++;
}

static void run_all(void)
{
    uint32_t number = 0;
    for (size_t g = 0; g < sizeof groups / sizeof groups[0]; g++) {
        for (size_t i = 0; i < groups[g]->count; i++) {
            const struct dunlin_kit_check *check = &groups[g]->checks[i];
            number++;
            if (begins_with(check->name, dunlin_kit.config->only) && !dunlin_kit.worker.busy)
                run_check(check, number);
        }
    }
}

static void summary(void)
{
    struct dunlin_kit_text line = {0, {0}};
    if (dunlin_kit.worker.busy)
        dunlin_kit_str(&line, "ended early; ");
    dunlin_kit_int(&line, dunlin_kit.passed);
    dunlin_kit_str(&line, " passed, ");
    dunlin_kit_int(&line, dunlin_kit.failed);
    dunlin_kit_str(&line, " failed, ");
    dunlin_kit_int(&line, dunlin_kit.skipped);
    dunlin_kit_str(&line, " skipped");
    dunlin_kit_line(&line);
}

static int32_t make_events(void)
{
    struct dunlin_port_event *const events[] = {&dunlin_kit.changed, &dunlin_kit.worker.go,
                                                &dunlin_kit.worker.done};
    for (size_t i = 0; i < 3; i++) {
        if (dunlin_port_event_init(events[i]) == 0)
            continue;
        while (i > 0)
            dunlin_port_event_free(events[--i]);
        return DUNLIN_ERR_NO_MEMORY;
    }
    return 0;
}

static int32_t set_up(const struct dunlin_driver_kit_config *config)
{
    memset(&dunlin_kit, 0, sizeof dunlin_kit);
    /* A driver built against an older header has a shorter table: the rest is NULL. */
    size_t size = config->ops->size;
    if (size > sizeof dunlin_kit.ops)
        size = sizeof dunlin_kit.ops;
    memcpy(&dunlin_kit.ops, config->ops, size);
    dunlin_kit.ctx = config->ctx;
    int64_t scale = config->time_scale != 0 ? config->time_scale : 1;
    dunlin_kit.short_ms = SHORT_MS * scale;
    dunlin_kit.limit_ms = LIMIT_MS * scale;
    dunlin_kit.late_ms = config->late_ms != 0 ? config->late_ms : LATE_MS;
    int32_t err = make_events();
    if (err < 0)
        return err;
    dunlin_kit.config = config;
    dunlin_netdev_notify(DUNLIN_DRIVER_KIT_DEV, -1, DUNLIN_WORK);
    dunlin_kit.own_notify = dunlin_kit.event_count == 1;
    dunlin_kit_forget_notifies();
    return 0;
}

int32_t dunlin_driver_kit_run(const struct dunlin_driver_kit_config *config)
{
    if (config == NULL)
        return DUNLIN_ERR_INVALID;
    if (config->size != sizeof *config)
        return DUNLIN_ERR_VERSION;
    if (config->ops == NULL || config->peer.family != DUNLIN_AF_INET || config->peer.port == 0 ||
        config->peer.port > UINT16_MAX - 2)
        return DUNLIN_ERR_INVALID;
    int32_t err = set_up(config);
    if (err < 0)
        return err;
    run_all();
    summary();
    end_worker();
    if (!dunlin_kit.worker.busy) {
        dunlin_port_event_free(&dunlin_kit.changed);
        dunlin_port_event_free(&dunlin_kit.worker.go);
        dunlin_port_event_free(&dunlin_kit.worker.done);
    }
    dunlin_kit.config = NULL;
    return (int32_t)dunlin_kit.failed;
}
