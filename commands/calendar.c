/* calendar.c: the bank holidays that count, and what a new list of them would move. */
#include "commands/changes.h"
#include "commands/command.h"
#include "commands/print.h"

static struct {
    const char *data, *preview, *load;
    int64_t limit, year;
    bool json;
} o = { .data = "rightswatch-data", .limit = 100 };

static const struct opt options[] = {
    { "preview", "FILE", "what a new calendar, in GOV.UK's JSON, would move of what is still open", OPT_TEXT, &o.preview, 0, 0 },
    { "load", "FILE", "judge by this calendar from now on, also in a tracker that is running", OPT_TEXT, &o.load, 0, 0 },
    { "data", "DIR", "the data folder, for --preview and --load (rightswatch-data)", OPT_TEXT, &o.data, 0, 0 },
    { "year", "Y", "only this year", OPT_NUMBER, &o.year, 1970, 2099 },
    { "limit", "N", "list at most N obligations (100)", OPT_NUMBER, &o.limit, 0, INT64_MAX },
    { "json", NULL, "with --preview: every change as a line of JSON", OPT_FLAG, &o.json, 0, 0 },
};

static int preview(void)
{
    struct whatif_options other = { .calendar = o.preview, .only_open = true };
    struct changes_options print = { .limit = (uint64_t)o.limit, .json = o.json };
    struct folder f;
    struct why why = { "" };
    enum err e;

    if ((e = folder_name(&f, o.data, false, &why)) || (e = changes_print(&f, &other, &print, &why)))
        return command_failed(e, &why);
    if (!o.json)
        printf("\nNothing was changed. To load it: rightswatch calendar --load %s --data %s\n", o.preview, o.data);
    return EXIT_DONE;
}

static int load(void)
{
    struct why why = { "" };
    bool is_running;
    enum err e = folder_load_calendar(o.data, o.load, &is_running, &why);

    if (e)
        return command_failed(e, &why);
    printf("Loaded. %s\n", is_running ? "What is open is judged by it now; what moves is told as changed." :
           "What is open is judged by it when a tracker next runs on the folder.");
    return EXIT_DONE;
}

static int list(const char *path)
{
    const char *standard = law_default_rulebook(), *title;
    struct law_files *files = NULL;
    struct item_law item;
    struct law *law = NULL;
    struct why why = { "" };
    char date[11];
    enum err e = law_read(&standard, 1, path, &item, &files, &why);

    if (!e)
        e = law_open(&item, &law, &why);
    if (!e) {
        const struct calendar *c = law_calendar(law);
        for (struct day d = calendar_first_day(c); calendar_covers(c, d); d = day_add(d, 1)) {
            int year, month, mday;
            day_to_ymd(d, &year, &month, &mday);
            if (!(title = calendar_holiday(c, d)) || (o.year && o.year != year))
                continue;
            day_format(d, date);
            print_date(stdout, text_of(date));
            printf("  %s\n", title);
        }
        day_format(calendar_last_day(c), date);
        printf("It reaches to %s. What would fall due later is not computable, and said so.\n", date);
    }
    law_close(&law);
    law_files_free(&files);
    return e ? command_failed(e, &why) : EXIT_DONE;
}

static int run(const struct opt_list *operands)
{
    if (operands->count > 1 || (o.preview || o.load ? operands->count > 0 || (o.preview && o.load) : false))
        return command_misused(&calendar_command, "it takes one FILE to list, or --preview FILE, or --load FILE");
    if (o.load)
        return load();
    return o.preview ? preview() : list(operands->count ? operands->item[0] : NULL);
}

const struct command calendar_command = {
    .name = "calendar",
    .summary = "the bank holidays that count; --preview what a new list would move",
    .usage = "[OPTION...] [FILE]",
    .about = "Lists the bank holidays of the built-in calendar or of a FILE (https://www.gov.uk/bank-holidays.json). With --preview\n"
             "it judges all that is still open under the new list, beside the present one, and prints which obligations move, from\n"
             "when to when. A holiday that is new counts as proclaimed when it is loaded: what was settled before keeps its history.\n",
    .examples = "  rightswatch calendar --year 2026\n"
                "  rightswatch calendar --preview bank-holidays.json\n"
                "  rightswatch calendar --load bank-holidays.json\n",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run,
};
