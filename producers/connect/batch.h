/* batch.h: a batch from its first row to its summary, in slices, so that it can be left at any moment and gone on with.
 *
 *   rows of a slice, their events, the place reached: one transaction        (again and again)
 *   the marks at the end, the batch's own record: one transaction            from here on it is done
 *   reject file and summary beside the batch, its files put away             done again until it is noted
 */
#ifndef PRODUCERS_CONNECT_BATCH_H
#define PRODUCERS_CONNECT_BATCH_H

#include "producers/connect/differ.h"
#include "producers/connect/manifest.h"

enum after { AFTER_ARCHIVE, AFTER_DELETE, AFTER_KEEP };
enum { WINDOWS_MAX = 32 };

/* How far the feed is, over all batches. */
struct feed_state {
    uint32_t format, windows;
    uint64_t last_batch;
    struct instant complete_to;
    uint8_t declared[CHAIN_BYTES];                  /* the mapping it declared itself by */
    struct { struct instant from, to; } window[WINDOWS_MAX];    /* taken, but what came before them has not: not complete so far */
};
/* A batch that is done. */
struct batch_record { uint32_t format, zero; struct instant from, to; uint8_t sha256[SHA256_BYTES]; };

struct batch_summary {
    uint64_t id;
    struct instant from, to, complete_to;           /* complete_to before `to`: a batch before this one is missing */
    struct differ_counts counts;
    uint64_t table_rows[TABLES];
    char doubt[240];                                /* of its list of open crimes, or empty */
};

struct batch;
/* All borrowed. clock_by_events: a tick at extract_to before the rows, which became known then, and after the marks. dry: nothing is put away, no file is written. */
enum err batch_open(const struct shape *x, struct memory *m, const char *dir, enum after after, bool clock_by_events, bool dry,
                    struct batch **ret) MUST_USE;
void batch_close(struct batch **b);
/* Reads the state; E_OK with *ret_left: a batch was left in the middle or not put away yet, and batch_step goes on with it. */
enum err batch_resume(struct batch *b, struct manifest *ret_left, bool *ret_is_left, struct why *why) MUST_USE;
/* Begins a batch that manifest_check found whole. */
void batch_begin(struct batch *b, const struct manifest *m);
/* A slice. E_OK: call again; E_END: it is done and put away. An error of action reject with why: its files were changed meanwhile. */
enum err batch_step(struct batch *b, struct why *why) MUST_USE;
/* After that: what was taken of it stands, and it counts as never taken. */
enum err batch_break_off(struct batch *b) MUST_USE;
bool batch_is_taken(const struct batch *b);             /* its rows are; what was refused of them can be read until the next step */
const struct batch_summary *batch_summary(const struct batch *b);   /* of the batch in hand, or the last one */
const struct manifest *batch_manifest(const struct batch *b);       /* likewise */
const struct feed_state *batch_state(const struct batch *b);
/* E_NOT_FOUND: never taken. */
enum err batch_known(struct batch *b, uint64_t id, struct batch_record *ret) MUST_USE;
/* Bytes of the batch's files read so far, and in all: for progress, from any thread. */
void batch_progress(const struct batch *b, uint64_t *ret_id, uint64_t *ret_rows, uint64_t *ret_all);

/* The summary as JSON, one line. */
struct json_out;
void batch_summary_json(const struct batch_summary *s, const char *source, struct json_out *o);

#endif
