/* oic.c: one transaction a round: the cursor, what was planned up to it, and the messages that came of it. */
#include "sinks/oic/oic.h"
#include "core/crash.h"
#include "sinks/oic/post.h"

#include <stdio.h>
#include <stdlib.h>

struct oic {
    struct settings *settings;
    struct store *store;
    struct wording *wording;
    struct post *post;
    struct plan *plan;
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

static void oic_close(void **ctx)
{
    struct oic *o = *ctx;

    if (!o)
        return;
    store_abort(&o->txn);
    post_close(&o->post);
    plan_close(&o->plan);
    wording_close(&o->wording);
    store_close(&o->store);
    settings_close(&o->settings);
    free(o);
    *ctx = NULL;
}

static enum err oic_open(const char *path, void **ret_ctx, struct sink_cursor *ret_cursor, struct why *why)
{
    struct oic *o = calloc(1, sizeof *o);
    struct plan_options plan = { .now = wall, .tell = log_line };
    struct post_settings post = { .first = LEDGER_QUEUE_FIRST, .tell = log_line };
    enum err e;

    if (!o)
        return E_MEMORY;
    if ((e = settings_open(path, &o->settings, why)) ||
        (e = wording_open(o->settings->templates[0] ? o->settings->templates : NULL, &o->wording, why)) ||
        (e = ledger_open_store(o->settings->data, false, &o->store, why)))
        goto fail;
    plan.settings = o->settings;
    plan.store = post.store = o->store;
    post.channels = o->settings->channels;
    post.wording = o->wording;
    post.waits = o->settings->retry;
    if ((e = plan_open(&plan, &o->plan, why)) || (e = post_open(&post, &o->post, why)) || (e = post_start(o->post, why)))
        goto fail;
    *ret_cursor = plan_globals(o->plan)->cursor;
    *ret_ctx = o;
    return E_OK;
fail:
    oic_close((void **)&o);
    return e;
}

static enum err begin(struct oic *o) { return o->txn ? E_OK : store_begin(o->store, true, &o->txn); }

/* The round is taken back whole: its notices come again. */
static enum err give_up(struct oic *o, enum err e, const struct why *why)
{
    struct store_txn *look = NULL;

    if (why->text[0])
        log_line(NULL, why->text);
    store_abort(&o->txn);
    if (!store_begin(o->store, false, &look) && plan_reload(o->plan, look))
        log_line(NULL, "the ledger cannot be read again");
    store_abort(&look);
    return e;
}

static enum err oic_write(void *ctx, const struct notice *n)
{
    struct oic *o = ctx;
    struct why why = { "" };
    enum err e = begin(o);

    if (e || (e = plan_notice(o->plan, o->txn, n, &why)))
        return give_up(o, e, &why);
    return E_OK;
}

static enum err oic_tick(void *ctx, struct instant at, int32_t offset)
{
    struct oic *o = ctx;
    struct why why = { "" };
    enum err e = begin(o);

    if (e || (e = plan_tick(o->plan, &o->txn, at, offset, &why)))
        return give_up(o, e, &why);
    return E_OK;
}

static enum err oic_commit(void *ctx, const struct sink_cursor *at)
{
    struct oic *o = ctx;
    struct why why = { "" };
    enum err e = E_OK;

    if (post_is_over(o->post, &e, &why))
        return give_up(o, e, &why);
    if ((e = begin(o)) || (e = plan_save(o->plan, o->txn, at)))
        return give_up(o, e, &why);
    crash_point(CRASH_oic_before_commit);
    if ((e = store_commit(&o->txn)))
        return give_up(o, e, &why);
    crash_point(CRASH_oic_after_commit);
    post_ring(o->post);
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

bool oic_is_settled(void *ctx)
{
    struct oic *o = ctx;
    struct instant now = instant_now();
    struct store_txn *t;
    enum err e;

    for (size_t i = 0; i < channels_count(o->settings->channels); i++)
        if (post_counts(o->post, i).is_down)
            return true;
    if (store_begin(o->store, false, &t))
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
    .takes_back = true,
};
