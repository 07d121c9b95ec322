/* What was told to be missed or done late, in any order, perhaps twice: JOURNAL_FOLDER [OUTBOX_FOLDER]
 *   due,crime reference,rule
 * due: the first second in which it was late. For run to compare with what expected.py says. */
#include "processors/folder.h"
#include "processors/render.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    static struct outbox_row row[4096];
    struct folder from, told;
    struct journal *j = NULL;
    struct outbox *o = NULL;
    struct outbox_reader *rows = NULL;
    struct render *render = NULL;
    struct notice n;
    struct why why = { "" };
    size_t count = 0;
    enum err e = E_USAGE;

    if (argc < 2 || (e = folder_name(&from, argv[1], false, &why)) || (e = folder_name(&told, argv[argc > 2 ? 2 : 1], false, &why)) ||
        (e = journal_open(from.journal, true, &j, &why)) || (e = outbox_open(told.outbox, true, &o, &why)) ||
        (e = outbox_reader_open(o, &rows)) || (e = render_open(j, &render)))
        goto fail;
    for (uint64_t number = outbox_first(o); !(e = outbox_read(rows, number, row, sizeof row / sizeof *row, &count)); number += count)
        for (size_t i = 0; i < count; i++) {
            if (row[i].level != LEVEL_BREACHED && row[i].level != LEVEL_MET_LATE)
                continue;
            if ((e = render_notice(render, o, number + i, &row[i], &n)))
                goto fail;
            printf("%lld," TEXT_FMT "," TEXT_FMT "\n", (long long)n.due.s + 1, TEXT_ARG(n.crime_ref), TEXT_ARG(n.rule));
        }
    if (e != E_END)
        goto fail;
    render_close(&render);
    outbox_reader_close(&rows);
    outbox_close(&o);
    journal_close(&j);
    return 0;
fail:
    fprintf(stderr, "alerts: %s\n", why.text[0] ? why.text : err_text(e));
    return 1;
}
