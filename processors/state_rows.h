/* state_rows.h: journeys and crimes as rows of the state store, private to it: packed, since there are as many as there are
 * in memory. */
#ifndef PROCESSORS_STATE_ROWS_H
#define PROCESSORS_STATE_ROWS_H

#include "core/wire.h"
#include "processors/told.h"

/* Every member but the facts; those are at the row's end, packed as they are in memory. */
struct state_row {
    uint64_t folded_to;                     /* records up to here are in it */
    uint64_t crime;                         /* handle; in a crime's row its own */
    bool behind, merged;
    struct text ref;                        /* of the crime or the victim; borrowed from the row */
    uint16_t told_count, facts_count;
    struct bytes facts;                     /* borrowed from the row */
};

enum { STATE_ROW_MAX = 1 << 20 };           /* as many facts and obligations as a journey may have, and more */

/* Returns the bytes in buf. handle is the row's key; told has row->told_count entries in order. */
size_t state_row_pack(const struct state_row *row, uint64_t handle, const struct told *told, uint8_t buf[STATE_ROW_MAX]);
/* told: room for OBLIGATIONS_PER_JOURNEY_MAX; NULL: a crime, of which nothing is told. E_CORRUPT: not such a row. The facts are not looked at. */
enum err state_row_unpack(struct bytes bytes, uint64_t handle, struct state_row *ret, struct told *told) MUST_USE;

#endif
