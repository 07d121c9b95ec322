/* audit.h: whether a folder's conclusions are what its journal says: everything folded again from the first record. */
#ifndef PROCESSORS_AUDIT_H
#define PROCESSORS_AUDIT_H

#include "processors/folder.h"

struct audit {
    uint64_t records, rows;                 /* journal records; rows of the outbox */
    uint8_t chain[CHAIN_BYTES];             /* head of the journal's chain, to be noted elsewhere */
    uint64_t rows_erased;                   /* of journeys that were erased since */
    uint64_t rows_again;                    /* rows told again byte for byte the same */
    bool rows_differ, state_differs;        /* this program would tell otherwise; the stored state is not what comes out */
    bool state_is_stored;
    uint8_t outbox[CHAIN_BYTES], state[CHAIN_BYTES];    /* digests of all rows and of the state drawn again */
};
/* On a folder at rest: the caller holds its lock. `progress` (may be NULL) is told how many records are done.
 * E_CORRUPT with why when the journal itself does not check. */
enum err audit_folder(const struct folder *f, void (*progress)(uint64_t done, uint64_t all), struct audit *ret,
                      struct why *why) MUST_USE;

#endif
