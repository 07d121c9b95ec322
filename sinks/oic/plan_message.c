/* plan_message.c: a message made: to whom and why, of what waits for them, under a name that is the same for ever. */
#include "sinks/oic/plan_inside.h"
#include "core/hash.h"

#include <stdio.h>
#include <stdlib.h>

enum { NOTICE_TEXT_BYTES = 4096 };

/* An entry on the desk: what waits, and the notice it waits with. */
struct entry {
    struct pending_key key;
    struct pending pending;
    struct notice notice;
    struct hearers hearers;
    int64_t first_due;                          /* of its journey, among those in the message */
    enum fate fate;                             /* FATE_told: it goes */
};

struct desk {
    struct entry entry[MESSAGE_ENTRIES_MAX];
    size_t entries;
    char text[MESSAGE_ENTRIES_MAX * NOTICE_TEXT_BYTES];
    size_t used;
    struct message message;
    uint8_t held[MESSAGE_BYTES_MAX];
};

enum err plan_desk_open(struct plan *p) { return (p->desk = calloc(1, sizeof *p->desk)) ? E_OK : E_MEMORY; }

void plan_desk_close(struct plan *p)
{
    free(p->desk);
    p->desk = NULL;
}

void plan_say(const struct plan *p, const char *sentence)
{
    if (p->options.tell)
        p->options.tell(p->options.ctx, sentence);
}

void plan_warn_unknown(struct plan *p, const struct notice *n)
{
    char words[160];

    if (p->warned == hash_text(n->officer))
        return;
    p->warned = hash_text(n->officer);
    snprintf(words, sizeof words, "officer " TEXT_FMT " is not in the directory: alerts go to the inbox of the team", TEXT_ARG(n->officer));
    plan_say(p, words);
}

/* ---- a message ------------------------------------------------------------------------ */

/* The same for ever for what it is about: kind, recipient, channel, moment, thread and part. */
static void name_message(const char *what, uint64_t dest, int64_t moment, const uint8_t *thread, unsigned part, uint8_t ret[MESSAGE_ID_BYTES])
{
    struct { char what[16]; uint64_t dest; int64_t moment; uint8_t thread[MESSAGE_ID_BYTES]; uint64_t part; } name;

    memset(&name, 0, sizeof name);
    memcpy(name.what, what, strlen(what));
    name.dest = dest;
    name.moment = moment;
    if (thread)
        memcpy(name.thread, thread, sizeof name.thread);
    name.part = part;
    hash_id(&name, sizeof name, ret);
}

/* The wall says whether it is history: a replay of last year's notices tells nobody anything. */
static bool is_too_old(const struct plan *p, struct instant at)
{
    int64_t most = p->settings->older_than_s;

    return most && p->options.now && p->options.now(p->options.ctx).s - at.s > most;
}

static bool is_live(const struct plan *p, const struct notice *n, struct instant at, int32_t offset)
{
    return at.s + offset >= settings_go_live(p->settings, route_team(p->directory, n));
}

static enum err put_message(struct plan *p, struct store_txn *t, enum fate fate, struct why *why)
{
    const struct message *m = &p->desk->message;
    size_t used = 0, at = 0;
    struct bytes item;
    enum err e;

    if (p->options.instead)
        return fate == FATE_told ? p->options.instead(p->options.ctx, m) : E_OK;
    if (fate == FATE_told) {
        p->globals.messages++;
        p->since_commit++;
        return queue_put(t, LEDGER_QUEUE_FIRST, p->wire, m, why);
    }
    p->globals.held++;
    if (fate == FATE_history && !p->said_of_history) {
        p->said_of_history = true;
        plan_say(p, "messages about what is older than 'history' allows are held back, not sent: rightswatch oic --held shows them");
    }
    if ((e = message_append(p->wire, m, p->desk->held, sizeof p->desk->held, &used)) || (e = wire_next(p->desk->held, used, &at, &item)))
        return e;
    return ledger_hold(t, fate, item);
}

