/* What a fact, or a rule's own time, concerns: judged alone it is as in the judgement of everything, and nothing else changes. */
#include "rules/journey.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 20000, FACTS = 24, BASE = 1772442000 /* 2 March 2026 */, SPAN = 60 * 86400, KINDS_KNOWN = KIND_COUNT };

static uint64_t draw(uint64_t below) { return ((uint64_t)rand() << 15 ^ (uint64_t)rand()) % below; }
static bool sometimes(void) { return draw(3) == 0; }
static struct instant any_time(void) { return (struct instant){ BASE + (int64_t)draw(SPAN) }; }

static kind_t any_kind(void)
{
    for (;;) {
        kind_t k = draw(8) == 0 ? kind_by_name(EVENT_REPORT, TEXT("recorded")) : (kind_t)draw(KINDS_KNOWN);
        if (k == KIND_LOCAL || (k != KIND_NONE && kind_name(k)[0]))
            return k;
    }
}

/* Nothing corrects another: that concerns everything. */
static struct fact any_fact(const struct fact *before, size_t count)
{
    static const char *const outcome[] = { "1", "8", "14", "15", "16", "18", "21" }, *const class[] = { "105/1", "8/1", "17/13" };
    struct fact f = { .number = count + 1, .id = draw(UINT32_MAX) + 1, .kind = any_kind(), .age = AGE_UNKNOWN, .occurred_at = any_time() };

    f.recorded_at = instant_add(f.occurred_at, sometimes() ? (int64_t)draw(5 * 86400) : 0);
    f.of_crime = kind_is_of_crime(f.kind) && sometimes();
    f.informs = count && sometimes() ? before[draw(count)].id : 0;
    f.suspect_no = (uint16_t)(sometimes() ? draw(3) : 0);
    f.item_no = (uint16_t)(sometimes() ? draw(3) : 0);
    f.value = (uint16_t)(sometimes() ? draw(30) : 0);
    f.who = (uint8_t)draw(4);
    f.by = (uint8_t)draw(3);
    f.age = sometimes() ? (uint8_t)draw(90) : AGE_UNKNOWN;
    f.flags_said = (uint8_t)(sometimes() ? draw(256) : 0);
    f.flags = (uint8_t)draw(256) & f.flags_said;
    f.victim_type = (uint8_t)(sometimes() ? draw(6) : 0);
    if (sometimes()) f.markers_said = 1, f.markers = (uint16_t)draw(1 << MARKERS_COUNT);
    if (sometimes()) strcpy(f.outcome, outcome[draw(sizeof outcome / sizeof *outcome)]);
    if (sometimes()) strcpy(f.ho_class, class[draw(sizeof class / sizeof *class)]);
    if (sometimes()) f.names = FACT_NAMES_OIC, f.oic = (uint32_t)draw(4) + 1;
    if (draw(10) == 0) f.waives = draw(UINT32_MAX);
    if (sometimes()) f.informed_at = any_time();
    if (sometimes()) f.received_at = any_time();
    if (sometimes()) f.date = any_time();
    return f;
}

static bool same(const struct obligation *a, const struct obligation *b)
{
    return a->rule == b->rule && a->ending == b->ending && a->flags == b->flags && a->owner == b->owner && a->instance == b->instance &&
           a->started_by == b->started_by && a->ended_by == b->ended_by && instant_same(a->started, b->started) && instant_same(a->due, b->due) &&
           instant_same(a->ended, b->ended) && day_same(a->first_day, b->first_day) && a->limit == b->limit;
}

/* The obligations of rules that are concerned (or of those that are not) are the same in both. */
static void check_same(const struct judgement *a, const struct judgement *b, const struct concern *c, bool concerned, const char *what)
{
    size_t i = 0, k = 0;

    for (;; i++, k++) {
        while (i < a->count && concern_has(c, a->obligation[i].rule) != concerned)
            i++;
        while (k < b->count && concern_has(c, b->obligation[k].rule) != concerned)
            k++;
        if (i == a->count || k == b->count)
            break;
        cr_assert(same(&a->obligation[i], &b->obligation[k]), "%s: rule %u and rule %u", what, a->obligation[i].rule, b->obligation[k].rule);
    }
    cr_assert(i == a->count && k == b->count, "%s: one more of rule %u", what, i < a->count ? a->obligation[i].rule : b->obligation[k].rule);
}

static void check_common(const struct judgement *a, const struct judgement *b)
{
    cr_assert(a->oic_by == b->oic_by && a->team_by == b->team_by && a->oic == b->oic && a->team == b->team);
    cr_assert(a->circumstances == b->circumstances && instant_same(a->reported, b->reported) && instant_same(a->ended, b->ended));
}

