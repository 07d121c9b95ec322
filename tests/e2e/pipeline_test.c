/* From events in a file to notices in a folder, through the real program. */
#include "tests/kit/cases.h"
#include "tests/kit/program.h"
#include "tests/kit/standing.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { JOURNEYS = 600, SEED = 20260301 };

static void run_once(const char *dir, const char *data, const char *input)
{
    char *out;

    cr_assert(program_run(dir, &out, ARGS("run", "--once", "--data", data, input)) == 0, "%s", out);
    free(out);
}

static void check_same(const char *a, const char *b, const char *what)
{
    if (!strcmp(a, b))
        return;
    while (*a && *a == *b)
        a++, b++;
    cr_assert_fail("%s: ...%.200s\nwhere the other has\n...%.200s", what, a, b);
}

/* Runs the cases in some order and gives what stands and what is owed. */
static void stand(const char *dir, const char *name, const struct cases *c, char **ret_standing, char **ret_owed)
{
    char *data = path_in(dir, name), *input;

    cr_assert(asprintf(&input, "%s.ndjson", data) > 0);
    cases_write(c, input);
    run_once(dir, data, input);
    *ret_standing = standing_of(dir, data);
    *ret_owed = owed_of(dir, data);
    free(digests_of(dir, data));
    free(data);
    free(input);
}

Test(pipeline, any_order_and_every_event_twice_stand_the_same, .timeout = 300)
{
    char *dir = folder_make(), *calm, *calm_owed, *other, *other_owed;
    struct cases c;

    cases_make(&c, SEED, JOURNEYS);
    stand(dir, "in-order", &c, &calm, &calm_owed);
    cr_assert(strstr(calm, "outstanding") && strstr(calm, "met-late") && strstr(calm, "R4-REF"), "the cases say too little:\n%.2000s", calm);
    cases_shuffle(&c, 30);
    stand(dir, "shuffled", &c, &other, &other_owed);
    check_same(calm_owed, other_owed, "shuffled by 30 days, owed");
    check_same(calm, other, "shuffled by 30 days, told");
    free(other), free(other_owed);
    cases_free(&c);
    cases_make(&c, SEED, JOURNEYS);
    cases_reverse(&c);
    stand(dir, "reversed", &c, &other, &other_owed);
    check_same(calm_owed, other_owed, "reversed, owed");
    check_same(calm, other, "reversed, told");
    free(other), free(other_owed);
    cases_free(&c);
    cases_make(&c, SEED, JOURNEYS);
    cases_twice(&c);
    stand(dir, "twice", &c, &other, &other_owed);
    check_same(calm_owed, other_owed, "every event twice, owed");
    check_same(calm, other, "every event twice, told");
    free(other), free(other_owed), free(calm), free(calm_owed);
    cases_free(&c);
    folder_remove(&dir);
}

Test(pipeline, the_same_input_again_tells_nothing_twice, .timeout = 120)
{
    char *dir = folder_make(), *data = path_in(dir, "data"), *input = path_in(dir, "in.ndjson");
    char *trail = path_in(data, "trail.ndjson"), *before, *after;
    struct cases c;

    cases_make(&c, SEED, 100);
    cases_write(&c, input);
    run_once(dir, data, input);
    before = file_read(trail, NULL);
    cr_assert(trail_check(trail) > 0);
    run_once(dir, data, input);
    after = file_read(trail, NULL);
    check_same(before, after, "the trail after the same input again");
    cases_free(&c);
    free(before), free(after), free(trail), free(input), free(data);
    folder_remove(&dir);
}

Test(pipeline, a_run_cut_in_pieces_stands_as_one_run, .timeout = 300)
{
    char *dir = folder_make(), *whole, *whole_owed, *pieces, *pieces_owed;
    char *data = path_in(dir, "pieces"), *part = path_in(dir, "part.ndjson");
    struct cases c;

    cases_make(&c, SEED + 1, 200);
    stand(dir, "whole", &c, &whole, &whole_owed);
    for (size_t i = 0; i < 7; i++) {
        cases_write_from(&c, i * c.count / 7, (i + 1) * c.count / 7, part);
        run_once(dir, data, part);
    }
    pieces = standing_of(dir, data);
    pieces_owed = owed_of(dir, data);
    check_same(whole_owed, pieces_owed, "in seven pieces, owed");
    check_same(whole, pieces, "in seven pieces, told");
    free(digests_of(dir, data));
    cases_free(&c);
    free(whole), free(whole_owed), free(pieces), free(pieces_owed), free(data), free(part);
    folder_remove(&dir);
}

