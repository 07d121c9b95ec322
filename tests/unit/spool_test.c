/* What cannot be read again is kept until the tracker has it, and is sent again to a tracker that no longer knows the stream. */
#include "producers/spool.h"
#include "core/hash.h"
#include "tests/kit/program.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static void on_start(void) { hash_init(); }
TestSuite(spool, .init = on_start, .timeout = 60);

static void append_ticks(struct spool *s, struct wire *w, int from, int to)
{
    uint8_t buf[256];

    for (int i = from; i <= to; i++) {
        struct item item = { .what = ITEM_TICK, .at = { 60 * i } };
        size_t used = 0;
        cr_assert(wire_item_append(w, &item, buf, sizeof buf, &used) == E_OK);
        cr_assert(spool_append(s, (struct bytes){ buf, used }, 1) == E_OK);
    }
}

static int64_t tick_in(struct wire *w, struct bytes items)
{
    struct item item;
    struct bytes b;
    struct why why;
    size_t at = 0;

    cr_assert(wire_next(items.p, items.n, &at, &b) == E_OK && wire_item_decode(w, b.p, b.n, &item, &why) == E_OK);
    return item.at.s / 60;
}

/* Dropped by the tracker to make room, or the tracker's folder was made anew: it says that it has nothing. */
Test(spool, what_is_still_held_goes_as_a_new_stream_where_the_first_of_the_old_are_gone)
{
    char *dir = folder_make(), *path = path_in(dir, "spool");
    struct spool *s = NULL;
    struct link_source source;
    struct wire *w;
    struct why why = { "" };
    uint8_t stream[STREAM_BYTES];
    struct bytes items;
    uint32_t count;
    uint64_t digest, left;

    cr_assert(wire_open(&w) == E_OK);
    cr_assert(spool_open(path, 0, &s, &why) == E_OK, "%s", why.text);
    append_ticks(s, w, 1, 5);
    source = spool_source(s, "test");
    source.durable(source.ctx, 5);
    spool_close(&s);
    cr_assert(spool_forget(path, &left, &why) == E_OK && left == 0, "%s", why.text);
    cr_assert(spool_open(path, 0, &s, &why) == E_OK, "%s", why.text);
    append_ticks(s, w, 6, 7);
    source = spool_source(s, "test");
    cr_assert(source.seek(source.ctx, 0, 0, stream) == E_UNKNOWN && memcmp(stream, source.stream, STREAM_BYTES));
    cr_assert(source.seek(source.ctx, 0, 0, stream) == E_OK, "and the new one begins where it holds something");
    cr_assert(source.read(source.ctx, 4096, &items, &count, &digest) == E_OK && count == 1 && tick_in(w, items) == 6);
    cr_assert(source.read(source.ctx, 4096, &items, &count, &digest) == E_OK && count == 1 && tick_in(w, items) == 7);
    spool_close(&s);
    wire_close(&w);
    free(path);
    folder_remove(&dir);
}
