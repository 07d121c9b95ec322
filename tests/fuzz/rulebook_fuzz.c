/* A rule book: what is read can be compiled into a law, or says why not. */
#include "rules/law.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    static struct zone zone;
    struct item_law item = { .fold_version = 1, .rulebooks = 1 };
    struct law *law = NULL;
    struct why why = { "" };

    if (!zone.count && zone_load("Europe/London", &zone, &why))
        abort();
    item.zone = zone;
    item.rulebook[0] = (struct bytes){ p, n };
    item.calendar = (struct bytes){ (const uint8_t *)"{\"england-and-wales\":{\"division\":\"england-and-wales\",\"events\":"
                                    "[{\"title\":\"Christmas Day\",\"date\":\"2025-12-25\",\"notes\":\"\",\"bunting\":true}]}}", 137 };
    if (law_open(&item, &law, &why) && !why.text[0])
        abort();
    law_close(&law);
    return 0;
}
