#include "core/wire_door.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROOM = 1024 };           /* more than an item reaches behind itself: core/wire_quick.c */
static struct wire *w;
static uint8_t buf[LAW_ITEM_BYTES_MAX + 16];

static void open_wire(void) { cr_assert_eq(wire_open(&w), E_OK); }
static void close_wire(void) { wire_close(&w); }
TestSuite(wire, .init = open_wire, .fini = close_wire);

static struct bytes encode(const struct item *item)
{
    struct bytes ret;
    size_t used = 0, at = 0;

    cr_assert_eq(wire_item_append(w, item, buf, sizeof buf, &used), E_OK);
    cr_assert_eq(wire_next(buf, used, &at, &ret), E_OK);
    cr_assert_eq(at, used);
    return ret;
}

static void same(struct text a, struct text b, const char *what)
{
    cr_assert(text_same(a, b), "%s: \"%.*s\" is not \"%.*s\"", what, TEXT_ARG(a), TEXT_ARG(b));
}

static void same_event(const struct event *a, const struct event *b)
{
    cr_assert_eq(a->type, b->type);
    cr_assert_eq(a->kind, b->kind);
    cr_assert_eq(a->seq, b->seq);
    cr_assert_eq(a->occurred_at.s, b->occurred_at.s);
    cr_assert_eq(a->recorded_at.s, b->recorded_at.s);
    same(a->event_id, b->event_id, "event_id");
    same(a->source, b->source, "source");
    same(a->crime_ref, b->crime_ref, "crime_ref");
    same(a->victim_ref, b->victim_ref, "victim_ref");
    same(a->recorded_by, b->recorded_by, "recorded_by");
    same(a->supersedes, b->supersedes, "supersedes");
    cr_assert_eq(a->present, b->present);
#define same_TEXT(x, y, name) same(x, y, name)
#define same_TIME(x, y, name) cr_assert_eq((x).s, (y).s, "%s", name)
#define same_NUMBER(x, y, name) cr_assert_eq(x, y, "%s", name)
#define same_FLAG(x, y, name) cr_assert_eq(x, y, "%s", name)
#define same_WORDS(x, y, name) do { cr_assert_eq((x).n, (y).n, "%s", name); \
        for (uint32_t i_ = 0; i_ < (x).n; i_++) same((x).word[i_], (y).word[i_], name); } while (0)
#define FIELD(name, type, most, help) if (event_has(a, F_##name)) same_##type(a->name, b->name, #name);
#include "core/event_fields.def"
#undef FIELD
}

static struct event blank_event(enum event_type type, kind_t kind)
{
    return (struct event){
        .type = type, .kind = kind, .event_id = TEXT("E1"), .source = TEXT("connect"),
        .crime_ref = TEXT("20/123456/26"), .victim_ref = TEXT("V1"), .occurred_at = { 1760000000 },
    };
}

/* A body with every field it may carry, each with a value of its own. */
static void fill_event(enum event_type t, struct item *in)
{
    static const kind_t kinds[EVENT_TYPES] = { 1, 13, KIND_LOCAL, 100, 111, 120 };
    static char texts[FIELDS][32];

    in->what = ITEM_EVENT;
    in->event = blank_event(t, kinds[t]);
    in->event.seq = UINT64_C(1) << 40;
    in->event.recorded_at = (struct instant){ 1760000999 };
    in->event.recorded_by = TEXT("4711");
    in->event.supersedes = TEXT("E0");
    for (enum field f = 0; f < FIELDS; f++) {
        void *at = (char *)&in->event + field_table[f].offset;
        snprintf(texts[f], sizeof texts[f], "value %d", (int)f);
        if (!field_allowed(t, f))
            continue;
        in->event.present |= UINT64_C(1) << f;
        switch (field_table[f].type) {
        case FIELD_TEXT: *(struct text *)at = text_of(texts[f]); break;
        case FIELD_TIME: ((struct instant *)at)->s = 1760000000 + (int64_t)f; break;
        case FIELD_NUMBER: *(uint32_t *)at = f; break;
        case FIELD_FLAG: *(bool *)at = f & 1; break;
        case FIELD_WORDS: *(struct words *)at = (struct words){ { TEXT("DA"), text_of(texts[f]) }, 2 }; break;
        }
    }
}

