/* differ.h: what a row says that it did not say before, as case events.
 *
 * A row comes again whenever anything in it changes, and often when nothing does. The memory holds
 * what each last said; the difference is told, and only that:
 *
 *   crime    first seen: a report for each victim known · reported_time, recorded_time: the report anew, the old one withdrawn ·
 *            class, markers: reclassified · officer, supervisor, team, area: oic-changed · cancelled_code, merged_into,
 *            transferred_to: cancelled, merged, transferred, and withdrawn when they are taken back · status: reopened
 *   victim   first seen with its crime: recorded · enhanced_rights: enhanced-found, -ended · flags, age, gender, ethnicity: victim-described ·
 *            preference, agreed days, what was declined: preference-set · merged_into: the journey goes on under the other name ·
 *            deleted: erased · a third crime in twelve months: repeat-victim
 *   event    the kind it names, under its own id · changed: the same id, recorded later · deleted, moved to another case: withdrawn
 *
 * An older row than the one remembered (by last_updated) changes nothing, so batches may come in any order. Ids of events are
 * made of what they say: the same rows give the same ids, always. */
#ifndef PRODUCERS_CONNECT_DIFFER_H
#define PRODUCERS_CONNECT_DIFFER_H

#include "producers/connect/shape.h"
#include "producers/connect/memory.h"

/* What became of rows and what was said: one list. Kept in the memory with the place in the batch. */
#define DIFFER_COUNTS(X) \
    X(rows, "rows read") X(fresh, "seen for the first time") X(changed, "changed") X(same, "as before") \
    X(stale, "older than what is known: last_updated went back") X(erased, "of victims who were erased: passed over") X(rejected, "refused") X(waiting, "of victims whose crime has not come yet") \
    X(events, "events sent") X(ambiguous, "times in the hour that autumn repeats, taken as the first") \
    X(unplaced, "cells of columns that their kind of event has no place for") X(missing, "open crimes that the list of open crimes lacks") \
    X(unknown_open, "crimes of the list that never came")
struct differ_counts {
#define X(name, words) uint64_t name;
    DIFFER_COUNTS(X)
#undef X
    uint64_t kind[KIND_COUNT];              /* events by kind */
    uint64_t unknown[COLUMNS];              /* codes no list knows, by column */
};

struct differ;
/* All borrowed. */
enum err differ_open(const struct shape *x, struct memory *m, struct differ **ret) MUST_USE;
void differ_close(struct differ **d);
struct differ_counts *differ_counts(struct differ *d);

/* The following rows are of this batch. What was said and not flushed, and the counts, are forgotten. */
void differ_begin(struct differ *d, uint64_t batch, struct instant extract_to);
/* A row into the memory's open transaction. An error of action reject with *fault: the row is wrong. */
enum err differ_row(struct differ *d, const struct record *r, struct fault *fault) MUST_USE;
/* A row that was refused: sent as set aside, so that nothing of its journey is called missed until it comes right. r: as
 * much as could be read; file: its place in the batch. *ret_id is what an event-withdrawn would have to name to let the journey go. */
enum err differ_refuse(struct differ *d, const struct record *r, uint64_t file, uint64_t row, const struct fault *fault, char ret_id[EVENT_ID_BYTES_MAX + 1]) MUST_USE;
/* After a whole list of open crimes: which that are open by what is known here were not on it. */
enum err differ_compare_open(struct differ *d, struct why *why) MUST_USE;
/* After the last row: events of nominals that were merged in this batch move to the name that goes on. */
enum err differ_move_merged(struct differ *d) MUST_USE;
/* After that: rows of events of victims who were erased in this batch are forgotten. */
enum err differ_forget_erased(struct differ *d) MUST_USE;

/* Any other item: marks, ticks, a declaration. */
enum err differ_say(struct differ *d, const struct item *item) MUST_USE;
/* What was said since the last call goes into the memory, to be sent. Before every commit. */
enum err differ_flush(struct differ *d) MUST_USE;

#endif
