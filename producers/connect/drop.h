/* drop.h: the folder somebody else's job drops extracts into: which batch is next, what is still being written, what will
 * never be whole. Told of changes by the kernel, and looked over now and then all the same. */
#ifndef PRODUCERS_CONNECT_DROP_H
#define PRODUCERS_CONNECT_DROP_H

#include "producers/connect/batch.h"

enum found {
    FOUND_NOTHING,
    FOUND_BATCH,            /* whole, and the next one */
    FOUND_AGAIN,            /* a batch that was taken before, the same bytes */
    FOUND_BAD,              /* to be refused, with why: the manifest's files, or one file without a manifest */
    FOUND_WAITING,          /* not whole yet, or a batch before it is missing, with why: look again */
};

struct drop;
/* E_USAGE with why: no such folder. patience_s: how long after its files last changed a batch that is not whole, or that a
 * missing one comes before, is waited for. is_stopping (may be NULL): asked while files are read; once true, nothing is found. */
enum err drop_open(const struct shape *x, const char *dir, int64_t patience_s, bool (*is_stopping)(void), struct drop **ret, struct why *why) MUST_USE;
void drop_close(struct drop **d);
/* How often the folder was looked over from its beginning: what was found to wait before that may be found again. */
uint64_t drop_looks(const struct drop *d);
/* Waits at most wait_ms for something to change in the folder. */
void drop_wait(struct drop *d, int wait_ms);
/* The next finding. *ret says which files; of one without a manifest only its name. *ret_gap: this batch is taken though the ones
 * before it, from that number on, never came (0: none is missing). FOUND_NOTHING: the folder was looked through. */
enum err drop_next(struct drop *d, struct batch *b, struct manifest *ret, enum found *ret_found, uint64_t *ret_gap, struct why *why) MUST_USE;

#endif
