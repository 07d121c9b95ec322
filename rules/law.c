#include "rules/builtin.h"
#include "rules/program.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { WAIVERS_MAX = 64 };

const char *law_default_rulebook(void) { return "victims-code-2021"; }

/* ---- from the record -------------------------------------------------------- */

static bool counts_working_days(const struct rulebook *b)
{
    for (size_t i = 0; i < b->count; i++)
        if (b->rule[i].standard.unit == UNIT_WORKING_DAYS || b->rule[i].enhanced.unit == UNIT_WORKING_DAYS)
            return true;
    return false;
}

/* One edition ends where the next begins, unless it says itself when. What is laid over one ends nothing. */
static enum err order_editions(struct law *law, struct why *why)
{
    struct edition *before = &law->book[0]->edition;

    for (size_t i = 1; i < law->books; before = law->book[i]->is_overlay ? before : &law->book[i]->edition, i++) {
        struct edition *e = &law->book[i]->edition;
        if (law->book[i]->is_overlay)
            continue;
        if (!day_before(before->in_force, e->in_force)) {
            why_set(why, "edition %s has to come into force after %s; name the older rule book first", e->name, before->name);
            return E_RANGE;
        }
        if (day_before(e->in_force, before->until))
            before->until = e->in_force;
    }
    return E_OK;
}

static enum err gather_rules(struct law *law, struct why *why)
{
    size_t all = 0, ids = 0;

    for (size_t i = 0; i < law->books; i++)
        all += law->book[i]->count;
    law->rule = calloc(all, sizeof *law->rule);
    law->waiver = calloc(all, sizeof *law->waiver);
    if (!law->rule || !law->waiver)
        return E_MEMORY;
    for (size_t i = 0; i < law->books; i++) {
        law->book[i]->edition.first_rule = law->rules;
        for (size_t n = 0; n < law->book[i]->count; n++, law->rules++) {
            struct rule *r = &law->rule[law->rules];
            size_t same = 0;
            *r = law->book[i]->rule[n];
            r->edition = (uint16_t)i;
            while (same < law->rules && strcmp(law->rule[same].id, r->id))
                same++;
            law->waiver[law->rules] = same < law->rules ? law->waiver[same] : (uint8_t)ids++;
        }
    }
    if (ids > WAIVERS_MAX) {
        why_set(why, "there are %zu different rules; at most %d can be followed", ids, WAIVERS_MAX);
        return E_RANGE;
    }
    return E_OK;
}

static void gather_source(struct law *law, const char *name)
{
    size_t same = 0;

    while (same < law->sources && strcmp(law->source[same], name))
        same++;
    if (same == law->sources && same < SOURCES_MAX)
        law->source[law->sources++] = name;
}

/* Those the books name first; then those that speak for themselves. */
static void gather_sources(struct law *law)
{
    law->sources = 0;
    for (size_t i = 0; i < law->books; i++)
        for (size_t n = 0; n < law->book[i]->program.sources; n++)
            gather_source(law, law->book[i]->program.source[n]);
    for (size_t i = 0; i < law->declarations; i++)
        gather_source(law, law->declared[i].source);
}

static bool carries_evidence(const struct kind_set *carried, const struct rule_program *r, kind_t informed)
{
    for (kind_t k = 1; k < KINDS; k++)
        if (kinds_has(carried, k) && (kinds_has(&r->met_by.kinds, k) || (r->informed && k == informed)))
            return true;
    return false;
}

static uint64_t source_bit(const struct law *law, const char *name)
{
    for (size_t i = 0; i < law->sources; i++)
        if (!strcmp(law->source[i], name))
            return (uint64_t)1 << i;
    return 0;
}

/* Which sources can say that a rule was met: of all books. Where no book names a source, any may. */
static void find_evidenced(struct law *law)
{
    for (size_t i = 0; i < law->books; i++)
        for (size_t n = 0; n < law->book[i]->count; n++) {
            struct rule_program *r = &law->book[i]->compiled[n];
            r->sources = 0;
            for (size_t d = 0; d < law->declarations; d++)
                if (carries_evidence(&law->declared[d].carries, r, law->known.victim_informed))
                    r->sources |= source_bit(law, law->declared[d].source);
            for (size_t b = 0; b < law->books; b++)
                for (size_t s = 0; s < law->book[b]->program.sources; s++)
                    if (carries_evidence(&law->book[b]->program.carries[s], r, law->known.victim_informed))
                        r->sources |= source_bit(law, law->book[b]->program.source[s]);
            r->evidenced = law->sources == 0 || r->sources;
        }
}

