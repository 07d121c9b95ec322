/* differ.c: what the tables have in common: remembering, ids, saying, holding a journey whose row could not be read. */
#include "producers/connect/inside.h"
#include "core/hash.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

enum err differ_open(const struct shape *x, struct memory *m, struct differ **ret)
{
    struct differ *d = calloc(1, sizeof *d);
    enum err e;

    if (!d)
        return E_MEMORY;
    d->shape = x;
    d->memory = m;
    if ((e = wire_open(&d->wire))) {
        free(d);
        return e;
    }
    *ret = d;
    return E_OK;
}

void differ_close(struct differ **pd)
{
    struct differ *d = *pd;

    if (!d)
        return;
    wire_close(&d->wire);
    free(d);
    *pd = NULL;
}

struct differ_counts *differ_counts(struct differ *d) { return &d->counts; }

/* ---- remembering ----------------------------------------------------------------- */

/* The memory's bytes go at the next put: what is compared is a copy. */
static enum err recall(struct differ *d, const struct memory_key *k, enum extract_table t, void *memo, size_t memo_bytes,
                       uint8_t bytes[RECORD_BYTES_MAX], struct record *ret)
{
    struct bytes value;
    enum err e = memory_get(d->memory, k, &value);

    if (e)
        return e;
    if (value.n < memo_bytes || value.n - memo_bytes > RECORD_BYTES_MAX)
        return E_CORRUPT;
    memcpy(memo, value.p, memo_bytes);
    memcpy(bytes, value.p + memo_bytes, value.n - memo_bytes);
    return record_unpack(t, (struct bytes){ bytes, value.n - memo_bytes }, ret);
}

static enum err known(uint32_t format) { return format > MEMO_FORMAT ? E_VERSION : E_OK; }

enum err crime_recall(struct differ *d, struct text crime, struct memo_of_crime *ret)
{
    struct memory_key k = memory_key(K_CRIME, crime, (struct text){ 0 });
    enum err e = recall(d, &k, TABLE_CRIME, &ret->memo, sizeof ret->memo, ret->bytes, &ret->row);

    return e ? e : known(ret->memo.format);
}

enum err victim_recall(struct differ *d, struct text crime, struct text victim, struct memo_of_victim *ret)
{
    struct memory_key k = memory_key(K_VICTIM, crime, victim);
    enum err e = recall(d, &k, TABLE_VICTIM, &ret->memo, sizeof ret->memo, ret->bytes, &ret->row);

    return e ? e : known(ret->memo.format);
}

enum err event_recall(struct differ *d, struct text id, struct memo_of_event *ret)
{
    struct memory_key k = memory_key(K_EVENT, id, (struct text){ 0 });
    enum err e = recall(d, &k, TABLE_EVENT, &ret->memo, sizeof ret->memo, ret->bytes, &ret->row);

    return e ? e : known(ret->memo.format);
}

enum err memo_put(struct differ *d, const struct memory_key *k, const void *memo, size_t memo_bytes, const struct record *row)
{
    memcpy(d->packed, memo, memo_bytes);
    return memory_put(d->memory, k, (struct bytes){ d->packed, memo_bytes + record_pack(row, d->packed + memo_bytes) });
}

bool record_is_same(const struct record *a, const struct record *b)
{
    enum column first = table_first(a->table);

    for (size_t i = 0; i < table_columns(a->table); i++) {
        enum column c = first + (enum column)i;
        if (c != CRIME_last_updated && c != VICTIM_last_updated && c != EVENT_last_updated && !record_same(a, b, c))
            return false;
    }
    return true;
}

/* ---- saying ----------------------------------------------------------------------- */

struct text make_id(char to[EVENT_ID_BYTES_MAX + 1], const char *what, struct text a, struct text b, int64_t stamp)
{
    uint8_t all[2 * (EVENT_ID_BYTES_MAX + 1) + sizeof stamp + 1], id[16];
    char hex[33];
    size_t n = 0;

    assert(a.n <= EVENT_ID_BYTES_MAX && b.n <= EVENT_ID_BYTES_MAX);
    all[n++] = (uint8_t)a.n;
    memcpy(all + n, a.p, a.n);
    n += a.n;
    if (b.n)
        memcpy(all + n, b.p, b.n);
    n += b.n;
    memcpy(all + n, &stamp, sizeof stamp);
    hash_id(all, n + sizeof stamp, id);
    hash_hex(id, sizeof id, hex);
    return (struct text){ to, (uint32_t)snprintf(to, EVENT_ID_BYTES_MAX + 1, "%s-%s", what, hex) };
}

