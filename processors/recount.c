#include "processors/recount.h"
#include "processors/compliance.h"

enum { FOLD_CHUNK = 100000 };

static enum err fold_to(struct track *t, uint64_t record, void (*progress)(uint64_t done, uint64_t all), struct why *why)
{
    enum err e = E_OK;

    while (!e && track_position(t) < record) {
        uint64_t left = record - track_position(t);
        e = track_step(t, left < FOLD_CHUNK ? (size_t)left : FOLD_CHUNK, why);
        if (progress)
            progress(track_position(t), record);
    }
    return e;
}

enum err recount_folder(const struct folder *f, uint64_t record, enum err (*visit)(void *ctx, const struct compliance_row *row, uint64_t *said), void *ctx,
                        void (*progress)(uint64_t done, uint64_t all), struct why *why)
{
    struct draw_taker taker = { .ctx = ctx, .put = visit };
    uint8_t secret[SECRET_BYTES];
    struct law *none = NULL;
    struct journal *j = NULL;
    struct outbox *o = NULL;
    struct track *t = NULL;
    struct draw *d = NULL;
    enum err e;

    if ((e = compliance_secret(f->dir, secret, why)) || (e = journal_open(f->journal, true, &j, why)))
        goto out;
    if (journal_last(j) < record) {
        why_set(why, "the sink holds rows as of record %llu, but the journal ends at %llu: was it restored from a backup?",
                (unsigned long long)record, (unsigned long long)journal_last(j));
        e = E_NOT_FOUND;
        goto out;
    }
    if ((e = outbox_open(f->outbox, true, &o, why)) || (e = track_open(j, o, NULL, true, &t, why)))
        goto out;
    track_look(t, INSTANT_NONE, &none);
    if ((e = fold_to(t, record, progress, why)) || (e = draw_open(t, j, secret, 0, &taker, &d)))
        goto out;
    e = draw_all(d, record);
out:
    draw_close(&d);
    track_close(&t);
    outbox_close(&o);
    journal_close(&j);
    return e;
}
