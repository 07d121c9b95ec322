/* store.h: the door to LMDB: an environment of a few tables with 64-bit keys or byte keys.
 * Default sync only: a commit that returns E_OK is on the disk. One writer a store;
 * readers in other threads and processes see the last commit. Errors of LMDB are
 * translated here: MAP_FULL is E_FULL, bad pages E_CORRUPT, the rest E_IO. */
#ifndef CORE_STORE_H
#define CORE_STORE_H

#include "core/err.h"
#include "core/wire.h"          /* struct bytes */

enum store_key { STORE_NUMBER, STORE_BYTES };           /* uint64 in host order (MDB_INTEGERKEY), or bytes */
struct store_table { const char *name; enum store_key key; };
enum { STORE_TABLES_MAX = 16 };

struct store;
struct store_txn;

/* Opens or creates the single file `path` (and path-lock). map_bytes is sparse.
 * Tables are named by index into `tables` from here on. E_VERSION if written by
 * another version of this program's formats (a version record is kept inside). */
enum err store_open(const char *path, size_t map_bytes, bool read_only,
                    const struct store_table *tables, unsigned count, struct store **ret, struct why *why) MUST_USE;
void store_close(struct store **s);

/* A transaction. Write: one at a time, in one thread. Commit frees it whatever it returns. */
enum err store_begin(struct store *s, bool write, struct store_txn **ret) MUST_USE;
enum err store_commit(struct store_txn **t) MUST_USE;
void store_abort(struct store_txn **t);

/* Values borrowed from the map: valid until this transaction ends or, in a write
 * transaction, until its next put or delete. Never written to. */
enum err store_get(struct store_txn *t, unsigned table, uint64_t key, struct bytes *ret) MUST_USE;
enum err store_get_at_most(struct store_txn *t, unsigned table, uint64_t key, uint64_t *ret_key, struct bytes *ret) MUST_USE;   /* greatest key <= key */
enum err store_get_at_least(struct store_txn *t, unsigned table, uint64_t key, uint64_t *ret_key, struct bytes *ret) MUST_USE;  /* least key >= key */
enum err store_last(struct store_txn *t, unsigned table, uint64_t *ret_key, struct bytes *ret) MUST_USE;
enum err store_put(struct store_txn *t, unsigned table, uint64_t key, struct bytes value) MUST_USE;
/* The value's place in the map, to be filled by the caller before anything else is put. */
enum err store_append(struct store_txn *t, unsigned table, uint64_t key, size_t n, uint8_t **ret) MUST_USE;   /* key greater than all; E_USAGE else */
enum err store_delete(struct store_txn *t, unsigned table, uint64_t key) MUST_USE;
enum err store_clear(struct store_txn *t, unsigned table) MUST_USE;                     /* every row of it */

/* The same for tables with byte keys (at most 511 bytes). */
enum err store_get_bytes(struct store_txn *t, unsigned table, struct bytes key, struct bytes *ret) MUST_USE;
enum err store_put_bytes(struct store_txn *t, unsigned table, struct bytes key, struct bytes value) MUST_USE;
enum err store_delete_bytes(struct store_txn *t, unsigned table, struct bytes key) MUST_USE;

/* Every row of a table in key order; a visit that returns other than E_OK ends it and is returned. */
enum err store_each(struct store_txn *t, unsigned table,
                    enum err (*visit)(void *ctx, struct bytes key, struct bytes value), void *ctx) MUST_USE;

/* The same of a table with byte keys, from the first key that is not less than `from`. */
enum err store_each_from(struct store_txn *t, unsigned table, struct bytes from,
                         enum err (*visit)(void *ctx, struct bytes key, struct bytes value), void *ctx) MUST_USE;

/* Writes the file anew with what is in it, and lets it take the old one's place: of what was deleted or changed, whose bytes stand in free
 * pages and in the gaps of others until they are used again, nothing is left. At rest: whoever has it open would go on in the old
 * one. E_NOT_FOUND: no such file; E_IO, E_FULL with why: the old one stands. */
enum err store_write_anew(const char *path, struct why *why) MUST_USE;

uint64_t store_used_bytes(struct store *s);             /* of the file, to know when to roll over */

#endif
