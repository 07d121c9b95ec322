#include "commands/feed.h"
#include "commands/command.h"
#include "commands/process.h"
#include "core/json.h"

#include <stdio.h>

int feed_exit(bool refused, bool waits) { return refused ? EXIT_FAILED : waits ? EXIT_WAITS : EXIT_DONE; }

enum after feed_after(const char *word) { return word[0] == 'a' ? AFTER_ARCHIVE : word[0] == 'd' ? AFTER_DELETE : AFTER_KEEP; }

static const char *news_name(enum connect_news what)
{
    static const char *const names[] = { "taken", "again", "refused", "gap", "waiting", "reject" };

    return names[what];
}

static void tell_json(const struct connect_told *told)
{
    struct json_out o;
    struct text t;

    json_out_init(&o);
    if (told->what == NEWS_TAKEN) {
        batch_summary_json(told->summary, told->source, &o);
    } else {
        json_out_object(&o);
        json_put_text(&o, news_name(told->what), text_of(told->text));
        if (told->batch)
            json_put_number(&o, "batch", (int64_t)told->batch);
        json_out_end(&o);
        json_out_newline(&o);
    }
    if (!json_out_done(&o, &t))
        fwrite(t.p, 1, t.n, stdout);
    fflush(stdout);
    json_out_fini(&o);
}

static const char *rows(uint64_t n) { return n == 1 ? "row" : "rows"; }

static void tell_taken(const struct feed_talk *talk, const struct batch_summary *s)
{
    const struct differ_counts *n = &s->counts;
    char to[INSTANT_TEXT], complete[INSTANT_TEXT];

    instant_format(s->to, to);
    instant_format(s->complete_to, complete);
    printf("batch %llu to %.16s  %llu %s: %llu new, %llu changed, %llu as before; %llu events\n", (unsigned long long)s->id, to,
           (unsigned long long)n->rows, rows(n->rows), (unsigned long long)n->fresh, (unsigned long long)n->changed, (unsigned long long)n->same,
           (unsigned long long)n->events);
    if (n->rejected && talk->checks)
        printf("    %llu %s would be refused: file, row, column, what stands there, why, what would hold the journey\n", (unsigned long long)n->rejected, rows(n->rejected));
    else if (n->rejected && talk->after == AFTER_KEEP)
        printf("    %llu %s refused: %s/rejects_%06llu.csv says which and why\n", (unsigned long long)n->rejected, rows(n->rejected), talk->dir, (unsigned long long)s->id);
    else if (n->rejected)
        printf("    %llu %s refused: %s/archive/%06llu/rejects_%06llu.csv says which and why\n", (unsigned long long)n->rejected, rows(n->rejected), talk->dir,
               (unsigned long long)s->id, (unsigned long long)s->id);
    for (kind_t k = 1; talk->checks && k < KIND_COUNT; k++)
        if (n->kind[k])
            printf("    %8llu %s\n", (unsigned long long)n->kind[k], kind_name(k));
    if (n->stale)
        printf("    %llu %s older than what is known: last_updated went back, nothing was changed by them\n", (unsigned long long)n->stale, rows(n->stale));
    if (n->ambiguous)
        printf("    %llu times lie in the hour that autumn repeats; each is taken as the first of the two\n", (unsigned long long)n->ambiguous);
    for (enum column c = 0; c < COLUMNS; c++)
        if (n->unknown[c])
            printf("    %llu %s with a code in %s.%s that no list knows: kept as it is; a table in the mapping can say what it means\n",
                   (unsigned long long)n->unknown[c], rows(n->unknown[c]), table_name(column_table[c].table), column_table[c].name);
    if (n->missing)
        printf("    %llu open by what was sent, and not on the list of open crimes: nothing of theirs is called missed until a row comes\n",
               (unsigned long long)n->missing);
    if (n->unknown_open)
        printf("    %llu of the list of open crimes never sent: ask for a batch with their rows\n", (unsigned long long)n->unknown_open);
    if (s->doubt[0])
        printf("    %s\n", s->doubt);
    if (instant_before(s->complete_to, s->to))
        printf("    complete only to %.16s: what came before this batch is missing\n", complete);
}

void feed_tell(void *ctx, const struct connect_told *told)
{
    struct feed_talk *talk = ctx;

    talk->refused |= told->what == NEWS_REFUSED;
    talk->waits |= told->what == NEWS_WAITING;
    if (talk->quiet || (talk->brief && told->what == NEWS_TAKEN && !told->summary->doubt[0]))
        return;
    process_clear_line();
    if (talk->json) {
        tell_json(told);
        return;
    }
    if (told->what == NEWS_TAKEN) {
        tell_taken(talk, told->summary);
    } else if (told->what == NEWS_REJECT) {
        printf("    %s\n", told->text);
    } else {
        const char *words[] = { "", "as before", "REFUSED", "MISSING", "waiting" };
        if (told->batch)
            printf("batch %llu %s: %s\n", (unsigned long long)told->batch, words[told->what], told->text);
        else
            printf("%s: %s\n", words[told->what], told->text);
    }
    fflush(stdout);
}
