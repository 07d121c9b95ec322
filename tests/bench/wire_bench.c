/* How many items a second one core encodes and decodes. */
#include "core/wire.h"

#include <stdio.h>
#include <stdlib.h>

static struct event update(void)
{
    struct event e = {
        .type = EVENT_UPDATE, .kind = 33, .event_id = TEXT("CONNECT-EV-00123456789"), .source = TEXT("connect"),
        .seq = 123456789, .crime_ref = TEXT("20/123456/26"), .victim_ref = TEXT("N-0012345678"),
        .occurred_at = { 1760000000 }, .recorded_at = { 1760003600 }, .recorded_by = TEXT("WM4711"),
        .informs_event_id = TEXT("CONNECT-EV-00123456700"), .informed_who = TEXT("victim"),
        .contact_method = TEXT("telephone"), .reason_code = TEXT("R6"),
    };

    e.present = UINT64_C(1) << F_informs_event_id | UINT64_C(1) << F_informed_who | UINT64_C(1) << F_contact_method |
                UINT64_C(1) << F_reason_code;
    return e;
}

int main(void)
{
    enum { ITEMS = 1000, ROUNDS = 3000 };
    static struct item item;
    static uint8_t batch[BATCH_BYTES_MAX];
    struct wire *w;
    size_t used = 0;

    if (wire_open(&w) != E_OK)
        return 1;
    item.what = ITEM_EVENT;
    item.event = update();
    struct mono start = mono_now();
    for (int r = 0; r < ROUNDS / 3; r++) {
        used = 0;
        for (int i = 0; i < ITEMS; i++)
            if (wire_item_append(w, &item, batch, sizeof batch, &used) != E_OK)
                return 1;
    }
    double s = (double)(mono_now().ns - start.ns) / 1e9;
    printf("encode: %.2f M items/s of %zu bytes\n", ROUNDS / 3 * ITEMS / s / 1e6, used / ITEMS);
    start = mono_now();
    for (int r = 0; r < ROUNDS; r++) {
        size_t at = 0;
        struct bytes b;
        while (wire_next(batch, used, &at, &b) == E_OK)
            if (wire_item_decode(w, b.p, b.n, &item, NULL) != E_OK)
                return 1;
    }
    s = (double)(mono_now().ns - start.ns) / 1e9;
    printf("decode: %.2f M items/s\n", ROUNDS * (double)ITEMS / s / 1e6);
    wire_close(&w);
    return 0;
}