/* The record system's news stop on 20 April while deadlines pass; the clock goes on. */
Test(pipeline, during_an_outage_nothing_is_called_missed, .timeout = 120)
{
    char *dir = folder_make(), *data = path_in(dir, "data"), *input = path_in(dir, "in.ndjson"), *out;
    static const char before[] =
        "{\"event_id\":\"a1\",\"source\":\"connect\",\"crime_ref\":\"20/1/26\",\"victim_ref\":\"V1\",\"occurred_at\":\"2026-04-13T09:00:00Z\",\"report\":{}}\n"
        "{\"event_id\":\"b1\",\"source\":\"connect\",\"crime_ref\":\"20/2/26\",\"victim_ref\":\"V2\",\"occurred_at\":\"2026-04-13T09:00:00Z\",\"report\":{}}\n"
        "{\"complete\":{\"source\":\"connect\",\"to\":\"2026-04-20T08:00:00Z\"}}\n"
        "{\"tick\":{\"at\":\"2026-04-20T08:00:00Z\"}}\n"
        "{\"tick\":{\"at\":\"2026-04-22T08:00:00Z\"}}\n";
    static const char after[] =
        "{\"event_id\":\"a2\",\"source\":\"connect\",\"crime_ref\":\"20/1/26\",\"victim_ref\":\"V1\",\"occurred_at\":\"2026-04-20T09:00:00Z\",\"recorded_at\":\"2026-04-22T09:00:00Z\",\"update\":{\"kind\":\"code-given\"}}\n"
        "{\"complete\":{\"source\":\"connect\",\"to\":\"2026-04-22T09:00:00Z\"}}\n"
        "{\"tick\":{\"at\":\"2026-04-22T09:00:00Z\"}}\n";

    file_write(input, before, sizeof before - 1);
    cr_assert(program_run(dir, &out, ARGS("run", "--once", "--data", data, input)) == 0, "%s", out);
    free(out);
    cr_assert(program_run(dir, &out, ARGS("notices", "--json", "--all", "--data", data)) == 0);
    cr_assert(!strstr(out, "\"breached\""), "a breach was called during the outage: %s", out);
    cr_assert(strstr(out, "\"unproven\""), "the silence was not told: %s", out);
    free(out);
    file_write(input, after, sizeof after - 1);
    cr_assert(program_run(dir, &out, ARGS("run", "--once", "--data", data, input)) == 0, "%s", out);
    free(out);
    cr_assert(program_run(dir, &out, ARGS("due", "--breached", "--csv", "--data", data)) == 0);
    cr_assert(!strstr(out, "20/1/26,V1,,,R3-INFO"), "told in time, learnt late, and yet called missed: %s", out);
    cr_assert(strstr(out, "20/2/26,V2,,,R3-INFO"), "the true breach is not there: %s", out);
    free(out), free(input), free(data);
    folder_remove(&dir);
}

/* A second source is heard of that is not so far as the first: until it is, nobody can say that the deadline was missed. What was
 * told is taken back where it was told, not only where something else happens; and told again once it is true. */
Test(pipeline, a_source_that_is_not_so_far_takes_a_breach_back_until_it_is, .timeout = 120)
{
    char *dir = folder_make(), *data = path_in(dir, "data"), *input = path_in(dir, "in.ndjson"), *out;
    static const char first[] =
        "{\"event_id\":\"a1\",\"source\":\"connect\",\"crime_ref\":\"20/1/26\",\"victim_ref\":\"V1\",\"occurred_at\":\"2026-04-13T09:00:00Z\",\"report\":{}}\n"
        "{\"complete\":{\"source\":\"connect\",\"to\":\"2026-04-22T08:00:00Z\"}}\n{\"tick\":{\"at\":\"2026-04-22T08:00:00Z\"}}\n";
    static const char second[] = "{\"complete\":{\"source\":\"custody\",\"to\":\"2026-04-14T08:00:00Z\"}}\n";
    static const char third[] = "{\"complete\":{\"source\":\"custody\",\"to\":\"2026-04-22T09:00:00Z\"}}\n{\"tick\":{\"at\":\"2026-04-22T09:00:00Z\"}}\n";

    file_write(input, first, sizeof first - 1);
    cr_assert(program_run(dir, &out, ARGS("run", "--once", "--rules", "tests/bench/five.rules.yaml", "--data", data, input)) == 0, "%s", out);
    free(out);
    cr_assert(program_run(dir, &out, ARGS("notices", "--json", "--all", "--data", data)) == 0);
    cr_assert(strstr(out, "\"breached\"") && !strstr(out, "\"amended\""), "%s", out);
    free(out);
    file_write(input, second, sizeof second - 1);
    run_once(dir, data, input);
    cr_assert(program_run(dir, &out, ARGS("notices", "--json", "--all", "--data", data)) == 0);
    cr_assert(strstr(out, "\"amended\""), "it is not taken back: %s", out);
    free(out);
    file_write(input, third, sizeof third - 1);
    run_once(dir, data, input);
    cr_assert(program_run(dir, &out, ARGS("due", "--breached", "--csv", "--data", data)) == 0);
    cr_assert(strstr(out, "20/1/26,V1,,,INFO"), "%s", out);
    free(out);
    free(digests_of(dir, data));
    free(input), free(data);
    folder_remove(&dir);
}

