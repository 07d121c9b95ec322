/* memory.h: what the feed remembers: what each row last said, how far it is, and what it has to send, in one LMDB store.
 * What changes together is committed together: rows, the events of their differences, the place in the batch. */
#ifndef PRODUCERS_CONNECT_MEMORY_H
#define PRODUCERS_CONNECT_MEMORY_H

#include "core/store.h"

struct memory;
/* Opens or makes DIR/rows.lmdb. E_LOCKED with why: another process feeds from it. */
enum err memory_open(const char *dir, struct memory **ret, struct why *why) MUST_USE;
/* For trying out: a store in a temporary folder, forgotten when it is closed, over what is remembered in `dir` (NULL or not there: nothing). */
enum err memory_open_over(const char *dir, struct memory **ret, struct why *why) MUST_USE;
/* At rest: rows.lmdb without a byte of what was forgotten; see store_write_anew. E_LOCKED, E_NOT_FOUND. */
enum err memory_write_anew(const char *dir, struct why *why) MUST_USE;
void memory_close(struct memory **m);

/* One transaction at a time; everything below is within one. */
enum err memory_begin(struct memory *m) MUST_USE;
enum err memory_commit(struct memory *m) MUST_USE;
void memory_abort(struct memory *m);                    /* safe when none is open */

/* A row's key: a letter for what it is, then the references, each with its length, so that no two are the same. */
struct memory_key { uint8_t p[1 + 3 * (1 + EVENT_ID_BYTES_MAX)]; size_t n; };
struct memory_key memory_key(char what, struct text a, struct text b);
/* The references of a key made by memory_key; borrowed. */
void memory_key_texts(struct bytes key, struct text *ret_a, struct text *ret_b);
/* Borrowed until the next put. E_NOT_FOUND. */
enum err memory_get(struct memory *m, const struct memory_key *k, struct bytes *ret) MUST_USE;
enum err memory_put(struct memory *m, const struct memory_key *k, struct bytes value) MUST_USE;
enum err memory_delete(struct memory *m, const struct memory_key *k) MUST_USE;  /* E_OK also when there was none */
/* Every row of one letter, in order of its key. A visit that returns other than E_OK ends it and is returned; it may not put. */
enum err memory_each(struct memory *m, char what, enum err (*visit)(void *ctx, struct bytes key, struct bytes value), void *ctx) MUST_USE;
bool memory_has(struct memory *m, char what);           /* any row of that letter */
enum err memory_delete_all(struct memory *m, char what) MUST_USE;

/* What is to be sent: slices of items, numbered from 1 for ever, kept until they are in the spool. */
enum err memory_send(struct memory *m, struct bytes items, uint32_t count) MUST_USE;
/* The oldest slice after `after`: E_NOT_FOUND when there is none. Borrowed. */
enum err memory_to_send(struct memory *m, uint64_t after, uint64_t *ret_number, struct bytes *ret_items, uint32_t *ret_count) MUST_USE;
enum err memory_sent(struct memory *m, uint64_t up_to) MUST_USE;

/* Lines of the reject file of the batch in hand. */
enum err memory_reject(struct memory *m, struct text line) MUST_USE;
enum err memory_each_reject(struct memory *m, enum err (*visit)(void *ctx, struct bytes key, struct bytes line), void *ctx) MUST_USE;
enum err memory_forget_rejects(struct memory *m) MUST_USE;

uint64_t memory_bytes(struct memory *m);                /* of its file */

#endif
