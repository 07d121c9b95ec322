#include "rules/phrases.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const basis_words[] = { "code", "statute", "agreement", "local" };
static const char *const owner_words[] = { "police", "wcu", "cps", "probation", "any" };
#define COUNT(a) (sizeof(a) / sizeof *(a))
enum { GRACE = 10 * 3600 };                     /* of a ladder that does not say */

const char *basis_name(enum basis b) { return basis_words[b]; }
const char *owner_name(enum owner o) { return owner_words[o]; }

bool match_conditions_hold(const struct match *m, const struct fact *f)
{
    /* A decision that does not say whose it was is the police's. */
    if (m->by && m->by != (f->by ? f->by : 1))
        return false;
    if (m->need != SAID_ANY && (!(f->flags_said & FACT_NEED) || ((f->flags & FACT_NEED) != 0) != (m->need == SAID_YES)))
        return false;
    if (m->vrr != SAID_ANY && (!(f->flags_said & FACT_VRR) || ((f->flags & FACT_VRR) != 0) != (m->vrr == SAID_YES)))
        return false;
    if (f->value < m->value_least)
        return false;
    if (!m->outcomes)
        return true;
    for (size_t i = 0; i < m->outcomes; i++)
        if (!strncmp(m->outcome[i], f->outcome, sizeof f->outcome))
            return true;
    return false;
}

/* "10:00": what was done by the deadline may be typed up to then on the next working day; or none. */
static enum err read_grace(struct rulebook *b, const struct yaml_node *v, struct rule_program *p, struct why *why)
{
    char text[8];
    int h, m, end = 0;

    if (!v)
        return E_OK;
    snprintf(text, sizeof text, TEXT_FMT, TEXT_ARG(v->text));
    if (v->kind == YAML_SCALAR && text_same(v->text, TEXT("none")))
        return p->grace = -1, E_OK;
    if (v->kind != YAML_SCALAR || v->text.n != 5 || sscanf(text, "%2d:%2d%n", &h, &m, &end) != 2 || end != 5 || h > 23 || m > 59 || h < 0 || m < 0)
        return yaml_wrong(b->yaml, v, why, "'entry_grace:' is a time on the next working day, like \"10:00\", or none");
    p->grace = h * 3600 + m * 60;
    return E_OK;
}

/* ---- ladders ------------------------------------------------------------------- */

static enum err add_rung(struct rulebook *b, const struct yaml_node *v, struct rule_program *p, enum rung_kind kind, int days, struct why *why)
{
    if (p->rungs == RUNGS_MAX)
        return yaml_wrong(b->yaml, v, why, "a ladder has at most %d rungs", RUNGS_MAX);
    p->rung[p->rungs++] = (struct rung){ kind, days };
    return E_OK;
}

static enum err read_ladder(struct rulebook *b, const struct yaml_node *v, struct rule_program *p, struct why *why)
{
    static const char *const allowed[] = { "at_start", "due_soon", "outstanding", "entry_grace" };
    static const char *const start[] = { "enhanced" }, *const soon[] = { "half", "last-morning" };
    const struct yaml_node *list;
    size_t choice;
    long days;
    enum err e;

    if ((e = yaml_expect(b->yaml, v, YAML_MAP, why)) || (e = yaml_refuse_others(b->yaml, v, allowed, COUNT(allowed), why)))
        return e;
    if ((list = yaml_get(v, "at_start"))) {
        if ((e = yaml_word(b->yaml, list, "at_start", start, 1, &choice, why)) || (e = add_rung(b, list, p, RUNG_AT_START, 0, why)))
            return e;
    }
    if ((list = yaml_get(v, "due_soon"))) {
        if ((e = yaml_expect(b->yaml, list, YAML_LIST, why)))
            return e;
        for (size_t i = 0; i < list->count; i++)
            if ((e = yaml_word(b->yaml, list->item[i], "warning", soon, 2, &choice, why)) ||
                (e = add_rung(b, list->item[i], p, choice ? RUNG_LAST_MORNING : RUNG_HALF, 0, why)))
                return e;
    }
    if ((list = yaml_get(v, "outstanding"))) {
        if ((e = yaml_expect(b->yaml, list, YAML_LIST, why)))
            return e;
        for (size_t i = 0; i < list->count; i++)
            if ((e = yaml_number(b->yaml, list->item[i], i ? p->rung[p->rungs - 1].days + 1 : 1, 250, &days, why)) ||
                (e = add_rung(b, list->item[i], p, RUNG_OUTSTANDING, (int)days, why)))
                return e;
    }
    return read_grace(b, yaml_get(v, "entry_grace"), p, why);
}

