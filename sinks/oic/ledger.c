#include "sinks/oic/ledger.h"
#include "core/hash.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

const struct store_table ledger_tables[] = { LEDGER_TABLE_ROWS, QUEUE_TABLE_ROWS };
const unsigned ledger_table_count = sizeof ledger_tables / sizeof *ledger_tables;
const char *const silence_name[SILENCE_WHATS] = { "crime", "rule", "officer", "team" };

enum { GLOBALS_KEY = 1 };

static struct bytes id_key(const uint8_t id[NOTICE_ID_BYTES]) { return (struct bytes){ id, NOTICE_ID_BYTES }; }

const char *fate_words(enum fate f)
{
    static const char *const words[] = {
#define X(name, text) text,
        FATES(X)
#undef X
    };

    return words[f];
}

enum err ledger_open_store(const char *dir, bool read_only, struct store **ret, struct why *why)
{
    char path[4200];

    if (!read_only && mkdir(dir, 0700) && errno != EEXIST) {
        why_set(why, "%s cannot be made: %s", dir, strerror(errno));
        return E_IO;
    }
    snprintf(path, sizeof path, "%s/oic.lmdb", dir);
    return store_open(path, (size_t)LEDGER_MAP_GIB << 30, read_only, ledger_tables, ledger_table_count, ret, why);
}

/* ---- globals ------------------------------------------------------------------- */

enum err ledger_globals(struct store_txn *t, struct ledger_globals *ret)
{
    struct bytes b;
    enum err e = store_get(t, LEDGER_GLOBALS, GLOBALS_KEY, &b);

    if (e == E_NOT_FOUND)
        return *ret = (struct ledger_globals){ .zero = 0 }, E_OK;
    if (e)
        return e;
    if (b.n != sizeof *ret)
        return E_VERSION;
    memcpy(ret, b.p, sizeof *ret);
    return E_OK;
}

enum err ledger_put_globals(struct store_txn *t, const struct ledger_globals *g)
{
    return store_put(t, LEDGER_GLOBALS, GLOBALS_KEY, (struct bytes){ (const uint8_t *)g, sizeof *g });
}

/* ---- standing and told ------------------------------------------------------------ */

enum err ledger_heard(struct store_txn *t, const uint8_t obligation[NOTICE_ID_BYTES], struct heard *ret, struct bytes *ret_notice)
{
    struct bytes b;
    enum err e = store_get_bytes(t, LEDGER_HEARD, id_key(obligation), &b);

    if (e)
        return e;
    if (b.n < sizeof *ret)
        return E_CORRUPT;
    memcpy(ret, b.p, sizeof *ret);
    *ret_notice = (struct bytes){ b.p + sizeof *ret, b.n - sizeof *ret };
    return E_OK;
}

/* The notice without the length before it, as wire_notice_decode takes it. */
enum err ledger_put_heard(struct store_txn *t, const struct heard *s, const struct notice *n)
{
    uint8_t buf[sizeof *s + ITEM_BYTES_MAX + 8];
    struct bytes item;
    size_t used = sizeof *s, at = 0;
    enum err e = wire_notice_append(n, buf, sizeof buf, &used);

    if (e || (e = wire_next(buf + sizeof *s, used - sizeof *s, &at, &item)))
        return e;
    memmove(buf + sizeof *s, item.p, item.n);
    memcpy(buf, s, sizeof *s);
    return store_put_bytes(t, LEDGER_HEARD, id_key(n->obligation_id), (struct bytes){ buf, sizeof *s + item.n });
}

enum err ledger_forget(struct store_txn *t, const uint8_t obligation[NOTICE_ID_BYTES])
{
    enum err e = store_delete_bytes(t, LEDGER_HEARERS, id_key(obligation));

    if (e && e != E_NOT_FOUND)
        return e;
    e = store_delete_bytes(t, LEDGER_HEARD, id_key(obligation));
    return e == E_NOT_FOUND ? E_OK : e;
}

enum err ledger_hearers(struct store_txn *t, const uint8_t obligation[NOTICE_ID_BYTES], struct hearers *ret)
{
    struct bytes b;
    enum err e = store_get_bytes(t, LEDGER_HEARERS, id_key(obligation), &b);

    ret->count = 0;
    if (e)
        return e == E_NOT_FOUND ? E_OK : e;
    if (b.n % sizeof *ret->row || b.n > sizeof ret->row)
        return E_CORRUPT;
    memcpy(ret->row, b.p, b.n);
    ret->count = b.n / sizeof *ret->row;
    return E_OK;
}

