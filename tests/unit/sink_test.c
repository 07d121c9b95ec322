/* The loop of a sink: what it could not take comes again, and nothing is acknowledged before. */
#include "core/hash.h"
#include "sinks/sink.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static void on_start(void) { hash_init(); }
TestSuite(sink, .init = on_start, .timeout = 60);

enum { ITEMS = 40, A_BATCH = 8 };

/* ---- a source of ITEMS numbered bytes ------------------------------------------------------ */

struct numbers { uint64_t next, durable; uint8_t buf[2 * A_BATCH]; };

static enum err seek(void *ctx, uint64_t cursor, uint64_t digest, uint8_t ret_stream[STREAM_BYTES])
{
    (void)ret_stream;
    cr_assert(digest == cursor);
    ((struct numbers *)ctx)->next = cursor + 1;
    return E_OK;
}

static enum err read_some(void *ctx, size_t max_bytes, struct bytes *ret, uint32_t *ret_count, uint64_t *ret_digest)
{
    struct numbers *n = ctx;
    uint32_t count = 0;

    if (n->next > ITEMS)
        return E_END;
    for (; n->next <= ITEMS && count < A_BATCH && 2 * (count + 1) <= max_bytes; count++, n->next++) {
        n->buf[2 * count] = 1;                  /* an item of one byte */
        n->buf[2 * count + 1] = (uint8_t)n->next;
    }
    if (!count)
        return E_AGAIN;
    *ret = (struct bytes){ n->buf, 2 * count };
    *ret_count = count;
    *ret_digest = n->next - 1;
    return E_OK;
}

static void durable(void *ctx, uint64_t cursor) { ((struct numbers *)ctx)->durable = cursor; }

/* ---- a sink that has no room for a while ----------------------------------------------------- */

struct shelf { unsigned refusals; uint8_t item[256], kept[256]; size_t items, keeps; };
static struct shelf shelf;

static enum err shelf_open(const char *path, void **ret_ctx, struct sink_cursor *ret_cursor, struct why *why)
{
    (void)path, (void)why;
    *ret_cursor = (struct sink_cursor){ .epoch = 0 };
    *ret_ctx = &shelf;
    return E_OK;
}

static enum err shelf_take(void *ctx, struct bytes item)
{
    struct shelf *s = ctx;

    if (s->refusals && item.p[0] > 10) {        /* in the middle of a batch */
        s->refusals--;
        s->items = s->keeps;                    /* as if the round had never come */
        return E_FULL;
    }
    s->item[s->items++] = item.p[0];
    return E_OK;
}

static enum err shelf_commit(void *ctx, const struct sink_cursor *at)
{
    struct shelf *s = ctx;

    memcpy(s->kept, s->item, s->items);
    s->keeps = s->items;
    cr_expect(at->number == s->keeps);
    return E_OK;
}

static void shelf_close(void **ctx) { *ctx = NULL; }

static const struct sink patient = { .name = "shelf", .open = shelf_open, .take = shelf_take, .commit = shelf_commit, .close = shelf_close, .takes_back = true };
static const struct sink strict = { .name = "shelf", .open = shelf_open, .take = shelf_take, .commit = shelf_commit, .close = shelf_close };

static enum err run(const struct sink *sink, struct numbers *n)
{
    struct link_source source = { .ctx = n, .seek = seek, .read = read_some, .durable = durable, .stream = "numbers", .name = "numbers" };
    struct link_context *c = NULL;
    struct sink_loop *l = NULL;
    struct link_left *left = NULL;
    struct why why = { "" };
    enum err e = E_OK, sent = E_OK;

    cr_assert(link_context_open(&c) == E_OK);
    cr_assert(sink_loop_open(c, "inproc://shelf", sink, "", &l, &why) == E_OK, "%s", why.text);
    cr_assert(link_left_open(c, "inproc://shelf", &source, &left, &why) == E_OK, "%s", why.text);
    link_left_patience(left, 50, 200);
    while (!e && !(sent = link_left_run_once(left, 1, &why))) {
        cr_assert(n->durable <= shelf.keeps, "acknowledged before it was kept");
        e = sink_loop_run_once(l, 1, &why);
    }
    cr_expect(e || sent == E_END);
    link_left_close(&left);
    sink_loop_close(&l);
    link_context_close(&c);
    return e;
}

Test(sink, a_full_sink_that_takes_back_has_everything_once_when_there_is_room)
{
    struct numbers n = { .next = 1 };

    shelf = (struct shelf){ .refusals = 5 };
    cr_assert(run(&patient, &n) == E_OK);
    cr_expect(shelf.refusals == 0 && shelf.keeps == ITEMS && n.durable == ITEMS);
    for (size_t i = 0; i < shelf.keeps; i++)
        cr_expect(shelf.kept[i] == i + 1);
}

Test(sink, a_full_sink_that_cannot_take_back_ends_and_nothing_of_the_round_is_acknowledged)
{
    struct numbers n = { .next = 1 };

    shelf = (struct shelf){ .refusals = 1 };
    cr_expect(run(&strict, &n) == E_FULL);
    cr_expect(n.durable == shelf.keeps && n.durable < 11);
}
