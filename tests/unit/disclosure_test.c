/* The attacker of these tests knows everything that was ever printed and can solve linear programs. It uses another
 * solver than the program does, and sees a report through published.h only, as a reader does. */
#include "sinks/opcc/disclosure.h"

#include "tests/kit/program.h"

#include <criterion/criterion.h>
#include <glpk.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static struct period month(int m) { return period_month_of(day_from_ymd(2026, m, 1)); }
static struct period days(int from, int to) { return (struct period){ day_from_ymd(2026, 3, from), day_from_ymd(2026, 3, to) }; }

static struct draft *begin(struct period p)
{
    struct heading h = { .force = "Test Force", .time_zone = "Europe/London", .period = p, .rules = "r", .calendar = "c", .known_at = { 1790000000 } };
    struct draft *d;

    cr_assert(draft_open(&h, &d) == E_OK);
    return d;
}

static struct published *publish(struct draft **d, const struct issued *before)
{
    struct published *p;

    cr_assert(disclosure_publish(d, before, &p, NULL) == E_OK);
    cr_assert(*d == NULL);
    return p;
}

/* ---- the attacker ------------------------------------------------------------ */

enum { SEEN_MAX = 4000, FACTS_KNOWN_MAX = 4000, IN_MAX = 64 };
struct seen { char key[160]; struct period period; bool is_known, is_hidden; double value; unsigned threshold; };
struct known { int total, part[IN_MAX], parts; };       /* seen[total] = the sum of seen[part] */
static struct seen seen[SEEN_MAX];
static struct known known[FACTS_KNOWN_MAX];
static int seens, knowns;

static int remember(const char *key, struct period p)
{
    for (int i = 0; i < seens; i++)
        if (period_same(seen[i].period, p) && strcmp(seen[i].key, key) == 0)
            return i;
    cr_assert(seens < SEEN_MAX);
    seen[seens] = (struct seen){ .period = p, .threshold = THRESHOLD };
    snprintf(seen[seens].key, sizeof seen[seens].key, "%s", key);
    return seens++;
}

static void read_report(const struct published *p)
{
    int at[SEEN_MAX];

    for (size_t i = 0; i < published_counts(p); i++) {
        const char *key;
        struct period period;
        uint64_t value;
        bool is_seen = published_count(p, i, &key, &period, &value);
        at[i] = remember(key, period);
        seen[at[i]].threshold = published_threshold(p, i);
        if (is_seen) {
            seen[at[i]].is_known = true;
            seen[at[i]].value = (double)value;
        } else {
            cr_assert(value == 0, "a hidden value is not in the report");
            seen[at[i]].is_hidden |= published_is_printed(p, i);
        }
    }
    for (size_t i = 0; i < published_sums(p); i++) {
        const struct sum *s = published_sum(p, i);
        cr_assert(knowns < FACTS_KNOWN_MAX && s->count <= IN_MAX);
        known[knowns].total = at[s->total];
        known[knowns].parts = (int)s->count;
        for (uint32_t k = 0; k < s->count; k++)
            known[knowns].part[k] = at[s->part[k]];
        knowns++;
    }
}

/* A period is the sum of the others of its key that lie in it end to end. */
static void add_up_periods(void)
{
    for (int t = 0; t < seens; t++) {
        struct known k = { .total = t };
        int32_t next = seen[t].period.from.n;
        for (bool found = true; found && next <= seen[t].period.to.n;) {
            found = false;
            for (int i = 0; i < seens && !found; i++)
                if (i != t && strcmp(seen[i].key, seen[t].key) == 0 && seen[i].period.from.n == next && seen[i].period.to.n <= seen[t].period.to.n) {
                    k.part[k.parts++] = i;
                    next = seen[i].period.to.n + 1;
                    found = true;
                }
        }
        if (next == seen[t].period.to.n + 1 && k.parts > 1)
            known[knowns++] = k;
    }
}

/* Least and greatest value of each unknown; the number of hidden counts that can be narrowed down to less than the
 * threshold. One that is known not to be small was hidden beside another and gives nothing away. */
