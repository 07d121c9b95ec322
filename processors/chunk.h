/* chunk.h: rows on a tape: how the outbox and the rows for the report keep what they tell, under a name that is theirs for ever. */
#ifndef PROCESSORS_CHUNK_H
#define PROCESSORS_CHUNK_H

#include "core/tape.h"

/* What stands before the rows of one batch: how they were written, how many, the digest before and after them. */
struct chunk { uint32_t format, count; uint64_t digest_before, digest; };
_Static_assert(sizeof(struct chunk) == 24, "stored as it is");

/* The chunk that holds row `number`, its first row's number and its rows, borrowed as tape_get says. E_VERSION: of a format beyond
 * `format`; E_CORRUPT: of one before it, or damaged; E_NOT_FOUND. */
enum err chunk_get(struct tape_reader *r, uint64_t number, uint32_t format, uint64_t *ret_first, struct chunk *ret, struct bytes *ret_rows) MUST_USE;
/* The digest after the last row; 0: there is none. */
enum err chunk_end(struct tape *t, uint32_t format, uint64_t *ret_digest) MUST_USE;

/* Who the log is: n bytes in the side table, a random stream and then zeros, made when they are missing. Read only, nothing is made:
 * zeros. E_CORRUPT: what is there is of another size. */
enum err chunk_identity(struct tape *t, bool read_only, void *ret, size_t n) MUST_USE;

#endif
