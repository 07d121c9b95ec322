/* plan.c: what a notice changes. What a tick sends is in plan_send.c; plan_inside.h has the whole. */
#include "sinks/oic/plan_inside.h"
#include "core/hash.h"

#include <assert.h>
#include <stdlib.h>

enum { DIGEST_OPEN_S = 3600 };                  /* after its time; a due-soon alert raised later is for the next one */

int plan_rung(enum level l)
{
    switch (l) {
    case LEVEL_AT_START: return 1;
    case LEVEL_DUE_SOON: return 2;
    case LEVEL_UNPROVEN: return 3;
    case LEVEL_BREACHED: return 4;
    case LEVEL_OUTSTANDING: return 5;
    default: return 0;
    }
}

/* Somebody may have to hear of it, or of what came before it. */
static bool is_heard(const struct notice *n)
{
    return plan_rung(n->level) || n->told || n->level == LEVEL_ACKNOWLEDGED || n->level == LEVEL_REALLOCATED;
}

static bool is_history(const struct plan *p, const struct notice *n)
{
    int64_t most = p->settings->older_than_s;

    return most && instant_is_set(n->due) && n->raised_at.s - n->due.s > most;
}

static int64_t local(struct instant t, int32_t offset) { return t.s + offset; }
static struct day local_day(int64_t at) { return (struct day){ (int32_t)(at / DAY_S) }; }
static int32_t local_clock(int64_t at) { return (int32_t)(at % DAY_S); }

/* ---- destinations ---------------------------------------------------------------- */

void plan_channels(const struct plan *p, struct party party, const size_t **ret, size_t *count)
{
    bool is_officer = party.kind == PARTY_OFFICER;

    *ret = is_officer ? p->settings->to_officers : p->settings->to_inboxes;
    *count = is_officer ? p->settings->officers_count : p->settings->inboxes_count;
}

/* A destination with what is known of it; made known. */
static enum err destination(struct store_txn *t, struct party party, struct text channel, uint64_t *ret, int32_t *ret_digest_day)
{
    struct destination d;
    enum err e;

    *ret = destination_number(party, channel);
    e = ledger_destination(t, *ret, &d);
    if (e == E_NOT_FOUND) {
        *ret_digest_day = 0;
        return ledger_put_destination(t, &(struct destination){ party, channel, 0 });
    }
    *ret_digest_day = e ? 0 : d.digest_day;
    return e;
}

/* ---- what waits --------------------------------------------------------------------- */

static enum err wait_for(struct plan *p, struct store_txn *t, uint64_t dest, const uint8_t *obligation, const struct pending *pending)
{
    struct pending_key k = pending_key(dest, obligation);

    p->idle_until = INT64_MIN;
    return ledger_put_pending(t, &k, pending);
}

static struct hearer *concern(struct hearers *l, uint64_t dest)
{
    struct hearer *r = hearer_of(l, dest);

    if (!r && l->count < HEARERS_MAX) {
        r = &l->row[l->count++];
        *r = (struct hearer){ .destination = dest };
    }
    return r;
}

/* When a due-soon alert is for the digest, and of which day; false: it would come too late there. */
static bool digest_of(const struct plan *p, const struct notice *n, int32_t digest_day, struct pending *ret)
{
    int64_t now = local(n->raised_at, n->raised_offset), due = local(n->due, n->raised_offset);
    int64_t next = (int64_t)local_day(now).n * DAY_S + p->settings->digest;

    if (digest_day >= local_day(now).n || local_clock(now) > p->settings->digest + DIGEST_OPEN_S)
        next += DAY_S;
    if (instant_is_set(n->due) && due < next && due >= now)
        return false;
    ret->kind = MESSAGE_DIGEST;
    ret->ready = (struct instant){ next > now ? next : now };   /* by the local clock: see struct pending */
    return true;
}

