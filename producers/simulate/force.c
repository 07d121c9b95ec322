#include "producers/simulate/force.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    CRIMES_A_POST_A_YEAR = 130, TEAM_POSTS = 12, POSTS_MAX = 20000, COLLAR_FIRST = 20100, COLLARS = 79000,
    LEAVES_A_YEAR = 3, SHIFT_DAYS = 10, SHIFT_GROUPS = 5, DAYS_BEFORE = 40, HOUR = 3600,
};

static const struct { const char *name; uint16_t share; } areas[] = {
#define AREA(name, share) { name, share },
#include "producers/simulate/places.def"
#undef AREA
};
enum { AREAS = sizeof areas / sizeof *areas };
_Static_assert(AREAS <= 64, "first_of_kind has room");

static const struct { const char *name; unsigned share; } kinds[TEAM_KINDS] = {
    [TEAM_RESPONSE] = { "Response", 38 },
    [TEAM_INVESTIGATIONS] = { "Investigations", 28 },
    [TEAM_PROTECTION] = { "Public Protection", 20 },
    [TEAM_NEIGHBOURHOOD] = { "Neighbourhood", 14 },
};

/* Days in a post: some leave within weeks, most stay for years. */
static const struct spread tenure_days = { { 20, 150, 400, 900, 1800, 3000, 5000 } };

size_t force_areas(void) { return AREAS; }
const char *force_area_name(size_t area) { return areas[area].name; }

size_t force_pick_area(struct draws *d)
{
    uint16_t weight[AREAS];

    for (size_t i = 0; i < AREAS; i++)
        weight[i] = areas[i].share;
    return draws_pick(d, weight, AREAS);
}

static enum err add_officer(struct force *f, uint32_t post, struct day from, struct day until)
{
    struct officer *more;

    if (f->officers == f->cap) {
        f->cap = f->cap ? 2 * f->cap : 1024;
        if (!(more = realloc(f->officer, f->cap * sizeof *more)))
            return E_MEMORY;
        f->officer = more;
    }
    f->officer[f->officers] = (struct officer){ post, COLLAR_FIRST + f->officers % COLLARS, from, until };
    f->officers++;
    return E_OK;
}

/* One after the other, the first already in post for a while when it all begins. */
static enum err staff_post(struct force *f, uint32_t post, struct day from, struct day until)
{
    struct draws d = draws_of(f->seed, "tenure", post);
    struct day day = day_add(from, -DAYS_BEFORE);
    int first = draws_spread(&d, &tenure_days);
    enum err e;

    f->post[post].first_officer = f->officers;
    for (int stays = 1 + (int)draws_below(&d, (uint32_t)first); day_before(day, until); stays = draws_spread(&d, &tenure_days)) {
        if ((e = add_officer(f, post, day, day_add(day, stays))))
            return e;
        f->post[post].officers++;
        day = day_add(day, stays);
    }
    return E_OK;
}

static uint32_t posts_of(uint64_t posts, size_t area, enum team_kind kind)
{
    uint64_t n = posts * areas[area].share * kinds[kind].share / 10000;

    return n < 3 ? 3 : (uint32_t)n;
}

static void name_team(struct team *t, uint32_t number, uint32_t of)
{
    if (of == 1)
        snprintf(t->name, sizeof t->name, "%s %s", areas[t->area].name, kinds[t->kind].name);
    else
        snprintf(t->name, sizeof t->name, "%s %s %u", areas[t->area].name, kinds[t->kind].name, number + 1);
}

static void make_teams(struct force *f, size_t area, enum team_kind kind, uint32_t posts)
{
    uint32_t teams = (posts + TEAM_POSTS - 1) / TEAM_POSTS;

    f->first_of_kind[area][kind] = f->teams;
    f->of_kind[area][kind] = teams;
    for (uint32_t i = 0; i < teams; i++) {
        struct team *t = &f->team[f->teams];
        uint32_t size = posts / teams + (i < posts % teams);
        *t = (struct team){ .area = (uint16_t)area, .kind = kind, .first_post = f->posts, .posts = size };
        name_team(t, i, teams);
        for (uint32_t p = 0; p < size; p++)
            f->post[f->posts++].team = f->teams;
        f->teams++;
    }
}

