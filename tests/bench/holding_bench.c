/* A nation's year for the compliance report: CRIMES (6,700,000) with their victims put into a store, then walked and counted.
 * usage: holding_bench [CRIMES [FOLDER]]. It prints times, memory and disk; the counts are checked against what was put in. */
#include "core/hash.h"
#include "sinks/opcc/holding.h"
#include "sinks/opcc/known.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

enum { RULES = 31, OWED = 9, SAID = 11, AREAS = 330, ROWS_A_COMMIT = 500000 };
static uint64_t state = 0x20210701;

static uint64_t chance(void)
{
    state ^= state >> 12, state ^= state << 25, state ^= state >> 27;
    return state * 0x2545f4914f6cdd1dULL;
}
static uint32_t below(uint32_t n) { return (uint32_t)(chance() >> 33) % n; }

static uint64_t put_states[OWED_STATES], put_outcome_16, put_journeys;
static struct holding *holding;
static struct wire *wire;
static uint8_t buf[2 * LAW_ITEM_BYTES_MAX];
static uint64_t rows;

static void must(enum err e, const char *what)
{
    if (e)
        fprintf(stderr, "%s: %s\n", what, err_text(e)), exit(1);
}

static void take(const struct compliance_row *row)
{
    struct sink_cursor at = { .number = ++rows };
    struct bytes item;
    size_t used = 0, from = 0;

    must(wire_compliance_append(wire, row, buf, sizeof buf, &used), "append");
    must(wire_next(buf, used, &from, &item), "next");
    must(holding_take(holding, item), "take");
    if (rows % ROWS_A_COMMIT == 0)
        must(holding_commit(holding, &at), "commit");
}

static void name(uint64_t a, uint64_t b, uint8_t ret[KEYED_BYTES])
{
    uint64_t what[2] = { a, b };

    hash_id(what, sizeof what, ret);
}

static void take_law(void)
{
    static struct law_rule_row rule[RULES];
    static char id[RULES][8];
    struct compliance_row row = { .what = ROW_LAW };

    for (int i = 0; i < RULES; i++) {
        snprintf(id[i], sizeof id[i], "R6-%d", i);
        rule[i] = (struct law_rule_row){ .id = text_of(id[i]), .right = TEXT("6"), .edition = TEXT("bench"), .title = TEXT("t"), .confidence = 'V' };
    }
    row.law = (struct law_row){ .number = 1, .rule = rule, .rules = RULES, .first_day = DAY_NONE, .last_day = DAY_NONE, .zone = TEXT("Europe/London") };
    take(&row);
}

static void take_crime(uint64_t number)
{
    static const char *const classes[] = { "19C", "8N", "28E", "48", "8Q", "34B", "9A", "46", "49", "105A" }, *const outcomes[] = { "1", "15", "16", "18", "14", "" };
    static const char *const genders[] = { "F", "M", "" }, *const ethnicities[] = { "W1", "A2", "B1", "M1", "NS", "" };
    static struct owed owed[OWED];
    static struct said said[SAID];
    struct day reported = day_add(day_from_ymd(2025, 1, 1), (int)below(365));
    char area[16], team[24];
    struct compliance_row row = { .what = ROW_CRIME };
    struct crime_row *c = &row.crime;
    int victims = below(10) ? 1 : 2;

    snprintf(area, sizeof area, "area %u", below(AREAS));
    snprintf(team, sizeof team, "%s team %u", area, below(6));
    *c = (struct crime_row){
        .known_at = { 1767225600 }, .record = number, .reported = reported, .recorded = reported, .force = TEXT("20"), .area = text_of(area), .team = text_of(team),
        .ho_class = text_of(classes[below(10)]), .markers = below(6) ? (struct text){ 0 } : TEXT("DA"), .outcome = text_of(outcomes[below(6)]),
        .outcome_on = day_add(reported, 40), .victims = (uint32_t)victims, .withdrawn = DAY_NONE, .days_since_contact = -1,
    };
    name(number, 0, c->id);
    put_outcome_16 += text_same(c->outcome, TEXT("16"));
    take(&row);
    for (int v = 1; v <= victims; v++) {
        struct compliance_row jr = { .what = ROW_JOURNEY };
        struct journey_row *j = &jr.journey;
        for (int i = 0; i < OWED; i++) {
            owed[i] = (struct owed){ .rule = (uint16_t)below(RULES), .state = (uint8_t)below(OWED_STATES), .limit = 5, .started = day_add(reported, (int)below(30)),
                                     .working_days = (int16_t)below(9) };
            owed[i].due = day_add(owed[i].started, 7), owed[i].ended = day_add(owed[i].started, (int)below(12)), owed[i].evidenced = owed[i].ended;
            put_states[owed[i].state]++;
        }
        for (int i = 0; i < SAID; i++)
            said[i] = (struct said){ .kind = (kind_t)(20 + i), .count = 1, .first = day_add(reported, i), .last = day_add(reported, i) };
        *j = (struct journey_row){
            .known_at = c->known_at, .record = number, .law = 1, .reported = reported, .recorded = reported, .ended = DAY_NONE, .concluded = day_add(reported, 60),
            .force = c->force, .area = c->area, .team = c->team, .ho_class = c->ho_class, .markers = c->markers, .victim_kind = TEXT("person"),
            .gender = text_of(genders[below(3)]), .ethnicity = text_of(ethnicities[below(6)]), .age_band = (uint8_t)below(AGE_BANDS_COUNT), .outcome = c->outcome,
            .outcome_on = c->outcome_on, .facts = SAID, .late = { SAID }, .owed = owed, .owed_count = OWED, .said = said, .said_count = SAID,
        };
        memcpy(j->crime, c->id, KEYED_BYTES);
        name(number, (uint64_t)v, j->id);
        name(chance(), 7, j->victim);
        name(below(3000), 9, j->officer);
        take(&jr);
        put_journeys++;
    }
}

