/* Any bytes are a row of the compliance sink or refused; a row is written and read again as it was. */
#include "core/compliance.h"
#include "tests/fuzz/fuzz.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    static struct wire *from, *to;
    static struct compliance_row row;
    static uint8_t buf[2 * LAW_ITEM_BYTES_MAX];
    struct bytes item;
    size_t used = 0, at = 0;
    enum err e;

    if (!from && (wire_open(&from) || wire_open(&to)))
        return 0;
    assert(wire_compliance_content(p, n) <= n);
    if (wire_compliance_decode(from, p, n, &row))
        return 0;
    e = wire_compliance_append(to, &row, buf, sizeof buf, &used);
    if (!e) {
        e = wire_next(buf, used, &at, &item);
        assert(!e && !wire_compliance_decode(from, item.p, item.n, &row));
    }
    return 0;
}
