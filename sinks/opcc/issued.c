#include "sinks/opcc/issued.h"

#include "core/hash.h"
#include "core/limits.h"
#include "sinks/opcc/published.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = 4096, PARTS_MAX = 4096 };

struct issued {
    struct issued_count *count;
    size_t counts, count_cap;
    uint32_t *slot;                     /* count index + 1, by hash of key and period; 0 free */
    size_t slots;
    struct issued_sum *sum;
    size_t sums, sum_cap;
    uint32_t issues;
    struct hash_chain chain;
    uint8_t hash[CHAIN_BYTES];
};
/* One file under way: which count of all each of its lines is. */
struct issue { uint32_t number; uint32_t *at; size_t lines, cap; };

static bool name(const char *dir, uint32_t number, const char *end, char ret[PATH_BYTES])
{
    return snprintf(ret, PATH_BYTES, "%s/%04u.ndjson%s", dir, number, end) < PATH_BYTES;
}

static enum err grow(void *array, size_t size, size_t count, size_t *cap)
{
    void **a = array, *p;
    size_t more = *cap ? *cap * 2 : 1024;

    if (count < *cap)
        return E_OK;
    if (!(p = realloc(*a, more * size)))
        return E_MEMORY;
    *a = p;
    *cap = more;
    return E_OK;
}

/* ---- reading ---------------------------------------------------------------- */

static size_t place_of(const struct issued *i, const char *key, struct period p)
{
    size_t at = hash_next((uint64_t)(uint32_t)p.from.n << 32 | (uint32_t)p.to.n, key, strlen(key)) & (i->slots - 1);

    while (i->slot[at]) {
        const struct issued_count *c = &i->count[i->slot[at] - 1];
        if (period_same(c->period, p) && strcmp(c->key, key) == 0)
            break;
        at = (at + 1) & (i->slots - 1);
    }
    return at;
}

static enum err make_slots(struct issued *i)
{
    uint32_t *old = i->slot;

    if (i->slots > 2 * (i->counts + 1))
        return E_OK;
    i->slot = calloc(i->slots ? i->slots * 2 : 1024, sizeof *i->slot);
    if (!i->slot) {
        i->slot = old;
        return E_MEMORY;
    }
    i->slots = i->slots ? i->slots * 2 : 1024;
    free(old);
    for (uint32_t k = 0; k < i->counts; k++)
        i->slot[place_of(i, i->count[k].key, i->count[k].period)] = k + 1;
    return E_OK;
}

static bool read_day(const struct json *line, const char *key, struct day *ret)
{
    struct text t;

    return json_text(json_get(line, key), &t) && day_parse(t.p, t.n, ret) == E_OK;
}

static enum err take_count(struct issued *i, struct issue *issue, const struct json *line)
{
    struct issued_count c = { .threshold = THRESHOLD, .changed = issue->number, .number = issue->number }, *old;
    int64_t value = 0, threshold;
    struct text key;
    size_t at;
    char *copy;
    enum err e;

    if (!json_text(json_get(line, "key"), &key) || !read_day(line, "from", &c.period.from) || !read_day(line, "to", &c.period.to))
        return E_CORRUPT;
    if (json_number(json_get(line, "threshold"), &threshold))
        c.threshold = (unsigned)threshold;
    c.was_printed = json_number(json_get(line, "value"), &value) && value >= 0;
    c.value = (uint64_t)value;
    json_bool(json_get(line, "hidden"), &c.was_hidden);
    if (i->counts == ISSUED_COUNTS_MAX)
        return E_TOO_LARGE;
    if ((e = grow(&i->count, sizeof *i->count, i->counts, &i->count_cap)) || (e = make_slots(i)) ||
        (e = grow(&issue->at, sizeof *issue->at, issue->lines, &issue->cap)))
        return e;
    if (!(copy = strndup(key.p, key.n)))
        return E_MEMORY;
    at = place_of(i, copy, c.period);
    if (i->slot[at]) {
        old = &i->count[i->slot[at] - 1];
        if (old->was_printed == c.was_printed && old->value == c.value)
            c.changed = old->changed;
        c.was_hidden |= old->was_hidden;
        free(copy);
        c.key = old->key;
        *old = c;
    } else {
        c.key = copy;
        i->count[i->counts] = c;
        i->slot[at] = (uint32_t)++i->counts;
    }
    issue->at[issue->lines++] = i->slot[at] - 1;
    return E_OK;
}

static enum err take_sum(struct issued *i, const struct issue *issue, const struct json *line)
{
    const struct json *parts = json_get(line, "parts");
    struct issued_sum s = { .number = issue->number };
    int64_t total, part;
    enum err e;

