#include "sinks/oic/queue.h"

#include "core/hash.h"
#include "core/utf8.h"

#include <assert.h>
#include <stdlib.h>

/* ---- slips in the store ------------------------------------------------------------------------------ */

enum { SLIP_VERSION = 1 };

/* A slip begins with this; channel, recipient and what was said follow. */
struct slip_row {
    uint8_t version, state, kind, channel_bytes, to_bytes, said_bytes;
    uint8_t id[MESSAGE_ID_BYTES];
    uint16_t entries;
    uint32_t attempts;
    uint32_t unused;
    int64_t as_of, first_try, at;
};
_Static_assert(sizeof(struct slip_row) == 56, "a slip's fixed part has no holes");
enum { SLIP_BYTES_MAX = sizeof(struct slip_row) + 2 * MESSAGE_TEXT_BYTES_MAX + QUEUE_SAID_BYTES_MAX };
_Static_assert(MESSAGE_TEXT_BYTES_MAX <= UINT8_MAX && QUEUE_SAID_BYTES_MAX <= UINT8_MAX, "lengths fit into a byte");

static struct bytes slip_pack(const struct queue_slip *s, uint8_t buf[SLIP_BYTES_MAX])
{
    struct slip_row row = {
        .version = SLIP_VERSION, .state = (uint8_t)s->state, .kind = (uint8_t)s->kind, .channel_bytes = (uint8_t)s->channel.n,
        .to_bytes = (uint8_t)s->to.n, .said_bytes = (uint8_t)s->said.n, .entries = (uint16_t)s->entries, .attempts = s->attempts,
        .as_of = s->as_of.s, .first_try = s->first_try.s, .at = s->at.s,
    };
    struct text part[] = { s->channel, s->to, s->said };
    size_t n = sizeof row;

    assert(s->channel.n <= MESSAGE_TEXT_BYTES_MAX && s->to.n <= MESSAGE_TEXT_BYTES_MAX && s->said.n <= QUEUE_SAID_BYTES_MAX);
    memcpy(row.id, s->id, sizeof row.id);
    memcpy(buf, &row, sizeof row);
    for (int i = 0; i < 3; i++) {
        if (part[i].n)
            memcpy(buf + n, part[i].p, part[i].n);
        n += part[i].n;
    }
    return (struct bytes){ buf, n };
}

static enum err slip_unpack(uint64_t number, struct bytes b, struct queue_slip *ret)
{
    struct slip_row row;
    const char *p = (const char *)b.p + sizeof row;

    if (b.n < sizeof row)
        return E_CORRUPT;
    memcpy(&row, b.p, sizeof row);
    if (row.version != SLIP_VERSION)
        return E_VERSION;
    if (b.n != sizeof row + row.channel_bytes + row.to_bytes + row.said_bytes || row.kind >= MESSAGE_KINDS)
        return E_CORRUPT;
    *ret = (struct queue_slip){
        .state = (enum queue_state)row.state, .number = number, .kind = (enum message_kind)row.kind, .as_of.s = row.as_of,
        .first_try.s = row.first_try, .at.s = row.at, .attempts = row.attempts, .entries = row.entries,
        .channel = { p, row.channel_bytes }, .to = { p + row.channel_bytes, row.to_bytes },
        .said = { p + row.channel_bytes + row.to_bytes, row.said_bytes },
    };
    memcpy(ret->id, row.id, sizeof ret->id);
    return E_OK;
}

/* What the other side said, cut to what is kept, at the end of a character; what cannot be shown is left out. */
static struct text fit(struct text said, char buf[QUEUE_SAID_BYTES_MAX])
{
    uint32_t n = 0, i = 0;

    while (i < said.n) {
        unsigned length = utf8_length(said.p + i, said.n - i), taken = length ? length : 1;
        struct text one = { said.p + i, taken };
        i += taken;
        if (!length || !utf8_is_printable(one))
            continue;
        if (n + taken > QUEUE_SAID_BYTES_MAX)
            break;
        memcpy(buf + n, one.p, taken);
        n += taken;
    }
    return (struct text){ buf, n };
}

/* ---- the planner's side ------------------------------------------------------------------------------- */

/* The row beside the ids: the last number given out, and how many wait. */
struct tally { uint64_t last, waiting; };
static const struct bytes tally_key = { (const uint8_t *)"tally", 5 };

