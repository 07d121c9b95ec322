/* oic.c: one transaction a round: the cursor, what was planned up to it, and the messages that came of it. */
#include "sinks/oic/oic.h"
#include "core/crash.h"
#include "sinks/oic/post.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

/* What comes of the configuration: with another one there is another office, over the same store. */
struct office {
    struct settings *settings;
    struct wording *wording;
    struct plan *plan;
    struct post *post;
};

struct oic {
    char path[4096];
    struct store *store;
    struct office office;
    pthread_mutex_t lock;                       /* of office, where it is changed and where another thread asks */
    struct store_txn *txn;                      /* of the round; NULL: nothing was put yet */
};

static struct instant wall(void *ctx)
{
    (void)ctx;
    return instant_now();
}

static void log_line(void *ctx, const char *sentence)
{
    (void)ctx;
    fprintf(stderr, "rightswatch oic: %s\n", sentence);
}

/* ---- the office ------------------------------------------------------------------- */

static void office_close(struct office *f)
{
    post_close(&f->post);
    plan_close(&f->plan);
    wording_close(&f->wording);
    settings_close(&f->settings);
}

static enum err office_read(const char *path, struct office *f, struct why *why)
{
    enum err e = settings_open(path, &f->settings, why);

    return e ? e : wording_open(f->settings->templates[0] ? f->settings->templates : NULL, &f->wording, why);
}

static enum err open_plan(struct office *f, struct store *store, struct why *why)
{
    struct plan_options plan = { .settings = f->settings, .store = store, .now = wall, .tell = log_line };

    return plan_open(&plan, &f->plan, why);
}

static enum err open_post(struct office *f, struct store *store, struct why *why)
{
    struct post_settings post = { .store = store, .first = LEDGER_QUEUE_FIRST, .channels = f->settings->channels, .wording = f->wording,
                                  .waits = f->settings->retry, .tell = log_line };
    enum err e = post_open(&post, &f->post, why);

    return e ? e : post_start(f->post, why);
}

static void oic_close(void **ctx)
{
    struct oic *o = *ctx;

    if (!o)
        return;
    store_abort(&o->txn);
    office_close(&o->office);
    store_close(&o->store);
    pthread_mutex_destroy(&o->lock);
    free(o);
    *ctx = NULL;
}

static enum err oic_open(const char *path, void **ret_ctx, struct sink_cursor *ret_cursor, struct why *why)
{
    struct oic *o = calloc(1, sizeof *o);
    enum err e = E_USAGE;

    if (!o)
        return E_MEMORY;
    pthread_mutex_init(&o->lock, NULL);
    if (snprintf(o->path, sizeof o->path, "%s", path) >= (int)sizeof o->path || (e = office_read(path, &o->office, why)) ||
        (e = ledger_open_store(o->office.settings->data, false, &o->store, why)) || (e = open_plan(&o->office, o->store, why)) ||
        (e = open_post(&o->office, o->store, why))) {
        oic_close((void **)&o);
        return e;
    }
    *ret_cursor = plan_globals(o->office.plan)->cursor;
    *ret_ctx = o;
    return E_OK;
}

static void put_office(struct oic *o, const struct office *f)
{
    pthread_mutex_lock(&o->lock);
    o->office = *f;
    pthread_mutex_unlock(&o->lock);
}

/* The new one is whole before the old one goes; what is under way is waited for, so that no message is in two hands. */
static enum err oic_reload(void *ctx, struct why *why)
{
    struct oic *o = ctx;
    struct office old = o->office, fresh = { NULL, NULL, NULL, NULL };
    struct why wrong = { "" };
    char words[sizeof wrong.text + 80];
    enum err e = office_read(o->path, &fresh, &wrong);