static enum err alert_party(struct plan *p, struct store_txn *t, const struct notice *n, enum level level, const struct stop *stop,
                            size_t channel, struct hearers *l, struct why *why)
{
    struct pending pending = { .ready = n->raised_at, .kind = MESSAGE_ALERT, .level = (uint8_t)level, .step = (uint8_t)n->step, .beside = (uint8_t)stop->beside };
    int32_t digest_day;
    struct hearer *r;
    uint64_t dest;
    enum err e = destination(t, stop->party, channels_name(p->settings->channels, channel), &dest, &digest_day);

    if (e)
        return e;
    if (!(r = concern(l, dest)))
        return E_OK;                            /* more than can hear of one obligation: they were told enough */
    if (r->acknowledged >= plan_rung(level))
        return p->globals.fate[FATE_acknowledged]++, E_OK;
    if (level == LEVEL_AT_START)
        return plan_send_now(p, t, n, dest, r, &pending, why);
    if (level == LEVEL_BREACHED)
        pending.ready = instant_max(n->raised_at, n->hold_until);
    else if (level != LEVEL_OUTSTANDING && stop->beside != BESIDE_RESTRICTED && digest_of(p, n, digest_day, &pending))
        pending.urgent = 0;
    else
        pending.urgent = level != LEVEL_OUTSTANDING;
    return wait_for(p, t, dest, n->obligation_id, &pending);
}

static struct day today_of(const struct notice *n) { return local_day(local(n->raised_at, n->raised_offset)); }

static enum err alert(struct plan *p, struct store_txn *t, const struct notice *n, enum level level, struct hearers *l, struct why *why)
{
    struct route route;
    enum err e = E_OK;

    route_find(p->settings, p->directory, n, level, today_of(n), &route);
    p->globals.fate[FATE_nobody] += !route.count;
    for (size_t i = 0; !e && i < route.count; i++) {
        const size_t *channel;
        size_t count;
        plan_channels(p, route.stop[i].party, &channel, &count);
        if (route.stop[i].beside == BESIDE_UNKNOWN_OFFICER)
            plan_warn_unknown(p, n);
        for (size_t c = 0; !e && c < count; c++)
            e = alert_party(p, t, n, level, &route.stop[i], channel[c], l, why);
    }
    return e;
}

/* Takes an alert back that waits for a destination; false: none does. */
static enum err take_back(struct store_txn *t, const uint8_t *obligation, uint64_t dest, bool *ret_waited)
{
    struct pending_key k = pending_key(dest, obligation);
    struct pending pending;
    enum err e = ledger_pending(t, &k, &pending);

    *ret_waited = !e && pending.kind != MESSAGE_FOLLOW_UP;
    if (e)
        return e == E_NOT_FOUND ? E_OK : e;
    return ledger_drop_pending(t, &k);
}

static void forget_row(struct hearers *l, size_t i)
{
    memmove(&l->row[i], &l->row[i + 1], (l->count - i - 1) * sizeof *l->row);
    l->count--;
}

/* ---- closed or changed ---------------------------------------------------------------- */

static bool has_tasks(const struct plan *p, struct text channel)
{
    size_t at = channels_find(p->settings->channels, channel);

    return at < channels_count(p->settings->channels) && !strcmp(channels_type(p->settings->channels, at), "tasks");
}

/* Task records follow everything: they are closed and amended, not read. */
static bool follows(const struct plan *p, enum level level, struct text channel)
{
    return p->settings->follows[level] || has_tasks(p, channel);
}

static enum err follow_up(struct plan *p, struct store_txn *t, const struct notice *n, struct hearer *r, bool *ret_follows)
{
    struct pending pending = { .ready = n->raised_at, .kind = MESSAGE_FOLLOW_UP, .level = (uint8_t)n->level, .step = (uint8_t)n->step };
    struct destination d;
    enum err e = ledger_destination(t, r->destination, &d);

    if (e)
        return e;
    if (!(*ret_follows = follows(p, n->level, d.channel)))
        return E_OK;
    memcpy(pending.thread, r->thread, sizeof pending.thread);
    return wait_for(p, t, r->destination, n->obligation_id, &pending);
}

static bool is_on_route(const struct plan *p, const struct route *route, uint64_t dest)
{
    for (size_t i = 0; i < route->count; i++) {
        const size_t *channel;
        size_t count;
        plan_channels(p, route->stop[i].party, &channel, &count);
        for (size_t c = 0; c < count; c++)
            if (destination_number(route->stop[i].party, channels_name(p->settings->channels, channel[c])) == dest)
                return true;
    }
    return false;
}

/* A restricted record is no longer the business of those who were told before it was. */
static bool may_hear(const struct plan *p, const struct notice *n, uint64_t dest)
{
    struct route route;

    if (!n->access_restricted && !n->processing_restricted)
        return true;
    route_find(p->settings, p->directory, n, LEVEL_BREACHED, today_of(n), &route);
    return is_on_route(p, &route, dest);
}

