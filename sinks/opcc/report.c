#include "sinks/opcc/report.h"

#include "core/hash.h"
#include "sinks/opcc/part.h"
#include "sinks/opcc/render.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PROGRESS_EVERY = 5000 };

static const struct part *const parts[PARTS] = { &rights_part, &audit_part, &groups_part, &attrition_part, &cps_part, &records_part, &unaudited_part };

struct counting {
    void *part[PARTS];
    const struct report_request *request;
    uint64_t journeys, crimes;
};

static enum err count_journey(void *ctx, const struct journey_facts *j)
{
    struct counting *c = ctx;
    enum err e = E_OK;

    for (unsigned i = 0; i < PARTS && !e; i++)
        if (parts[i]->journey)
            e = parts[i]->journey(c->part[i], j);
    if (++c->journeys % PROGRESS_EVERY == 0 && c->request->progress)
        c->request->progress("journeys", c->journeys);
    return e;
}

static enum err count_crime(void *ctx, const struct crime_facts *crime)
{
    struct counting *c = ctx;
    enum err e = E_OK;

    for (unsigned i = 0; i < PARTS && !e; i++)
        if (parts[i]->crime)
            e = parts[i]->crime(c->part[i], crime);
    if (++c->crimes % PROGRESS_EVERY == 0 && c->request->progress)
        c->request->progress("crimes", c->crimes);
    return e;
}

static struct day local_day(struct instant t, int32_t offset) { return (struct day){ (int32_t)((t.s + offset) / 86400) }; }

/* Names and hashes of what it was judged by. */
static void describe_law(const struct known *k, char rules[400], char calendar[200])
{
    const struct law_row *law = known_law(k);
    char hex[2 * LAW_HASH_BYTES + 1], last[11];
    struct text seen = TEXT("");
    size_t n = 0;

    rules[0] = 0;
    for (uint32_t i = 0; i < law->rules && n < 300; i++)
        if (!text_same(law->rule[i].edition, seen) && (seen = law->rule[i].edition).n)
            n += (size_t)snprintf(rules + n, 400 - n, "%s" TEXT_FMT, n ? ", " : "", TEXT_ARG(seen));
    hash_hex(law->hash, LAW_HASH_BYTES, hex);
    snprintf(rules + (n < 380 ? n : 380), 400 - (n < 380 ? n : 380), " (law record %" PRIu64 ", BLAKE2b %.16s)", law->number, hex);
    if (day_is_set(law->last_day)) {
        day_format(law->last_day, last);
        snprintf(calendar, 200, "%u bank holidays, reaching to %s", law->holidays, last);
    } else {
        snprintf(calendar, 200, "no bank holidays");
    }
}

static void describe(const struct report_request *r, const struct known *k, struct heading *h, char rules[400], char calendar[200], char zone[80])
{
    const struct drawn_row *drawn = known_drawn(k);

    describe_law(k, rules, calendar);
    snprintf(zone, 80, TEXT_FMT, TEXT_ARG(known_law(k)->zone));
    *h = (struct heading){ .force = r->force, .time_zone = zone, .period = r->period, .before = period_before(r->period), .year_before = period_year_before(r->period),
                           .known_at = instant_is_set(r->known_at) ? r->known_at : drawn->tick, .rules = rules, .calendar = calendar, .record = drawn->record,
                           .cut = local_day(drawn->tick, drawn->utc_offset) };
}

static enum err count(struct known *k, const struct scope *s, const struct report_request *r, struct draft *d)
{
    struct counting c = { .request = r };
    enum err e = E_OK;

    for (unsigned i = 0; i < PARTS && !e; i++)
        e = parts[i]->open(s, &c.part[i]);
    if (!e)
        e = known_each_journey(k, count_journey, &c);
    if (!e)
        e = known_each_crime(k, count_crime, &c);
    for (unsigned i = 0; i < PARTS && !e; i++)
        parts[i]->write(c.part[i], d);
    for (unsigned i = 0; i < PARTS; i++)
        parts[i]->close(&c.part[i]);
    return e;
}

enum err report_draft(const struct report_request *r, struct draft **ret, struct why *why)
{
    char rules[400], calendar[200], zone[80], ends[11];
    struct known *k = NULL;
    struct draft *d = NULL;
    struct heading h;
    struct scope s;
    enum err e = known_open(r->store, r->known_at, &k, why);

    if (e)
        return e;
    describe(r, k, &h, rules, calendar, zone);
    s = (struct scope){ .known = k, .rules = known_rules(k), .cut = h.cut, .audited = r->audited };
    if (r->period.to.n >= s.cut.n) {
        day_format(r->period.to, ends);
        why_set(why, "the period ends on %s, and that day is not over as far as the tracker knows: choose an earlier one", ends);
        e = E_USAGE;
        goto end;
    }
    s.span[SPAN_NOW] = h.period;
    s.span[SPAN_BEFORE] = h.before;
    s.span[SPAN_YEAR_BEFORE] = h.year_before;
    period_months(h.period, s.span + SPAN_MONTHS);
    if ((e = draft_open(&h, &d)) || (e = count(k, &s, r, d)) || (e = draft_check(d, why)))
        goto end;
    *ret = d;
    d = NULL;
end:
    draft_close(&d);
    known_close(&k);
    return e;
}

