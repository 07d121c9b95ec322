/* Input that nobody here wrote: other people's columns, through a mapping, judged by another regime's rule book. */
#include "tests/kit/program.h"
#include "tests/kit/standing.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

/* The whole file where there is one, else the excerpt that is shipped. */
static char *find_extract(const char *whole, const char *excerpt, bool *ret_is_whole)
{
    const char *dir = getenv("RIGHTSWATCH_DATA");
    char *path = path_in(dir ? dir : "../shared/data", whole);

    *ret_is_whole = access(path, R_OK) == 0;
    if (*ret_is_whole)
        return path;
    free(path);
    return path_in("tests/data", excerpt);
}

/* ---- road traffic fines -------------------------------------------------------- */

struct due { char crime[32], date[11]; };
struct dues { struct due *row; size_t count; };

static int by_crime(const void *a, const void *b) { return strcmp(((const struct due *)a)->crime, ((const struct due *)b)->crime); }

/* "due_date,due_time,due,state,crime_ref,..." as `due --csv` prints it. */
static struct dues read_dues(char *csv)
{
    struct dues d = { 0 };
    size_t lines = 0;

    for (char *p = csv; (p = strchr(p, '\n')); p++)
        lines++;
    cr_assert((d.row = calloc(lines + 1, sizeof *d.row)) != NULL);
    for (char *line = strtok(csv, "\r\n"); line; line = strtok(NULL, "\r\n"))
        if (sscanf(line, "%10[0-9-],%*[^,],%*[^,],%31[^,],", d.row[d.count].date, d.row[d.count].crime) == 2 ||
            sscanf(line, "%10[0-9-],,%*[^,],%*[^,],%31[^,],", d.row[d.count].date, d.row[d.count].crime) == 2)
            d.count++;
    qsort(d.row, d.count, sizeof *d.row, by_crime);
    return d;
}

static bool is_due(const struct dues *d, const char *crime, const char *date)
{
    struct due key;
    const struct due *found;

    snprintf(key.crime, sizeof key.crime, "%s", crime);
    found = bsearch(&key, d->row, d->count, sizeof key, by_crime);
    return found && !strcmp(found->date, date);
}

/* Sixty local calendar days from the notification, and the log's own system added its penalty on just that day. */
Test(extracts, every_penalty_was_added_on_the_day_our_rule_says, .timeout = 600)
{
    bool whole;
    char *dir = folder_make(), *data = path_in(dir, "data"), *out, line[1024], crime[32], activity[64], date[11];
    char *extract = find_extract("road-traffic-fines.csv.gz", "road-traffic-fines-excerpt.csv.gz", &whole);
    size_t added = 0, agreed = 0;
    struct dues due;
    gzFile log;

    cr_assert(program_run(dir, &out, ARGS("run", "--once", "--show", "0", "--data", data, "--map", "deploy/examples/fines.map.yaml",
                                          "--rules", "deploy/examples/fines.rules.yaml", extract)) == 0, "%s", out);
    free(out);
    cr_assert(program_run(dir, &out, ARGS("due", "--all", "--csv", "--limit", "1000000", "--data", data)) == 0, "%s", out);
    due = read_dues(out);
    cr_assert((log = gzopen(extract, "rb")) != NULL);
    while (gzgets(log, line, sizeof line)) {
        if (sscanf(line, "%31[^,],%63[^,],%10s", crime, activity, date) != 3 || strcmp(activity, "Add penalty") != 0)
            continue;
        added++;
        agreed += is_due(&due, crime, date);
    }
    gzclose(log);
    cr_log_info("%zu of %zu", agreed, added);
    cr_assert(added == (whole ? 79860 : 1310), "%zu penalties", added);
    cr_assert(agreed == added, "%zu of %zu", agreed, added);
    free(due.row), free(out), free(extract), free(data);
    folder_remove(&dir);
}

/* ---- crimes as published --------------------------------------------------------- */

#define SAYS(text, part) cr_assert(strstr(text, part), "'%s' is not in:\n%.3000s", part, text)

/* Anti-social behaviour is published without an id: 2,983 rows of the whole file. Some crimes are there twice. */
Test(extracts, crimes_without_an_id_are_set_aside_and_repeated_ids_do_no_harm, .timeout = 300)
{
    bool whole;
    char *dir = folder_make(), *data = path_in(dir, "data"), *out, *before, *after;
    char *extract = find_extract("city-of-london-street-2018-12_2021-11.csv.gz", "city-of-london-street-excerpt.csv.gz", &whole);
    const char *const run[] = { "run", "--once", "--show", "0", "--data", data, "--map", "deploy/examples/police-uk.map.yaml", extract, NULL };

    cr_assert(program_run(dir, &out, run) == 0, "%s", out);
    SAYS(out, whole ? "2983 set aside: row has no crime id" : "201 set aside: row has no crime id");
    free(out);
    cr_assert(program_run(dir, &out, ARGS("status", "--json", "--data", data)) == 0);
    SAYS(out, whole ? "\"crimes\":19224," : "\"crimes\":1159,");
    SAYS(out, whole ? "\"journeys\":19224," : "\"journeys\":1159,");
    SAYS(out, whole ? "\"rejected\":2983," : "\"rejected\":201,");
    SAYS(out, "\"waiting\":0,");
    SAYS(out, "\"quarantined\":[]");
    free(out);
    before = owed_of(dir, data);
    cr_assert(program_run(dir, &out, run) == 0, "%s", out);
    after = owed_of(dir, data);
    cr_assert_str_eq(before, after, "the same file again changed what is owed");
    free(digests_of(dir, data));
    free(before), free(after), free(out), free(extract), free(data);
    folder_remove(&dir);
}