static enum err close_or_change(struct plan *p, struct store_txn *t, const struct notice *n, struct hearers *l, struct why *why)
{
    bool stands = plan_rung(n->stands) && n->stands != LEVEL_UNPROVEN, anyone_waited = false, waited, is_followed;
    enum err e;

    for (size_t i = l->count; i-- > 0;) {
        struct hearer *r = &l->row[i];
        if ((e = take_back(t, n->obligation_id, r->destination, &waited)))
            return e;
        anyone_waited |= waited;
        if (!r->level) {                        /* what was never sent is not corrected */
            p->globals.fate[FATE_closed] += waited && !stands;
            if (!stands || !r->acknowledged)
                forget_row(l, i);
            continue;
        }
        if (!may_hear(p, n, r->destination)) {
            struct destination d;
            if ((e = ledger_destination(t, r->destination, &d)))
                return e;
            if (!has_tasks(p, d.channel)) {
                forget_row(l, i);
                continue;
            }
            if (stands)                         /* a task stays as it is until it can be closed */
                continue;
        }
        if ((e = follow_up(p, t, n, r, &is_followed)))
            return e;
        r->acknowledged = 0;
        if (stands)
            r->level = (uint8_t)n->stands;
        else if (!is_followed)
            forget_row(l, i);
    }
    return stands && anyone_waited ? alert(p, t, n, n->stands, l, why) : E_OK;
}

/* ---- acknowledged, handed over ----------------------------------------------------------- */

static enum err acknowledge(struct plan *p, struct store_txn *t, const struct notice *n, struct hearers *l)
{
    struct party party = { PARTY_OFFICER, n->acknowledged_by };
    const size_t *channel;
    size_t count;
    bool waited;
    enum err e;

    if (!n->acknowledged_by.n)
        return E_OK;
    plan_channels(p, party, &channel, &count);
    for (size_t c = 0; c < count; c++) {
        int32_t digest_day;
        struct hearer *r;
        uint64_t dest;
        if ((e = destination(t, party, channels_name(p->settings->channels, channel[c]), &dest, &digest_day)))
            return e;
        if (!(r = concern(l, dest)))
            continue;
        r->acknowledged = (uint8_t)plan_rung(n->stands);
        if ((e = take_back(t, n->obligation_id, dest, &waited)))
            return e;
        p->globals.fate[FATE_acknowledged] += waited;
    }
    return E_OK;
}

static enum err hand_over_to(struct plan *p, struct store_txn *t, const struct notice *n, const struct stop *stop, struct hearers *l)
{
    struct pending pending = { .ready = n->raised_at, .kind = MESSAGE_HANDOVER, .level = (uint8_t)n->stands, .step = (uint8_t)n->step, .beside = (uint8_t)stop->beside };
    const size_t *channel;
    size_t count;
    enum err e;

    plan_channels(p, stop->party, &channel, &count);
    for (size_t c = 0; c < count; c++) {
        int32_t digest_day;
        struct hearer *r;
        uint64_t dest;
        if ((e = destination(t, stop->party, channels_name(p->settings->channels, channel[c]), &dest, &digest_day)))
            return e;
        if (!(r = concern(l, dest)) || plan_rung((enum level)r->level) >= plan_rung(n->stands) || r->acknowledged >= plan_rung(n->stands))
            continue;                           /* they know */
        if ((e = wait_for(p, t, dest, n->obligation_id, &pending)))
            return e;
    }
    return E_OK;
}

/* Another has the case, or it was restricted or released: what waits for those who had it does not go to them. What nobody was
 * told yet is for the new ones an alert like any other; what was told is handed over. */
static enum err hand_over(struct plan *p, struct store_txn *t, const struct notice *n, struct hearers *l, struct why *why)
{
    struct route route;
    bool waited, unsaid = false, said = false;
    enum err e;

    if (n->stands == LEVEL_UNPROVEN)
        return E_OK;                            /* what comes of it is told when it is known */
    route_find(p->settings, p->directory, n, n->stands, today_of(n), &route);
    for (size_t i = l->count; i-- > 0;) {
        struct hearer *r = &l->row[i];
        said |= r->level != 0;
        if (is_on_route(p, &route, r->destination))
            continue;
        if ((e = take_back(t, n->obligation_id, r->destination, &waited)))
            return e;
        p->globals.fate[FATE_handed_on] += waited;
        unsaid |= waited;
        if (!r->level && !r->acknowledged)
            forget_row(l, i);
    }
    if (unsaid || !said)
        return alert(p, t, n, n->stands, l, why);
    for (size_t i = 0; i < route.count; i++)
        if (route.stop[i].is_owner && (e = hand_over_to(p, t, n, &route.stop[i], l)))
            return e;
    return E_OK;
}

