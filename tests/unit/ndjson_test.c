/* Lines as people and programs write them: read, or refused with words that help. */
#include "producers/ndjson.h"

#include <criterion/criterion.h>
#include <string.h>

static struct ndjson *reader;
static void on_start(void) { cr_assert(ndjson_open(&reader) == E_OK); }
static void on_end(void) { ndjson_close(&reader); }
TestSuite(ndjson, .init = on_start, .fini = on_end);

#define ENVELOPE "\"event_id\":\"e1\",\"source\":\"connect\",\"crime_ref\":\"20/1/26\",\"victim_ref\":\"V1\",\"occurred_at\":\"2026-04-02T10:00:00+01:00\""

static struct item read_line(const char *line)
{
    struct item item = { 0 };
    struct why why = { "" };

    cr_assert(ndjson_read(reader, text_of(line), &item, &why) == E_OK, "%s: %s", line, why.text);
    return item;
}

Test(ndjson, reads_an_event)
{
    struct item i = read_line("{" ENVELOPE ",\"recorded_at\":\"2026-04-02 09:05:00Z\",\"seq\":12,\"recorded_by\":\"20417\","
                              "\"update\":{\"kind\":\"bailed\",\"suspect_no\":2,\"oic\":null}}");

    cr_assert(i.what == ITEM_EVENT && i.event.type == EVENT_UPDATE && i.event.seq == 12);
    cr_assert(i.event.occurred_at.s == 1775120400 && i.event.recorded_at.s == 1775120700);
    cr_assert(i.event.kind == kind_by_name(EVENT_UPDATE, TEXT("bailed")));
    cr_assert(event_has(&i.event, F_suspect_no) && i.event.suspect_no == 2 && !event_has(&i.event, F_oic));
}

Test(ndjson, takes_the_usual_kind_where_none_is_named)
{
    struct item i = read_line("{" ENVELOPE ",\"nfa\":{}}");

    cr_assert_str_eq(kind_name(i.event.kind), "no-further-action");
}

Test(ndjson, reads_marks)
{
    struct item i = read_line("{\"complete\":{\"source\":\"connect\",\"to\":\"2026-04-02T09:00:00Z\"}}");

    cr_assert(i.what == ITEM_COMPLETE && text_same(i.source, TEXT("connect")));
    cr_assert(read_line("{\"tick\":{\"at\":\"2026-04-02T09:00:00Z\"}}").what == ITEM_TICK);
}

/* The words say what to write instead, and nothing of what the line held. */
static const struct { const char *line, *words; } wrong[] = {
    { "", "not JSON" },
    { "{\"event_id\":", "not JSON" },
    { "[]", "the line is not an object" },
    { "{" ENVELOPE "}", "none of report, referral, update, charge, nfa, outcome" },
    { "{" ENVELOPE ",\"nfa\":{},\"charge\":{}}", "more than one of" },
    { "{" ENVELOPE ",\"updates\":{}}", "did you mean update?" },
    { "{" ENVELOPE ",\"update\":{}}", "update without a kind" },
    { "{" ENVELOPE ",\"referral\":{\"kind\":\"maid\"}}", "a kind that referral does not have" },
    { "{" ENVELOPE ",\"nfa\":{\"vrr_ofered\":true}}", "did you mean vrr_offered?" },
    { "{" ENVELOPE ",\"nfa\":{\"vrr_offered\":1}}", "vrr_offered is not true or false" },
    { "{" ENVELOPE ",\"report\":{\"age\":-1}}", "age is not a whole number from 0" },
    { "{" ENVELOPE ",\"report\":{\"age\":400}}", "age is more than 150" },
    { "{" ENVELOPE ",\"report\":{\"markers\":\"DA\"}}", "markers is not a list of words" },
    { "{\"event_id\":\"e\",\"source\":\"s\",\"crime_ref\":\"c\",\"occurred_at\":\"2026-04-02T10:00:00\",\"nfa\":{}}", "with an offset" },
    { "{\"event_id\":\"e\",\"source\":\"s\",\"crime_ref\":\"c\",\"occurred_at\":\"1890-04-02T10:00:00Z\",\"nfa\":{}}", "1970" },
    { "{\"event_id\":\"e\",\"source\":\"s\",\"crime_ref\":\"c\",\"occurred_at\":\"2026-04-02T10:00:00Z\",\"report\":{}}", "victim" },
    { "{\"event_id\":\"e\",\"source\":\"s\",\"crime_ref\":\"c\",\"occurred_at\":\"2026-04-02T10:00:00Z\",\"update\":{\"kind\":\"victim-informed\"}}", "victim" },
    { "{\"source\":\"s\",\"crime_ref\":\"c\",\"victim_ref\":\"v\",\"occurred_at\":\"2026-04-02T10:00:00Z\",\"nfa\":{}}", "event_id" },
    { "{\"event_id\":\"a\\u0000b\",\"source\":\"s\",\"crime_ref\":\"c\",\"victim_ref\":\"v\",\"occurred_at\":\"2026-04-02T10:00:00Z\",\"nfa\":{}}", "" },
    { "{\"tick\":{\"at\":\"2026-04-02T09:00:00Z\"},\"event_id\":\"e\"}", "tick stands alone" },
    { "{\"complete\":{\"source\":\"connect\"}}", "an object with source and to" },
};

Test(ndjson, refuses_with_words_that_help)
{
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct item item = { 0 };
        struct why why = { "" };
        enum err e = ndjson_read(reader, text_of(wrong[i].line), &item, &why);
        cr_expect(e && err_action(e) == ERR_REJECT, "taken: %s", wrong[i].line);
        cr_expect(strstr(why.text, wrong[i].words) && why.text[0], "%s\n  says: %s\n  not:  %s", wrong[i].line, why.text, wrong[i].words);
    }
}
