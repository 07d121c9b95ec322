#include "processors/drawing.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

enum { COMMIT_ROWS = 100000 };              /* of a long draw: what is kept at once */

struct drawn_kinds draw_kinds;
static pthread_once_t kinds_once = PTHREAD_ONCE_INIT;

static void name_kinds(void)
{
#define X(member, type, name) draw_kinds.member = kind_by_name(EVENT_##type, TEXT(name)); assert(draw_kinds.member != KIND_NONE);
    DRAWN_KINDS(X)
#undef X
}

/* ---- what changed ---------------------------------------------------------------- */

static enum err bits_room(struct bits *b, uint32_t slot)
{
    size_t words = b->words ? b->words : 1024;
    uint64_t *p;

    while (words <= slot / 64)
        words *= 2;
    if (words == b->words)
        return E_OK;
    if (!(p = realloc(b->word, words * sizeof *p)))
        return E_MEMORY;
    memset(p + b->words, 0, (words - b->words) * sizeof *p);
    b->word = p;
    b->words = words;
    return E_OK;
}

static bool bits_has(const struct bits *b, uint32_t slot) { return slot / 64 < b->words && (b->word[slot / 64] >> slot % 64 & 1); }
static void bits_put(struct bits *b, uint32_t slot, bool on)
{
    uint64_t bit = (uint64_t)1 << slot % 64;

    b->word[slot / 64] = on ? b->word[slot / 64] | bit : b->word[slot / 64] & ~bit;
}

/* Room is made with each record's slots: nothing here may fail in the middle of telling. */
void draw_crime(struct draw *d, uint32_t slot)
{
    enum err e = bits_room(&d->crimes, slot);

    assert(!e);
    bits_put(&d->crimes, slot, true);
}

void draw_journey(struct draw *d, uint32_t slot)
{
    enum err e = bits_room(&d->journeys, slot);

    assert(!e);
    bits_put(&d->journeys, slot, true);
    draw_crime(d, journey_at(track_journeys(d->track), slot)->crime);
}

/* ---- open and close ------------------------------------------------------------------ */

/* What was stored after the last draw may have changed since: it is drawn again. Known only until what came since is folded. */
static void mark_stored(struct draw *d)
{
    struct journeys *all = track_journeys(d->track);

    for (uint32_t slot = 0; slot < crimes_count(all); slot++)
        if (crime_folded_to(all, slot) > d->drawn)
            draw_crime(d, slot);
    for (uint32_t slot = 0; slot < journeys_count(all); slot++)
        if (journey_folded_to(all, slot) > d->drawn)
            draw_journey(d, slot);
}

enum err draw_open(struct track *t, struct journal *j, const uint8_t secret[SECRET_BYTES], uint64_t drawn,
                   const struct draw_taker *taker, struct draw **ret)
{
    struct draw *d = calloc(1, sizeof *d);
    enum err e = E_MEMORY;

    if (!d)
        return e;
    pthread_once(&kinds_once, name_kinds);
    d->track = t;
    d->taker = *taker;
    d->drawn = drawn;
    memcpy(d->secret, secret, SECRET_BYTES);
    if (!(d->texts.p = malloc(DRAW_TEXT_BYTES)) || (e = journal_reader_open(j, &d->reader)) || (e = wire_open(&d->wire))) {
        draw_close(&d);
        return e;
    }
    mark_stored(d);
    *ret = d;
    return E_OK;
}

void draw_close(struct draw **pd)
{
    struct draw *d = *pd;

    if (!d)
        return;
    wire_close(&d->wire);
    if (d->reader)
        journal_reader_close(&d->reader);
    free(d->journeys.word);
    free(d->crimes.word);
    free(d->journeys_said.of);
    free(d->crimes_said.of);
    free(d->texts.p);
    free(d->rule);
    free(d->holiday);
    free(d);
    *pd = NULL;
}

/* ---- what draw_journey.c and draw_crime.c share ---- */

enum err draw_put(struct draw *d, const struct compliance_row *row, uint64_t *said)
{
    d->uncommitted++;
    return d->taker.put(d->taker.ctx, row, said);
}

uint64_t *draw_said(struct digests *s, uint32_t slot)
{
    size_t count = s->count ? s->count : 1024;
    uint64_t *p;

    while (count <= slot)
        count *= 2;
    if (count != s->count) {
        if (!(p = realloc(s->of, count * sizeof *p)))
            return NULL;
        memset(p + s->count, 0, (count - s->count) * sizeof *p);
        *s = (struct digests){ p, count };
    }
    return &s->of[slot];
}

bool draw_has_changed(const struct draw *d, uint32_t journey) { return bits_has(&d->journeys, journey); }

struct text draw_keep(struct place *place, struct text t)
{
    if (t.n > sizeof place->p)
        t.n = sizeof place->p;
    if (t.n)
        memmove(place->p, t.p, t.n);
    return (struct text){ place->p, t.n };
}

void draw_key_of(const uint8_t secret[SECRET_BYTES], const char *what, struct text a, struct text b, uint8_t ret[KEYED_BYTES])
{
    uint8_t name[16 + 2 * (TEXT_BYTES_MAX + 1)];
    size_t n = strlen(what) + 1;

    assert(a.n <= TEXT_BYTES_MAX && b.n <= TEXT_BYTES_MAX && n <= 16);
    memcpy(name, what, n);
    if (a.n)
        memcpy(name + n, a.p, a.n);
    n += a.n;
    name[n++] = 0;
    if (b.n)
        memcpy(name + n, b.p, b.n);
    hash_keyed(secret, name, n + b.n, ret);
}

void draw_key(const struct draw *d, const char *what, struct text a, struct text b, uint8_t ret[KEYED_BYTES])
{
    draw_key_of(d->secret, what, a, b, ret);
}

