#include "sinks/oic/view.h"

#include "core/hash.h"
#include "sinks/oic/wording.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- names ---------------------------------------------------------------------------------------- */

enum { SCOPE_message, SCOPE_journey, SCOPE_entry, SCOPES };

#define IN(scope, wanted, ...) IN_##scope##_##wanted(__VA_ARGS__)
#define IN_message_message(...) __VA_ARGS__
#define IN_message_journey(...)
#define IN_message_entry(...)
#define IN_journey_message(...)
#define IN_journey_journey(...) __VA_ARGS__
#define IN_journey_entry(...)
#define IN_entry_message(...)
#define IN_entry_journey(...)
#define IN_entry_entry(...) __VA_ARGS__

#define NAME(scope, name, kind, opens, help) IN(scope, message, { #name, MUSTACHE_##kind, opens, help },)
static const struct mustache_name message_names[] = {
#include "sinks/oic/wording.def"
};
#undef NAME
#define NAME(scope, name, kind, opens, help) IN(scope, journey, { #name, MUSTACHE_##kind, opens, help },)
static const struct mustache_name journey_names[] = {
#include "sinks/oic/wording.def"
};
#undef NAME
#define NAME(scope, name, kind, opens, help) IN(scope, entry, { #name, MUSTACHE_##kind, opens, help },)
static const struct mustache_name entry_names[] = {
#include "sinks/oic/wording.def"
};
#undef NAME

/* Where each value stands in its item. */
#define NAME(scope, name, kind, opens, help) IN(scope, message, M_##name,)
enum {
#include "sinks/oic/wording.def"
    M_COUNT
};
#undef NAME
#define NAME(scope, name, kind, opens, help) IN(scope, journey, J_##name,)
enum {
#include "sinks/oic/wording.def"
    J_COUNT
};
#undef NAME
#define NAME(scope, name, kind, opens, help) IN(scope, entry, E_##name,)
enum {
#include "sinks/oic/wording.def"
    E_NAMES
};
#undef NAME
_Static_assert((int)M_COUNT <= MUSTACHE_NAMES_MAX, "an item has room for its values");
_Static_assert((int)J_COUNT <= MUSTACHE_NAMES_MAX && (int)E_NAMES <= MUSTACHE_NAMES_MAX, "an item has room for its values");
_Static_assert(M_journeys == M_COUNT - 1, "the list is the last name, so that a subject can go without it");

const struct mustache_scope view_scopes[SCOPES] = {
    { "a message", message_names, M_COUNT }, { "a journey", journey_names, J_COUNT }, { "an entry", entry_names, E_NAMES },
};
const struct mustache_scope view_scopes_of_subject[] = { { "a subject", message_names, M_COUNT - 1 } };
const size_t view_scope_count = SCOPES;

void wording_print_names(FILE *f)
{
    for (int s = 0; s < SCOPES; s++) {
        fprintf(f, "%sOf %s:\n", s ? "\n" : "", view_scopes[s].what);
        for (size_t i = 0; i < view_scopes[s].count; i++) {
            const struct mustache_name *n = &view_scopes[s].name[i];
            char tag[80];
            if (n->kind == MUSTACHE_TEXT)
                snprintf(tag, sizeof tag, "{{%s}}", n->name);
            else
                snprintf(tag, sizeof tag, "{{#%s}} {{/%s}}", n->name, n->name);
            fprintf(f, "  %-28s %s\n", tag, n->help);
        }
    }
}

/* ---- words made for one message ---------------------------------------------------------------------- */

enum { CHUNK_BYTES = 64 * 1024 };
struct view_chunk { struct view_chunk *next; size_t used, cap; char p[]; };

static char *take(struct view *v, size_t n)
{
    struct view_chunk *c = v->chunk;

    if (!c || c->cap - c->used < n) {
        size_t cap = n > CHUNK_BYTES ? n : CHUNK_BYTES;
        if (!(c = malloc(sizeof *c + cap))) {
            v->failed = true;
            return NULL;
        }
        *c = (struct view_chunk){ .next = v->chunk, .cap = cap };
        v->chunk = c;
    }
    c->used += n;
    return c->p + c->used - n;
}