static enum err tally_get(struct store_txn *t, unsigned first, struct tally *ret)
{
    struct bytes v;
    enum err e = store_get_bytes(t, first + QUEUE_IDS, tally_key, &v);

    *ret = (struct tally){ 0, 0 };
    if (e == E_NOT_FOUND)
        return E_OK;
    if (!e && v.n != sizeof *ret)
        return E_CORRUPT;
    if (!e)
        memcpy(ret, v.p, sizeof *ret);
    return e;
}

static enum err tally_put(struct store_txn *t, unsigned first, const struct tally *tally)
{
    return store_put_bytes(t, first + QUEUE_IDS, tally_key, (struct bytes){ (const uint8_t *)tally, sizeof *tally });
}

/* A new place at the end of the line for a slip whose letter is `letter`. */
static enum err line_up(struct store_txn *t, unsigned first, struct queue_slip *s, struct bytes letter)
{
    uint8_t buf[SLIP_BYTES_MAX];
    struct tally tally;
    enum err e = tally_get(t, first, &tally);

    if (e)
        return e;
    s->state = QUEUE_IS_WAITING;
    s->number = ++tally.last;
    tally.waiting++;
    if ((e = store_put(t, first + QUEUE_LETTERS, s->number, letter)) ||
        (e = store_put(t, first + QUEUE_WAITING, s->number, slip_pack(s, buf))) ||
        (e = store_put_bytes(t, first + QUEUE_IDS, (struct bytes){ s->id, sizeof s->id },
                             (struct bytes){ (const uint8_t *)&s->number, sizeof s->number })))
        return e;
    return tally_put(t, first, &tally);
}

enum err queue_put(struct store_txn *t, unsigned first, struct wire *w, const struct message *m, struct why *why)
{
    struct queue_slip s = { .kind = m->kind, .as_of = m->as_of, .entries = (uint32_t)m->count, .channel = m->channel, .to = m->to };
    struct bytes known, letter;
    struct tally tally;
    uint8_t *buf;
    size_t used = 0, at = 0;
    enum err e;

    if ((e = message_check(m, why)))
        return e;
    e = store_get_bytes(t, first + QUEUE_IDS, (struct bytes){ m->id, sizeof m->id }, &known);
    if (e != E_NOT_FOUND)
        return e;
    if ((e = tally_get(t, first, &tally)))
        return e;
    if (tally.waiting >= QUEUE_WAITING_MAX) {
        why_set(why, "%d messages wait to be sent already: see what holds them up with `rightswatch undelivered`", QUEUE_WAITING_MAX);
        return E_FULL;
    }
    if (!(buf = malloc(MESSAGE_BYTES_MAX + 8)))
        return E_MEMORY;
    if (!(e = message_append(w, m, buf, MESSAGE_BYTES_MAX + 8, &used)) && !(e = wire_next(buf, used, &at, &letter))) {
        memcpy(s.id, m->id, sizeof s.id);
        e = line_up(t, first, &s, letter);
    }
    free(buf);
    return e;
}

enum err queue_find(struct store_txn *t, unsigned first, const uint8_t id[MESSAGE_ID_BYTES], struct queue_slip *ret)
{
    static const enum queue_table where[] = { QUEUE_DONE, QUEUE_WAITING, QUEUE_DEAD };
    struct bytes v;
    uint64_t number;
    enum err e = store_get_bytes(t, first + QUEUE_IDS, (struct bytes){ id, MESSAGE_ID_BYTES }, &v);

    if (e)
        return e;
    if (v.n != sizeof number)
        return E_CORRUPT;
    memcpy(&number, v.p, sizeof number);
    for (size_t i = 0; i < sizeof where / sizeof *where; i++) {
        e = store_get(t, first + where[i], number, &v);
        if (e != E_NOT_FOUND)
            return e ? e : slip_unpack(number, v, ret);
    }
    return E_CORRUPT;
}

bool queue_was_delivered(struct store_txn *t, unsigned first, const uint8_t id[MESSAGE_ID_BYTES])
{
    struct queue_slip s;

    return queue_find(t, first, id, &s) == E_OK && s.state == QUEUE_IS_DELIVERED;
}

