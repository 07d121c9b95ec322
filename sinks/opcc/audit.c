#include "sinks/opcc/audit.h"

#include "sinks/opcc/part.h"

const char *question_key(enum question q)
{
    static const char *const key[] = {
#define X(name, asked, yes) #name,
        QUESTIONS(X)
#undef X
    };
    return key[q];
}

const char *question_asked(enum question q)
{
    static const char *const text[] = {
#define X(name, asked, yes) asked,
        QUESTIONS(X)
#undef X
    };
    return text[q];
}

const char *question_yes(enum question q)
{
    static const char *const text[] = {
#define X(name, asked, yes) yes,
        QUESTIONS(X)
#undef X
    };
    return text[q];
}

const char *answer_word(enum answer a)
{
    static const char *const word[] = { "yes", "late", "no", "not applicable", "not yet", "not known" };

    return word[a];
}

/* Was it done at all? */
static enum answer done(const struct owed *o)
{
    switch ((enum owed_state)o->state) {
    case OWED_MET: case OWED_MET_LATE:                      return ANSWER_YES;
    case OWED_MISSED: case OWED_BREACHED:                   return ANSWER_NO;
    case OWED_WAIVED: case OWED_NOT_APPLICABLE:             return ANSWER_NOT_APPLICABLE;
    case OWED_OPEN: case OWED_DEFERRED:                     return ANSWER_NOT_YET;
    case OWED_UNPROVEN: case OWED_NOT_EVIDENCED: case OWED_NOT_COMPUTABLE: case OWED_STATES: break;
    }
    return ANSWER_NOT_KNOWN;
}

static enum answer done_by_rule(const struct journey_facts *j, const char *rule)
{
    for (uint32_t i = 0; i < j->row->owed_count; i++)
        if (rule_is(j->rule[i], rule))
            return done(&j->row->owed[i]);
    return ANSWER_NOT_APPLICABLE;
}

/* Of several duties the worst answer counts; a yes needs one that was met. */
struct worst { bool yes, no, not_yet, not_known; };

static enum answer worst_of(const struct worst *w, enum answer none)
{
    return w->no ? ANSWER_NO : w->not_yet ? ANSWER_NOT_YET : w->not_known ? ANSWER_NOT_KNOWN : w->yes ? ANSWER_YES : none;
}

static void look(struct worst *w, enum answer a)
{
    w->yes |= a == ANSWER_YES;
    w->no |= a == ANSWER_NO;
    w->not_yet |= a == ANSWER_NOT_YET;
    w->not_known |= a == ANSWER_NOT_KNOWN;
}

static enum answer updates(const struct journey_facts *j)
{
    struct worst w = { false, false, false, false };

    for (uint32_t i = 0; i < j->row->owed_count; i++)
        if (rule_begins(j->rule[i], "R6-") && rule_is_code(j->rule[i]))
            look(&w, j->row->owed[i].state == OWED_MET_LATE ? ANSWER_NO : done(&j->row->owed[i]));
    /* One that is still open does not make the others untimely: what was due so far was in time. */
    return w.yes && !w.no ? ANSWER_YES : worst_of(&w, ANSWER_NOT_APPLICABLE);
}

static enum answer statement(const struct journey_facts *j)
{
    const struct journey_row *r = j->row;

    if (!(r->flags & VICTIM_CHARGED) && !day_is_set(r->concluded))
        return ANSWER_NOT_YET;
    return said_named(r, "vps-offered") || said_named(r, "vps-taken") || said_named(r, "vps-declined") ? ANSWER_YES : ANSWER_NO;
}

static enum answer referred(const struct journey_facts *j)
{
    for (uint32_t i = 0; i < j->row->owed_count; i++)
        if (rule_is(j->rule[i], "R4-REF"))
            return j->row->owed[i].state == OWED_MET_LATE ? ANSWER_LATE : done(&j->row->owed[i]);
    return ANSWER_NOT_APPLICABLE;
}

static bool is_of_the_end(const struct rule_facts *r)
{
    return rule_is(r, "R6-NFA") || rule_is(r, "R6-CLOSE") || rule_is(r, "R6-OOCD") || rule_is(r, "R6-CPSNO") || rule_begins(r, "R9-");
}

/* Of several ends, with several suspects or a case that was opened again, the last one counts. */
static enum answer end_told(const struct journey_facts *j)
{
    struct worst w = { false, false, false, false };
    const struct owed *last = NULL;

    for (uint32_t i = 0; i < j->row->owed_count; i++)
        if (is_of_the_end(j->rule[i]) && (!last || j->row->owed[i].started.n > last->started.n))
            last = &j->row->owed[i];
    for (uint32_t i = 0; i < j->row->owed_count; i++)
        if (is_of_the_end(j->rule[i]) && j->row->owed[i].started.n == last->started.n)
            look(&w, done(&j->row->owed[i]));
    return worst_of(&w, day_is_set(j->row->concluded) ? ANSWER_NOT_APPLICABLE : ANSWER_NOT_YET);
}

enum answer audit_answer(const struct journey_facts *j, enum question q)
{
    switch (q) {
    case QUESTION_ACKNOWLEDGED: return done_by_rule(j, "R3-ACK");
    case QUESTION_UPDATES:      return updates(j);
    case QUESTION_STATEMENT:    return statement(j);
    case QUESTION_REFERRED:     return referred(j);
    case QUESTION_CODE:         return done_by_rule(j, "R3-INFO");
    case QUESTION_END:          return end_told(j);
    case QUESTIONS_COUNT:       break;
    }
    return ANSWER_NOT_KNOWN;
}
