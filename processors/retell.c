/* retell.c: rows on their way into the outbox, and those that stand there already.
 *
 * After a restart records are folded again that the outbox has the rows of: they are met again one by one, byte for byte, not told
 * again. Those of a journey that was erased since are passed over. Where this program would have told otherwise (after an
 * upgrade), what was told is taken as it is to the end of the record, and then only the difference is told.
 */
#include "processors/fold.h"

enum { ROWS_A_COMMIT = 20000 };

static enum err refill(struct track *t)
{
    struct retelling *a = &t->again;

    if (a->at < a->count || a->next > a->last)
        return E_OK;
    a->at = a->count = 0;
    return outbox_read(a->reader, a->next, a->row, sizeof a->row / sizeof *a->row, &a->count);
}

/* The journey was erased: its row names the record it began with, which is blank, and no other can come to be about it. */
static enum err is_of_erased(struct track *t, const struct outbox_row *row, bool *ret)
{
    struct bytes bytes;
    struct item item;
    struct why why;
    enum err e;

    *ret = false;
    if (!row->journey || row->journey >= t->position)
        return E_OK;
    if (!(e = journal_reader_item(t->lookup, row->journey, &bytes)) && !wire_item_decode(t->lookup_wire, bytes.p, bytes.n, &item, &why))
        *ret = item.what == ITEM_BLANK;
    return e;
}

/* The next row told before the restart of a record that this run folds again; NULL: none left. */
static enum err next_told(struct track *t, const struct outbox_row **ret)
{
    struct retelling *a = &t->again;
    enum err e;

    *ret = NULL;
    while (a->next <= a->last) {
        bool erased = false;
        uint32_t slot;
        const struct outbox_row *row;
        if ((e = refill(t)))
            return e;
        row = &a->row[a->at];
        slot = journey_by_handle(t->journeys, row->journey);
        if (slot == SLOT_NONE && (e = is_of_erased(t, row, &erased)))
            return e;
        if (!erased && (slot == SLOT_NONE || journey_folded_to(t->journeys, slot) < row->cause))
            return *ret = row, E_OK;
        a->erased += erased;
        a->at++, a->next++;                 /* there is no such journey any more; or it was stored after this record, and knows */
    }
    return E_OK;
}

static void pass(struct track *t)
{
    t->again.at++;
    t->again.next++;
}

/* Member by member: a struct that is made of small pieces and copied as a whole waits until all of them are in memory. */
void retell_told(const struct outbox_row *row, struct told *ret)
{
    const bool is_gone = row->stands == LEVEL_NONE && !row->due;

    ret->instance = row->instance;
    ret->next_tick = ret->next_frontier = 0;
    ret->due = row->due;
    ret->ended_or_whose = is_gone ? 0 : row->ended ? row->ended : row->whose;
    ret->rule = row->rule;
    ret->stands = row->stands;
    ret->step = is_gone ? 0 : row->step;
    ret->alerted = !is_gone && (row->told || level_is_alert(row->level));
    ret->has_ended = !is_gone && row->ended;
}

enum err retell_remember(struct track *t, uint32_t slot, const struct outbox_row *row)
{
    struct journey *v = journey_at(t->journeys, slot);
    struct told was, is;
    uint32_t at = told_place(v, row->rule, row->instance);
    enum err e;

    told_get(v, at, row->rule, row->instance, &was);
    retell_told(row, &is);
    if (!told_is_bare(&is)) {
        is.next_tick = was.next_tick;
        is.next_frontier = was.next_frontier;
    }
    e = told_keep(v, journeys_pool(t->journeys), at, &is);
    return e ? e : mark_journey(t, slot);
}

enum err retell_put(struct track *t, const struct outbox_row *row, bool *ret_put)
{
    const struct outbox_row *before;
    uint64_t number;
    enum err e;

    *ret_put = false;
    if (t->again.diverged)
        return E_OK;
    if ((e = next_told(t, &before)))
        return e;
    if (before) {
        if (memcmp(before, row, sizeof *row)) {
            t->again.diverged = true;
            return E_OK;
        }
        t->again.same++;
        pass(t);
    } else {
        t->counts.rows += !row_is_tick(row);
        t->counts.alerts += level_is_alert(row->level);
        if (!t->read_only) {
            if ((e = outbox_append(t->outbox, row, &number)))
                return e;
            if (++t->rows_pending >= ROWS_A_COMMIT) {
                if ((e = outbox_commit(t->outbox)))
                    return e;
                t->rows_pending = 0;
            }
        }
        if (t->foreseen && (e = t->foreseen(t->foreseen_ctx, row)))
            return e;
    }
    *ret_put = true;
    return E_OK;
}

enum err retell_begin(struct track *t, uint64_t after_row)
{
    t->again.next = after_row + 1;
    t->again.last = outbox_last(t->outbox);
    if (t->again.next > t->again.last)
        return E_OK;
    return outbox_reader_open(t->outbox, &t->again.reader);
}

enum err retell_record_begins(struct track *t)
{
    const struct outbox_row *before;
    enum err e;

    if (t->looks)
        return E_OK;
    e = next_told(t, &before);

    if (!e && before && before->cause < t->position)
        t->again.diverged = true;
    return e;
}

enum err retell_record_ends(struct track *t)
{
    const struct outbox_row *before;
    enum err e;

    if (!t->again.diverged)
        return E_OK;
    for (;;) {
        uint32_t slot;
        if ((e = next_told(t, &before)))
            return e;
        if (!before)
            break;
        if (before->cause > t->position)
            return E_OK;
        slot = journey_by_handle(t->journeys, before->journey);
        if (slot != SLOT_NONE) {
            if ((e = retell_remember(t, slot, before)))
                return e;
        }
        pass(t);
    }
    /* Everything told before is known; say what this program would have said otherwise. */
    t->again.diverged = false;
    for (uint32_t slot = 0; slot < journeys_count(t->journeys); slot++)
        if (journey_folded_to(t->journeys, slot) < t->position && (e = tell_journey(t, slot)))
            return e;
    return E_OK;
}
