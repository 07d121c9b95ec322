#include "commands/report_options.h"

#include "commands/process.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static enum err read_formats(const char *text, unsigned *ret, struct why *why)
{
    static const struct { const char *word; unsigned bit; } format[] = { { "html", REPORT_HTML }, { "csv", REPORT_CSV }, { "json", REPORT_JSON } };
    unsigned all = 0;

    for (const char *p = text, *end; ; p = end + 1) {
        unsigned bit = 0;
        end = strchrnul(p, ',');
        for (size_t i = 0; i < sizeof format / sizeof *format; i++)
            if (strlen(format[i].word) == (size_t)(end - p) && memcmp(format[i].word, p, (size_t)(end - p)) == 0)
                bit = format[i].bit;
        if (!bit) {
            why_set(why, "--format takes html, csv and json, with commas between: not '%.*s'", (int)(end - p), p);
            return E_USAGE;
        }
        all |= bit;
        if (!*end)
            break;
    }
    *ret = all;
    return E_OK;
}

static enum err read_period(const struct report_options *o, struct period *ret, struct why *why)
{
    char first[11];

    if (o->month && (o->from || o->to)) {
        why_set(why, "give --month, or --from and --to");
        return E_USAGE;
    }
    if (o->month) {
        if (strlen(o->month) != 7 || snprintf(first, sizeof first, "%s-01", o->month) != 10 || day_parse(first, 10, &ret->from)) {
            why_set(why, "--month is a year and a month, like 2026-03");
            return E_USAGE;
        }
        *ret = period_month_of(ret->from);
        return E_OK;
    }
    if (!o->from || !o->to || day_parse(o->from, strlen(o->from), &ret->from) || day_parse(o->to, strlen(o->to), &ret->to)) {
        why_set(why, "which period? --month 2026-03, or --from 2026-01-01 --to 2026-03-31 (both days belong to it)");
        return E_USAGE;
    }
    if (ret->to.n < ret->from.n || period_days(*ret) > 400) {
        why_set(why, "a period ends on or after the day it begins, and is at most 400 days long");
        return E_USAGE;
    }
    return E_OK;
}

enum err report_options_read(const struct report_options *o, struct report_request *ret, unsigned *ret_formats, struct why *why)
{
    struct report_request r = { .store = o->store, .force = o->force, .known_at = INSTANT_NONE, .progress = report_progress };
    struct day day;
    enum err e;

    if ((e = read_period(o, &r.period, why)) || (e = read_formats(o->format, ret_formats, why)))
        return e;
    if (o->known_at && !day_parse(o->known_at, strlen(o->known_at), &day)) {
        if ((e = known_day_end(o->store, day, &r.known_at, why)))
            return e;
    } else if (o->known_at && instant_parse(o->known_at, strlen(o->known_at), &r.known_at)) {
        why_set(why, "--as-known-at takes a time like 2026-04-07T09:00:00+01:00, or a date");
        return E_USAGE;
    }
    *ret = r;
    return E_OK;
}

void report_progress(const char *what, uint64_t done) { process_progress("counting %s: %" PRIu64, what, done); }

void report_print_files(const struct report_files *f, const char *dir)
{
    for (unsigned i = 0; i < f->count; i++)
        printf("%s  %s/%s\n", f->file[i].sha256, dir, f->file[i].name);
}
