#include "producers/connect/manifest.h"
#include "producers/connect/rowfile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static enum err hash_file(const char *path, bool (*is_stopping)(void), uint8_t ret[SHA256_BYTES], struct why *why)
{
    enum { PIECE = 256 * 1024 };
    struct hash_sha256 h;
    FILE *f = fopen(path, "re");
    char *piece = malloc(PIECE);
    size_t n;
    enum err e = E_OK;

    if (!f || !piece) {
        why_set(why, "%s cannot be read: %s", path, strerror(errno));
        e = !f && errno == ENOENT ? E_NOT_FOUND : E_IO;
        goto out;
    }
    hash_sha256_init(&h);
    while ((n = fread(piece, 1, PIECE, f)) > 0) {
        hash_sha256_add(&h, piece, n);
        if (is_stopping && is_stopping()) {
            e = E_AGAIN;
            goto out;
        }
    }
    if (ferror(f)) {
        why_set(why, "%s cannot be read to its end", path);
        e = E_IO;
        goto out;
    }
    hash_sha256_end(&h, ret);
out:
    if (f)
        fclose(f);
    free(piece);
    return e;
}

enum err file_sha256(const char *path, uint8_t ret[SHA256_BYTES], struct why *why) { return hash_file(path, NULL, ret, why); }

static int digit(char c) { return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1; }