int law_source_rules(const struct law *law, const char *source)
{
    uint64_t bit = source_bit(law, source);
    int rules = 0;

    for (size_t i = 0; i < law->rules; i++)
        rules += (law->rule[i].program->sources & bit) != 0;
    return bit ? rules : -1;
}

bool law_rule_starts_by(const struct law *law, uint16_t rule, kind_t kind)
{
    const struct rule_program *p = law->rule[rule].program;

    for (size_t i = 0; i < p->starts; i++)
        if (kinds_has(&p->start[i].match.kinds, kind))
            return true;
    return false;
}

bool law_rule_proved_by(const struct law *law, uint16_t rule, kind_t kind)
{
    const struct rule_program *p = law->rule[rule].program;

    return kinds_has(&p->met_by.kinds, kind) || (p->informed && kind == law->known.victim_informed);
}

static bool is_named_by_book(const struct law *law, struct text source)
{
    for (size_t i = 0; i < law->books; i++)
        for (size_t n = 0; n < law->book[i]->program.sources; n++)
            if (text_same(text_of(law->book[i]->program.source[n]), source))
                return true;
    return false;
}

void law_declare(struct law *law, struct text source, const struct item_kinds *kinds)
{
    struct declared *d = law->declared;

    while (d < law->declared + law->declarations && !text_same(text_of(d->source), source))
        d++;
    if (is_named_by_book(law, source) || d == law->declared + SOURCES_MAX)
        return;
    law->declarations += d == law->declared + law->declarations;
    memset(d, 0, sizeof *d);
    memcpy(d->source, source.p, source.n);
    for (uint32_t i = 0; i < kinds->n; i++) {
        kind_t k = law_local_kind(law, kinds->kind[i]);
        for (enum event_type t = 0; t < EVENT_TYPES && k == KIND_NONE; t++)
            k = kind_by_name(t, kinds->kind[i]);
        if (k != KIND_NONE)
            kinds_add(&d->carries, k);
    }
    gather_sources(law);
    find_evidenced(law);
}

/* Kinds that say something of the journey as a whole, so that any rule may look at them. Telling the victim and
 * acknowledging an alert say something of single obligations. */
static struct kind_set common_kinds(const struct law *law)
{
    struct kind_set k = { { 0 } };

#define X(member, type, name) if (law->known.member != law->known.victim_informed) kinds_add(&k, law->known.member);
    KNOWN_KINDS(X)
#undef X
    return k;
}

/* Whatever a rule looks at beside those: by a match of the rule book, or an informing. */
static struct kind_set own_kinds(const struct law *law, const struct rule_program *p)
{
    struct kind_set k = p->met_by.kinds;

    kinds_add_all(&k, &p->waived_by.kinds);
    kinds_add_all(&k, &p->passes_on.kinds);
    for (size_t s = 0; s < p->starts; s++) {
        kinds_add_all(&k, &p->start[s].match.kinds);
        kinds_add_all(&k, &p->start[s].unless.kinds);
    }
    if (p->informed)
        kinds_add(&k, law->known.victim_informed);
    return k;
}

/* What a fact of this kind concerns. One that may end the investigation may concern everything, so everything is looked at. */
static void find_concern(struct law *law, kind_t kind, bool names_suspect, const struct kind_set *common, struct concern *ret)
{
    ret->whole = kinds_has(common, kind);
    ret->concludes = law->concludes && (kinds_has(&law->book[0]->program.concluding.kinds, kind) || (names_suspect && kind_is_of_crime(kind)));
    for (size_t rule = 0; rule < law->rules; rule++) {
        struct kind_set own = own_kinds(law, law->rule[rule].program);
        if (!kinds_has(&own, kind))
            continue;
        ret->any = true;
        rules_add(&ret->rules, (uint16_t)rule);
        kinds_add_all(&ret->looks_at, &law->of_rule[rule].looks_at);
    }
    ret->any |= ret->whole || ret->concludes;
    if (ret->whole || ret->concludes)
        ret->looks_at = law->whole.looks_at;
    ret->suspects = law->concludes;
}