    if (!e && strcmp(fresh.settings->data, old.settings->data)) {
        why_set(&wrong, "'data' is another folder: that takes a restart");
        e = E_USAGE;
    }
    if (e || (e = open_plan(&fresh, o->store, &wrong))) {
        snprintf(words, sizeof words, "the configuration is not taken, the one before goes on: %s", wrong.text[0] ? wrong.text : err_text(e));
        log_line(NULL, words);
        office_close(&fresh);
        return E_OK;
    }
    put_office(o, &fresh);                      /* it has no post yet */
    office_close(&old);
    if ((e = open_post(&fresh, o->store, why)))
        post_close(&fresh.post);
    put_office(o, &fresh);
    if (!e)
        log_line(NULL, "the configuration was read again");
    return e;
}

/* ---- a round ----------------------------------------------------------------------- */

static enum err begin(struct oic *o) { return o->txn ? E_OK : store_begin(o->store, true, &o->txn); }

/* The round is taken back whole: its notices come again. */
static enum err give_up(struct oic *o, enum err e, const struct why *why)
{
    struct store_txn *look = NULL;

    if (why->text[0])
        log_line(NULL, why->text);
    store_abort(&o->txn);
    if (!store_begin(o->store, false, &look) && plan_reload(o->office.plan, look))
        log_line(NULL, "the ledger cannot be read again");
    store_abort(&look);
    return e;
}

static enum err oic_write(void *ctx, const struct notice *n)
{
    struct oic *o = ctx;
    struct why why = { "" };
    enum err e = begin(o);

    if (e || (e = plan_notice(o->office.plan, o->txn, n, &why)))
        return give_up(o, e, &why);
    return E_OK;
}

static enum err oic_tick(void *ctx, struct instant at, int32_t offset)
{
    struct oic *o = ctx;
    struct why why = { "" };
    enum err e = begin(o);

    if (e || (e = plan_tick(o->office.plan, &o->txn, at, offset, &why)))
        return give_up(o, e, &why);
    return E_OK;
}

static enum err oic_commit(void *ctx, const struct sink_cursor *at)
{
    struct oic *o = ctx;
    struct why why = { "" };
    enum err e = E_OK;

    if (post_is_over(o->office.post, &e, &why))
        return give_up(o, e, &why);
    if ((e = begin(o)) || (e = plan_save(o->office.plan, o->txn, at)))
        return give_up(o, e, &why);
    crash_point(CRASH_oic_before_commit);
    if ((e = store_commit(&o->txn)))
        return give_up(o, e, &why);
    crash_point(CRASH_oic_after_commit);
    post_ring(o->office.post);
    return E_OK;
}

uint64_t oic_waiting(void *ctx)
{
    struct oic *o = ctx;
    struct queue_counts n = { 0 };
    struct store_txn *t;

    if (store_begin(o->store, false, &t))
        return 0;
    if (queue_count(t, LEDGER_QUEUE_FIRST, &n))
        n.waiting = 0;
    store_abort(&t);
    return n.waiting;
}

static enum err find_due(void *ctx, const struct queue_slip *slip)
{
    return instant_is_set(slip->at) && instant_after(slip->at, *(const struct instant *)ctx) ? E_OK : E_END;
}

static bool any_is_down(struct oic *o)
{
    bool is_down = false;

    pthread_mutex_lock(&o->lock);
    for (size_t i = 0; o->office.post && i < channels_count(o->office.settings->channels); i++)
        is_down |= post_counts(o->office.post, i).is_down;
    pthread_mutex_unlock(&o->lock);
    return is_down;
}

bool oic_is_settled(void *ctx)
{
    struct oic *o = ctx;
    struct instant now = instant_now();
    struct store_txn *t;
    enum err e;

    if (any_is_down(o) || store_begin(o->store, false, &t))
        return true;
    e = queue_each(t, LEDGER_QUEUE_FIRST, QUEUE_WAITING, find_due, &now);
    store_abort(&t);
    return e != E_END;
}

const struct sink oic_sink = {
    .name = "oic",
    .help = "alerts to the officer in the case, through the channels of a configuration",
    .open = oic_open,
    .write = oic_write,
    .tick = oic_tick,
    .commit = oic_commit,
    .close = oic_close,
    .reload = oic_reload,
    .takes_back = true,
};
