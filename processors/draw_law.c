/* draw_law.c: the rules and the calendar as a row, so that the sink can say what its figures mean and count days. */
#include "processors/drawing.h"
#include "rules/describe.h"

#include <assert.h>
#include <stdlib.h>

static struct text described(struct draw_texts *texts, const char *words)
{
    struct text t = { texts->p + texts->used, (uint32_t)strlen(words) };

    assert(t.n <= DRAW_TEXT_BYTES - texts->used);   /* four to a rule */
    memcpy(texts->p + texts->used, words, t.n);
    texts->used += t.n;
    return t;
}

static void rule_row(const struct law *law, uint16_t i, struct draw_texts *texts, struct law_rule_row *ret)
{
    const struct rule *r = law_rule(law, i);
    char words[DRAW_WORDS_BYTES];

    *ret = (struct law_rule_row){
        .id = text_of(r->id), .right = text_of(r->right), .edition = text_of(law_edition(law, r->edition)->name), .title = text_of(r->title),
        .duty = text_of(r->duty), .source = text_of(r->source), .confidence = r->confidence, .basis = (uint8_t)r->basis,
        .owner = (uint8_t)r->owner, .unit = (uint8_t)r->standard.unit, .report_only = r->report_only,
        .evidenced = law_rule_is_evidenced(law, i),
    };
    describe_starts(law, i, words, sizeof words);
    ret->starts = described(texts, words);
    describe_evidence(law, i, words, sizeof words);
    ret->evidence = described(texts, words);
    describe_one_limit(r, false, words, sizeof words);
    ret->standard = described(texts, words);
    describe_one_limit(r, true, words, sizeof words);
    ret->enhanced = described(texts, words);
}

static uint32_t holidays(const struct calendar *c, struct day *ret)
{
    uint32_t count = 0;

    for (struct day d = calendar_first_day(c); !day_before(calendar_last_day(c), d) && count < HOLIDAYS_MAX; d = day_add(d, 1))
        if (calendar_holiday(c, d))
            ret[count++] = d;
    return count;
}

enum err draw_law_row(const struct law *law, uint64_t number, struct draw_texts *texts, struct law_rule_row **rule,
                      struct day **holiday, struct law_row *ret)
{
    const struct calendar *c = law_calendar(law);
    struct hash_chain h;
    struct law_row row = { .number = number, .rules = (uint32_t)law_rule_count(law), .first_day = DAY_NONE, .last_day = DAY_NONE };

    free(*rule);
    free(*holiday);
    *rule = calloc(row.rules ? row.rules : 1, sizeof **rule);
    *holiday = calloc(HOLIDAYS_MAX, sizeof **holiday);
    if (!*rule || !*holiday)
        return E_MEMORY;
    hash_chain_init(&h);
    for (uint16_t i = 0; i < row.rules; i++) {
        rule_row(law, i, texts, &(*rule)[i]);
        hash_chain_add(&h, (*rule)[i].id.p, (*rule)[i].id.n);
        hash_chain_add(&h, (*rule)[i].duty.p, (*rule)[i].duty.n);
        hash_chain_add(&h, (*rule)[i].standard.p, (*rule)[i].standard.n);
        hash_chain_add(&h, (*rule)[i].enhanced.p, (*rule)[i].enhanced.n);
        hash_chain_add(&h, (*rule)[i].starts.p, (*rule)[i].starts.n);
        hash_chain_add(&h, (*rule)[i].evidence.p, (*rule)[i].evidence.n);
    }
    row.zone = text_of(law_zone(law)->name);
    if (c) {
        row.first_day = calendar_first_day(c);
        row.last_day = calendar_last_day(c);
        row.holidays = holidays(c, *holiday);
        hash_chain_add(&h, *holiday, row.holidays * sizeof **holiday);
    }
    hash_chain_end(&h, row.hash);
    row.rule = *rule;
    row.holiday = *holiday;
    *ret = row;
    return E_OK;
}
