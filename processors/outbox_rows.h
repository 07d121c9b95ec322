/* outbox_rows.h: outbox rows as they are stored: what the rows before and the row itself already say is left out. Some 25 bytes
 * instead of 104; a tick takes 6. */
#ifndef PROCESSORS_OUTBOX_ROWS_H
#define PROCESSORS_OUTBOX_ROWS_H

#include "processors/outbox.h"

enum { ROW_WORDS = sizeof(struct outbox_row) / 4, ROW_PACKED_MAX = 4 + 8 + 4 * ROW_WORDS };

/* *before: the last row that was about an obligation, at the time of the last row; all zero before the first of a chunk. Both move it on. */

/* Packs `row`; returns how many bytes of buf it takes, and may have written beyond them. */
size_t row_pack(const struct outbox_row *row, struct outbox_row *before, uint8_t buf[ROW_PACKED_MAX]);
/* Unpacks the row at p; returns its bytes, 0 if there is no whole row in n bytes: then neither *before nor *ret is changed. Bytes
 * from a damaged file give 0 or some row, never a read beyond them. */
size_t row_unpack(const uint8_t *p, size_t n, struct outbox_row *before, struct outbox_row *ret);

#endif
