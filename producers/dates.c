#include "producers/dates.h"

#include <stdio.h>
#include <time.h>

static enum err read_zone(struct dates *d, const struct yaml *y, const struct yaml_node *v, struct why *why)
{
    char name[64];
    struct why unknown = { "" };

    if (v->kind != YAML_SCALAR || v->text.n == 0 || v->text.n >= sizeof name)
        return yaml_wrong(y, v, why, "'time_zone:' is a name like Europe/London");
    snprintf(name, sizeof name, TEXT_FMT, TEXT_ARG(v->text));
    if (zone_load(name, &d->zone, &unknown))
        return yaml_wrong(y, v, why, "%s", unknown.text);
    d->has_zone = true;
    return E_OK;
}

/* Only what means the same on every machine: no names of zones, nothing that asks for the machine's own. */
static enum err read_form(struct dates *d, const struct yaml *y, const struct yaml_node *v, struct why *why)
{
    bool has_year = false, has_offset = false;
    char *form = d->form[d->forms];

    if (v->kind != YAML_SCALAR || v->text.n == 0 || v->text.n >= sizeof *d->form || memchr(v->text.p, 0, v->text.n))
        return yaml_wrong(y, v, why, "a date form is rfc3339 or like \"%%d/%%m/%%Y %%H:%%M\"");
    memcpy(form, v->text.p, v->text.n);
    form[v->text.n] = 0;
    d->forms++;
    if (!strcmp(form, "rfc3339"))
        return E_OK;
    for (const char *p = form; *p; p++) {
        if (*p != '%')
            continue;
        if (!*++p || !strchr("YymdbBeHMSIpFTRz%", *p))
            return yaml_wrong(y, v, why, "a date form has no '%%%c'; docs/mappings.md lists what it may have", *p ? *p : ' ');
        has_year |= *p == 'Y' || *p == 'y' || *p == 'F';
        has_offset |= *p == 'z';
    }
    if (!has_year)
        return yaml_wrong(y, v, why, "a date form is rfc3339 or like \"%%d/%%m/%%Y %%H:%%M\"");
    if (!has_offset && !d->has_zone)
        return yaml_wrong(y, v, why, "'time_zone:' is needed: a time of this form does not say its offset");
    return E_OK;
}

enum err dates_read(struct dates *d, const struct yaml *y, const struct yaml_node *zone, const struct yaml_node *forms, struct why *why)
{
    size_t count = !forms ? 0 : forms->kind == YAML_LIST ? forms->count : 1;
    enum err e;

    if (zone && (e = read_zone(d, y, zone, why)))
        return e;
    if (!forms) {
        snprintf(d->form[d->forms++], sizeof *d->form, "rfc3339");
        return E_OK;
    }
    if (forms->kind == YAML_MAP || count == 0 || count > DATE_FORMS_MAX)
        return yaml_wrong(y, forms, why, "'dates:' is a form like \"%%d/%%m/%%Y %%H:%%M\", rfc3339, or a list of at most %d", DATE_FORMS_MAX);
    for (size_t i = 0; i < count; i++)
        if ((e = read_form(d, y, forms->kind == YAML_LIST ? forms->item[i] : forms, why)))
            return e;
    return E_OK;
}

/* E_NOT_FOUND: an hour that spring leaves out. */
static enum err parse(const struct dates *d, const char *form, const char *value, struct instant *ret)
{
    struct tm tm = { .tm_mday = 1 };
    const char *end;
    struct instant at;
    struct day day;
    int seconds, year, month, mday;

    if (!strcmp(form, "rfc3339"))
        return instant_parse(value, strlen(value), ret);
    end = strptime(value, form, &tm);
    if (!end || *end || tm.tm_sec > 59)
        return E_MALFORMED;
    if (tm.tm_year < 70 || tm.tm_year > 200)
        return E_RANGE;
    day = day_from_ymd(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
    day_to_ymd(day, &year, &month, &mday);
    if (mday != tm.tm_mday)
        return E_MALFORMED;                         /* 31 February came back as 3 March */
    seconds = tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec;
    if (strstr(form, "%z"))
        at = (struct instant){ (int64_t)day.n * 86400 + seconds - tm.tm_gmtoff };
    else if (zone_instant(&d->zone, day, seconds, &at) == ZONE_NEVER)
        return E_NOT_FOUND;
    if (!instant_in_range(at))
        return E_RANGE;
    *ret = at;
    return E_OK;
}

enum err dates_parse(const struct dates *d, const char *name, struct text value, struct instant *ret, struct why *why)
{
    char text[64];
    enum err e = E_MALFORMED;

    if (value.n == 0) {
        why_set(why, "%s is empty", name);
        return E_MALFORMED;
    }
    if (value.n < sizeof text && !memchr(value.p, 0, value.n)) {
        memcpy(text, value.p, value.n);
        text[value.n] = 0;
        for (size_t i = 0; e == E_MALFORMED && i < d->forms; i++)
            e = parse(d, d->form[i], text, ret);
    }
    switch (e) {
    case E_OK: return E_OK;
    case E_RANGE: why_set(why, "%s is not between 1970 and 2099", name); return E_RANGE;
    case E_NOT_FOUND: why_set(why, "%s lies in the hour that spring leaves out", name); return E_RANGE;
    default: why_set(why, "%s is not a date in one of the mapping's forms", name); return E_MALFORMED;
    }
}

bool dates_is_ambiguous(const struct dates *d, struct text value, struct instant at)
{
    struct instant again;

    if (!d->has_zone || zone_instant(&d->zone, zone_day(&d->zone, at), zone_clock(&d->zone, at), &again) != ZONE_TWICE)
        return false;
    /* What says its offset is not ambiguous: it ends in Z, +01:00 or +0100. */
    return instant_same(again, at) && value.n > 6 && value.p[value.n - 1] != 'Z' && value.p[value.n - 6] != '+' && value.p[value.n - 5] != '+';
}

enum err dates_parse_day(const struct dates *d, const char *name, struct text value, struct day *ret, struct why *why)
{
    char text[32];
    int year, month, mday;
    struct day day;

    if (value.n && value.n < sizeof text && !memchr(value.p, 0, value.n)) {
        memcpy(text, value.p, value.n);
        text[value.n] = 0;
        for (size_t i = 0; i <= d->forms; i++) {
            const char *form = i < d->forms ? d->form[i] : "%Y-%m-%d", *end;
            struct tm tm = { .tm_mday = 1 };
            if (!strcmp(form, "rfc3339") || strpbrk(form, "HIMSTRpz") || !(end = strptime(text, form, &tm)) || *end)
                continue;
            if (tm.tm_year < -50 || tm.tm_year > 199) {
                why_set(why, "%s is not between 1850 and 2099", name);
                return E_RANGE;
            }
            day = day_from_ymd(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
            day_to_ymd(day, &year, &month, &mday);
            if (mday == tm.tm_mday)
                return *ret = day, E_OK;
        }
    }
    why_set(why, "%s is not a date in one of the forms expected", name);
    return E_MALFORMED;
}