bool queue_was_lost(struct store_txn *t, unsigned first, const uint8_t id[MESSAGE_ID_BYTES])
{
    struct queue_slip s;

    return queue_find(t, first, id, &s) == E_OK && (s.state == QUEUE_IS_DEAD || s.state == QUEUE_IS_DROPPED);
}

/* ---- for people ---------------------------------------------------------------------------------------- */

struct walk {
    enum err (*visit)(void *ctx, const struct queue_slip *s);
    void *ctx;
};

static enum err visit_row(void *ctx, struct bytes key, struct bytes value)
{
    struct walk *w = ctx;
    struct queue_slip s;
    uint64_t number;
    enum err e;

    if (key.n != sizeof number)
        return E_CORRUPT;
    memcpy(&number, key.p, sizeof number);
    e = slip_unpack(number, value, &s);
    return e ? e : w->visit(w->ctx, &s);
}

enum err queue_each(struct store_txn *t, unsigned first, enum queue_table which,
                    enum err (*visit)(void *ctx, const struct queue_slip *s), void *ctx)
{
    struct walk w = { visit, ctx };

    assert(which == QUEUE_WAITING || which == QUEUE_DONE || which == QUEUE_DEAD);
    return store_each(t, first + which, visit_row, &w);
}

static enum err count_one(void *ctx, const struct queue_slip *s)
{
    struct queue_counts *c = ctx;

    c->waiting += s->state == QUEUE_IS_WAITING;
    c->delivered += s->state == QUEUE_IS_DELIVERED;
    c->dead += s->state == QUEUE_IS_DEAD;
    c->dropped += s->state == QUEUE_IS_DROPPED;
    return E_OK;
}

enum err queue_count(struct store_txn *t, unsigned first, struct queue_counts *ret)
{
    struct queue_counts c = { 0, 0, 0, 0 };
    enum err e;

    if ((e = queue_each(t, first, QUEUE_WAITING, count_one, &c)) || (e = queue_each(t, first, QUEUE_DONE, count_one, &c)) ||
        (e = queue_each(t, first, QUEUE_DEAD, count_one, &c)))
        return e;
    *ret = c;
    return E_OK;
}

enum err queue_read(struct store_txn *t, unsigned first, uint64_t number, struct wire *w, struct message *ret)
{
    struct bytes v;
    enum err e = store_get(t, first + QUEUE_LETTERS, number, &v);

    return e ? e : message_decode(w, v.p, v.n, ret);
}

enum err queue_leader(struct store_txn *t, unsigned first, uint64_t number, struct wire *w, uint64_t *ret)
{
    struct queue_slip leader;
    struct message m;
    enum err e = queue_read(t, first, number, w, &m);

    *ret = 0;
    if (e)
        return err_action(e) == ERR_REJECT ? E_OK : e;      /* one that cannot be read lies there for that reason */
    if (!message_follows(&m))
        return E_OK;
    e = queue_find(t, first, m.thread, &leader);
    if (!e && leader.state == QUEUE_IS_DEAD)
        *ret = leader.number;
    return e == E_NOT_FOUND ? E_OK : e;
}

/* A dead slip; its texts and its letter copied, since the rows they lie in are about to go. */
struct dead { struct queue_slip slip; uint8_t row[SLIP_BYTES_MAX]; uint8_t *letter; size_t letter_bytes; };

static enum err dead_lift(struct store_txn *t, unsigned first, uint64_t number, struct dead *d)
{
    struct bytes v;
    enum err e = store_get(t, first + QUEUE_DEAD, number, &v);

    d->letter = NULL;
    if (e)
        return e;
    if (v.n > sizeof d->row)
        return E_CORRUPT;
    memcpy(d->row, v.p, v.n);
    if ((e = slip_unpack(number, (struct bytes){ d->row, v.n }, &d->slip)) ||
        (e = store_get(t, first + QUEUE_LETTERS, number, &v)))
        return e;
    if (!(d->letter = malloc(v.n + 1)))
        return E_MEMORY;
    memcpy(d->letter, v.p, v.n);
    d->letter_bytes = v.n;
    if ((e = store_delete(t, first + QUEUE_DEAD, number)))
        return e;
    return store_delete(t, first + QUEUE_LETTERS, number);
}

enum err queue_revive(struct store_txn *t, unsigned first, uint64_t number)
{
    struct dead d;
    enum err e = dead_lift(t, first, number, &d);

