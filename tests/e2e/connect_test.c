/* The Connect feed as a systems team meets it: every kind of damage that a batch may have, and what the user is told. */
#include "tests/kit/extracts.h"
#include "tests/kit/program.h"
#include "tests/kit/standing.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SAYS(text, part) cr_assert(strstr(text, part), "'%s' is not in:\n%.4000s", part, text)
#define SAYS_NOT(text, part) cr_assert(!strstr(text, part), "'%s' is in:\n%.4000s", part, text)

static char *dir, *drop, *data;

static void set_up(void)
{
    dir = folder_make();
    drop = path_in(dir, "drop");
    data = path_in(dir, "data");
    cr_assert(mkdir(drop, 0700) == 0);
}

static void tear_down(void)
{
    free(drop), free(data);
    folder_remove(&dir);
}

TestSuite(connect, .init = set_up, .fini = tear_down, .timeout = 120);

/* What a run over the folder says, and the code it ends with; with patience 0 nothing is waited for. */
enum { ALL_TAKEN = 0, SOME_REFUSED = 1, SOME_WAIT = 3 };
static char *feed_ends(const char *patience, int code)
{
    char *out;
    int got = program_run(dir, &out, ARGS("run", "--once", "--show", "0", "--connect", drop, "--connect-patience", patience, "--data", data));

    cr_assert(got == code, "it ends with %d, not %d: %s", got, code, out);
    return out;
}

static char *feed(const char *patience) { return feed_ends(patience, ALL_TAKEN); }

static char *in_drop(const char *name)
{
    char *path = path_in(drop, name), *text = file_read(path, NULL);

    free(path);
    return text;
}

static bool is_there(const char *name)
{
    char *path = path_in(drop, name);
    bool there = access(path, F_OK) == 0;

    free(path);
    return there;
}

static void put(const char *name, const char *text, size_t n)
{
    char *path = path_in(drop, name);

    file_write(path, text, n);
    free(path);
}

#define FROM "2026-04-01T00:00:00Z"
#define TO "2026-04-08T02:00:00Z"
#define ONE_CRIME "20/1/26,2026-04-01 09:00,2026-04-01 10:00,8N,20417,A,open,2026-04-01 10:00\n"
#define ONE_VICTIM "20/1/26,V1,F,no,2026-04-01 10:00\n"
#define ONE_CALL "e1,20/1/26,V1,acknowledged,2026-04-02 09:00,,,2026-04-02 09:00\n"
static const struct batch_text good = { 1, FROM, TO, ONE_CRIME, ONE_VICTIM, ONE_CALL };

/* ---- a batch as a whole -------------------------------------------------------------- */

Test(connect, a_whole_batch_is_taken_in_put_away_and_summed_up)
{
    char *text;

    batch_drop(drop, &good);
    text = feed("1h");
    SAYS(text, "Extracts    1 batch, 2 events; 0 rows and 0 batches refused");
    SAYS(text, "As of 2026-04-08 02:00 UTC");
    free(text);
    cr_assert(!is_there("crime_1.csv") && is_there("archive/000001/crime_1.csv") && is_there("archive/000001/manifest_1.csv"));
    text = in_drop("archive/000001/summary_000001.json");
    SAYS(text, "\"batch\":1,\"source\":\"connect\",\"extract_from\":\"2026-04-01T00:00:00Z\",\"extract_to\":\"2026-04-08T02:00:00Z\"");
    SAYS(text, "\"rows\":3,\"fresh\":3,\"changed\":0,\"same\":0");
    SAYS(text, "\"kinds\":{\"recorded\":1,\"acknowledged\":1}");
    free(text);
    cr_assert(!is_there("archive/000001/rejects_000001.csv"), "nothing was refused");
    free(digests_of(dir, data));
}

Test(connect, a_batch_that_comes_again_does_nothing)
{
    char *text, *before, *after;

    batch_drop(drop, &good);
    free(feed("1h"));
    before = owed_of(dir, data);
    batch_drop(drop, &good);
    text = feed("1h");
    SAYS(text, "batch 1 as before: was taken before, the same bytes: nothing to do");
    SAYS(text, "Extracts    0 batches, 0 events");
    after = owed_of(dir, data);
    cr_assert_str_eq(after, before);
    free(text), free(before), free(after);
}

