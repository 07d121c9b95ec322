/* issued.h: what left the force before: every count that was printed or hidden, and the sums between them.
 *
 * What was published cannot be taken back, so it limits what may be published now. The folder holds, for each report that
 * was issued, `NNNN.ndjson`: a line that says what it was of, then its counts and sums as anyone can read them in the report
 * itself. It holds no hidden value. */
#ifndef SINKS_OPCC_ISSUED_H
#define SINKS_OPCC_ISSUED_H

#include "core/json.h"
#include "sinks/opcc/period.h"

enum { ISSUES_MAX = 9999, ISSUED_COUNTS_MAX = 4000000 };

struct issued_count {
    const char *key;                /* as struct quantity */
    struct period period;
    uint64_t value;                 /* as last printed; 0 where it was not */
    unsigned threshold;
    bool was_printed;               /* as last issued: it can be read */
    bool was_hidden;                /* in one issue or another. Neither: it was never to be seen, but is part of a sum */
    uint32_t changed;               /* number of the last issue in which it was not as before */
    uint32_t number;                /* of the last issue that has it */
};
/* Indices of counts. Those of which a count was revised since are left out: they hold no more. */
struct issued_sum { uint32_t total, count, number; uint32_t *part; };

struct issued;
/* Reads all issues of a folder; it need not be there. Those from number `until` on are left out (0: none is). E_CORRUPT, E_TOO_LARGE, E_IO with why. */
enum err issued_open(const char *dir, uint32_t until, struct issued **ret, struct why *why) MUST_USE;
void issued_close(struct issued **i);
size_t issued_counts(const struct issued *i);
const struct issued_count *issued_count(const struct issued *i, size_t at);
size_t issued_sums(const struct issued *i);
const struct issued_sum *issued_sum(const struct issued *i, size_t at);
/* How many issues were read, and BLAKE2b-256 of their bytes: a report says beside which it was made. */
uint32_t issued_number(const struct issued *i);
const uint8_t *issued_hash(const struct issued *i);

/* The issue of this very report (same period and known at), or 0: made again, it must come out as it did, so it is made
 * beside those before it. */
enum err issued_find(const char *dir, struct period p, struct instant known_at, uint32_t *ret_number, struct why *why) MUST_USE;
/* Adds a report as the next number, synced and in place whole before it returns: before anything of the report is
 * handed out. Not for an internal one (asserted). E_IO, E_FULL with why. */
struct published;
enum err issued_add(const char *dir, const struct published *p, uint32_t *ret_number, struct why *why) MUST_USE;

#endif