/* One call too early to be read: whether the victim was told is not known, so nobody is accused. */
Test(pipeline, a_row_that_cannot_be_read_holds_its_journey_until_it_comes_again_or_is_dismissed, .timeout = 120)
{
    char *dir = folder_make(), *data = path_in(dir, "data"), *input = path_in(dir, "in.ndjson"), *out;
#define ABOUT(id, crime, when) "{\"event_id\":\"" id "\",\"source\":\"connect\",\"crime_ref\":\"" crime "\",\"victim_ref\":\"V1\",\"occurred_at\":\"" when "\""
    static const char bad[] =
        ABOUT("b2", "20/2/26", "2026-04-14T09:00:00Z") ",\"update\":{\"kind\":\"code-given\",\"suspect_no\":\"one\"}}\n"
        ABOUT("a1", "20/1/26", "2026-04-13T09:00:00Z") ",\"report\":{}}\n"
        ABOUT("b1", "20/2/26", "2026-04-13T09:00:00Z") ",\"report\":{}}\n"
        ABOUT("c1", "20/3/26", "2026-04-13T09:00:00Z") ",\"report\":{}}\n"
        ABOUT("c2", "20/3/26", "not a time") ",\"update\":{\"kind\":\"code-given\"}}\n"
        "{\"complete\":{\"source\":\"connect\",\"to\":\"2026-04-22T08:00:00Z\"}}\n{\"tick\":{\"at\":\"2026-04-22T08:00:00Z\"}}\n";
    static const char good[] =
        ABOUT("b2", "20/2/26", "2026-04-14T09:00:00Z") ",\"update\":{\"kind\":\"code-given\"}}\n"
        ABOUT("c3", "20/3/26", "2026-04-22T09:00:00Z") ",\"supersedes\":\"c2\",\"update\":{\"kind\":\"event-withdrawn\"}}\n"
        "{\"complete\":{\"source\":\"connect\",\"to\":\"2026-04-23T08:00:00Z\"}}\n{\"tick\":{\"at\":\"2026-04-23T08:00:00Z\"}}\n";

    file_write(input, bad, sizeof bad - 1);
    run_once(dir, data, input);
    cr_assert(program_run(dir, &out, ARGS("due", "--all", "--csv", "--data", data)) == 0);
    cr_assert(strstr(out, "breached,20/1/26,V1,,,R3-INFO"), "%s", out);
    cr_assert(strstr(out, "unproven,20/2/26,V1,,,R3-INFO"), "held: %s", out);
    cr_assert(strstr(out, "unproven,20/3/26,V1,,,R3-INFO"), "held: %s", out);
    free(out);
    cr_assert(program_run(dir, &out, ARGS("notices", "--json", "--all", "--data", data)) == 0);
    cr_assert(!strstr(out, "(erased)"), "%s", out);
    free(out);
    cr_assert(program_run(dir, &out, ARGS("journey", "20/2/26", "--data", data)) == 0);
    cr_assert(strstr(out, "a row that could not be read: suspect_no is not a whole number"), "%s", out);
    free(out);
    file_write(input, good, sizeof good - 1);
    run_once(dir, data, input);
    cr_assert(program_run(dir, &out, ARGS("due", "--all", "--csv", "--data", data)) == 0);
    cr_assert(strstr(out, "met,20/2/26,V1,,,R3-INFO"), "repaired: %s", out);
    cr_assert(strstr(out, "breached,20/3/26,V1,,,R3-INFO"), "dismissed: %s", out);
    free(out);
    free(digests_of(dir, data));
    free(input), free(data);
    folder_remove(&dir);
}