/* The same rows under the next number: read, found as before, nothing is sent. */
Test(connect, the_same_rows_in_another_batch_say_nothing)
{
    struct batch_text again = good;
    char *text;

    batch_drop(drop, &good);
    free(feed("1h"));
    again.id = 2;
    batch_drop(drop, &again);
    text = feed("1h");
    SAYS(text, "Extracts    1 batch, 0 events");
    free(text);
    text = in_drop("archive/000002/summary_000002.json");
    SAYS(text, "\"rows\":3,\"fresh\":0,\"changed\":0,\"same\":3");
    free(text);
}

struct damage {
    const char *name;
    void (*make)(void);
    const char *told;                           /* with patience 0; with patience it is waited for */
};

static char manifest[4096];
static void begin_manifest(void) { manifest[0] = 0; }
#define FILE_IN(name, text, rows) batch_file_drop(drop, &good, name, text, sizeof text - 1, rows, manifest, sizeof manifest)

static void no_manifest(void) { begin_manifest(); FILE_IN("crime_1.csv", CRIME_HEADER ONE_CRIME, 1); }
static void a_file_missing(void)
{
    begin_manifest();
    FILE_IN("crime_1.csv", CRIME_HEADER ONE_CRIME, 1);
    batch_manifest_drop(drop, 1, manifest);
    char *path = path_in(drop, "crime_1.csv");
    unlink(path);
    free(path);
}
static void wrong_count(void) { begin_manifest(); FILE_IN("crime_1.csv", CRIME_HEADER ONE_CRIME, 2); batch_manifest_drop(drop, 1, manifest); }
static void cut_short(void)
{
    begin_manifest();
    FILE_IN("crime_1.csv", CRIME_HEADER ONE_CRIME, 1);
    put("crime_1.csv", CRIME_HEADER ONE_CRIME, sizeof CRIME_HEADER + 20);
    batch_manifest_drop(drop, 1, manifest);
}
static void gzip_cut_short(void)
{
    static const char half[] = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x4b\x2e";
    begin_manifest();
    FILE_IN("crime_1.csv.gz", half, 1);
    batch_manifest_drop(drop, 1, manifest);
}
static void no_column(void)
{
    begin_manifest();
    FILE_IN("crime_1.csv", "crime_reference,recorded_time,last_updated\n20/1/26,2026-04-01 10:00,2026-04-01 10:00\n", 1);
    batch_manifest_drop(drop, 1, manifest);
}
static void a_link(void)
{
    char *path = path_in(drop, "crime_1.csv");
    begin_manifest();
    FILE_IN("crime_1.csv", CRIME_HEADER ONE_CRIME, 1);
    cr_assert(unlink(path) == 0 && symlink("/etc/passwd", path) == 0);
    free(path);
    batch_manifest_drop(drop, 1, manifest);
}
static void a_pipe(void)
{
    char *path = path_in(drop, "crime_1.csv");
    begin_manifest();
    FILE_IN("crime_1.csv", CRIME_HEADER ONE_CRIME, 1);
    cr_assert(unlink(path) == 0 && mkfifo(path, 0600) == 0);
    free(path);
    batch_manifest_drop(drop, 1, manifest);
}
static void empty_file(void) { begin_manifest(); FILE_IN("crime_1.csv", "", 0); batch_manifest_drop(drop, 1, manifest); }
static void manifest_of_nothing(void) { batch_manifest_drop(drop, 1, ""); }
static void manifest_numbered_zero(void) { batch_manifest_drop(drop, 1, "0," FROM "," TO ",crime_1.csv,1,00\n"); }
static void manifest_backwards(void) { batch_manifest_drop(drop, 1, "1," TO "," FROM ",crime_1.csv,1,00\n"); }
static void manifest_leaves_folder(void) { batch_manifest_drop(drop, 1, "1," FROM "," TO ",../crime_1.csv,1,00\n"); }
static void manifest_of_strangers(void) { batch_manifest_drop(drop, 1, "1," FROM "," TO ",notes.csv,1,00\n"); }
static void manifest_bad_hash(void) { batch_manifest_drop(drop, 1, "1," FROM "," TO ",crime_1.csv,1,xyz\n"); }
static void manifest_bad_date(void) { batch_manifest_drop(drop, 1, "1,soon," TO ",crime_1.csv,1,00\n"); }
static void manifest_disagrees(void)
{
    begin_manifest();
    FILE_IN("crime_1.csv", CRIME_HEADER ONE_CRIME, 1);
    strcat(manifest, "2," FROM "," TO ",victim_1.csv,1,0000000000000000000000000000000000000000000000000000000000000000\n");
    batch_manifest_drop(drop, 1, manifest);
}
static void manifest_twice(void)
{
    begin_manifest();
    FILE_IN("crime_1.csv", CRIME_HEADER ONE_CRIME, 1);
    FILE_IN("crime_1.csv", CRIME_HEADER ONE_CRIME, 1);
    batch_manifest_drop(drop, 1, manifest);
}
static void manifest_no_csv(void) { put("manifest_1.csv", "\x00\xff\x12\"", 4); }

