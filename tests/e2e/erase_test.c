/* Victims are erased from a data folder: no byte of them is left in it, and everything about everybody else is what it was. */
#include "tests/kit/cases.h"
#include "tests/kit/extracts.h"
#include "tests/kit/program.h"
#include "tests/kit/standing.h"

#include <criterion/criterion.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SAYS(text, part) cr_assert(strstr(text, part), "'%s' is not in:\n%.4000s", part, text)

static char *dir, *data, *store, *input, *asks, *later;

/* Three victims of one crime, of whom the first and the second are to be erased; one of another, with a fact of the crime. */
#define EVENT(id, crime, victim, at, body) \
    "{\"event_id\":\"" id "\",\"source\":\"" CASES_SOURCE "\",\"crime_ref\":\"" crime "\"," victim "\"occurred_at\":\"" at "\"," body "}\n"
#define VICTIM(ref) "\"victim_ref\":\"" ref "\","
#define RECORDED "\"report\":{\"kind\":\"recorded\",\"oic\":\"20417\",\"team\":\"North\"}"
#define ERASED "\"update\":{\"kind\":\"erased\"}"
#define SOME "20/SOME/26"
#define WHOLE "20/WHOLE/26"
static const char some[] =
    EVENT("FIRST-1", SOME, VICTIM("VFIRST"), "2026-03-02T09:00:00Z", RECORDED)
    EVENT("STAYS-1", SOME, VICTIM("VSTAYS"), "2026-03-02T10:00:00Z", RECORDED)
    EVENT("THIRD-1", SOME, VICTIM("VTHIRD"), "2026-03-02T11:00:00Z", RECORDED)
    EVENT("LAST-1", SOME, VICTIM("VLAST"), "2026-03-03T11:00:00Z", RECORDED)
    EVENT("SOME-1", SOME, "", "2026-03-04T10:00:00Z", "\"update\":{\"kind\":\"arrested\"}")
    EVENT("WHOLE-1", WHOLE, VICTIM("VWHOLE"), "2026-03-04T10:00:00Z", RECORDED)
    EVENT("WHOLE-2", WHOLE, "", "2026-03-05T10:00:00Z", "\"update\":{\"kind\":\"arrested\"}")
    EVENT("WHOLE-3", WHOLE, VICTIM("VWHOLE"), "2026-03-06T10:00:00Z", "\"update\":{\"kind\":\"no-such-kind\"}");
static const char asked[] =
    EVENT("FIRST-2", SOME, VICTIM("VFIRST"), "2026-08-02T09:00:00Z", ERASED)
    EVENT("THIRD-2", SOME, VICTIM("VTHIRD"), "2026-08-02T09:00:00Z", ERASED)
    EVENT("WHOLE-4", WHOLE, "", "2026-08-02T09:00:00Z", ERASED)
    "{\"complete\":{\"source\":\"" CASES_SOURCE "\",\"to\":\"2026-08-03T09:00:00Z\"}}\n{\"tick\":{\"at\":\"2026-08-03T09:00:00Z\"}}\n";
static const char news[] =
    EVENT("LAST-2", SOME, VICTIM("VLAST"), "2026-08-03T10:00:00Z", "\"nfa\":{\"kind\":\"no-further-action\"}")
    EVENT("FRESH-1", SOME, VICTIM("VFRESH"), "2026-08-03T11:00:00Z", RECORDED)
    "{\"complete\":{\"source\":\"" CASES_SOURCE "\",\"to\":\"2026-09-03T09:00:00Z\"}}\n{\"tick\":{\"at\":\"2026-09-03T09:00:00Z\"}}\n";
static const char next_day[] = "{\"tick\":{\"at\":\"2026-09-05T09:00:00Z\"}}\n";
static const char *const gone[] = { "VFIRST", "VTHIRD", "VWHOLE", WHOLE, "FIRST-", "THIRD-", "WHOLE-" };