static enum err find_ladder(struct rulebook *b, const struct yaml_node *rule, struct rule_program *p, struct why *why)
{
    const struct yaml_node *ladders = yaml_get(yaml_root(b->yaml), "ladders"), *named = yaml_get(rule, "ladder");
    const struct yaml_node *under = b->over ? yaml_get(yaml_root(b->over->yaml), "ladders") : NULL;
    struct text name = named ? named->text : TEXT("standard");

    for (size_t i = 0; ladders && i < ladders->count; i++)
        if (text_same(ladders->key[i]->text, name))
            return read_ladder(b, ladders->item[i], p, why);
    for (size_t i = 0; under && i < under->count; i++)
        if (text_same(under->key[i]->text, name))
            return read_ladder(b, under->item[i], p, why);
    if (!named)
        return E_OK;
    return yaml_wrong(b->yaml, named, why, "there is no such ladder under 'ladders:'");
}

/* ---- a rule ----------------------------------------------------------------------- */

static enum err read_start(struct rulebook *b, const struct yaml_node *v, struct start *s, struct why *why)
{
    static const char *const at[] = { "occurred", "received", "conclusion" };
    const struct yaml_node *unless = v->kind == YAML_MAP ? yaml_get(v, "unless") : NULL;
    size_t choice = AT_OCCURRED;
    enum err e;

    if (v->kind == YAML_MAP && (e = phrase_word(b, v, "at", at, 3, AT_OCCURRED, &choice, why)))
        return e;
    if (unless && (e = phrase_match(b, unless, &s->unless, why)))
        return e;
    s->at = (enum starts_at)choice;
    return phrase_match(b, v, &s->match, why);
}

static bool has_map(const struct yaml_node *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->item[i]->kind == YAML_MAP)
            return true;
    return false;
}

static enum err read_starts(struct rulebook *b, const struct yaml_node *rule, struct rule_program *p, struct why *why)
{
    const struct yaml_node *v = yaml_get(rule, "starts"), *prefer = yaml_get(rule, "starts_preferring");
    enum err e;

    if (!v == !prefer)
        return yaml_wrong(b->yaml, rule, why, "one of 'starts:' and 'starts_preferring:' is needed");
    p->prefers = prefer != NULL;
    v = v ? v : prefer;
    if (v->kind != YAML_LIST || (!p->prefers && !has_map(v))) {     /* one way, of one or several kinds */
        p->starts = 1;
        return read_start(b, v, &p->start[0], why);
    }
    if (v->count == 0 || v->count > STARTS_MAX)
        return yaml_wrong(b->yaml, v, why, "1 to %d ways to start are needed", STARTS_MAX);
    for (size_t i = 0; i < v->count; i++)
        if ((e = read_start(b, v->item[i], &p->start[p->starts++], why)))
            return e;
    return E_OK;
}

static enum err read_evidence(struct rulebook *b, const struct yaml_node *rule, struct rule_program *p, struct why *why)
{
    static const char *const at[] = { "occurred", "recorded" };
    const struct yaml_node *met = yaml_get(rule, "met_by"), *waived = yaml_get(rule, "waived_by");
    size_t choice = 0;
    enum err e;

    if (met && met->kind == YAML_MAP && (e = phrase_word(b, met, "at", at, 2, 0, &choice, why)))
        return e;
    p->met_when_recorded = choice == 1;
    if ((e = phrase_flag(b, rule, "met_by_informing", &p->informed, why)))
        return e;
    if (!met && !p->informed)
        return yaml_wrong(b->yaml, rule, why, "'met_by:' or 'met_by_informing: yes' is needed");
    if (met && (e = phrase_match(b, met, &p->met_by, why)))
        return e;
    return waived ? phrase_match(b, waived, &p->waived_by, why) : E_OK;
}

