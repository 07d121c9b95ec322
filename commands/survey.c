/* survey.c: the journeys whose victims may be surveyed without putting anyone at risk. */
#include "commands/command.h"
#include "commands/print.h"
#include "commands/report_options.h"
#include "commands/sheet.h"
#include "core/hash.h"
#include "sinks/opcc/survey.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static struct report_options o = { .store = "rightswatch-opcc", .format = "csv", .out = "survey-safe.csv" };
static struct { const char *data; } own;

static const struct opt options[] = {
    { "month", "YYYY-MM", "crimes reported in this month", OPT_TEXT, &o.month, 0, 0 },
    { "from", "DAY", "or from this day", OPT_TEXT, &o.from, 0, 0 },
    { "to", "DAY", "to this one", OPT_TEXT, &o.to, 0, 0 },
    { "out", "FILE", "the list (survey-safe.csv)", OPT_TEXT, &o.out, 0, 0 },
    { "data", "DIR", "the tracker's data folder: then the list names crimes and victims (not named)", OPT_TEXT, &own.data, 0, 0 },
    { "store", "DIR", "what the compliance sink holds (rightswatch-opcc)", OPT_TEXT, &o.store, 0, 0 },
};

struct list {
    struct period period;
    uint8_t (*id)[KEYED_BYTES];
    uint32_t count, cap, by[EXCLUSIONS_COUNT];
};

static enum err visit(void *ctx, const struct journey_facts *j)
{
    struct list *l = ctx;
    enum exclusion x;

    if (!day_is_set(j->row->reported) || !period_has(l->period, j->row->reported))
        return E_OK;
    x = survey_exclusion(j);
    l->by[x]++;
    if (x != SURVEY_SAFE)
        return E_OK;
    if (l->count == l->cap) {
        uint32_t cap = l->cap ? l->cap * 2 : 4096;
        void *more = realloc(l->id, cap * sizeof *l->id);
        if (!more)
            return E_MEMORY;
        l->id = more;
        l->cap = cap;
    }
    memcpy(l->id[l->count++], j->row->id, KEYED_BYTES);
    return E_OK;
}

static enum err write_list(const struct list *l, const struct cases *refs, struct why *why)
{
    FILE *f = fopen(o.out, "we");
    char hex[2 * KEYED_BYTES + 1];
    bool failed;

    if (!f) {
        why_set(why, "%s cannot be written: %s", o.out, strerror(errno));
        return E_USAGE;
    }
    (void)fchmod(fileno(f), 0600);          /* it is personal data */
    fputs("journey,crime_ref,victim_ref\r\n", f);
    for (uint32_t i = 0; i < l->count; i++) {
        const struct found_case *ref = cases_get(refs, l->id[i]);
        hash_hex(l->id[i], KEYED_BYTES, hex);
        fprintf(f, "%s,", hex);
        print_csv(f, text_of(ref ? ref->crime : ""), false);
        print_csv(f, text_of(ref ? ref->victim : ""), true);
    }
    failed = ferror(f);
    if (fclose(f) || failed) {
        why_set(why, "%s cannot be written: %s", o.out, strerror(errno));
        return E_IO;
    }
    return E_OK;
}

static int run(const struct opt_list *operands)
{
    struct list l = { .count = 0 };
    struct cases refs = { NULL, 0 };
    struct known *k = NULL;
    struct report_request r;
    struct why why = { "" };
    unsigned formats;
    enum err e;

    if (operands->count)
        return command_misused(&survey_command, "it takes options only");
    if ((e = report_options_read(&o, &r, &formats, &why)))
        return command_failed(e, &why);
    l.period = r.period;
    if (!(e = known_open(r.store, INSTANT_NONE, &k, &why)) && !(e = known_each_journey(k, visit, &l)) &&
        (!own.data || !(e = cases_find(own.data, l.id, sizeof *l.id, l.count, &refs, &why))))
        e = write_list(&l, &refs, &why);
    if (!e) {
        printf("%u journeys may be surveyed: %s\n\nNot, each counted once, by the first reason:\n", l.count, o.out);
        for (unsigned x = 1; x < EXCLUSIONS_COUNT; x++)
            printf("  %7u  %s\n", l.by[x], exclusion_words((enum exclusion)x));
        printf("\nThe list is as of the last draw, yesterday: look again on the day a survey is sent.\n");
    }
    cases_fini(&refs);
    known_close(&k);
    free(l.id);
    return e ? command_failed(e, &why) : EXIT_DONE;
}

const struct command survey_command = {
    .name = "survey",
    .summary = "whose victims may be surveyed without putting anyone at risk",
    .usage = "--month YYYY-MM | --from DAY --to DAY [OPTION...]",
    .about = "Lists the journeys of crimes reported in a period whose victims may be asked how it was. Left out are domestic abuse, sexual,\n"
             "stalking and honour-based crimes, homicides, the bereaved, children, those with a safe-contact plan, who wish no contact, are\n"
             "restricted or deferred; and everyone of whom that is not known.\n\n"
             "The list is personal data. It stays in the force.\n",
    .examples = "  rightswatch survey --month 2026-03 --data rightswatch-data --out march.csv\n",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run,
};
