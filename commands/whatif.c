/* whatif.c: what would another rule book, or a new calendar, have meant? */
#include "commands/changes.h"
#include "commands/command.h"

#include <stdio.h>

static struct {
    const char *data, *calendar;
    struct opt_list rules;
    int64_t limit;
    bool json, open;
} o = { .data = "rightswatch-data", .limit = 20 };

static const struct opt options[] = {
    { "data", "DIR", "the data folder (rightswatch-data)", OPT_TEXT, &o.data, 0, 0 },
    { "rules", "FILE", "the other rule book; may be given again (those of the journal)", OPT_LIST, &o.rules, 0, 0 },
    { "calendar", "FILE", "another calendar, in GOV.UK's JSON (that of the journal)", OPT_TEXT, &o.calendar, 0, 0 },
    { "open", NULL, "only what is not settled yet", OPT_FLAG, &o.open, 0, 0 },
    { "limit", "N", "list at most N changes (20)", OPT_NUMBER, &o.limit, 0, INT64_MAX },
    { "json", NULL, "every change as a line of JSON", OPT_FLAG, &o.json, 0, 0 },
};

static int run(const struct opt_list *operands)
{
    struct whatif_options w = { .rulebooks = o.rules.item, .count = o.rules.count, .calendar = o.calendar, .only_open = o.open };
    struct changes_options print = { .limit = (uint64_t)o.limit, .json = o.json };
    struct folder f;
    struct why why = { "" };
    enum err e;

    if (operands->count)
        return command_misused(&whatif_command, "it takes options only");
    if (!o.rules.count && !o.calendar)
        return command_misused(&whatif_command, "name the other law: --rules FILE, --calendar FILE or both");
    if ((e = folder_name(&f, o.data, false, &why)) || (e = changes_print(&f, &w, &print, &why)))
        return command_failed(e, &why);
    if (!o.json)
        printf("\nNothing was changed: `track` and `run` go on by the law they were given.\n");
    return EXIT_DONE;
}

const struct command whatif_command = {
    .name = "whatif",
    .summary = "what another rule book or calendar would have meant",
    .usage = "--rules FILE... | --calendar FILE [OPTION...]",
    .about = "Judges the whole journal again under another law, beside the real one, and prints which obligations differ:\n"
             "when they fall due, how they stand, which are no longer or newly owed. Works beside a running tracker and\n"
             "changes nothing. A new bank holiday is looked at with --calendar FILE --open before it is given to track.\n",
    .examples = "  rightswatch whatif --rules draft-code-2027.yaml\n"
                "  rightswatch whatif --calendar bank-holidays.json --open\n"
                "  rightswatch whatif --rules draft-code-2027.yaml --json > changes.ndjson\n",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run,
};