static int attack(void)
{
    glp_prob *lp = glp_create_prob();
    glp_smcp how;
    int row[1 + FACTS_KNOWN_MAX * 8], column[1 + FACTS_KNOWN_MAX * 8], n = 0, narrow = 0;
    double factor[1 + FACTS_KNOWN_MAX * 8];

    glp_init_smcp(&how);
    how.msg_lev = GLP_MSG_OFF;
    glp_add_cols(lp, seens);
    glp_add_rows(lp, knowns ? knowns : 1);
    for (int i = 0; i < seens; i++) {
        bool fixed = seen[i].is_known;
        glp_set_col_bnds(lp, i + 1, fixed ? GLP_FX : GLP_LO, fixed ? seen[i].value : 0, seen[i].value);
    }
    for (int k = 0; k < knowns; k++) {
        glp_set_row_bnds(lp, k + 1, GLP_FX, 0, 0);
        for (int t = -1; t < known[k].parts; t++) {
            cr_assert(n + 1 < FACTS_KNOWN_MAX * 8);
            row[++n] = k + 1;
            column[n] = (t < 0 ? known[k].total : known[k].part[t]) + 1;
            factor[n] = t < 0 ? -1 : 1;
        }
    }
    glp_load_matrix(lp, n, row, column, factor);
    for (int i = 0; i < seens; i++) {
        double bound[2] = { 0, INFINITY };
        if (seen[i].is_known || !seen[i].is_hidden)
            continue;
        for (int up = 0; up < 2; up++) {
            glp_set_obj_dir(lp, up ? GLP_MAX : GLP_MIN);
            glp_set_obj_coef(lp, i + 1, 1);
            cr_assert(glp_simplex(lp, &how) == 0);
            glp_set_obj_coef(lp, i + 1, 0);
            if (glp_get_status(lp) == GLP_OPT)
                bound[up] = glp_get_obj_val(lp);
            else
                cr_assert(glp_get_status(lp) == GLP_UNBND || (up && glp_get_dual_stat(lp) == GLP_NOFEAS), "the figures contradict each other");
        }
        if (bound[1] - bound[0] < seen[i].threshold - 1e-6 && bound[0] < seen[i].threshold - 1e-6) {
            narrow++;
            cr_log_info("%s lies in %g..%g", seen[i].key, bound[0], bound[1]);
        }
    }
    glp_delete_prob(lp);
    return narrow;
}

static void forget(void) { seens = knowns = 0; }

/* ---- the cases ----------------------------------------------------------------- */

/* From a real release: yearly counts 10, 8 and four blanks with a printed total of 18. The blanks are all 0. */
Test(disclosure, the_attacker_solves_a_table_that_was_really_published)
{
    static const char *const year[] = { "2015", "2016", "2017", "2018", "2019", "2020" };
    struct period p = month(1);

    forget();
    known[0] = (struct known){ .total = remember("total", p), .parts = 6 };
    seen[0].is_known = true;
    seen[0].value = 18;
    for (int i = 0; i < 6; i++) {
        known[0].part[i] = remember(year[i], p);
        seen[i + 1].is_known = i < 2;
        seen[i + 1].is_hidden = i >= 2;
        seen[i + 1].value = i == 0 ? 10 : i == 1 ? 8 : 0;
    }
    knowns = 1;
    cr_assert(attack() == 4);
}

static uint32_t of(struct draft *d, const char *what, const char *area, uint64_t n, struct period p)
{
    struct slice s = { { NULL } };

    s.by[SPLIT_AREA] = area;
    return draft_count(d, what, &s, p, n);
}

static bool shows(const struct published *p, uint32_t i, uint64_t value)
{
    const char *key;
    struct period period;
    uint64_t v;

    return published_count(p, i, &key, &period, &v) && v == value;
}

static bool hides(const struct published *p, uint32_t i)
{
    const char *key;
    struct period period;
    uint64_t v;

    return !published_count(p, i, &key, &period, &v);
}

