#include "tests/kit/cases.h"

#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { DAY = 86400, FIRST = 1767600000 };       /* 2026-01-05 08:00 UTC */

static uint64_t draw(struct cases *c, uint64_t below)
{
    c->random = c->random * 6364136223846793005u + 1442695040888963407u;
    return (c->random >> 33) % below;
}

static void add(struct cases *c, const char *fmt, ...)
{
    va_list ap;

    if (c->count == c->cap) {
        c->cap = c->cap ? c->cap * 2 : 1024;
        c->line = realloc(c->line, c->cap * sizeof *c->line);
        cr_assert(c->line != NULL);
    }
    va_start(ap, fmt);
    cr_assert(vasprintf(&c->line[c->count++], fmt, ap) > 0);
    va_end(ap);
}

struct one { unsigned crime, victim; int n; int64_t recorded; };

/* One event; the lines are sorted by recorded_at afterwards. */
static void event(struct cases *c, struct one *o, int64_t at, const char *victim, const char *more, const char *body)
{
    char occurred[32], recorded[32];
    time_t t = (time_t)at, r = (time_t)(at + (int64_t)draw(c, 3) * 1800 + (draw(c, 25) ? 0 : 9 * DAY));

    strftime(occurred, sizeof occurred, "%Y-%m-%dT%H:%M:%SZ", gmtime(&t));
    strftime(recorded, sizeof recorded, "%Y-%m-%dT%H:%M:%SZ", gmtime(&r));
    o->n++;
    add(c, "{\"recorded_at\":\"%s\",\"event_id\":\"E%u.%u.%d\",\"source\":\"" CASES_SOURCE "\",\"crime_ref\":\"20/%u/26\",%s"
        "\"occurred_at\":\"%s\",%s%s}", recorded, o->crime, o->victim, o->n, o->crime, victim, occurred, more, body);
}

static void journey(struct cases *c, unsigned crime, unsigned victim)
{
    struct one o = { .crime = crime, .victim = victim };
    char who[64], body[256], more[64];
    int64_t at = FIRST + (int64_t)draw(c, 150) * DAY + (int64_t)draw(c, 36000);

    snprintf(who, sizeof who, "\"victim_ref\":\"V%u.%u\",", crime, victim);
    snprintf(body, sizeof body, "\"report\":{\"oic\":\"%u\",\"team\":\"Team %u\",\"enhanced\":%s}",
             20000 + crime % 300, crime % 20, draw(c, 4) ? "false" : "true");
    event(c, &o, at, who, "", body);
    if (draw(c, 3))
        event(c, &o, at + (int64_t)draw(c, 9) * DAY, who, "", "\"update\":{\"kind\":\"code-given\"}");
    if (draw(c, 2)) {
        event(c, &o, at + (int64_t)draw(c, 4) * DAY, who, "", "\"referral\":{\"kind\":\"need-identified\"}");
        if (draw(c, 4))
            event(c, &o, at + (int64_t)draw(c, 8) * DAY, who, "", draw(c, 5) ? "\"referral\":{\"kind\":\"made\"}" : "\"referral\":{\"kind\":\"declined\"}");
    }
    if (!draw(c, 6))
        event(c, &o, at + 3 * DAY, who, "", "\"update\":{\"kind\":\"enhanced-found\"}");
    if (draw(c, 2)) {
        at += (int64_t)draw(c, 12) * DAY;
        event(c, &o, at, draw(c, 2) ? who : "", "", "\"update\":{\"kind\":\"arrested\",\"suspect_no\":1}");
        snprintf(body, sizeof body, "\"update\":{\"kind\":\"victim-informed\",\"informs_event_id\":\"E%u.%u.%d\"}", crime, victim, o.n);
        if (draw(c, 3))
            event(c, &o, at + (int64_t)draw(c, 10) * DAY, who, "", body);
    }
    if (!draw(c, 3)) {
        at += (int64_t)draw(c, 20) * DAY;
        event(c, &o, at, who, "", "\"nfa\":{}");
        if (draw(c, 2)) {               /* the decision was entered with a wrong time, or by mistake */
            snprintf(more, sizeof more, "\"supersedes\":\"E%u.%u.%d\",", crime, victim, o.n);
            if (draw(c, 2))
                event(c, &o, at + 2 * DAY, who, more, "\"nfa\":{}");
            else
                event(c, &o, at + 2 * DAY, who, more, "\"update\":{\"kind\":\"event-withdrawn\"}");
        }
    }
    if (!draw(c, 3))
        event(c, &o, at + (int64_t)draw(c, 30) * DAY, who, "", "\"update\":{\"kind\":\"victim-informed\"}");
    if (!draw(c, 12))
        event(c, &o, at + (int64_t)draw(c, 5) * DAY, who, "", draw(c, 2) ? "\"update\":{\"kind\":\"preference-set\",\"agreed_update_days\":14}" :
              "\"update\":{\"kind\":\"preference-set\",\"waives\":[\"R3-INFO\",\"R6-ARREST\"]}");
    if (!draw(c, 15)) {
        event(c, &o, at + DAY, who, "", "\"update\":{\"kind\":\"deferred\",\"reason_code\":\"SAFETY\"}");
        if (draw(c, 2))
            event(c, &o, at + (int64_t)draw(c, 20) * DAY, who, "", "\"update\":{\"kind\":\"resumed\"}");
    }
    if (!draw(c, 10))
        event(c, &o, at + (int64_t)draw(c, 8) * DAY, "", "", "\"update\":{\"kind\":\"reclassified\",\"ho_class\":\"19C\"}");
    if (!draw(c, 15) && crime > 1) {    /* merged into the crime before, and sometimes by mistake */
        snprintf(body, sizeof body, "\"update\":{\"kind\":\"merged\",\"merged_into\":\"20/%u/26\"}", crime - 1);
        event(c, &o, at + (int64_t)draw(c, 8) * DAY, "", "", body);
        snprintf(more, sizeof more, "\"supersedes\":\"E%u.%u.%d\",", crime, victim, o.n);
        if (!draw(c, 3))
            event(c, &o, at + (int64_t)draw(c, 20) * DAY, "", more, "\"update\":{\"kind\":\"event-withdrawn\"}");
    }
}