static uint64_t got_states[OWED_STATES], got_outcome_16, got_journeys, got_crimes;
static uint64_t cube[RULES][OFFENCES_COUNT][GENDERS_COUNT][2];

static enum err see_journey(void *ctx, const struct journey_facts *j)
{
    (void)ctx;
    got_journeys++;
    for (uint32_t i = 0; i < j->row->owed_count; i++) {
        const struct owed *o = &j->row->owed[i];
        got_states[o->state]++;
        cube[j->rule[i]->index][j->offence][j->gender][o->state == OWED_MET]++;
    }
    return E_OK;
}

static enum err see_crime(void *ctx, const struct crime_facts *c)
{
    (void)ctx;
    got_crimes++;
    got_outcome_16 += text_same(c->row->outcome, TEXT("16"));
    return E_OK;
}

/* Of this process so far, which a busy machine does not change much. */
static double processor_s(void)
{
    struct rusage u;

    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char **argv)
{
    uint64_t crimes = argc > 1 ? strtoull(argv[1], NULL, 10) : 6700000;
    const char *folder = argc > 2 ? argv[2] : "build/holding-bench";
    struct compliance_row drawn = { .what = ROW_DRAWN };
    struct sink_cursor at = { .number = 1 };
    struct known *k;
    struct why why = { "" };
    struct rusage u;
    struct stat st;
    char path[4096];
    struct mono began;
    double put_s, walk_s, put_processor_s;

    hash_init();
    must(wire_open(&wire), "wire");
    must(holding_open(folder, false, &holding, &why), why.text);
    began = mono_now();
    take_law();
    for (uint64_t i = 1; i <= crimes; i++)
        take_crime(i);
    drawn.drawn = (struct drawn_row){ .tick = { 1767225600 }, .record = crimes, .journeys = put_journeys, .crimes = crimes, .day = day_from_ymd(2025, 12, 31) };
    drawn.drawn.folder[0] = 1;
    take(&drawn);
    must(holding_commit(holding, &at), "commit");
    put_s = (double)mono_ms_since(began) / 1000;
    put_processor_s = processor_s();
    holding_close(&holding);
    snprintf(path, sizeof path, "%s/holding.lmdb", folder);
    printf("put    %llu crimes, %llu journeys: %.1f s (%.1f s of the processor), %.0f rows/s, %.2f GiB\n", (unsigned long long)crimes, (unsigned long long)put_journeys, put_s, put_processor_s, (double)rows / put_s,
           stat(path, &st) ? 0 : (double)st.st_blocks * 512 / (1 << 30));
    began = mono_now();
    must(known_open(folder, INSTANT_NONE, &k, &why), why.text);
    must(known_each_journey(k, see_journey, NULL), "journeys");
    must(known_each_crime(k, see_crime, NULL), "crimes");
    known_close(&k);
    walk_s = (double)mono_ms_since(began) / 1000;
    getrusage(RUSAGE_SELF, &u);
    printf("walk   %.1f s (%.1f s of the processor), %.0f rows/s; peak memory %ld MiB, pages of the mapped file included\n", walk_s, processor_s() - put_processor_s, (double)(got_journeys + got_crimes) / walk_s, u.ru_maxrss / 1024);
    if (got_journeys != put_journeys || got_crimes != crimes || got_outcome_16 != put_outcome_16 || memcmp(got_states, put_states, sizeof put_states))
        return fputs("what was counted is not what was put in\n", stderr), 1;
    puts("every count is what was put in");
    wire_close(&wire);
    return 0;
}