static const struct damage damages[] = {
    { "no manifest", no_manifest, "REFUSED: no manifest names crime_1.csv" },
    { "a file is missing", a_file_missing, "batch 1 REFUSED: crime_1.csv is named by the manifest and is not there" },
    { "another number of rows", wrong_count, "batch 1 REFUSED: crime_1.csv has 1 rows, the manifest says 2" },
    { "cut short", cut_short, "batch 1 REFUSED: crime_1.csv has other bytes than the manifest says (sha256): cut short, or changed since" },
    { "gzip cut short", gzip_cut_short, "crime_1.csv.gz: " },
    { "a column is missing", no_column, "batch 1 REFUSED: crime_1.csv: the header has no column 'reported_time'" },
    { "a link in place of a file", a_link, "batch 1 REFUSED: crime_1.csv is not a plain file" },
    { "a pipe in place of a file", a_pipe, "batch 1 REFUSED: crime_1.csv is not a plain file" },
    { "an empty file", empty_file, "batch 1 REFUSED: crime_1.csv: the file is empty: it has no header" },
    { "a manifest of nothing", manifest_of_nothing, "REFUSED: the manifest names no file" },
    { "a batch numbered 0", manifest_numbered_zero, "REFUSED: batch_id is 0; batches are numbered from 1" },
    { "a window backwards", manifest_backwards, "REFUSED: extract_from lies after extract_to" },
    { "a file elsewhere", manifest_leaves_folder, "REFUSED: the manifest names a file that is not a plain name in this folder" },
    { "a file of no table", manifest_of_strangers, "REFUSED: the manifest names notes.csv, which is no file of crimes, victims, events or open crimes by its name" },
    { "no hash", manifest_bad_hash, "REFUSED: sha256 of crime_1.csv is not 64 hexadecimal digits" },
    { "no date", manifest_bad_date, "REFUSED: row 1 of the manifest: extract_from is not a date" },
    { "rows that disagree", manifest_disagrees, "REFUSED: the rows of the manifest do not agree on batch_id, extract_from and extract_to" },
    { "a file named twice", manifest_twice, "REFUSED: the manifest names crime_1.csv twice" },
    { "no manifest at all", manifest_no_csv, "REFUSED: manifest_1.csv: " },
};

/* What may still be being written is waited for, then refused whole; the next batch is taken in all the same. */
Test(connect, each_kind_of_damage_is_told_and_costs_its_batch_alone)
{
    struct batch_text next = good;

    next.id = 2;
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        char *text;
        tear_down();
        set_up();
        damages[i].make();
        cr_assert(program_run(dir, &text, ARGS("connect", "--check", "--drop", drop, "--data", data)) == SOME_WAIT, "%s: %s", damages[i].name, text);
        SAYS(text, "waiting");
        SAYS_NOT(text, "REFUSED");
        free(text);
        text = feed_ends("0s", SOME_REFUSED);
        cr_assert(strstr(text, damages[i].told), "%s: '%s' is not told:\n%s", damages[i].name, damages[i].told, text);
        free(text);
        cr_assert(!is_there("crime_1.csv") && !is_there("manifest_1.csv"), "%s: it lies there still", damages[i].name);
    }
    batch_drop(drop, &next);
    free(feed("0s"));
    cr_assert(is_there("archive/000002/crime_2.csv"));
}