Test(wire, every_field_of_every_type_comes_back)
{
    static struct item in, out;

    for (enum event_type t = 0; t < EVENT_TYPES; t++) {
        fill_event(t, &in);
        struct bytes b = encode(&in);
        struct why why = { "" };
        cr_assert_eq(wire_item_decode(w, b.p, b.n, &out, &why), E_OK, "%s: %s", event_type_name(t), why.text);
        cr_assert_eq(out.what, ITEM_EVENT);
        same_event(&in.event, &out.event);
    }
}

/* The walk with room behind the item and without: whether it is sure does not hang on that. Behind it the event goes on as it began;
 * behind the room ends what may be read, so that a sanitizer sees whoever goes beyond. */
static bool quick(const uint8_t *bytes, size_t n, struct item *ret)
{
    static uint8_t *tight, *roomy;
    static struct item cramped;
    bool is_sure;

    free(tight);
    free(roomy);
    tight = malloc(n);
    roomy = malloc(n + ROOM);
    memcpy(tight, bytes, n);
    for (size_t i = 0; i < n + ROOM; i++)
        roomy[i] = bytes[n ? i % n : 0];
    is_sure = wire_item_quick(roomy, n, n + ROOM, ret);
    cr_assert_eq(is_sure, wire_item_quick(tight, n, n, &cramped));
    if (is_sure && ret->what == ITEM_EVENT)
        same_event(&ret->event, &cramped.event);
    return is_sure;
}

/* Each byte of an event in turn, every value: what the walk is sure of, protobuf-c reads the same; and it is sure of what is whole. */
Test(wire, the_quick_walk_reads_what_protobuf_reads_or_nothing)
{
    static struct item in, fast, slow;
    static uint8_t bytes[ITEM_BYTES_MAX];
    size_t taken = 0;

    for (enum event_type t = 0; t < EVENT_TYPES; t++) {
        fill_event(t, &in);
        struct bytes b = encode(&in);
        memcpy(bytes, b.p, b.n);
        cr_assert(quick(bytes, b.n, &fast), "%s", event_type_name(t));
        for (size_t i = 0; i < b.n; i++)
            for (unsigned v = 0; v < 256; v++) {
                struct why why = { "" };
                uint8_t was = bytes[i];
                bytes[i] = (uint8_t)v;
                if (quick(bytes, b.n, &fast)) {
                    taken++;
                    cr_assert_eq(wire_item_unpack(w, bytes, b.n, &slow, &why), E_OK, "%s, byte %zu as %u: %s", event_type_name(t), i, v, why.text);
                    cr_assert_eq(fast.what, slow.what);
                    same_event(&fast.event, &slow.event);
                }
                bytes[i] = was;
            }
    }
    cr_assert(taken > 10000);
}

/* Cut short at every place, and with pairs of bytes changed anywhere: the same. */
Test(wire, the_quick_walk_is_not_sure_of_what_protobuf_refuses)
{
    static struct item in, fast, slow;
    static uint8_t bytes[ITEM_BYTES_MAX];
    const unsigned seed = 20250414;
    size_t taken = 0;

    srand(seed);
    for (enum event_type t = 0; t < EVENT_TYPES; t++) {
        fill_event(t, &in);
        struct bytes b = encode(&in);
        for (size_t i = 0; i < 200000 + b.n; i++) {
            struct why why = { "" };
            size_t n = i < b.n ? i : b.n;
            memcpy(bytes, b.p, b.n);
            if (n == b.n) {
                bytes[(size_t)rand() % n] = (uint8_t)rand();
                bytes[(size_t)rand() % n] = (uint8_t)(rand() % 16);
            }
            if (!quick(bytes, n, &fast))
                continue;
            taken++;
            cr_assert_eq(wire_item_unpack(w, bytes, n, &slow, &why), E_OK, "%s, seed %u, round %zu: %s", event_type_name(t), seed, i, why.text);
            same_event(&fast.event, &slow.event);
        }
    }
    cr_assert(taken > 1000);
}

