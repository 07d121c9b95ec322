#include "commands/print.h"
#include "processors/folder.h"

#include <stdlib.h>

static void print_day(FILE *f, struct text date, bool with_year)
{
    static const char *const weekday[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
    static const char *const month[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    struct day d;
    int y, m, mday;

    if (day_parse(date.p, date.n, &d)) {
        fprintf(f, TEXT_FMT, TEXT_ARG(date));
        return;
    }
    day_to_ymd(d, &y, &m, &mday);
    if (with_year)
        fprintf(f, "%s %2d %s %d", weekday[day_of_week(d)], mday, month[m - 1], y);
    else
        fprintf(f, "%s %d %s", weekday[day_of_week(d)], mday, month[m - 1]);
}

void print_date(FILE *f, struct text date) { print_day(f, date, true); }
void print_short_date(FILE *f, struct text date) { print_day(f, date, false); }

void print_deadline(FILE *f, const struct json *obligation)
{
    struct text clock = print_member(obligation, "due_time");

    print_date(f, print_member(obligation, "due_date"));
    if (clock.n)
        fprintf(f, " " TEXT_FMT, TEXT_ARG(clock));
}

void print_time(FILE *f, struct text time)
{
    if (time.n >= 16)
        fprintf(f, "%.10s %.5s", time.p, time.p + 11);
}

struct text print_member(const struct json *object, const char *key)
{
    struct text t = { 0 };

    json_text(json_get(object, key), &t);
    return t;
}

int64_t print_number(const struct json *object, const char *key)
{
    int64_t n = 0;

    json_number(json_get(object, key), &n);
    return n;
}

void print_as_of(FILE *f, const struct json *answer)
{
    const struct json *as_of = json_get(answer, "as_of");
    struct text tick = print_member(as_of, "tick"), complete = print_member(as_of, "complete_to");

    fprintf(f, "As of ");
    if (tick.n)
        print_time(f, tick);
    else
        fprintf(f, "no time yet");
    fprintf(f, " UTC, record %lld", (long long)print_number(as_of, "record"));
    if (!complete.n)
        fprintf(f, "; no source has said how far it is complete, so nothing is called missed");
    else if (!text_same(complete, tick)) {
        fprintf(f, "; sources complete to ");
        print_time(f, complete);
    }
    fprintf(f, "\n");
}

enum err print_ask(const char *dir, struct json_out *question, const char *known_at, char **ret_text, struct json **ret, struct why *why)
{
    struct text q, refusal;
    struct json *answer = NULL;
    struct instant at = INSTANT_NONE;
    struct day d;
    char *text = NULL;
    size_t n;
    enum err e;

    if (known_at && !day_parse(known_at, strlen(known_at), &d))
        at = (struct instant){ (int64_t)d.n * 86400 + 86399 };
    else if (known_at && instant_parse(known_at, strlen(known_at), &at)) {
        why_set(why, "--as-known-at is a time like 2026-04-07T09:00:00+01:00, or a date, whose end in UTC is meant");
        return E_USAGE;
    }
    if ((e = json_out_done(question, &q)) || (e = folder_ask(dir, q, at, &text, &n, why)))
        return e;
    if (ret && (e = json_parse(text, strcspn(text, "\n"), &answer, why)))
        goto fail;
    if (answer && json_text(json_get(answer, "error"), &refusal)) {
        why_set(why, TEXT_FMT, TEXT_ARG(refusal));
        e = E_UNKNOWN;
        goto fail;
    }
    *ret_text = text;
    if (ret)
        *ret = answer;
    return E_OK;
fail:
    json_free(&answer);
    free(text);
    return e;
}

bool print_next_row(char **at, struct json **ret)
{
    char *line = strchr(*at, '\n');
    struct why why;

    if (!line)
        return false;
    *at = line + 1;
    return json_parse(line + 1, strcspn(line + 1, "\n"), ret, &why) == E_OK;
}

void print_csv_value(FILE *f, struct text value)
{
    bool quote = value.n && (memchr(value.p, ',', value.n) || memchr(value.p, '"', value.n) || memchr(value.p, '\n', value.n));

    if (quote)
        putc('"', f);
    for (uint32_t i = 0; i < value.n; i++) {
        if (value.p[i] == '"')
            putc('"', f);
        putc(value.p[i], f);
    }
    if (quote)
        putc('"', f);
}

void print_csv(FILE *f, struct text value, bool last)
{
    print_csv_value(f, value);
    fputs(last ? "\r\n" : ",", f);
}
