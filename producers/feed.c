#include "producers/feed.h"
#include "core/hash.h"
#include "producers/mapping.h"
#include "producers/reader.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { REASONS_MAX = 64 };
/* What the feed says next: the mapping, then inputs, then the marks at the end. */
enum stage { SAY_MAPPING, SAY_INPUTS, SAY_COMPLETE, SAY_TICK, SAY_NOTHING };

struct reason { char text[96]; uint64_t count; };

struct feed {
    struct feed_options options;
    struct mapping *mapping;
    struct reader *reader;                  /* of options.paths[input] */
    struct wire *wire;
    size_t input;
    enum stage stage;

    struct instant latest, ticked;          /* by the events' own times */
    char source[SOURCES_MAX][REF_BYTES_MAX + 1];
    bool speaks[SOURCES_MAX];               /* says itself how far it is complete */
    size_t sources, completed;
    struct item event;                      /* read, but its tick goes first */
    bool event_held;
    bool has_some;                          /* the batch that is being made is not empty */

    uint64_t number, digest;                /* last item given, and the digest after it */
    struct feed_counts counts;
    struct { _Atomic uint64_t items, events, set_aside, bytes_read; } published;
    struct reason reason[REASONS_MAX];
    size_t reasons;
    struct why why;
    uint8_t stream[STREAM_BYTES];
    uint8_t buf[BATCH_BYTES_MAX];
};

static void begin_again(struct feed *f)
{
    reader_close(&f->reader);
    f->input = 0;
    f->stage = f->mapping ? SAY_MAPPING : SAY_INPUTS;
    f->latest = f->ticked = INSTANT_NONE;
    f->sources = f->completed = 0;
    f->event_held = false;
    f->number = f->digest = 0;
    f->counts = (struct feed_counts){ .bytes_total = f->counts.bytes_total };
    f->reasons = 0;
}

/* speaks: it was a completeness mark of its own. */
static void note_source(struct feed *f, struct text source, bool speaks)
{
    size_t i = f->sources;

    while (i > 0 && !text_same(text_of(f->source[i - 1]), source))
        i--;
    if (!i) {
        if (f->sources == SOURCES_MAX || source.n > REF_BYTES_MAX)
            return;                         /* the tracker quarantines what is beyond its limit */
        memcpy(f->source[f->sources], source.p, source.n);
        f->source[f->sources][source.n] = 0;
        f->speaks[f->sources++] = false;
        i = f->sources;
    }
    f->speaks[i - 1] |= speaks;
}

static int by_count(const void *a, const void *b)
{
    const struct reason *x = a, *y = b;

    return (x->count < y->count) - (x->count > y->count);
}

static void note_reason(struct feed *f, const char *text)
{
    size_t i;

    f->counts.set_aside++;
    for (i = 0; i < f->reasons; i++)
        if (!strncmp(f->reason[i].text, text, sizeof f->reason[i].text - 1))
            break;
    if (i == REASONS_MAX)
        return;
    if (i == f->reasons) {
        f->reasons++;
        f->reason[i].count = 0;
        snprintf(f->reason[i].text, sizeof f->reason[i].text, "%s", text);
    }
    f->reason[i].count++;
}

/* A row that cannot be read becomes a Reject: set aside with its reason, never silently gone. */
static void make_reject(struct feed *f, struct item *ret)
{
    struct item_refs refs;

    *ret = (struct item){ .what = ITEM_REJECT };
    note_reason(f, f->why.text);
    ret->row = reader_position(f->reader);
    ret->reason = text_of(f->why.text);
    if (ret->reason.n > TEXT_BYTES_MAX)
        ret->reason.n = TEXT_BYTES_MAX;
    refs = reader_refs(f->reader);
    ret->event_id = refs.event_id;
    ret->crime_ref = refs.crime_ref;
    ret->victim_ref = refs.victim_ref;
    ret->source = reader_source(f->reader);
    if (text_is_empty(ret->source))
        ret->source = TEXT("unknown");
}

/* The next item of the inputs; E_END after the last. */
static enum err next_input_item(struct feed *f, struct item *ret)
{
    enum err e;

    for (;;) {
        if (!f->reader) {
            if (f->input == f->options.count)
                return E_END;
            if ((e = reader_open(f->options.paths[f->input], f->mapping, &f->reader, &f->why)))
                return e;
        }
        reader_wait(f->reader, f->has_some ? 0 : READER_WAIT_MS);
        e = reader_next(f->reader, ret, &f->why);
        if (e == E_END) {
            f->counts.bytes_read += reader_bytes_read(f->reader);
            reader_close(&f->reader);
            f->input++;
            continue;
        }
        if (e && err_action(e) == ERR_REJECT) {
            make_reject(f, ret);
            return E_OK;
        }
        return e;
    }
}

