/* status.c: how a data folder stands: how much came in, what was set aside and why, how far each source is complete. */
#include "commands/command.h"
#include "commands/print.h"

#include <stdlib.h>

enum { CALENDAR_WARNS_DAYS = 180, SILENT_S = 24 * 3600 };

static struct { const char *data; int64_t limit; bool json, kinds; } o = { .data = "rightswatch-data", .limit = 20 };

static const struct opt options[] = {
    { "data", "DIR", "the data folder (rightswatch-data)", OPT_TEXT, &o.data, 0, 0 },
    { "limit", "N", "show at most N quarantined records (20)", OPT_NUMBER, &o.limit, 0, 1000000 },
    { "kinds", NULL, "also how often each kind of event was recorded: asked, offered, declined, ...", OPT_FLAG, &o.kinds, 0, 0 },
    { "json", NULL, "one object of JSON", OPT_FLAG, &o.json, 0, 0 },
};

static void print_count(const struct json *answer, const char *key, const char *words)
{
    printf("  %12lld %s\n", (long long)print_number(answer, key), words);
}

/* One line for a source that is silent, however many cases hang on it. */
static void print_silence(int64_t s)
{
    if (s >= 2 * 86400)
        printf("; SILENT for %lld days: nothing after that is called missed", (long long)(s / 86400));
    else if (s >= SILENT_S)
        printf("; SILENT for %lld hours: nothing after that is called missed", (long long)(s / 3600));
}

static void print_people(const struct json *answer)
{
    const struct json *sources = json_get(answer, "sources"), *quarantined = json_get(answer, "quarantined"),
                      *reasons = json_get(answer, "reasons"), *kinds = json_get(answer, "kinds"), *count;
    int64_t left = print_number(answer, "calendar_days_left");
    const void *at = NULL;
    struct text kind;

    print_as_of(stdout, answer);
    printf("\n");
    print_count(answer, "crimes", "crimes");
    print_count(answer, "journeys", "journeys: a victim through a crime");
    print_count(answer, "records", "records of the journal");
    if (print_number(answer, "waiting"))
        print_count(answer, "waiting", "records more that are durable and not judged yet");
    print_count(answer, "events", "events of cases among them");
    print_count(answer, "duplicates", "events that had come before");
    print_count(answer, "conflicts", "events with the id of another, but other content");
    print_count(answer, "rejected", "rows that could not be read, set aside with their reason");
    for (size_t i = 0; i < json_count(reasons); i++)
        printf("               %lld: " TEXT_FMT "\n", (long long)print_number(json_at(reasons, i), "rows"), TEXT_ARG(print_member(json_at(reasons, i), "reason")));
    if (print_number(answer, "streams_dropped"))
        print_count(answer, "streams_dropped", "streams dropped to make room for new ones: what they send again counts as come before");
    printf("  %12zu records in quarantine\n", json_count(quarantined));
    printf("\nSources of evidence\n");
    for (size_t i = 0; i < json_count(sources); i++) {
        const struct json *s = json_at(sources, i);
        struct text to = print_member(s, "complete_to");
        printf("  %-24.*s %12lld events, ", TEXT_ARG(print_member(s, "source")), (long long)print_number(s, "events"));
        if (to.n)
            printf("complete to "), print_time(stdout, to), print_silence(print_number(s, "silent_s"));
        else
            printf("has not said how far it is complete");
        if (json_get(s, "proves_rules"))
            printf("; can prove %lld of %lld rules", (long long)print_number(s, "proves_rules"), (long long)print_number(answer, "rules"));
        printf("\n");
    }
    if (print_member(answer, "calendar_to").n) {
        printf("\nThe calendar of bank holidays reaches to ");
        print_date(stdout, print_member(answer, "calendar_to"));
        printf(left < CALENDAR_WARNS_DAYS ? ": %lld days. Load a newer one (rightswatch calendar --help)\n" : "\n", (long long)left);
    }
    if (kinds)
        printf("\nRecorded\n");
    while (json_next(kinds, &at, &kind, &count)) {
        int64_t n = 0;
        json_number(count, &n);
        printf("  %12lld " TEXT_FMT "\n", (long long)n, TEXT_ARG(kind));
    }
    if (json_count(quarantined))
        printf("\nQuarantine\n");
    for (size_t i = 0; i < json_count(quarantined) && (int64_t)i < o.limit; i++) {
        const struct json *q = json_at(quarantined, i);
        printf("  record %-12lld " TEXT_FMT "\n", (long long)print_number(q, "record"), TEXT_ARG(print_member(q, "reason")));
    }
    if ((int64_t)json_count(quarantined) > o.limit)
        printf("  and %lld more (--limit)\n", (long long)json_count(quarantined) - (long long)o.limit);
}

static int run(const struct opt_list *operands)
{
    struct json *answer = NULL;
    struct json_out q;
    struct why why = { "" };
    char *text = NULL;
    enum err e;

    if (operands->count)
        return command_misused(&status_command, "it takes options only");
    json_out_init(&q);
    json_out_object(&q);
    json_out_key(&q, "ask"), json_out_text(&q, TEXT("status"));
    json_out_key(&q, "kinds"), json_out_bool(&q, o.kinds);
    json_out_end(&q);
    e = print_ask(o.data, &q, NULL, &text, &answer, &why);
    json_out_fini(&q);
    if (e)
        return command_failed(e, &why);
    if (o.json)
        puts(text);
    else
        print_people(answer);
    json_free(&answer);
    free(text);
    return EXIT_DONE;
}

const struct command status_command = {
    .name = "status",
    .summary = "what came in, what was set aside and why, how far each source is complete",
    .usage = "[OPTION...]",
    .about = "Answers from a running tracker, or from the data folder when none runs.\n",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run,
};
