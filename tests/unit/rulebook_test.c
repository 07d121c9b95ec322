/* Rule books that people write: the built-in one is whole, and mistakes are met with line and advice. */
#include "core/hash.h"
#include "rules/describe.h"
#include "rules/law.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static void on_start(void) { hash_init(); }
TestSuite(rulebook, .init = on_start);

static enum err open_text(const char *yaml, struct law **ret, struct why *why)
{
    struct item_law item = { .fold_version = 1, .rulebooks = 1 };

    cr_assert(zone_load("Europe/London", &item.zone, why) == E_OK);
    item.rulebook[0] = (struct bytes){ (const uint8_t *)yaml, strlen(yaml) };
    return law_open(&item, ret, why);
}

#define HEAD "name: local\ntitle: A standard\n"
#define RULE "rules:\n  - id: L-1\n    title: Call back\n    duty: Call back.\n    source: us\n"

static const struct { const char *yaml, *words; } wrong[] = {
    { "", "rule book 1" },
    { "name: [1", "rule book 1:2" },
    { HEAD, "'rules:' is a list" },
    { "nmae: x\n", "did you mean 'name'?" },
    { HEAD RULE, "'limit:' is needed" },
    { HEAD RULE "    limit: five days\n", ":8: a limit reads like '5 working days'" },
    { HEAD RULE "    limit: 0 hours\n", ":8: a limit is from 1 to 87600 hours" },
    { HEAD RULE "    limit: 5 hours\n", "one of 'starts:' and 'starts_preferring:' is needed" },
    { HEAD RULE "    limit: 5 hours\n    starts: arested\n", ":9: no such kind 'arested'; did you mean 'arrested'?" },
    { HEAD RULE "    limit: 5 hours\n    starts: arrested\n", "'met_by:' or 'met_by_informing: yes' is needed" },
    { HEAD RULE "    limit: 5 hours\n    starts: arrested\n    met_by: made\n    ladder: steep\n", ":11: there is no such ladder" },
    { HEAD RULE "    limit: 5 hours\n    starts: arrested\n    met_by: made\n    owner: nobody\n", ":11: no such owner 'nobody'" },
    { HEAD RULE "    limit: 5 hours\n    starts: { kind: arrested, who: me }\n    met_by: made\n", ":9: " },
    { HEAD RULE "    limit: 5 working days\n    starts: arrested\n    met_by: made\n", "say whose holidays" },
    { HEAD RULE "    limit: 5 hours\n    starts: arrested\n    met_by: made\n    passes_on: { to: wcu }\n", ":11: 'after:' is needed" },
    { HEAD "in_force: 2021-13-01\n", ":3: 'in_force:' is a date like 2021-04-01" },
    { HEAD "kinds: nod\n", ":3: " },
    { HEAD "over: another\n", ":3: 'over:' names the rule book that is given before this one" },
};

Test(rulebook, mistakes_are_met_with_the_line_and_what_to_write)
{
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct law *law = NULL;
        struct why why = { "" };
        cr_expect(open_text(wrong[i].yaml, &law, &why) != E_OK, "taken:\n%s", wrong[i].yaml);
        cr_expect(strstr(why.text, wrong[i].words), "%s\n  says: %s\n  not:  %s", wrong[i].yaml, why.text, wrong[i].words);
    }
}

Test(rulebook, a_book_may_declare_kinds_zone_and_hours_of_its_own)
{
    struct law *law = NULL;
    struct why why = { "" };
    char words[256];

    cr_assert(open_text(HEAD "kinds: [boiler-reported, engineer-came]\n" RULE "    limit: 24 hours\n    starts: boiler-reported\n"
                        "    met_by: engineer-came\n", &law, &why) == E_OK, "%s", why.text);
    cr_assert(law_rule_count(law) == 1 && law_rule(law, 0)->standard.unit == UNIT_HOURS && law_rule(law, 0)->standard.n == 24);
    cr_assert(law_local_kind(law, TEXT("engineer-came")) >= KIND_LOCAL_FIRST);
    describe_evidence(law, 0, words, sizeof words);
    cr_assert_str_eq(words, "engineer-came");
    law_close(&law);
}

/* Every rule says where it is from and how sure its figure is. */
Test(rulebook, the_edition_of_2021_is_whole)
{
    static const char *const ids[] = {
        "R2-REC", "R3-ACK", "R3-INFO", "R4-NEEDS", "R4-REF", "R4-REF-CODE", "R6-ARREST", "R6-INTERVIEW", "R6-RELEASED", "R6-BAIL",
        "R6-BAILVAR", "R6-RUI", "R6-NOINV", "R6-NFA", "R6-CLOSE", "R6-CHARGE", "R6-OOCD", "R6-CPSNO", "R6-CPSALT", "LOC-PROMISE", "R8-HEAR",
        "R8-BAIL", "R8-WARR", "R8-EVID", "R9-OUT", "R9-SENT", "R9-APP", "R10-PROP", "R10-EXP", "R11-REF", "R11-VLO", "R12-ACK",
        "VRR-ACK", "VRR-DEC", "CPS-28",
    };
    const char *book = law_default_rulebook();
    struct item_law item;
    struct law_files *files = NULL;
    struct law *law = NULL;
    struct why why = { "" };

    cr_assert(law_read(&book, 1, NULL, &item, &files, &why) == E_OK, "%s", why.text);
    cr_assert(law_open(&item, &law, &why) == E_OK, "%s", why.text);
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        bool found = false;
        for (uint16_t r = 0; r < law_rule_count(law); r++)
            found |= !strcmp(law_rule(law, r)->id, ids[i]);
        cr_expect(found, "%s is not there", ids[i]);
    }
    for (uint16_t r = 0; r < law_rule_count(law); r++) {
        const struct rule *rule = law_rule(law, r);
        cr_expect(rule->duty[0] && rule->source[0] && rule->title[0] && strchr("BVSPK", rule->confidence), "%s", rule->id);
    }
    law_close(&law);
    law_files_free(&files);
}

Test(rulebook, local_standards_are_laid_over_an_edition)
{
    const char *const books[] = { law_default_rulebook(), "deploy/examples/local-standards.rules.yaml" };
    struct item_law item;
    struct law_files *files = NULL;
    struct law *law = NULL;
    struct why why = { "" };
    char words[256];
    const struct rule *last;

    cr_assert(law_read(books, 2, NULL, &item, &files, &why) == E_OK, "%s", why.text);
    cr_assert(law_open(&item, &law, &why) == E_OK, "%s", why.text);
    last = law_rule(law, (uint16_t)(law_rule_count(law) - 1));
    cr_assert(law_edition_count(law) == 2 && !strcmp(last->id, "LOC-DA-CALL") && last->basis == BASIS_LOCAL);
    cr_assert(law_edition(law, 0)->until.n == INT32_MAX, "what is laid over an edition does not end it");
    describe_ladder(law, (uint16_t)(law_rule_count(law) - 1), words, sizeof words);
    cr_assert(strstr(words, "last morning"), "the edition's ladder is not taken: %s", words);
    law_close(&law);
    law_files_free(&files);
}