/* To whom and why, of the first entry that has a reason. Texts of parties borrow from t: they are copied. */
enum { ENVELOPE_BYTES = MESSAGE_TEXT_BYTES_MAX + 1 };
struct envelope { char channel[ENVELOPE_BYTES], key[ENVELOPE_BYTES], name[ENVELOPE_BYTES], beside[ENVELOPE_BYTES]; struct party party; };

static enum err address(struct plan *p, struct store_txn *t, uint64_t dest, struct envelope *env)
{
    struct message *m = &p->desk->message;
    struct destination d;
    size_t channel;
    enum err e = ledger_destination(t, dest, &d);

    if (e)
        return e;
    snprintf(env->channel, sizeof env->channel, TEXT_FMT, TEXT_ARG(d.channel));
    snprintf(env->key, sizeof env->key, TEXT_FMT, TEXT_ARG(d.party.key));
    env->party = (struct party){ d.party.kind, text_of(env->key) };
    m->channel = text_of(env->channel);
    m->name = party_name(p->settings, p->directory, env->party, env->name, sizeof env->name);
    m->to = party_address(p->settings, p->directory, env->party);
    channel = channels_find(p->settings->channels, m->channel);
    /* What is not mail knows officers by collar number. */
    if (channel < channels_count(p->settings->channels) && strcmp(channels_type(p->settings->channels, channel), "mail"))
        m->to = env->party.kind == PARTY_OFFICER ? env->party.key : m->to;
    else if (!settings_may_reach(p->settings, m->to))
        m->to = p->settings->force_inbox;       /* an address of before the domains were changed */
    return E_OK;
}

static void begin_message(struct plan *p, enum message_kind kind, struct instant at, int32_t offset)
{
    struct message *m = &p->desk->message;

    m->kind = kind;
    memset(m->thread, 0, sizeof m->thread);
    m->as_of = at;
    m->offset = offset;
    m->more = 0;
    m->count = 0;
    m->beside = (struct text){ 0 };
}

/* ---- silences -------------------------------------------------------------------------- */

struct asked { const struct plan *p; const struct notice *n; int64_t at; bool is_silenced; };

static enum err ask_silence(void *ctx, uint64_t number, const struct silence *s)
{
    struct asked *a = ctx;
    const struct text of[SILENCE_WHATS] = { a->n->crime_ref, a->n->rule, a->n->officer, route_team(a->p->directory, a->n) };

    (void)number;
    if (s->until.s > a->at && text_same(of[s->what], s->value))
        a->is_silenced = true;
    return E_OK;
}

static enum err is_silenced(const struct plan *p, struct store_txn *t, const struct notice *n, struct instant at, bool *ret)
{
    struct asked a = { p, n, at.s, false };
    enum err e = ledger_each_silence(t, ask_silence, &a);

    *ret = a.is_silenced;
    return e;
}

/* It goes on waiting, and every tick looks whether the silence is over, or was ended. */
static enum err hold_back(struct plan *p, struct store_txn *t, const struct pending_key *k, const struct pending *pending)
{
    struct pending later = *pending;

    p->idle_until = INT64_MIN;
    if (later.silenced)
        return E_OK;
    p->globals.fate[FATE_silenced]++;
    later.silenced = 1;
    later.kind = later.kind == MESSAGE_DIGEST ? MESSAGE_ALERT : later.kind;     /* its digest goes without it */
    later.ready = instant_min(later.ready, p->globals.tick);
    return ledger_put_pending(t, k, &later);
}

/* What follows will follow the first message that was not lost. */
static void begin_thread(struct store_txn *t, struct hearer *r, const struct message *m)
{
    if (!r->level || queue_was_lost(t, LEDGER_QUEUE_FIRST, r->thread))
        memcpy(r->thread, m->id, sizeof r->thread);
}

/* ---- at once ----------------------------------------------------------------------------- */

