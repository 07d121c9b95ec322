/* GOV.UK's JSON of bank holidays. */
#include "rules/calendar.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    struct calendar *c = NULL;
    struct why why = { "" };
    struct day d;

    if (calendar_open((const char *)p, n, "england-and-wales", &c, &why)) {
        if (!why.text[0])
            abort();
        return 0;
    }
    for (int i = -30; i <= 30; i++)
        if (!calendar_add_working(c, calendar_first_day(c), i, &d) && i > 0 && !calendar_is_working(c, d))
            abort();
    calendar_close(&c);
    return 0;
}
