/* journey.c: one crime's victims: what happened, what is owed, and why each is what it is. */
#include "commands/command.h"
#include "commands/print.h"

#include <stdlib.h>

static struct { const char *data, *known_at; bool json; } o = { .data = "rightswatch-data" };

static const struct opt options[] = {
    { "data", "DIR", "the data folder (rightswatch-data)", OPT_TEXT, &o.data, 0, 0 },
    { "as-known-at", "T", "what was known then: a time like 2026-04-07T09:00:00+01:00, or a date", OPT_TEXT, &o.known_at, 0, 0 },
    { "json", NULL, "one object of JSON", OPT_FLAG, &o.json, 0, 0 },
};

/* A row that was set aside holds its journey until an event-withdrawn of the same source names it. */
static struct text withdrawn_by(const struct json *facts, const struct json *row)
{
    for (size_t i = 0; i < json_count(facts); i++) {
        const struct json *event = json_get(json_at(facts, i), "event");
        if (text_same(print_member(event, "kind"), TEXT("event-withdrawn")) && text_same(print_member(event, "source"), print_member(row, "source")) &&
            text_same(print_member(event, "supersedes"), print_member(row, "event_id")))
            return print_member(event, "event_id");
    }
    return (struct text){ 0 };
}

static void print_rejected(const struct json *facts, const struct json *row)
{
    struct text id = print_member(row, "event_id"), by = id.n ? withdrawn_by(facts, row) : id;

    printf("    a row that could not be read: " TEXT_FMT " (record %lld)\n", TEXT_ARG(print_member(row, "reason")), (long long)print_number(row, "record"));
    if (by.n)
        printf("      withdrawn by " TEXT_FMT "\n", TEXT_ARG(by));
    else
        printf("      until it comes again, or is withdrawn, nothing here is called missed\n");
    if (id.n && !by.n)
        printf("      what withdraws it: an event-withdrawn of source " TEXT_FMT " that supersedes " TEXT_FMT "\n", TEXT_ARG(print_member(row, "source")), TEXT_ARG(id));
}

static void print_fact(const struct json *facts, const struct json *fact)
{
    const struct json *event = json_get(fact, "event");
    struct text occurred = print_member(event, "occurred_local"), recorded = print_member(event, "recorded_local");
    bool of_crime = false, elsewhere = false;

    if (text_same(print_member(event, "kind"), TEXT("row-rejected"))) {
        print_rejected(facts, event);
        return;
    }
    printf("    ");
    if (!occurred.n) {
        printf("record %lld was erased\n", (long long)print_number(event, "record"));
        return;
    }
    printf(TEXT_FMT, TEXT_ARG(occurred));
    printf("  %-9.*s %-22.*s " TEXT_FMT, TEXT_ARG(print_member(event, "type")), TEXT_ARG(print_member(event, "kind")),
           TEXT_ARG(print_member(event, "event_id")));
    if (json_bool(json_get(fact, "of_crime"), &of_crime) && of_crime)
        printf("  (of the crime, for every victim of it)");
    if (json_bool(json_get(fact, "elsewhere"), &elsewhere) && elsewhere)
        printf("  (of the crime it was merged into)");
    if (recorded.n && !text_same(recorded, occurred))
        printf("  recorded " TEXT_FMT, TEXT_ARG(recorded));
    printf("\n");
}

/* One line of the days that count and one of those that do not, with the reason. */
static void print_days(const struct json *days)
{
    bool any = false;

    if (!json_count(days))
        return;
    printf("        counted: ");
    for (size_t i = 0; i < json_count(days); i++) {
        const struct json *d = json_at(days, i);
        if (print_member(d, "skipped").n)
            continue;
        printf("%s", i ? ", " : "");
        print_short_date(stdout, print_member(d, "date"));
        printf(i ? " %lld" : " is day %lld", (long long)print_number(d, "day"));
    }
    for (size_t i = 0; i < json_count(days); i++) {
        const struct json *d = json_at(days, i);
        struct text skipped = print_member(d, "skipped");
        if (!skipped.n)
            continue;
        printf(any ? ", " : "\n        not counted: ");
        print_short_date(stdout, print_member(d, "date"));
        if (!text_same(skipped, TEXT("Saturday")) && !text_same(skipped, TEXT("Sunday")))
            printf(" (" TEXT_FMT ")", TEXT_ARG(skipped));
        any = true;
    }
    printf("\n");
}

static void print_event(const char *words, const struct json *event)
{
    if (!event)
        return;
    printf("        %s: " TEXT_FMT ", " TEXT_FMT, words, TEXT_ARG(print_member(event, "kind")),
           TEXT_ARG(print_member(event, "occurred_local")));
    printf("  (" TEXT_FMT ", record %lld)\n", TEXT_ARG(print_member(event, "event_id")), (long long)print_number(event, "record"));
}

/* "working days", or "working day" for one. */
static void print_unit(struct text unit, int64_t n)
{
    bool plural = unit.n && unit.p[unit.n - 1] == 's';

    printf("%.*s", (int)(n == 1 && plural ? unit.n - 1 : unit.n), unit.p);
}