static void set_up(void)
{
    struct cases c;
    size_t n;
    char *all;
    FILE *f;

    dir = folder_make();
    data = path_in(dir, "data");
    store = path_in(dir, "opcc");
    input = path_in(dir, "in.ndjson");
    asks = path_in(dir, "asks.ndjson");
    later = path_in(dir, "later.ndjson");
    cases_make(&c, 79, 120);
    cases_write(&c, input);
    cases_free(&c);
    all = file_read(input, &n);
    f = fopen(input, "w");
    cr_assert(f && fputs(some, f) >= 0 && fwrite(all, 1, n, f) == n && !fclose(f));
    free(all);
    file_write(asks, asked, strlen(asked));
    file_write(later, news, strlen(news));
}

static void tear_down(void)
{
    free(data), free(store), free(input), free(asks), free(later);
    folder_remove(&dir);
}

TestSuite(erase, .init = set_up, .fini = tear_down, .timeout = 300);

/* ---- every byte of every file ------------------------------------------------------------ */

static const char *wanted;
static char found_in[4096];

static int look_into(const char *path, const struct stat *st, int flag, struct FTW *walk)
{
    char *all;
    size_t n;

    (void)walk;
    if (flag != FTW_F || !S_ISREG(st->st_mode))
        return 0;
    all = file_read(path, &n);
    if (memmem(all, n, wanted, strlen(wanted)))
        snprintf(found_in, sizeof found_in, "%s", path);
    free(all);
    return 0;
}

/* The file that holds the text, or "". */
static const char *holder(const char *folder, const char *text)
{
    wanted = text;
    found_in[0] = 0;
    cr_assert(nftw(folder, look_into, 16, FTW_PHYS) == 0);
    return found_in;
}

static void nothing_is_left_in(const char *folder)
{
    for (size_t i = 0; i < sizeof gone / sizeof *gone; i++)
        cr_assert_str_eq(holder(folder, gone[i]), "", "%s is in %s", gone[i], found_in);
}

/* ---- what is said of the others ------------------------------------------------------------ */

static char *without_the_erased(const char *lines)
{
    char *copy = strdup(lines), *out = calloc(1, strlen(lines) + 2);

    for (char *at = strtok(copy, "\n"); at; at = strtok(NULL, "\n")) {
        bool is_gone = strstr(at, "(erased)") != NULL;
        for (size_t i = 0; i < sizeof gone / sizeof *gone; i++)
            is_gone |= strstr(at, gone[i]) != NULL;
        if (!is_gone)
            strcat(strcat(out, at), "\n");
    }
    free(copy);
    return out;
}

static void run_once(const char *file, const char *at)
{
    char *out;

    cr_assert(program_run(dir, &out, ARGS("run", "--once", "--quiet", "--opcc", store, "--data", at, file)) == 0, "%s", out);
    free(out);
}

static char *erase(const char *at, int want)
{
    char *out;
    int code = program_run(dir, &out, ARGS("erase", "--data", at));

    cr_assert(code == want, "exit code %d: %s", code, out);
    return out;
}

static void copy_folder(const char *from, const char *to)
{
    char *command;

    cr_assert(asprintf(&command, "cp -a '%s' '%s'", from, to) > 0 && system(command) == 0);
    free(command);
}

/* Trail, notices, obligations and chain, as they stand; malloc'd. */
struct view { char *owed, *standing, *trail, *verify; };

static struct view view_of(const char *at)
{
    struct view v = { .owed = owed_of(dir, at), .standing = standing_of(dir, at) };
    char *path = path_in(at, "trail.ndjson");

    v.trail = file_read(path, NULL);
    cr_assert(program_run(dir, &v.verify, ARGS("verify", "--json", "--data", at)) == 0, "%s", v.verify);
    free(path);
    return v;
}

static void view_free(struct view *v) { free(v->owed), free(v->standing), free(v->trail), free(v->verify); }

static void others_are_the_same(const struct view *before, const struct view *after)
{
    char *was[3] = { without_the_erased(before->owed), without_the_erased(before->standing), without_the_erased(before->trail) };
    char *is[3] = { without_the_erased(after->owed), without_the_erased(after->standing), without_the_erased(after->trail) };

    for (int i = 0; i < 3; i++) {
        cr_assert(strlen(was[i]) > 1000 && !strcmp(was[i], is[i]), "what is said of others changed: %d", i);
        free(was[i]), free(is[i]);
    }
    cr_assert(!strncmp(strstr(before->verify, "\"chain\""), strstr(after->verify, "\"chain\""), 76), "the chain's head is another");
}

