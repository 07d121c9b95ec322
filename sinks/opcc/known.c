#include "sinks/opcc/known.h"
#include "sinks/opcc/holding.h"

#include <stdlib.h>

/* A law of the store: its own decoder, so that its texts stay; the rules of it as they are known over all laws. */
struct kept_law { struct wire *wire; struct compliance_row row; const struct rule_facts **rule; };

struct known {
    struct holding *holding;
    struct wire *wire, *drawn_wire;
    struct compliance_row drawn, row;
    struct kept_law *law;
    size_t laws;
    struct rule_facts **rule;
    size_t rules;
    const struct kept_law *last;                /* of the row before: mostly the same */
    const struct rule_facts *of_row[OWED_MAX];
    enum err (*visit_journey)(void *ctx, const struct journey_facts *j);
    enum err (*visit_crime)(void *ctx, const struct crime_facts *c);
    void *ctx;
};

/* ---- laws --------------------------------------------------------------------- */

static struct rule_facts *find_rule(struct known *k, const struct law_rule_row *r)
{
    for (size_t i = 0; i < k->rules; i++)
        if (text_same(k->rule[i]->words.id, r->id) && text_same(k->rule[i]->words.edition, r->edition))
            return k->rule[i];
    return NULL;
}

static enum err add_rule(struct known *k, const struct law_rule_row *r, struct rule_facts **ret)
{
    struct rule_facts **p = realloc(k->rule, (k->rules + 1) * sizeof *p), *fresh = calloc(1, sizeof *fresh);

    k->rule = p ? p : k->rule;
    if (!p || !fresh) {
        free(fresh);
        return E_MEMORY;
    }
    fresh->words = *r;
    fresh->index = (unsigned)k->rules;
    k->rule[k->rules++] = fresh;
    *ret = fresh;
    return E_OK;
}

static enum err intern(struct known *k, struct kept_law *law)
{
    struct rule_facts *r;
    enum err e;

    if (!(law->rule = calloc(law->row.law.rules ? law->row.law.rules : 1, sizeof *law->rule)))
        return E_MEMORY;
    for (uint32_t i = 0; i < law->row.law.rules; i++) {
        const struct law_rule_row *words = &law->row.law.rule[i];
        if (!(r = find_rule(k, words)) && (e = add_rule(k, words, &r)))
            return e;
        r->words = *words;                      /* laws come in order: the newest has the last word */
        law->rule[i] = r;
    }
    return E_OK;
}

static enum err take_law(void *ctx, struct bytes bytes)
{
    struct known *k = ctx;
    struct kept_law law = { NULL, { .what = ROW_NONE }, NULL }, *p;
    enum err e = wire_open(&law.wire);

    if (e || (e = wire_compliance_decode(law.wire, bytes.p, bytes.n, &law.row)) || law.row.what != ROW_LAW || law.row.law.number > k->drawn.drawn.record) {
        wire_close(&law.wire);
        return e ? e : law.row.what == ROW_LAW ? E_OK : E_CORRUPT;
    }
    if (!(p = realloc(k->law, (k->laws + 1) * sizeof *p))) {
        wire_close(&law.wire);
        return E_MEMORY;
    }
    k->law = p;
    k->law[k->laws] = law;
    return intern(k, &k->law[k->laws++]);
}

static const struct kept_law *law_numbered(struct known *k, uint64_t number)
{
    if (k->last && k->last->row.law.number == number)
        return k->last;
    for (size_t i = k->laws; i-- > 0;)
        if (k->law[i].row.law.number == number)
            return k->last = &k->law[i];
    return NULL;
}

/* ---- open and close ---------------------------------------------------------------- */

static enum err find_draw(struct known *k, struct instant known_at)
{
    struct bytes bytes;
    enum err e = holding_drawn(k->holding, known_at, &bytes);

    if (!e)
        e = wire_compliance_decode(k->drawn_wire, bytes.p, bytes.n, &k->drawn);
    return !e && k->drawn.what != ROW_DRAWN ? E_CORRUPT : e;
}

enum err known_open(const char *store, struct instant known_at, struct known **ret, struct why *why)
{
    struct known *k = calloc(1, sizeof *k);
    enum err e;

    if (!k)
        return E_MEMORY;
    if ((e = wire_open(&k->wire)) || (e = wire_open(&k->drawn_wire)) || (e = holding_open(store, true, &k->holding, why)) ||
        (e = holding_begin(k->holding)))
        goto fail;
    if ((e = find_draw(k, known_at)) == E_NOT_FOUND)
        why_set(why, "nothing was known %s: the first rows come at the end of the first local day", instant_is_set(known_at) ? "by then" : "yet");
    if (e || (e = holding_each_law(k->holding, take_law, k)))
        goto fail;
    if (!k->laws) {
        why_set(why, "%s has rows but no law they were judged by", store);
        e = E_CORRUPT;
        goto fail;
    }
    *ret = k;
    return E_OK;
fail:
    known_close(&k);
    return e;
}

