/* rules.c: the rule book for a victim-care manager, and a check for who writes one. */
#include "commands/command.h"
#include "core/json.h"
#include "rules/describe.h"

static struct { const char *calendar; bool json, check; } o;

static const struct opt options[] = {
    { "check", NULL, "only say whether the rule books can be used, and if not, which line is wrong", OPT_FLAG, &o.check, 0, 0 },
    { "calendar", "FILE", "bank holidays in GOV.UK's JSON (built in)", OPT_TEXT, &o.calendar, 0, 0 },
    { "json", NULL, "one object of JSON", OPT_FLAG, &o.json, 0, 0 },
};

static void print_rule(const struct law *law, uint16_t i)
{
    const struct rule *r = law_rule(law, i);
    char text[512];

    printf("\n%s  %s%s%s\n  %s\n", r->id, r->right[0] && r->right[0] != '-' ? "Right " : "",
           r->right[0] != '-' ? r->right : "", r->right[0] && r->right[0] != '-' ? "" : "a standard", r->title);
    printf("  %s\n", r->duty);
    describe_starts(law, i, text, sizeof text);
    printf("    starts     %s\n", text);
    describe_evidence(law, i, text, sizeof text);
    printf("    met by     %s\n", text);
    describe_waiver(law, i, text, sizeof text);
    if (text[0])
        printf("    waived by  %s\n", text);
    describe_limit(r, text, sizeof text);
    printf("    limit      %s\n", text);
    if (r->what_to_do[0])
        printf("    to do      %s\n", r->what_to_do);
    if (r->without_consent[0])
        printf("    without consent where it is needed: %s\n", r->without_consent);
    if (r->how_to_record[0])
        printf("    to record  %s\n", r->how_to_record);
    describe_ladder(law, i, text, sizeof text);
    printf("    alerts     %s\n", text);
    describe_owner(law, i, text, sizeof text);
    printf("    owed by    %s; basis: %s\n    source     %s [%c]\n", text, basis_name(r->basis), r->source, r->confidence);
}

static void print_people(const struct law *law)
{
    char day[11];

    for (size_t e = 0; e < law_edition_count(law); e++) {
        const struct edition *ed = law_edition(law, e);
        printf("%s%s\n", e ? "\n" : "", ed->title);
        if (ed->in_force.n != INT32_MIN) {
            day_format(ed->in_force, day);
            printf("in force from %s", day);
            if (ed->until.n != INT32_MAX) {
                day_format(ed->until, day);
                printf(" until the day before %s", day);
            }
            printf("; ");
        }
        printf("%zu rules; days are counted in %s", ed->rules, law_zone(law)->name);
        if (law_calendar(law)) {
            day_format(calendar_last_day(law_calendar(law)), day);
            printf("; the calendar of bank holidays reaches to %s", day);
        }
        printf("\nConfidence of a figure: B board paper, V near-verbatim, S secondary, P earlier edition, K to be confirmed\n");
        for (size_t i = 0; i < ed->rules; i++)
            print_rule(law, (uint16_t)(ed->first_rule + i));
    }
}

static void member(struct json_out *out, const char *key, const char *value)
{
    json_out_key(out, key);
    json_out_text(out, text_of(value));
}

static void print_json(const struct law *law)
{
    struct json_out out;
    struct text all;
    char text[512];

    json_out_init(&out);
    json_out_array(&out);
    for (size_t i = 0; i < law_rule_count(law); i++) {
        const struct rule *r = law_rule(law, (uint16_t)i);
        json_out_object(&out);
        member(&out, "edition", law_edition(law, r->edition)->name);
        member(&out, "rule", r->id), member(&out, "right", r->right), member(&out, "title", r->title), member(&out, "duty", r->duty);
        member(&out, "do", r->what_to_do), member(&out, "do_without_consent", r->without_consent), member(&out, "record", r->how_to_record);
        describe_starts(law, (uint16_t)i, text, sizeof text), member(&out, "starts", text);
        describe_evidence(law, (uint16_t)i, text, sizeof text), member(&out, "met_by", text);
        describe_waiver(law, (uint16_t)i, text, sizeof text), member(&out, "waived_by", text);
        describe_limit(r, text, sizeof text), member(&out, "limit", text);
        describe_ladder(law, (uint16_t)i, text, sizeof text), member(&out, "alerts", text);
        member(&out, "owner", owner_name(r->owner)), member(&out, "basis", basis_name(r->basis)), member(&out, "source", r->source);
        json_out_key(&out, "confidence"), json_out_text(&out, (struct text){ &r->confidence, 1 });
        json_out_end(&out);
    }
    json_out_end(&out);
    if (!json_out_done(&out, &all))
        printf(TEXT_FMT "\n", TEXT_ARG(all));
    json_out_fini(&out);
}

static int run(const struct opt_list *operands)
{
    const char *standard = law_default_rulebook();
    const char *const *paths = operands->count ? operands->item : &standard;
    struct law_files *files = NULL;
    struct item_law item;
    struct law *law = NULL;
    struct why why = { "" };
    enum err e = law_read(paths, operands->count ? operands->count : 1, o.calendar, &item, &files, &why);

    if (!e)
        e = law_open(&item, &law, &why);
    if (!e && o.check)
        printf("%zu rules in %zu editions: they can be used\n", law_rule_count(law), law_edition_count(law));
    else if (!e && o.json)
        print_json(law);
    else if (!e)
        print_people(law);
    law_close(&law);
    law_files_free(&files);
    return e ? command_failed(e, &why) : EXIT_DONE;
}

const struct command rules_command = {
    .name = "rules",
    .summary = "the rule book in plain words; --check for who writes one",
    .usage = "[OPTION...] [FILE...]",
    .about = "Prints what is owed, by when, from what on, and what settles it: of the built-in edition (victims-code-2021),\n"
             "or of the rule books named. docs/rules.md says how to write one.\n",
    .examples = "  rightswatch rules | less\n"
                "  rightswatch rules --check our-standards.yaml\n",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run,
};