Test(connect, a_refused_batch_lies_in_a_folder_of_its_own_with_the_reason)
{
    char *text;

    wrong_count();
    free(feed_ends("0s", SOME_REFUSED));
    cr_assert(is_there("refused/000001/crime_1.csv") && is_there("refused/000001/manifest_1.csv"));
    text = in_drop("refused/000001/reason.txt");
    cr_assert_str_eq(text, "crime_1.csv has 1 rows, the manifest says 2\n");
    free(text);
    batch_drop(drop, &good);                    /* mended, under the same number */
    text = feed("0s");
    SAYS(text, "Extracts    1 batch, 2 events");
    free(text);
}

Test(connect, other_content_under_a_number_that_was_taken_is_refused)
{
    struct batch_text other = good;
    char *text;

    batch_drop(drop, &good);
    free(feed("1h"));
    other.events = "e2,20/1/26,V1,acknowledged,2026-04-02 09:00,,,2026-04-02 09:00\n";
    batch_drop(drop, &other);
    text = feed_ends("1h", SOME_REFUSED);
    SAYS(text, "batch 1 REFUSED: batch 1 was taken before with other content; what is corrected comes in a batch with a new number");
    free(text);
}

Test(connect, a_refused_manifest_does_not_take_the_files_of_another_with_it)
{
    struct batch_text third = { 3, TO, "2026-04-09T02:00:00Z", NULL, NULL, "e3,20/1/26,V1,code-given,2026-04-08 09:00,,,2026-04-08 09:00\n" };
    char *text;

    batch_drop(drop, &good);
    free(feed("1h"));
    batch_drop(drop, &third);
    batch_manifest_drop(drop, 2, "2," TO "," TO ",event_3.csv,1,0000000000000000000000000000000000000000000000000000000000000000\n");
    text = feed_ends("0s", SOME_REFUSED);
    SAYS(text, "batch 2 REFUSED: event_3.csv has other bytes than the manifest says");
    SAYS(text, "Extracts    1 batch, 1 event; 0 rows and 1 batch refused");
    free(text);
    cr_assert(is_there("archive/000003/event_3.csv") && is_there("refused/000002/manifest_2.csv"));
}

/* The number that is missing is waited for, then told; how far the source is complete follows what was sent. */
Test(connect, a_gap_is_told_and_nothing_is_called_missed_beyond_it)
{
    struct batch_text third = { 3, "2026-04-09T02:00:00Z", "2026-04-20T02:00:00Z", NULL, NULL, "e9,20/1/26,V1,code-given,2026-04-09 09:00,,,2026-04-09 09:00\n" };
    struct batch_text second = { 2, TO, "2026-04-09T02:00:00Z", NULL, NULL, "e8,20/1/26,V1,needs-assessed,2026-04-08 09:00,,,2026-04-08 09:00\n" };
    char *text;

    batch_drop(drop, &good);
    free(feed("1h"));
    batch_drop(drop, &third);
    text = feed_ends("1h", SOME_WAIT);
    SAYS(text, "batch 3 waiting: batch 3 is here, but 2 has not come");
    SAYS(text, "Extracts    0 batches");
    free(text);
    text = feed("0s");
    SAYS(text, "batch 2 MISSING: it never came; 3 is taken without it");
    SAYS(text, "sources complete to 2026-04-08 02:00");
    free(text);
    text = owed_of(dir, data);
    SAYS(text, "unproven,20/1/26,V1,20417,A,R4-NEEDS");
    free(text);
    batch_drop(drop, &second);                  /* it comes after all */
    text = feed("1h");
    SAYS(text, "As of 2026-04-20 02:00 UTC");
    free(text);
    text = owed_of(dir, data);
    SAYS(text, "met,20/1/26,V1,20417,A,R4-NEEDS");
    free(text);
    free(digests_of(dir, data));
}

