#include "processors/chunk.h"
#include "core/hash.h"
#include "core/wire.h"

#include <assert.h>

enum err chunk_get(struct tape_reader *r, uint64_t number, uint32_t format, uint64_t *ret_first, struct chunk *ret, struct bytes *ret_rows)
{
    struct bytes b;
    enum err e = tape_get(r, number, ret_first, &b);

    if (e)
        return e;
    if (b.n < sizeof *ret)
        return E_CORRUPT;
    memcpy(ret, b.p, sizeof *ret);
    if (ret->format != format)
        return ret->format > format ? E_VERSION : E_CORRUPT;
    if (number - *ret_first >= ret->count)
        return E_CORRUPT;
    *ret_rows = (struct bytes){ b.p + sizeof *ret, b.n - sizeof *ret };
    return E_OK;
}

enum err chunk_end(struct tape *t, uint32_t format, uint64_t *ret_digest)
{
    struct tape_reader *r;
    struct chunk c;
    struct bytes rows;
    uint64_t first;
    enum err e;

    *ret_digest = 0;
    if (tape_first(t) > tape_last(t))
        return E_OK;
    if ((e = tape_reader_open(t, &r)))
        return e;
    if (!(e = chunk_get(r, tape_last(t), format, &first, &c, &rows)))
        *ret_digest = c.digest;
    tape_reader_close(&r);
    return e;
}

enum err chunk_identity(struct tape *t, bool read_only, void *ret, size_t n)
{
    static const struct bytes key = { (const uint8_t *)"identity", 8 };
    size_t got;
    enum err e = tape_side_get(t, key, ret, n, &got);

    assert(n >= STREAM_BYTES);
    if (e != E_NOT_FOUND)
        return !e && got != n ? E_CORRUPT : e;
    memset(ret, 0, n);
    if (read_only)
        return E_OK;
    hash_random(ret, STREAM_BYTES);
    if ((e = tape_side_put(t, key, (struct bytes){ ret, n }))) {
        tape_abort(t);
        return e;
    }
    return tape_commit(t);
}
