#include "processors/foresee.h"
#include "processors/fold.h"
#include "processors/render.h"

enum { FOLD_CHUNK = 100000, ROWS = 256, STEP_S = 300 };

struct foresight {
    struct journal *journal;
    struct outbox *outbox;
    struct render *render;
    struct track *track;
    enum err (*visit)(void *ctx, const struct telling *t);
    void *ctx;
    uint64_t number;                            /* of the row told last */
    struct telling telling;
};

static enum err tell_row(struct foresight *f, const struct outbox_row *row)
{
    enum err e = render_telling(f->render, f->outbox, ++f->number, row, &f->telling);

    return e ? e : f->visit(f->ctx, &f->telling);
}

static enum err foreseen(void *ctx, const struct outbox_row *row) { return tell_row(ctx, row); }

/* What was told and the caller has not seen. */
static enum err tell_rest(struct foresight *f, uint64_t after)
{
    struct outbox_reader *r = NULL;
    struct outbox_row row[ROWS];
    size_t count;
    enum err e = outbox_reader_open(f->outbox, &r);

    f->number = after;
    while (!e && !(e = outbox_read(r, f->number + 1, row, ROWS, &count)))
        for (size_t i = 0; !e && i < count; i++)
            e = tell_row(f, &row[i]);
    if (r)
        outbox_reader_close(&r);
    return e == E_END ? E_OK : e;
}

/* The clock goes on, and every source that ever said how far it is keeps up with it. */
static enum err go_on(struct track *t, int days)
{
    const struct zone *z = law_zone(t->law);
    struct instant at = t->fresh.tick, end = zone_day_end(z, day_add(zone_day(z, at), days));
    enum err e = E_OK;

    t->position++;                              /* of no record: after all there are */
    for (at.s += STEP_S - at.s % STEP_S; !e && !instant_after(at, end); at = instant_add(at, STEP_S)) {
        struct instant before = t->fresh.tick;
        for (uint32_t i = 0; i < t->fresh.count; i++)
            if (instant_is_set(t->fresh.source[i].complete_to))
                t->fresh.source[i].complete_to = instant_max(t->fresh.source[i].complete_to, at);
        if ((e = fold_time(t)))
            break;
        freshness_tick(&t->fresh, at);
        if (!(e = fold_time(t)))
            e = tell_tick(t, before);
    }
    return e;
}

enum err foresee_folder(const struct folder *folder, uint64_t after, int days, enum err (*visit)(void *ctx, const struct telling *t), void *ctx,
                        struct why *why)
{
    struct foresight f = { .visit = visit, .ctx = ctx };
    enum err e;

    if ((e = journal_open(folder->journal, true, &f.journal, why)) || (e = outbox_open(folder->outbox, true, &f.outbox, why)) ||
        (e = render_open(f.journal, &f.render)) || (e = track_open(f.journal, f.outbox, folder->state, true, &f.track, why)))
        goto out;
    while (!(e = track_step(f.track, FOLD_CHUNK, why))) {}
    if (e != E_AGAIN || (e = tell_rest(&f, after)))
        goto out;
    if (f.track->law && instant_is_set(f.track->fresh.tick)) {
        f.track->foreseen = foreseen;
        f.track->foreseen_ctx = &f;
        e = go_on(f.track, days);
    }
out:
    track_close(&f.track);
    render_close(&f.render);
    outbox_close(&f.outbox);
    journal_close(&f.journal);
    return e;
}
