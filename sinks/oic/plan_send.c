/* plan_send.c: what a tick sends: of all that waits, what is ready, a message for each recipient and matter. */
#include "sinks/oic/plan_inside.h"

#include <stdio.h>
#include <stdlib.h>

enum { COMMIT_EVERY = 128, TICK_S = 300, PASSED_OVER_S = 7 * DAY_S };

/* ---- what is ready -------------------------------------------------------------------------------- */

static enum matter matter_of(const struct pending *p)
{
    if (p->kind == MESSAGE_FOLLOW_UP || p->kind == MESSAGE_HANDOVER || p->kind == MESSAGE_OPENING)
        return MATTER_FOLLOW_UP;
    return p->level == LEVEL_BREACHED ? MATTER_BREACHED : p->level == LEVEL_OUTSTANDING ? MATTER_OUTSTANDING : MATTER_DUE_SOON;
}

/* Handed over at night or not: half the limit would be too late to keep someone safe. */
static bool is_quiet(const struct plan *p, const struct pending *pending, const struct moment *now)
{
    return pending->level != LEVEL_AT_START && pending->kind != MESSAGE_DIGEST && span_has(p->settings->quiet[matter_of(pending)], now->clock);
}

static bool is_ready(const struct plan *p, const struct pending *pending, const struct moment *now)
{
    int64_t at = pending->kind == MESSAGE_DIGEST ? now->at.s + now->offset : now->at.s;

    return pending->ready.s <= at && !is_quiet(p, pending, now);
}

struct gathering { struct plan *p; const struct moment *now; int64_t next; };

static enum err gather(void *ctx, struct bytes key, struct bytes value)
{
    struct gathering *g = ctx;
    struct ready_list *l = &g->p->ready;
    struct ready r;

    if (key.n != sizeof r.key.p || value.n != sizeof r.pending)
        return E_CORRUPT;
    memcpy(r.key.p, key.p, key.n);
    memcpy(&r.pending, value.p, value.n);
    if (!is_ready(g->p, &r.pending, g->now)) {
        int64_t at = r.pending.kind == MESSAGE_DIGEST ? r.pending.ready.s - g->now->offset - 7200 : r.pending.ready.s;
        g->next = at < g->next ? at : g->next;  /* of one that quiet hours hold it is past: then every tick looks */
        return E_OK;
    }
    if (l->count == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : 1024;
        struct ready *p = realloc(l->row, cap * sizeof *p);
        if (!p)
            return E_MEMORY;
        l->row = p;
        l->cap = cap;
    }
    l->row[l->count++] = r;
    return E_OK;
}

/* One recipient, one kind, one thread: one message. */
static int by_message(const void *a, const void *b)
{
    const struct ready *x = a, *y = b;
    int c = memcmp(x->key.p, y->key.p, 8);

    if (c)
        return c;
    if (x->pending.kind != y->pending.kind)
        return x->pending.kind < y->pending.kind ? -1 : 1;
    if ((c = memcmp(x->pending.thread, y->pending.thread, MESSAGE_ID_BYTES)))
        return c;
    return memcmp(x->key.p, y->key.p, sizeof x->key.p);
}

static bool is_same_message(const struct ready *a, const struct ready *b)
{
    return !memcmp(a->key.p, b->key.p, 8) && a->pending.kind == b->pending.kind && !memcmp(a->pending.thread, b->pending.thread, MESSAGE_ID_BYTES);
}

/* A group stays open for a while after its first entry, so that what comes in a cluster goes in one message. */
static bool is_open(const struct plan *p, const struct ready *row, size_t count, const struct moment *now)
{
    int64_t first = INT64_MAX;

    if (row->pending.kind == MESSAGE_DIGEST)
        return false;
    for (size_t i = 0; i < count; i++)
        first = row[i].pending.ready.s < first ? row[i].pending.ready.s : first;
    return now->at.s < first + p->settings->group_s;
}

static enum err send_group(struct plan *p, struct store_txn *t, const struct ready *row, size_t count, const struct moment *now, struct why *why)
{
    struct destination d;
    enum err e;

    if (row->pending.kind == MESSAGE_DIGEST) {
        char key[256], channel[256];
        if ((e = ledger_destination(t, pending_destination(row->key.p), &d)))
            return e;
        if (d.digest_day == now->day.n)
            return E_OK;                        /* one a morning: these are of tomorrow's */
        snprintf(key, sizeof key, TEXT_FMT, TEXT_ARG(d.party.key));
        snprintf(channel, sizeof channel, TEXT_FMT, TEXT_ARG(d.channel));
        d = (struct destination){ { d.party.kind, text_of(key) }, text_of(channel), now->day.n };
        if ((e = ledger_put_destination(t, &d)))
            return e;
    }
    for (size_t at = 0, part = 0; at < count; part++) {
        size_t n = count - at < MESSAGE_ENTRIES_MAX ? count - at : MESSAGE_ENTRIES_MAX;
        if ((e = plan_send_rows(p, t, row + at, n, (unsigned)part, now, why)))
            return e;
        at += n;
    }
    return E_OK;
}

