/* pool.h: memory for very many small blocks that grow: no header a block, and what is outgrown serves again.
 *
 * The owner of a block remembers its size, which it knows anyway. A pool is of one thread. */
#ifndef CORE_POOL_H
#define CORE_POOL_H

#include "core/err.h"

#include <stddef.h>
#include <stdint.h>

struct pool;
enum err pool_open(struct pool **ret) MUST_USE;
void pool_close(struct pool **p);                       /* and every block with it */

/* A block of `to` bytes that begins with what the block `p` of `from` bytes held, as far as both go; 16-byte aligned; the
 * rest is not set. `p` is gone. from 0, p NULL: a new block. to 0: none, NULL. Also NULL, and p stands as it was: no memory. */
void *pool_resize(struct pool *pool, void *p, size_t from, size_t to);

/* Memory for as long as the pool is, beside its blocks: n bytes, zeros, 64-byte aligned; at most POOL_KEEP_MAX. NULL: no memory. */
enum { POOL_KEEP_MAX = 2 << 20 };
void *pool_keep(struct pool *pool, size_t n);
/* What resizing this block looks at beside it: for whoever asks for memory ahead. Not to be read. */
const void *pool_head(const void *p);

size_t pool_held(const struct pool *p);                 /* bytes of all it ever needed at once: in use, or kept for the next */

#endif