/* ---- tests ------------------------------------------------------------------------------------ */

Test(erase, leaves_no_byte_of_whom_it_erases_and_changes_nothing_of_others)
{
    struct view before, after;
    char *out, *trail = path_in(data, "trail.ndjson"), *cursor = path_in(data, "trail.ndjson.cursor"), *again;
    size_t lines;

    run_once(input, data);
    free(erase(data, 0));                   /* nobody asked */
    run_once(asks, data);
    before = view_of(data);
    lines = file_lines(trail);
    cr_assert(holder(data, "VFIRST")[0] && holder(data, "WHOLE-3")[0]);
    cr_assert(program_run(dir, &out, ARGS("erase", "--dry-run", "--data", data)) == 0, "%s", out);
    SAYS(out, "3 journeys");
    SAYS(out, "1 crime");
    SAYS(out, "Nothing was changed");
    free(out);
    cr_assert(holder(data, "VFIRST")[0], "a dry run erases nothing");
    cr_assert(program_run(dir, &out, ARGS("erase", "--json", "--data", data)) == 0, "%s", out);
    SAYS(out, "\"erased\":3");
    SAYS(out, "\"crimes\":1");
    SAYS(out, "\"waiting\":{\"sink\":0,\"compliance\":0}");
    for (size_t i = 0; i < sizeof gone / sizeof *gone; i++)
        cr_assert(!strstr(out, gone[i]), "it says whom it erased: %s", out);
    free(out);
    nothing_is_left_in(data);
    cr_assert_eq(file_lines(trail), lines);
    trail_check(trail);
    after = view_of(data);
    others_are_the_same(&before, &after);
    cr_assert(program_run(dir, &out, ARGS("journey", SOME, "VFIRST", "--data", data)) == 1, "%s", out);
    free(out);
    cr_assert(program_run(dir, &out, ARGS("opcc", "reconcile", "--data", data, "--store", store)) == 0, "%s", out);
    free(out);
    out = erase(data, 0);
    SAYS(out, "Nothing to erase");
    free(out);

    /* A sink that comes late is told the same as stands in the trail. */
    cr_assert(!unlink(trail) && !unlink(cursor));
    file_write(input, "", 0);
    run_once(input, data);
    again = file_read(trail, NULL);
    cr_assert_str_eq(again, after.trail);
    free(again), view_free(&before), view_free(&after), free(trail), free(cursor);
}

Test(erase, keeps_the_ordinals_of_those_who_stay)
{
    char *out, *at;

    run_once(input, data);
    run_once(asks, data);
    free(erase(data, 0));
    run_once(later, data);
    cr_assert(program_run(dir, &out, ARGS("notices", "--all", "--json", "--data", data)) == 0, "%s", out);
    for (at = strtok(out, "\n"); at; at = strtok(NULL, "\n")) {
        if (strstr(at, "\"VSTAYS\""))
            SAYS(at, "\"victim_no\":2");
        if (strstr(at, "\"VLAST\""))
            SAYS(at, "\"victim_no\":4");
        if (strstr(at, "\"VFRESH\""))
            SAYS(at, "\"victim_no\":5");
    }
    free(out);

    /* Now the one goes by whose record the crime was known; and then all of it. */
    cr_assert(program_run(dir, &out, ARGS("erase", "--anyway", "--crime", SOME, "--victim", "VSTAYS", "--data", data)) == 0, "%s", out);
    SAYS(out, "report's rows");             /* it waits for the day's draw */
    free(out);
    file_write(later, next_day, strlen(next_day));
    run_once(later, data);
    free(erase(data, 0));
    cr_assert_str_eq(holder(data, "VSTAYS"), "");
    cr_assert(program_run(dir, &out, ARGS("verify", "--data", data)) == 0, "%s", out);
    free(out);
    cr_assert(program_run(dir, &out, ARGS("journey", SOME, "VFRESH", "--json", "--data", data)) == 0, "%s", out);
    SAYS(out, "\"victim\":5");
    free(out);
}