static struct instant time_of(const struct event *e)
{
    return instant_is_set(e->recorded_at) ? e->recorded_at : e->occurred_at;
}

/* With the clock going by events: true if a tick has to go before this item. */
static bool needs_tick(struct feed *f, const struct item *item, struct item *ret_tick)
{
    struct instant minute;

    if (item->what == ITEM_TICK)
        f->ticked = f->latest = instant_max(f->latest, item->at);
    if (item->what == ITEM_COMPLETE)
        note_source(f, item->source, true);
    if (item->what != ITEM_EVENT || !f->options.clock_by_events)
        return false;
    note_source(f, item->event.source, false);
    f->latest = instant_max(f->latest, time_of(&item->event));
    minute = (struct instant){ f->latest.s - f->latest.s % 60 };
    if (!instant_after(minute, f->ticked))
        return false;
    f->ticked = minute;
    *ret_tick = (struct item){ .what = ITEM_TICK, .at = minute };
    return true;
}

static enum err next_item(struct feed *f, struct item *ret)
{
    struct item tick;
    enum err e;

    switch (f->stage) {
    case SAY_MAPPING:
        f->stage = SAY_INPUTS;
        *ret = (struct item){ .what = ITEM_MAPPING };
        mapping_record(f->mapping, ret);
        return E_OK;
    case SAY_INPUTS:
        if (f->event_held) {
            f->event_held = false;
            *ret = f->event;
            return E_OK;
        }
        e = next_input_item(f, ret);
        if (e != E_END) {
            if (!e && needs_tick(f, ret, &tick)) {
                f->event = *ret;
                f->event_held = true;
                *ret = tick;
            }
            return e;
        }
        f->stage = f->options.clock_by_events && instant_is_set(f->latest) ? SAY_COMPLETE : SAY_NOTHING;
        return next_item(f, ret);
    case SAY_COMPLETE:
        while (f->completed < f->sources && f->speaks[f->completed])
            f->completed++;
        if (f->completed < f->sources) {
            *ret = (struct item){ .what = ITEM_COMPLETE, .source = text_of(f->source[f->completed++]), .at = f->latest };
            return E_OK;
        }
        f->stage = SAY_TICK;
        return next_item(f, ret);
    case SAY_TICK:
        f->stage = SAY_NOTHING;
        *ret = (struct item){ .what = ITEM_TICK, .at = f->latest };
        return E_OK;
    case SAY_NOTHING:
        break;
    }
    return E_END;
}

static void publish(struct feed *f)
{
    atomic_store(&f->published.items, f->counts.items);
    atomic_store(&f->published.events, f->counts.events);
    atomic_store(&f->published.set_aside, f->counts.set_aside);
    atomic_store(&f->published.bytes_read, f->counts.bytes_read + (f->reader ? reader_bytes_read(f->reader) : 0));
}

enum err feed_read(struct feed *f, size_t max_bytes, struct bytes *ret, uint32_t *ret_count, uint64_t *ret_digest)
{
    size_t used = 0, before, cap = max_bytes < sizeof f->buf ? max_bytes : sizeof f->buf;
    uint32_t count = 0;
    struct item item;
    enum err e = E_OK;

    /* A batch ends while the largest item still fits, so that none has to be put back. */
    while (count < BATCH_ITEMS_MAX && (count == 0 || cap - used > LAW_ITEM_BYTES_MAX / 8)) {
        f->has_some = count > 0;
        if ((e = next_item(f, &item)))
            break;
        before = used;
        if ((e = wire_item_append(f->wire, &item, f->buf, sizeof f->buf, &used)))
            break;
        f->digest = hash_next(f->digest, f->buf + before, used - before);
        f->number++;
        f->counts.items++;
        f->counts.events += item.what == ITEM_EVENT;
        count++;
    }
    publish(f);
    if (!count)
        return e;
    if (e && e != E_END && e != E_AGAIN)
        return e;
    *ret = (struct bytes){ f->buf, used };
    *ret_count = count;
    *ret_digest = f->digest;
    return E_OK;
}

/* Finds the place by reading again from the beginning. What does not give the digest the
 * right end remembers is another file, or was changed: everything goes as a new stream. */
