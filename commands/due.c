/* due.c: what is owed, nearest first. */
#include "commands/command.h"
#include "commands/print.h"

#include <stdlib.h>

static struct {
    const char *data, *oic, *team, *known_at;
    int64_t within_s, limit;
    bool json, csv, breached, all;
} o = { .data = "rightswatch-data", .limit = 1000 };

static const struct opt options[] = {
    { "data", "DIR", "the data folder (rightswatch-data)", OPT_TEXT, &o.data, 0, 0 },
    { "within", "SPAN", "only what falls due within 12h, 2d, ... of the latest tick; what is missed too", OPT_SPAN, &o.within_s, 1, 3650L * 86400 },
    { "breached", NULL, "only what was missed and still has not been done", OPT_FLAG, &o.breached, 0, 0 },
    { "all", NULL, "also what was done, declined or closed", OPT_FLAG, &o.all, 0, 0 },
    { "oic", "COLLAR", "only cases of this officer", OPT_TEXT, &o.oic, 0, 0 },
    { "team", "T", "only cases of this team", OPT_TEXT, &o.team, 0, 0 },
    { "limit", "N", "at most N rows (1000)", OPT_NUMBER, &o.limit, 1, 10000000 },
    { "as-known-at", "T", "what was known then: a time like 2026-04-07T09:00:00+01:00, or a date", OPT_TEXT, &o.known_at, 0, 0 },
    { "json", NULL, "lines of JSON: first what it is as of and how many, then an object an obligation", OPT_FLAG, &o.json, 0, 0 },
    { "csv", NULL, "rows of CSV with a header", OPT_FLAG, &o.csv, 0, 0 },
};

static void ask(struct json_out *q)
{
    json_out_object(q);
    json_out_key(q, "ask"), json_out_text(q, TEXT("due"));
    json_out_key(q, "limit"), json_out_integer(q, o.limit);
    json_out_key(q, "breached"), json_out_bool(q, o.breached);
    json_out_key(q, "all"), json_out_bool(q, o.all);
    if (o.within_s)
        json_out_key(q, "within_s"), json_out_integer(q, o.within_s);
    if (o.oic)
        json_out_key(q, "oic"), json_out_text(q, text_of(o.oic));
    if (o.team)
        json_out_key(q, "team"), json_out_text(q, text_of(o.team));
    json_out_end(q);
}

static void print_person_row(const struct json *r)
{
    struct text date = print_member(r, "due_date");

    if (date.n)
        print_deadline(stdout, r), printf("%*s", print_member(r, "due_time").n ? 2 : 8, "");
    else
        printf("%-23s", "not computable");
    printf("%-13.*s %-18.*s %-12.*s %-9.*s %-12.*s " TEXT_FMT "\n", TEXT_ARG(print_member(r, "state")),
           TEXT_ARG(print_member(r, "crime_ref")), TEXT_ARG(print_member(r, "victim_ref")),
           TEXT_ARG(print_member(r, "officer")), TEXT_ARG(print_member(r, "rule")), TEXT_ARG(print_member(r, "title")));
}

static void print_people(const struct json *answer, char *text)
{
    int64_t count = print_number(answer, "count"), shown = 0;
    struct json *row;

    print_as_of(stdout, answer);
    if (!count) {
        printf("Nothing%s.\n", o.breached ? " is missed" : " is owed");
        return;
    }
    printf("\n%-22s %-13s %-18s %-12s %-9s %-12s %s\n", "DUE", "STATE", "CRIME", "VICTIM", "OFFICER", "RULE", "WHAT");
    for (; print_next_row(&text, &row); json_free(&row), shown++)
        print_person_row(row);
    printf("\n%lld in all%s. Why each is so: rightswatch journey CRIME_REF\n", (long long)count,
           shown < count ? ", the nearest shown (--limit)" : "");
}

static void print_rows(char *text)
{
    static const char *const columns[] = { "due_date", "due_time", "due", "state", "crime_ref", "victim_ref", "officer", "team",
                                           "rule", "right", "title", "basis", "owner", "started_at", "occurred_at" };
    enum { COLUMNS = sizeof columns / sizeof *columns };
    struct json *row;

    for (size_t c = 0; c < COLUMNS; c++)
        print_csv(stdout, text_of(columns[c]), c == COLUMNS - 1);
    for (; print_next_row(&text, &row); json_free(&row))
        for (size_t c = 0; c < COLUMNS; c++)
            print_csv(stdout, print_member(row, columns[c]), c == COLUMNS - 1);
}

static int run(const struct opt_list *operands)
{
    struct json *answer = NULL;
    struct json_out q;
    struct why why = { "" };
    char *text = NULL;
    enum err e;

    if (operands->count)
        return command_misused(&due_command, "it takes options only");
    if (o.json && o.csv)
        return command_misused(&due_command, "choose --json or --csv");
    json_out_init(&q);
    ask(&q);
    e = print_ask(o.data, &q, o.known_at, &text, o.json ? NULL : &answer, &why);
    json_out_fini(&q);
    if (e)
        return command_failed(e, &why);
    if (o.json)
        puts(text);
    else if (o.csv)
        print_rows(text);
    else
        print_people(answer, text);
    json_free(&answer);
    free(text);
    return EXIT_DONE;
}

const struct command due_command = {
    .name = "due",
    .summary = "what is owed to victims, nearest first",
    .usage = "[OPTION...]",
    .about = "Lists obligations that are open, missed or not proven, as of the latest tick the tracker knows.\n"
             "Answers from a running tracker, or from the data folder when none runs.\n",
    .examples = "  rightswatch due --within 2d\n"
                "  rightswatch due --breached --team 'Coventry CID' --csv > missed.csv\n"
                "  rightswatch due --oic 20417\n",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run,
};
