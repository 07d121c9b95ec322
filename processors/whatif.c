#include "processors/whatif.h"

#include <stdlib.h>
#include <string.h>

enum { FOLD_CHUNK = 100000 };

struct pair { struct track *real, *other; uint64_t done, all; void (*progress)(uint64_t done, uint64_t all); };

static enum err fold_all(struct pair *p, struct track *t, struct why *why)
{
    enum err e;

    while (!(e = track_step(t, FOLD_CHUNK, why)))
        if (p->progress)
            p->progress(p->done + track_position(t), p->all);
    p->done += track_position(t);
    return e == E_AGAIN ? E_OK : e;
}

/* The law as the journal has it, its bytes borrowed from the reader. */
static enum err read_law(struct track *real, struct journal_reader *r, struct wire *w, struct item *ret, struct why *why)
{
    struct bytes bytes;
    enum err e = E_NOT_FOUND;

    if (!track_law_number(real)) {
        why_set(why, "there is no law in this folder yet");
        return e;
    }
    if ((e = journal_reader_item(r, track_law_number(real), &bytes)))
        return e;
    return wire_item_decode(w, bytes.p, bytes.n, ret, why);
}

/* What the options do not name is taken from the journal. */
static enum err open_other_law(struct track *real, struct journal *j, const struct whatif_options *o, struct law **ret, struct why *why)
{
    const char *standard = law_default_rulebook();
    struct journal_reader *r = NULL;
    struct law_files *files = NULL;
    struct wire *w = NULL;
    struct item_law mixed;
    struct item now;
    char *proclaimed = NULL;
    enum err e;

    if ((e = journal_reader_open(j, &r)) || (e = wire_open(&w)) || (e = read_law(real, r, w, &now, why)))
        goto out;
    if ((e = law_read(o->count ? o->rulebooks : &standard, o->count ? o->count : 1, o->calendar, &mixed, &files, why)))
        goto out;
    if (!(e = folder_follow_law(&mixed, o->count > 0, o->calendar != NULL, now.law, track_clocks(real).tick, &proclaimed, why)))
        e = law_open(&mixed, ret, why);
out:
    free(proclaimed);
    law_files_free(&files);
    if (r)
        journal_reader_close(&r);
    wire_close(&w);
    return e;
}

static const struct obligation *find(const struct law *law, const struct judgement *owed, const char *rule, uint64_t instance)
{
    for (size_t i = 0; i < owed->count; i++)
        if (owed->obligation[i].instance == instance && !strcmp(law_rule(law, owed->obligation[i].rule)->id, rule))
            return &owed->obligation[i];
    return NULL;
}

static bool is_settled(enum state s) { return s == STATE_MET || s == STATE_MET_LATE || s == STATE_MISSED || s == STATE_WAIVED || s == STATE_NOT_APPLICABLE; }

static void count(struct whatif_counts *n, const struct whatif_change *c)
{
    n->obligations += c->was;
    n->gone += c->was && !c->is;
    n->added += !c->was && c->is;
    if (!c->was || !c->is)
        return;
    n->moved += c->due_before.s != c->due_after.s;
    n->restated += c->state_before != c->state_after;
    n->same += c->due_before.s == c->due_after.s && c->state_before == c->state_after;
}

static enum err compare(struct pair *p, uint32_t slot, const struct whatif_options *o,
                        enum err (*visit)(void *ctx, const struct whatif_change *c), void *ctx, struct whatif_counts *n)
{
    const struct law *real = track_law(p->real), *other = track_law(p->other);
    const struct judgement *a = track_judge(p->real, slot), *b = track_judge(p->other, slot);
    const struct journey *v = journey_at(track_journeys(p->real), slot);
    struct whatif_change c = { .zone_before = law_zone(real), .zone_after = law_zone(other), .victim_ref = victim_ref_of(v) };
    enum err e = E_OK;

    c.crime_ref = crime_ref_of(crime_at(track_journeys(p->real), v->crime));
    for (size_t i = 0; !e && i < a->count; i++) {
        const struct obligation *x = &a->obligation[i], *y;
        c.rule = law_rule(real, x->rule)->id;
        c.was = true;
        c.state_before = obligation_stand(real, x, track_clocks_of(p->real, x->rule)).state;
        c.due_before = x->due;
        c.is = (y = find(other, b, c.rule, x->instance)) != NULL;
        c.state_after = y ? obligation_stand(other, y, track_clocks_of(p->other, y->rule)).state : STATE_NOT_APPLICABLE;
        c.due_after = y ? y->due : INSTANT_NONE;
        if (o->only_open && is_settled(c.state_before))
            continue;
        count(n, &c);
        if (!c.is || c.state_before != c.state_after || c.due_before.s != c.due_after.s)
            e = visit(ctx, &c);
    }
    for (size_t i = 0; !e && i < b->count; i++) {
        const struct obligation *y = &b->obligation[i];
        c.rule = law_rule(other, y->rule)->id;
        if (find(real, a, c.rule, y->instance))
            continue;
        c.was = false, c.is = true;
        c.state_after = obligation_stand(other, y, track_clocks_of(p->other, y->rule)).state;
        c.due_before = INSTANT_NONE, c.due_after = y->due;
        count(n, &c);
        e = visit(ctx, &c);
    }
    return e;
}

enum err whatif_folder(const struct folder *f, const struct whatif_options *o,
                       enum err (*visit)(void *ctx, const struct whatif_change *c), void *ctx,
                       void (*progress)(uint64_t done, uint64_t all), struct whatif_counts *ret, struct why *why)
{
    struct pair p = { .progress = progress };
    struct whatif_counts n = { 0 };
    struct journal *j = NULL;
    struct outbox *box = NULL;
    struct law *law = NULL, *none = NULL;
    enum err e;

    if ((e = journal_open(f->journal, true, &j, why)) || (e = outbox_open(f->outbox, true, &box, why)) ||
        (e = track_open(j, box, NULL, true, &p.real, why)))
        goto out;
    p.all = 2 * journal_last(j);
    track_look(p.real, INSTANT_NONE, &none);
    if ((e = fold_all(&p, p.real, why)) || (e = open_other_law(p.real, j, o, &law, why)) ||
        (e = track_open(j, box, NULL, true, &p.other, why)))
        goto out;
    track_look(p.other, INSTANT_NONE, &law);
    if ((e = fold_all(&p, p.other, why)))
        goto out;
    for (uint32_t slot = 0; !e && slot < journeys_count(track_journeys(p.real)); slot++)
        e = compare(&p, slot, o, visit, ctx, &n);
    n.journeys = journeys_count(track_journeys(p.real));
    n.records = journal_last(j);
    if (!e)
        *ret = n;
out:
    track_close(&p.real);
    track_close(&p.other);
    law_close(&law);
    outbox_close(&box);
    journal_close(&j);
    return e;
}
