/* simulate.c: extracts of a force that does not exist, and the truth about it. */
#include "commands/command.h"
#include "commands/process.h"
#include "producers/simulate/simulate.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct {
    const char *from, *to, *until, *out, *parameters, *dirt;
    struct opt_list set;
    int64_t crimes, seed, every_s;
    bool print_parameters, json;
} o = { .from = "2026-01-05", .dirt = "usual", .crimes = 1000, .seed = 1, .every_s = 86400 };

static const struct opt options[] = {
    { "out", "DIR", "the folder to fill; made if missing, must not hold a simulation yet", OPT_TEXT, &o.out, 0, 0 },
    { "crimes", "N", "crimes reported in all (1000)", OPT_NUMBER, &o.crimes, 1, WORLD_CRIMES_MAX },
    { "from", "DAY", "first day on which crimes are reported (2026-01-05)", OPT_TEXT, &o.from, 0, 0 },
    { "to", "DAY", "last day on which crimes are reported (28 days in all)", OPT_TEXT, &o.to, 0, 0 },
    { "until", "DAY", "extracts go on to the night after this day (as --to)", OPT_TEXT, &o.until, 0, 0 },
    { "every", "SPAN", "a batch each so often: whole days, in the small hours, or less, as 15m (1d)", OPT_SPAN, &o.every_s, 60, 28 * 86400 },
    { "seed", "N", "the same seed, the same bytes (1)", OPT_NUMBER, &o.seed, 0, INT64_MAX },
    { "set", "NAME=RATE", "set a parameter; may be given again", OPT_LIST, &o.set, 0, 0 },
    { "parameters", "FILE", "set parameters from a file, as --print-parameters writes it", OPT_TEXT, &o.parameters, 0, 0 },
    { "dirt", "none|usual|heavy", "none, as parameters say, or ten times that (usual)", OPT_CHOICE, &o.dirt, 0, 0 },
    { "print-parameters", NULL, "print every parameter as it would be used, and end", OPT_FLAG, &o.print_parameters, 0, 0 },
    { "json", NULL, "print truth.json instead of the summary", OPT_FLAG, &o.json, 0, 0 },
};

enum { PATH_BYTES = 4096, DAYS_UNLESS_SAID = 28 };

/* Defaults, then the file, then --dirt, then each --set. */
static enum err read_parameters(struct parameters *p, struct why *why)
{
    enum err e;

    parameters_init(p);
    if (o.parameters && (e = parameters_load(p, o.parameters, why)))
        return e;
    if (strcmp(o.dirt, "usual"))
        parameters_scale(p, GROUP_dirt, o.dirt[0] == 'n' ? 0 : 10);
    for (size_t i = 0; i < o.set.count; i++)
        if ((e = parameters_set(p, o.set.item[i], why)))
            return e;
    return E_OK;
}

static enum err read_day(const char *name, const char *text, struct day *ret, struct why *why)
{
    if (day_parse(text, strlen(text), ret) || day_before(*ret, day_from_ymd(2000, 1, 1)) || day_before(day_from_ymd(2095, 12, 31), *ret)) {
        why_set(why, "--%s is a day from 2000 to 2095, as in 2026-04-01, not '%.40s'", name, text);
        return E_USAGE;
    }
    return E_OK;
}

static enum err read_days(struct simulate_options *s, struct why *why)
{
    enum err e;

    if ((e = read_day("from", o.from, &s->from, why)))
        return e;
    s->to = day_add(s->from, DAYS_UNLESS_SAID - 1);
    if (o.to && (e = read_day("to", o.to, &s->to, why)))
        return e;
    s->until = s->to;
    if (o.until && (e = read_day("until", o.until, &s->until, why)))
        return e;
    if (day_before(s->to, s->from) || day_before(s->until, s->to)) {
        why_set(why, "--from, --to and --until are days in that order");
        return E_USAGE;
    }
    if (s->until.n - s->from.n >= WORLD_DAYS_MAX) {
        why_set(why, "that is more than ten years; simulate them in parts, with different seeds");
        return E_USAGE;
    }
    if (o.every_s >= 86400 && o.every_s % 86400) {
        why_set(why, "--every is whole days or less than one");
        return E_USAGE;
    }
    return E_OK;
}

