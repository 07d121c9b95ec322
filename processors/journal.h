/* journal.h: what was received, verbatim, in order, for ever: the authority everything else is derived from.
 *
 * Records are numbered from 1; a batch is one value in LMDB under the number of its
 * first record. Segments roll over by size. One writer (intake), any number of
 * readers in other threads. A hash chain runs over salted digests, one a record, so
 * that a record can be erased (blanked) and the chain still verifies. */
#ifndef PROCESSORS_JOURNAL_H
#define PROCESSORS_JOURNAL_H

#include "core/hash.h"
#include "core/link.h"
#include "core/store.h"

struct journal;
enum err journal_open(const char *dir, bool read_only, struct journal **ret, struct why *why) MUST_USE;
void journal_close(struct journal **j);

/* Last number that is on the disk: readable from any thread, moves only after a commit. */
uint64_t journal_last(const struct journal *j);

/* ---- intake's side: one thread ---- */
/* Adds a batch to the open group (a group opens with its first batch). Also moves the
 * stream's cursor and digest, in the same transaction. E_FULL: roll over failed. */
enum err journal_append(struct journal *j, const struct link_batch *b, uint64_t *ret_first_number) MUST_USE;
/* One transaction, one sync for all of the group; E_OK means durable. */
enum err journal_commit(struct journal *j) MUST_USE;
void journal_abort(struct journal *j);

/* Streams: see struct link_keeper. A grant is durable when it returns; it must not be
 * called with a group open. */
enum err journal_hello(struct journal *j, const uint8_t stream[STREAM_BYTES], const char *name, uint32_t epoch,
                       uint32_t *ret_epoch, uint64_t *ret_cursor, uint64_t *ret_digest) MUST_USE;
enum err journal_stands(struct journal *j, const uint8_t stream[STREAM_BYTES],
                        uint32_t *ret_epoch, uint64_t *ret_cursor, uint64_t *ret_digest) MUST_USE;

/* How many streams are remembered (STREAMS_KEPT_MAX unless told), and whom to ask whether one is heard just now (NULL: none is). For a
 * new one beyond them the one whose last HELLO or batch is the longest ago by the journal's numbers is dropped, in the transaction of the
 * new one's grant; never one that is heard, nor this program's own. E_FULL of journal_hello: there is no other.
 * Who was dropped and comes back begins at cursor 0, with an epoch above every one it had: what it sends again is kept again, and
 * the fold counts it as come before. */
void journal_keep_streams(struct journal *j, uint32_t max, bool (*is_heard)(void *ctx, const uint8_t stream[STREAM_BYTES]), void *ctx);
uint64_t journal_streams_dropped(const struct journal *j);      /* since the journal began; any thread */

/* The number of the last Law record, noted beside the streams so that a start need not look for it: E_NOT_FOUND. The note is
 * part of the open group. */
enum err journal_note_law(struct journal *j, uint64_t number) MUST_USE;
enum err journal_law(struct journal *j, uint64_t *ret_number) MUST_USE;

/* Victims who were erased from a crime that others stay in, whose ordinals do not move up: the first record of the journey as it was,
 * and some record that stays and is about the crime. ret: malloc'd, NULL with none. The put is durable when it returns. */
struct journal_gone { uint64_t began, crime; };
enum err journal_gone(struct journal *j, struct journal_gone **ret, size_t *ret_count) MUST_USE;
enum err journal_put_gone(struct journal *j, const struct journal_gone *all, size_t count) MUST_USE;

/* ---- readers: one per thread ---- */
struct journal_batch {
    uint64_t first;                 /* number of the first record */
    uint32_t count;
    uint8_t stream[STREAM_BYTES];
    uint64_t stream_first;          /* sequence number of the first record in its stream */
    struct bytes items;             /* delimited items: walk with wire_next */
};
struct journal_reader;
enum err journal_reader_open(struct journal *j, struct journal_reader **ret) MUST_USE;
/* The batch that holds record `number`, checked. Borrows until the next call on this reader or
 * journal_reader_rest. E_NOT_FOUND beyond journal_last. E_CORRUPT. */
enum err journal_reader_get(struct journal_reader *r, uint64_t number, struct journal_batch *ret) MUST_USE;
/* One record's item bytes. Borrows likewise. */
enum err journal_reader_item(struct journal_reader *r, uint64_t number, struct bytes *ret) MUST_USE;
/* Lets go of the map until the next get, so that pages can be reused: call it at least every second. */
void journal_reader_rest(struct journal_reader *r);
void journal_reader_close(struct journal_reader **r);

/* ---- at rest ---- */
/* The name of a file beside the segments that is there while records are being erased: who is to be. Between the first and the
 * last of them the journal says half of a case; nothing is to be concluded from it. */
enum err journal_erasing(const struct journal *j, char *path, size_t cap) MUST_USE;
bool journal_is_being_erased(const struct journal *j);
/* Checks every batch and the chain from the first segment to the last. ret_head: the
 * chain's head, to be noted elsewhere. E_CORRUPT with why: the number it broke at. */
enum err journal_verify(struct journal *j, uint64_t *ret_records, uint8_t ret_head[CHAIN_BYTES], struct why *why) MUST_USE;
/* Rewrites the segments that hold a record `blank` says yes to, with those records
 * replaced by their digest, and unlinks the old files: afterwards no byte of them is left. blank is asked in order of the records,
 * of each once or more, and not of those that were blanked before. only_count: nothing is written, *ret says what there is to do. */
struct journal_blanked { uint64_t records; size_t segments, of_segments; };
enum err journal_blank(struct journal *j, bool (*blank)(void *ctx, uint64_t number, struct bytes item), void *ctx, bool only_count,
                       struct journal_blanked *ret, struct why *why) MUST_USE;

#endif
