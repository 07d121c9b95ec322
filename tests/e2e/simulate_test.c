/* A force that does not exist: its extracts are the same for the same seed, and say what the truth says was put in. */
#include "core/event.h"
#include "core/hash.h"
#include "core/json.h"
#include "tests/kit/program.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- reading extracts, by other means than those that wrote them ----------------------------- */

enum { CELLS_MAX = 64, BATCHES = 64 };
struct rows { char *text, **line; size_t count; char *name[CELLS_MAX]; size_t columns; };

static size_t split(char *line, char **cell)
{
    size_t n = 0;

    for (char *at = line; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
        cell[n++] = at;
    for (char *at = line; *at; at++)
        if (*at == ',')
            *at = 0;
    return n;
}

static struct rows rows_read(const char *path)
{
    struct rows r = { .text = file_read(path, NULL) };

    cr_assert((r.line = calloc(file_lines(path) + 1, sizeof *r.line)) != NULL);
    for (char *at = strtok(r.text, "\r\n"); at; at = strtok(NULL, "\r\n"))
        r.line[r.count++] = at;
    cr_assert(r.count > 0, "%s has no header", path);
    r.columns = split(r.line[0], r.name);
    return r;
}

static const char *cell_of(const struct rows *r, char **cells, const char *name)
{
    for (size_t i = 0; i < r->columns; i++)
        if (!strcmp(r->name[i], name))
            return cells[i];
    cr_assert_fail("there is no column %s", name);
    return "";
}

static void rows_free(struct rows *r) { free(r->line), free(r->text); }

/* Every row of a table, over all batches there are. */
typedef void each_row(const struct rows *r, char **cells, void *ctx);
static void each(const char *drop, const char *table, each_row *f, void *ctx)
{
    for (int batch = 1; batch <= BATCHES * 8; batch++) {
        char name[64], *path;
        struct rows r;
        snprintf(name, sizeof name, "%s_%d.csv", table, batch);
        path = path_in(drop, name);
        if (file_lines(path)) {
            r = rows_read(path);
            for (size_t i = 1; i < r.count; i++) {
                char *cells[CELLS_MAX];
                cr_assert(split(r.line[i], cells) == r.columns, "%s row %zu: %s", name, i + 1, r.line[i]);
                f(&r, cells, ctx);
            }
            rows_free(&r);
        }
        free(path);
    }
}

static struct json *truth_of(const char *out)
{
    char *path = path_in(out, "truth.json");
    size_t n;
    char *text = file_read(path, &n);
    struct json *j;
    struct why why = { "" };

    cr_assert(json_parse(text, n, &j, &why) == E_OK, "%s", why.text);
    free(text), free(path);
    return j;
}

static int64_t number(const struct json *truth, const char *a, const char *b, const char *c)
{
    const struct json *v = json_get(truth, a);
    int64_t n;

    v = b ? json_get(v, b) : v;
    v = c ? json_get(v, c) : v;
    cr_assert(json_number(v, &n), "%s.%s.%s is no number", a, b ? b : "", c ? c : "");
    return n;
}

/* ---- the same seed, the same bytes ------------------------------------------------------------ */

static uint64_t digest_of(const char *out)
{
    char *drop = path_in(out, "drop");
    struct dirent **name;
    uint64_t digest = 0;
    int n = scandir(drop, &name, NULL, alphasort);

    cr_assert(n > 10);
    for (int i = 0; i < n; i++) {
        if (name[i]->d_name[0] != '.') {
            char *path = path_in(drop, name[i]->d_name);
            size_t bytes;
            char *text = file_read(path, &bytes);
            cr_assert(!strstr(name[i]->d_name, ".part"), "%s was left behind", name[i]->d_name);
            digest = hash_next(digest, name[i]->d_name, strlen(name[i]->d_name));
            digest = hash_next(digest, text, bytes);
            free(text), free(path);
        }
        free(name[i]);
    }
    free(name), free(drop);
    return digest;
}

static uint64_t simulated(const char *dir, const char *name, const char *env, const char *seed)
{
    char *out = path_in(dir, name);
    struct program p = program_start(dir, NULL, env, ARGS("simulate", "--out", out, "--crimes", "150", "--from", "2026-10-12",
                                                          "--to", "2026-10-31", "--dirt", "heavy", "--seed", seed));
    uint64_t digest;

    cr_assert(program_wait(&p, 30) == 0, "%s", file_read(p.out, NULL));
    digest = digest_of(out);
    free(p.out), free(out);
    return digest;
}

Test(simulate, the_same_seed_gives_the_same_bytes_wherever_it_runs, .timeout = 120)
{
    char *dir = folder_make();
    uint64_t here = simulated(dir, "a", NULL, "5");

    cr_assert(here == simulated(dir, "b", NULL, "5"));
    cr_assert(here == simulated(dir, "c", "TZ=Pacific/Auckland", "5"));
    cr_assert(here == simulated(dir, "d", "LC_ALL=de_DE.UTF-8", "5"));
    cr_assert(here != simulated(dir, "e", NULL, "6"));
    folder_remove(&dir);
}

/* Another month of extracts changes nothing of those before. */
Test(simulate, extracts_that_go_on_longer_begin_alike, .timeout = 120)
{
    char *dir = folder_make(), *a = path_in(dir, "a"), *b = path_in(dir, "b");

    cr_assert(program_run(dir, NULL, ARGS("simulate", "--out", a, "--crimes", "200", "--from", "2026-03-02", "--to", "2026-03-15", "--until", "2026-03-31")) == 0);
    cr_assert(program_run(dir, NULL, ARGS("simulate", "--out", b, "--crimes", "200", "--from", "2026-03-02", "--to", "2026-03-15", "--until", "2026-04-30")) == 0);
    for (int batch = 1; batch < 30; batch++) {
        char name[64], *one, *other, *x, *y;
        snprintf(name, sizeof name, "drop/event_%d.csv", batch);
        one = path_in(a, name), other = path_in(b, name);
        cr_assert((file_lines(one) > 0) == (file_lines(other) > 0), "%s", name);
        if (file_lines(one)) {
            x = file_read(one, NULL), y = file_read(other, NULL);
            cr_assert(!strcmp(x, y), "%s", name);
            free(x), free(y);
        }
        free(one), free(other);
    }
    free(a), free(b);
    folder_remove(&dir);
}

/* ---- what the manifest says ------------------------------------------------------------------- */

static void check_file(const char *drop, const char *name, const char *rows, const char *sha256)
{
    char *path = path_in(drop, name), hex[2 * SHA256_BYTES + 1];
    struct hash_sha256 h;
    uint8_t digest[SHA256_BYTES];
    size_t n;
    char *text = file_read(path, &n);

    hash_sha256_init(&h);
    hash_sha256_add(&h, text, n);
    hash_sha256_end(&h, digest);
    hash_hex(digest, sizeof digest, hex);
    cr_assert(!strcmp(hex, sha256), "%s: %s, not %s", name, hex, sha256);
    cr_assert(file_lines(path) == (size_t)atoi(rows) + 1, "%s has %zu lines, and %s rows by its manifest", name, file_lines(path), rows);
    free(text), free(path);
}

struct chain { const char *drop; char to[32]; int batch, files; bool gap; };

static void check_manifest(const struct rows *r, char **cells, void *ctx)
{
    struct chain *c = ctx;
    int batch = atoi(cell_of(r, cells, "batch_id"));

    if (batch != c->batch) {
        cr_assert(c->batch == 0 || !strcmp(c->to, cell_of(r, cells, "extract_from")), "batch %d does not begin where %d ended", batch, c->batch);
        cr_assert(batch == c->batch + 1);
        c->batch = batch;
        snprintf(c->to, sizeof c->to, "%s", cell_of(r, cells, "extract_to"));
    }
    check_file(c->drop, cell_of(r, cells, "file"), cell_of(r, cells, "rows"), cell_of(r, cells, "sha256"));
    c->files++;
}

Test(simulate, rows_and_digests_are_as_the_manifests_say_and_no_time_is_left_out, .timeout = 60)
{
    char *dir = folder_make(), *out = path_in(dir, "out"), *drop = path_in(dir, "out/drop");
    struct chain c = { .drop = drop };

    hash_init();
    cr_assert(program_run(dir, NULL, ARGS("simulate", "--out", out, "--crimes", "200", "--from", "2026-03-02", "--to", "2026-03-22", "--dirt", "none")) == 0);
    each(drop, "manifest", check_manifest, &c);
    /* Three files a day for three weeks, and the list of what is open on three Mondays. */
    cr_assert(c.batch == 21 && c.files == 3 * 21 + 3, "%d batches, %d files", c.batch, c.files);
    free(drop), free(out);
    folder_remove(&dir);
}

/* ---- what the rows say, counted, is what the truth says ------------------------------------------ */

struct counts { int64_t rows, victims, code, vps, acknowledged, need, declined, made, informed; };

static void count_victim(const struct rows *r, char **cells, void *ctx)
{
    struct counts *n = ctx;

    cr_assert(cell_of(r, cells, "victim_ref")[0] == 'V');
    n->victims++;                       /* nothing changes in this world, so no row of a victim comes again */
}

static void count_event(const struct rows *r, char **cells, void *ctx)
{
    struct counts *n = ctx;
    const char *type = cell_of(r, cells, "event_type");
    bool is_known = false;

    for (enum event_type t = 0; t < EVENT_TYPES; t++)
        is_known |= kind_by_name(t, text_of(type)) != KIND_NONE;
    cr_assert(is_known, "'%s' is no kind of event", type);
    n->rows++;
    n->code += !strcmp(type, "code-given");
    n->vps += !strcmp(type, "vps-offered");
    n->acknowledged += !strcmp(type, "acknowledged");
    n->need += !strcmp(type, "needs-assessed") && !strcmp(cell_of(r, cells, "need"), "yes");
    n->declined += !strcmp(type, "declined");
    n->made += !strcmp(type, "made");
    n->informed += !strcmp(type, "victim-informed");
}

/* A share of n is within four standard deviations of its rate. */
static void near_rate(const char *what, int64_t hits, int64_t n, double rate)
{
    double share = (double)hits / (double)n, sigma = sqrt(rate * (1 - rate) / (double)n);

    cr_assert(n > 200 && fabs(share - rate) < 4 * sigma, "%s: %lld of %lld are %.3f; the rate is %.3f", what, (long long)hits, (long long)n, share, rate);
}

Test(simulate, failings_are_recovered_by_counting_the_rows, .timeout = 120)
{
    char *dir = folder_make(), *out = path_in(dir, "out"), *drop = path_in(dir, "out/drop");
    struct counts v = { 0 }, n = { 0 };
    struct json *truth;
    int64_t journeys, told;

    /* Long enough after the last crime for everything to have come that will. */
    cr_assert(program_run(dir, NULL, ARGS("simulate", "--out", out, "--crimes", "2500", "--from", "2024-01-01", "--to", "2024-01-28", "--until", "2027-06-30",
                                          "--every", "28d", "--dirt", "none", "--set", "cancelled=0", "--set", "recorded_twice=0", "--set", "erased=0",
                                          "--set", "enhanced_later=0",
                                          "--set", "second_victim=0.2")) == 0);
    truth = truth_of(out);
    each(drop, "victim", count_victim, &v);
    each(drop, "event", count_event, &n);
    journeys = number(truth, "journeys", NULL, NULL);
    cr_assert(v.victims == journeys, "%lld rows of victims, %lld journeys", (long long)v.victims, (long long)journeys);
    cr_assert(n.rows == number(truth, "rows", "event", NULL));
    near_rate("not told of the Code", journeys - n.code, journeys, 0.51);
    near_rate("not offered a statement", journeys - n.vps, journeys, 0.28);
    near_rate("never referred", n.need - n.declined - n.made, n.need - n.declined, 0.15);
    near_rate("not told of the end", number(truth, "questions", "told_of_end", "no"),
              number(truth, "questions", "told_of_end", "no") + number(truth, "questions", "told_of_end", "yes") +
              number(truth, "questions", "told_of_end", "late"), 0.13);
    near_rate("outcome 16 under domestic abuse", number(truth, "attrition", "domestic_abuse", "outcome_16"),
              number(truth, "attrition", "domestic_abuse", "crimes"), 0.706);
    cr_assert(n.code == number(truth, "duties", "R3-INFO", "in_time") + number(truth, "duties", "R3-INFO", "late"));
    cr_assert(n.acknowledged == number(truth, "duties", "R3-ACK", "in_time") + number(truth, "duties", "R3-ACK", "late"));
    cr_assert(n.made == number(truth, "duties", "R4-REF", "in_time") + number(truth, "duties", "R4-REF", "late"));
    cr_assert(n.declined == number(truth, "duties", "R4-REF", "waived"));
    told = 0;
    for (size_t i = 0; i < 16; i++) {
        static const char *const rules[16] = { "R6-ARREST", "R6-INTERVIEW", "R6-RELEASED", "R6-BAIL", "R6-BAILVAR", "R6-RUI", "R6-NOINV", "R6-CHARGE",
                                               "R6-NFA", "R6-OOCD", "R6-CPSNO", "R8-HEAR", "R8-EVID", "R9-OUT", "R9-SENT", "R8-BAIL" };
        told += number(truth, "duties", rules[i], "in_time") + number(truth, "duties", rules[i], "late");
    }
    told += number(truth, "duties", "R8-WARR", "in_time") + number(truth, "duties", "R8-WARR", "late");
    cr_assert(n.informed == told, "%lld tellings, %lld in the truth", (long long)n.informed, (long long)told);
    json_free(&truth);
    free(drop), free(out);
    folder_remove(&dir);
}

/* ---- dirt --------------------------------------------------------------------------------------- */

static bool any_file_has(const char *drop, const char *table, const char *bytes)
{
    bool found = false;

    for (int batch = 1; batch <= BATCHES && !found; batch++) {
        char name[64], *path, *text;
        size_t n;
        snprintf(name, sizeof name, "%s_%d.csv", table, batch);
        path = path_in(drop, name);
        if (file_lines(path)) {
            text = file_read(path, &n);
            found = memmem(text, n, bytes, strlen(bytes)) != NULL;
            free(text);
        }
        free(path);
    }
    return found;
}

Test(simulate, every_kind_of_dirt_is_there_when_asked_for_and_none_when_not, .timeout = 60)
{
    static const char *const kinds[] = { "late_entry", "missing_attribute", "unknown_code", "duplicate", "resent", "corrected", "mistaken", "missing_value",
        "bad_date", "future_date", "no_victim", "latin1", "broken_quote", "stale", "ambiguous_hour", "vanished", "missing_batch", "truncated", "wrong_count" };
    char *dir = folder_make(), *out = path_in(dir, "dirty"), *drop = path_in(dir, "dirty/drop"), *clean = path_in(dir, "clean");
    struct json *truth;

    cr_assert(program_run(dir, NULL, ARGS("simulate", "--out", out, "--crimes", "2000", "--from", "2026-10-01", "--to", "2026-11-09", "--dirt", "heavy",
                                          "--set", "vanished=0.02", "--set", "missing_batch=0.1", "--set", "truncated=0.1", "--set", "wrong_count=0.1",
                                          "--set", "mistaken=0.02")) == 0);
    truth = truth_of(out);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        cr_assert(number(truth, "dirt", kinds[i], NULL) > 0, "%s was asked for, and there is none", kinds[i]);
    json_free(&truth);
    cr_assert(any_file_has(drop, "event", "\xe9"));
    cr_assert(any_file_has(drop, "event", "2026-02-30"));
    cr_assert(any_file_has(drop, "event", "\"Victim Support"));
    cr_assert(any_file_has(drop, "victim", "Q7"));
    cr_assert(program_run(dir, NULL, ARGS("simulate", "--out", clean, "--crimes", "500", "--from", "2026-10-12", "--to", "2026-10-31", "--dirt", "none")) == 0);
    truth = truth_of(clean);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        cr_assert(number(truth, "dirt", kinds[i], NULL) == 0, "%s in a clean extract", kinds[i]);
    json_free(&truth);
    free(clean), free(drop), free(out);
    folder_remove(&dir);
}

/* ---- what a person types ---------------------------------------------------------------------------- */

#define SAYS(text, part) cr_assert(strstr(text, part), "'%s' is not in:\n%.2000s", part, text)

Test(simulate, parameters_are_printed_as_they_are_read_and_mistakes_are_met_with_words, .timeout = 60)
{
    static const char misspelt[] = "late_entry: 0.1\nlate_enty: 0.2\n";
    char *dir = folder_make(), *out, *again, *file = path_in(dir, "force.yaml"), *folder = path_in(dir, "out");

    cr_assert(program_run(dir, &out, ARGS("simulate", "--print-parameters", "--set", "vps_not_offered=0.4")) == 0);
    SAYS(out, "vps_not_offered:");
    file_write(file, out, strlen(out));
    cr_assert(program_run(dir, &again, ARGS("simulate", "--print-parameters", "--parameters", file)) == 0, "%s", again);
    cr_assert(!strcmp(out, again), "read back, it prints otherwise:\n%s", again);
    free(out), free(again);
    cr_assert(program_run(dir, &out, ARGS("simulate", "--out", folder, "--set", "vps_not_oferred=0.4")) == 2);
    SAYS(out, "did you mean 'vps_not_offered'?");
    free(out);
    cr_assert(program_run(dir, &out, ARGS("simulate", "--out", folder, "--set", "vps_not_offered=28")) == 2);
    SAYS(out, "a rate from 0 to 1");
    free(out);
    file_write(file, misspelt, sizeof misspelt - 1);
    cr_assert(program_run(dir, &out, ARGS("simulate", "--out", folder, "--parameters", file)) != 0);
    SAYS(out, "force.yaml:2");
    free(out);
    cr_assert(program_run(dir, &out, ARGS("simulate", "--out", folder, "--from", "2026-02-30")) == 2);
    SAYS(out, "--from is a day");
    free(out);
    cr_assert(program_run(dir, NULL, ARGS("simulate", "--out", folder, "--crimes", "5")) == 0);
    cr_assert(program_run(dir, &out, ARGS("simulate", "--out", folder, "--crimes", "5")) == 2);
    SAYS(out, "holds a simulation already");
    free(out), free(file), free(folder);
    folder_remove(&dir);
}

Test(simulate, its_directory_and_settings_are_those_of_the_alerts, .timeout = 60)
{
    char *dir = folder_make(), *out = path_in(dir, "out"), *settings = path_in(dir, "out/oic.yaml"), *said;

    cr_assert(program_run(dir, NULL, ARGS("simulate", "--out", out, "--crimes", "60", "--to", "2026-01-11")) == 0);
    cr_assert(program_run(dir, &said, ARGS("oic", "--check", "--config", settings)) == 0, "%s", said);
    SAYS(said, "birmingham-response@force.example");
    free(said), free(settings), free(out);
    folder_remove(&dir);
}

/* ---- memory -------------------------------------------------------------------------------------------- */

static double memory_of(const char *dir, const char *name, const char *crimes, const char *to)
{
    char *out = path_in(dir, name), *text, *took;
    double seconds, mebibytes;

    cr_assert(program_run(dir, &text, ARGS("simulate", "--out", out, "--crimes", crimes, "--from", "2026-01-01", "--to", to, "--every", "28d", "--dirt", "none")) == 0);
    took = strstr(text, "Took");
    cr_assert(took && sscanf(took, "Took %lf s, %lf MiB", &seconds, &mebibytes) == 2, "%s", text);
    free(text), free(out);
    return mebibytes;
}

/* Ten times the crimes take not ten times the memory: a crime that waits is a number in a queue. */
Test(simulate, memory_does_not_grow_with_what_was_written, .timeout = 120)
{
    char *dir = folder_make();
    double small = memory_of(dir, "small", "500", "2026-01-31"), large = memory_of(dir, "large", "5000", "2026-10-31");

    cr_assert(large < small + 8, "%.0f MiB for 500 crimes, %.0f MiB for 5,000", small, large);
    folder_remove(&dir);
}
