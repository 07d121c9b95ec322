/* CSV through a mapping, fed in two pieces cut anywhere. */
#include "producers/rows.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

static void drain(struct rows *r, struct mapping *m)
{
    struct row row;
    struct item item;
    struct why why;
    enum err e;

    while ((e = rows_next(r, &row, &why)) != E_AGAIN && e != E_END) {
        if (e || mapping_row(m, &row, &why))
            continue;
        for (size_t i = 0; i < mapping_events(m); i++)
            if (!mapping_event(m, &row, i, &item, &why) && item_check(&item, &why))
                abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    static struct mapping *m;
    struct rows *r = NULL;
    struct rows_form form = { 0 };
    struct why why = { "" };
    size_t cut = n ? 1 + p[0] % n : 0;
    char *copy = malloc(n + 1);

    if (!m && mapping_open("deploy/examples/police-uk.map.yaml", &m, &why))
        abort();
    form.columns = mapping_columns(m, &form.column);
    form.delimiter = mapping_delimiter(m);
    if (!copy || rows_open(form, &r))
        abort();
    memcpy(copy, p, n);
    if (cut && !rows_feed(r, copy, cut))
        drain(r, m);
    if (n > cut && !rows_feed(r, copy + cut, n - cut))
        drain(r, m);
    if (!rows_feed(r, "", 0))
        drain(r, m);
    rows_close(&r);
    free(copy);
    return 0;
}
