#include "processors/behind.h"

#include "processors/compliance.h"
#include "processors/drawing.h"

enum { REST_EVERY = 64 };

struct walk {
    enum err (*visit)(void *ctx, const uint8_t id[KEYED_BYTES], struct text crime_ref, struct text victim_ref);
    void *ctx;
    uint8_t secret[SECRET_BYTES];
    struct wire *wire;
};

/* A journey begins with a report, so the other events need not be looked at. What cannot be decoded was set aside by the fold too. */
static enum err look(struct walk *w, struct bytes bytes)
{
    uint8_t id[KEYED_BYTES];
    struct item item;
    enum err e = wire_item_decode(w->wire, bytes.p, bytes.n, &item, NULL);

    if (e)
        return e == E_MEMORY ? e : E_OK;
    if (item.what != ITEM_EVENT || item.event.type != EVENT_REPORT || text_is_empty(item.event.victim_ref))
        return E_OK;
    draw_key_of(w->secret, "journey", item.event.crime_ref, item.event.victim_ref, id);
    return w->visit(w->ctx, id, item.event.crime_ref, item.event.victim_ref);
}

static enum err look_at_batch(struct walk *w, const struct journal_batch *b)
{
    struct bytes item;
    size_t at = 0;
    enum err e = E_OK;

    for (uint32_t i = 0; i < b->count && !e; i++)
        if (!(e = wire_next(b->items.p, b->items.n, &at, &item)))
            e = look(w, item);
    return e;
}

enum err behind_each(const struct folder *f, enum err (*visit)(void *ctx, const uint8_t id[KEYED_BYTES], struct text crime_ref, struct text victim_ref),
                     void *ctx, struct why *why)
{
    struct walk w = { .visit = visit, .ctx = ctx };
    struct journal *j = NULL;
    struct journal_reader *r = NULL;
    struct journal_batch b;
    unsigned batches = 0;
    enum err e;

    if ((e = compliance_secret(f->dir, w.secret, why)) || (e = journal_open(f->journal, true, &j, why)) ||
        (e = journal_reader_open(j, &r)) || (e = wire_open(&w.wire)))
        goto end;
    for (uint64_t number = 1; !e && !(e = journal_reader_get(r, number, &b)); number = b.first + b.count) {
        e = look_at_batch(&w, &b);
        if (++batches % REST_EVERY == 0)
            journal_reader_rest(r);
    }
    e = e == E_NOT_FOUND ? E_OK : e;
end:
    if (r)
        journal_reader_close(&r);
    wire_close(&w.wire);
    journal_close(&j);
    return e;
}