static enum err read_passing(struct rulebook *b, const struct yaml_node *v, struct rule_program *p, struct why *why)
{
    static const char *const allowed[] = { "to", "after" };
    const struct yaml_node *after;
    size_t owner;
    enum err e;

    if (!v)
        return E_OK;
    if ((e = yaml_expect(b->yaml, v, YAML_MAP, why)) || (e = yaml_refuse_others(b->yaml, v, allowed, 2, why)) ||
        (e = phrase_word(b, v, "to", owner_words, COUNT(owner_words), p->next_owner, &owner, why)))
        return e;
    if (!(after = yaml_get(v, "after")))
        return yaml_wrong(b->yaml, v, why, "'after:' is needed: the kinds after which another owes it");
    p->next_owner = (enum owner)owner;
    return phrase_match(b, after, &p->passes_on, why);
}

static enum err read_rule(struct rulebook *b, const struct yaml_node *v, struct rule *r, struct rule_program *p, struct why *why)
{
    static const char *const allowed[] = {
        "id", "right", "title", "duty", "do", "do_without_consent", "record", "source", "confidence", "basis", "owner", "passes_on", "limit", "enhanced_limit", "starts",
        "starts_preferring", "once", "repeats", "where", "met_by", "met_by_informing", "same_item", "waived_by", "ends", "ladder",
        "report_only",
    };
    static const char *const confidence[] = { "B", "V", "S", "P", "K" };
    static const char *const once[] = { "a-trigger", "a-journey" };
    static const char *const ends[] = { "if-missed", "never", "always" };
    const struct yaml_node *limit, *enhanced;
    size_t sure, basis, owner, each, ending;
    enum err e;

    if ((e = yaml_expect(b->yaml, v, YAML_MAP, why)) || (e = yaml_refuse_others(b->yaml, v, allowed, COUNT(allowed), why)) ||
        (e = phrase_text(b, v, "id", true, &r->id, why)) || (e = phrase_text(b, v, "right", false, &r->right, why)) ||
        (e = phrase_text(b, v, "title", true, &r->title, why)) || (e = phrase_text(b, v, "duty", true, &r->duty, why)) ||
        (e = phrase_text(b, v, "do", false, &r->what_to_do, why)) ||
        (e = phrase_text(b, v, "do_without_consent", false, &r->without_consent, why)) ||
        (e = phrase_text(b, v, "record", false, &r->how_to_record, why)) ||
        (e = phrase_text(b, v, "source", true, &r->source, why)) ||
        (e = phrase_word(b, v, "confidence", confidence, COUNT(confidence), 4, &sure, why)) ||
        (e = phrase_word(b, v, "basis", basis_words, COUNT(basis_words), BASIS_CODE, &basis, why)) ||
        (e = phrase_word(b, v, "owner", owner_words, COUNT(owner_words), OWNER_POLICE, &owner, why)) ||
        (e = phrase_word(b, v, "once", once, 2, 0, &each, why)) || (e = phrase_word(b, v, "ends", ends, 3, 0, &ending, why)) ||
        (e = phrase_flag(b, v, "repeats", &p->repeats, why)) || (e = phrase_flag(b, v, "same_item", &p->same_item, why)) ||
        (e = phrase_scope(b, yaml_get(v, "where"), &p->where, why)) ||
        (e = phrase_flag(b, v, "report_only", &r->report_only, why)))
        return e;
    r->confidence = confidence[sure][0];
    r->basis = (enum basis)basis;
    r->owner = (enum owner)owner;
    p->next_owner = r->owner;
    p->grace = GRACE;
    if ((e = read_passing(b, yaml_get(v, "passes_on"), p, why)))
        return e;
    p->per_journey = each == 1;
    p->ends = (enum ends)ending;
    if (!(limit = yaml_get(v, "limit")))
        return yaml_wrong(b->yaml, v, why, "'limit:' is needed, like '5 working days'");
    if ((e = phrase_limit(b, limit, &r->standard, why)))
        return e;
    enhanced = yaml_get(v, "enhanced_limit");
    r->enhanced = r->standard;
    if (enhanced && (e = phrase_limit(b, enhanced, &r->enhanced, why)))
        return e;
    r->program = p;
    if ((e = read_starts(b, v, p, why)) || (e = read_evidence(b, v, p, why)))
        return e;
    return find_ladder(b, v, p, why);
}