/* However many batches come after the one that is missing, it closes the gap when it comes. */
Test(connect, a_late_batch_closes_its_gap_after_many_others)
{
    char from[40][32], to[40][32], *text;
    struct batch_text second = { 2, TO, "2026-04-09T00:00:00Z", NULL, NULL, "e8,20/1/26,V1,needs-assessed,2026-04-08 09:00,,,2026-04-08 09:00\n" };

    batch_drop(drop, &good);
    for (int i = 0; i < 40; i++) {              /* one an hour */
        struct batch_text later = { 3 + i, from[i], to[i], NULL, NULL, "" };
        snprintf(from[i], sizeof from[i], "2026-04-%02dT%02d:00:00Z", 9 + i / 24, i % 24);
        snprintf(to[i], sizeof to[i], "2026-04-%02dT%02d:00:00Z", 9 + (i + 1) / 24, (i + 1) % 24);
        batch_drop(drop, &later);
    }
    text = feed("0s");
    SAYS(text, "batch 2 MISSING");
    SAYS(text, "sources complete to 2026-04-08 02:00");
    free(text);
    batch_drop(drop, &second);
    text = feed("0s");
    SAYS_NOT(text, "complete only to");
    SAYS(text, "As of 2026-04-10 16:00 UTC");
    SAYS_NOT(text, "sources complete to");
    free(text);
}

Test(connect, what_is_still_being_written_is_not_looked_at)
{
    char *text;

    put("crime_1.csv.tmp", CRIME_HEADER, sizeof CRIME_HEADER - 1);
    put(".victim_1.csv", VICTIM_HEADER, sizeof VICTIM_HEADER - 1);
    put("read me first.txt", "hello", 5);
    text = feed("0s");
    SAYS_NOT(text, "REFUSED");
    SAYS_NOT(text, "waiting");
    cr_assert(is_there("crime_1.csv.tmp") && is_there("read me first.txt"));
    free(text);
}

/* ---- rows ------------------------------------------------------------------------------ */

/* A row of events, and the line of the reject file it becomes, but for the hold; "" when it is taken. */
static const struct { const char *row, *reject; } event_rows[] = {
    { "r1,20/1/26,V1,acknowledged,2026-04-02 09:00,,,2026-04-02 09:00", "" },
    { "r2,20/1/26,V1,acknowledged,yesterday,,,2026-04-02 09:00", "2,event_time,a word,\"event_time is not a date in one of the mapping's forms\"" },
    { "r3,20/1/26,V1,acknowledged,2026-02-30 09:00,,,2026-04-02 09:00", "3,event_time,digits and marks,\"event_time is not a date in one of the mapping's forms\"" },
    { "r4,20/1/26,V1,acknowledged,2026-03-29 01:30,,,2026-04-02 09:00", "4,event_time,digits and marks,\"event_time lies in the hour that spring leaves out\"" },
    { "r5,20/1/26,V1,acknowledged,2026-04-09 09:00,,,2026-04-02 09:00", "5,event_time,digits and marks,\"event_time lies after the extract's own extract_to\"" },
    { "r6,20/1/26,V1,acknowledged,,,,2026-04-02 09:00", "6,event_time,nothing,\"event_time is empty\"" },
    { "r7,20/1/26,,victim-informed,2026-04-02 09:00,,,2026-04-02 09:00", "7,victim_ref,a word,\"victim_ref is missing: 'victim-informed' is about one victim\"" },
    { "r8,20/1/26,,arrested,2026-04-02 09:00,,,2026-04-02 09:00", "" },
    { "r9,20/1/26,V1,telepathy,2026-04-02 09:00,,,2026-04-02 09:00", "9,event_type,a word,\"event_type is no kind of event that this feed knows\"" },
    { "r10,,V1,acknowledged,2026-04-02 09:00,,,2026-04-02 09:00", "10,crime_reference,nothing,\"crime_reference is empty\"" },
    { "r11,20/1/26,V\xe9,acknowledged,2026-04-02 09:00,,,2026-04-02 09:00", "11,victim_ref,other characters,\"victim_ref is not printable UTF-8\"" },
    { "r12,20/1/26,V1,acknowledged,2026-04-02 09:00", "12,,,\"row has fewer cells than the header\"" },
    { "r13,20/1/26,V1,acknowledged,2026-04-02 09:00,,,2026-04-02 09:00,more", "13,,,\"row has more cells than the header\"" },
    { "r14,20/1/26,\"V1\"x,acknowledged,2026-04-02 09:00,,,2026-04-02 09:00", "14,,,\"quotes in the row are not those of CSV\"" },
    { "r15,20/1/26,V1234567890123456789012345678901234567890123456789012345678901234567890,acknowledged,2026-04-02 09:00,,,2026-04-02 09:00",
      "15,victim_ref,letters and digits,\"victim_ref has 71 bytes, more than 64\"" },
    { "r16,20/1/26,V1,code-given,2026-04-02T09:00:00+01:00,,,2026-04-02 09:00", "" },
    { "r17,20/1/26,V1,recorded,2026-04-02 09:00,,,2026-04-02 09:00", "17,event_type,a word,\"event_type is no kind of event that this feed knows\"" },
};