/* Killed at each of its moments: nothing else works on the folder until it is run again, and then it ends as a calm one does. */
Test(erase, killed_at_any_point_it_is_ended_by_running_it_again)
{
    static const char *const points[] = { "erase_noted", "erase_state_gone", "blank_after_rename", "erase_blanked", "erase_trail" };
    char *calm = path_in(dir, "calm"), *out;
    struct view want, is;

    run_once(input, data);
    run_once(asks, data);
    copy_folder(data, calm);
    free(erase(calm, 0));
    want = view_of(calm);
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        char *copy = path_in(dir, points[i]), *env;
        struct program p;
        copy_folder(data, copy);
        cr_assert(asprintf(&env, "RIGHTSWATCH_CRASH=%s:1", points[i]) > 0);
        p = program_start(dir, NULL, env, ARGS("erase", "--data", copy));
        cr_assert_eq(program_wait(&p, 60), 128 + SIGKILL, "%s was not passed", points[i]);
        cr_assert(program_run(dir, &out, ARGS("due", "--data", copy)) == 1, "after %s: %s", points[i], out);
        SAYS(out, "rightswatch erase");
        free(out);
        cr_assert(program_run(dir, &out, ARGS("run", "--once", "--quiet", "--opcc", store, "--data", copy, asks)) == 1, "after %s: %s", points[i], out);
        free(out);
        out = erase(copy, 0);
        SAYS(out, "begun before");
        free(out);
        nothing_is_left_in(copy);
        is = view_of(copy);
        cr_assert(!strcmp(want.owed, is.owed) && !strcmp(want.trail, is.trail) && !strcmp(want.verify, is.verify), "after %s it is another folder", points[i]);
        view_free(&is), free(env), free(copy), free(p.out);
    }
    view_free(&want), free(calm);
}

static bool is_there(void *ctx) { return access(ctx, F_OK) == 0; }

/* Asked for by hand, of a tracker that runs: the sinks are told first. */
Test(erase, is_asked_of_a_running_tracker_and_done_when_it_is_stopped)
{
    struct program run;
    char *out, *door = path_in(data, "intake.sock");

    cr_assert(program_run(dir, &out, ARGS("run", "--once", "--quiet", "--data", data, input)) == 0, "%s", out);
    free(out);
    run = program_start(dir, NULL, NULL, ARGS("run", "--quiet", "--clock", "events", "--data", data));
    wait_until(is_there, door, 30, "the tracker to listen");
    cr_assert(program_run(dir, &out, ARGS("erase", "--crime", WHOLE, "--data", data)) == 0, "%s", out);
    SAYS(out, "Asked");
    free(out);
    cr_assert(program_run(dir, &out, ARGS("erase", "--crime", SOME, "--victim", "VNOBODY", "--data", data)) == 1, "%s", out);
    free(out);
    out = erase(data, 1);
    SAYS(out, "stop it");
    free(out);
    program_kill(&run, SIGTERM);
    cr_assert_eq(program_wait(&run, 30), 0);
    free(run.out), free(door);
    cr_assert(program_run(dir, &out, ARGS("run", "--once", "--quiet", "--data", data, asks)) == 0, "%s", out);
    free(out);
    free(erase(data, 0));
    nothing_is_left_in(data);
    cr_assert(program_run(dir, &out, ARGS("erase", "--victim", "V", "--data", data)) == 2, "%s", out);
    free(out);
}

/* At rest it is asked for and waits: the trail does not have yet that the journey ended. */
Test(erase, waits_for_a_sink_that_was_not_told)
{
    char *out;

    cr_assert(program_run(dir, NULL, ARGS("run", "--once", "--quiet", "--data", data, input)) == 0);
    cr_assert(program_run(dir, &out, ARGS("erase", "--crime", WHOLE, "--data", data)) == 0, "%s", out);
    SAYS(out, "inproc://trail lacks");
    free(out);
    cr_assert(holder(data, "VWHOLE")[0]);
    cr_assert(program_run(dir, &out, ARGS("erase", "--gone", "inproc://trail", "--data", data)) == 0, "%s", out);
    SAYS(out, "Erased");
    free(out);
    cr_assert_str_eq(holder(data, "VWHOLE"), "");
    cr_assert(program_run(dir, &out, ARGS("verify", "--data", data)) == 0, "%s", out);
    free(out);
}