    if (!e) {
        d.slip.first_try = d.slip.at = INSTANT_NONE;
        d.slip.attempts = 0;
        e = line_up(t, first, &d.slip, (struct bytes){ d.letter, d.letter_bytes });
    }
    free(d.letter);
    return e;
}

enum err queue_drop(struct store_txn *t, unsigned first, uint64_t number, struct text reason, struct instant now)
{
    uint8_t buf[SLIP_BYTES_MAX];
    char said[QUEUE_SAID_BYTES_MAX];
    struct dead d;
    enum err e = dead_lift(t, first, number, &d);

    if (!e) {
        d.slip.state = QUEUE_IS_DROPPED;
        d.slip.at = now;
        d.slip.said = fit(reason, said);
        e = store_put(t, first + QUEUE_DONE, number, slip_pack(&d.slip, buf));
    }
    free(d.letter);
    return e;
}

/* ---- what became of one that waited --------------------------------------------------------------------- */

enum err queue_settle(struct store_txn *t, unsigned first, uint64_t number, enum queue_state state, uint32_t attempts,
                      struct instant first_try, struct instant at, struct text said)
{
    enum queue_table to = state == QUEUE_IS_WAITING ? QUEUE_WAITING : state == QUEUE_IS_DEAD ? QUEUE_DEAD : QUEUE_DONE;
    uint8_t buf[SLIP_BYTES_MAX];
    char words[QUEUE_SAID_BYTES_MAX];
    struct queue_slip s;
    struct tally tally;
    struct bytes v;
    enum err e;

    if ((e = store_get(t, first + QUEUE_WAITING, number, &v)) || (e = slip_unpack(number, v, &s)))
        return e;
    s.state = state;
    s.first_try = first_try;
    s.at = at;
    s.attempts = attempts;
    s.said = fit(said, words);
    v = slip_pack(&s, buf);             /* a copy: what s borrows goes with the next put */
    if ((e = store_put(t, first + to, number, v)) || state == QUEUE_IS_WAITING)
        return e;
    if ((e = store_delete(t, first + QUEUE_WAITING, number)) || (e = tally_get(t, first, &tally)))
        return e;
    tally.waiting -= tally.waiting > 0;
    if ((e = tally_put(t, first, &tally)) || to == QUEUE_DEAD)
        return e;
    return store_delete(t, first + QUEUE_LETTERS, number);
}

enum err queue_waiting_after(struct store_txn *t, unsigned first, uint64_t after, struct queue_slip *ret, uint64_t *ret_last)
{
    struct tally tally;
    struct bytes v;
    uint64_t number;
    enum err e = tally_get(t, first, &tally);

    if (e)
        return e;
    *ret_last = tally.last;
    if (after >= tally.last)
        return E_NOT_FOUND;
    if ((e = store_get_at_least(t, first + QUEUE_WAITING, after + 1, &number, &v)))
        return e;
    return slip_unpack(number, v, ret);
}

enum err queue_waiting(struct store_txn *t, unsigned first, uint64_t number, struct queue_slip *ret)
{
    struct bytes v;
    enum err e = store_get(t, first + QUEUE_WAITING, number, &v);

    return e ? e : slip_unpack(number, v, ret);
}

enum err queue_waiting_count(struct store_txn *t, unsigned first, uint64_t *ret)
{
    struct tally tally;
    enum err e = tally_get(t, first, &tally);

    if (!e)
        *ret = tally.waiting;
    return e;
}

enum err queue_trim(struct store_txn *t, unsigned first, struct instant now, unsigned most)
{
    struct queue_slip s;
    struct bytes v;
    uint64_t number = 0;
    enum err e;

    for (unsigned i = 0; i < most; i++) {
        e = store_get_at_least(t, first + QUEUE_DONE, number, &number, &v);
        if (e || (e = slip_unpack(number, v, &s)) || now.s - s.at.s < (int64_t)QUEUE_KEEP_DAYS * 86400)
            return e == E_NOT_FOUND ? E_OK : e;
        if ((e = store_delete_bytes(t, first + QUEUE_IDS, (struct bytes){ s.id, sizeof s.id })) ||
            (e = store_delete(t, first + QUEUE_DONE, number)))
            return e;
    }
    return E_OK;
}