/* An assessment that found them counts whatever the edition. */
static void find_entitling(struct law *law)
{
    law->entitling.flags = FACT_ENHANCED;
    for (size_t i = 0; i < law->books; i++) {
        const struct edition_program *p = &law->book[i]->program;
        law->entitling.flags |= p->flags;
        law->entitling.markers |= p->entitled.markers;
        law->entitling.classes |= p->entitled.classes != 0;
        law->entitling.child_below = p->child_below > law->entitling.child_below ? p->child_below : law->entitling.child_below;
    }
}

static enum err find_concerns(struct law *law)
{
    const struct kind_set *concluding = &law->book[0]->program.concluding.kinds;
    struct kind_set common = common_kinds(law);

    if (!(law->of_rule = calloc(law->rules, sizeof *law->of_rule)))
        return E_MEMORY;
    law->concludes = kinds_any(concluding);
    law->may_conclude = *concluding;
    kinds_add(&law->may_conclude, law->known.reopened);
    law->whole = (struct concern){ .any = true, .whole = true, .suspects = law->concludes, .looks_at = common };
    kinds_add_all(&law->whole.looks_at, concluding);
    for (size_t rule = 0; rule < law->rules; rule++) {
        struct concern *c = &law->of_rule[rule];
        c->any = true;
        rules_add(&c->rules, (uint16_t)rule);
        c->suspects = law->concludes;
        c->looks_at = own_kinds(law, law->rule[rule].program);
        kinds_add_all(&c->looks_at, &common);
        kinds_add_all(&c->looks_at, concluding);
        kinds_add_all(&law->whole.looks_at, &c->looks_at);
    }
    for (kind_t kind = 1; kind < KINDS; kind++) {
        find_concern(law, kind, false, &common, &law->of_kind[false][kind]);
        find_concern(law, kind, true, &common, &law->of_kind[true][kind]);
    }
    kinds_remove(&common, law->known.needs_assessed);
    find_concern(law, law->known.needs_assessed, true, &common, &law->assessed);
    return E_OK;
}

static void find_started(struct law *law)
{
    for (size_t rule = 0; rule < law->rules; rule++)
        for (size_t s = 0; s < law->rule[rule].program->starts; s++)
            for (kind_t k = 0; k < KINDS; k++)
                if (kinds_has(&law->rule[rule].program->start[s].match.kinds, k))
                    rules_add(&law->started_by[k], (uint16_t)rule);
    for (kind_t k = 0; k < KINDS; k++) {
        size_t count = 0;
        for (size_t w = 0; w < RULE_WORDS; w++)
            count += (size_t)__builtin_popcountll(law->started_by[k].bits[w]);
        law->starts_most = count > law->starts_most ? count : law->starts_most;
    }
}

size_t law_starts_most(const struct law *law) { return law->starts_most; }

const struct concern *law_whole(const struct law *law) { return &law->whole; }

const struct concern *law_concern_of(const struct law *law, const struct fact *f)
{
    if (f->kind == law->known.needs_assessed && !(f->flags_said & FACT_ENHANCED))
        return &law->assessed;
    return f->kind < KINDS ? &law->of_kind[f->suspect_no != 0][f->kind] : &law->whole;
}

const struct concern *law_concern_of_rules(const struct law *law, const struct rule_set *rules, struct concern *ret)
{
    struct kind_set looks_at = { { 0 } };
    const struct concern *one = NULL;
    size_t count = 0;

    for (size_t w = 0; w * 64 < law->rules; w++)
        for (uint64_t left = rules->bits[w]; left; left &= left - 1, count++) {
            one = &law->of_rule[w * 64 + (size_t)__builtin_ctzll(left)];
            kinds_add_all(&looks_at, &one->looks_at);
        }
    if (count == 1)
        return one;
    *ret = (struct concern){ .any = true, .suspects = law->concludes, .rules = *rules, .looks_at = looks_at };
    return ret;
}