/* What came by standard input lies in a spool, in case the tracker is restored from a backup. */
Test(erase, empties_the_spool_which_goes_on_where_it_was)
{
    struct program p = program_start(dir, input, NULL, ARGS("run", "--once", "--quiet", "--data", data, "-"));
    char *out, *spool;

    cr_assert_eq(program_wait(&p, 60), 0);
    free(p.out);
    spool = path_in(data, "spool");
    cr_assert(holder(spool, "VWHOLE")[0]);
    p = program_start(dir, asks, NULL, ARGS("run", "--once", "--quiet", "--data", data, "-"));
    cr_assert_eq(program_wait(&p, 60), 0);
    free(p.out);
    free(erase(data, 0));
    nothing_is_left_in(data);
    p = program_start(dir, later, NULL, ARGS("run", "--once", "--quiet", "--data", data, "-"));
    cr_assert_eq(program_wait(&p, 60), 0);
    free(p.out);
    cr_assert(program_run(dir, &out, ARGS("journey", SOME, "VFRESH", "--data", data)) == 0, "%s", out);
    free(out), free(spool);
    nothing_is_left_in(data);
}

/* The record system says that a victim is deleted: the feed forgets, and its store has no byte left of it. */
Test(erase, follows_the_record_system_and_clears_the_feeds_store)
{
    static const char header[] = "crime_reference,victim_ref,gender,deleted,last_updated\n";
    char *drop = path_in(dir, "drop"), *out, text[1024], rows[4096], name[32];

    cr_assert(mkdir(drop, 0700) == 0);
    for (int id = 1; id <= 2; id++) {
        struct batch_text b = {
            .id = id, .from = id == 1 ? "2026-04-01T00:00:00Z" : "2026-04-02T00:00:00Z", .to = id == 1 ? "2026-04-02T00:00:00Z" : "2026-04-03T00:00:00Z",
            .crimes = id == 1 ? "20/WHOLE/26,2026-04-01T08:00:00Z,2026-04-01T09:00:00Z,48,20417,North,open,2026-04-01T09:00:00Z\n"
                                "20/1/26,2026-04-01T08:00:00Z,2026-04-01T09:00:00Z,48,20417,North,open,2026-04-01T09:00:00Z\n" : NULL,
        };
        int n = snprintf(text, sizeof text, "%s%s", header, id == 1 ? "20/WHOLE/26,VWHOLE,NEVER-SEEN,,2026-04-01T09:00:00Z\n20/1/26,V1,F,,2026-04-01T09:00:00Z\n" :
                         "20/WHOLE/26,VWHOLE,NEVER-SEEN,yes,2026-04-02T09:00:00Z\n");
        rows[0] = 0;
        if (b.crimes) {
            char crimes[1024];
            int m = snprintf(crimes, sizeof crimes, CRIME_HEADER "%s", b.crimes);
            snprintf(name, sizeof name, "crime_%d.csv", id);
            batch_file_drop(drop, &b, name, crimes, (size_t)m, 2, rows, sizeof rows);
        }
        snprintf(name, sizeof name, "victim_%d.csv", id);
        batch_file_drop(drop, &b, name, text, (size_t)n, id == 1 ? 2 : 1, rows, sizeof rows);
        batch_manifest_drop(drop, id, rows);
        cr_assert(program_run(dir, &out, ARGS("run", "--once", "--quiet", "--connect", drop, "--connect-patience", "0s", "--data", data)) == 0, "%s", out);
        free(out);
    }
    cr_assert(holder(data, "NEVER-SEEN")[0]);
    out = erase(data, 0);
    SAYS(out, "1 journey");
    free(out);
    cr_assert_str_eq(holder(data, "NEVER-SEEN"), "");
    cr_assert(strstr(holder(data, "VWHOLE"), "/connect/rows.lmdb"), "that there was such a victim is remembered: %s", found_in);
    free(drop);
}
