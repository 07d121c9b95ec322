#include "commands/changes.h"
#include "commands/print.h"
#include "commands/process.h"

#include <string.h>

enum { RULES_SHOWN_MAX = 2 * RULES_MAX };

/* A line of the table: all changes under one rule. */
struct line { const char *rule; uint64_t moved, restated, gone, added; };
static struct { struct line line[RULES_SHOWN_MAX]; size_t lines; uint64_t listed; } found;
static struct changes_options o;

static struct line *line_of(const char *rule)
{
    size_t i = 0;
    static char names[RULES_SHOWN_MAX][64];

    while (i < found.lines && strcmp(found.line[i].rule, rule))
        i++;
    if (i == RULES_SHOWN_MAX)
        return &found.line[i - 1];
    if (i == found.lines) {
        snprintf(names[i], sizeof names[i], "%s", rule);    /* the law it belongs to goes before the table is printed */
        found.line[found.lines++] = (struct line){ .rule = names[i] };
    }
    return &found.line[i];
}

static enum err print_json(const struct whatif_change *c)
{
    struct json_out out;
    struct text all;
    enum err e;

    json_out_init(&out);
    json_out_object(&out);
    json_out_key(&out, "crime_ref"), json_out_text(&out, c->crime_ref);
    json_out_key(&out, "victim_ref"), json_out_text(&out, c->victim_ref);
    json_out_key(&out, "rule"), json_out_text(&out, text_of(c->rule));
    if (c->was)
        json_out_key(&out, "state_before"), json_out_text(&out, text_of(state_name(c->state_before)));
    json_put_time(&out, "due_before", c->due_before);
    if (c->is)
        json_out_key(&out, "state_after"), json_out_text(&out, text_of(state_name(c->state_after)));
    json_put_time(&out, "due_after", c->due_after);
    json_out_end(&out);
    if (!(e = json_out_done(&out, &all)))
        printf(TEXT_FMT "\n", TEXT_ARG(all));
    json_out_fini(&out);
    return e;
}

static void print_due(const struct zone *z, struct instant due)
{
    char date[11], clock[6];

    if (!instant_is_set(due)) {
        printf("not computable");
        return;
    }
    day_format(zone_day(z, due), date);
    zone_deadline_clock(z, due, clock);
    print_date(stdout, text_of(date));
    if (clock[0])
        printf(" %s", clock);
}

static void print_change(const struct whatif_change *c)
{
    printf("  " TEXT_FMT "  " TEXT_FMT "  %s  ", TEXT_ARG(c->crime_ref), TEXT_ARG(c->victim_ref), c->rule);
    if (!c->was) {
        printf("newly owed, due "), print_due(c->zone_after, c->due_after), printf(": %s\n", state_name(c->state_after));
    } else if (!c->is) {
        printf("no longer owed; it was %s\n", state_name(c->state_before));
    } else {
        if (c->due_before.s != c->due_after.s) {
            printf("due "), print_due(c->zone_before, c->due_before);
            printf(" -> "), print_due(c->zone_after, c->due_after);
        }
        if (c->state_before != c->state_after)
            printf("%s%s -> %s", c->due_before.s != c->due_after.s ? "; " : "", state_name(c->state_before), state_name(c->state_after));
        printf("\n");
    }
}

static enum err visit(void *ctx, const struct whatif_change *c)
{
    struct line *l = line_of(c->rule);

    (void)ctx;
    l->gone += c->was && !c->is;
    l->added += !c->was;
    l->moved += c->was && c->is && c->due_before.s != c->due_after.s;
    l->restated += c->was && c->is && c->state_before != c->state_after;
    if (o.json)
        return print_json(c);
    if (found.listed++ < o.limit) {
        process_clear_line();
        print_change(c);
    }
    return E_OK;
}

static void show(uint64_t done, uint64_t all)
{
    process_progress("%3.0f %% judged", all ? 100.0 * (double)done / (double)all : 100.0);
}

static void print_table(const struct whatif_counts *n)
{
    if (found.listed > o.limit)
        printf("  ... and %llu more (--limit, --json)\n", (unsigned long long)(found.listed - o.limit));
    printf("%s%llu records, %llu journeys: of %llu obligations %llu stay as they are\n", found.listed ? "\n" : "", (unsigned long long)n->records,
           (unsigned long long)n->journeys, (unsigned long long)n->obligations, (unsigned long long)n->same);
    if (!found.lines)
        return;
    printf("\n%-14s %12s %12s %14s %12s\n", "RULE", "DUE MOVES", "OTHER STATE", "NO LONGER OWED", "NEWLY OWED");
    for (size_t i = 0; i < found.lines; i++)
        printf("%-14s %12llu %12llu %14llu %12llu\n", found.line[i].rule, (unsigned long long)found.line[i].moved,
               (unsigned long long)found.line[i].restated, (unsigned long long)found.line[i].gone, (unsigned long long)found.line[i].added);
}

enum err changes_print(const struct folder *f, const struct whatif_options *other, const struct changes_options *options, struct why *why)
{
    struct whatif_counts n;
    enum err e;

    o = *options;
    e = whatif_folder(f, other, visit, NULL, show, &n, why);
    process_clear_line();
    if (!e && !o.json)
        print_table(&n);
    return e;
}
