/* The mapping of an extract. */
#include "producers/connect/shape.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    struct shape *x = NULL;
    struct why why = { "" };
    enum err e = shape_open_text("fuzz.yaml", (struct bytes){ p, n }, &x, &why);

    if (e && e != E_MEMORY && !why.text[0])
        abort();
    if (!e)
        (void)shape_table_of(x, "crime_1.csv");
    shape_close(&x);
    return 0;
}
