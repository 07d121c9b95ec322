#include "tests/kit/ends.h"
#include "core/hash.h"

#include <criterion/criterion.h>
#include <string.h>

static uint64_t digest_at(const struct numbers *n, uint64_t cursor) { return cursor ? cursor * 31 + n->salt : 0; }

static enum err numbers_seek(void *ctx, uint64_t cursor, uint64_t digest, uint8_t ret_stream[STREAM_BYTES])
{
    struct numbers *n = ctx;

    if (cursor > n->last || digest != digest_at(n, cursor)) {
        hash_random(ret_stream, STREAM_BYTES);
        n->next = 1;
        return E_UNKNOWN;
    }
    n->next = cursor + 1;
    return E_OK;
}

static enum err numbers_read(void *ctx, size_t max_bytes, struct bytes *ret, uint32_t *ret_count, uint64_t *ret_digest)
{
    struct numbers *n = ctx;
    size_t used = 0;
    uint32_t count = 0;

    if (n->next > n->last)
        return E_END;
    while (n->next <= n->last && count < n->per_batch && used + 16 <= max_bytes) {
        struct item item = { .what = ITEM_TICK, .at = { (int64_t)n->next } };
        cr_assert(wire_item_append(n->wire, &item, n->buf, sizeof n->buf, &used) == E_OK);
        n->next++, count++;
    }
    if (!count)
        return E_AGAIN;
    *ret = (struct bytes){ n->buf, used };
    *ret_count = count;
    *ret_digest = digest_at(n, n->next - 1);
    return E_OK;
}

static void numbers_durable(void *ctx, uint64_t cursor) { ((struct numbers *)ctx)->told_durable = cursor; }

struct link_source source_of(struct numbers *n, const char *stream)
{
    struct link_source s = { .ctx = n, .seek = numbers_seek, .read = numbers_read, .durable = numbers_durable, .name = "numbers" };

    memcpy(s.stream, stream, strlen(stream));
    if (!n->wire)
        cr_assert(wire_open(&n->wire) == E_OK);
    n->per_batch = n->per_batch ? n->per_batch : 10;
    return s;
}

struct kept *kept_of(struct keeper *k, const uint8_t stream[STREAM_BYTES])
{
    for (size_t i = 0; i < k->count; i++)
        if (!memcmp(k->of[i].stream, stream, STREAM_BYTES))
            return &k->of[i];
    return NULL;
}

static enum err keeper_hello(void *ctx, const uint8_t stream[STREAM_BYTES], const char *name, uint32_t epoch,
                             uint32_t *ret_epoch, uint64_t *ret_cursor, uint64_t *ret_digest)
{
    struct keeper *k = ctx;
    struct kept *s = kept_of(k, stream);

    (void)name;
    if (!s) {
        cr_assert(k->count < KEPT_STREAMS);
        s = &k->of[k->count++];
        memcpy(s->stream, stream, STREAM_BYTES);
    }
    if (!epoch || epoch != s->epoch)
        s->epoch = (epoch > s->epoch ? epoch : s->epoch) + 1;
    *ret_epoch = s->epoch, *ret_cursor = s->cursor, *ret_digest = s->digest;
    return E_OK;
}

static enum err keeper_stands(void *ctx, const uint8_t stream[STREAM_BYTES], uint32_t *ret_epoch, uint64_t *ret_cursor, uint64_t *ret_digest)
{
    struct kept *s = kept_of(ctx, stream);

    if (!s)
        return E_NOT_FOUND;
    *ret_epoch = s->epoch, *ret_cursor = s->cursor, *ret_digest = s->digest;
    return E_OK;
}

static uint64_t keeper_window(void *ctx, const uint8_t stream[STREAM_BYTES])
{
    (void)stream;
    return ((struct keeper *)ctx)->window;
}

struct link_keeper keeper_of(struct keeper *k)
{
    return (struct link_keeper){ .ctx = k, .hello = keeper_hello, .stands = keeper_stands, .window = keeper_window };
}

struct link_right *right_open(struct link_context *c, const char *endpoint, struct keeper *k)
{
    struct link_keeper keeper = keeper_of(k);
    struct link_right *r = NULL;
    struct why why = { "" };

    if (!k->wire)
        cr_assert(wire_open(&k->wire) == E_OK);
    cr_assert(link_right_open(c, endpoint, &keeper, &r, &why) == E_OK, "%s", why.text);
    return r;
}

struct link_left *left_open(struct link_context *c, const char *endpoint, const struct link_source *s)
{
    struct link_left *l = NULL;
    struct why why = { "" };

    cr_assert(link_left_open(c, endpoint, s, &l, &why) == E_OK, "%s", why.text);
    link_left_patience(l, 20, 200);
    return l;
}

size_t keep_round(struct link_right *r, struct keeper *k, bool really)
{
    struct link_batch b[16];
    size_t count = link_right_receive(r, 5, b, 16);

    for (size_t i = 0; really && i < count; i++) {
        struct kept *s = kept_of(k, b[i].stream);
        struct bytes bytes;
        struct item item;
        struct why why;
        size_t at = 0;
        while (!wire_next(b[i].items.p, b[i].items.n, &at, &bytes)) {
            cr_assert(wire_item_decode(k->wire, bytes.p, bytes.n, &item, &why) == E_OK);
            cr_assert((uint64_t)item.at.s == ++s->cursor, "%lld where %llu was to come", (long long)item.at.s, (unsigned long long)s->cursor);
            s->sum += (uint64_t)item.at.s;
        }
        s->digest = b[i].digest;
    }
    link_right_release(r, really);
    link_right_reopen(r);
    return count;
}

enum err turn(struct link_left *l)
{
    struct why why = { "" };

    return link_left_run_once(l, 0, &why);
}

void run_out(struct link_left *l, struct link_right *r, struct keeper *k)
{
    enum err e;

    while ((e = turn(l)) == E_OK)
        keep_round(r, k, true);
    cr_assert(e == E_END, "%s", err_text(e));
}
