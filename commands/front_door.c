#include "commands/front_door.h"
#include "commands/links.h"
#include "commands/process.h"
#include "core/hash.h"

#include <stdio.h>

/* An item, sent until it is kept. */
struct letter_of_one { uint8_t item[ITEM_BYTES_MAX + 8]; size_t bytes; uint64_t digest; bool is_sent; };

static enum err seek(void *ctx, uint64_t cursor, uint64_t digest, uint8_t ret_stream[STREAM_BYTES])
{
    struct letter_of_one *l = ctx;

    (void)ret_stream;
    if (cursor > 1 || (cursor && digest != l->digest))
        return E_CORRUPT;
    l->is_sent = cursor == 1;
    return E_OK;
}

static enum err read_one(void *ctx, size_t max_bytes, struct bytes *ret, uint32_t *ret_count, uint64_t *ret_digest)
{
    struct letter_of_one *l = ctx;

    if (l->is_sent)
        return E_END;
    if (l->bytes > max_bytes)
        return E_AGAIN;
    l->is_sent = true;
    *ret = (struct bytes){ l->item, l->bytes };
    *ret_count = 1;
    *ret_digest = l->digest;
    return E_OK;
}

static enum err pack(const struct item *item, struct letter_of_one *l, struct why *why)
{
    struct wire *w = NULL;
    enum err e;

    if ((e = item_check(item, why)) || (e = wire_open(&w)))
        return e;
    if (!(e = wire_item_append(w, item, l->item, sizeof l->item, &l->bytes)))
        l->digest = hash_bytes(l->item, l->bytes);
    wire_close(&w);
    return e;
}

static enum err hand_over(struct letter_of_one *l, const char *name, const char *endpoint, int64_t wait_s, struct why *why)
{
    struct link_source source = { .ctx = l, .seek = seek, .read = read_one };
    struct link_context *c = NULL;
    struct link_left *left = NULL;
    struct mono began = mono_now();
    enum err e;

    hash_random(source.stream, sizeof source.stream);
    snprintf(source.name, sizeof source.name, "%s", name);
    if ((e = links_open(&c, why)) || (e = link_left_open(c, endpoint, &source, &left, why)))
        goto out;
    link_left_patience(left, 100, 1000);
    while (!(e = link_left_run_once(left, 100, why)) && !process_is_stopping())
        if (mono_ms_since(began) > wait_s * 1000) {
            if (link_left_trouble(left))
                why_set(why, "%s", link_left_trouble(left));
            else
                why_set(why, "the tracker at %s did not confirm it within %lld s: is it running? Say it again then", endpoint, (long long)wait_s);
            e = E_TIMEOUT;
            break;
        }
    e = e == E_END ? E_OK : e ? e : E_TIMEOUT;
out:
    link_left_close(&left);
    link_context_close(&c);
    return e;
}

enum err front_door_send(const struct item *item, const char *name, const char *data, const char *endpoint, int64_t wait_s, struct why *why)
{
    struct letter_of_one letter = { .bytes = 0 };
    char own[4096];
    enum err e;

    if (snprintf(own, sizeof own, "ipc://%s/intake.sock", data) >= (int)sizeof own)
        return E_USAGE;
    if ((e = pack(item, &letter, why)))
        return e;
    return hand_over(&letter, name, endpoint ? endpoint : own, wait_s, why);
}