Test(disclosure, a_small_count_is_hidden_and_one_more_that_would_give_it_away)
{
    struct draft *d = begin(month(3));
    uint32_t part[] = { of(d, "met", "North", 3, month(3)), of(d, "met", "South", 40, month(3)), of(d, "met", "East", 12, month(3)),
                        of(d, "met", "West", 0, month(3)) };
    uint32_t total = of(d, "met", NULL, 55, month(3));
    struct published *p;

    draft_sum(d, total, part, 4);
    p = publish(&d, NULL);
    cr_assert(hides(p, part[0]) && hides(p, part[2]), "3 is small; of the others 12 costs least");
    cr_assert(shows(p, part[1], 40) && shows(p, part[3], 0) && shows(p, total, 55));
    cr_assert(published_hiding(p)->small == 1 && published_hiding(p)->beside == 1);
    published_close(&p);
}

Test(disclosure, what_needs_no_hiding_is_all_there)
{
    struct draft *d = begin(month(3));
    uint32_t part[] = { of(d, "met", "North", 5, month(3)), of(d, "met", "South", 0, month(3)) };
    uint32_t total = of(d, "met", NULL, 5, month(3));
    struct published *p;

    draft_sum(d, total, part, 2);
    p = publish(&d, NULL);
    cr_assert(shows(p, part[0], 5) && shows(p, part[1], 0) && shows(p, total, 5));
    published_close(&p);
}

/* domain: 10 in splits by ethnicity, age or gender within an offence group or area; sexual offences below the force. */
Test(disclosure, finer_splits_have_the_higher_threshold)
{
    struct slice s = { { NULL } };

    cr_assert(slice_threshold(&s) == 5);
    s.by[SPLIT_GENDER] = "F";
    cr_assert(slice_threshold(&s) == 5);
    s.by[SPLIT_AREA] = "North";
    cr_assert(slice_threshold(&s) == 10);
    s = (struct slice){ { NULL } };
    s.by[SPLIT_THEME] = "RAPE";
    cr_assert(slice_threshold(&s) == 5);
    s.by[SPLIT_AREA] = "North";
    cr_assert(slice_threshold(&s) == 10);
    s = (struct slice){ { NULL } };
    s.by[SPLIT_OFFENCE] = "ROBBERY";
    s.by[SPLIT_ETHNICITY] = "BLACK";
    cr_assert(slice_threshold(&s) == 10);
}

static struct figure rate(uint64_t met, uint64_t all)
{
    static const struct table_words w = { "t", 1, "t", "d", "n", "m", "c", NULL };
    struct draft *d = begin(month(3));
    struct table *t = draft_table(d, &w, "Rule");
    struct figure f;
    struct published *p;
    struct row *r;
    uint32_t part[2], total;

    draft_column(d, t, "rate", "Rate", UNIT_PERCENT, NULL);
    r = draft_row(d, t, "R3", "R3");
    part[0] = draft_complement(d, "met", EVERYONE, month(3), met);
    part[1] = draft_complement(d, "not met", EVERYONE, month(3), all - met);
    total = draft_complement(d, "owed", EVERYONE, month(3), all);
    draft_sum(d, total, part, 2);
    cell_rate(d, r, 0, part[0], part[1], total);
    p = publish(&d, NULL);
    f = published_figure(p, published_table(p, 0), 0, 0);
    published_close(&p);
    return f;
}

Test(disclosure, no_rate_on_few_nor_where_what_is_left_over_is_small)
{
    struct figure f = rate(60, 100);

    cr_assert(f.mark == MARK_NONE && f.count == 60 && f.of == 100 && fabs(f.value - 0.6) < 1e-12 && f.interval.low < 0.6);
    cr_assert(rate(5, 9).mark == MARK_HIDDEN);
    cr_assert(rate(97, 100).mark == MARK_HIDDEN, "3 were not told");
    cr_assert(rate(4, 100).mark == MARK_HIDDEN);
    cr_assert(rate(100, 100).mark == MARK_NONE && rate(0, 100).mark == MARK_NONE);
    cr_assert(rate(0, 0).mark == MARK_NOT_APPLICABLE);
    f = rate(97, 100);
    cr_assert(f.count == 0 && f.of == 0 && f.value == 0 && f.interval.high == 0, "nothing of it is left");
}