struct item update_item(struct differ *d, const char *kind, struct text crime, struct text victim, int64_t at)
{
    struct item item = { .what = ITEM_EVENT };
    struct event *e = &item.event;

    e->type = EVENT_UPDATE;
    e->kind = kind_by_name(EVENT_UPDATE, text_of(kind));
    assert(e->kind != KIND_NONE);
    e->event_id = make_id(d->id, kind, crime, victim, at);
    e->crime_ref = crime;
    e->victim_ref = victim;
    e->occurred_at = e->recorded_at = (struct instant){ at };
    return item;
}

enum err differ_flush(struct differ *d)
{
    enum err e;

    if (!d->count)
        return E_OK;
    if ((e = memory_send(d->memory, (struct bytes){ d->buf, d->used }, d->count)))
        return e;
    d->used = d->count = 0;
    return E_OK;
}

enum err differ_say(struct differ *d, const struct item *item)
{
    enum err e;

    if ((d->count == BATCH_ITEMS_MAX || sizeof d->buf - d->used < LAW_ITEM_BYTES_MAX / 8) && (e = differ_flush(d)))
        return e;
    if ((e = wire_item_append(d->wire, item, d->buf, sizeof d->buf, &d->used)))
        return e;
    d->count++;
    return E_OK;
}

enum err say(struct differ *d, struct item *item, struct why *why)
{
    enum err e;

    item->event.source = text_of(d->shape->source);
    if ((e = item_check(item, why)) || (e = differ_say(d, item)))
        return e;
    d->counts.events++;
    d->counts.kind[item->event.kind]++;
    return E_OK;
}

enum err withdraw(struct differ *d, struct text crime, struct text victim, struct text id, int64_t at)
{
    struct item item = update_item(d, "event-withdrawn", crime, victim, at);

    item.event.event_id = make_id(d->id, "withdrawn", id, (struct text){ 0 }, at);
    item.event.supersedes = id;
    return say(d, &item, NULL);
}

void count_code(struct differ *d, const struct record *r, enum column c)
{
    static const struct { enum column column; const char *words; } lists[] = {
#define CODES(column, words) { column, words },
#include "producers/connect/codes.def"
#undef CODES
    };
    struct text v = record_text(r, c);

    for (size_t i = 0; v.n && i < sizeof lists / sizeof *lists; i++) {
        if (lists[i].column != c)
            continue;
        for (const char *p = lists[i].words, *end; *p; p = *end ? end + 1 : end) {
            end = p + strcspn(p, " ");
            if (text_same(v, (struct text){ p, (uint32_t)(end - p) }))
                return;
        }
        d->counts.unknown[c]++;
    }
}

/* ---- holding ------------------------------------------------------------------------ */

/* What holds a journey: its id, and the case it was said of. */
struct hold { char id[64]; uint8_t crime_bytes, victim_bytes; char refs[2 * REF_BYTES_MAX]; };

static struct text hold_crime(const struct hold *h) { return (struct text){ h->refs, h->crime_bytes }; }
static struct text hold_victim(const struct hold *h) { return (struct text){ h->refs + h->crime_bytes, h->victim_bytes }; }

static struct text checked(const struct record *r, enum column c, uint32_t most)
{
    struct text t = record_text(r, c);

    return t.n <= most ? t : (struct text){ 0 };
}

/* Under which key the row will come again; false: it does not say enough for that. */
static bool hold_key(const struct record *r, const struct item *item, struct memory_key *ret)
{
    struct text none = { 0 }, event = none;

    if (r->table == TABLE_EVENT)
        event = checked(r, EVENT_event_id, EVENT_ID_BYTES_MAX);
    *ret = r->table == TABLE_CRIME ? memory_key(K_HELD_CRIME, item->crime_ref, none) :
           r->table == TABLE_VICTIM ? memory_key(K_HELD_VICTIM, item->crime_ref, item->victim_ref) : memory_key(K_HELD_EVENT, event, none);
    return r->table != TABLE_EVENT || event.n;
}

