/* One item from the wire; what decodes must encode to something that decodes to the same. What the quick walk takes,
 * protobuf-c takes too, and encodes to the same bytes. */
#include "core/wire_door.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    static struct wire *w, *again;
    static uint8_t buf[LAW_ITEM_BYTES_MAX + 64];
    struct item item, same;
    struct why why;
    struct bytes bytes;
    size_t used = 0, at = 0;

    if (!w && (wire_open(&w) || wire_open(&again)))
        abort();
    if (n <= ITEM_BYTES_MAX) {                      /* with room behind it the walk is as sure as without */
        enum { ROOM = 1024 };
        static uint8_t roomy[ITEM_BYTES_MAX + ROOM];
        uint8_t *at_end = roomy + ITEM_BYTES_MAX - n;
        memcpy(at_end, p, n);
        memset(at_end + n, n ? p[0] : 0, ROOM);
        bool is_sure = wire_item_quick(at_end, n, n + ROOM, &same);
        if (is_sure != wire_item_quick(p, n, n, &item) || (is_sure && item.what == ITEM_EVENT && same.event.present != item.event.present))
            abort();
    }
    if (wire_item_quick(p, n, n, &item)) {
        static uint8_t plain[sizeof buf];
        size_t other = 0;
        if (wire_item_append(again, &item, buf, sizeof buf, &used) || wire_item_unpack(w, p, n, &same, &why) ||
            wire_item_append(again, &same, plain, sizeof plain, &other) || used != other || memcmp(buf, plain, used))
            abort();
        used = 0;
    }
    if (wire_item_decode(w, p, n, &item, &why) || item.what == ITEM_LAW)
        return 0;
    if (wire_item_append(again, &item, buf, sizeof buf, &used) || wire_next(buf, used, &at, &bytes) || at != used ||
        wire_item_decode(again, bytes.p, bytes.n, &same, &why) || same.what != item.what ||
        (item.what == ITEM_EVENT && (same.event.present != item.event.present || same.event.kind != item.event.kind ||
                                     !text_same(same.event.event_id, item.event.event_id))))
        abort();
    return 0;
}
