/* A line of NDJSON; an item that is taken has passed every check, and can be encoded. */
#include "producers/ndjson.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    static struct ndjson *reader;
    static struct wire *w;
    static uint8_t buf[2 * ITEM_BYTES_MAX];
    struct item item;
    struct why why = { "" };
    size_t used = 0;

    if (!reader && (ndjson_open(&reader) || wire_open(&w)))
        abort();
    if (n > LINE_BYTES_MAX)
        return 0;
    if (ndjson_read(reader, (struct text){ (const char *)p, (uint32_t)n }, &item, &why)) {
        if (!why.text[0])
            abort();                        /* no reason given */
        return 0;
    }
    if (item_check(&item, &why) || (wire_item_append(w, &item, buf, sizeof buf, &used) && used))
        abort();
    return 0;
}