void known_close(struct known **pk)
{
    struct known *k = *pk;

    if (!k)
        return;
    for (size_t i = 0; i < k->laws; i++) {
        wire_close(&k->law[i].wire);
        free(k->law[i].rule);
    }
    for (size_t i = 0; i < k->rules; i++)
        free(k->rule[i]);
    free(k->rule);
    free(k->law);
    if (k->holding)
        holding_end(k->holding);
    holding_close(&k->holding);
    wire_close(&k->wire);
    wire_close(&k->drawn_wire);
    free(k);
    *pk = NULL;
}

enum err known_day_end(const char *store, struct day day, struct instant *ret, struct why *why)
{
    struct instant at = { ((int64_t)day.n + 3) * 86400 };   /* in any zone after the day's end, and past a tick that came late */
    struct holding *h = NULL;
    struct wire *w = NULL;
    struct compliance_row row;
    struct bytes bytes;
    enum err e;

    if ((e = wire_open(&w)) || (e = holding_open(store, true, &h, why)) || (e = holding_begin(h)))
        goto out;
    while (!(e = holding_drawn(h, at, &bytes)) && !(e = wire_compliance_decode(w, bytes.p, bytes.n, &row)) && day_before(day, row.drawn.day))
        at = instant_add(row.drawn.tick, -1);
    if (!e)
        *ret = row.drawn.tick;
    else if (e == E_NOT_FOUND)
        why_set(why, "nothing was known by then");
    holding_end(h);
out:
    holding_close(&h);
    wire_close(&w);
    return e;
}

const struct drawn_row *known_drawn(const struct known *k) { return &k->drawn.drawn; }
const struct law_row *known_law(const struct known *k) { return &k->law[k->laws - 1].row.law; }
size_t known_rules(const struct known *k) { return k->rules; }
const struct rule_facts *known_rule(const struct known *k, size_t index) { return index < k->rules ? k->rule[index] : NULL; }

/* Weekdays in (from, to], less the bank holidays among them. */
int known_working_days(const struct known *k, struct day from, struct day to)
{
    const struct law_row *law = known_law(k);
    int days = 0, whole;

    if (!day_is_set(from) || !day_is_set(to) || !day_is_set(law->first_day) || day_before(from, law->first_day) || day_before(law->last_day, to))
        return -1;
    if (!day_before(from, to))
        return 0;
    whole = (to.n - from.n) / 7;
    days = whole * 5;
    for (struct day d = day_add(from, whole * 7 + 1); !day_before(to, d); d = day_add(d, 1))
        days += day_of_week(d) < 5;
    for (uint32_t i = 0; i < law->holidays; i++)
        days -= day_before(from, law->holiday[i]) && !day_before(to, law->holiday[i]) && day_of_week(law->holiday[i]) < 5;
    return days;
}

/* ---- the walk ---------------------------------------------------------------------------- */

static enum err see_journey(void *ctx, struct bytes bytes, struct instant at, uint64_t record)
{
    struct known *k = ctx;
    struct journey_row *row = &k->row.journey;
    const struct kept_law *law;
    struct journey_facts j = { .row = row, .rule = k->of_row };
    enum err e = wire_compliance_decode(k->wire, bytes.p, bytes.n, &k->row);

    if (e || k->row.what != ROW_JOURNEY)
        return e ? e : E_CORRUPT;
    row->known_at = at;
    row->record = record;
    if (!(law = law_numbered(k, row->law)))
        return E_CORRUPT;
    for (uint32_t i = 0; i < row->owed_count; i++) {
        if (row->owed[i].rule >= law->row.law.rules)
            return E_CORRUPT;
        k->of_row[i] = law->rule[row->owed[i].rule];
    }
    j.offence = offence_of(row->ho_class);
    j.gender = gender_of(row->gender);
    j.ethnicity = ethnicity_of(row->ethnicity);
    j.themes = themes_of(j.offence, row->markers, j.gender);
    return k->visit_journey(k->ctx, &j);
}

static enum err see_crime(void *ctx, struct bytes bytes, struct instant at, uint64_t record)
{
    struct known *k = ctx;
    struct crime_facts c = { .row = &k->row.crime };
    enum err e = wire_compliance_decode(k->wire, bytes.p, bytes.n, &k->row);

    if (e || k->row.what != ROW_CRIME)
        return e ? e : E_CORRUPT;
    k->row.crime.known_at = at;
    k->row.crime.record = record;
    c.offence = offence_of(c.row->ho_class);
    c.themes = themes_of(c.offence, c.row->markers, gender_of(c.row->gender));
    return k->visit_crime(k->ctx, &c);
}

enum err known_each_journey(struct known *k, enum err (*visit)(void *ctx, const struct journey_facts *j), void *ctx)
{
    k->visit_journey = visit;
    k->ctx = ctx;
    return holding_each(k->holding, ROW_JOURNEY, k->drawn.drawn.tick, see_journey, k);
}

enum err known_each_crime(struct known *k, enum err (*visit)(void *ctx, const struct crime_facts *c), void *ctx)
{
    k->visit_crime = visit;
    k->ctx = ctx;
    return holding_each(k->holding, ROW_CRIME, k->drawn.drawn.tick, see_crime, k);
}

const struct said *known_said(const struct journey_row *j, kind_t kind)
{
    for (uint32_t i = 0; i < j->said_count; i++)
        if (j->said[i].kind == kind)
            return &j->said[i];
    return NULL;
}