/* One by one, each damaged row in a batch of its own with a good one; then all in one batch. */
Test(connect, each_damaged_row_is_handed_back_with_its_reason_and_costs_itself_alone)
{
    enum { COUNT = sizeof event_rows / sizeof *event_rows };
    char all[8192] = "", line[1024], *text;
    size_t refused = 0;

    for (size_t i = 0; i < COUNT; i++) {
        snprintf(all + strlen(all), sizeof all - strlen(all), "%s\n", event_rows[i].row);
        refused += event_rows[i].reject[0] != 0;
    }
    batch_drop(drop, &(struct batch_text){ 1, FROM, TO, ONE_CRIME, ONE_VICTIM, all });
    text = feed("0s");
    snprintf(line, sizeof line, "Extracts    1 batch, %zu events; %zu rows and 0 batches refused", 1 + COUNT - refused, refused);
    SAYS(text, line);
    free(text);
    text = in_drop("archive/000001/rejects_000001.csv");
    for (size_t i = 0; i < COUNT; i++)
        if (event_rows[i].reject[0]) {
            snprintf(line, sizeof line, "\r\nevent_1.csv,%s,", event_rows[i].reject);
            SAYS(text, line);
        }
    SAYS_NOT(text, "yesterday");
    SAYS_NOT(text, "telepathy");
    SAYS_NOT(text, "V1");
    free(text);
    text = owed_of(dir, data);                  /* one of them may have been what was owed */
    SAYS(text, "unproven,20/1/26,V1,20417,A,R4-REF-CODE");
    free(text);
    free(digests_of(dir, data));
}

/* A row that comes right lets its journey go. */
Test(connect, what_was_refused_and_comes_right_can_be_judged_again)
{
    char *text;

    batch_drop(drop, &(struct batch_text){ 1, FROM, "2026-04-20T02:00:00Z", ONE_CRIME, ONE_VICTIM, "e1,20/1/26,V1,acknowledged,31 April,,,2026-04-02 09:00\n" });
    free(feed("0s"));
    text = owed_of(dir, data);
    SAYS(text, "unproven,20/1/26,V1,20417,A,R3-ACK");
    SAYS(text, "unproven,20/1/26,V1,20417,A,R3-INFO");
    free(text);
    batch_drop(drop, &(struct batch_text){ 2, "2026-04-20T02:00:00Z", "2026-04-21T02:00:00Z", NULL, NULL, "e1,20/1/26,V1,acknowledged,2026-04-03 09:00,,,2026-04-20 09:00\n" });
    free(feed("0s"));
    text = owed_of(dir, data);
    SAYS(text, "met,20/1/26,V1,20417,A,R3-ACK");
    SAYS(text, "breached,20/1/26,V1,20417,A,R3-INFO");
    free(text);
    free(digests_of(dir, data));
}

Test(connect, the_repeated_hour_is_the_first_and_counted)
{
    char *text;

    batch_drop(drop, &(struct batch_text){ 1, "2026-10-24T00:00:00Z", "2026-10-26T02:00:00Z", "20/1/26,2026-10-25 01:30,2026-10-25 01:45,8N,20417,A,open,2026-10-25 03:00\n",
                                           "20/1/26,V1,F,no,2026-10-25 03:00\n", NULL });
    free(feed("0s"));
    text = in_drop("archive/000001/summary_000001.json");
    SAYS(text, "\"ambiguous\":2");
    free(text);
    cr_assert(program_run(dir, &text, ARGS("due", "--all", "--csv", "--data", data)) == 0);
    SAYS(text, "2026-10-26,00:30,2026-10-26T00:30:00Z");      /* R2-REC: 24 hours from 00:30 UTC */
    free(text);
}

/* ---- other spellings ---------------------------------------------------------------------- */