static void print_obligation(const struct json *b)
{
    struct text right = print_member(b, "right"), date = print_member(b, "due_date");
    bool enhanced = false, inferred = false;

    json_bool(json_get(b, "enhanced"), &enhanced);
    json_bool(json_get(b, "inferred"), &inferred);
    printf("\n    %-15.*s %-11.*s ", TEXT_ARG(print_member(b, "state")), TEXT_ARG(print_member(b, "rule")));
    if (right.n && !text_same(right, TEXT("-")))
        printf("Right " TEXT_FMT ": ", TEXT_ARG(right));
    printf(TEXT_FMT "\n", TEXT_ARG(print_member(b, "title")));
    printf("        " TEXT_FMT "\n", TEXT_ARG(print_member(b, "duty")));
    print_event("started by", json_get(b, "started_by"));
    if (date.n) {
        printf("        due by ");
        if (!print_member(b, "due_time").n)
            printf("the end of ");
        print_deadline(stdout, b);
        printf(": ");
        if (print_number(b, "limit"))
            printf("%lld ", (long long)print_number(b, "limit"));
        print_unit(print_member(b, "unit"), print_number(b, "limit"));
        printf("%s\n", enhanced ? " under Enhanced Rights" : "");
    }
    print_days(json_get(b, "days"));
    print_event("settled by", json_get(b, "ended_by"));
    if (!json_get(b, "ended_by"))
        printf("        not settled yet; what settles it: " TEXT_FMT "\n", TEXT_ARG(print_member(b, "needs")));
    if (inferred)
        printf("        inferred: the informing did not name what it was about\n");
    printf("        source: " TEXT_FMT " [" TEXT_FMT "], " TEXT_FMT "\n", TEXT_ARG(print_member(b, "source")),
           TEXT_ARG(print_member(b, "confidence")), TEXT_ARG(print_member(b, "edition")));
}

static void print_journey(const struct json *j)
{
    const struct json *facts = json_get(j, "facts"), *owed = json_get(j, "obligations");
    struct text officer = print_member(j, "officer"), team = print_member(j, "team"), ended = print_member(j, "ended_at");
    bool enhanced = false;

    json_bool(json_get(j, "enhanced"), &enhanced);
    printf("\nCrime " TEXT_FMT "  victim " TEXT_FMT "%s\n", TEXT_ARG(print_member(j, "crime_ref")),
           TEXT_ARG(print_member(j, "victim_ref")), enhanced ? "  (Enhanced Rights)" : "");
    if (officer.n)
        printf("  officer in the case " TEXT_FMT "%s" TEXT_FMT "\n", TEXT_ARG(officer), team.n ? ", " : "", TEXT_ARG(team));
    if (ended.n) {
        printf("  ended ");
        print_time(stdout, ended);
        printf("\n");
    }
    printf("\n  What happened (on the local clock)\n");
    for (size_t i = 0; i < json_count(facts); i++)
        print_fact(facts, json_at(facts, i));
    printf("\n  What is owed\n");
    for (size_t i = 0; i < json_count(owed); i++)
        print_obligation(json_at(owed, i));
    if (!json_count(owed))
        printf("    nothing\n");
}

static int run(const struct opt_list *operands)
{
    const struct json *journeys;
    struct json *answer = NULL;
    struct json_out q;
    struct why why = { "" };
    char *text = NULL;
    enum err e;

    if (operands->count < 1 || operands->count > 2)
        return command_misused(&journey_command, "it takes a crime reference, and a victim reference if only one victim is meant");
    json_out_init(&q);
    json_out_object(&q);
    json_out_key(&q, "ask"), json_out_text(&q, TEXT("journey"));
    json_out_key(&q, "crime_ref"), json_out_text(&q, text_of(operands->item[0]));
    if (operands->count == 2)
        json_out_key(&q, "victim_ref"), json_out_text(&q, text_of(operands->item[1]));
    json_out_end(&q);
    e = print_ask(o.data, &q, o.known_at, &text, &answer, &why);
    json_out_fini(&q);
    if (e)
        return command_failed(e, &why);
    if (o.json) {
        puts(text);
    } else {
        print_as_of(stdout, answer);
        journeys = json_get(answer, "journeys");
        for (size_t i = 0; i < json_count(journeys); i++)
            print_journey(json_at(journeys, i));
    }
    json_free(&answer);
    free(text);
    return EXIT_DONE;
}

const struct command journey_command = {
    .name = "journey",
    .summary = "one victim's journey: what happened, what is owed, and why",
    .usage = "[OPTION...] CRIME_REF [VICTIM_REF]",
    .about = "Prints every fact, every obligation, the event that started it, the rule and its source, and each day\n"
             "counted or skipped. Answers from a running tracker, or from the data folder when none runs.\n",
    .examples = "  rightswatch journey 20/104233/26\n"
                "  rightswatch journey 20/104233/26 V-31 --json\n",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run,
};