/* Refused again while it holds: the same hold, so that there is one to let go. */
static enum err hold(struct differ *d, const struct record *r, uint64_t file, struct item *item, struct hold *ret)
{
    const uint64_t place[] = { d->batch, file, item->row };         /* no two rows share a hold, nor what lets it go */
    struct memory_key k;
    struct bytes value;
    bool comes_again = hold_key(r, item, &k);
    enum err e = comes_again ? memory_get(d->memory, &k, &value) : E_NOT_FOUND;

    if (e && e != E_NOT_FOUND)
        return e;
    if (!e) {
        if (value.n != sizeof *ret)
            return E_CORRUPT;
        memcpy(ret, value.p, sizeof *ret);
        if (text_same(hold_crime(ret), item->crime_ref) && text_same(hold_victim(ret), item->victim_ref))
            return E_OK;
        if ((e = withdraw(d, hold_crime(ret), hold_victim(ret), text_of(ret->id), d->extract_to.s)))
            return e;
    }
    *ret = (struct hold){ .crime_bytes = (uint8_t)item->crime_ref.n, .victim_bytes = (uint8_t)item->victim_ref.n };
    snprintf(ret->id, sizeof ret->id, "%s", make_id(d->id, "held", item->crime_ref, item->victim_ref, (int64_t)hash_bytes(place, sizeof place)).p);
    memcpy(ret->refs, item->crime_ref.p, item->crime_ref.n);
    if (item->victim_ref.n)
        memcpy(ret->refs + item->crime_ref.n, item->victim_ref.p, item->victim_ref.n);
    return comes_again ? memory_put(d->memory, &k, (struct bytes){ (const uint8_t *)ret, sizeof *ret }) : E_OK;
}

enum err differ_refuse(struct differ *d, const struct record *r, uint64_t file, uint64_t row, const struct fault *fault, char ret_id[EVENT_ID_BYTES_MAX + 1])
{
    struct item item = { .what = ITEM_REJECT, .source = text_of(d->shape->source), .row = row, .reason = text_of(fault->reason) };
    struct hold held = { .id = "" };
    enum err e;

    d->counts.rejected++;
    switch (r->table) {
    case TABLE_CRIME:
        item.crime_ref = checked(r, CRIME_crime_reference, REF_BYTES_MAX);
        break;
    case TABLE_VICTIM:
        item.crime_ref = checked(r, VICTIM_crime_reference, REF_BYTES_MAX);
        item.victim_ref = checked(r, VICTIM_victim_ref, REF_BYTES_MAX);
        break;
    case TABLE_EVENT:
        item.crime_ref = checked(r, EVENT_crime_reference, REF_BYTES_MAX);
        item.victim_ref = checked(r, EVENT_victim_ref, REF_BYTES_MAX);
        break;
    default:
        break;
    }
    if (!item.crime_ref.n)
        item.victim_ref = (struct text){ 0 };
    else if ((e = hold(d, r, file, &item, &held)))
        return e;
    item.event_id = text_of(held.id);
    snprintf(ret_id, EVENT_ID_BYTES_MAX + 1, "%s", held.id);
    return differ_say(d, &item);
}

enum err let_go(struct differ *d, char what, struct text a, struct text b, int64_t at)
{
    struct memory_key k = memory_key(what, a, b);
    struct bytes value;
    struct hold held;
    enum err e = memory_get(d->memory, &k, &value);

    if (e)
        return e == E_NOT_FOUND ? E_OK : e;
    if (value.n != sizeof held)
        return E_CORRUPT;
    memcpy(&held, value.p, sizeof held);
    if ((e = withdraw(d, hold_crime(&held), hold_victim(&held), text_of(held.id), at)))
        return e;
    return memory_delete(d->memory, &k);
}

/* ---- rows ---------------------------------------------------------------------------- */

void differ_begin(struct differ *d, uint64_t batch, struct instant extract_to)
{
    memset(&d->counts, 0, sizeof d->counts);
    d->used = d->count = 0;
    d->batch = batch;
    d->extract_to = extract_to;
}

enum err differ_row(struct differ *d, const struct record *r, struct fault *fault)
{
    *fault = (struct fault){ COLUMNS, "", "" };
    switch (r->table) {
    case TABLE_CRIME: return crimes_row(d, r);
    case TABLE_VICTIM: return victims_row(d, r);
    case TABLE_EVENT: return events_row(d, r, fault);
    case TABLE_OPEN: return open_row(d, r);
    default: break;
    }
    assert(false);
    return E_USAGE;
}
