#include "core/zone.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { SPAN_BITS = 21 };                     /* some 24 days: no zone changes often within one */
_Static_assert((int64_t)ZONE_SPANS << SPAN_BITS > 4102444799, "spans reach as far as instants");

#define DATABASE "/usr/share/zoneinfo/"
/* Out of the way of the few instructions that nearly always do. */
#define COLD __attribute__((noinline, cold))

/* ---- reading the machine's database ------------------------------------ */

static int32_t offset_by_library(int64_t s)
{
    struct tm tm;
    time_t t = (time_t)s;

    localtime_r(&t, &tm);
    return (int32_t)tm.tm_gmtoff;
}

static enum err append(struct zone *z, int64_t at, int32_t offset)
{
    if (z->count == ZONE_TRANSITIONS_MAX)
        return E_FULL;
    z->row[z->count++] = (struct zone_transition){ { at }, offset };
    return E_OK;
}

/* Looks once a day and, where the offset differs from the day before, halves the
 * day until the second is found. Two changes within one day that undo each other
 * would be missed; none is known. */
static enum err probe(struct zone *z)
{
    int64_t before = INSTANT_MIN.s;
    int32_t offset = offset_by_library(before);
    enum err e = append(z, before, offset);

    for (int64_t s = 86400; e == E_OK && s <= INSTANT_MAX.s + 86400; s += 86400) {
        int32_t now = offset_by_library(s);
        if (now != offset) {
            int64_t low = before, high = s;             /* offset at low, another at high */
            while (high - low > 1) {
                int64_t middle = low + (high - low) / 2;
                if (offset_by_library(middle) == offset)
                    low = middle;
                else
                    high = middle;
            }
            offset = offset_by_library(high);
            e = append(z, high, offset);
            s -= offset == now ? 0 : 86400;             /* a second change that day: look again */
            before = high;
            continue;
        }
        before = s;
    }
    return e;
}

static bool is_installed(const char *name)
{
    char path[sizeof DATABASE + sizeof ((struct zone *)0)->name];

    if (name[0] == '\0' || name[0] == '/' || strstr(name, "..") || strlen(name) >= sizeof ((struct zone *)0)->name)
        return false;
    snprintf(path, sizeof path, DATABASE "%s", name);
    return access(path, R_OK) == 0;
}

enum err zone_load(const char *name, struct zone *ret, struct why *why)
{
    struct zone *z = NULL;
    const char *tz = getenv("TZ");
    char *saved = NULL;
    enum err e = E_OK;

    /* The C library quietly takes UTC for a zone it does not find. */
    if (!is_installed(name)) {
        why_set(why, "no time zone '%s' in " DATABASE "; install tzdata or write a name like Europe/London", name);
        return E_UNKNOWN;
    }
    if (tz && !(saved = strdup(tz)))
        return E_MEMORY;
    z = calloc(1, sizeof *z);
    if (!z) {
        free(saved);
        return E_MEMORY;
    }
    setenv("TZ", name, 1);
    tzset();
    e = probe(z);
    if (saved)
        setenv("TZ", saved, 1);
    else
        unsetenv("TZ");
    tzset();
    if (e == E_OK) {
        snprintf(z->name, sizeof z->name, "%s", name);
        *ret = *z;
    } else {
        why_set(why, "time zone '%s' changes its offset more than %d times", name, ZONE_TRANSITIONS_MAX);
    }
    free(z);
    free(saved);
    return e;
}

/* ---- asking the table -------------------------------------------------- */

static size_t row_at(const struct zone *z, int64_t s);

void zone_index(struct zone *z)
{
    z->is_indexed = false;
    for (size_t i = 0; i < ZONE_SPANS; i++) {
        int64_t begins = (int64_t)i << SPAN_BITS, ends = begins + ((int64_t)1 << SPAN_BITS);
        size_t row = row_at(z, begins - 86400);
        z->row_of_span[i] = (uint16_t)row_at(z, begins);
        z->offset_of_span[i] = row == row_at(z, ends + 86400) ? z->row[row].offset : ZONE_CHANGES;
    }
    z->is_indexed = true;
}