/* ---- over months -------------------------------------------------------------- */

static void issue(const char *dir, struct draft **d, struct published **ret)
{
    struct issued *before;
    struct why why = { "" };
    uint32_t number;

    cr_assert(issued_open(dir, 0, &before, &why) == E_OK, "%s", why.text);
    *ret = publish(d, before);
    cr_assert(issued_add(dir, *ret, &number, &why) == E_OK, "%s", why.text);
    issued_close(&before);
}

Test(disclosure, a_month_that_was_hidden_cannot_be_had_from_the_quarter)
{
    static const uint64_t value[] = { 3, 40, 25 };
    char *dir = folder_make();
    struct published *p;
    struct draft *d;
    uint32_t q;

    for (int m = 1; m <= 3; m++) {
        d = begin(month(m));
        q = of(d, "met", NULL, value[m - 1], month(m));
        issue(dir, &d, &p);
        cr_assert(m == 1 ? hides(p, q) : shows(p, q, value[m - 1]));
        published_close(&p);
    }
    d = begin((struct period){ month(1).from, month(3).to });
    q = of(d, "met", NULL, 68, (struct period){ month(1).from, month(3).to });
    issue(dir, &d, &p);
    cr_assert(hides(p, q), "68 - 40 - 25 is 3");
    published_close(&p);
    folder_remove(&dir);
}

Test(disclosure, two_spans_that_differ_by_a_day_do_not_give_that_day_away)
{
    char *dir = folder_make();
    struct published *p;
    struct draft *d = begin(days(1, 30));
    uint32_t q = of(d, "met", NULL, 60, days(1, 30));

    issue(dir, &d, &p);
    cr_assert(shows(p, q, 60));
    published_close(&p);
    d = begin(days(1, 31));
    q = of(d, "met", NULL, 62, days(1, 31));
    issue(dir, &d, &p);
    cr_assert(hides(p, q), "2 on the last day");
    published_close(&p);
    d = begin(days(1, 29));
    q = of(d, "met", NULL, 50, days(1, 29));
    issue(dir, &d, &p);
    cr_assert(shows(p, q, 50), "10 on a day are not few");
    published_close(&p);
    folder_remove(&dir);
}

Test(disclosure, what_was_hidden_once_stays_hidden)
{
    char *dir = folder_make();
    struct published *p;
    struct draft *d = begin(month(3));
    uint32_t q = of(d, "met", NULL, 4, month(3));

    issue(dir, &d, &p);
    published_close(&p);
    d = begin(month(3));
    q = of(d, "met", NULL, 7, month(3));
    issue(dir, &d, &p);
    cr_assert(hides(p, q) && published_hiding(p)->kept == 1);
    published_close(&p);
    folder_remove(&dir);
}

Test(disclosure, what_was_printed_otherwise_is_listed_as_revised)
{
    static const struct table_words w = { "t", 1, "t", "d", "n", "m", "c", NULL };
    static const uint64_t value[] = { 40, 40, 43 };
    char *dir = folder_make();
    struct published *p;

    for (int i = 0; i < 3; i++) {
        struct draft *d = begin(month(3));
        struct table *t = draft_table(d, &w, "Rule");
        draft_column(d, t, "n", "N", UNIT_COUNT, NULL);
        cell_count(d, draft_row(d, t, "R3", "R3"), 0, draft_count(d, "met", EVERYONE, month(3), value[i]));
        issue(dir, &d, &p);
        cr_assert(published_revisions(p) == (i == 2));
        if (i == 2)
            cr_assert(published_revision(p, 0)->was_count == 40 && published_revision(p, 0)->issue == 2);
        published_close(&p);
    }
    folder_remove(&dir);
}

/* ---- many random forces ---------------------------------------------------------- */

