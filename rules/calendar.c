#include "rules/calendar.h"

#include "core/json.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { YEARS_MAX = 130 };               /* 1970-2099, as far as instants go */

/* Counting is two look-ups: how many working days there are up to a day, and
 * which day is the i-th of them. Both tables begin at `first`. */
struct calendar {
    struct day first, last;
    uint16_t *up_to;                    /* working days in [first, first + i] */
    uint16_t *working;                  /* the i-th working day, as days since first */
    size_t working_count;
    char **title;                       /* of the bank holiday that day, or NULL */
};

static size_t days_of(const struct calendar *c)
{
    return (size_t)(c->last.n - c->first.n) + 1;
}

static int year_of(struct day d)
{
    int y, m, md;

    day_to_ymd(d, &y, &m, &md);
    return y;
}

static enum err read_event(const struct json *event, struct day *ret_day, struct text *ret_title)
{
    struct text date;

    if (!json_text(json_get(event, "date"), &date) || !json_text(json_get(event, "title"), ret_title))
        return E_MALFORMED;
    return day_parse(date.p, date.n, ret_day);
}

/* First pass: the years the list reaches over, and that none between is empty: a
 * year without bank holidays is a list cut short, and would be counted wrongly. */
static enum err find_reach(const struct json *events, struct day *ret_first, struct day *ret_last, struct why *why)
{
    bool has[YEARS_MAX] = { false };
    int first = INT32_MAX, last = 0;
    struct day d;
    struct text title;

    for (size_t i = 0; i < json_count(events); i++) {
        if (read_event(json_at(events, i), &d, &title)) {
            why_set(why, "calendar: bank holiday %zu has no title or no date like 2026-12-25", i + 1);
            return E_MALFORMED;
        }
        int y = year_of(d);
        if (y < 1970 || y >= 1970 + YEARS_MAX) {
            why_set(why, "calendar: bank holiday %zu is not in 1970-2099", i + 1);
            return E_RANGE;
        }
        has[y - 1970] = true;
        first = y < first ? y : first;
        last = y > last ? y : last;
    }
    if (last == 0) {
        why_set(why, "calendar: there is not one bank holiday in it");
        return E_MALFORMED;
    }
    for (int y = first; y <= last; y++) {
        if (!has[y - 1970]) {
            why_set(why, "calendar: no bank holidays in %d, though there are before and after it", y);
            return E_RANGE;
        }
    }
    *ret_first = day_from_ymd(first, 1, 1);
    *ret_last = day_from_ymd(last, 12, 31);
    return E_OK;
}

static enum err fill(struct calendar *c, const struct json *events)
{
    size_t n = days_of(c);

    c->up_to = calloc(n, sizeof *c->up_to);
    c->working = calloc(n, sizeof *c->working);
    c->title = calloc(n, sizeof *c->title);
    if (!c->up_to || !c->working || !c->title)
        return E_MEMORY;
    for (size_t i = 0; i < json_count(events); i++) {
        struct day d = { 0 };
        struct text title = { 0 };
        enum err e = read_event(json_at(events, i), &d, &title);
        assert(e == E_OK);                              /* the first pass read it */
        char **at = &c->title[d.n - c->first.n];
        if (!*at && !(*at = strndup(title.p, title.n)))
            return E_MEMORY;
    }
    for (size_t i = 0; i < n; i++) {
        struct day d = day_add(c->first, (int)i);
        if (day_of_week(d) < 5 && !c->title[i])
            c->working[c->working_count++] = (uint16_t)i;
        c->up_to[i] = (uint16_t)c->working_count;
    }
    return E_OK;
}

enum err calendar_open(const char *json, size_t n, const char *division, struct calendar **ret, struct why *why)
{
    struct json *root = NULL;
    struct calendar *c = NULL;
    const struct json *of_division, *events;
    struct text named;
    enum err e = json_parse(json, n, &root, why);

    if (e)
        return e;
    /* GOV.UK has one file of all divisions and one file for each. */
    of_division = json_get(root, division);
    if (!of_division && json_text(json_get(root, "division"), &named) && text_same(named, text_of(division)))
        of_division = root;
    events = json_get(of_division, "events");
    if (!events) {
        why_set(why, "calendar: no \"events\" of division \"%s\" in it", division);
        e = E_MALFORMED;
        goto end;
    }
    c = calloc(1, sizeof *c);
    if (!c) {
        e = E_MEMORY;
        goto end;
    }
    e = find_reach(events, &c->first, &c->last, why);
    if (e == E_OK)
        e = fill(c, events);
    if (e == E_OK) {
        *ret = c;
        c = NULL;
    }
end:
    calendar_close(&c);
    json_free(&root);
    return e;
}

void calendar_close(struct calendar **c)
{
    if (!*c)
        return;
    if ((*c)->title)
        for (size_t i = 0; i < days_of(*c); i++)
            free((*c)->title[i]);
    free((*c)->title);
    free((*c)->up_to);
    free((*c)->working);
    free(*c);
    *c = NULL;
}

bool calendar_covers(const struct calendar *c, struct day d)
{
    return d.n >= c->first.n && d.n <= c->last.n;
}

struct day calendar_first_day(const struct calendar *c)
{
    return c->first;
}

struct day calendar_last_day(const struct calendar *c)
{
    return c->last;
}

const char *calendar_holiday(const struct calendar *c, struct day d)
{
    return calendar_covers(c, d) ? c->title[d.n - c->first.n] : NULL;
}

bool calendar_is_working(const struct calendar *c, struct day d)
{
    assert(calendar_covers(c, d));
    return day_of_week(d) < 5 && !c->title[d.n - c->first.n];
}

enum err calendar_add_working(const struct calendar *c, struct day from, int n, struct day *ret)
{
    int64_t i;

    if (!calendar_covers(c, from))
        return E_RANGE;
    if (n == 0) {
        *ret = from;
        return E_OK;
    }
    i = (int64_t)c->up_to[from.n - c->first.n] + n;
    if (n > 0)
        i--;
    else if (calendar_is_working(c, from))
        i--;                                            /* up_to counts `from` itself */
    if (i < 0 || i >= (int64_t)c->working_count)
        return E_RANGE;
    *ret = day_add(c->first, c->working[i]);
    return E_OK;
}

int calendar_count_working(const struct calendar *c, struct day from, struct day to)
{
    assert(calendar_covers(c, from) && calendar_covers(c, to));
    return (int)c->up_to[to.n - c->first.n] - (int)c->up_to[from.n - c->first.n];
}