/* The offset around an instant, by the universal or the local clock, for a day before and after it; ZONE_CHANGES: it may
 * change, or is not known. */
static inline int32_t steady_offset(const struct zone *z, int64_t s)
{
    uint64_t span = (uint64_t)s >> SPAN_BITS;

    return z->is_indexed && span < ZONE_SPANS ? z->offset_of_span[span] : ZONE_CHANGES;
}

/* The last row that began at or before s; before the first row, the first. */
static size_t row_at(const struct zone *z, int64_t s)
{
    size_t low = 0, high = z->count;

    assert(z->count > 0);
    if (z->is_indexed && s >= 0 && s >> SPAN_BITS < ZONE_SPANS) {
        low = z->row_of_span[s >> SPAN_BITS];
        while (low + 1 < z->count && z->row[low + 1].at.s <= s)
            low++;
        return low;
    }
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (z->row[middle].at.s <= s)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static int32_t COLD offset_at(const struct zone *z, int64_t s) { return z->row[row_at(z, s)].offset; }

int32_t zone_offset(const struct zone *z, struct instant t)
{
    int32_t steady = steady_offset(z, t.s);

    return steady != ZONE_CHANGES ? steady : offset_at(z, t.s);
}

static int64_t floor_days(int64_t s)
{
    return s >= 0 ? (int64_t)((uint64_t)s / 86400) : s / 86400 - (s % 86400 < 0);
}

struct day zone_day(const struct zone *z, struct instant t)
{
    return (struct day){ (int32_t)floor_days(t.s + zone_offset(z, t)) };
}

int zone_clock(const struct zone *z, struct instant t)
{
    int64_t local = t.s + zone_offset(z, t);

    return (int)(local - floor_days(local) * 86400);
}

void zone_deadline_clock(const struct zone *z, struct instant t, char ret[6])
{
    unsigned minute = (unsigned)zone_clock(z, t) / 60;

    if (instant_same(t, zone_day_end(z, zone_day(z, t))))
        ret[0] = 0;
    else
        snprintf(ret, 6, "%02u:%02u", minute / 60 % 24, minute % 60);
}

/* The local clock reads `local` at local - offset, for every row whose span has
 * that instant; a zone is less than a day off, so only rows near it are asked. */
static enum zone_fit COLD look_for(const struct zone *z, int64_t local, struct instant *ret)
{
    size_t first = row_at(z, local - 86400), last;
    int found = 0;

    if (first + 1 == z->count || z->row[first + 1].at.s > local + 86400) {
        ret->s = local - z->row[first].offset;      /* no change for a day around it: no zone is so far off */
        return ZONE_ONCE;
    }
    last = row_at(z, local + 86400);
    for (size_t i = first; i <= last; i++) {
        int64_t s = local - z->row[i].offset;
        if (row_at(z, s) != i)
            continue;
        if (found++ == 0)
            ret->s = s;
    }
    if (found)
        return found == 1 ? ZONE_ONCE : ZONE_TWICE;
    /* Skipped: the transition that jumps over it. */
    for (size_t i = first; i < last; i++) {
        int64_t at = z->row[i + 1].at.s;
        if (at + z->row[i].offset <= local && local < at + z->row[i + 1].offset) {
            ret->s = at;
            break;
        }
    }
    return ZONE_NEVER;
}

enum zone_fit zone_instant(const struct zone *z, struct day d, int seconds, struct instant *ret)
{
    int64_t local = (int64_t)d.n * 86400 + seconds;
    int32_t steady = steady_offset(z, local);

    if (steady == ZONE_CHANGES)
        return look_for(z, local, ret);
    ret->s = local - steady;
    return ZONE_ONCE;
}

struct instant zone_day_end(const struct zone *z, struct day d)
{
    struct instant next;

    (void)zone_instant(z, day_add(d, 1), 0, &next);
    return (struct instant){ next.s - 1 };
}