Test(wire, fields_in_another_order_say_the_same)
{
    static struct item in, out;
    static uint8_t bytes[ITEM_BYTES_MAX];

    for (enum event_type t = 0; t < EVENT_TYPES; t++) {
        fill_event(t, &in);
        struct bytes b = encode(&in);
        size_t at = 0;
        while (memcmp(b.p + at, "\x0a\x02" "E1", 4))           /* event_id, then source */
            at++;
        memcpy(bytes, b.p, b.n);
        memcpy(bytes + at, b.p + at + 4, 9);
        memcpy(bytes + at + 9, b.p + at, 4);
        cr_assert(!quick(bytes, b.n, &out));
        cr_assert_eq(wire_item_decode(w, bytes, b.n, &out, NULL), E_OK, "%s", event_type_name(t));
        same_event(&in.event, &out.event);
    }
}

Test(wire, marks_rejects_mappings_and_blanks_come_back)
{
    static struct item out;
    struct bytes b;

    b = encode(&(struct item){ .what = ITEM_TICK, .at = { 1760000000 } });
    cr_assert_eq(wire_item_decode(w, b.p, b.n, &out, NULL), E_OK);
    cr_assert(out.what == ITEM_TICK && out.at.s == 1760000000);
    b = encode(&(struct item){ .what = ITEM_COMPLETE, .source = TEXT("connect"), .at = { 1760000001 } });
    cr_assert_eq(wire_item_decode(w, b.p, b.n, &out, NULL), E_OK);
    cr_assert(out.what == ITEM_COMPLETE && out.at.s == 1760000001);
    same(out.source, TEXT("connect"), "source");
    b = encode(&(struct item){ .what = ITEM_REJECT, .source = TEXT("connect"), .row = 7,
                               .reason = TEXT("no crime id"), .crime_ref = TEXT("C1") });
    cr_assert_eq(wire_item_decode(w, b.p, b.n, &out, NULL), E_OK);
    cr_assert(out.what == ITEM_REJECT && out.row == 7 && text_is_empty(out.victim_ref));
    same(out.reason, TEXT("no crime id"), "reason");
    b = encode(&(struct item){ .what = ITEM_MAPPING, .name = TEXT("fines"), .text = TEXT("name: fines\n"),
                               .hash = { (const uint8_t *)"0123456789abcdef0123456789abcde", 32 } });
    cr_assert_eq(wire_item_decode(w, b.p, b.n, &out, NULL), E_OK);
    cr_assert(out.what == ITEM_MAPPING && out.hash.n == 32);
    same(out.text, TEXT("name: fines\n"), "text");
    b = encode(&(struct item){ .what = ITEM_BLANK, .hash = { (const uint8_t *)"0123456789abcdef", 16 } });
    cr_assert_eq(wire_item_decode(w, b.p, b.n, &out, NULL), E_OK);
    cr_assert(out.what == ITEM_BLANK && out.hash.n == 16);
}

static struct item_law *small_law(void)
{
    static struct item_law law = { .fold_version = 1, .rulebook = { { (const uint8_t *)"rules: []", 9 } }, .rulebooks = 1,
        .calendar = { (const uint8_t *)"{}", 2 }, .zone = { .name = "Europe/London", .count = ZONE_TRANSITIONS_MAX } };

    for (int i = 0; i < ZONE_TRANSITIONS_MAX; i++)
        law.zone.row[i] = (struct zone_transition){ { 1 + i * INT64_C(7000000) }, i & 1 ? 3600 : 0 };
    return &law;
}