enum err plan_send_now(struct plan *p, struct store_txn *t, const struct notice *n, uint64_t dest, struct hearer *r,
                       const struct pending *pending, struct why *why)
{
    struct message *m = &p->desk->message;
    struct pending_key k = pending_key(dest, n->obligation_id);
    struct day today = { (int32_t)((n->raised_at.s + n->raised_offset) / DAY_S) };
    enum fate fate = FATE_told;
    struct envelope env;
    bool silenced;
    enum err e;

    if ((e = is_silenced(p, t, n, n->raised_at, &silenced)))
        return e;
    if (silenced)
        return hold_back(p, t, &k, pending);
    begin_message(p, MESSAGE_ALERT, n->raised_at, n->raised_offset);
    if ((e = address(p, t, dest, &env)))
        return e;
    if (!is_live(p, n, n->raised_at, n->raised_offset))
        fate = FATE_shadow;
    else if (is_too_old(p, n->raised_at))
        fate = FATE_history;
    m->beside = beside_words(p->directory, env.party, &(struct beside_of){ (enum beside)pending->beside, n, true, true, true }, today,
                             env.beside, sizeof env.beside);
    name_message("at-start", dest, (int64_t)n->version, n->obligation_id, 0, m->id);
    m->entry[m->count++] = n;
    p->globals.fate[fate]++;
    if (fate == FATE_told) {
        begin_thread(t, r, m);
        r->level = pending->level;
        r->step = pending->step;
    }
    return put_message(p, t, fate, why);
}

/* ---- entries ------------------------------------------------------------------------------- */

/* The notice an obligation stands with, said at the level it waits for. */
static enum err fetch(struct plan *p, struct store_txn *t, const struct ready *r, struct entry *ret, bool *ret_there)
{
    struct desk *d = p->desk;
    struct heard s;
    struct bytes bytes;
    struct notice n;
    enum err e = ledger_heard(t, r->key.p + 8, &s, &bytes);

    *ret_there = false;
    if (e)
        return e == E_NOT_FOUND ? E_OK : e;
    if ((e = wire_notice_decode(p->wire, bytes.p, bytes.n, &n)) || (e = notice_copy(&n, d->text, sizeof d->text, &d->used, &ret->notice)) ||
        (e = ledger_hearers(t, r->key.p + 8, &ret->hearers)))
        return e;
    ret->key = r->key;
    ret->pending = r->pending;
    if (plan_rung((enum level)r->pending.level)) {
        ret->notice.level = (enum level)r->pending.level;
        ret->notice.step = r->pending.step;
    }
    *ret_there = true;
    return E_OK;
}

static int by_journey(const struct notice *a, const struct notice *b)
{
    int c = text_order(a->crime_ref, b->crime_ref);

    return c ? c : (a->victim_no > b->victim_no) - (a->victim_no < b->victim_no);
}

/* The journey that is due first comes first; within it what is due first. */
static int by_due(const void *a, const void *b)
{
    const struct entry *x = *(const struct entry *const *)a, *y = *(const struct entry *const *)b;
    int c = (x->first_due > y->first_due) - (x->first_due < y->first_due);

    if (c || (c = by_journey(&x->notice, &y->notice)))
        return c;
    if ((c = (x->notice.due.s > y->notice.due.s) - (x->notice.due.s < y->notice.due.s)))
        return c;
    if ((c = text_order(x->notice.rule, y->notice.rule)))
        return c;
    return memcmp(x->key.p, y->key.p, sizeof x->key.p);
}

static void order(struct entry **list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        list[i]->first_due = list[i]->notice.due.s;
        for (size_t n = 0; n < count; n++)
            if (!by_journey(&list[i]->notice, &list[n]->notice) && list[n]->notice.due.s < list[i]->first_due)
                list[i]->first_due = list[n]->notice.due.s;
    }
    if (count > 1)
        qsort(list, count, sizeof *list, by_due);
}

/* ---- what was sent is remembered --------------------------------------------------------------- */

static enum err remember(struct plan *p, struct store_txn *t, struct entry *e, uint64_t dest)
{
    const uint8_t *obligation = e->notice.obligation_id;
    struct hearer *r;
    enum err err;