enum { AREAS = 4, GENDERS = 3, STATES = 3 };
static const char *const area_name[AREAS + 1] = { "North", "East", "South", "West", NULL };
static const char *const gender_name[GENDERS + 1] = { "F", "M", "U", NULL };
static const char *const state_name_of[STATES + 1] = { "met", "late", "missed", "owed" };

/* Counts by area, gender and how it ended, with every margin printed. The margins are where index is one past the last. */
static void write_cube(struct draft *d, uint64_t n[AREAS + 1][GENDERS + 1][STATES + 1], struct period p)
{
    uint32_t q[AREAS + 1][GENDERS + 1][STATES + 1], part[8];

    for (int a = 0; a <= AREAS; a++)
        for (int g = 0; g <= GENDERS; g++)
            for (int s = 0; s <= STATES; s++) {
                struct slice by = { { NULL } };
                by.by[SPLIT_AREA] = area_name[a];
                by.by[SPLIT_GENDER] = gender_name[g];
                q[a][g][s] = draft_count(d, state_name_of[s], &by, p, n[a][g][s]);
            }
    for (int a = 0; a <= AREAS; a++)
        for (int g = 0; g <= GENDERS; g++)
            draft_sum(d, q[a][g][STATES], q[a][g], STATES);
    for (int g = 0; g <= GENDERS; g++)
        for (int s = 0; s <= STATES; s++) {
            for (int a = 0; a < AREAS; a++)
                part[a] = q[a][g][s];
            draft_sum(d, q[AREAS][g][s], part, AREAS);
        }
    for (int a = 0; a <= AREAS; a++)
        for (int s = 0; s <= STATES; s++) {
            for (int g = 0; g < GENDERS; g++)
                part[g] = q[a][g][s];
            draft_sum(d, q[a][GENDERS][s], part, GENDERS);
        }
}

static void add_margins(uint64_t n[AREAS + 1][GENDERS + 1][STATES + 1])
{
    for (int a = 0; a < AREAS; a++)
        for (int g = 0; g < GENDERS; g++)
            for (int s = 0; s < STATES; s++)
                for (int m = 1; m < 8; m++)
                    n[m & 1 ? AREAS : a][m & 2 ? GENDERS : g][m & 4 ? STATES : s] += n[a][g][s];
}

static uint64_t some(void) { return rand() % 3 == 0 ? (uint64_t)rand() % 7 : (uint64_t)rand() % 60; }

Test(disclosure, no_attacker_narrows_a_hidden_count_of_many_random_forces, .timeout = 120)
{
    enum { FORCES = 25 };
    unsigned seed = (unsigned)time(NULL);
    int hidden = 0, all = 0;

    cr_log_info("seed %u", seed);
    srand(seed);
    for (int f = 0; f < FORCES; f++) {
        uint64_t n[AREAS + 1][GENDERS + 1][STATES + 1] = { { { 0 } } };
        struct draft *d = begin(month(3));
        struct published *p;
        for (int a = 0; a < AREAS; a++)
            for (int g = 0; g < GENDERS; g++)
                for (int s = 0; s < STATES; s++)
                    n[a][g][s] = some();
        add_margins(n);
        write_cube(d, n, month(3));
        p = publish(&d, NULL);
        forget();
        read_report(p);
        cr_assert(attack() == 0, "seed %u, force %d", seed, f);
        cr_assert(published_hiding(p)->exposed == 0);
        for (size_t i = 0; i < published_counts(p); i++)
            hidden += hides(p, (uint32_t)i);
        all += (int)published_counts(p);
        published_close(&p);
    }
    cr_assert(hidden > 0 && hidden < all * 2 / 3, "%d of %d hidden", hidden, all);
}