static enum err seek(void *ctx, uint64_t cursor, uint64_t digest, uint8_t ret_stream[STREAM_BYTES])
{
    struct feed *f = ctx;
    struct item item;
    size_t used;
    enum err e = E_OK;

    if (f->number == cursor && f->digest == digest)
        return E_OK;
    begin_again(f);
    while (f->number < cursor && !(e = next_item(f, &item))) {
        used = 0;
        if ((e = wire_item_append(f->wire, &item, f->buf, sizeof f->buf, &used)))
            return e;
        f->digest = hash_next(f->digest, f->buf, used);
        f->number++;
        f->counts.items++;
        f->counts.events += item.what == ITEM_EVENT;
    }
    if (e && e != E_END)
        return e;
    if (f->number == cursor && f->digest == digest)
        return E_OK;
    begin_again(f);
    hash_random(f->stream, STREAM_BYTES);
    memcpy(ret_stream, f->stream, STREAM_BYTES);
    return E_UNKNOWN;
}

/* The same inputs read the same way are the same stream, also in another run. */
static void name_stream(struct feed *f)
{
    char path[8192];
    uint8_t id[STREAM_BYTES] = { 0 };
    struct item mapping = { .what = ITEM_MAPPING };

    if (f->mapping) {
        mapping_record(f->mapping, &mapping);
        memcpy(id, mapping.hash.p, mapping.hash.n < sizeof id ? mapping.hash.n : sizeof id);
    }
    id[0] ^= f->options.clock_by_events;
    for (size_t i = 0; i < f->options.count; i++) {
        char *real = realpath(f->options.paths[i], NULL);
        int n = snprintf(path, sizeof path, "%s", real ? real : f->options.paths[i]);
        size_t length = (size_t)n < sizeof path - sizeof id ? (size_t)n : sizeof path - sizeof id - 1;
        memcpy(path + length, id, sizeof id);
        hash_id(path, length + sizeof id, id);
        free(real);
    }
    memcpy(f->stream, id, sizeof id);
}

enum err feed_open(const struct feed_options *o, struct feed **ret, struct why *why)
{
    struct feed *f = calloc(1, sizeof *f);
    enum err e;

    if (!f)
        return E_MEMORY;
    f->options = *o;
    if ((e = wire_open(&f->wire)) || (o->map_path && (e = mapping_open(o->map_path, &f->mapping, why))))
        goto fail;
    for (size_t i = 0; i < o->count; i++)
        if (strcmp(o->paths[i], "-") != 0) {
            struct reader *probe;           /* what cannot be opened is said before anything begins */
            if ((e = reader_open(o->paths[i], f->mapping, &probe, why)))
                goto fail;
            f->counts.bytes_total += reader_bytes_total(probe);
            reader_close(&probe);
        }
    name_stream(f);
    begin_again(f);
    *ret = f;
    return E_OK;
fail:
    feed_close(&f);
    return e;
}

void feed_close(struct feed **pf)
{
    struct feed *f = *pf;

    if (!f)
        return;
    reader_close(&f->reader);
    mapping_close(&f->mapping);
    wire_close(&f->wire);
    free(f);
    *pf = NULL;
}

static enum err read_source(void *ctx, size_t max_bytes, struct bytes *ret, uint32_t *ret_count, uint64_t *ret_digest)
{
    return feed_read(ctx, max_bytes, ret, ret_count, ret_digest);
}

struct link_source feed_source(struct feed *f)
{
    struct link_source s = { .ctx = f, .seek = seek, .read = read_source };

    memcpy(s.stream, f->stream, STREAM_BYTES);
    snprintf(s.name, sizeof s.name, "files");
    return s;
}

struct feed_counts feed_counts(const struct feed *f)
{
    return (struct feed_counts){
        .items = atomic_load(&f->published.items), .events = atomic_load(&f->published.events),
        .set_aside = atomic_load(&f->published.set_aside), .bytes_read = atomic_load(&f->published.bytes_read),
        .bytes_total = f->counts.bytes_total,
    };
}

bool feed_reason(const struct feed *f, size_t i, const char **ret_reason, uint64_t *ret_count)
{
    struct feed *own = (struct feed *)f;

    if (i >= f->reasons)
        return false;
    if (i == 0)
        qsort(own->reason, own->reasons, sizeof *own->reason, by_count);
    *ret_reason = f->reason[i].text;
    *ret_count = f->reason[i].count;
    return true;
}