    s.count = (uint32_t)json_count(parts);
    if (!json_number(json_get(line, "total"), &total) || total < 0 || (size_t)total >= issue->lines || s.count == 0 || s.count > PARTS_MAX)
        return E_CORRUPT;
    s.total = issue->at[total];
    if ((e = grow(&i->sum, sizeof *i->sum, i->sums, &i->sum_cap)))
        return e;
    if (!(s.part = malloc(s.count * sizeof *s.part)))
        return E_MEMORY;
    for (uint32_t k = 0; k < s.count; k++) {
        if (!json_number(json_at(parts, k), &part) || part < 0 || (size_t)part >= issue->lines) {
            free(s.part);
            return E_CORRUPT;
        }
        s.part[k] = issue->at[part];
    }
    i->sum[i->sums++] = s;
    return E_OK;
}

static enum err take_line(struct issued *i, struct issue *issue, const struct json *line)
{
    if (json_get(line, "key"))
        return take_count(i, issue, line);
    return json_get(line, "total") ? take_sum(i, issue, line) : E_OK;
}

/* Every line of an issue in turn. E_NOT_FOUND: there is none of this number. */
static enum err each_line(const char *dir, uint32_t number, enum err (*take)(void *ctx, const struct json *line, struct text raw), void *ctx, struct why *why)
{
    char path[PATH_BYTES], *text = NULL;
    size_t cap = 0;
    ssize_t n;
    FILE *f;
    enum err e = E_OK;

    if (!name(dir, number, "", path))
        return E_TOO_LARGE;
    if (!(f = fopen(path, "re"))) {
        if (errno == ENOENT)
            return E_NOT_FOUND;
        why_set(why, "%s, an issued report, cannot be read: %s", path, strerror(errno));
        return E_IO;
    }
    for (unsigned at = 1; !e && (n = getline(&text, &cap, f)) > 0; at++) {
        struct json *line = NULL;
        e = json_parse(text, (size_t)n, &line, why) ? E_CORRUPT : take(ctx, line, (struct text){ text, (uint32_t)n });
        json_free(&line);
        if (e == E_CORRUPT)
            why_set(why, "%s:%u is not as it was written: restore it from a backup; without it earlier reports may give hidden counts away", path, at);
    }
    if (!e && ferror(f))
        e = E_IO;
    free(text);
    fclose(f);
    return e;
}

struct reading { struct issued *issued; struct issue issue; };

static enum err read_line(void *ctx, const struct json *line, struct text raw)
{
    struct reading *r = ctx;

    hash_chain_add(&r->issued->chain, raw.p, raw.n);
    return take_line(r->issued, &r->issue, line);
}

static int by_members(const void *a, const void *b)
{
    const struct issued_sum *x = a, *y = b;

    if (x->total != y->total)
        return x->total < y->total ? -1 : 1;
    if (x->count != y->count)
        return x->count < y->count ? -1 : 1;
    int c = memcmp(x->part, y->part, x->count * sizeof *x->part);
    return c ? c : (x->number > y->number) - (x->number < y->number);
}

/* Each sum once, and none of which something was revised since. */
static void thin(struct issued *i)
{
    size_t kept = 0;

    qsort(i->sum, i->sums, sizeof *i->sum, by_members);
    for (size_t k = 0; k < i->sums; k++) {
        struct issued_sum *s = &i->sum[k], *next = k + 1 < i->sums ? &i->sum[k + 1] : NULL;
        bool stale = i->count[s->total].changed > s->number;
        stale |= next && next->total == s->total && next->count == s->count && memcmp(next->part, s->part, s->count * sizeof *s->part) == 0;
        for (uint32_t p = 0; p < s->count; p++)
            stale |= i->count[s->part[p]].changed > s->number;
        if (stale)
            free(s->part);
        else
            i->sum[kept++] = *s;
    }
    i->sums = kept;
}

enum err issued_open(const char *dir, uint32_t until, struct issued **ret, struct why *why)
{
    struct issued *i = calloc(1, sizeof *i);
    enum err e = E_OK;

    if (!i)
        return E_MEMORY;
    hash_chain_init(&i->chain);
    for (uint32_t number = 1; number <= ISSUES_MAX && (until == 0 || number < until) && !e; number++) {
        struct reading r = { i, { .number = number } };
        e = each_line(dir, number, read_line, &r, why);
        free(r.issue.at);
        if (e == E_NOT_FOUND)
            break;
        i->issues = number;
    }
    if (e && e != E_NOT_FOUND) {
        issued_close(&i);
        return e;
    }
    hash_chain_end(&i->chain, i->hash);
    if (i->sums)
        thin(i);
    *ret = i;
    return E_OK;
}

void issued_close(struct issued **pi)
{
    struct issued *i = *pi;

    if (!i)
        return;
    for (size_t k = 0; k < i->counts; k++)
        free((char *)i->count[k].key);
    for (size_t k = 0; k < i->sums; k++)
        free(i->sum[k].part);
    free(i->count);
    free(i->slot);
    free(i->sum);
    free(i);
    *pi = NULL;
}