PRINTF(2, 3)
static struct text say(struct view *v, const char *fmt, ...)
{
    char buf[4096], *p;
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(buf, sizeof buf, fmt, ap);
    va_end(ap);
    if (n < 0)
        return (struct text){ NULL, 0 };
    if (n >= (int)sizeof buf)
        n = sizeof buf - 1;
    if (!(p = take(v, (size_t)n)))
        return (struct text){ NULL, 0 };
    memcpy(p, buf, (size_t)n);
    return (struct text){ p, (uint32_t)n };
}

static const char *const weekday[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
static const char *const month[] = { "January", "February", "March", "April", "May", "June",
                                     "July", "August", "September", "October", "November", "December" };

void view_day(struct day d, bool with_year, char ret[32])
{
    int y, m, mday;

    day_to_ymd(d, &y, &m, &mday);
    if (with_year)
        snprintf(ret, 32, "%s %d %s %d", weekday[day_of_week(d)], mday, month[m - 1], y);
    else
        snprintf(ret, 32, "%s %d %s", weekday[day_of_week(d)], mday, month[m - 1]);
}

static struct day local_day(struct instant t, int32_t offset)
{
    int64_t s = t.s + offset, days = s / 86400;

    return (struct day){ (int32_t)(days - (s % 86400 < 0)) };
}

static void local_clock(struct instant t, int32_t offset, char ret[8])
{
    int minute = (int)((((t.s + offset) % 86400) + 86400) % 86400 / 60);

    snprintf(ret, 8, "%02d:%02d", minute / 60, minute % 60);
}

static struct text day_words(struct view *v, struct text date, bool with_year)
{
    struct day d;
    char words[32];

    if (!date.n || day_parse(date.p, date.n, &d))
        return (struct text){ NULL, 0 };
    view_day(d, with_year, words);
    return say(v, "%s", words);
}

/* "by the end of Thu 12 March 2026", "by 17:00 on Thu 12 March 2026" */
static struct text due_words(struct view *v, const struct notice *n)
{
    struct text day = day_words(v, n->due_date, true);

    if (!day.n)
        return day;
    if (n->due_time.n)
        return say(v, "by " TEXT_FMT " on " TEXT_FMT, TEXT_ARG(n->due_time), TEXT_ARG(day));
    return say(v, "by the end of " TEXT_FMT, TEXT_ARG(day));
}

static struct text when_words(struct view *v, struct instant t, int32_t offset)
{
    char day[32], clock[8];

    view_day(local_day(t, offset), true, day);
    local_clock(t, offset, clock);
    return say(v, "%s at %s", day, clock);
}

/* ---- entries --------------------------------------------------------------------------------------------- */

enum tone { TONE_ACT_NOW, TONE_SOON, TONE_UNSURE, TONE_SETTLED, TONE_CHANGED };
static const struct { enum level level; enum tone tone; const char *words; } looks[] = {
    { LEVEL_AT_START, TONE_ACT_NOW, "To do now" },
    { LEVEL_DUE_SOON, TONE_SOON, "Due soon" },
    { LEVEL_BREACHED, TONE_ACT_NOW, "Missed" },
    { LEVEL_OUTSTANDING, TONE_ACT_NOW, "Still not done" },
    { LEVEL_UNPROVEN, TONE_UNSURE, "Not proven" },
    { LEVEL_MET_LATE, TONE_SETTLED, "Done late" },
    { LEVEL_WITHDRAWN, TONE_SETTLED, "Taken back" },
    { LEVEL_AMENDED, TONE_CHANGED, "Date moved" },
    { LEVEL_NOT_COMPUTABLE, TONE_UNSURE, "No date yet" },
    { LEVEL_MET, TONE_SETTLED, "Done" },
    { LEVEL_WAIVED, TONE_SETTLED, "Declined" },
    { LEVEL_MISSED, TONE_SETTLED, "Closed, missed" },
    { LEVEL_NOT_APPLICABLE, TONE_SETTLED, "Not owed" },
    { LEVEL_NOT_EVIDENCED, TONE_UNSURE, "Not evidenced" },
};

static size_t look_of(const struct notice *n)
{
    for (size_t i = 0; i < sizeof looks / sizeof *looks; i++)
        if (looks[i].level == n->level)
            return i;
    return 1;
}

/* A date that moved asks for something only if there is a date. */
static enum tone tone_of(const struct notice *n)
{
    enum tone t = looks[look_of(n)].tone;

    return t == TONE_CHANGED ? n->due_date.n ? TONE_SOON : TONE_SETTLED : t;
}

static bool is_open(enum tone t) { return t != TONE_SETTLED; }

/* Days from the message's local day to the last day; INT32_MIN if there is none. */
static int32_t days_to(const struct message *m, const struct notice *n)
{
    struct day due;

    if (!n->due_date.n || day_parse(n->due_date.p, n->due_date.n, &due))
        return INT32_MIN;
    return due.n - local_day(m->as_of, m->offset).n;
}

static struct text left_words(struct view *v, const struct message *m, const struct notice *n)
{
    int32_t days = days_to(m, n);

    if (days < 0)
        return (struct text){ NULL, 0 };
    if (days == 0)
        return TEXT("Today is the last day");
    /* Counted when it was raised: the same figure only on the same day. */
    if (n->has_working_days_left && day_same(local_day(n->raised_at, n->raised_offset), local_day(m->as_of, m->offset)))
        return n->working_days_left == 1 ? TEXT("1 working day left") : say(v, "%d working days left", (int)n->working_days_left);
    return days == 1 ? TEXT("Tomorrow is the last day") : say(v, "%d days left", (int)days);
}

static struct text status_words(struct view *v, const struct notice *n, struct text due)
{
    struct text done = instant_is_set(n->occurred_at) ? when_words(v, n->occurred_at, n->occurred_offset) : (struct text){ NULL, 0 };

    switch (n->level) {
    case LEVEL_AT_START:
        return due.n ? say(v, "Please do this now, whatever the limit: it keeps someone safe. Due " TEXT_FMT ".", TEXT_ARG(due))
                     : TEXT("Please do this now: it keeps someone safe.");
    case LEVEL_BREACHED:
        return say(v, "Was due " TEXT_FMT ", and is not recorded as done.", TEXT_ARG(due));
    case LEVEL_OUTSTANDING:
        return say(v, "Was due " TEXT_FMT ", and is still not recorded as done (reminder %u).", TEXT_ARG(due), n->step);
    case LEVEL_UNPROVEN:
        return say(v, "Was due " TEXT_FMT ". Whether it was done is not known: its source has been silent since, "
                      "or a row about it could not be read.", TEXT_ARG(due));
    case LEVEL_MET_LATE:
        return done.n ? say(v, "Was due " TEXT_FMT "; done on " TEXT_FMT ". Nothing is left to do.", TEXT_ARG(due), TEXT_ARG(done))
                      : say(v, "Was due " TEXT_FMT "; done late. Nothing is left to do.", TEXT_ARG(due));
    case LEVEL_WITHDRAWN: case LEVEL_MET:
        return done.n ? say(v, "Recorded as done on " TEXT_FMT ", in time. Nothing is left to do.", TEXT_ARG(done))
                      : TEXT("The record was corrected: nothing is owed here.");
    case LEVEL_AMENDED:
        return due.n ? say(v, "The date has moved: now due " TEXT_FMT ".", TEXT_ARG(due)) : TEXT("Nothing is to be done at present.");
    case LEVEL_NOT_COMPUTABLE:
        return TEXT("The calendar of bank holidays does not reach that far. It has to be renewed before a date can be said.");
    case LEVEL_WAIVED:
        return TEXT("The victim declined this. Nothing is left to do.");
    case LEVEL_MISSED:
        return say(v, "Was due " TEXT_FMT ", and ended without being done. Nothing is left to do.", TEXT_ARG(due));
    case LEVEL_NOT_APPLICABLE:
        return TEXT("Nothing is owed here any more.");
    case LEVEL_NOT_EVIDENCED:
        return TEXT("When the unit that owes this heard of it is not recorded, so it cannot be judged.");
    default:
        return due.n ? say(v, "Due " TEXT_FMT ".", TEXT_ARG(due)) : TEXT("Due; the date is not known.");
    }
}

/* "5 working days from Tue 31 March 2026. Counted: Wed 1 ...", "began Thu 2 April 2026; limit: the date in the event." */
static struct text why_words(struct view *v, const struct notice *n)
{
    struct text start = day_words(v, n->start_date, true);
    bool is_counted = n->limit.n && n->limit.p[0] >= '0' && n->limit.p[0] <= '9';

    if (!n->limit.n)
        return (struct text){ NULL, 0 };
    if (!is_counted)
        return say(v, "%s" TEXT_FMT "%s" TEXT_FMT ".", start.n ? "began " : "", TEXT_ARG(start), start.n ? "; limit: " : "limit: ", TEXT_ARG(n->limit));
    return say(v, TEXT_FMT "%s" TEXT_FMT ".%s" TEXT_FMT "%s", TEXT_ARG(n->limit), start.n ? " from " : "", TEXT_ARG(start),
               n->days.n ? " " : "", TEXT_ARG(n->days), n->days.n ? "." : "");
}

static struct text standard_words(const struct notice *n)
{
    return text_same(n->basis, TEXT("statute")) ? TEXT("A standard set by statute") :
           text_same(n->basis, TEXT("agreement")) ? TEXT("An agreed standard") : TEXT("A local standard");
}

static void set(struct mustache_item *i, unsigned at, struct text t) { i->value[at].text = t; }
static void set_flag(struct mustache_item *i, unsigned at, bool is_set) { i->value[at].text = is_set ? TEXT("yes") : (struct text){ NULL, 0 }; }

static void make_entry(struct view *v, const struct message *m, const struct notice *n, struct mustache_item *i)
{
    enum tone tone = tone_of(n);
    bool is_right = text_same(n->basis, TEXT("code")) && n->right.n && !text_same(n->right, TEXT("-"));
    struct text due = due_words(v, n);
    char id[NOTICE_ID_BYTES * 2 + 1];

    memset(i, 0, sizeof *i);
    hash_hex(n->notice_id, NOTICE_ID_BYTES, id);
    set(i, E_level, text_of(looks[look_of(n)].words));
    set_flag(i, E_act_now, tone == TONE_ACT_NOW);
    set_flag(i, E_soon, tone == TONE_SOON);
    set_flag(i, E_unsure, tone == TONE_UNSURE);
    set_flag(i, E_settled, tone == TONE_SETTLED);
    set(i, E_title, n->title);
    if (is_right)
        set(i, E_right, say(v, "Right " TEXT_FMT, TEXT_ARG(n->right)));
    else
        set(i, E_standard, standard_words(n));
    set(i, E_status, status_words(v, n, due));
    set(i, E_due, due);
    set(i, E_rule, n->rule);
    set(i, E_notice, say(v, "%s", id));
    set(i, E_why, why_words(v, n));
    if (!is_open(tone))
        return;
    set(i, E_left, left_words(v, m, n));
    set(i, E_todo, n->what_to_do);
    set(i, E_record, n->how_to_record);
}

/* ---- the message -------------------------------------------------------------------------------------------- */

static const struct text safe_contact =
    TEXT("Before any contact: check the safe-contact plan in CONNECT first. Do not write, text or leave a message unless it allows.");

static struct text first_due(struct view *v, const struct message *m)
{
    const struct notice *first = NULL;
    int32_t days;
    char day[32];
    struct day d;

    for (size_t i = 0; i < m->count; i++)
        if (tone_of(m->entry[i]) == TONE_SOON && m->entry[i]->due_date.n && (!first || instant_before(m->entry[i]->due, first->due)))
            first = m->entry[i];
    if (!first || day_parse(first->due_date.p, first->due_date.n, &d))
        return (struct text){ NULL, 0 };
    days = days_to(m, first);
    view_day(d, false, day);
    return days == 0 ? TEXT("today") : days == 1 ? TEXT("tomorrow") : say(v, "on %s", day);
}

/* "2 missed, 1 to do now, 3 due soon" */
static struct text heading(struct view *v, const struct message *m)
{
    struct { size_t count; const char *words; } part[] = {
        { 0, "to do now" }, { 0, "missed" }, { 0, "due soon" }, { 0, "to be looked into" }, { 0, "moved" }, { 0, "settled" },
    };
    struct text ret = { NULL, 0 }, first;

    for (size_t i = 0; i < m->count; i++) {
        const struct notice *n = m->entry[i];
        switch (tone_of(n)) {
        case TONE_ACT_NOW: part[n->level == LEVEL_AT_START ? 0 : 1].count++; break;
        case TONE_SOON: case TONE_CHANGED: part[n->level == LEVEL_AMENDED ? 4 : 2].count++; break;
        case TONE_UNSURE: part[3].count++; break;
        case TONE_SETTLED: part[5].count++; break;
        }
    }
    for (size_t i = 0; i < sizeof part / sizeof *part; i++)
        if (part[i].count)
            ret = say(v, TEXT_FMT "%s%zu %s", TEXT_ARG(ret), ret.n ? ", " : "", part[i].count, part[i].words);
    first = first_due(v, m);
    if (m->kind == MESSAGE_DIGEST && first.n)
        ret = say(v, TEXT_FMT "%s" TEXT_FMT, TEXT_ARG(ret), m->count == 1 ? ", " : ", the first ", TEXT_ARG(first));
    return ret;
}

static bool same_journey(const struct notice *a, const struct notice *b)
{
    return text_same(a->crime_ref, b->crime_ref) && text_same(a->victim_ref, b->victim_ref);
}

/* Is it said to the officer it is about? Then their number need not stand on every journey. */
static bool is_their_own(const struct message *m, const struct notice *n)
{
    return n->officer.n && ((m->name.n && memmem(m->name.p, m->name.n, n->officer.p, n->officer.n)) ||
                            memmem(m->to.p, m->to.n, n->officer.p, n->officer.n));
}

static void make_journey(struct view *v, const struct message *m, const struct notice *n, struct mustache_item *i)
{
    memset(i, 0, sizeof *i);
    set(i, J_crime, n->crime_ref);
    set(i, J_journey, n->crime_ref);
    if (n->victim_no) {
        set(i, J_victim, say(v, "%u", n->victim_no));
        set(i, J_journey, say(v, TEXT_FMT ", victim %u", TEXT_ARG(n->crime_ref), n->victim_no));
    }
    if (!is_their_own(m, n)) {
        set(i, J_officer, n->officer);
        set(i, J_team, n->team);
    }
}

static enum err make_room(struct view *v, size_t count)
{
    if (v->entries_cap < count) {
        free(v->entry);
        free(v->journey);
        v->entry = malloc(count * sizeof *v->entry);
        v->journey = malloc(count * sizeof *v->journey);
        v->entries_cap = v->entry && v->journey ? count : 0;
    }
    return v->entries_cap < count ? E_MEMORY : E_OK;
}

static void empty(struct view *v)
{
    for (struct view_chunk *c = v->chunk, *next; c; c = next) {
        next = c->next;
        free(c);
    }
    v->chunk = NULL;
    v->failed = false;
}

enum err view_make(struct view *v, const struct message *m)
{
    struct mustache_item *root = &v->root;
    char day[32], clock[8];
    bool asks = false;
    enum err e;

    empty(v);
    if ((e = make_room(v, m->count)))
        return e;
    memset(root, 0, sizeof *root);
    v->journeys = 0;
    for (size_t i = 0; i < m->count; i++) {
        const struct notice *n = m->entry[i];
        if (i == 0 || !same_journey(n, m->entry[i - 1])) {
            make_journey(v, m, n, &v->journey[v->journeys]);
            v->journey[v->journeys++].value[J_entries].item = &v->entry[i];
        }
        v->journey[v->journeys - 1].value[J_entries].count++;
        make_entry(v, m, n, &v->entry[i]);
        asks = asks || is_open(tone_of(n));
    }
    view_day(local_day(m->as_of, m->offset), true, day);
    local_clock(m->as_of, m->offset, clock);
    set(root, M_heading, heading(v, m));
    set(root, M_name, m->name);
    set(root, M_beside, m->beside);
    set(root, M_as_of, say(v, "%s on %s", clock, day));
    set(root, M_as_of_clock, say(v, "%s", clock));
    if (asks)
        set(root, M_safe_contact, safe_contact);
    set(root, M_count, say(v, "%zu", m->count));
    if (m->more)
        set(root, M_more, say(v, "%u", m->more));
    set_flag(root, M_alert, m->kind == MESSAGE_ALERT);
    set_flag(root, M_digest, m->kind == MESSAGE_DIGEST);
    set_flag(root, M_follow_up, m->kind == MESSAGE_FOLLOW_UP);
    set_flag(root, M_handover, m->kind == MESSAGE_HANDOVER);
    set_flag(root, M_opening, m->kind == MESSAGE_OPENING);
    root->value[M_journeys].item = v->journey;
    root->value[M_journeys].count = v->journeys;
    return v->failed ? E_MEMORY : E_OK;
}

/* ---- JSON ----------------------------------------------------------------------------------------------------- */

static void id_member(struct json_out *o, const char *key, const uint8_t id[NOTICE_ID_BYTES])
{
    char hex[NOTICE_ID_BYTES * 2 + 1];

    hash_hex(id, NOTICE_ID_BYTES, hex);
    json_put_text(o, key, text_of(hex));
}

static void entry_json(struct json_out *o, const struct mustache_item *i, const struct notice *n)
{
    json_out_object(o);
    id_member(o, "notice_id", n->notice_id);
    id_member(o, "obligation_id", n->obligation_id);
    json_put_text(o, "level", text_of(level_name(n->level)));
    json_put_text(o, "rule", n->rule);
    if (i->value[E_right].text.n)
        json_put_text(o, "right", n->right);
    json_put_text(o, "standard", i->value[E_standard].text);
    json_put_text(o, "title", n->title);
    json_put_text(o, "crime_ref", n->crime_ref);
    if (n->victim_no)
        json_put_number(o, "victim_no", n->victim_no);
    json_put_text(o, "officer", n->officer);
    json_put_text(o, "team", n->team);
    json_put_time(o, "due", n->due);
    json_put_text(o, "due_date", n->due_date);
    json_put_text(o, "due_time", n->due_time);
    json_put_time(o, "raised_at", n->raised_at);
    json_put_time(o, "done_at", n->occurred_at);
    json_put_text(o, "status", i->value[E_status].text);
    json_put_text(o, "left", i->value[E_left].text);
    json_put_text(o, "todo", i->value[E_todo].text);
    json_put_text(o, "record", i->value[E_record].text);
    json_put_text(o, "why", i->value[E_why].text);
    json_out_end(o);
}

void view_json(const struct view *v, struct json_out *o, const struct message *m, struct text subject)
{
    json_out_object(o);
    id_member(o, "id", m->id);
    if (message_follows(m))
        id_member(o, "follows", m->thread);
    json_put_text(o, "kind", text_of(message_kind_name(m->kind)));
    json_put_text(o, "to", m->to);
    json_put_text(o, "name", m->name);
    json_put_text(o, "beside", m->beside);
    json_put_time(o, "as_of", m->as_of);
    json_put_text(o, "subject", subject);
    json_put_text(o, "safe_contact", v->root.value[M_safe_contact].text);
    if (m->more)
        json_put_number(o, "more", m->more);
    json_out_key(o, "entries");
    json_out_array(o);
    for (size_t i = 0; i < m->count; i++)
        entry_json(o, &v->entry[i], m->entry[i]);
    json_out_end(o);
    json_out_end(o);
}

void view_fini(struct view *v)
{
    empty(v);
    free(v->journey);
    free(v->entry);
    *v = (struct view){ .journeys = 0 };
}

const char *message_kind_name(enum message_kind k)
{
    static const char *const name[MESSAGE_KINDS] = { "alert", "digest", "follow-up", "handover", "opening" };

    return (unsigned)k < MESSAGE_KINDS ? name[k] : "?";
}
