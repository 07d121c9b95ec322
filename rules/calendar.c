#include "rules/calendar.h"

#include "core/json.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { LATE_MAX = 64, YEARS_MAX = 130 };               /* 1970-2099, as far as instants go */

/* Counting is two look-ups: how many working days there are up to a day, and
 * which day is the i-th of them. Both tables begin at `first`. */
struct calendar {
    struct day first, last;
    uint16_t *up_to;                    /* working days in [first, first + i] */
    uint16_t *working;                  /* the i-th working day, as days since first */
    size_t working_count;
    char **title;                       /* of the bank holiday that day, or NULL */
    size_t late;                        /* holidays that say when they were proclaimed */
    struct { struct day day; struct instant at; } proclaimed[LATE_MAX];
    struct instant last_proclaimed;     /* INSTANT_NONE: none */
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

static enum err read_proclaimed(struct calendar *c, const struct json *event, struct day d, struct why *why)
{
    struct text text;
    struct instant at;

    if (!json_get(event, "proclaimed"))
        return E_OK;
    if (c->late == LATE_MAX || !json_text(json_get(event, "proclaimed"), &text) || instant_parse(text.p, text.n, &at)) {
        why_set(why, "calendar: at most %d bank holidays say when they were \"proclaimed\", each as a time like 2022-09-10T11:00:00Z", LATE_MAX);
        return E_MALFORMED;
    }
    c->proclaimed[c->late].day = d;
    c->proclaimed[c->late++].at = at;
    c->last_proclaimed = instant_max(c->last_proclaimed, at);
    return E_OK;
}

static enum err fill(struct calendar *c, const struct json *events, struct why *why)
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
        if ((e = read_proclaimed(c, json_at(events, i), d, why)))
            return e;
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

/* GOV.UK has one file of all divisions and one file for each. */
static enum err find_events(const struct json *root, const char *division, const struct json **ret, struct why *why)
{
    const struct json *of_division = json_get(root, division);
    struct text named;

    if (!of_division && json_text(json_get(root, "division"), &named) && text_same(named, text_of(division)))
        of_division = root;
    if ((*ret = json_get(of_division, "events")))
        return E_OK;
    why_set(why, "calendar: no \"events\" of division \"%s\" in it", division);
    return E_MALFORMED;
}

enum err calendar_open(const char *json, size_t n, const char *division, struct calendar **ret, struct why *why)
{
    struct json *root = NULL;
    struct calendar *c = NULL;
    const struct json *events;
    enum err e = json_parse(json, n, &root, why);

    if (e || (e = find_events(root, division, &events, why)))
        goto end;
    c = calloc(1, sizeof *c);
    if (!c) {
        e = E_MEMORY;
        goto end;
    }
    e = find_reach(events, &c->first, &c->last, why);
    if (e == E_OK)
        e = fill(c, events, why);
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
    size_t at;
    int64_t i;

    if (!calendar_covers(c, from))
        return E_RANGE;
    if (n == 0) {
        *ret = from;
        return E_OK;
    }
    at = (size_t)(from.n - c->first.n);
    if (n > 0)
        i = (int64_t)c->up_to[at] + n - 1;
    else
        i = (at ? (int64_t)c->up_to[at - 1] : 0) + n;   /* up_to counts `from` itself */
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

/* ---- proclaimed ------------------------------------------------------------- */

static bool is_known(const struct calendar *c, struct day d, struct instant at)
{
    for (size_t i = 0; i < c->late; i++)
        if (day_same(c->proclaimed[i].day, d))
            return !instant_after(c->proclaimed[i].at, at);
    return true;
}

bool calendar_has_proclaimed_after(const struct calendar *c, struct instant at)
{
    return instant_after(c->last_proclaimed, at);
}

const char *calendar_holiday_as_known(const struct calendar *c, struct day d, struct instant at)
{
    return is_known(c, d, at) ? calendar_holiday(c, d) : NULL;
}

enum err calendar_add_working_as_known(const struct calendar *c, struct day from, int n, struct instant at, struct day *ret)
{
    struct day d = from;

    if (n <= 0 || !calendar_has_proclaimed_after(c, at))
        return calendar_add_working(c, from, n, ret);
    while (n) {
        d = day_add(d, 1);
        if (!calendar_covers(c, d))
            return E_RANGE;
        n -= day_of_week(d) < 5 && !calendar_holiday_as_known(c, d, at);
    }
    *ret = d;
    return E_OK;
}

/* When a day was proclaimed in a list of events; true if it is there. */
static bool find_day(const struct json *events, struct text date, struct text *ret_proclaimed)
{
    struct text other;

    *ret_proclaimed = (struct text){ 0 };
    for (size_t i = 0; i < json_count(events); i++)
        if (json_text(json_get(json_at(events, i), "date"), &other) && text_same(other, date)) {
            json_text(json_get(json_at(events, i), "proclaimed"), ret_proclaimed);
            return true;
        }
    return false;
}

static void write_event(struct json_out *o, const struct json *event, const struct json *known, struct instant at)
{
    struct text date = { 0 }, title = { 0 }, proclaimed = { 0 }, before;
    bool is_old;

    json_text(json_get(event, "date"), &date);
    json_text(json_get(event, "title"), &title);
    json_text(json_get(event, "proclaimed"), &proclaimed);
    is_old = find_day(known, date, &before);
    json_out_object(o);
    json_out_key(o, "title"), json_out_text(o, title);
    json_out_key(o, "date"), json_out_text(o, date);
    if (before.n || proclaimed.n)
        json_out_key(o, "proclaimed"), json_out_text(o, before.n ? before : proclaimed);
    else if (!is_old && instant_is_set(at))
        json_out_key(o, "proclaimed"), json_out_instant(o, at);
    json_out_end(o);
}

enum err calendar_proclaim(struct bytes fresh, struct bytes known, const char *division, struct instant at,
                           char **ret, size_t *ret_n, struct why *why)
{
    struct json *a = NULL, *b = NULL;
    const struct json *events, *old;
    struct json_out o;
    struct text all;
    enum err e;

    json_out_init(&o);
    if ((e = json_parse((const char *)fresh.p, fresh.n, &a, why)) || (e = json_parse((const char *)known.p, known.n, &b, why)) ||
        (e = find_events(a, division, &events, why)) || (e = find_events(b, division, &old, why)))
        goto out;
    json_out_object(&o);
    json_out_key(&o, "division"), json_out_text(&o, text_of(division));
    json_out_key(&o, "events"), json_out_array(&o);
    for (size_t i = 0; i < json_count(events); i++)
        write_event(&o, json_at(events, i), old, at);
    json_out_end(&o);
    json_out_end(&o);
    if ((e = json_out_done(&o, &all)))
        goto out;
    if (!(*ret = malloc(all.n))) {
        e = E_MEMORY;
        goto out;
    }
    memcpy(*ret, all.p, all.n);
    *ret_n = all.n;
out:
    json_out_fini(&o);
    json_free(&a);
    json_free(&b);
    return e;
}