Test(connect, ndjson_says_the_same_as_csv)
{
    static const char crimes[] = "{\"crime_reference\":\"20/1/26\",\"reported_time\":\"2026-04-01T09:00:00+01:00\",\"recorded_time\":\"2026-04-01 10:00\",\"ho_class\":\"8N\","
                                 "\"oic_collar\":\"20417\",\"team\":\"A\",\"investigation_status\":\"open\",\"last_updated\":\"2026-04-01 10:00\"}\n";
    static const char victims[] = "{\"crime_reference\":\"20/1/26\",\"victim_ref\":\"V1\",\"gender\":\"F\",\"vulnerable\":false,\"last_updated\":\"2026-04-01 10:00\"}\n";
    static const char events[] = "{\"event_id\":\"e1\",\"crime_reference\":\"20/1/26\",\"victim_ref\":\"V1\",\"event_type\":\"acknowledged\",\"event_time\":\"2026-04-02 09:00\","
                                 "\"informed_who\":null,\"last_updated\":\"2026-04-02 09:00\"}\n[1]\n";
    char *csv, *json, *other = path_in(dir, "csv");

    batch_drop(drop, &good);
    free(feed("0s"));
    csv = owed_of(dir, data);
    cr_assert(rename(data, other) == 0);
    begin_manifest();
    FILE_IN("crime_1.ndjson", crimes, 1);
    FILE_IN("victim_1.jsonl", victims, 1);
    FILE_IN("event_1.ndjson", events, 2);
    batch_manifest_drop(drop, 1, manifest);
    free(feed("0s"));
    json = owed_of(dir, data);
    cr_assert_str_eq(json, csv);
    free(json);
    json = in_drop("archive/000001/rejects_000001.csv");
    SAYS(json, "event_1.ndjson,2,,,\"the line is not an object of JSON\",");
    free(csv), free(json), free(other);
}

/* A job that writes to a pipe: its rows become a batch when the manifest comes, and are none before. */
Test(connect, rows_on_standard_input_become_a_batch)
{
    static const char rows[] = "{\"crime\":{\"crime_reference\":\"20/1/26\",\"reported_time\":\"2026-04-01 09:00\",\"recorded_time\":\"2026-04-01 10:00\",\"ho_class\":\"8N\","
                               "\"oic_collar\":\"20417\",\"team\":\"A\",\"investigation_status\":\"open\",\"last_updated\":\"2026-04-01 10:00\"}}\n"
                               "{\"victim\":{\"crime_reference\":\"20/1/26\",\"victim_ref\":\"V1\",\"vulnerable\":false,\"last_updated\":\"2026-04-01 10:00\"}}\n";
    static const char end[] = "{\"manifest\":{\"batch_id\":1,\"extract_from\":\"" FROM "\",\"extract_to\":\"" TO "\"}}\n";
    char *input = path_in(dir, "rows"), *text;
    struct program p;

    file_write(input, rows, sizeof rows - 1);
    p = program_start(dir, input, NULL, ARGS("connect", "--receive", "--drop", drop));
    cr_assert(program_wait(&p, 30) == 1);
    text = file_read(p.out, NULL);
    SAYS(text, "the input ended before a manifest");
    free(text), free(p.out);
    cr_assert(asprintf(&text, "%s%s", rows, end) > 0);
    file_write(input, text, strlen(text));
    free(text);
    p = program_start(dir, input, NULL, ARGS("connect", "--receive", "--drop", drop));
    cr_assert(program_wait(&p, 30) == 0, "%s", file_read(p.out, NULL));
    free(p.out);
    text = feed("0s");
    SAYS(text, "Extracts    1 batch, 1 event; 0 rows and 0 batches refused");
    free(text), free(input);
}