enum err ledger_put_hearers(struct store_txn *t, const uint8_t obligation[NOTICE_ID_BYTES], const struct hearers *l)
{
    enum err e;

    if (l->count)
        return store_put_bytes(t, LEDGER_HEARERS, id_key(obligation), (struct bytes){ (const uint8_t *)l->row, l->count * sizeof *l->row });
    e = store_delete_bytes(t, LEDGER_HEARERS, id_key(obligation));
    return e == E_NOT_FOUND ? E_OK : e;
}

struct hearer *hearer_of(struct hearers *l, uint64_t destination)
{
    for (size_t i = 0; i < l->count; i++)
        if (l->row[i].destination == destination)
            return &l->row[i];
    return NULL;
}

/* ---- pending ------------------------------------------------------------------------ */

struct pending_key pending_key(uint64_t destination, const uint8_t obligation[NOTICE_ID_BYTES])
{
    struct pending_key k;

    for (int i = 0; i < 8; i++)
        k.p[i] = (uint8_t)(destination >> (56 - 8 * i));
    memcpy(k.p + 8, obligation, NOTICE_ID_BYTES);
    return k;
}

uint64_t pending_destination(const uint8_t key[PENDING_KEY_BYTES])
{
    uint64_t n = 0;

    for (int i = 0; i < 8; i++)
        n = n << 8 | key[i];
    return n;
}

enum err ledger_pending(struct store_txn *t, const struct pending_key *k, struct pending *ret)
{
    struct bytes b;
    enum err e = store_get_bytes(t, LEDGER_PENDING, (struct bytes){ k->p, sizeof k->p }, &b);

    if (e)
        return e;
    if (b.n != sizeof *ret)
        return E_CORRUPT;
    memcpy(ret, b.p, sizeof *ret);
    return E_OK;
}

enum err ledger_put_pending(struct store_txn *t, const struct pending_key *k, const struct pending *p)
{
    return store_put_bytes(t, LEDGER_PENDING, (struct bytes){ k->p, sizeof k->p }, (struct bytes){ (const uint8_t *)p, sizeof *p });
}

enum err ledger_drop_pending(struct store_txn *t, const struct pending_key *k)
{
    return store_delete_bytes(t, LEDGER_PENDING, (struct bytes){ k->p, sizeof k->p });
}

/* ---- parties ------------------------------------------------------------------------- */

uint64_t destination_number(struct party p, struct text channel)
{
    uint64_t kind = (uint64_t)p.kind, n = hash_bytes(&kind, sizeof kind);

    n = hash_next(n, p.key.p ? p.key.p : "", p.key.n);
    return hash_next(n, channel.p, channel.n);
}

struct party_row { int32_t digest_day; uint16_t kind; uint8_t key_bytes, channel_bytes; };

enum err ledger_destination(struct store_txn *t, uint64_t number, struct destination *ret)
{
    struct party_row row;
    struct bytes b;
    const char *p;
    enum err e = store_get(t, LEDGER_PARTIES, number, &b);

    if (e)
        return e;
    if (b.n < sizeof row)
        return E_CORRUPT;
    memcpy(&row, b.p, sizeof row);
    p = (const char *)b.p + sizeof row;
    if (b.n != sizeof row + row.key_bytes + row.channel_bytes)
        return E_CORRUPT;
    *ret = (struct destination){ { (enum party_kind)row.kind, { p, row.key_bytes } }, { p + row.key_bytes, row.channel_bytes }, row.digest_day };
    return E_OK;
}

enum err ledger_put_destination(struct store_txn *t, const struct destination *d)
{
    uint8_t buf[sizeof(struct party_row) + 512];
    struct party_row row = { d->digest_day, (uint16_t)d->party.kind, (uint8_t)d->party.key.n, (uint8_t)d->channel.n };
    uint64_t number = destination_number(d->party, d->channel);

    assert(d->party.key.n <= UINT8_MAX && d->channel.n <= UINT8_MAX);
    memcpy(buf, &row, sizeof row);
    if (d->party.key.n)
        memcpy(buf + sizeof row, d->party.key.p, d->party.key.n);
    memcpy(buf + sizeof row + d->party.key.n, d->channel.p, d->channel.n);
    return store_put(t, LEDGER_PARTIES, number, (struct bytes){ buf, sizeof row + d->party.key.n + d->channel.n });
}