/* ---- files ------------------------------------------------------------------ */

static enum err put_whole(int folder, const char *name, const char *text, size_t n, struct report_files *files)
{
    struct report_file *f = &files->file[files->count];
    struct hash_sha256 h;
    uint8_t digest[32];
    char part[FILE_NAME_BYTES + 8];
    enum err e = E_OK;
    int fd;

    if (files->count == FILES_MAX || snprintf(f->name, sizeof f->name, "%s", name) >= FILE_NAME_BYTES)
        return E_TOO_LARGE;
    snprintf(part, sizeof part, ".%s.part", f->name);
    if ((fd = openat(folder, part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640)) < 0)
        return E_IO;
    for (size_t done = 0; done < n && !e;) {
        ssize_t w = write(fd, text + done, n - done);
        if (w < 0 && errno != EINTR)
            e = errno == ENOSPC ? E_FULL : E_IO;
        done += w > 0 ? (size_t)w : 0;
    }
    if (!e && (fsync(fd) || renameat(folder, part, folder, f->name)))
        e = E_IO;
    close(fd);
    if (e) {
        unlinkat(folder, part, 0);
        return e;
    }
    hash_sha256_init(&h);
    hash_sha256_add(&h, text, n);
    hash_sha256_end(&h, digest);
    hash_hex(digest, sizeof digest, f->sha256);
    f->bytes = n;
    files->count++;
    return E_OK;
}

enum document { DOCUMENT_HTML, DOCUMENT_JSON, DOCUMENT_CSV };

static enum err put_document(int folder, const struct published *p, enum document what, const struct table *t, struct report_files *files)
{
    char *text = NULL, name[FILE_NAME_BYTES];
    size_t n = 0;
    FILE *f = open_memstream(&text, &n);
    enum err e = E_OK;

    if (!f)
        return E_MEMORY;
    if (what == DOCUMENT_HTML)
        render_html(f, p);
    else if (what == DOCUMENT_JSON)
        e = render_json(f, p);
    else
        render_csv(f, p, t);
    if ((fflush(f) || ferror(f)) && !e)
        e = E_MEMORY;
    fclose(f);
    snprintf(name, sizeof name, "%s%s", published_internal(p) ? "INTERNAL-" : "", what == DOCUMENT_HTML ? "report.html" : what == DOCUMENT_JSON ? "report.json" : t->words.id);
    if (what == DOCUMENT_CSV && strlen(name) + 5 < sizeof name)
        strcat(name, ".csv");
    if (!e)
        e = put_whole(folder, name, text, n, files);
    free(text);
    return e;
}

static enum err put_sums(int folder, struct report_files *files)
{
    char text[FILES_MAX * (FILE_NAME_BYTES + 68)];
    size_t n = 0;

    for (unsigned i = 0; i < files->count; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s  %s\n", files->file[i].sha256, files->file[i].name);
    return put_whole(folder, "SHA256SUMS", text, n, files);
}

enum err report_write(const struct published *p, unsigned formats, const char *dir, struct report_files *ret, struct why *why)
{
    struct report_files *files = calloc(1, sizeof *files);
    int folder = -1;
    enum err e = files ? E_OK : E_MEMORY;

    if (!e && mkdir(dir, 0750) && errno != EEXIST)
        e = E_IO;
    if (!e && (folder = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
        e = E_IO;
    if (!e && (formats & REPORT_HTML))
        e = put_document(folder, p, DOCUMENT_HTML, NULL, files);
    if (!e && (formats & REPORT_JSON))
        e = put_document(folder, p, DOCUMENT_JSON, NULL, files);
    for (size_t i = 0; i < published_tables(p) && (formats & REPORT_CSV) && !e; i++)
        e = put_document(folder, p, DOCUMENT_CSV, published_table(p, i), files);
    if (!e)
        e = put_sums(folder, files);
    if (e)
        why_set(why, "the report cannot be written into %s: %s", dir, e == E_IO ? strerror(errno) : err_text(e));
    else
        *ret = *files;
    if (folder >= 0)
        close(folder);
    free(files);
    return e;
}

enum err report_make(const struct report_request *r, const char *issued, unsigned formats, const char *dir, struct report_files *ret,
                     struct published **ret_published, struct why *why)
{
    struct issued *before = NULL;
    struct published *p = NULL;
    struct draft *d = NULL;
    uint32_t again = 0;
    enum err e;

    if ((e = report_draft(r, &d, why)) || (e = issued_find(issued, r->period, draft_heading(d)->known_at, &again, why)) ||
        (e = issued_open(issued, again, &before, why)) || (e = disclosure_publish(&d, before, &p, why)))
        goto end;
    if (published_hiding(p)->exposed) {
        why_set(why, "%" PRIu64 " counts would be given away together with what was issued before: ask for other periods", published_hiding(p)->exposed);
        e = E_USAGE;
        goto end;
    }
    /* Noted before it is handed out: what may be known outside is never forgotten. */
    if ((again || !(e = issued_add(issued, p, &again, why))) && !(e = report_write(p, formats, dir, ret, why)) && ret_published) {
        *ret_published = p;
        p = NULL;
    }
end:
    published_close(&p);
    issued_close(&before);
    draft_close(&d);
    return e;
}
