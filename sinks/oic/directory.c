#include "sinks/oic/directory.h"
#include "core/csv.h"
#include "core/hash.h"
#include "core/utf8.h"

#include <stdlib.h>
#include <sys/stat.h>

enum { DAYS_AWAY_MAX = 3660 };

struct directory {
    struct csv *csv;
    char path[4096];
    struct timespec changed;
    off_t bytes;
    struct officer *officer;
    size_t count;
    uint32_t *index, mask;                      /* officer + 1 by the hash of the collar number */
};

static void stamp(const char *path, struct timespec *changed, off_t *bytes)
{
    struct stat st;

    if (stat(path, &st)) {
        *bytes = -1;
        return;
    }
    *changed = st.st_mtim;
    *bytes = st.st_size;
}

/* The next run of days of an away list; false at its end. E_MALFORMED by a run that is none: first after last. */
static bool next_away(struct text *list, struct day *ret_first, struct day *ret_last)
{
    const char *semicolon = list->n ? memchr(list->p, ';', list->n) : NULL;
    uint32_t n = semicolon ? (uint32_t)(semicolon - list->p) : list->n;
    struct text one = { list->p, n };

    if (!list->n)
        return false;
    list->p += n + (semicolon != NULL);
    list->n -= n + (semicolon != NULL);
    while (one.n && one.p[0] == ' ')
        one.p++, one.n--;
    while (one.n && one.p[one.n - 1] == ' ')
        one.n--;
    *ret_first = (struct day){ 1 };
    *ret_last = (struct day){ 0 };
    if (one.n == 10 && !day_parse(one.p, 10, ret_first))
        *ret_last = *ret_first;
    else if (one.n == 22 && one.p[10] == '.' && one.p[11] == '.' && !day_parse(one.p, 10, ret_first) && day_parse(one.p + 12, 10, ret_last))
        *ret_last = (struct day){ ret_first->n - 1 };
    return true;
}

struct day officer_on_duty(const struct officer *o, struct day day)
{
    struct day first, last;
    bool moved = true;

    while (moved) {                             /* runs may be in any order */
        struct text list = o->away;
        moved = false;
        while (next_away(&list, &first, &last))
            if (!day_before(day, first) && !day_before(last, day)) {
                day = day_add(last, 1);
                moved = true;
            }
    }
    return day;
}

static uint32_t place_of(const struct directory *d, struct text collar)
{
    uint32_t i = (uint32_t)hash_text(collar) & d->mask;

    while (d->index[i] && !text_same(d->officer[d->index[i] - 1].collar, collar))
        i = (i + 1) & d->mask;
    return i;
}

static enum err check(const struct directory *d, const struct settings *s, size_t row, const struct officer *o, struct why *why)
{
    struct day first, last;
    struct text list = o->away;

    if (!o->collar.n || o->collar.n > REF_BYTES_MAX || !utf8_is_printable(o->collar))
        return csv_wrong(d->csv, row, why, "a collar number of 1 to %d bytes is needed", REF_BYTES_MAX);
    if (o->address.n > MESSAGE_TEXT_BYTES_MAX || !settings_may_reach(s, o->address))
        return csv_wrong(d->csv, row, why, "the address is none in one of the configuration's domains");
    if (o->name.n > MESSAGE_TEXT_BYTES_MAX || !utf8_is_printable(o->name))
        return csv_wrong(d->csv, row, why, "the name is too long, or not printable");
    while (next_away(&list, &first, &last))
        if (day_before(last, first) || last.n - first.n > DAYS_AWAY_MAX)
            return csv_wrong(d->csv, row, why, "'away' is like 2026-04-02..2026-04-10;2026-05-01");
    return E_OK;
}

static enum err read_rows(struct directory *d, const struct settings *s, struct why *why)
{
    static const char *const name[] = { "collar", "address", "name", "supervisor", "team", "away" };
    size_t column[sizeof name / sizeof *name], rows = csv_rows(d->csv);
    enum err e;

    for (size_t i = 0; i < sizeof name / sizeof *name; i++)
        column[i] = csv_find(d->csv, name[i]);
    if (column[0] == csv_columns(d->csv) || column[1] == csv_columns(d->csv)) {
        why_set(why, "%s: the columns 'collar' and 'address' are needed in its header", d->path);
        return E_MALFORMED;
    }
    for (d->mask = 15; d->mask < 2 * rows; d->mask = 2 * d->mask + 1) {}
    d->officer = calloc(rows + 1, sizeof *d->officer);
    d->index = calloc((size_t)d->mask + 1, sizeof *d->index);
    if (!d->officer || !d->index)
        return E_MEMORY;
    for (size_t row = 0; row < rows; row++) {
        struct officer *o = &d->officer[row];
        struct text *const member[] = { &o->collar, &o->address, &o->name, &o->supervisor, &o->team, &o->away };
        uint32_t place;
        for (size_t i = 0; i < sizeof name / sizeof *name; i++)
            *member[i] = csv_cell(d->csv, row, column[i]);
        if ((e = check(d, s, row, o, why)))
            return e;
        place = place_of(d, o->collar);
        if (d->index[place])
            return csv_wrong(d->csv, row, why, "that collar number is there twice");
        d->index[place] = (uint32_t)++d->count;
    }
    return E_OK;
}

enum err directory_open(const char *path, const struct settings *s, struct directory **ret, struct why *why)
{
    struct directory *d = calloc(1, sizeof *d);
    enum err e;

    if (!d)
        return E_MEMORY;
    snprintf(d->path, sizeof d->path, "%s", path);
    stamp(path, &d->changed, &d->bytes);
    if ((e = csv_open(path, &d->csv, why)) || (e = read_rows(d, s, why))) {
        directory_close(&d);
        return e;
    }
    *ret = d;
    return E_OK;
}

void directory_close(struct directory **pd)
{
    struct directory *d = *pd;

    if (!d)
        return;
    csv_close(&d->csv);
    free(d->officer);
    free(d->index);
    free(d);
    *pd = NULL;
}

bool directory_has_changed(const struct directory *d)
{
    struct timespec changed = d->changed;
    off_t bytes;

    stamp(d->path, &changed, &bytes);
    return bytes != d->bytes || changed.tv_sec != d->changed.tv_sec || changed.tv_nsec != d->changed.tv_nsec;
}

size_t directory_count(const struct directory *d) { return d->count; }

const struct officer *directory_find(const struct directory *d, struct text collar)
{
    uint32_t i;

    if (!collar.n)
        return NULL;
    i = place_of(d, collar);
    return d->index[i] ? &d->officer[d->index[i] - 1] : NULL;
}