static int by_line(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

void cases_make(struct cases *c, uint64_t seed, size_t journeys)
{
    *c = (struct cases){ .random = seed };
    for (unsigned crime = 1; journeys; crime++) {
        unsigned victims = draw(c, 10) ? 1 : 2;
        for (unsigned v = 1; v <= victims && journeys; v++, journeys--)
            journey(c, crime, v);
    }
    qsort(c->line, c->count, sizeof *c->line, by_line);     /* recorded_at comes first in a line */
}

void cases_free(struct cases *c)
{
    for (size_t i = 0; i < c->count; i++)
        free(c->line[i]);
    free(c->line);
    *c = (struct cases){ 0 };
}

void cases_reverse(struct cases *c)
{
    for (size_t i = 0, j = c->count; i + 1 < j; i++) {
        char *swap = c->line[i];
        c->line[i] = c->line[--j];
        c->line[j] = swap;
    }
}

struct moved { int64_t at; size_t was; char *line; };

static int by_time(const void *a, const void *b)
{
    const struct moved *x = a, *y = b;

    if (x->at != y->at)
        return (x->at > y->at) - (x->at < y->at);
    return (x->was > y->was) - (x->was < y->was);
}

void cases_shuffle(struct cases *c, int days)
{
    struct moved *m = malloc(c->count * sizeof *m);

    cr_assert(m != NULL);
    for (size_t i = 0; i < c->count; i++) {
        struct tm tm = { 0 };
        cr_assert(strptime(c->line[i] + strlen("{\"recorded_at\":\""), "%Y-%m-%dT%H:%M:%SZ", &tm) != NULL);
        m[i] = (struct moved){ timegm(&tm) + (int64_t)draw(c, 2 * (uint64_t)days * DAY) - (int64_t)days * DAY, i, c->line[i] };
    }
    qsort(m, c->count, sizeof *m, by_time);
    for (size_t i = 0; i < c->count; i++)
        c->line[i] = m[i].line;
    free(m);
}

void cases_twice(struct cases *c)
{
    size_t count = c->count, at = 0;
    char **line = malloc(2 * count * sizeof *line);

    cr_assert(line != NULL);
    for (size_t i = 0; i < count; i++) {
        line[at++] = c->line[i];
        if (i >= 40)
            cr_assert((line[at++] = strdup(c->line[i - 40])) != NULL);
    }
    for (size_t i = count < 40 ? 0 : count - 40; i < count; i++)
        cr_assert((line[at++] = strdup(c->line[i])) != NULL);
    free(c->line);
    c->line = line;
    c->count = c->cap = at;
}

void cases_write_from(const struct cases *c, size_t from, size_t to, const char *path)
{
    FILE *f = fopen(path, "we");

    cr_assert(f != NULL);
    for (size_t i = from; i < to && i < c->count; i++)
        fprintf(f, "%s\n", c->line[i]);
    if (to >= c->count)
        fprintf(f, "{\"complete\":{\"source\":\"" CASES_SOURCE "\",\"to\":\"" CASES_END "\"}}\n"
                "{\"tick\":{\"at\":\"" CASES_END "\"}}\n");
    cr_assert(fclose(f) == 0);
}

void cases_write(const struct cases *c, const char *path) { cases_write_from(c, 0, c->count, path); }