/* ---- silences ------------------------------------------------------------------------- */

struct silence_row { int64_t until; uint8_t what, value_bytes, by_bytes, reason_bytes, zero[4]; };

static enum err next_number(struct store_txn *t, unsigned table, uint64_t *ret)
{
    struct bytes b;
    enum err e = store_last(t, table, ret, &b);

    if (e == E_NOT_FOUND)
        *ret = 0;
    ++*ret;
    return e == E_NOT_FOUND ? E_OK : e;
}

enum err ledger_add_silence(struct store_txn *t, const struct silence *s, uint64_t *ret_number)
{
    uint8_t buf[sizeof(struct silence_row) + 3 * UINT8_MAX];
    struct silence_row row = { s->until.s, (uint8_t)s->what, (uint8_t)s->value.n, (uint8_t)s->by.n, (uint8_t)s->reason.n, { 0 } };
    const struct text part[] = { s->value, s->by, s->reason };
    size_t n = sizeof row;
    enum err e;

    for (int i = 0; i < 3; i++)
        if (!part[i].n || part[i].n > UINT8_MAX)
            return E_USAGE;
    if ((e = next_number(t, LEDGER_SILENCES, ret_number)))
        return e;
    memcpy(buf, &row, sizeof row);
    for (int i = 0; i < 3; n += part[i].n, i++)
        memcpy(buf + n, part[i].p, part[i].n);
    return store_put(t, LEDGER_SILENCES, *ret_number, (struct bytes){ buf, n });
}

enum err ledger_end_silence(struct store_txn *t, uint64_t number) { return store_delete(t, LEDGER_SILENCES, number); }

struct silences { enum err (*visit)(void *ctx, uint64_t number, const struct silence *s); void *ctx; };

static enum err visit_silence(void *ctx, struct bytes key, struct bytes value)
{
    struct silences *v = ctx;
    struct silence_row row;
    struct silence s;
    const char *p = (const char *)value.p + sizeof row;
    uint64_t number;

    if (value.n < sizeof row || key.n != sizeof number)
        return E_CORRUPT;
    memcpy(&row, value.p, sizeof row);
    memcpy(&number, key.p, sizeof number);
    if (value.n != sizeof row + row.value_bytes + row.by_bytes + row.reason_bytes || row.what >= SILENCE_WHATS)
        return E_CORRUPT;
    s = (struct silence){ (enum silence_what)row.what, { p, row.value_bytes }, { p + row.value_bytes, row.by_bytes },
                          { p + row.value_bytes + row.by_bytes, row.reason_bytes }, { row.until } };
    return v->visit(v->ctx, number, &s);
}

enum err ledger_each_silence(struct store_txn *t, enum err (*visit)(void *ctx, uint64_t number, const struct silence *s), void *ctx)
{
    struct silences v = { visit, ctx };

    return store_each(t, LEDGER_SILENCES, visit_silence, &v);
}

/* ---- held ----------------------------------------------------------------------------- */

enum err ledger_hold(struct store_txn *t, enum fate why_not, struct bytes message)
{
    uint64_t number, oldest;
    struct bytes b;
    uint8_t *place;
    enum err e;

    if ((e = next_number(t, LEDGER_HELD, &number)))
        return e;
    if (!store_get_at_least(t, LEDGER_HELD, 0, &oldest, &b) && number - oldest >= HELD_MAX && (e = store_delete(t, LEDGER_HELD, oldest)))
        return e;
    if ((e = store_append(t, LEDGER_HELD, number, message.n + 1, &place)))
        return e;
    place[0] = (uint8_t)why_not;
    memcpy(place + 1, message.p, message.n);
    return E_OK;
}

struct helds { enum err (*visit)(void *ctx, enum fate why_not, struct bytes message); void *ctx; };

static enum err visit_held(void *ctx, struct bytes key, struct bytes value)
{
    struct helds *v = ctx;

    (void)key;
    if (!value.n || value.p[0] >= FATES_COUNT)
        return E_CORRUPT;
    return v->visit(v->ctx, (enum fate)value.p[0], (struct bytes){ value.p + 1, value.n - 1 });
}

enum err ledger_each_held(struct store_txn *t, enum err (*visit)(void *ctx, enum fate why_not, struct bytes message), void *ctx)
{
    struct helds v = { visit, ctx };

    return store_each(t, LEDGER_HELD, visit_held, &v);
}
