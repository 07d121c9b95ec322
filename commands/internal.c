/* internal.c: the same report with nothing hidden, for use inside the force by those who were permitted. */
#include "commands/command.h"
#include "commands/process.h"
#include "commands/report_options.h"

#include <stdio.h>

static struct report_options o = { .store = "rightswatch-opcc", .force = "Police force", .format = "html,csv,json", .out = "rightswatch-internal" };
static struct { const char *permission; } own;

static const struct opt options[] = {
    { "permission", "FILE", "needed: who allowed it, for what, until when", OPT_TEXT, &own.permission, 0, 0 },
    { "month", "YYYY-MM", "the month to report on", OPT_TEXT, &o.month, 0, 0 },
    { "from", "DAY", "or the first day of any period, like 2026-01-01", OPT_TEXT, &o.from, 0, 0 },
    { "to", "DAY", "and its last day", OPT_TEXT, &o.to, 0, 0 },
    { "format", "WORDS", "html, csv, json, with commas between (all three)", OPT_TEXT, &o.format, 0, 0 },
    { "out", "DIR", "where the files go, made if missing (rightswatch-internal)", OPT_TEXT, &o.out, 0, 0 },
    { "as-known-at", "T", "what was known then: a time like 2026-04-07T09:00:00+01:00, or a date (all that is known)", OPT_TEXT, &o.known_at, 0, 0 },
    { "force", "NAME", "the force's name, as it stands on the report (Police force)", OPT_TEXT, &o.force, 0, 0 },
    { "store", "DIR", "what the compliance sink holds (rightswatch-opcc)", OPT_TEXT, &o.store, 0, 0 },
};

static enum err make(const struct report_request *r, unsigned formats, struct report_files *files, struct why *why)
{
    struct permission *permission = NULL;
    struct published *p = NULL;
    struct draft *d = NULL;
    struct day today;
    enum err e;

    if ((e = report_draft(r, &d, why)))
        return e;
    /* By the wall: a permission that has run out must not come back with an older --as-known-at. */
    today = (struct day){ (int32_t)(instant_now().s / 86400) };
    if (!(e = permission_open(own.permission, today, &permission, why)) && !(e = disclosure_show_all(&d, permission, &p, why)))
        e = report_write(p, formats, o.out, files, why);
    published_close(&p);
    permission_close(&permission);
    draft_close(&d);
    return e;
}

static int run(const struct opt_list *operands)
{
    static struct report_files files;
    struct report_request r;
    struct why why = { "" };
    unsigned formats;
    enum err e;

    if (operands->count)
        return command_misused(&internal_command, "it takes options only");
    if (!own.permission)
        return command_misused(&internal_command, "nothing is hidden in this report, so it needs --permission FILE: ask the data protection officer");
    if ((e = report_options_read(&o, &r, &formats, &why)))
        return command_failed(e, &why);
    e = make(&r, formats, &files, &why);
    process_clear_line();
    if (e)
        return command_failed(e, &why);
    fprintf(stderr, "INTERNAL: nothing is hidden in these files. They may not leave the force.\n");
    report_print_files(&files, o.out);
    return EXIT_DONE;
}

const struct command internal_command = {
    .name = "internal",
    .summary = "the same report with nothing hidden; needs a permission, never leaves the force",
    .usage = "--permission FILE --month YYYY-MM | --from DAY --to DAY [OPTION...]",
    .about = "Every page and file says that it is internal, and by whose permission. The permission is a file that the data protection\n"
             "officer keeps:\n\n"
             "  allowed_by: Data Protection Officer, West Midlands Police\n"
             "  purpose: monthly performance review\n"
             "  until: 2026-12-31\n",
    .examples = "  rightswatch internal --permission /etc/rightswatch/internal.yaml --month 2026-03\n",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run,
};
