/* Rows of the compliance sink go to bytes and come back the same; bytes that are no row are refused. */
#include "core/compliance.h"

#include <criterion/criterion.h>
#include <stdlib.h>

enum { CAP = 1 << 20 };

static uint8_t *buf;
static struct wire *to, *from;

static void begin(void)
{
    buf = malloc(CAP);
    cr_assert(buf && !wire_open(&to) && !wire_open(&from));
}

static void end(void)
{
    wire_close(&to), wire_close(&from);
    free(buf);
}

static struct bytes append(const struct compliance_row *row)
{
    struct bytes item;
    size_t used = 0, at = 0;

    cr_assert(!wire_compliance_append(to, row, buf, CAP, &used));
    cr_assert(!wire_next(buf, used, &at, &item));
    return item;
}

static struct day on(int month, int mday) { return day_from_ymd(2026, month, mday); }

static struct compliance_row a_journey(struct owed *owed, struct said *said)
{
    struct compliance_row row = { .what = ROW_JOURNEY };

    owed[0] = (struct owed){ .rule = 3, .state = OWED_MET_LATE, .flags = OWED_FLAG_ENHANCED, .owner = 1, .limit = 5, .started_by = 25, .started = on(3, 2),
                             .due = on(3, 9), .ended = on(3, 11), .evidenced = on(3, 12), .working_days = 7 };
    owed[1] = (struct owed){ .rule = 511, .state = OWED_OPEN, .started = on(3, 1), .due = DAY_NONE, .ended = DAY_NONE, .evidenced = DAY_NONE, .working_days = -1 };
    said[0] = (struct said){ .kind = 61, .count = 2, .first = on(2, 27), .last = on(4, 1), .reason = TEXT("fear"), .stage = TEXT("early") };
    said[1] = (struct said){ .kind = 45, .item = 9, .count = 1, .value = 65535, .first = on(3, 2), .last = on(3, 2), .reason = TEXT("early") };
    row.journey = (struct journey_row){
        .known_at = { 1772499600 }, .record = 1234567, .law = 1, .reported = on(3, 2), .recorded = on(3, 3), .ended = DAY_NONE, .concluded = on(5, 5),
        .force = TEXT("20"), .area = TEXT("Birmingham"), .team = TEXT("CID"), .ho_class = TEXT("19C"), .markers = TEXT("DA HC_RACE"), .gender = TEXT("F"),
        .ethnicity = TEXT("W1"), .age_band = AGE_BAND_25_34, .flags = VICTIM_ENHANCED | VICTIM_CONTRADICTED, .outcome = TEXT("16"), .outcome_on = on(4, 1),
        .facts = 9, .late = { 1, 2, 3, 4, 5 }, .owed = owed, .owed_count = 2, .said = said, .said_count = 2,
    };
    memset(row.journey.id, 1, KEYED_BYTES), memset(row.journey.crime, 2, KEYED_BYTES), memset(row.journey.victim, 3, KEYED_BYTES);
    return row;
}

Test(compliance_wire, a_journey_comes_back_the_same, .init = begin, .fini = end)
{
    struct owed owed[2];
    struct said said[2];
    struct compliance_row row = a_journey(owed, said), back;
    struct bytes item = append(&row);
    const struct journey_row *j = &back.journey;

    cr_assert(!wire_compliance_decode(from, item.p, item.n, &back));
    cr_assert(back.what == ROW_JOURNEY && j->record == 1234567 && j->known_at.s == 1772499600 && j->owed_count == 2 && j->said_count == 2);
    cr_assert(!memcmp(j->id, row.journey.id, KEYED_BYTES) && j->officer[0] == 0 && j->recorded.n == on(3, 3).n && !day_is_set(j->ended));
    cr_assert(text_same(j->markers, TEXT("DA HC_RACE")) && text_same(j->outcome, TEXT("16")) && j->late[LATE_MORE] == 5 && j->age_band == AGE_BAND_25_34);
    for (int i = 0; i < 2; i++) {
        const struct owed *a = &owed[i], *b = &j->owed[i];
        cr_assert(a->rule == b->rule && a->state == b->state && a->flags == b->flags && a->owner == b->owner && a->limit == b->limit && a->started_by == b->started_by);
        cr_assert(a->started.n == b->started.n && a->due.n == b->due.n && a->ended.n == b->ended.n && a->evidenced.n == b->evidenced.n &&
                  a->working_days == b->working_days);
        cr_assert(said[i].kind == j->said[i].kind && said[i].item == j->said[i].item && said[i].first.n == j->said[i].first.n && said[i].last.n == j->said[i].last.n &&
                  said[i].value == j->said[i].value && text_same(said[i].reason, j->said[i].reason) && text_same(said[i].stage, j->said[i].stage));
    }
}

