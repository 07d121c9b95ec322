#include "commands/front_door.h"
#include "commands/links.h"
#include "commands/process.h"
#include "core/hash.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* All that ever comes through the front door is one stream of the journal, whoever brings it: a stream each would be kept for
 * ever. Whoever says HELLO last has the door; who was fenced by that knocks again. */
static const char door[STREAM_BYTES + 1] = "the front door 1";
enum { KNOCK_AGAIN_MS = 20, KNOCK_AGAIN_SPREAD_MS = 80 };

/* An item, sent until it is kept. Sent twice it changes nothing: it has an id. */
struct letter_of_one { uint8_t item[ITEM_BYTES_MAX + 8]; size_t bytes; uint64_t digest; bool is_sent; };

/* The last that was kept is ours, or somebody else's. */
static enum err seek(void *ctx, uint64_t cursor, uint64_t digest, uint8_t ret_stream[STREAM_BYTES])
{
    struct letter_of_one *l = ctx;

    (void)ret_stream;
    l->is_sent = l->is_sent && cursor && digest == l->digest;
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

static enum err knock(struct link_context *c, struct letter_of_one *l, const char *name, const char *endpoint, struct mono began, int64_t wait_s, struct why *why)
{
    struct link_source source = { .ctx = l, .seek = seek, .read = read_one };
    struct link_left *left = NULL;
    enum err e;

    memcpy(source.stream, door, sizeof source.stream);
    snprintf(source.name, sizeof source.name, "%s", name);
    if ((e = link_left_open(c, endpoint, &source, &left, why)))
        return e;
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
    link_left_close(&left);
    return e == E_END ? E_OK : e ? e : E_TIMEOUT;
}

static void wait_a_little(void)
{
    uint8_t chance;

    hash_random(&chance, sizeof chance);    /* or those who knock together would knock together again */
    usleep((KNOCK_AGAIN_MS + chance % KNOCK_AGAIN_SPREAD_MS) * 1000);
}

static enum err hand_over(struct letter_of_one *l, const char *name, const char *endpoint, int64_t wait_s, struct why *why)
{
    struct link_context *c = NULL;
    struct mono began = mono_now();
    enum err e = links_open(&c, why);

    while (!e && (e = knock(c, l, name, endpoint, began, wait_s, why)) == E_FENCED && mono_ms_since(began) <= wait_s * 1000) {
        wait_a_little();
        e = E_OK;
    }
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
