/* tape.h: an append-only log of numbered records in batches: LMDB files rolled over by size.
 * The journal, the outbox and the spool are tapes with a format of their own for a batch.
 *
 * One writer thread; readers in any thread, a reader each. A batch is one value under
 * the number of its first record. A side table of small named values is written in
 * the same transaction and carried over to each new file, so the newest is complete. */
#ifndef CORE_TAPE_H
#define CORE_TAPE_H

#include "core/store.h"

struct tape;
/* segment_bytes: a file that is larger takes no further group. E_NOT_FOUND: read-only and not there. */
enum err tape_open(const char *dir, size_t segment_bytes, bool read_only, struct tape **ret, struct why *why) MUST_USE;
void tape_close(struct tape **t);

uint64_t tape_last(const struct tape *t);       /* last durable record; any thread */
uint64_t tape_first(const struct tape *t);      /* oldest record kept; tape_last + 1 when there is none */

/* A place of n bytes for a batch of `count` records, to be filled before anything else is written.
 * Opens a group if none is open. */
enum err tape_append(struct tape *t, uint32_t count, size_t n, uint64_t *ret_first, uint8_t **ret) MUST_USE;
/* Side values: seen by tape_side_get in the open group, durable with it. */
enum err tape_side_put(struct tape *t, struct bytes key, struct bytes value) MUST_USE;
enum err tape_side_get(struct tape *t, struct bytes key, void *ret, size_t cap, size_t *ret_n) MUST_USE;
enum err tape_side_remove(struct tape *t, struct bytes key) MUST_USE;           /* E_NOT_FOUND */
/* Every side value there is, no group open; borrowed for the visit. */
enum err tape_side_each(struct tape *t, enum err (*visit)(void *ctx, struct bytes key, struct bytes value), void *ctx) MUST_USE;
enum err tape_commit(struct tape *t) MUST_USE;  /* one transaction, one sync; nothing open: nothing done */
void tape_abort(struct tape *t);

/* What comes next goes into a new file, so that those before it can be trimmed. No group open. */
enum err tape_begin_file(struct tape *t) MUST_USE;

/* Removes whole files all of whose records are below `number`; never the newest. */
void tape_trim(struct tape *t, uint64_t number);

/* Writes file `i` anew and lets it take the old one's place, of which nothing is left. Each batch goes
 * through `change`, which gives the bytes of as many records to be kept instead; they are borrowed until the next
 * call. At rest only: no group open, no reader anywhere. E_IO, E_FULL with why: the old file stands. */
enum err tape_rewrite(struct tape *t, size_t i, enum err (*change)(void *ctx, uint64_t first, struct bytes batch, struct bytes *ret),
                      void *ctx, struct why *why) MUST_USE;

struct tape_reader;
enum err tape_reader_open(struct tape *t, struct tape_reader **ret) MUST_USE;
/* The batch that holds `number`: its first record's number and its bytes, borrowed until
 * the next get or rest. E_NOT_FOUND beyond tape_last or below tape_first. */
enum err tape_get(struct tape_reader *r, uint64_t number, uint64_t *ret_first, struct bytes *ret) MUST_USE;
void tape_rest(struct tape_reader *r);
void tape_reader_close(struct tape_reader **r);

/* Files, for rewriting at rest: how many, and each one's first record. */
size_t tape_segments(const struct tape *t);
uint64_t tape_segment_first(const struct tape *t, size_t i);

#endif
