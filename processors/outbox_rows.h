/* outbox_rows.h: outbox rows as they are stored: what the row before and the row itself already say is left out. Some 30 bytes instead of 104. */
#ifndef PROCESSORS_OUTBOX_ROWS_H
#define PROCESSORS_OUTBOX_ROWS_H

#include "processors/outbox.h"

enum { ROW_PACKED_MAX = 4 + 24 * 10 };

/* Packs `row`, which follows `before` (all zero for the first of a chunk); returns how many bytes of buf it takes. */
size_t row_pack(const struct outbox_row *row, const struct outbox_row *before, uint8_t buf[ROW_PACKED_MAX]);
/* Unpacks the row at p that follows *row, into *row; returns its bytes, 0 if there is no whole row in n bytes: *row is then
 * not one. Bytes from a damaged file give 0 or some row, never a read beyond them. */
size_t row_unpack(const uint8_t *p, size_t n, struct outbox_row *row);

#endif
