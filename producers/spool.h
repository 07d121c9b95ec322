/* spool.h: a producer's durable outbox, for input that cannot be read again: standard input and the network.
 * Items are on the disk before anybody is told they were taken, and stay until the
 * right end has them durably and `keep_s` has passed, so that a restored backup of the
 * right can be fed again. One writer thread and one sender thread. */
#ifndef PRODUCERS_SPOOL_H
#define PRODUCERS_SPOOL_H

#include "core/link.h"
#include "core/store.h"

struct spool;
/* Creates the folder's spool with a new random stream id, or goes on with what is there. */
enum err spool_open(const char *dir, int64_t keep_s, struct spool **ret, struct why *why) MUST_USE;
void spool_close(struct spool **s);

/* Delimited items (wire_item_append); returns when they are durable. Any batch size up to BATCH_BYTES_MAX. */
enum err spool_append(struct spool *s, struct bytes items, uint32_t count) MUST_USE;
/* The same, with the note in the same transaction: who hands over from a store of its own notes there what it has handed over. */
enum err spool_append_noted(struct spool *s, struct bytes items, uint32_t count, struct bytes note) MUST_USE;
/* No more will come: the source says E_END once all is durable on the right. */
void spool_end(struct spool *s);
uint64_t spool_last(const struct spool *s);             /* items appended so far, all runs */
uint64_t spool_durable(const struct spool *s);          /* of which the right has */
/* A small note that survives, e.g. the clock's last tick. */
enum err spool_note_put(struct spool *s, struct bytes note) MUST_USE;
enum err spool_note_get(struct spool *s, uint8_t *buf, size_t cap, size_t *ret_n) MUST_USE;

/* The source to give to link_left_open; valid until spool_close. */
struct link_source spool_source(struct spool *s, const char *name);

/* At rest: what the right has durably is not kept any longer, and no byte of it is left. *ret_left: items that it does not have,
 * whose files stay. E_NOT_FOUND: there is no such spool. */
enum err spool_forget(const char *dir, uint64_t *ret_left, struct why *why) MUST_USE;

#endif