static enum err read_rules(struct rulebook *b, const struct yaml_node *root, struct why *why)
{
    const struct yaml_node *rules = yaml_get(root, "rules");
    enum err e;

    if (!rules && b->over)
        return E_OK;                            /* it says something else of the edition, its sources say */
    if (!rules || rules->kind != YAML_LIST || rules->count == 0 || rules->count > RULES_MAX)
        return yaml_wrong(b->yaml, rules ? rules : root, why, "'rules:' is a list of 1 to %d rules", RULES_MAX);
    b->rule = calloc(rules->count, sizeof *b->rule);
    b->compiled = calloc(rules->count, sizeof *b->compiled);
    if (!b->rule || !b->compiled)
        return E_MEMORY;
    for (size_t i = 0; i < rules->count; i++) {
        if ((e = read_rule(b, rules->item[i], &b->rule[i], &b->compiled[i], why)))
            return e;
        for (size_t n = 0; n < i; n++)
            if (!strcmp(b->rule[n].id, b->rule[i].id))
                return yaml_wrong(b->yaml, rules->item[i], why, "the rule %s is there twice", b->rule[i].id);
    }
    b->count = b->edition.rules = rules->count;
    return E_OK;
}

/* ---- what stands above the rules ---------------------------------------------------- */

static bool is_among(char (*name)[REF_BYTES_MAX + 1], size_t count, struct text t)
{
    for (size_t i = 0; i < count; i++)
        if (text_same(text_of(name[i]), t))
            return true;
    return false;
}

static enum err read_names(struct rulebook *b, const struct yaml_node *v, const char *what, char (*name)[REF_BYTES_MAX + 1], size_t max,
                           size_t *count, struct why *why)
{
    enum err e;

    if (!v)
        return E_OK;
    if ((e = yaml_expect(b->yaml, v, YAML_LIST, why)))
        return e;
    if (v->count > max)
        return yaml_wrong(b->yaml, v, why, "at most %zu %s", max, what);
    for (size_t i = 0; i < v->count; i++) {
        const struct yaml_node *one = v->item[i];
        if (one->kind != YAML_SCALAR || one->text.n == 0 || one->text.n > REF_BYTES_MAX)
            return yaml_wrong(b->yaml, one, why, "a name of 1 to %d bytes is needed", REF_BYTES_MAX);
        if (*count == max)
            return yaml_wrong(b->yaml, one, why, "at most %zu %s in all rule books", max, what);
        if (!is_among(name, *count, one->text))
            memcpy(name[(*count)++], one->text.p, one->text.n);
    }
    return E_OK;
}

/* "connect", or { name: connect, carries: [...] }: a source that says nothing of what it carries may carry everything. */
static enum err read_sources(struct rulebook *b, const struct yaml_node *v, struct why *why)
{
    static const char *const allowed[] = { "name", "carries" };
    struct edition_program *p = &b->program;
    enum err e;

    if (!v)
        return E_OK;
    if ((e = yaml_expect(b->yaml, v, YAML_LIST, why)))
        return e;
    if (v->count > SOURCES_MAX)
        return yaml_wrong(b->yaml, v, why, "at most %d sources", SOURCES_MAX);
    for (size_t i = 0; i < v->count; i++) {
        const struct yaml_node *one = v->item[i], *name = one, *carries = NULL;
        if (one->kind == YAML_MAP) {
            if ((e = yaml_refuse_others(b->yaml, one, allowed, 2, why)))
                return e;
            name = yaml_get(one, "name");
            carries = yaml_get(one, "carries");
        }
        if (!name || name->kind != YAML_SCALAR || name->text.n == 0 || name->text.n > REF_BYTES_MAX)
            return yaml_wrong(b->yaml, one, why, "a source has a name of 1 to %d bytes", REF_BYTES_MAX);
        memcpy(p->source[p->sources], name->text.p, name->text.n);
        if (!carries)
            memset(&p->carries[p->sources], 0xff, sizeof *p->carries);
        else if ((e = phrase_kinds(b, carries, &p->carries[p->sources], why)))
            return e;
        p->sources++;
    }
    return E_OK;
}

