/* Packed outbox rows, one after the other: nothing is read beyond them, and what comes out packs into what it was. */
#include "processors/outbox_rows.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    struct outbox_row before = { 0 }, from, left, row, again;
    uint8_t buf[ROW_PACKED_MAX];
    size_t used, packed;

    for (; from = before, (used = row_unpack(p, n, &before, &row)); p += used, n -= used) {
        left = from;
        packed = row_pack(&row, &from, buf);
        if (row_unpack(buf, packed, &left, &again) != packed || memcmp(&again, &row, sizeof row) || memcmp(&left, &before, sizeof left))
            abort();
    }
    return 0;
}