Test(wire, a_law_comes_back_also_a_large_one)
{
    struct item_law *law = small_law();
    uint8_t *book = malloc(900000);
    static struct item out;

    memset(book, '#', 900000);
    for (int large = 0; large < 2; large++) {
        if (large)
            law->rulebook[law->rulebooks++] = (struct bytes){ book, 900000 };
        struct bytes b = encode(&(struct item){ .what = ITEM_LAW, .law = law });
        struct why why = { "" };
        cr_assert_eq(wire_item_decode(w, b.p, b.n, &out, &why), E_OK, "%s", why.text);
        cr_assert(out.what == ITEM_LAW && out.law->rulebooks == law->rulebooks);
        cr_assert_eq(out.law->rulebook[large].n, law->rulebook[large].n);
        cr_assert_eq(memcmp(out.law->rulebook[large].p, law->rulebook[large].p, law->rulebook[large].n), 0);
        cr_assert_str_eq(out.law->zone.name, "Europe/London");
        cr_assert_eq(memcmp(out.law->zone.row, law->zone.row, sizeof law->zone.row), 0);
    }
    law->rulebook[law->rulebooks++] = (struct bytes){ book, 900000 };
    size_t used = 0;
    cr_assert_eq(wire_item_append(w, &(struct item){ .what = ITEM_LAW, .law = law }, buf, sizeof buf, &used), E_TOO_LARGE);
    free(book);
}

Test(wire, a_law_with_transitions_out_of_order_is_refused)
{
    struct item_law *law = small_law();
    static struct item out;

    law->zone.row[3].at.s = 1;
    struct bytes b = encode(&(struct item){ .what = ITEM_LAW, .law = law });
    cr_assert_eq(wire_item_decode(w, b.p, b.n, &out, NULL), E_RANGE);
    cr_assert_eq(out.what, ITEM_NONE);
}

/* A NUL in the middle of a reference would cut it short: two victims taken for one. */
Test(wire, a_nul_inside_a_text_is_refused_and_a_false_flag_is_not)
{
    static struct item in, out;
    struct bytes b;
    size_t used = 0;

    in.what = ITEM_EVENT;
    in.event = blank_event(EVENT_UPDATE, 22);
    in.event.victim_ref = TEXT("V1@x");
    in.event.need = false;
    in.event.present = UINT64_C(1) << F_need;
    b = encode(&in);
    cr_assert_not_null(memchr(b.p, 0, b.n), "the flag's zero byte");
    cr_assert_eq(wire_item_decode(w, b.p, b.n, &out, NULL), E_OK);
    cr_assert(event_has(&out.event, F_need) && !out.event.need);
    *(uint8_t *)memchr(b.p, '@', b.n) = 0;
    cr_assert_eq(wire_item_decode(w, b.p, b.n, &out, NULL), E_MALFORMED);
    in.event.victim_ref = (struct text){ "V1\0x", 4 };
    cr_assert_eq(wire_item_append(w, &in, buf, sizeof buf, &used), E_MALFORMED);
    cr_assert_eq(used, 0);
}

Test(wire, an_event_that_the_law_of_events_refuses_does_not_decode)
{
    static struct item in, out;
    struct why why = { "" };

    in.what = ITEM_EVENT;
    in.event = blank_event(EVENT_UPDATE, 33);
    in.event.victim_ref = (struct text){ NULL, 0 };
    struct bytes b = encode(&in);
    cr_assert_eq(wire_item_decode(w, b.p, b.n, &out, &why), E_MALFORMED);
    cr_assert(strstr(why.text, "victim_ref is missing"), "%s", why.text);
    cr_assert_eq(out.what, ITEM_NONE);
}

Test(wire, hostile_unknown_fields_run_into_the_cap)
{
    static struct item out;
    size_t n = 0;
    uint8_t hostile[ITEM_BYTES_MAX];

    while (n + 3 <= sizeof hostile) {           /* field 1000, varint 1, again and again */
        hostile[n++] = 0xC0;
        hostile[n++] = 0x3E;
        hostile[n++] = 1;
    }
    cr_assert_eq(wire_item_decode(w, hostile, n, &out, NULL), E_TOO_LARGE);
    cr_assert_eq(wire_item_decode(w, buf, LAW_ITEM_BYTES_MAX + 1, &out, NULL), E_TOO_LARGE);
}

