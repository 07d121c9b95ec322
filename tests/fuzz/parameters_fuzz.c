/* Parameters of a simulated force: what is read is a rate each, or says why not and changes nothing. */
#include "producers/simulate/parameters.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    struct parameters before, after;
    struct why why = { "" };

    parameters_init(&before);
    after = before;
    if (parameters_read(&after, "force.yaml", (const char *)p, n, &why) && (!why.text[0] || memcmp(&before, &after, sizeof after)))
        abort();
    for (size_t i = 0; i < PARAMETERS; i++)
        if (!(after.rate[i] >= 0 && after.rate[i] <= 1))
            abort();
    return 0;
}