enum err force_init(struct force *f, uint64_t seed, uint64_t crimes_a_year, struct day from, struct day until)
{
    uint64_t wanted = crimes_a_year / CRIMES_A_POST_A_YEAR;
    size_t most;
    enum err e = E_MEMORY;

    if (wanted > POSTS_MAX)
        wanted = POSTS_MAX;
    most = (size_t)wanted + (size_t)AREAS * TEAM_KINDS * 3;
    *f = (struct force){ .seed = seed };
    if (!(f->team = calloc(most, sizeof *f->team)) || !(f->post = calloc(most, sizeof *f->post)))
        goto fail;
    for (size_t a = 0; a < AREAS; a++)
        for (enum team_kind k = 0; k < TEAM_KINDS; k++)
            make_teams(f, a, k, posts_of(wanted, a, k));
    assert(f->posts <= most);
    for (uint32_t p = 0; p < f->posts; p++)
        if ((e = staff_post(f, p, from, until)))
            goto fail;
    return E_OK;
fail:
    force_fini(f);
    return e;
}

void force_fini(struct force *f)
{
    free(f->team);
    free(f->post);
    free(f->officer);
    *f = (struct force){ 0 };
}

uint32_t force_pick_team(const struct force *f, struct draws *d, size_t area, enum team_kind kind)
{
    return f->first_of_kind[area][kind] + draws_below(d, f->of_kind[area][kind]);
}

uint32_t force_pick_post(const struct force *f, struct draws *d, uint32_t team)
{
    const struct team *t = &f->team[team];

    return t->first_post + 1 + draws_below(d, t->posts - 1);
}

uint32_t force_sergeant(const struct force *f, uint32_t team) { return f->team[team].first_post; }

uint32_t force_holder(const struct force *f, uint32_t post, struct day day)
{
    const struct post *p = &f->post[post];
    uint32_t last = p->first_officer + p->officers - 1, i = p->first_officer;

    while (i < last && !day_before(day, f->officer[i].until))
        i++;
    return i;
}

bool force_leave(const struct force *f, uint32_t officer, int year, int number, struct day *ret_from, struct day *ret_until)
{
    struct draws d;

    if (number >= LEAVES_A_YEAR)
        return false;
    d = draws_of(f->seed, "leave", ((uint64_t)officer * 4096 + (unsigned)year) * LEAVES_A_YEAR + (unsigned)number);
    *ret_from = day_add(day_from_ymd(year, 1, 1), number * 365 / LEAVES_A_YEAR + (int)draws_below(&d, 100));
    *ret_until = day_add(*ret_from, draws_between(&d, 5, 15));
    return true;
}

static bool is_on_leave(const struct force *f, uint32_t officer, struct day day)
{
    struct day from, until;
    int year, month, mday;

    day_to_ymd(day, &year, &month, &mday);
    for (int i = 0; force_leave(f, officer, year, i, &from, &until); i++)
        if (!day_before(day, from) && day_before(day, until))
            return true;
    return false;
}

/* Response works round the clock: two early shifts, two late, two nights, four days off. The others work days,
 * one weekend in five. */
static bool is_on_shift(const struct force *f, uint32_t post, struct day day, int clock)
{
    enum team_kind kind = f->team[f->post[post].team].kind;
    unsigned group = post % SHIFT_GROUPS;
    unsigned place = ((unsigned)day.n + 2 * group) % SHIFT_DAYS;

    if (kind == TEAM_RESPONSE) {
        if (place >= 6)
            return false;
        return place < 2 ? clock >= 7 * HOUR && clock < 16 * HOUR :
               place < 4 ? clock >= 14 * HOUR && clock < 23 * HOUR : clock >= 22 * HOUR || clock < 7 * HOUR;
    }
    if (day_of_week(day) >= 5 && ((unsigned)day.n / 7) % SHIFT_GROUPS != group)
        return false;
    return clock >= 8 * HOUR && clock < 21 * HOUR;
}