Test(compliance_wire, rows_that_say_the_same_at_two_times_begin_with_the_same_bytes, .init = begin, .fini = end)
{
    struct owed owed[2];
    struct said said[2];
    struct compliance_row row = a_journey(owed, said);
    struct bytes item = append(&row);
    size_t n = wire_compliance_content(item.p, item.n);
    uint8_t *first = malloc(n);

    memcpy(first, item.p, n);
    row.journey.known_at.s += 86400;
    row.journey.record += 99;
    item = append(&row);
    cr_assert(wire_compliance_content(item.p, item.n) == n && !memcmp(first, item.p, n) && n < item.n);
    owed[1].state = OWED_BREACHED;
    item = append(&row);
    cr_assert(memcmp(first, item.p, n));
    free(first);
}

Test(compliance_wire, a_law_and_the_end_of_a_draw_come_back, .init = begin, .fini = end)
{
    struct law_rule_row rule = { .id = TEXT("R6-NFA"), .right = TEXT("6"), .edition = TEXT("e"), .title = TEXT("t"), .standard = TEXT("5 working days"),
                                 .confidence = 'V', .unit = 4, .owner = 4, .basis = 3, .evidenced = true };
    struct day holiday[2] = { on(12, 25), on(12, 28) };
    struct source_row source = { TEXT("connect"), { 1772499600 }, 7 };
    struct compliance_row law = { .what = ROW_LAW }, drawn = { .what = ROW_DRAWN }, back;
    struct bytes item;

    law.law = (struct law_row){ .number = 5, .rule = &rule, .rules = 1, .holiday = holiday, .holidays = 2, .first_day = on(1, 1), .last_day = on(12, 31),
                                .zone = TEXT("Europe/London") };
    item = append(&law);
    cr_assert(!wire_compliance_decode(from, item.p, item.n, &back) && back.what == ROW_LAW && back.law.rules == 1 && back.law.holidays == 2);
    cr_assert(text_same(back.law.rule->id, TEXT("R6-NFA")) && back.law.rule->confidence == 'V' && back.law.rule->evidenced && back.law.holiday[1].n == on(12, 28).n);
    drawn.drawn = (struct drawn_row){ .tick = { 1772499600 }, .record = 8, .journeys = 2, .crimes = 1, .day = on(3, 2), .utc_offset = 3600, .source = &source,
                                      .sources = 1, .quarantined = 4, .rejected = 5 };
    item = append(&drawn);
    cr_assert(!wire_compliance_decode(from, item.p, item.n, &back) && back.what == ROW_DRAWN && back.drawn.record == 8 && back.drawn.sources == 1);
    cr_assert(back.drawn.source->complete_to.s == 1772499600 && back.drawn.utc_offset == 3600 && back.drawn.day.n == on(3, 2).n);
}

Test(compliance_wire, what_is_cut_or_out_of_range_is_refused, .init = begin, .fini = end)
{
    struct owed owed[2];
    struct said said[2];
    struct compliance_row row = a_journey(owed, said), back;
    struct bytes item = append(&row);

    for (size_t n = 1; n < wire_compliance_content(item.p, item.n); n++)
        cr_assert(wire_compliance_decode(from, item.p, n, &back) != E_OK, "%zu bytes of %zu", n, item.n);
    owed[0].state = OWED_STATES;
    item = append(&row);
    cr_assert(wire_compliance_decode(from, item.p, item.n, &back) == E_RANGE && back.what == ROW_NONE);
    cr_assert(wire_compliance_decode(from, (const uint8_t *)"", 0, &back) == E_UNKNOWN);
}
