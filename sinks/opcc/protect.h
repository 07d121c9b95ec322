/* protect.h: hides more counts until none of the hidden ones can be narrowed down too far.
 *
 * Pure: counts and sums in, which are hidden out. disclosure.c says what the counts are. */
#ifndef SINKS_OPCC_PROTECT_H
#define SINKS_OPCC_PROTECT_H

#include "core/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum hidden_why { SHOWN, HIDDEN_SMALL, HIDDEN_BESIDE, HIDDEN_KEPT };

struct protect_count {
    uint64_t value;                 /* of one that is hidden: not looked at but to choose by */
    unsigned threshold;
    uint8_t why;                    /* enum hidden_why; HIDDEN_BESIDE is what protect adds */
    bool is_printed;                /* else never seen: hidden from the start, it matters only if it is small */
    bool may_hide;                  /* not once it was issued */
    bool is_harmless;               /* never seen, and known not to be small: it may be worked out */
    bool is_exposed;                /* set: could not be protected */
};
/* total = the sum of the parts, by index. was_issued: as an earlier report had it; dropped where it
 * contradicts what is true now. */
struct protect_sum { uint32_t total, count; const uint32_t *part; bool was_issued; };

/* Afterwards, of each count that is not shown, either the least and the greatest possible value lie `threshold` apart or
 * more, or it cannot be from 1 up to below the threshold: then it was hidden beside others and gives nothing away. Harmless ones are not
 * looked at. Where what
 * was issued makes that impossible, is_exposed is set. E_MEMORY. */
enum err protect(struct protect_count *count, size_t counts, const struct protect_sum *sum, size_t sums) MUST_USE;

#endif
