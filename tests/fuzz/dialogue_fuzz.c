/* Frames of a hop: the dialogue, the framing of a batch, a notice. */
#include "core/wire.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    static struct wire *w;
    struct dialogue d;
    struct telling telling;
    struct notice notice;
    struct bytes item;
    uint8_t buf[DIALOGUE_BYTES_MAX];
    size_t at = 0;

    if (!w && wire_open(&w))
        abort();
    if (!wire_dialogue_decode(p, n, &d) && wire_dialogue_encode(&d, buf) > sizeof buf)
        abort();
    while (wire_next(p, n, &at, &item) == E_OK)
        if (item.p < p || item.p + item.n > p + n)
            abort();
    if (!wire_telling_decode(w, p, n, &telling) && telling.what == TELLS_NOTICE && !level_name(telling.notice.level))
        abort();
    return wire_notice_decode(w, p, n, &notice) == E_OK ? 0 : 0;
}
