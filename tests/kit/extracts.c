#include "tests/kit/extracts.h"
#include "core/hash.h"
#include "tests/kit/program.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void batch_file_drop(const char *dir, const struct batch_text *b, const char *name, const char *text, size_t n, long rows, char *manifest, size_t cap)
{
    char *path = path_in(dir, name), hex[2 * SHA256_BYTES + 1];
    uint8_t sha256[SHA256_BYTES];
    struct hash_sha256 h;
    size_t used = strlen(manifest);

    hash_init();
    file_write(path, text, n);
    hash_sha256_init(&h);
    hash_sha256_add(&h, text, n);
    hash_sha256_end(&h, sha256);
    hash_hex(sha256, sizeof sha256, hex);
    snprintf(manifest + used, cap - used, "%d,%s,%s,%s,%ld,%s\n", b->id, b->from, b->to, name, rows, hex);
    free(path);
}

void batch_manifest_drop(const char *dir, int id, const char *rows)
{
    char name[64], text[8192], *tmp, *path;

    snprintf(name, sizeof name, "manifest_%d.csv.tmp", id);
    tmp = path_in(dir, name);
    snprintf(name, sizeof name, "manifest_%d.csv", id);
    path = path_in(dir, name);
    snprintf(text, sizeof text, MANIFEST_HEADER "%s", rows);
    file_write(tmp, text, strlen(text));
    cr_assert(rename(tmp, path) == 0);
    free(tmp), free(path);
}

static long lines_of(const char *text)
{
    long n = 0;

    for (; *text; text++)
        n += *text == '\n';
    return n;
}

void batch_drop(const char *dir, const struct batch_text *b)
{
    const struct { const char *table, *header, *rows; } file[] = {
        { "crime", CRIME_HEADER, b->crimes }, { "victim", VICTIM_HEADER, b->victims }, { "event", EVENT_HEADER, b->events },
    };
    char manifest[4096] = "", name[64], *text;

    for (size_t i = 0; i < sizeof file / sizeof *file; i++) {
        if (!file[i].rows)
            continue;
        snprintf(name, sizeof name, "%s_%d.csv", file[i].table, b->id);
        cr_assert(asprintf(&text, "%s%s", file[i].header, file[i].rows) > 0);
        batch_file_drop(dir, b, name, text, strlen(text), lines_of(file[i].rows), manifest, sizeof manifest);
        free(text);
    }
    batch_manifest_drop(dir, b->id, manifest);
}