struct day draw_day(const struct draw *d, struct instant at)
{
    return instant_is_set(at) ? zone_day(law_zone(track_law(d->track)), at) : DAY_NONE;
}

bool draw_event_of(struct draw *d, const struct fact *f, struct item *ret)
{
    struct bytes bytes;
    struct why why;

    return !journal_reader_item(d->reader, f->number, &bytes) && !wire_item_decode(d->wire, bytes.p, bytes.n, ret, &why) &&
           ret->what == ITEM_EVENT;
}

/* ---- a draw ------------------------------------------------------------------------------------------ */

/* A source that says what it can carry changes which rules can be proven: then the law is said again. */
static uint64_t evidenced(const struct law *law)
{
    uint64_t all = 0;

    for (uint16_t i = 0; i < law_rule_count(law); i++) {
        bool is = law_rule_is_evidenced(law, i);
        all = hash_next(all, &is, sizeof is);
    }
    return all;
}

static enum err put_law(struct draw *d)
{
    struct compliance_row row = { .what = ROW_LAW };
    uint64_t now = evidenced(track_law(d->track));
    enum err e;

    if (d->law == track_law_number(d->track) && d->evidenced == now)
        return E_OK;
    d->evidenced = now;
    d->texts.used = 0;
    if ((e = draw_law_row(track_law(d->track), track_law_number(d->track), &d->texts, &d->rule, &d->holiday, &row.law)) || (e = draw_put(d, &row, NULL)))
        return e;
    d->law = track_law_number(d->track);
    return E_OK;
}

static enum err put_drawn(struct draw *d, uint64_t record, struct day day)
{
    const struct freshness *f = track_freshness(d->track);
    const struct track_counts *n = track_counts(d->track);
    struct compliance_row row = { .what = ROW_DRAWN };

    for (uint32_t i = 0; i < f->count; i++)
        d->source[i] = (struct source_row){ text_of(f->source[i].name), f->source[i].complete_to, f->source[i].events };
    row.drawn = (struct drawn_row){
        .tick = f->tick, .record = record, .journeys = journeys_count(track_journeys(d->track)), .crimes = crimes_count(track_journeys(d->track)),
        .day = day, .utc_offset = zone_offset(law_zone(track_law(d->track)), f->tick), .source = d->source, .sources = f->count,
        .quarantined = n->quarantined, .rejected = n->rejected,
    };
    draw_key(d, "folder", (struct text){ 0 }, (struct text){ 0 }, row.drawn.folder);
    return draw_put(d, &row, NULL);
}

static enum err draw_changed(struct draw *d, uint64_t record, struct day day)
{
    enum err e = put_law(d);

    for (size_t w = 0; !e && w < d->crimes.words; w++)
        for (uint64_t left = d->crimes.word[w]; !e && left; left &= left - 1) {
            e = draw_see_crime(d, (uint32_t)(w * 64 + (size_t)__builtin_ctzll(left)), record, false);
            if (!e && d->uncommitted >= COMMIT_ROWS)
                e = draw_commit(d);
        }
    return e ? e : put_drawn(d, record, day);
}

/* What a draw has seen is forgotten, but for what was stored from after it, whose changes until then are not folded again. */
static void forget(struct draw *d, uint64_t record)
{
    struct journeys *all = track_journeys(d->track);

    for (size_t w = 0; w < d->crimes.words; w++)
        for (uint64_t left = d->crimes.word[w]; left; left &= left - 1) {
            uint32_t crime = (uint32_t)(w * 64 + (size_t)__builtin_ctzll(left));
            bool stays = crime_folded_to(all, crime) > record;
            for (uint32_t v = crime_at(all, crime)->first_journey; v != SLOT_NONE; v = journey_at(all, v)->next_of_crime) {
                if (journey_folded_to(all, v) > record)
                    stays |= draw_has_changed(d, v);
                else if (v / 64 < d->journeys.words)
                    bits_put(&d->journeys, v, false);
            }
            if (!stays)
                bits_put(&d->crimes, crime, false);
        }
}

/* Input that ended says how far its sources are complete, then the same as the time. */
static bool has_ended(const struct freshness *f)
{
    for (uint32_t i = 0; i < f->count; i++)
        if (instant_same(f->source[i].complete_to, f->tick))
            return true;
    return false;
}

enum err draw_tick(struct draw *d, uint64_t record, struct instant before)
{
    const struct freshness *f = track_freshness(d->track);
    const struct law *law = track_law(d->track);
    struct day day, day_before_it;
    enum err e = E_OK;

    if (!law)
        return E_OK;
    day = zone_day(law_zone(law), f->tick);
    day_before_it = instant_is_set(before) ? zone_day(law_zone(law), before) : day;
    if (!day_before(day_before_it, day) && !has_ended(f))
        return E_OK;
    if (record > d->drawn && !(e = draw_changed(d, record, day_before(day_before_it, day) && !has_ended(f) ? day_add(day, -1) : day)))
        d->drawn = record;
    if (!e)
        forget(d, record);
    journal_reader_rest(d->reader);
    return e;
}

enum err draw_commit(struct draw *d)
{
    if (!d->uncommitted || !d->taker.commit)
        return E_OK;
    d->uncommitted = 0;
    return d->taker.commit(d->taker.ctx);
}

enum err draw_all(struct draw *d, uint64_t record)
{
    struct journeys *all = track_journeys(d->track);
    enum err e = put_law(d);

    for (uint32_t slot = 0; !e && slot < crimes_count(all); slot++)
        e = draw_see_crime(d, slot, record, true);
    journal_reader_rest(d->reader);
    return e ? e : put_drawn(d, record, draw_day(d, track_clocks(d->track).tick));
}
