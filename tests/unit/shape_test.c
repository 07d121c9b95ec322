/* Mappings of extracts that people write: mistakes are met with the line and what to write; what it can say follows from it. */
#include "producers/connect/shape.h"

#include <criterion/criterion.h>
#include <string.h>

static void on_start(void) { hash_init(); }
TestSuite(shape, .init = on_start);

static enum err open_text(const char *yaml, struct shape **ret, struct why *why)
{
    return shape_open_text("force.yaml", (struct bytes){ (const uint8_t *)yaml, strlen(yaml) }, ret, why);
}

#define HEAD "name: force\nsource: connect\ntime_zone: Europe/London\ndates: ['%d/%m/%Y %H:%M']\n"
#define EVENT "event:\n  columns: { event_id: '{No}', crime_reference: '{URN}', event_type: '{What|happened}', event_time: '{When}', last_updated: '{Changed}' }\n"

static const struct { const char *yaml, *words; } wrong[] = {
    { "", "force.yaml" },
    { "name: x\n", "'source:' is needed" },
    { "nmae: x\nsource: y\n", "did you mean 'name'?" },
    { HEAD "delimiter: ;;\n", ":5: 'delimiter:' is one character, or tab" },
    { HEAD "encoding: latin-one\n", ":5: there is no encoding 'latin-one'; 'iconv -l' lists them" },
    { HEAD "crime:\n  file: x\n", "did you mean 'files'?" },
    { HEAD "crime:\n  files: a/b\n", ":6: 'files:' is a pattern of names like crime_*.csv" },
    { HEAD "crime:\n  columns: { crime_reference: '{URN}' }\n", ":6: 'reported_time:' is needed" },
    { HEAD "victim:\n  columns: { crime_refrence: '{URN}' }\n", "did you mean 'crime_reference'?" },
    { HEAD EVENT, "no such table 'happened'" },
    { HEAD "carries: [arested]\n", ":5: no such kind 'arested'; did you mean 'arrested'?" },
    { HEAD "tables:\n  happened: { ARR: arested, otherwise: refuse }\n" EVENT, "no such kind 'arested'" },
    { HEAD "derive: [arrested]\n", "kind that rows can say" },
    { HEAD "repeat_victim: { crimes: 1 }\n", ":5: " },
    { "name: x\nsource: y\ndates: ['%d/%m/%Y']\n", "'time_zone:' is needed" },
};

Test(shape, mistakes_are_met_with_the_line_and_what_to_write)
{
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct shape *x = NULL;
        struct why why = { "" };
        cr_expect(open_text(wrong[i].yaml, &x, &why) != E_OK, "taken:\n%s", wrong[i].yaml);
        cr_expect(strstr(why.text, wrong[i].words), "%s\n  says: %s\n  not:  %s", wrong[i].yaml, why.text, wrong[i].words);
    }
}

static bool says(const struct shape *x, enum event_type type, const char *kind) { return shape_says(x, kind_by_name(type, text_of(kind))); }

Test(shape, what_an_extract_can_say_follows_from_its_table_of_codes)
{
    struct shape *x = NULL;
    struct why why = { "" };

    cr_assert(open_text(HEAD "tables:\n  happened: { ARR: arrested, TOLD: victim-informed, otherwise: refuse }\n" EVENT, &x, &why) == E_OK, "%s", why.text);
    cr_assert(says(x, EVENT_UPDATE, "arrested") && says(x, EVENT_UPDATE, "victim-informed") && says(x, EVENT_UPDATE, "oic-changed"));
    cr_assert(!says(x, EVENT_UPDATE, "acknowledged") && !says(x, EVENT_OUTCOME, "closed"));
    cr_assert(shape_has(x, EVENT_event_time) && !shape_has(x, EVENT_received_time) && shape_has(x, CRIME_team));
    cr_assert(shape_table_of(x, "event_7.csv.gz") == TABLE_EVENT && shape_table_of(x, "notes.txt") == TABLES);
    shape_close(&x);
}

Test(shape, the_canonical_extract_can_say_everything_but_what_rows_do_not_derive)
{
    struct shape *x = NULL;
    struct why why = { "" };

    cr_assert(shape_open(NULL, &x, &why) == E_OK, "%s", why.text);
    for (kind_t k = 10; k < KIND_COUNT; k++)
        if (k != KIND_LOCAL && strcmp(kind_name(k), "?") != 0 && strcmp(kind_name(k), "row-rejected") != 0)
            cr_expect(shape_says(x, k), "%s", kind_name(k));
    cr_assert(!x->derives[kind_by_name(EVENT_OUTCOME, TEXT("closed"))] && x->derives[kind_by_name(EVENT_OUTCOME, TEXT("reopened"))]);
    shape_close(&x);
}
