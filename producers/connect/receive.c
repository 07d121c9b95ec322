/* receive.c: batches from standard input into the drop folder, where the feed takes them in like any others. */
#include "core/json.h"
#include "producers/connect/connect.h"
#include "producers/connect/manifest.h"
#include "producers/input.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { PIECE = 64 * 1024 };

struct receiver_file { FILE *f; char path[4096]; uint64_t rows; };
struct receipt {
    const char *dir;
    struct receiver_file file[TABLE_MANIFEST];  /* of the batch under way, under names that nobody looks at */
    struct json_out line;
    uint64_t lines;
    void (*dropped)(void *ctx, uint64_t batch, uint64_t rows);
    void *ctx;
};

static enum err io_failed(struct why *why, const char *path)
{
    why_set(why, "%s cannot be written: %s", path, strerror(errno));
    return E_IO;
}

static void copy_value(struct json_out *o, const struct json *v)
{
    struct text t;
    int64_t n;
    bool flag;

    if (json_text(v, &t))
        json_out_text(o, t);
    else if (json_number(v, &n))
        json_out_integer(o, n);
    else if (json_bool(v, &flag))
        json_out_bool(o, flag);
    else if (json_kind(v) == JSON_KIND_ARRAY) {
        json_out_array(o);
        for (size_t i = 0; i < json_count(v); i++)
            if (json_text(json_at(v, i), &t))
                json_out_text(o, t);
        json_out_end(o);
    } else {
        json_out_null(o);
    }
}

/* A row into the file of its table, opened at the first. */
static enum err take_row(struct receipt *r, enum extract_table t, const struct json *row, struct why *why)
{
    struct receiver_file *f = &r->file[t];
    const struct json *value;
    const void *at = NULL;
    struct text key, text;
    char name[TEXT_BYTES_MAX + 1];
    enum err e;

    if (!f->f) {
        if (snprintf(f->path, sizeof f->path, "%s/.receiving_%d_%s", r->dir, (int)getpid(), table_name(t)) >= (int)sizeof f->path)
            return E_USAGE;
        if (!(f->f = fopen(f->path, "we")))
            return io_failed(why, f->path);
    }
    json_out_clear(&r->line);
    json_out_object(&r->line);
    while (json_next(row, &at, &key, &value)) {
        if (key.n >= sizeof name)
            continue;                           /* no column is so long */
        snprintf(name, sizeof name, TEXT_FMT, TEXT_ARG(key));
        json_out_key(&r->line, name);
        copy_value(&r->line, value);
    }
    json_out_end(&r->line);
    json_out_newline(&r->line);
    if ((e = json_out_done(&r->line, &text)))
        return e;
    f->rows++;
    return fwrite(text.p, 1, text.n, f->f) == text.n ? E_OK : io_failed(why, f->path);
}

static enum err drop_file(struct receipt *r, enum extract_table t, int64_t id, struct text from, struct text to, FILE *manifest, struct why *why)
{
    struct receiver_file *f = &r->file[t];
    char path[4096], hex[2 * SHA256_BYTES + 1];
    uint8_t sha256[SHA256_BYTES];
    enum err e;

    if (fflush(f->f) || fsync(fileno(f->f)) || fclose(f->f))
        return f->f = NULL, io_failed(why, f->path);
    f->f = NULL;
    if ((e = file_sha256(f->path, sha256, why)))
        return e;
    hash_hex(sha256, sizeof sha256, hex);
    if (snprintf(path, sizeof path, "%s/%s_%06lld.ndjson", r->dir, table_name(t), (long long)id) >= (int)sizeof path || rename(f->path, path))
        return io_failed(why, path);
    fprintf(manifest, "%lld," TEXT_FMT "," TEXT_FMT ",%s_%06lld.ndjson,%llu,%s\n", (long long)id, TEXT_ARG(from), TEXT_ARG(to), table_name(t), (long long)id,
            (unsigned long long)f->rows, hex);
    return E_OK;
}

/* The line that ends a batch: its files get their names, then it. */
static enum err take_manifest(struct receipt *r, const struct json *m, struct why *why)
{
    char path[4096], fresh[4100];
    struct text from, to;
    uint64_t rows = 0;
    int64_t id;
    FILE *f;
    enum err e = E_OK;