uint64_t law_rule_sources(const struct law *law, uint16_t rule) { return law->rule[rule].program->sources; }
bool law_rule_is_evidenced(const struct law *law, uint16_t rule) { return law->rule[rule].program->evidenced; }

size_t law_sources(const struct law *law, const char *const **ret_names) { return *ret_names = law->source, law->sources; }

static enum err open_law(const struct item_law *item, const char *const *names, struct law **ret, struct why *why)
{
    struct law *law = calloc(1, sizeof *law);
    char name[32];
    enum err e;

    if (!law)
        return E_MEMORY;
#define X(member, type, name) law->known.member = kind_by_name(EVENT_##type, TEXT(name)), law->known_as[law->known.member] = KNOWN_##member;
    KNOWN_KINDS(X)
#undef X
    law->zone = item->zone;
    zone_index(&law->zone);
    for (uint32_t i = 0; i < item->rulebooks && i < BOOKS_MAX; i++) {
        snprintf(name, sizeof name, "rule book %u", i + 1);
        if ((e = rulebook_open(names ? names[i] : name, item->rulebook[i], i ? law->book[i - 1] : NULL, &law->book[i], why)))
            goto fail;
        law->books++;
    }
    if (!law->books) {
        why_set(why, "a law has at least one rule book");
        e = E_MALFORMED;
        goto fail;
    }
    for (size_t i = 0; i < law->books; i++) {
        struct rulebook *b = law->book[i];
        if (counts_working_days(b) && !b->program.division[0]) {
            why_set(why, "%s counts working days; say whose holidays: 'bank_holidays: england-and-wales'", b->edition.name);
            e = E_MALFORMED;
            goto fail;
        }
        if (b->program.division[0] && !law->calendar &&
            (e = calendar_open((const char *)item->calendar.p, item->calendar.n, b->program.division, &law->calendar, why)))
            goto fail;
    }
    gather_sources(law);
    find_evidenced(law);
    if ((e = order_editions(law, why)) || (e = gather_rules(law, why)) || (e = find_concerns(law)))
        goto fail;
    find_entitling(law);
    find_started(law);
    *ret = law;
    return E_OK;
fail:
    law_close(&law);
    return e;
}

enum err law_open(const struct item_law *item, struct law **ret, struct why *why) { return open_law(item, NULL, ret, why); }

void law_close(struct law **pl)
{
    struct law *law = *pl;

    if (!law)
        return;
    for (size_t i = 0; i < law->books; i++)
        rulebook_close(&law->book[i]);
    if (law->calendar)
        calendar_close(&law->calendar);
    free(law->rule);
    free(law->waiver);
    free(law->of_rule);
    free(law);
    *pl = NULL;
}

/* ---- from files ------------------------------------------------------------------ */

struct law_files { uint8_t *file[BOOKS_MAX + 1]; size_t count; };

static enum err read_file(struct law_files *f, const char *path, struct bytes *ret, struct why *why)
{
    FILE *in = fopen(path, "re");
    uint8_t *p;
    size_t n;

    if (!in) {
        why_set(why, "%s cannot be read: %s", path, strerror(errno));
        return E_USAGE;
    }
    p = malloc(LAW_ITEM_BYTES_MAX);
    n = p ? fread(p, 1, LAW_ITEM_BYTES_MAX, in) : 0;
    fclose(in);
    if (!p)
        return E_MEMORY;
    f->file[f->count++] = p;
    if (n == LAW_ITEM_BYTES_MAX) {
        why_set(why, "%s is larger than %d bytes", path, LAW_ITEM_BYTES_MAX - 1);
        return E_TOO_LARGE;
    }
    *ret = (struct bytes){ p, n };
    return E_OK;
}

static enum err read_rulebook(struct law_files *f, const char *path, struct bytes *ret, struct why *why)
{
    *ret = builtin_edition(path);
    return ret->n ? E_OK : read_file(f, path, ret, why);
}

static enum err read_all(const char *const *paths, size_t count, const char *calendar_path, struct law_files *f,
                         struct item_law *item, struct why *why)
{
    struct rulebook *book, *before = NULL;
    struct law *law;
    bool wants_calendar = false;
    enum err e;

