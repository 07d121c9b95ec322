#include "commands/sheet.h"

#include "commands/print.h"
#include "core/hash.h"
#include "processors/behind.h"
#include "producers/rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { READ_BYTES = 64 * 1024 };

/* ---- references --------------------------------------------------------------- */

static int by_id(const void *a, const void *b) { return memcmp(a, b, KEYED_BYTES); }

static enum err visit(void *ctx, const uint8_t id[KEYED_BYTES], struct text crime, struct text victim)
{
    struct cases *r = ctx;
    struct found_case *one = bsearch(id, r->one, r->count, sizeof *r->one, by_id);

    if (!one || one->crime)
        return E_OK;
    one->crime = strndup(crime.p, crime.n);
    one->victim = strndup(victim.p, victim.n);
    return one->crime && one->victim ? E_OK : E_MEMORY;
}

enum err cases_find(const char *data, const void *ids, size_t stride, uint32_t count, struct cases *ret, struct why *why)
{
    struct cases r = { calloc(count + 1, sizeof *r.one), count };
    struct folder f;
    enum err e;

    if (!r.one)
        return E_MEMORY;
    for (uint32_t i = 0; i < count; i++)
        memcpy(r.one[i].id, (const char *)ids + i * stride, KEYED_BYTES);
    if (count)
        qsort(r.one, count, sizeof *r.one, by_id);
    if ((e = folder_name(&f, data, false, why)) || (e = behind_each(&f, visit, &r, why))) {
        cases_fini(&r);
        return e;
    }
    *ret = r;
    return E_OK;
}

const struct found_case *cases_get(const struct cases *r, const uint8_t id[KEYED_BYTES])
{
    const struct found_case *one = r && r->count ? bsearch(id, r->one, r->count, sizeof *r->one, by_id) : NULL;

    return one && one->crime ? one : NULL;
}

void cases_fini(struct cases *r)
{
    for (uint32_t i = 0; i < r->count && r->one; i++) {
        free(r->one[i].crime);
        free(r->one[i].victim);
    }
    free(r->one);
    *r = (struct cases){ NULL, 0 };
}

/* ---- the sheet ---------------------------------------------------------------- */

void sheet_write(FILE *f, const struct sample *s, const struct cases *refs)
{
    char hex[2 * KEYED_BYTES + 1];

    fputs("case,journey,crime_ref,victim_ref,kind", f);
    for (unsigned q = 0; q < QUESTIONS_COUNT; q++)
        fprintf(f, ",%s", question_key((enum question)q));
    fputs("\r\n", f);
    for (uint32_t i = 0; i < s->count; i++) {
        const struct found_case *ref = cases_get(refs, s->one[i].id);
        hash_hex(s->one[i].id, KEYED_BYTES, hex);
        fprintf(f, "%u,%s,", i + 1, hex);
        print_csv(f, text_of(ref ? ref->crime : ""), false);
        print_csv(f, text_of(ref ? ref->victim : ""), false);
        print_csv(f, text_of(sample_stratum_words((enum stratum_of)s->one[i].stratum)), false);
        for (unsigned q = 1; q < QUESTIONS_COUNT; q++)
            putc(',', f);
        fputs("\r\n", f);
    }
}

static bool read_id(struct text t, uint8_t ret[KEYED_BYTES])
{
    if (t.n != 2 * KEYED_BYTES)
        return false;
    for (unsigned i = 0; i < KEYED_BYTES; i++) {
        unsigned byte = 0;
        for (unsigned k = 0; k < 2; k++) {
            char c = t.p[2 * i + k];
            unsigned digit = c >= '0' && c <= '9' ? (unsigned)(c - '0') : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10) : 16;
            if (digit == 16)
                return false;
            byte = byte * 16 + digit;
        }
        ret[i] = (uint8_t)byte;
    }
    return true;
}

static bool read_answer(struct text t, uint8_t *ret)
{
    *ret = ANSWERS_COUNT;
    for (unsigned a = 0; a < ANSWERS_COUNT; a++)
        if (text_same(t, text_of(answer_word((enum answer)a))))
            *ret = (uint8_t)a;
    return t.n == 0 || *ret != ANSWERS_COUNT;
}

static enum err take(struct audited_list *l, const struct row *row, uint64_t number, struct why *why)
{
    struct audited a;

    if (l->count == SAMPLE_SIZE_MAX) {
        why_set(why, "the sheet has more than %d rows", SAMPLE_SIZE_MAX);
        return E_USAGE;
    }
    if (!read_id(row->cell[0], a.id)) {
        why_set(why, "row %llu: 'journey' is not as the sheet gave it: leave that column as it is", (unsigned long long)number);
        return E_USAGE;
    }
    for (unsigned q = 0; q < QUESTIONS_COUNT; q++)
        if (!read_answer(row->cell[1 + q], &a.answer[q])) {
            why_set(why, "row %llu, %s: the answer is one of yes, late, no, not applicable, not yet, not known; or nothing", (unsigned long long)number,
                    question_key((enum question)q));
            return E_USAGE;
        }
    l->one[l->count++] = a;
    return E_OK;
}

enum err sheet_read(const char *path, struct audited_list *ret, struct why *why)
{
    const char *column[1 + QUESTIONS_COUNT] = { "journey" };
    struct audited_list l = { calloc(SAMPLE_SIZE_MAX, sizeof *l.one), 0 };
    FILE *f = fopen(path, "re");
    char buf[READ_BYTES];
    struct rows *rows = NULL;
    struct row row;
    enum err e = l.one ? E_OK : E_MEMORY;

    if (!f) {
        why_set(why, "%s, the auditors' sheet, cannot be read: %s", path, strerror(errno));
        e = E_USAGE;
    }
    for (unsigned q = 0; q < QUESTIONS_COUNT; q++)
        column[1 + q] = question_key((enum question)q);
    if (e || (e = rows_open((struct rows_form){ ',', column, 1 + QUESTIONS_COUNT, false }, &rows)))
        goto end;
    while ((e = rows_next(rows, &row, why)) == E_OK || e == E_AGAIN) {
        if (e == E_AGAIN)
            e = rows_feed(rows, buf, fread(buf, 1, sizeof buf, f));
        else
            e = take(&l, &row, rows_number(rows), why);
        if (e)
            break;
    }
    if (e == E_END)
        e = audited_sort(&l, why);
    else if (e != E_MEMORY)
        e = E_USAGE;
end:
    rows_close(&rows);
    if (f)
        fclose(f);
    if (e)
        free(l.one);
    else
        *ret = l;
    return e;
}