static bool read_hex(struct text t, uint8_t ret[SHA256_BYTES])
{
    if (t.n != 2 * SHA256_BYTES)
        return false;
    for (size_t i = 0; i < SHA256_BYTES; i++) {
        int high = digit(t.p[2 * i]), low = digit(t.p[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        ret[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

/* Only files that lie in the folder itself, and whose name says what they are. */
static enum err take_file(const struct shape *x, const struct record *r, struct manifest *m, struct why *why)
{
    struct text name = record_text(r, MANIFEST_file);
    struct batch_file *f = &m->file[m->files];

    if (m->files == BATCH_FILES_MAX) {
        why_set(why, "the manifest names more than %d files", BATCH_FILES_MAX);
        return E_TOO_LARGE;
    }
    if (name.n >= FILE_NAME_MAX || memchr(name.p, '/', name.n) || name.p[0] == '.') {
        why_set(why, "the manifest names a file that is not a plain name in this folder");
        return E_MALFORMED;
    }
    memset(f, 0, sizeof *f);
    memcpy(f->name, name.p, name.n);
    f->table = shape_table_of(x, f->name);
    if (f->table >= TABLE_MANIFEST) {
        why_set(why, "the manifest names %s, which is no file of crimes, victims, events or open crimes by its name", f->name);
        return E_UNKNOWN;
    }
    f->rows = (uint64_t)record_number(r, MANIFEST_rows);
    if (!read_hex(record_text(r, MANIFEST_sha256), f->sha256)) {
        why_set(why, "sha256 of %s is not 64 hexadecimal digits", f->name);
        return E_MALFORMED;
    }
    for (size_t i = 0; i < m->files; i++)
        if (!strcmp(m->file[i].name, f->name)) {
            why_set(why, "the manifest names %s twice", f->name);
            return E_MALFORMED;
        }
    m->files++;
    return E_OK;
}

static enum err take_row(const struct shape *x, const struct record *r, bool is_first, struct manifest *m, struct why *why)
{
    uint64_t id = (uint64_t)record_number(r, MANIFEST_batch_id);
    struct instant from = record_time(r, MANIFEST_extract_from), to = record_time(r, MANIFEST_extract_to);

    if (id == 0 || instant_after(from, to)) {
        why_set(why, id ? "extract_from lies after extract_to" : "batch_id is 0; batches are numbered from 1");
        return E_RANGE;
    }
    if (!is_first && (id != m->id || !instant_same(from, m->from) || !instant_same(to, m->to))) {
        why_set(why, "the rows of the manifest do not agree on batch_id, extract_from and extract_to");
        return E_MALFORMED;
    }
    m->id = id;
    m->from = from;
    m->to = to;
    return take_file(x, r, m, why);
}

static int by_table(const void *a, const void *b)
{
    const struct batch_file *x = a, *y = b;

    return x->table != y->table ? (x->table > y->table) - (x->table < y->table) : strcmp(x->name, y->name);
}

enum err manifest_read(const struct shape *x, const char *path, struct manifest *ret, struct why *why)
{
    struct text cell[TABLE_COLUMNS_MAX];
    struct manifest m = { 0 };
    const char *base = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    struct rowfile *f;
    struct record r;
    struct fault fault;
    uint64_t ambiguous = 0, rows = 0;
    enum err e = rowfile_open(x, TABLE_MANIFEST, path, &f, why);

    if (e)
        return e == E_USAGE ? E_MALFORMED : e;
    while (!(e = rowfile_next(f, cell, why))) {
        if ((e = record_read(TABLE_MANIFEST, cell, &x->dates, INSTANT_NONE, &r, &ambiguous, &fault))) {
            why_set(why, "row %llu of the manifest: %s", (unsigned long long)rowfile_row(f), fault.reason);
            break;
        }
        if ((e = take_row(x, &r, rows++ == 0, &m, why)))
            break;
    }
    rowfile_close(&f);
    if (e != E_END)
        return e;
    if (!m.files) {
        why_set(why, "the manifest names no file; a batch in which nothing changed still has files, with a header and no rows");
        return E_MALFORMED;
    }
    if ((e = file_sha256(path, m.sha256, why)))
        return e;
    snprintf(m.name, sizeof m.name, "%s", base);
    qsort(m.file, m.files, sizeof *m.file, by_table);
    *ret = m;
    return E_OK;
}

static enum err check_file(const struct shape *x, const struct batch_file *b, const char *path, bool (*is_stopping)(void), struct why *why)
{
    struct text cell[TABLE_COLUMNS_MAX];
    uint8_t sha256[SHA256_BYTES];
    struct rowfile *f;
    struct why row;
    struct stat st;
    uint64_t rows = 0;
    enum err e;

    if (lstat(path, &st)) {
        why_set(why, "%s is named by the manifest and is not there", b->name);
        return E_NOT_FOUND;
    }
    if (!S_ISREG(st.st_mode)) {                     /* a link could lead anywhere, a pipe would never end */
        why_set(why, "%s is not a plain file", b->name);
        return E_MALFORMED;
    }
    if ((e = hash_file(path, is_stopping, sha256, why)))
        return e;
    if (memcmp(sha256, b->sha256, SHA256_BYTES) != 0) {
        why_set(why, "%s has other bytes than the manifest says (sha256): cut short, or changed since", b->name);
        return E_MALFORMED;
    }
    if ((e = rowfile_open(x, b->table, path, &f, why)))
        return e == E_USAGE ? E_MALFORMED : e;
    while (!(e = rowfile_next(f, cell, &row)) || err_action(e) == ERR_REJECT)
        if (++rows % 4096 == 0 && is_stopping && is_stopping()) {
            rowfile_close(&f);
            return E_AGAIN;
        }
    rowfile_close(&f);
    if (e != E_END) {
        *why = row;
        return e;
    }
    if (rows != b->rows) {
        why_set(why, "%s has %llu rows, the manifest says %llu", b->name, (unsigned long long)rows, (unsigned long long)b->rows);
        return E_RANGE;
    }
    return E_OK;
}

enum err manifest_check(const struct shape *x, const struct manifest *m, const char *dir, bool (*is_stopping)(void), struct why *why)
{
    char path[4096];
    enum err e;

    for (size_t i = 0; i < m->files; i++) {
        if (snprintf(path, sizeof path, "%s/%s", dir, m->file[i].name) >= (int)sizeof path)
            return E_USAGE;
        if ((e = check_file(x, &m->file[i], path, is_stopping, why)))
            return e;
    }
    return E_OK;
}
