/* report.c: the compliance report of a period, fit to leave the force. */
#include "commands/command.h"
#include "commands/process.h"
#include "commands/report_options.h"
#include "commands/sheet.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static struct report_options o = { .store = "rightswatch-opcc", .force = "Police force", .format = "html,csv,json", .out = "rightswatch-report" };
static struct { const char *issued, *audit; } own;

static const struct opt options[] = {
    { "month", "YYYY-MM", "the month to report on", OPT_TEXT, &o.month, 0, 0 },
    { "from", "DAY", "or the first day of any period, like 2026-01-01", OPT_TEXT, &o.from, 0, 0 },
    { "to", "DAY", "and its last day", OPT_TEXT, &o.to, 0, 0 },
    { "format", "WORDS", "html, csv, json, with commas between (all three)", OPT_TEXT, &o.format, 0, 0 },
    { "out", "DIR", "where the files go, made if missing (rightswatch-report)", OPT_TEXT, &o.out, 0, 0 },
    { "as-known-at", "T", "what was known then: a time like 2026-04-07T09:00:00+01:00, or a date (all that is known)", OPT_TEXT, &o.known_at, 0, 0 },
    { "force", "NAME", "the force's name, as it stands on the report (Police force)", OPT_TEXT, &o.force, 0, 0 },
    { "audit", "FILE", "the auditors' sheet of rightswatch sample, with their answers: agreement is printed beside", OPT_TEXT, &own.audit, 0, 0 },
    { "store", "DIR", "what the compliance sink holds (rightswatch-opcc)", OPT_TEXT, &o.store, 0, 0 },
    { "issued", "DIR", "the counts of every report that was issued: back it up (STORE/issued)", OPT_TEXT, &own.issued, 0, 0 },
};

static void print_hiding(const struct published *p)
{
    const struct hiding *h = published_hiding(p);
    char label[PERIOD_LABEL], known[INSTANT_TEXT];

    period_label(published_heading(p)->period, label);
    instant_format(published_heading(p)->known_at, known);
    fprintf(stderr, "%s, as known at %s%s: %zu tables. Hidden: %" PRIu64 " counts for being small, %" PRIu64 " so that those cannot be worked out, %" PRIu64
            " as in earlier issues.\n", label, known, heading_is_provisional(published_heading(p), published_heading(p)->period) ? ", provisional" : "", published_tables(p), h->small, h->beside, h->kept);
}

static int run(const struct opt_list *operands)
{
    static struct report_files files;
    struct audited_list audited = { NULL, 0 };
    struct report_request r;
    struct published *p = NULL;
    struct why why = { "" };
    char issued[4096];
    unsigned formats;
    enum err e;

    if (operands->count)
        return command_misused(&report_command, "it takes options only");
    snprintf(issued, sizeof issued, "%s%s", own.issued ? own.issued : o.store, own.issued ? "" : "/issued");
    if ((e = report_options_read(&o, &r, &formats, &why)) || (own.audit && (e = sheet_read(own.audit, &audited, &why))))
        return command_failed(e, &why);
    r.audited = own.audit ? &audited : NULL;
    e = report_make(&r, issued, formats, o.out, &files, &p, &why);
    process_clear_line();
    free(audited.one);
    if (e)
        return command_failed(e, &why);
    print_hiding(p);
    report_print_files(&files, o.out);
    published_close(&p);
    return EXIT_DONE;
}

const struct command report_command = {
    .name = "report",
    .summary = "the compliance report of a period, fit to leave the force",
    .usage = "--month YYYY-MM | --from DAY --to DAY [OPTION...]",
    .about = "Counts every victim's journey and writes a page to read (report.html), a table each for a spreadsheet, and one JSON document.\n"
             "Small counts are hidden, and whatever else they could be worked out from: within the report, and together with every\n"
             "report issued before. Making a report issues it: it is noted, and limits what later ones may show.\n\n"
             "The same period as known at the same time gives the same bytes; what is printed is their SHA-256 (also in SHA256SUMS).\n"
             "docs/report.md says what every figure means.\n",
    .examples = "  rightswatch report --month 2026-03 --force 'West Midlands Police'\n"
                "  rightswatch report --from 2026-01-01 --to 2026-03-31 --out q1-2026 --as-known-at 2026-04-28\n",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run,
};