/* ---- a notice ------------------------------------------------------------------------------- */

static enum err take(struct plan *p, struct store_txn *t, const struct notice *n, struct hearers *l, struct why *why)
{
    if (n->level == LEVEL_ACKNOWLEDGED)
        return acknowledge(p, t, n, l);
    if (n->level == LEVEL_REALLOCATED)
        return hand_over(p, t, n, l, why);
    if (n->level == LEVEL_UNPROVEN)
        return p->globals.fate[FATE_unproven]++, E_OK;
    if (plan_rung(n->level))
        return alert(p, t, n, n->level, l, why);
    return close_or_change(p, t, n, l, why);
}

enum err plan_notice(struct plan *p, struct store_txn *t, const struct notice *n, struct why *why)
{
    struct heard s = { 0 };
    struct hearers l;
    struct notice kept = *n;
    struct bytes bytes;
    enum err e;

    if (n->version <= p->globals.version)
        return E_OK;
    p->globals.version = n->version;
    if (!is_heard(n))
        return E_OK;
    e = ledger_heard(t, n->obligation_id, &s, &bytes);
    if (e && e != E_NOT_FOUND)
        return e;
    if (e == E_NOT_FOUND) {
        if (!plan_rung(n->stands))
            return E_OK;                        /* closes what nobody was told */
        s.is_history = is_history(p, n);
        p->globals.fate[FATE_history] += s.is_history;
    }
    s.stands = (uint8_t)n->stands;
    if (n->level == LEVEL_ACKNOWLEDGED && !e) {
        if (s.is_history)
            return E_OK;
        if ((e = ledger_hearers(t, n->obligation_id, &l)) || (e = take(p, t, n, &l, why)))
            return e;
        return ledger_put_hearers(t, n->obligation_id, &l);   /* the notice that stands goes on to stand */
    }
    if (s.is_history)
        return plan_rung(n->stands) ? ledger_put_heard(t, &s, n) : ledger_forget(t, n->obligation_id);
    if (n->level == LEVEL_REALLOCATED)
        kept.level = n->stands;
    if ((e = ledger_put_heard(t, &s, &kept)) || (e = ledger_hearers(t, n->obligation_id, &l)) || (e = take(p, t, n, &l, why)))
        return e;
    if (!l.count && !plan_rung(n->stands))
        return ledger_forget(t, n->obligation_id);
    return ledger_put_hearers(t, n->obligation_id, &l);
}

/* ---- open and close ---------------------------------------------------------------------------- */

enum err plan_open(const struct plan_options *o, struct plan **ret, struct why *why)
{
    struct plan *p = calloc(1, sizeof *p);
    struct store_txn *t = NULL;
    enum err e;

    if (!p)
        return E_MEMORY;
    p->settings = o->settings;
    p->store = o->store;
    p->options = *o;
    p->idle_until = INT64_MIN;
    if ((e = wire_open(&p->wire)) || (e = plan_desk_open(p)) || (e = directory_open(p->settings->officers, p->settings, &p->directory, why)) ||
        (e = store_begin(p->store, false, &t)))
        goto fail;
    e = ledger_globals(t, &p->globals);
    store_abort(&t);
    if (e)
        goto fail;
    *ret = p;
    return E_OK;
fail:
    plan_close(&p);
    return e;
}

void plan_close(struct plan **pp)
{
    struct plan *p = *pp;

    if (!p)
        return;
    plan_desk_close(p);
    free(p->ready.row);
    directory_close(&p->directory);
    wire_close(&p->wire);
    free(p);
    *pp = NULL;
}

enum err plan_save(struct plan *p, struct store_txn *t, const struct sink_cursor *at)
{
    if (memcmp(at->stream, p->globals.cursor.stream, STREAM_BYTES)) {   /* another outbox: its numbers begin anew */
        p->globals.version = 0;
        p->globals.tick = p->globals.passed = INSTANT_NONE;
    }
    p->globals.cursor = *at;
    return ledger_put_globals(t, &p->globals);
}

enum err plan_reload(struct plan *p, struct store_txn *t)
{
    p->idle_until = INT64_MIN;
    return ledger_globals(t, &p->globals);
}

const struct ledger_globals *plan_globals(const struct plan *p) { return &p->globals; }