/* Other columns, semicolons, Latin-1, day before month, codes of its own: a mapping and no code. */
Test(connect, another_extract_is_adapted_by_a_mapping_alone)
{
    static const char *const files[] = { "CRM_0001.txt", "VIC_0001.txt", "EVT_0001.txt", "BATCH_0001.txt" };
    char *text, from[128];
    size_t n;

    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(from, sizeof from, "deploy/examples/other-extract/%s", files[i]);
        text = file_read(from, &n);
        put(files[i], text, n);
        free(text);
    }
    cr_assert(program_run(dir, &text, ARGS("run", "--once", "--quiet", "--connect", drop, "--connect-map", "deploy/examples/other-extract.connect.yaml", "--data", data)) == 0, "%s", text);
    free(text);
    text = owed_of(dir, data);
    SAYS(text, "met,20/201/26,N5001,20417,Moseley,R3-ACK");
    SAYS(text, "met,20/201/26,N5001,20417,Moseley,R6-ARREST");
    SAYS(text, "met,20/202/26,N5002,20533,Sparkhill,R4-REF");
    SAYS(text, "2026-04-16,,2026-04-16T22:59:59Z,open,20/202/26,N5002,20533,Sparkhill,R6-FREQ");      /* 14 days, as agreed */
    SAYS(text, "unproven,20/203/26,N5003,20688,Public Protection,R3-INFO");                          /* a code that no table knows */
    free(text);
    free(digests_of(dir, data));
}

/* ---- as processes --------------------------------------------------------------------------- */

static bool is_archived(void *ctx)
{
    (void)ctx;
    return is_there("archive/000002/manifest_2.csv");
}

/* Watching the folder: a batch that is dropped while it runs is taken in, and the tracker has it. */
Test(connect, a_feed_of_its_own_takes_in_what_is_dropped_while_it_runs)
{
    char *at, *text;
    struct program tracker, connect;
    struct batch_text next = { 2, TO, "2026-04-20T02:00:00Z", NULL, NULL, "e2,20/1/26,V1,code-given,2026-04-09 09:00,,,2026-04-09 09:00\n" };

    cr_assert(asprintf(&at, "ipc://%s/intake", dir) > 0);
    tracker = program_start(dir, NULL, NULL, ARGS("track", "--data", data, "--listen", at));
    batch_drop(drop, &good);
    text = path_in(dir, "feed");
    connect = program_start(dir, NULL, NULL, ARGS("connect", "--drop", drop, "--to", at, "--data", text, "--json"));
    batch_drop(drop, &next);
    wait_until(is_archived, NULL, 60, "the second batch to be taken in");
    program_kill(&connect, SIGTERM);
    cr_assert(program_wait(&connect, 30) == 0, "%s", file_read(connect.out, NULL));
    cr_assert(program_run(dir, NULL, ARGS("connect", "--drop", drop, "--to", at, "--data", text, "--once")) == ALL_TAKEN);
    next.id = 4;                                /* the third has not come */
    batch_drop(drop, &next);
    cr_assert(program_run(dir, NULL, ARGS("connect", "--drop", drop, "--to", at, "--data", text, "--once")) == SOME_WAIT);
    program_kill(&tracker, SIGTERM);
    cr_assert(program_wait(&tracker, 30) == 0, "%s", file_read(tracker.out, NULL));
    free(text);
    text = file_read(connect.out, NULL);
    SAYS(text, "{\"batch\":1,\"source\":\"connect\"");
    SAYS(text, "{\"batch\":2,\"source\":\"connect\"");
    free(text);
    text = owed_of(dir, data);
    SAYS(text, "20/1/26,V1,20417,A,R3-INFO");
    free(text);
    free(at), free(tracker.out), free(connect.out);
}

Test(connect, a_check_says_what_would_be_and_does_nothing)
{
    char *text, *store = path_in(dir, "feed");

    batch_drop(drop, &(struct batch_text){ 1, FROM, TO, ONE_CRIME, ONE_VICTIM, ONE_CALL "e2,20/1/26,V1,acknowledged,never,,,2026-04-02 09:00\n" });
    cr_assert(program_run(dir, &text, ARGS("connect", "--check", "--data", store, drop)) == 0, "%s", text);
    SAYS(text, "batch 1 to 2026-04-08T02:00  4 rows: 3 new, 0 changed, 0 as before; 2 events");
    SAYS(text, "event_1.csv,2,event_time,a word,\"event_time is not a date in one of the mapping's forms\"");
    free(text);
    cr_assert(is_there("crime_1.csv") && !is_there("archive") && access(store, F_OK) != 0);
    put("event_1.csv", "cut", 3);
    cr_assert(program_run(dir, &text, ARGS("connect", "--check", "--patience", "0s", "--data", store, drop)) == 1, "%s", text);
    SAYS(text, "batch 1 REFUSED: event_1.csv has other bytes than the manifest says");
    free(text);
    free(store);
}