size_t issued_counts(const struct issued *i) { return i->counts; }
const struct issued_count *issued_count(const struct issued *i, size_t at) { return &i->count[at]; }
size_t issued_sums(const struct issued *i) { return i->sums; }
const struct issued_sum *issued_sum(const struct issued *i, size_t at) { return &i->sum[at]; }
uint32_t issued_number(const struct issued *i) { return i->issues; }
const uint8_t *issued_hash(const struct issued *i) { return i->hash; }

/* ---- finding and adding ------------------------------------------------------- */

struct search { struct period period; struct instant known_at; bool found; };

/* The first line says of what the issue is; the others are not looked at. */
static enum err look(void *ctx, const struct json *line, struct text raw)
{
    struct search *s = ctx;
    struct period p;
    struct instant t;
    struct text at;

    (void)raw;
    if (!read_day(line, "from", &p.from) || !read_day(line, "to", &p.to) || !json_text(json_get(line, "known_at"), &at) ||
        instant_parse(at.p, at.n, &t))
        return E_CORRUPT;
    s->found = period_same(p, s->period) && instant_same(t, s->known_at);
    return E_END;
}

enum err issued_find(const char *dir, struct period p, struct instant known_at, uint32_t *ret_number, struct why *why)
{
    for (uint32_t number = 1; number <= ISSUES_MAX; number++) {
        struct search s = { p, known_at, false };
        enum err e = each_line(dir, number, look, &s, why);
        if (e == E_NOT_FOUND)
            break;
        if (e && e != E_END)
            return e;
        if (s.found) {
            *ret_number = number;
            return E_OK;
        }
    }
    *ret_number = 0;
    return E_OK;
}

static void put_period(struct json_out *o, struct period p)
{
    char day[11];

    day_format(p.from, day);
    json_put_text(o, "from", text_of(day));
    day_format(p.to, day);
    json_put_text(o, "to", text_of(day));
}

static void put_counts(struct json_out *o, const struct published *p)
{
    for (size_t i = 0; i < published_counts(p); i++) {
        const char *key;
        struct period period;
        uint64_t value;
        bool is_seen = published_count(p, i, &key, &period, &value);
        json_out_object(o);
        json_put_text(o, "key", text_of(key));
        put_period(o, period);
        if (is_seen)
            json_put_number(o, "value", (int64_t)value);
        json_put_flag(o, "hidden", !is_seen && published_is_printed(p, i));
        if (published_threshold(p, i) != THRESHOLD)
            json_put_number(o, "threshold", published_threshold(p, i));
        json_out_end(o);
        json_out_newline(o);
    }
}

static void put_sums(struct json_out *o, const struct published *p)
{
    for (size_t i = 0; i < published_sums(p); i++) {
        const struct sum *s = published_sum(p, i);
        json_out_object(o);
        json_put_number(o, "total", s->total);
        json_out_key(o, "parts");
        json_out_array(o);
        for (uint32_t k = 0; k < s->count; k++)
            json_out_integer(o, s->part[k]);
        json_out_end(o);
        json_out_end(o);
        json_out_newline(o);
    }
}

static enum err write_synced(int fd, struct text t)
{
    for (uint32_t done = 0; done < t.n;) {
        ssize_t n = write(fd, t.p + done, t.n - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == ENOSPC ? E_FULL : E_IO;
        done += (uint32_t)n;
    }
    return fsync(fd) ? E_IO : E_OK;
}

enum err issued_add(const char *dir, const struct published *p, uint32_t *ret_number, struct why *why)
{
    const struct heading *h = published_heading(p);
    char path[PATH_BYTES], part[PATH_BYTES];
    struct json_out o;
    struct text all;
    uint32_t number = 1;
    int fd = -1, folder = -1;
    enum err e = E_IO;

    assert(!published_internal(p));
    json_out_init(&o);
    json_out_object(&o);
    put_period(&o, h->period);
    json_put_time(&o, "known_at", h->known_at);
    json_out_end(&o);
    json_out_newline(&o);
    put_counts(&o, p);
    put_sums(&o, p);
    if ((mkdir(dir, 0700) && errno != EEXIST) || (folder = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
        goto end;
    while (number <= ISSUES_MAX && name(dir, number, "", path) && access(path, F_OK) == 0)
        number++;
    if (number > ISSUES_MAX || !name(dir, number, "", path) || !name(dir, number, ".part", part)) {
        e = E_FULL;
        goto end;
    }
    if ((e = json_out_done(&o, &all)))
        goto end;
    e = (fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)) < 0 ? E_IO : write_synced(fd, all);
    if (!e && (link(part, path) || fsync(folder)))      /* link, not rename: another process may have taken the number */
        e = E_IO;
    unlink(part);
    if (!e)
        *ret_number = number;
end:
    if (e)
        why_set(why, "the report cannot be noted as issued in %s: %s", dir, errno ? strerror(errno) : err_text(e));
    if (fd >= 0)
        close(fd);
    if (folder >= 0)
        close(folder);
    json_out_fini(&o);
    return e;
}
