/* A file of an extract, CSV or NDJSON, of any table, as it lies in the folder: read, typed, packed and unpacked the same; and
 * as a manifest. The first byte says which. */
#include "core/hash.h"
#include "producers/connect/manifest.h"
#include "producers/connect/rowfile.h"
#include "tests/fuzz/fuzz.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void check_packed(const struct record *r)
{
    static uint8_t a[RECORD_BYTES_MAX], b[RECORD_BYTES_MAX];
    struct record again;
    size_t n = record_pack(r, a);

    if (record_unpack(r->table, (struct bytes){ a, n }, &again) || record_pack(&again, b) != n || memcmp(a, b, n))
        abort();
}

static void read_all(const struct shape *x, enum extract_table t, const char *path)
{
    struct text cell[TABLE_COLUMNS_MAX];
    struct rowfile *f = NULL;
    struct record r;
    struct fault fault;
    struct words words;
    struct why why = { "" };
    uint64_t ambiguous = 0;
    enum err e;

    if (rowfile_open(x, t, path, &f, &why)) {
        if (!why.text[0])
            abort();
        return;
    }
    while (!(e = rowfile_next(f, cell, &why)) || err_action(e) == ERR_REJECT) {
        fault.reason[0] = 0;
        if (record_read(t, cell, &x->dates, (struct instant){ 1800000000 }, &r, &ambiguous, &fault)) {
            if (!fault.reason[0] || !fault.sort)
                abort();
            continue;
        }
        check_packed(&r);
        if (t == TABLE_CRIME)
            record_words(&r, CRIME_hate_flags, &words);
    }
    if (e != E_END)
        abort();
    rowfile_close(&f);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    static struct shape *own, *other;
    static char csv[64], ndjson[64];
    static struct manifest m;
    struct why why = { "" };
    const char *path;
    FILE *f;

    if (!own) {
        hash_init();
        if (shape_open(NULL, &own, &why) || shape_open("deploy/examples/other-extract.connect.yaml", &other, &why))
            abort();
        snprintf(csv, sizeof csv, "/tmp/extract-fuzz-%d.csv", (int)getpid());
        snprintf(ndjson, sizeof ndjson, "/tmp/extract-fuzz-%d.ndjson", (int)getpid());
    }
    if (n == 0)
        return 0;
    path = p[0] & 1 ? ndjson : csv;
    if (!(f = fopen(path, "we")) || fwrite(p + 1, 1, n - 1, f) != n - 1 || fclose(f))
        abort();
    read_all(p[0] & 2 ? other : own, (enum extract_table)((p[0] >> 2) % TABLES), path);
    if (p[0] & 64 && !manifest_read(own, path, &m, &why) && (m.files == 0 || m.id == 0))
        abort();
    unlink(path);
    return 0;
}
