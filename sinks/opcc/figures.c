#include "sinks/opcc/figures.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

void number_text(uint64_t n, char ret[FIGURE_TEXT])
{
    char digits[24];
    int count = snprintf(digits, sizeof digits, "%" PRIu64, n), at = 0;

    for (int i = 0; i < count; i++) {
        if (i > 0 && (count - i) % 3 == 0)
            ret[at++] = ',';
        ret[at++] = digits[i];
    }
    ret[at] = 0;
}

unsigned permille(uint64_t count, uint64_t of) { return (unsigned)((count * 2000 + of) / (2 * of)); }

void percent_text(unsigned tenths, char ret[FIGURE_TEXT]) { snprintf(ret, FIGURE_TEXT, "%u.%u%%", tenths / 10, tenths % 10); }

unsigned permille_of(double part) { return (unsigned)floor(part * 1000 + 0.5); }

void decimal_text(double value, unsigned places, char ret[FIGURE_TEXT]) { snprintf(ret, FIGURE_TEXT, "%.*f", (int)places, value); }

static const char *unit_words(enum unit unit, double value)
{
    return unit == UNIT_DAYS ? value == 1 ? " day" : " days" : "";
}

static unsigned places(const struct figure *f, enum unit unit)
{
    return unit == UNIT_RATIO ? 2 : unit == UNIT_DAYS && f->value == floor(f->value) ? 0 : unit == UNIT_COUNT ? 2 : 1;
}

void figure_text(const struct figure *f, enum unit unit, char ret[FIGURE_TEXT])
{
    char number[FIGURE_TEXT];

    if (f->mark) {
        snprintf(ret, FIGURE_TEXT, "%s", mark_text(f->mark));
        return;
    }
    switch (f->kind) {
    case CELL_COUNT:
        number_text(f->count, ret);
        return;
    case CELL_RATE:
        percent_text(permille(f->count, f->of), ret);
        return;
    case CELL_NUMBER:
        decimal_text(f->value, places(f, unit), number);
        snprintf(ret, FIGURE_TEXT, "%s%.12s%s", f->is_at_least ? "over " : "", number, unit_words(unit, f->value));
        return;
    case CELL_EMPTY: case CELL_WORDS: case CELL_NOT_APPLICABLE: case CELL_NOT_AVAILABLE:
        ret[0] = 0;
        return;
    }
}

void figure_basis(const struct figure *f, enum unit unit, char ret[FIGURE_BASIS_TEXT])
{
    char a[FIGURE_TEXT], b[FIGURE_TEXT], c[FIGURE_TEXT], d[FIGURE_TEXT];

    ret[0] = 0;
    if (f->mark)
        return;
    if (f->kind == CELL_RATE) {
        number_text(f->count, a);
        number_text(f->of, b);
        percent_text(permille_of(f->interval.low), c);
        percent_text(permille_of(f->interval.high), d);
        snprintf(ret, FIGURE_BASIS_TEXT, "%.15s of %.15s; %.8s to %.8s", a, b, c, d);
    } else if (f->kind == CELL_NUMBER && f->has_interval) {
        decimal_text(f->interval.low, places(f, unit), a);
        decimal_text(f->interval.high, places(f, unit), b);
        snprintf(ret, FIGURE_BASIS_TEXT, "%.15s to %.15s", a, b);
    } else if (f->kind == CELL_NUMBER) {
        number_text(f->of, a);
        snprintf(ret, FIGURE_BASIS_TEXT, "of %.15s", a);
    }
}

static const char *const month[] = { "January", "February", "March", "April", "May", "June", "July", "August",
                                     "September", "October", "November", "December" };

void day_words(struct day d, char ret[FIGURE_TEXT])
{
    int y, m, day;

    day_to_ymd(d, &y, &m, &day);
    snprintf(ret, FIGURE_TEXT, "%d %s %d", day, month[m - 1], y);
}

void instant_words(struct instant t, char ret[FIGURE_TEXT])
{
    int64_t days = t.s / 86400, rest = t.s % 86400;
    int y, m, day;

    day_to_ymd((struct day){ (int32_t)days }, &y, &m, &day);
    snprintf(ret, FIGURE_TEXT, "%d %.3s %d, %02d:%02d UTC", day, month[m - 1], y, (int)(rest / 3600), (int)(rest / 60 % 60));
}