static enum err make_folder(struct why *why)
{
    char path[PATH_BYTES];

    if (mkdir(o.out, 0700) && errno != EEXIST) {
        why_set(why, "%.150s cannot be made: %s", o.out, strerror(errno));
        return E_USAGE;
    }
    if (snprintf(path, sizeof path, "%s/truth.json", o.out) >= (int)sizeof path)
        return E_USAGE;
    if (!access(path, F_OK) || (snprintf(path, sizeof path, "%s/drop", o.out), !access(path, F_OK))) {
        why_set(why, "%.150s holds a simulation already: name another folder, or remove it first", o.out);
        return E_USAGE;
    }
    return E_OK;
}

static enum err write_truth(const struct truth *t, struct why *why)
{
    char path[PATH_BYTES];
    struct json_out out;
    struct text text;
    FILE *f = NULL;
    enum err e;

    json_out_init(&out);
    truth_json(t, &out);
    if ((e = json_out_done(&out, &text)))
        goto fini;
    snprintf(path, sizeof path, "%s/truth.json", o.out);
    if (!(f = fopen(path, "we")) || fwrite(text.p, 1, text.n, f) != text.n || fflush(f)) {
        why_set(why, "%.150s cannot be written: %s", path, strerror(errno));
        e = E_IO;
    }
    if (!e && o.json)
        fwrite(text.p, 1, text.n, stdout);
fini:
    if (f)
        fclose(f);
    json_out_fini(&out);
    return e;
}

static enum err write_file(const char *name, void (*print)(const struct simulate *s, FILE *f), const struct simulate *s, struct why *why)
{
    char path[PATH_BYTES];
    FILE *f;
    enum err e = E_OK;

    snprintf(path, sizeof path, "%s/%s", o.out, name);
    if (!(f = fopen(path, "we"))) {
        why_set(why, "%.150s cannot be written: %s", path, strerror(errno));
        return E_IO;
    }
    print(s, f);
    if (fflush(f) || ferror(f)) {
        why_set(why, "%.150s cannot be written: %s", path, strerror(errno));
        e = E_IO;
    }
    fclose(f);
    return e;
}

static void print_directory(const struct simulate *s, FILE *f)
{
    const struct world *w = simulate_world(s);

    force_print_directory(&w->force, w->from, day_add(world_day(w, w->end), 1), f);
}

static void print_settings(const struct simulate *s, FILE *f) { force_print_settings(&simulate_world(s)->force, simulate_world(s)->from, f); }

static void print_dirt(const struct truth *t)
{
    bool any = false;

    for (enum parameter p = 0; p < PARAMETERS; p++) {
        if (parameter_group(p) != GROUP_dirt || !t->dirt[p])
            continue;
        printf("%s%s %" PRIu64, any ? ", " : "Dirt        ", parameter_name(p), t->dirt[p]);
        any = true;
    }
    if (any)
        printf("\n");
}

