#include "producers/clock.h"
#include "core/hash.h"

#include <stdio.h>
#include <stdlib.h>

struct clock {
    struct wire *wire;
    int64_t leap_s;
    struct instant first_wall, last;        /* the wall when the count began; the last tick given */
    struct mono first_mono;
    uint64_t digest;
    bool held;
    uint8_t buf[64];
};

enum err clock_open(int64_t leap_s, struct clock **ret)
{
    struct clock *c = calloc(1, sizeof *c);
    enum err e;

    if (!c)
        return E_MEMORY;
    if ((e = wire_open(&c->wire))) {
        free(c);
        return e;
    }
    c->leap_s = leap_s;
    c->first_wall = instant_now();
    c->first_mono = mono_now();
    *ret = c;
    return E_OK;
}

void clock_close(struct clock **pc)
{
    if (!*pc)
        return;
    wire_close(&(*pc)->wire);
    free(*pc);
    *pc = NULL;
}

/* A tick that was lost need not come again: the next one says more. So wherever the
 * right end stands is where the clock goes on. */
static enum err seek(void *ctx, uint64_t cursor, uint64_t digest, uint8_t ret_stream[STREAM_BYTES])
{
    struct clock *c = ctx;

    (void)cursor;
    (void)ret_stream;
    c->digest = digest;
    return E_OK;
}

static enum err read_tick(void *ctx, size_t max_bytes, struct bytes *ret, uint32_t *ret_count, uint64_t *ret_digest)
{
    struct clock *c = ctx;
    struct instant now = instant_now();
    int64_t steady_s = c->first_wall.s + mono_ms_since(c->first_mono) / 1000;
    struct item item = { .what = ITEM_TICK };
    size_t used = 0;
    enum err e;

    c->held = now.s > steady_s + c->leap_s;
    item.at.s = now.s - now.s % 60;
    if (c->held || item.at.s <= c->last.s)
        return E_AGAIN;
    if ((e = wire_item_append(c->wire, &item, c->buf, max_bytes < sizeof c->buf ? max_bytes : sizeof c->buf, &used)))
        return e == E_TOO_LARGE ? E_AGAIN : e;
    c->last = item.at;
    c->digest = hash_next(c->digest, c->buf, used);
    *ret = (struct bytes){ c->buf, used };
    *ret_count = 1;
    *ret_digest = c->digest;
    return E_OK;
}

struct link_source clock_source(struct clock *c)
{
    struct link_source s = { .ctx = c, .seek = seek, .read = read_tick };

    hash_id("clock", 5, s.stream);
    snprintf(s.name, sizeof s.name, "clock");
    return s;
}

bool clock_is_held(const struct clock *c) { return c->held; }
