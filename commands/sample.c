/* sample.c: a seeded, stratified sample of journeys for auditors to read, with the questions to answer. */
#include "commands/command.h"
#include "commands/report_options.h"
#include "commands/sheet.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static struct report_options o = { .store = "rightswatch-opcc", .format = "csv", .out = "audit-sheet.csv" };
static struct { const char *data; int64_t size, seed; } own = { .size = 200, .seed = 1 };

static const struct opt options[] = {
    { "month", "YYYY-MM", "crimes reported in this month", OPT_TEXT, &o.month, 0, 0 },
    { "from", "DAY", "or from this day", OPT_TEXT, &o.from, 0, 0 },
    { "to", "DAY", "to this one", OPT_TEXT, &o.to, 0, 0 },
    { "size", "N", "how many journeys (200)", OPT_NUMBER, &own.size, 1, SAMPLE_SIZE_MAX },
    { "seed", "N", "which ones: the same seed, the same journeys (1)", OPT_NUMBER, &own.seed, 0, INT64_MAX },
    { "out", "FILE", "the sheet (audit-sheet.csv)", OPT_TEXT, &o.out, 0, 0 },
    { "data", "DIR", "the tracker's data folder: then the sheet names crimes and victims (not named)", OPT_TEXT, &own.data, 0, 0 },
    { "as-known-at", "T", "what was known then: a time like 2026-04-07T09:00:00+01:00, or a date (all that is known)", OPT_TEXT, &o.known_at, 0, 0 },
    { "store", "DIR", "what the compliance sink holds (rightswatch-opcc)", OPT_TEXT, &o.store, 0, 0 },
};

static enum err write_sheet(const struct sample *s, const struct cases *refs, struct why *why)
{
    FILE *f = fopen(o.out, "wxe");

    if (!f) {
        why_set(why, "%s cannot be made: %s", o.out, errno == EEXIST ? "it is there already, perhaps with answers; choose another --out" : strerror(errno));
        return E_USAGE;
    }
    (void)fchmod(fileno(f), 0600);          /* it is personal data */
    sheet_write(f, s, refs);
    if (fflush(f) || ferror(f)) {
        why_set(why, "%s cannot be written: %s", o.out, strerror(errno));
        fclose(f);
        return E_IO;
    }
    return fclose(f) ? E_IO : E_OK;
}

static void print_questions(const struct sample *s)
{
    printf("%u journeys, in %s:\n", s->count, o.out);
    for (unsigned i = 0; i < SAMPLE_STRATA; i++)
        printf("  %-22s %5u of %u\n", sample_stratum_words((enum stratum_of)i), s->drawn[i], s->among[i]);
    printf("\nRead each case, free text included, and answer without looking the figures up: yes, late, no, not applicable,\nnot yet, not known; or leave it empty. A yes is:\n\n");
    for (unsigned q = 0; q < QUESTIONS_COUNT; q++)
        printf("  %-13s %s\n%16s%s\n", question_key((enum question)q), question_asked((enum question)q), "", question_yes((enum question)q));
    printf("\nThen: rightswatch report --audit %s …: agreement is printed beside every answer.\n", o.out);
    if (!own.data)
        printf("The sheet has keyed ids alone. To name the cases to those who may know: --data with the tracker's folder.\n");
}

static int run(const struct opt_list *operands)
{
    struct sample s = { .count = 0 };
    struct cases refs = { NULL, 0 };
    struct report_request r;
    struct why why = { "" };
    unsigned formats;
    enum err e;

    if (operands->count)
        return command_misused(&sample_command, "it takes options only");
    if ((e = report_options_read(&o, &r, &formats, &why)) ||
        (e = sample_draw(r.store, r.known_at, r.period, (uint32_t)own.size, (uint64_t)own.seed, &s, &why)))
        return command_failed(e, &why);
    if (!own.data || !(e = cases_find(own.data, s.one, sizeof *s.one, s.count, &refs, &why)))
        e = write_sheet(&s, &refs, &why);
    if (!e)
        print_questions(&s);
    cases_fini(&refs);
    sample_fini(&s);
    return e ? command_failed(e, &why) : EXIT_DONE;
}

const struct command sample_command = {
    .name = "sample",
    .summary = "draw journeys for auditors to read, with the question sheet",
    .usage = "--month YYYY-MM | --from DAY --to DAY [OPTION...]",
    .about = "Auditors read free text, and structured data sees less. So a sample of cases goes to them, evenly from domestic abuse, hate\n"
             "crime, robbery, burglary and all others; their answers come back with report --audit, and how far they agree with the\n"
             "program's is printed beside its figures, with Cohen's kappa.\n\n"
             "The sheet is personal data. It stays in the force.\n",
    .examples = "  rightswatch sample --month 2026-03 --size 200 --seed 7 --data rightswatch-data --out march.csv\n"
                "  rightswatch report --month 2026-03 --audit march.csv\n",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run,
};
