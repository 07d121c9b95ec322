#include "commands/coverage.h"
#include "commands/command.h"
#include "core/json.h"
#include "producers/connect/shape.h"
#include "rules/law.h"

#include <stdio.h>
#include <string.h>

/* What is lost without a column that no kind of event stands for. */
static const struct { enum column column; const char *loss; } losses[] = {
    { EVENT_received_time, "when the Witness Care Unit had the news is not known: what starts then is followed, and never called missed" },
    { EVENT_need, "a needs assessment does not say whether it found a need: only need-identified starts a referral" },
    { EVENT_informs_event_id, "an informing does not say of what: it counts for everything open before it, marked as inferred" },
    { EVENT_informed_who, "who was told is not known: it is taken to be the victim" },
    { EVENT_suspect_no, "suspects are not told apart: the end for one counts as the end for all" },
    { EVENT_due_by, "until when contact was promised is not known: no promise falls due" },
    { VICTIM_identified_time, "when a victim was found after the report is not known: every clock that starts from the report starts with it" },
    { VICTIM_enhanced_rights, "what the record system says of Enhanced Rights is not known: age, offence and markers alone give them" },
    { VICTIM_contact_declined, "what a victim declined to be told is not known: nothing is waived" },
    { CRIME_da_flag, "domestic abuse is not marked: it gives no Enhanced Rights" },
    { CRIME_hate_flags, "hate crime is not marked: it gives no Enhanced Rights" },
    { CRIME_oic_collar, "the officer in the case is not known: alerts go to the team" },
};

static bool says(const struct shape *x, const struct law *law, kind_t kind)
{
    if (kind >= KIND_LOCAL_FIRST) {
        for (size_t i = 0; i < x->local_kinds; i++)
            if (law_local_kind(law, text_of(x->local_kind[i])) == kind)
                return true;
        return false;
    }
    return kind_type(kind) == EVENT_REPORT || shape_says(x, kind) ||
           (kind == kind_by_name(EVENT_UPDATE, TEXT("victim-informed")) && shape_has(x, EVENT_victim_informed_time));
}

/* The kinds of a rule's one side: how many it has, how many of them the extract says, and those it does not, in words. */
struct side { size_t all, said; char lacking[160]; };

static struct side look(const struct shape *x, const struct law *law, uint16_t rule, bool (*concerns)(const struct law *law, uint16_t rule, kind_t kind))
{
    struct side s = { 0, 0, "" };

    for (kind_t k = 1; k < KIND_LOCAL_FIRST + LOCAL_KINDS_MAX; k++) {
        size_t n = strlen(s.lacking);
        if (!concerns(law, rule, k))
            continue;
        s.all++;
        if (says(x, law, k))
            s.said++;
        else
            snprintf(s.lacking + n, sizeof s.lacking - n, "%s%s", n ? ", " : "", law_kind_name(law, k));
    }
    return s;
}

static const char *word(const struct side *s) { return s->said == 0 ? "no" : s->said < s->all ? "partly" : "yes"; }

static void print_rule(const struct law *law, uint16_t rule, const struct side *starts, const struct side *proofs)
{
    const struct rule *r = law_rule(law, rule);

    printf("%-13s %-7s %-7s %s\n", r->id, word(starts), proofs->said ? "yes" : "no", r->title);
    if (starts->said < starts->all)
        printf("%29sdoes not say: %s\n", "", starts->lacking);
    if (!proofs->said)
        printf("%29snot evidenced, never called missed; it would take: %s\n", "", proofs->lacking);
}

static void print_json(const struct law *law, uint16_t rule, const struct side *starts, const struct side *proofs, struct json_out *o)
{
    json_out_object(o);
    json_put_text(o, "rule", text_of(law_rule(law, rule)->id));
    json_put_text(o, "starts", text_of(word(starts)));
    json_put_text(o, "starts_lacking", text_of(starts->lacking));
    json_put_text(o, "proves", text_of(proofs->said ? "yes" : "no"));
    json_put_text(o, "proofs_lacking", text_of(proofs->lacking));
    json_out_end(o);
    json_out_newline(o);
}

static void print_losses(const struct shape *x)
{
    bool some = false;

    for (size_t i = 0; i < sizeof losses / sizeof *losses; i++) {
        if (shape_has(x, losses[i].column))
            continue;
        if (!some)
            printf("\nColumns the extract does not have\n");
        some = true;
        printf("  %s.%s\n      %s\n", table_name(column_table[losses[i].column].table), column_table[losses[i].column].name, losses[i].loss);
    }
    if (!shape_has(x, VICTIM_date_of_birth) && !shape_has(x, VICTIM_age_at_report))
        printf("%s  victim.date_of_birth, victim.age_at_report\n      nobody is known to be under 18\n", some ? "" : "\nColumns the extract does not have\n");
}

int coverage_print(const char *map, const struct opt_list *rules, bool json)
{
    const char *const usual[] = { law_default_rulebook() };
    struct item_law item;
    struct law_files *files = NULL;
    struct law *law = NULL;
    struct shape *x = NULL;
    struct json_out o;
    struct text t;
    struct why why = { "" };
    size_t proved = 0;
    enum err e;

    json_out_init(&o);
    if ((e = shape_open(map, &x, &why)) ||
        (e = law_read(rules->count ? rules->item : usual, rules->count ? rules->count : 1, NULL, &item, &files, &why)) || (e = law_open(&item, &law, &why)))
        goto out;
    if (!json)
        printf("What the extract '%s' can say, for source '%s'\n\n%-13s %-7s %-7s %s\n", x->name, x->source, "RULE", "STARTS", "PROVES", "WHAT");
    for (uint16_t rule = 0; rule < law_rule_count(law); rule++) {
        struct side starts = look(x, law, rule, law_rule_starts_by), proofs = look(x, law, rule, law_rule_proved_by);
        proved += proofs.said > 0;
        if (json)
            print_json(law, rule, &starts, &proofs, &o);
        else
            print_rule(law, rule, &starts, &proofs);
    }
    if (json && !(e = json_out_done(&o, &t)))
        fwrite(t.p, 1, t.n, stdout);
    if (!json) {
        print_losses(x);
        printf("\n%zu of %zu rules can be proved kept. The feed tells the tracker so with its first batch; a rule book's own 'sources:' goes before it.\n",
               proved, law_rule_count(law));
    }
out:
    json_out_fini(&o);
    law_close(&law);
    law_files_free(&files);
    shape_close(&x);
    return e ? command_failed(e, &why) : EXIT_DONE;
}
