/* The manuals say what there is: a field, a kind, a level or a key that no page names fails here. */
#include "core/event.h"
#include "core/wire.h"
#include "producers/simulate/parameters.h"
#include "tests/kit/program.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void expect(const char *page, const char *text, const char *name)
{
    cr_expect(strstr(text, name), "%s does not name '%s'", page, name);
}

Test(docs, events_md_names_every_field_kind_and_level)
{
    char *text = file_read("docs/events.md", NULL), name[80];

    for (enum field f = 0; f < FIELDS; f++) {
        snprintf(name, sizeof name, "| `%s` |", field_table[f].name);
        if (f != F_local_kind)
            expect("docs/events.md", text, name);
    }
    for (kind_t k = 1; k < KIND_COUNT; k++)
        if (k != KIND_LOCAL && strcmp(kind_name(k), "?") != 0)
            expect("docs/events.md", text, kind_name(k));
    for (enum level l = LEVEL_NONE + 1; l <= LEVEL_NOT_EVIDENCED; l++)
        if (strcmp(level_name(l), "?") != 0) {
            snprintf(name, sizeof name, "`%s`", level_name(l));
            expect("docs/events.md", text, name);
        }
    free(text);
}

/* Every "key", between quotes in this list of a source file, stands in the page. */
static void each_key(const char *source, const char *begin, const char *page)
{
    char *text = file_read(source, NULL), *manual = file_read(page, NULL), name[64];
    char *at = strstr(text, begin), *end = NULL;

    cr_assert(at && (end = strchr(at, ';')), "%s: %s", source, begin);
    while ((at = strchr(at, '"')) && at < end) {
        char *close = strchr(at + 1, '"');
        snprintf(name, sizeof name, "%.*s", (int)(close - at - 1), at + 1);
        expect(page, manual, name);
        at = close + 1;
    }
    free(text), free(manual);
}

Test(docs, rules_md_and_mappings_md_name_every_key)
{
    each_key("rules/rulebook.c", "allowed[] = {\n        \"name\"", "docs/rules.md");
    each_key("rules/rulebook.c", "allowed[] = {\n        \"id\"", "docs/rules.md");
    each_key("rules/phrases.c", "allowed[] = { \"kind\"", "docs/rules.md");
    each_key("rules/rulebook.c", "allowed[] = { \"age_below\"", "docs/rules.md");
    each_key("rules/rulebook.c", "allowed[] = { \"at_start\"", "docs/rules.md");
    each_key("producers/mapping.c", "allowed[] = { \"name\"", "docs/mappings.md");
}

Test(docs, notices_say_nothing_that_events_md_does_not_explain)
{
    char *text = file_read("sinks/notice_json.c", NULL), *manual = file_read("docs/events.md", NULL), name[64];

    for (char *at = strstr(text, "void notice_json("), *end; at && (at = strstr(at, "(o, \"")); at = end) {
        at += strlen("(o, \"");
        end = strchr(at, '"');
        snprintf(name, sizeof name, "`%.*s`", (int)(end - at), at);
        expect("docs/events.md", manual, name);
    }
    free(text), free(manual);
}

Test(docs, simulate_md_names_every_parameter_with_its_default)
{
    static const double value[] = {
#define PARAMETER(name, group, value, help) value,
#include "producers/simulate/parameters.def"
#undef PARAMETER
    };
    char *text = file_read("docs/simulate.md", NULL), row[120];
    static const char *const groups[] = { [GROUP_failing] = "failing", [GROUP_course] = "course", [GROUP_dirt] = "dirt" };

    for (enum parameter p = 0; p < PARAMETERS; p++) {
        snprintf(row, sizeof row, "| `%s` | %s | %g |", parameter_name(p), groups[parameter_group(p)], value[p]);
        expect("docs/simulate.md", text, row);
    }
    free(text);
}

Test(docs, connect_md_names_every_column_and_key)
{
    static const char *const columns[] = {
#define COLUMN(table, name, type, need, help) "| `" #name "` |",
#include "producers/columns.def"
#undef COLUMN
    };
    char *text = file_read("docs/connect.md", NULL);

    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        expect("docs/connect.md", text, columns[i]);
    free(text);
    each_key("producers/connect/shape.c", "allowed[] = { \"name\"", "docs/connect.md");
    each_key("producers/connect/shape.c", "allowed[] = { \"files\"", "docs/connect.md");
    each_key("producers/connect/shape.c", "allowed[] = { \"crimes\"", "docs/connect.md");
}