static enum err read_day(struct rulebook *b, const struct yaml_node *root, const char *key, struct day *ret, struct why *why)
{
    const struct yaml_node *v = yaml_get(root, key);

    if (!v)
        return E_OK;
    if (v->kind != YAML_SCALAR || day_parse(v->text.p, v->text.n, ret))
        return yaml_wrong(b->yaml, v, why, "'%s:' is a date like 2021-04-01", key);
    return E_OK;
}

static enum err read_enhanced(struct rulebook *b, const struct yaml_node *v, struct why *why)
{
    static const char *const allowed[] = { "age_below", "flags", "markers", "offence_classes" };
    static const char *const flags[] = { "vulnerable", "intimidated", "persistently_targeted", "enhanced" };
    static const uint8_t bits[] = { FACT_VULNERABLE, FACT_INTIMIDATED, FACT_TARGETED, FACT_ENHANCED };
    const struct yaml_node *list;
    size_t which;
    long age;
    enum err e;

    if (!v)
        return E_OK;
    if ((e = yaml_expect(b->yaml, v, YAML_MAP, why)) || (e = yaml_refuse_others(b->yaml, v, allowed, COUNT(allowed), why)))
        return e;
    if ((list = yaml_get(v, "age_below"))) {
        if ((e = yaml_number(b->yaml, list, 1, 120, &age, why)))
            return e;
        b->program.child_below = (unsigned)age;
    }
    if ((list = yaml_get(v, "flags"))) {
        if ((e = yaml_expect(b->yaml, list, YAML_LIST, why)))
            return e;
        for (size_t i = 0; i < list->count; i++) {
            if ((e = yaml_word(b->yaml, list->item[i], "flag", flags, COUNT(flags), &which, why)))
                return e;
            b->program.flags |= bits[which];
        }
    }
    if ((e = phrase_classes(b, yaml_get(v, "offence_classes"), &b->program.entitled, why)))
        return e;
    return phrase_markers(b, yaml_get(v, "markers"), &b->program.entitled, why);
}

static enum err read_told(struct rulebook *b, const struct yaml_node *v, struct why *why)
{
    static const char *const names[] = { "unsaid", "victim", "parent", "guardian", "family", "contact" };
    size_t which;
    enum err e;

    if (!v && b->over)
        return E_OK;
    b->program.may_be_told = 0;
    if (!v) {
        b->program.may_be_told = 1 << WHO_UNSAID | 1 << WHO_VICTIM | 1 << WHO_PARENT | 1 << WHO_GUARDIAN | 1 << WHO_FAMILY | 1 << WHO_CONTACT;
        return E_OK;
    }
    if ((e = yaml_expect(b->yaml, v, YAML_LIST, why)))
        return e;
    for (size_t i = 0; i < v->count; i++) {
        if ((e = yaml_word(b->yaml, v->item[i], "person", names, COUNT(names), &which, why)))
            return e;
        b->program.may_be_told |= (uint16_t)(1 << which);
    }
    return E_OK;
}

static enum err read_scalar(struct rulebook *b, const struct yaml_node *root, const char *key, const char *otherwise, char ret[64], struct why *why)
{
    const struct yaml_node *v = yaml_get(root, key);

    if (v && (v->kind != YAML_SCALAR || v->text.n == 0 || v->text.n > 63))
        return yaml_wrong(b->yaml, v, why, "'%s:' is a name of at most 63 bytes", key);
    if (v)
        snprintf(ret, 64, TEXT_FMT, TEXT_ARG(v->text));
    else
        snprintf(ret, 64, "%s", otherwise);
    return E_OK;
}

/* A book of local standards is laid over the edition before it: what it does not say itself is as there. */
static enum err read_over(struct rulebook *b, const struct yaml_node *v, const struct rulebook *before, struct why *why)
{
    struct edition_program own = b->program;