Test(wire, a_field_of_a_later_version_is_skipped_but_an_item_of_one_is_unknown)
{
    static struct item in, out;
    static const uint8_t later[] = { 0xC0, 0x3E, 1 };

    in = (struct item){ .what = ITEM_TICK, .at = { 1760000000 } };
    struct bytes b = encode(&in);
    uint8_t both[64];
    memcpy(both, b.p, b.n);
    memcpy(both + b.n, later, sizeof later);
    cr_assert_eq(wire_item_decode(w, both, b.n + sizeof later, &out, NULL), E_OK);
    cr_assert_eq(wire_item_decode(w, later, sizeof later, &out, NULL), E_UNKNOWN);
    cr_assert_eq(wire_item_decode(w, later, 0, &out, NULL), E_UNKNOWN);
}

Test(wire, only_a_law_may_be_larger_than_an_event)
{
    static struct item in, out;
    char *text = malloc(ITEM_BYTES_MAX * 2);
    struct bytes b;
    size_t used = 0;

    in.what = ITEM_EVENT;
    in.event = blank_event(EVENT_UPDATE, 25);
    memset(text, 'x', ITEM_BYTES_MAX * 2);
    in.event.category = (struct text){ text, ITEM_BYTES_MAX * 2 };
    in.event.present = UINT64_C(1) << F_category;
    cr_assert_eq(wire_item_append(w, &in, buf, sizeof buf, &used), E_TOO_LARGE);
    in = (struct item){ .what = ITEM_MAPPING, .name = TEXT("m"), .text = { text, ITEM_BYTES_MAX * 2 },
                        .hash = { (const uint8_t *)"0123456789abcdef0123456789abcde", 32 } };
    b = encode(&in);
    cr_assert_eq(wire_item_decode(w, b.p, b.n, &out, NULL), E_OK);
    cr_assert_eq(out.text.n, ITEM_BYTES_MAX * 2);
    free(text);
}

Test(wire, a_full_buffer_takes_nothing)
{
    struct item tick = { .what = ITEM_TICK, .at = { 1760000000 } };
    size_t used = 0;

    while (wire_item_append(w, &tick, buf, 100, &used) == E_OK)
        cr_assert_leq(used, 100);
    cr_assert_gt(used, 80);
    size_t at = 0, count = 0;
    struct bytes b;
    while (wire_next(buf, used, &at, &b) == E_OK)
        count++;
    cr_assert_eq(at, used);
    cr_assert_eq(count, used / (b.n + 1));
}

Test(wire, broken_framing_is_told)
{
    static const uint8_t cut[] = { 5, 1, 2 }, endless[] = { 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1 }, half[] = { 0x80 };
    struct bytes b;
    size_t at = 0;

    cr_assert_eq(wire_next(cut, sizeof cut, &at, &b), E_MALFORMED);
    cr_assert_eq(wire_next(endless, sizeof endless, &at, &b), E_MALFORMED);
    cr_assert_eq(wire_next(half, sizeof half, &at, &b), E_MALFORMED);
    cr_assert_eq(at, 0);
    cr_assert_eq(wire_next(cut, 0, &at, &b), E_END);
}

/* Whatever the bytes are: an error or an item that encodes and decodes again to the same. */
Test(wire, damaged_items_never_pass_for_others)
{
    static struct item in, out, again;
    unsigned seed = (unsigned)time(NULL), taken = 0;
    uint8_t damaged[512];

    fprintf(stderr, "seed %u\n", seed);
    srand(seed);
    in.what = ITEM_EVENT;
    in.event = blank_event(EVENT_REPORT, 1);
    in.event.markers = (struct words){ { TEXT("DA"), TEXT("HC_RACE") }, 2 };
    in.event.ho_class = TEXT("008/06");
    in.event.present = UINT64_C(1) << F_markers | UINT64_C(1) << F_ho_class;
    struct bytes b = encode(&in);
    cr_assert_lt(b.n, sizeof damaged);
    for (int round = 0; round < 200000; round++) {
        size_t n = b.n;
        memcpy(damaged, b.p, n);
        for (int k = rand() % 3; k >= 0; k--)
            damaged[(size_t)rand() % n] = (uint8_t)rand();
        if (rand() % 4 == 0)
            n = (size_t)rand() % n;
        if (wire_item_decode(w, damaged, n, &out, NULL) != E_OK || out.what != ITEM_EVENT)
            continue;
        static uint8_t twice[2048];
        size_t used = 0, at = 0;
        struct bytes c;
        taken++;
        cr_assert_eq(wire_item_append(w, &out, twice, sizeof twice, &used), E_OK);
        cr_assert_eq(wire_next(twice, used, &at, &c), E_OK);
        struct wire *other;
        cr_assert_eq(wire_open(&other), E_OK);
        cr_assert_eq(wire_item_decode(other, c.p, c.n, &again, NULL), E_OK);
        same_event(&out.event, &again.event);
        wire_close(&other);
        if (taken == 2000)
            break;
    }
    cr_assert_gt(taken, 100, "the test looks at something");
}