    p->globals.fate[e->fate]++;
    if ((err = ledger_drop_pending(t, &e->key)) || e->fate != FATE_told)
        return err;
    /* Another entry of this message may be of the same obligation: never, a destination waits for it once. */
    if (!(r = hearer_of(&e->hearers, dest)))
        return E_OK;
    if (e->pending.kind == MESSAGE_FOLLOW_UP && !plan_rung(e->notice.stands)) {
        size_t at = (size_t)(r - e->hearers.row);
        memmove(r, r + 1, (e->hearers.count - at - 1) * sizeof *r);
        e->hearers.count--;
        return e->hearers.count ? ledger_put_hearers(t, obligation, &e->hearers) : ledger_forget(t, obligation);
    }
    begin_thread(t, r, &p->desk->message);
    if (e->pending.kind != MESSAGE_FOLLOW_UP) {
        r->level = e->pending.level;
        r->step = e->pending.step;
    }
    return ledger_put_hearers(t, obligation, &e->hearers);
}

static struct beside_of reason_of(struct entry *const *list, size_t count, uint8_t kind)
{
    struct beside_of b = { .is_all = true, .is_one_officer = true, .is_shared = kind == MESSAGE_ALERT || kind == MESSAGE_DIGEST };

    for (size_t i = 0; i < count; i++) {
        enum beside beside = (enum beside)list[i]->pending.beside;
        if (!b.n && beside) {
            b.beside = beside;
            b.n = &list[i]->notice;
        }
        b.is_all &= beside == (enum beside)list[0]->pending.beside;
        b.is_one_officer &= text_same(list[i]->notice.officer, list[0]->notice.officer);
    }
    return b;
}

/* The entries of one fate, as one message. */
static enum err send_list(struct plan *p, struct store_txn *t, uint64_t dest, const struct pending *like, enum fate fate, unsigned part,
                          const struct moment *now, struct why *why)
{
    static const char *const what[MESSAGE_KINDS] = { "alert", "digest", "follow-up", "handover", "opening" };
    struct entry *list[MESSAGE_ENTRIES_MAX];
    struct message *m = &p->desk->message;
    struct beside_of why_them;
    struct envelope env;
    size_t count = 0;
    enum err e;

    for (size_t i = 0; i < p->desk->entries; i++)
        if (p->desk->entry[i].fate == fate)
            list[count++] = &p->desk->entry[i];
    if (!count)
        return E_OK;
    begin_message(p, (enum message_kind)like->kind, now->at, now->offset);
    if ((e = address(p, t, dest, &env)))
        return e;
    order(list, count);
    for (size_t i = 0; i < count; i++)
        m->entry[m->count++] = &list[i]->notice;
    why_them = reason_of(list, count, like->kind);
    m->beside = beside_words(p->directory, env.party, &why_them, now->day, env.beside, sizeof env.beside);
    memcpy(m->thread, like->thread, sizeof m->thread);
    name_message(what[like->kind], dest, like->kind == MESSAGE_DIGEST ? now->day.n : now->at.s, like->thread, part, m->id);
    if ((e = put_message(p, t, fate, why)))
        return e;
    for (size_t i = 0; i < count; i++)
        if ((e = remember(p, t, list[i], dest)))
            return e;
    return E_OK;
}

enum err plan_send_rows(struct plan *p, struct store_txn *t, const struct ready *row, size_t count, unsigned part, const struct moment *now,
                        struct why *why)
{
    uint64_t dest = pending_destination(row->key.p);
    struct desk *d = p->desk;
    bool is_there, silenced;
    enum err e;

    d->entries = d->used = 0;
    for (size_t i = 0; i < count; i++) {
        struct entry *entry = &d->entry[d->entries];
        if ((e = fetch(p, t, &row[i], entry, &is_there)))
            return e;
        if (!is_there) {
            if ((e = ledger_drop_pending(t, &row[i].key)))
                return e;
            continue;
        }
        if ((e = is_silenced(p, t, &entry->notice, now->at, &silenced)))
            return e;
        if (silenced) {
            if ((e = hold_back(p, t, &row[i].key, &row[i].pending)))
                return e;
            continue;
        }
        entry->fate = !is_live(p, &entry->notice, now->at, now->offset) ? FATE_shadow : is_too_old(p, now->at) ? FATE_history : FATE_told;
        d->entries++;
    }
    if ((e = send_list(p, t, dest, &row->pending, FATE_told, part, now, why)) || (e = send_list(p, t, dest, &row->pending, FATE_shadow, part, now, why)))
        return e;
    return send_list(p, t, dest, &row->pending, FATE_history, part, now, why);
}