    if (!v)
        return E_OK;
    if (!before || v->kind != YAML_SCALAR || !text_same(v->text, text_of(before->edition.name)))
        return yaml_wrong(b->yaml, v, why, "'over:' names the rule book that is given before this one%s%s", before ? ": " : "",
                          before ? before->edition.name : "; none is");
    b->over = before;
    b->is_overlay = true;
    b->program = before->program;
    b->program.sources = 0;
    memset(b->program.carries, 0, sizeof b->program.carries);
    memset(b->program.source, 0, sizeof b->program.source);
    b->program.kinds = own.kinds;
    memcpy(b->program.kind, own.kind, sizeof own.kind);
    return E_OK;
}

static enum err read_all(struct rulebook *b, const struct rulebook *before, struct why *why)
{
    static const char *const allowed[] = {
        "name", "title", "over", "in_force", "until", "time_zone", "bank_holidays", "sources", "kinds", "enhanced_rights",
        "who_may_be_told", "unnamed_informing_counts", "concluded_by", "consent_needed", "family_liaison", "ladders", "rules",
    };
    const struct yaml_node *root = yaml_root(b->yaml), *concluding = yaml_get(root, "concluded_by");
    enum err e;

    b->edition.in_force = (struct day){ INT32_MIN };
    b->edition.until = (struct day){ INT32_MAX };
    if ((e = yaml_expect(b->yaml, root, YAML_MAP, why)) || (e = yaml_refuse_others(b->yaml, root, allowed, COUNT(allowed), why)) ||
        (e = read_over(b, yaml_get(root, "over"), before, why)) || (e = phrase_text(b, root, "name", true, &b->edition.name, why)) ||
        (e = phrase_text(b, root, "title", true, &b->edition.title, why)) ||
        (e = read_day(b, root, "in_force", &b->edition.in_force, why)) || (e = read_day(b, root, "until", &b->edition.until, why)) ||
        (e = read_scalar(b, root, "time_zone", b->over ? b->over->program.time_zone : "Europe/London", b->program.time_zone, why)) ||
        (e = read_scalar(b, root, "bank_holidays", b->over ? b->over->program.division : "", b->program.division, why)) ||
        (e = read_names(b, yaml_get(root, "kinds"), "kinds", b->program.kind, LOCAL_KINDS_MAX, &b->program.kinds, why)) ||
        (e = read_sources(b, yaml_get(root, "sources"), why)) ||
        (concluding && (e = phrase_match(b, concluding, &b->program.concluding, why))) ||
        (e = read_enhanced(b, yaml_get(root, "enhanced_rights"), why)) ||
        (e = read_told(b, yaml_get(root, "who_may_be_told"), why)) ||
        (e = phrase_scope(b, yaml_get(root, "consent_needed"), &b->program.asks_consent, why)) ||
        (e = phrase_scope(b, yaml_get(root, "family_liaison"), &b->program.liaised, why)) ||
        (e = phrase_flag(b, root, "unnamed_informing_counts", &b->program.infers, why)))
        return e;
    return read_rules(b, root, why);
}

enum err rulebook_open(const char *name, struct bytes yaml, const struct rulebook *before, struct rulebook **ret, struct why *why)
{
    struct rulebook *b = calloc(1, sizeof *b);
    enum err e = E_MEMORY;

    if (!b)
        return E_MEMORY;
    b->cap = yaml.n + YAML_NODES_MAX;
    if (before) {
        b->program.kinds = before->program.kinds;
        memcpy(b->program.kind, before->program.kind, sizeof b->program.kind);
    }
    if (!(b->texts = malloc(b->cap)) || (e = yaml_open(name, (const char *)yaml.p, yaml.n, &b->yaml, why)) || (e = read_all(b, before, why))) {
        rulebook_close(&b);
        return e;
    }
    b->over = NULL;
    *ret = b;
    return E_OK;
}

void rulebook_close(struct rulebook **pb)
{
    struct rulebook *b = *pb;

    if (!b)
        return;
    yaml_close(&b->yaml);
    free(b->rule);
    free(b->compiled);
    free(b->texts);
    free(b);
    *pb = NULL;
}