    for (size_t i = 0; i < count; i++) {
        if ((e = read_rulebook(f, paths[i], &item->rulebook[i], why)) ||
            (e = rulebook_open(paths[i], item->rulebook[i], before, &book, why)))
            goto out;
        rulebook_close(&before);
        before = book;
        item->rulebooks++;
        wants_calendar |= book->program.division[0] != 0;
        if (i == 0 ? (e = zone_load(book->program.time_zone, &item->zone, why)) != E_OK :
                     strcmp(book->program.time_zone, item->zone.name) != 0) {
            if (i)
                why_set(why, "%s counts in %s, the rule book before it in %s", paths[i], book->program.time_zone, item->zone.name);
            e = i ? E_RANGE : e;
            goto out;
        }
    }
    e = E_OK;
    if (calendar_path)
        e = read_file(f, calendar_path, &item->calendar, why);
    else if (wants_calendar)
        item->calendar = builtin_calendar();
    if (!e && !(e = open_law(item, paths, &law, why)))
        law_close(&law);
out:
    rulebook_close(&before);
    return e;
}

enum err law_read(const char *const *rulebook_paths, size_t count, const char *calendar_path,
                  struct item_law *ret_item, struct law_files **ret_files, struct why *why)
{
    struct item_law item = { .rulebooks = 0 };
    struct law_files *f;
    enum err e;

    if (count == 0 || count > BOOKS_MAX) {
        why_set(why, "1 to %d rule books can be given", BOOKS_MAX);
        return E_USAGE;
    }
    if (!(f = calloc(1, sizeof *f)))
        return E_MEMORY;
    if ((e = read_all(rulebook_paths, count, calendar_path, f, &item, why))) {
        law_files_free(&f);
        return e;
    }
    *ret_item = item;
    *ret_files = f;
    return E_OK;
}

enum err law_read_calendar(const char *path, struct bytes *ret, struct law_files **ret_files, struct why *why)
{
    struct law_files *f = calloc(1, sizeof *f);
    enum err e;

    if (!f)
        return E_MEMORY;
    if ((e = read_file(f, path, ret, why))) {
        law_files_free(&f);
        return e;
    }
    *ret_files = f;
    return E_OK;
}

void law_files_free(struct law_files **pf)
{
    struct law_files *f = *pf;

    if (!f)
        return;
    for (size_t i = 0; i < f->count; i++)
        free(f->file[i]);
    free(f);
    *pf = NULL;
}

/* ---- asking --------------------------------------------------------------------- */

const char *law_division(const struct law *law)
{
    for (size_t i = 0; i < law->books; i++)
        if (law->book[i]->program.division[0])
            return law->book[i]->program.division;
    return "";
}

const struct calendar *law_calendar(const struct law *law) { return law->calendar; }
const struct zone *law_zone(const struct law *law) { return &law->zone; }
size_t law_rule_count(const struct law *law) { return law->rules; }
const struct rule *law_rule(const struct law *law, uint16_t rule) { return &law->rule[rule]; }
size_t law_edition_count(const struct law *law) { return law->books; }
const struct edition *law_edition(const struct law *law, size_t edition) { return &law->book[edition]->edition; }

/* The last book has the local kinds of all before it, under the same numbers. */
static const struct edition_program *all_kinds(const struct law *law) { return &law->book[law->books - 1]->program; }

kind_t law_local_kind(const struct law *law, struct text name)
{
    const struct edition_program *p = all_kinds(law);

    for (size_t i = 0; i < p->kinds; i++)
        if (text_same(text_of(p->kind[i]), name))
            return (kind_t)(KIND_LOCAL_FIRST + i);
    return KIND_NONE;
}

const char *law_kind_name(const struct law *law, kind_t kind)
{
    const struct edition_program *p = all_kinds(law);

    if (kind >= KIND_LOCAL_FIRST && (size_t)(kind - KIND_LOCAL_FIRST) < p->kinds)
        return p->kind[kind - KIND_LOCAL_FIRST];
    return kind_name(kind);
}

bool law_is_acknowledgement(const struct law *law, const struct fact *f) { return f->kind == law->known.alert_acknowledged; }
bool law_is_merger(const struct law *law, const struct fact *f) { return f->kind == law->known.merged && f->informs && !f->elsewhere; }