    if (!json_number(json_get(m, "batch_id"), &id) || id < 1 || !json_text(json_get(m, "extract_from"), &from) || !json_text(json_get(m, "extract_to"), &to) ||
        memchr(from.p, ',', from.n) || memchr(to.p, ',', to.n)) {
        why_set(why, "line %llu: a manifest has batch_id, a number from 1, extract_from and extract_to", (unsigned long long)r->lines);
        return E_MALFORMED;
    }
    if (snprintf(path, sizeof path, "%s/manifest_%06lld.csv", r->dir, (long long)id) >= (int)sizeof path)
        return E_USAGE;
    snprintf(fresh, sizeof fresh, "%s.tmp", path);
    if (!(f = fopen(fresh, "we")))
        return io_failed(why, fresh);
    fputs("batch_id,extract_from,extract_to,file,rows,sha256\n", f);
    for (enum extract_table t = 0; !e && t < TABLE_MANIFEST; t++)
        if (r->file[t].f) {
            rows += r->file[t].rows;
            e = drop_file(r, t, id, from, to, f, why);
            r->file[t].rows = 0;
        }
    if (fflush(f) || fsync(fileno(f)))
        e = e ? e : io_failed(why, fresh);
    fclose(f);
    if (!e && rename(fresh, path))
        e = io_failed(why, path);
    if (!e)
        r->dropped(r->ctx, (uint64_t)id, rows);
    return e;
}

static enum err take_line(struct receipt *r, struct text line, struct why *why)
{
    struct json *j = NULL;
    const struct json *value;
    const void *at = NULL;
    struct text key;
    enum err e = E_MALFORMED;

    r->lines++;
    if (!line.n)
        return E_OK;
    why_set(why, "line %llu is not one object with one member: crime, victim, event, open, or manifest at the end", (unsigned long long)r->lines);
    if (!json_parse(line.p, line.n, &j, NULL) && json_kind(j) == JSON_KIND_OBJECT && json_count(j) == 1 && json_next(j, &at, &key, &value) &&
        json_kind(value) == JSON_KIND_OBJECT) {
        if (text_same(key, TEXT("manifest")))
            e = take_manifest(r, value, why);
        for (enum extract_table t = 0; t < TABLE_MANIFEST; t++)
            if (text_same(key, text_of(table_name(t))))
                e = take_row(r, t, value, why);
    }
    json_free(&j);
    return e;
}

static enum err take_all(struct receipt *r, struct input *in, char *buf, struct why *why)
{
    size_t used = 0, n;
    char *newline;
    enum err e;

    while (!(e = input_read(in, 1000, buf + used, LINE_BYTES_MAX + PIECE - used, &n, why)) || e == E_AGAIN) {
        size_t from = 0;
        used += e ? 0 : n;
        while ((newline = memchr(buf + from, '\n', used - from))) {
            size_t end = (size_t)(newline - buf);
            if ((e = take_line(r, (struct text){ buf + from, (uint32_t)(end - from - (end > from && buf[end - 1] == '\r')) }, why)))
                return e;
            from = end + 1;
        }
        memmove(buf, buf + from, used - from);
        used -= from;
        if (used > LINE_BYTES_MAX) {
            why_set(why, "line %llu is longer than a line may be", (unsigned long long)r->lines + 1);
            return E_TOO_LARGE;
        }
    }
    return e == E_END && used ? take_line(r, (struct text){ buf, (uint32_t)used }, why) : e == E_END ? E_OK : e;
}

enum err connect_receive(const char *dir, void (*dropped)(void *ctx, uint64_t batch, uint64_t rows), void *ctx, struct why *why)
{
    struct receipt *r = calloc(1, sizeof *r);
    struct input *in = NULL;
    char *buf = malloc(LINE_BYTES_MAX + PIECE);
    enum err e = E_MEMORY;

    if (!r || !buf)
        goto out;
    r->dir = dir;
    r->dropped = dropped;
    r->ctx = ctx;
    json_out_init(&r->line);
    if (!(e = input_open("-", &in, why)))
        e = take_all(r, in, buf, why);
    for (enum extract_table t = 0; t < TABLE_MANIFEST; t++)
        if (r->file[t].f) {                     /* a batch without its end is none */
            fclose(r->file[t].f);
            unlink(r->file[t].path);
            if (!e) {
                why_set(why, "the input ended before a manifest: the rows since the last one are no batch, and were not dropped");
                e = E_MALFORMED;
            }
        }
    json_out_fini(&r->line);
out:
    input_close(&in);
    free(buf);
    free(r);
    return e;
}