static void judge(const struct law *law, const struct concern *c, uint64_t news, const struct fact *facts, size_t count, struct judgement *ret)
{
    struct fact seen[FACTS];
    size_t n = 0;

    for (size_t i = 0; i < count; i++)
        if (!c || concern_looks_at(c, facts[i].kind, facts[i].suspect_no != 0))
            seen[n++] = facts[i];
    if (c)
        journey_judge_concern(law, c, news, seen, n, ret);
    else
        journey_judge(law, seen, n, ret);
}

static struct law *open_law(const char *path)
{
    struct law_files *files;
    struct item_law item;
    struct law *law;
    struct why why = { "" };

    cr_assert(law_read(&path, 1, NULL, &item, &files, &why) == E_OK, "%s", why.text);
    cr_assert(law_open(&item, &law, &why) == E_OK, "%s", why.text);
    law_files_free(&files);
    return law;
}

static void compare(const char *book, unsigned seed)
{
    static struct judgement before, after, alone;
    struct law *law = open_law(book);
    size_t idle = 0, some = 0, whole = 0;

    srand(seed);
    for (int round = 0; round < ROUNDS; round++) {
        struct fact facts[FACTS];
        for (size_t n = 0; n < FACTS; n++) {
            const struct concern *c;
            struct concern due = { .whole = false };
            struct rule_set rules = { { 0 } };
            facts[n] = any_fact(facts, n);
            c = law_concern_of(law, &facts[n]);
            judge(law, NULL, 0, facts, n, &before);
            judge(law, NULL, 0, facts, n + 1, &after);
            if (concern_any(c)) {
                judge(law, c, facts[n].id, facts, n + 1, &alone);
                check_common(&after, &alone);
                check_same(&after, &alone, alone.judged, true, "what the fact concerns");
            } else {
                alone.judged = c;
                check_common(&before, &after);
            }
            check_same(&before, &after, alone.judged, false, "what it does not concern");
            idle += !concern_any(c), some += concern_any(c) && !alone.judged->whole, whole += alone.judged->whole;
            for (size_t i = 0; i < after.count; i++)
                if (i == 0 || sometimes())
                    rules_add(&rules, after.obligation[i].rule);
            if (!after.count)
                continue;
            c = law_concern_of_rules(law, &rules, &due);
            judge(law, c, 0, facts, n + 1, &alone);
            check_common(&after, &alone);
            check_same(&after, &alone, c, true, "what is due");
        }
    }
    cr_assert(idle > 100 && some > 1000 && whole > 1000, "it was tried: %zu idle, %zu some, %zu whole", idle, some, whole);
    law_close(&law);
}

/* Few facts are put in order in another way than many: what nothing looks at makes no difference, however much of it there is. */
static void bury(const char *book, unsigned seed)
{
    enum { BURIED = 150, ROUNDS_BURIED = 2000 };
    static struct judgement bare, buried;
    struct law *law = open_law(book);

    srand(seed);
    for (int round = 0; round < ROUNDS_BURIED; round++) {
        struct fact facts[FACTS + BURIED], all[FACTS + BURIED];
        size_t n = 0, among = draw(BURIED);
        while (n < FACTS)
            facts[n] = any_fact(facts, n), n++;
        while (n < FACTS + among) {
            facts[n] = any_fact(facts, n);
            facts[n].suspect_no = 0;
            n += !concern_any(law_concern_of(law, &facts[n]));
        }
        memcpy(all, facts, sizeof all);
        journey_judge(law, facts, FACTS, &bare);
        journey_judge(law, all, n, &buried);
        check_common(&bare, &buried);
        check_same(&bare, &buried, law_whole(law), true, "beside what nothing looks at");
    }
    law_close(&law);
}

Test(concern, what_nothing_looks_at_changes_nothing_however_much_of_it)
{
    unsigned seed = (unsigned)time(NULL);

    cr_log_info("seed %u", seed);
    bury("victims-code-2021", seed);
    bury("tests/bench/five.rules.yaml", seed);
}

Test(concern, alone_is_as_in_the_whole_code)
{
    unsigned seed = (unsigned)time(NULL);

    cr_log_info("seed %u", seed);
    compare("victims-code-2021", seed);
}

Test(concern, alone_is_as_in_the_whole_of_another_book)
{
    unsigned seed = (unsigned)time(NULL);

    cr_log_info("seed %u", seed);
    compare("tests/bench/five.rules.yaml", seed);
}
