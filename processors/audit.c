#include "processors/audit.h"

#include <string.h>

enum { FOLD_CHUNK = 100000, ROWS = 256 };

static enum err fold_all(struct track *t, uint64_t all, void (*progress)(uint64_t done, uint64_t all), struct why *why)
{
    enum err e;

    while (!(e = track_step(t, FOLD_CHUNK, why)))
        if (progress)
            progress(track_position(t), all);
    return e == E_AGAIN ? E_OK : e;
}

static enum err digest_rows(struct outbox *o, uint8_t ret[CHAIN_BYTES])
{
    struct outbox_reader *r;
    struct outbox_row row[ROWS];
    struct hash_chain h;
    size_t count;
    enum err e = outbox_reader_open(o, &r);

    if (e)
        return e;
    hash_chain_init(&h);
    for (uint64_t number = outbox_first(o); !(e = outbox_read(r, number, row, ROWS, &count)); number += count)
        hash_chain_add(&h, row, count * sizeof *row);
    hash_chain_end(&h, ret);
    outbox_reader_close(&r);
    return e == E_END ? E_OK : e;
}

enum err audit_folder(const struct folder *f, void (*progress)(uint64_t done, uint64_t all), struct audit *ret,
                      struct why *why)
{
    struct audit a = { 0 };
    struct journal *j = NULL;
    struct outbox *o = NULL;
    struct track *stored = NULL, *again = NULL;
    uint8_t state[CHAIN_BYTES];
    enum err e;

    if ((e = journal_open(f->journal, true, &j, why)) || (e = journal_verify(j, &a.records, a.chain, why)) ||
        (e = outbox_open(f->outbox, true, &o, why)) || (e = digest_rows(o, a.outbox)) ||
        (e = track_open(j, o, NULL, true, &again, why)) || (e = fold_all(again, a.records, progress, why)))
        goto out;
    a.rows = outbox_last(o);
    a.rows_again = track_rows_again(again);
    a.rows_erased = track_rows_erased(again);
    a.rows_differ = a.rows_again + a.rows_erased != a.rows || track_counts(again)->rows;
    track_digest(again, a.state);
    track_close(&again);
    if ((e = track_open(j, o, f->state, true, &stored, why)) || (e = fold_all(stored, a.records, NULL, why)))
        goto out;
    track_digest(stored, state);
    a.state_is_stored = track_is_from_state(stored);
    a.state_differs = memcmp(state, a.state, sizeof state) != 0;
    *ret = a;
out:
    track_close(&again);
    track_close(&stored);
    outbox_close(&o);
    journal_close(&j);
    return e;
}