bool force_is_on_duty(const struct force *f, uint32_t officer, struct day day, int clock)
{
    const struct officer *o = &f->officer[officer];

    return !day_before(day, o->from) && day_before(day, o->until) && is_on_shift(f, o->post, day, clock) &&
           !is_on_leave(f, officer, day);
}

uint32_t force_who_acts(const struct force *f, struct draws *d, uint32_t post, struct day day, int clock)
{
    const struct team *t = &f->team[f->post[post].team];
    uint32_t holder = force_holder(f, post, day), at = draws_below(d, t->posts);

    if (force_is_on_duty(f, holder, day, clock))
        return holder;
    for (uint32_t i = 0; i < t->posts; i++) {
        uint32_t other = force_holder(f, t->first_post + (at + i) % t->posts, day);
        if (force_is_on_duty(f, other, day, clock))
            return other;
    }
    return holder;
}

static void print_away(FILE *out, bool *is_more, struct day from, struct day until)
{
    char a[11], b[11];

    if (!day_before(from, until))
        return;
    day_format(from, a);
    day_format(day_add(until, -1), b);
    fprintf(out, "%s%s..%s", *is_more ? ";" : "", a, b);
    *is_more = true;
}

static struct day later(struct day a, struct day b) { return day_before(a, b) ? b : a; }
static struct day earlier(struct day a, struct day b) { return day_before(a, b) ? a : b; }

/* On leave; and before joining and after leaving the force. */
static void print_absences(const struct force *f, uint32_t officer, struct day from, struct day until, FILE *out)
{
    const struct officer *o = &f->officer[officer];
    struct day first, last;
    int year, end, month, mday;
    bool is_more = false;

    print_away(out, &is_more, from, earlier(o->from, until));
    day_to_ymd(from, &year, &month, &mday);
    day_to_ymd(until, &end, &month, &mday);
    for (; year <= end; year++)
        for (int i = 0; force_leave(f, officer, year, i, &first, &last); i++)
            print_away(out, &is_more, later(first, later(from, o->from)), earlier(last, earlier(until, o->until)));
    print_away(out, &is_more, later(o->until, from), until);
}

void force_print_directory(const struct force *f, struct day from, struct day until, FILE *out)
{
    fputs("collar,address,name,supervisor,team,away\r\n", out);
    for (uint32_t i = 0; i < f->officers; i++) {
        const struct officer *o = &f->officer[i];
        uint32_t team = f->post[o->post].team, sergeant = force_sergeant(f, team);
        if (!day_before(from, o->until) || !day_before(o->from, until))
            continue;
        fprintf(out, "%u,%u@force.example,%s %u,%u,%s,", o->collar, o->collar, o->post == sergeant ? "PS" : "PC", o->collar,
                f->officer[force_holder(f, sergeant, later(o->from, from))].collar, f->team[team].name);
        print_absences(f, i, from, until, out);
        fputs("\r\n", out);
    }
}

static void print_inbox(const char *name, FILE *out)
{
    for (; *name; name++)
        fputc(*name == ' ' ? '-' : *name >= 'A' && *name <= 'Z' ? *name - 'A' + 'a' : *name, out);
    fputs("@force.example", out);
}

void force_print_settings(const struct force *f, struct day go_live, FILE *out)
{
    char day[11];

    day_format(go_live, day);
    fputs("# Officer alerts of a force that does not exist; docs/alerts.md explains every line.\n"
          "data: oic-data\nofficers: directory.csv\ndomains: [force.example]\n"
          "force_inbox: victims-code@force.example\nlead: victims-code-lead@force.example\n"
          "data_protection_officer: data-protection@force.example\nwitness_care: witness-care@force.example\n"
          "family_liaison: family-liaison@force.example\nhistory: none\n\nteams:\n", out);
    for (uint32_t i = 0; i < f->teams; i++) {
        fprintf(out, "  %s: { inbox: ", f->team[i].name);
        print_inbox(f->team[i].name, out);
        fprintf(out, ", go_live: \"%s 00:00\" }\n", day);
    }
    fputs("\nsend:\n  officers: [screen]\n  inboxes: [screen]\nchannels:\n  screen: { type: terminal }\n", out);
}