static void print_summary(const struct simulate *s, struct mono began)
{
    const struct truth *t = simulate_truth(s);

    printf("Force       %u officers in %u teams\n", simulate_world(s)->force.officers, simulate_world(s)->force.teams);
    printf("Crimes      %" PRIu64 ", of which %" PRIu64 " decided, %" PRIu64 " cancelled; %" PRIu64 " journeys of victims\n",
           t->crimes, t->decided, t->cancelled, t->journeys);
    printf("Rows        %" PRIu64 " of crimes, %" PRIu64 " of victims, %" PRIu64 " of events, in %" PRIu64 " batches\n", t->rows[TABLE_CRIME],
           t->rows[TABLE_VICTIM], t->rows[TABLE_EVENT], t->batches);
    print_dirt(t);
    printf("Not done   ");
    for (enum question q = 0; q < QUESTIONS; q++)
        if (truth_share_not(&t->question[q]) >= 0)
            printf(" %s %.1f %%%s", question_name(q), truth_share_not(&t->question[q]), q + 1 < QUESTIONS ? "," : "\n");
    printf("Took        %.2f s, %.0f MiB\n", (double)mono_ms_since(began) / 1000.0, (double)process_memory_bytes() / 1048576.0);
    printf("\n  %s/drop           batches, as a record system drops them\n  %s/truth.json     what was put in\n"
           "  %s/directory.csv  the officers\n  %s/oic.yaml       settings of alerts to them\n", o.out, o.out, o.out, o.out);
}

static int run(const struct opt_list *operands)
{
    struct simulate_options so = { .every_s = o.every_s, .seed = (uint64_t)o.seed, .crimes = (uint32_t)o.crimes };
    struct mono began = mono_now();
    struct simulate *s = NULL;
    struct why why = { "" };
    char drop[PATH_BYTES];
    uint64_t done = 0;
    enum err e;

    if (operands->count)
        return command_misused(&simulate_command, "it takes options only");
    if ((e = read_parameters(&so.parameters, &why)))
        return command_failed(e, &why);
    if (o.print_parameters) {
        parameters_print(&so.parameters, stdout);
        return EXIT_DONE;
    }
    if (!o.out)
        return command_misused(&simulate_command, "name the folder to fill: --out DIR");
    if ((e = read_days(&so, &why)) || (e = make_folder(&why)))
        return command_failed(e, &why);
    snprintf(drop, sizeof drop, "%s/drop", o.out);
    so.drop = drop;
    if (!(e = simulate_open(&so, &s, &why)))
        while (!(e = simulate_next(s, &why)) && !process_is_stopping())
            process_progress("batch %" PRIu64 " of %" PRIu64 ", %" PRIu64 " crimes, %" PRIu64 " rows of events", ++done, simulate_batches(s),
                             simulate_truth(s)->crimes, simulate_truth(s)->rows[TABLE_EVENT]);
    process_clear_line();
    if (e == E_END && !(e = write_truth(simulate_truth(s), &why)) && !(e = write_file("directory.csv", print_directory, s, &why)) &&
        !(e = write_file("oic.yaml", print_settings, s, &why)) && !o.json)
        print_summary(s, began);
    simulate_close(&s);
    if (e)
        return command_failed(e, &why);
    return process_is_stopping() ? EXIT_INTERRUPTED : EXIT_DONE;
}

const struct command simulate_command = {
    .name = "simulate",
    .summary = "extracts of a force that does not exist, with the truth beside them",
    .usage = "--out DIR [OPTION...]",
    .about = "Makes up a force with areas, teams, shifts and officers who come and go, the crimes reported to it, and what\n"
             "becomes of them; and writes what its record system would have dropped into DIR/drop, batch by batch:\n"
             "imperfect, as such extracts are. DIR/truth.json says what was put in: how often each duty was met, late or\n"
             "never done, so that a report on the extracts can be checked. DIR/directory.csv lists the officers, and\n"
             "DIR/oic.yaml sends alerts to them: run --connect DIR/drop --oic DIR/oic.yaml.\n"
             "The failings are parameters; those of an audit of July 2021 are the defaults. docs/simulate.md tells more.\n",
    .examples = "  rightswatch simulate --out week --crimes 200 --from 2026-03-30 --to 2026-04-05 --until 2026-04-30\n"
                "  rightswatch simulate --out year --crimes 350000 --from 2026-01-01 --to 2026-12-31 --set vps_not_offered=0.4\n"
                "  rightswatch simulate --print-parameters > force.yaml\n",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run,
};