Test(wire, what_the_two_ends_say_comes_back)
{
    static const struct dialogue row[] = {
        { .says = SAYS_HELLO, .format = DIALOGUE_FORMAT, .epoch = 3, .stream = "0123456789abcde", .name = "connect" },
        { .says = SAYS_HELLO, .format = DIALOGUE_FORMAT, .stream = { 0 }, .name = "" },
        { .says = SAYS_FROM, .epoch = 3, .cursor = UINT64_MAX, .digest = UINT64_MAX - 1, .credit = 0 },
        { .says = SAYS_BATCH, .epoch = 3, .first = 8, .count = 1000, .digest = 9, .check = UINT64_MAX },
        { .says = SAYS_DURABLE, .epoch = 3, .cursor = 1007, .credit = 1 << 20 },
        { .says = SAYS_REFUSED, .reason = "fenced" },
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        uint8_t frame[DIALOGUE_BYTES_MAX];
        struct dialogue got;
        size_t n = wire_dialogue_encode(&row[i], frame);
        cr_assert_eq(wire_dialogue_decode(frame, n, &got), E_OK, "%zu", i);
        cr_assert_eq(memcmp(&got, &row[i], sizeof got), 0, "%zu", i);
        cr_assert_neq(wire_dialogue_decode(frame, n - 1, &got), E_OK, "%zu cut short", i);
    }
    struct dialogue got;
    cr_assert_eq(wire_dialogue_decode(buf, DIALOGUE_BYTES_MAX + 1, &got), E_TOO_LARGE);
    cr_assert_eq(wire_dialogue_decode(buf, 0, &got), E_UNKNOWN);
}

Test(wire, a_notice_comes_back)
{
    struct notice in = {
        .notice_id = "abcdefghijklmno", .obligation_id = "ponmlkjihgfedcb", .version = UINT64_C(1) << 41, .cause = 77,
        .level = LEVEL_OUTSTANDING, .stands = LEVEL_BREACHED, .step = 2, .rule = TEXT("R6-NFA"), .right = TEXT("6"),
        .basis = TEXT("code"), .owner = TEXT("police"), .title = TEXT("Told of no further action"),
        .crime_ref = TEXT("20/1/26"), .victim_ref = TEXT("V1"), .officer = TEXT("4711"), .team = TEXT("T1"),
        .started_by = TEXT("E1"), .evidence = TEXT("E2"), .due_date = TEXT("2026-03-10"), .raised_offset = -3600, .occurred_offset = 3600, .due = { 5 }, .due_before = { 6 }, .started_at = { 7 },
        .occurred_at = { 8 }, .raised_at = { 9 }, .enhanced = true, .told = true,
        .supervisor = TEXT("4700"), .victim_no = 2, .duty = TEXT("The victim is told."), .what_to_do = TEXT("Tell the victim."),
        .how_to_record = TEXT("Add the contact."), .limit = TEXT("5 working days"), .start_date = TEXT("2026-03-03"), .days = TEXT("from Tue 3 Mar"),
        .has_working_days_left = true, .working_days_left = 3, .hold_until = { 10 }, .family_liaison = true, .access_restricted = true,
        .processing_restricted = true,
    }, out;
    size_t used = 0, at = 0;
    struct bytes b;

    cr_assert_eq(wire_notice_append(&in, buf, sizeof buf, &used), E_OK);
    cr_assert_eq(wire_next(buf, used, &at, &b), E_OK);
    cr_assert_eq(wire_notice_decode(w, b.p, b.n, &out), E_OK);
    cr_assert_eq(memcmp(in.notice_id, out.notice_id, NOTICE_ID_BYTES), 0);
    cr_assert_eq(memcmp(in.obligation_id, out.obligation_id, NOTICE_ID_BYTES), 0);
    cr_assert(in.version == out.version && in.cause == out.cause && in.level == out.level && in.stands == out.stands);
    cr_assert(in.step == out.step && in.enhanced == out.enhanced && in.told == out.told);
    cr_assert(text_same(out.due_date, TEXT("2026-03-10")) && out.raised_offset == -3600 && out.occurred_offset == 3600);
    cr_assert(out.due.s == 5 && out.due_before.s == 6 && out.started_at.s == 7 && out.occurred_at.s == 8 && out.raised_at.s == 9);
    same(in.rule, out.rule, "rule");
    same(in.right, out.right, "right");
    same(in.basis, out.basis, "basis");
    same(in.owner, out.owner, "owner");
    same(in.title, out.title, "title");
    same(in.crime_ref, out.crime_ref, "crime_ref");
    same(in.victim_ref, out.victim_ref, "victim_ref");
    same(in.officer, out.officer, "officer");
    same(in.team, out.team, "team");
    same(in.started_by, out.started_by, "started_by");
    same(in.evidence, out.evidence, "evidence");
    same(in.supervisor, out.supervisor, "supervisor");
    same(in.duty, out.duty, "duty");
    same(in.what_to_do, out.what_to_do, "what_to_do");
    same(in.how_to_record, out.how_to_record, "how_to_record");
    same(in.limit, out.limit, "limit");
    same(in.start_date, out.start_date, "start_date");
    same(in.days, out.days, "days");
    cr_assert(out.victim_no == 2 && out.has_working_days_left && out.working_days_left == 3 && out.hold_until.s == 10);
    cr_assert(out.family_liaison && out.access_restricted && out.processing_restricted);
}