Test(disclosure, no_attacker_narrows_one_over_months_and_quarters, .timeout = 120)
{
    enum { FORCES = 8 };
    unsigned seed = (unsigned)time(NULL);

    cr_log_info("seed %u", seed);
    srand(seed);
    for (int f = 0; f < FORCES; f++) {
        uint64_t quarter[AREAS + 1][GENDERS + 1][STATES + 1] = { { { 0 } } };
        char *dir = folder_make();
        forget();
        for (int m = 1; m <= 4; m++) {
            struct period span = m <= 3 ? month(m) : (struct period){ month(1).from, month(3).to };
            uint64_t n[AREAS + 1][GENDERS + 1][STATES + 1] = { { { 0 } } };
            struct draft *d = begin(span);
            struct published *p;
            for (int a = 0; a < AREAS; a++)
                for (int g = 0; g < GENDERS; g++)
                    for (int s = 0; s < STATES; s++) {
                        n[a][g][s] = m <= 3 ? some() : quarter[a][g][s];
                        quarter[a][g][s] += n[a][g][s];
                    }
            add_margins(n);
            write_cube(d, n, span);
            issue(dir, &d, &p);
            read_report(p);
            cr_assert(published_hiding(p)->exposed == 0);
            published_close(&p);
        }
        add_up_periods();
        cr_assert(attack() == 0, "seed %u, force %d", seed, f);
        folder_remove(&dir);
    }
}

/* Every table of whole numbers that has the printed margins, one by one: what is left of a hidden cell? */
static int least[9], most[9];
static void enumerate(const int *shown, const int *hidden, int cell, int rows[3], int columns[3], int now[9])
{
    if (cell == 9) {
        for (int i = 0; i < 3; i++)
            if (rows[i] || columns[i])
                return;
        for (int i = 0; i < 9; i++) {
            least[i] = now[i] < least[i] ? now[i] : least[i];
            most[i] = now[i] > most[i] ? now[i] : most[i];
        }
        return;
    }
    int r = cell / 3, c = cell % 3, limit = rows[r] < columns[c] ? rows[r] : columns[c];
    for (int v = hidden[cell] ? 0 : shown[cell]; v <= (hidden[cell] ? limit : shown[cell]); v++) {
        if (v > limit || (c == 2 && v != rows[r]))
            continue;
        now[cell] = v;
        rows[r] -= v;
        columns[c] -= v;
        enumerate(shown, hidden, cell + 1, rows, columns, now);
        rows[r] += v;
        columns[c] += v;
    }
}

Test(disclosure, nor_by_trying_every_table_of_whole_numbers, .timeout = 60)
{
    unsigned seed = (unsigned)time(NULL);

    cr_log_info("seed %u", seed);
    srand(seed);
    for (int f = 0; f < 60; f++) {
        static const char *const what[] = { "a", "b", "c" };
        int value[9], hidden[9], rows[3] = { 0 }, columns[3] = { 0 }, now[9];
        uint32_t q[9], row[3], column[3];
        struct draft *d = begin(month(3));
        struct published *p;
        bool margins_shown = true;
        for (int i = 0; i < 9; i++) {
            value[i] = rand() % 14;
            rows[i / 3] += value[i];
            columns[i % 3] += value[i];
            q[i] = of(d, what[i / 3], area_name[i % 3], (uint64_t)value[i], month(3));
        }
        for (int i = 0; i < 3; i++) {
            row[i] = of(d, what[i], NULL, (uint64_t)rows[i], month(3));
            column[i] = of(d, "all", area_name[i], (uint64_t)columns[i], month(3));
            draft_sum(d, row[i], q + 3 * i, 3);
        }
        for (int i = 0; i < 3; i++)
            draft_sum(d, column[i], (uint32_t[]){ q[i], q[3 + i], q[6 + i] }, 3);
        p = publish(&d, NULL);
        for (int i = 0; i < 9; i++) {
            hidden[i] = hides(p, q[i]);
            least[i] = 1000;
            most[i] = -1;
        }
        for (int i = 0; i < 3; i++)
            margins_shown &= !hides(p, row[i]) && !hides(p, column[i]);
        if (margins_shown) {
            enumerate(value, hidden, 0, rows, columns, now);
            for (int i = 0; i < 9; i++)
                cr_assert(!hidden[i] || most[i] - least[i] >= THRESHOLD, "seed %u: a hidden %d lies in %d..%d", seed, value[i], least[i], most[i]);
        }
        published_close(&p);
    }
}