static enum err commit_part(struct plan *p, struct store_txn **t)
{
    enum err e;

    p->since_commit = 0;
    if ((e = ledger_put_globals(*t, &p->globals)) || (e = store_commit(t)))
        return e;
    return store_begin(p->store, true, t);
}

static enum err send_ready(struct plan *p, struct store_txn **t, const struct moment *now, struct why *why)
{
    struct ready_list *l = &p->ready;
    struct gathering g = { p, now, INT64_MAX };
    enum err e;

    l->count = 0;
    p->idle_until = INT64_MAX;
    if ((e = store_each(*t, LEDGER_PENDING, gather, &g)))
        return e;
    if (l->count > 1)
        qsort(l->row, l->count, sizeof *l->row, by_message);
    for (size_t from = 0, to; from < l->count; from = to) {
        for (to = from + 1; to < l->count && is_same_message(&l->row[from], &l->row[to]); to++) {}
        if (is_open(p, &l->row[from], to - from, now)) {
            g.next = INT64_MIN;
            continue;
        }
        if ((e = send_group(p, *t, &l->row[from], to - from, now, why)))
            return e;
        /* Between two groups the ledger is whole: what went is in it, the rest waits. */
        if (p->since_commit >= COMMIT_EVERY && !p->options.instead && (e = commit_part(p, t)))
            return e;
    }
    if (p->idle_until != INT64_MIN)
        p->idle_until = g.next;
    return E_OK;
}

/* ---- a tick ------------------------------------------------------------------------------------------------ */

static void look_at_directory(struct plan *p)
{
    struct directory *fresh;
    struct why why = { "" };
    char words[320];

    if (!directory_has_changed(p->directory))
        return;
    if (directory_open(p->settings->officers, p->settings, &fresh, &why)) {
        snprintf(words, sizeof words, "the directory has changed and cannot be read, the one before goes on: %s", why.text);
        if (!p->said_of_directory)
            plan_say(p, words);
        p->said_of_directory = true;
        return;
    }
    directory_close(&p->directory);
    p->directory = fresh;
    p->said_of_directory = false;
    plan_say(p, "the directory was read again");
}

static struct moment moment_of(struct instant at, int32_t offset)
{
    int64_t local = at.s + offset;

    return (struct moment){ at, offset, { (int32_t)(local / DAY_S) }, (int32_t)(local % DAY_S) };
}

/* What was recorded long ago is folded again, say extracts of whole days, and the clock jumps from one to the next: what would have
 * gone in the daytime between is sent as of then. Live, a clock that was away is no reason to disturb anyone at night. */
static enum err pass_over(struct plan *p, struct store_txn **t, struct instant from, struct instant to, int32_t offset, struct why *why)
{
    enum err e = E_OK;

    if (!instant_is_set(from) || !p->options.now || p->options.now(p->options.ctx).s - to.s < DAY_S)
        return E_OK;
    from.s += TICK_S - from.s % TICK_S;
    from.s = to.s - from.s > PASSED_OVER_S ? to.s - to.s % TICK_S - PASSED_OVER_S : from.s;
    for (; !e && instant_before(from, to); from = instant_add(from, TICK_S)) {
        struct moment then = moment_of(from, offset);
        if (from.s >= p->idle_until)
            e = send_ready(p, t, &then, why);
    }
    return e;
}

enum err plan_tick(struct plan *p, struct store_txn **t, struct instant at, int32_t offset, struct why *why)
{
    int64_t before = p->globals.tick.s + p->globals.offset;
    struct moment now = moment_of(at, offset);
    bool again = instant_same(at, p->globals.tick), is_first = !instant_is_set(p->globals.tick);
    struct instant from = again ? p->globals.passed : p->globals.tick;
    enum err e;

    if (instant_before(at, p->globals.tick))
        return E_OK;
    look_at_directory(p);
    p->globals.tick = at;
    p->globals.offset = offset;
    p->globals.passed = from;
    if (!again && !is_first && (e = plan_open_teams(p, *t, before, &now)))
        return e;
    if ((e = pass_over(p, t, from, at, offset, why)))
        return e;
    return at.s < p->idle_until ? E_OK : send_ready(p, t, &now, why);
}