Test(wire, an_acknowledgement_comes_back)
{
    struct notice in = {
        .level = LEVEL_ACKNOWLEDGED, .stands = LEVEL_BREACHED, .rule = TEXT("R6-NFA"), .right = TEXT("6"), .basis = TEXT("code"),
        .title = TEXT("Told"), .crime_ref = TEXT("20/1/26"), .acknowledges = "abcdefghijklmno", .acknowledged_by = TEXT("4711"),
        .reason = TEXT("DONE"),
    };
    struct telling out;
    size_t used = 0, at = 0;
    struct bytes b;

    cr_assert_eq(wire_telling_append(&(struct telling){ .what = TELLS_NOTICE, .notice = in }, buf, sizeof buf, &used), E_OK);
    cr_assert_eq(wire_next(buf, used, &at, &b), E_OK);
    cr_assert_eq(wire_telling_decode(w, b.p, b.n, &out), E_OK);
    cr_assert(out.what == TELLS_NOTICE && memcmp(out.notice.acknowledges, in.acknowledges, NOTICE_ID_BYTES) == 0);
    same(in.acknowledged_by, out.notice.acknowledged_by, "acknowledged_by");
    same(in.reason, out.notice.reason, "reason");
}

Test(wire, a_tick_comes_back)
{
    struct telling out;
    size_t used = 0, at = 0;
    struct bytes b;

    cr_assert_eq(wire_telling_append(&(struct telling){ .what = TELLS_TICK, .at = { 1775000000 }, .offset = -3600 }, buf, sizeof buf, &used), E_OK);
    cr_assert_eq(wire_next(buf, used, &at, &b), E_OK);
    cr_assert_eq(wire_telling_decode(w, b.p, b.n, &out), E_OK);
    cr_assert(out.what == TELLS_TICK && out.at.s == 1775000000 && out.offset == -3600);
}

Test(wire, levels_are_named_as_the_proto_says)
{
    cr_assert_str_eq(level_name(LEVEL_DUE_SOON), "due-soon");
    cr_assert_str_eq(level_name(LEVEL_MET_LATE), "met-late");
    cr_assert_str_eq(level_name(LEVEL_NOT_EVIDENCED), "not-evidenced");
    cr_assert_str_eq(level_name((enum level)15), "?");
}
