/* A producer that costs next to nothing: ITEMS ENDPOINT BATCH [QUERY [PAUSE_MS [KEY PEERS]]]
 *
 * Sends a file of items (workload.c) in batches of at most BATCH, as fast as it may, or one batch each PAUSE_MS. Ends when all
 * are acknowledged; with the tracker's query socket QUERY, when they are folded too and what was told is durable. Prints
 *   items N durable_s S folded_s S worst_ack_ms MS acks N
 * in seconds since the first batch. QUERY may be "", PAUSE_MS 0. With KEY and PEERS (files, as --key and --peers) it speaks CURVE.
 * An acknowledgement is timed from the sending of the batch it covers. */
#include "core/hash.h"
#include "core/json.h"
#include "core/link.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { UNDER_WAY_MAX = 1 << 16, ASK_WAIT_MS = 600000 };

struct under_way { uint64_t last; struct mono sent; };
struct sending {
    const uint8_t *p;
    size_t n, at;
    uint32_t batch;
    int pause_ms;
    uint64_t number;                            /* last item read */
    struct mono began, paused;
    struct under_way queue[UNDER_WAY_MAX];
    size_t head, tail;
    int64_t worst_ns;
    uint64_t acks;
    bool has_begun;
};

/* What a right end remembers of a place in the file: nothing but the place. */
static uint64_t digest_at(uint64_t number) { return number * 0x9e3779b97f4a7c15u; }

static enum err seek(void *ctx, uint64_t cursor, uint64_t digest, uint8_t ret_stream[STREAM_BYTES])
{
    struct sending *s = ctx;
    struct bytes item;

    (void)ret_stream;
    if (digest != digest_at(cursor))
        return E_CORRUPT;
    for (s->at = 0, s->number = 0; s->number < cursor; s->number++)
        if (wire_next(s->p, s->n, &s->at, &item))
            return E_CORRUPT;
    s->head = s->tail = 0;
    return E_OK;
}

static enum err read_items(void *ctx, size_t max_bytes, struct bytes *ret, uint32_t *ret_count, uint64_t *ret_digest)
{
    struct sending *s = ctx;
    size_t from = s->at, to = s->at;
    struct bytes item;
    uint32_t count = 0;

    if (s->at == s->n)
        return E_END;
    if (s->tail - s->head == UNDER_WAY_MAX || (s->pause_ms && s->has_begun && mono_ms_since(s->paused) < s->pause_ms))
        return E_AGAIN;
    while (count < s->batch && to < s->n) {
        size_t next = to;
        if (wire_next(s->p, s->n, &next, &item))
            return E_CORRUPT;
        if (next - from > max_bytes)
            break;
        to = next;
        count++;
    }
    if (!count)
        return E_AGAIN;
    s->paused = mono_now();
    if (!s->has_begun)
        s->began = s->paused;
    s->has_begun = true;
    s->at = to;
    s->number += count;
    s->queue[s->tail++ % UNDER_WAY_MAX] = (struct under_way){ s->number, s->paused };
    *ret = (struct bytes){ s->p + from, to - from };
    *ret_count = count;
    *ret_digest = digest_at(s->number);
    return E_OK;
}

static void durable(void *ctx, uint64_t cursor)
{
    struct sending *s = ctx;
    struct mono now = mono_now();

    for (; s->head < s->tail && s->queue[s->head % UNDER_WAY_MAX].last <= cursor; s->head++, s->acks++) {
        int64_t took = now.ns - s->queue[s->head % UNDER_WAY_MAX].sent.ns;
        s->worst_ns = took > s->worst_ns ? took : s->worst_ns;
    }
}

/* Up to which record all was folded, and what it told made durable; and up to which there are any. */
static enum err folded(const char *query, int64_t *ret_to, int64_t *ret_of, struct why *why)
{
    struct json *answer = NULL;
    int64_t waiting = 0;
    char *text = NULL;
    size_t n;
    enum err e = query_ask(query, TEXT("{\"ask\":\"status\"}"), ASK_WAIT_MS, &text, &n, why);

    if (!e && !(e = json_parse(text, n, &answer, why)))
        e = json_number(json_get(json_get(answer, "as_of"), "record"), ret_to) && json_number(json_get(answer, "waiting"), &waiting) ? E_OK : E_MALFORMED;
    json_free(&answer);
    free(text);
    *ret_of = *ret_to + waiting;
    return e;
}

/* Waits until all that is durable now is folded: others may be sending meanwhile. */
static enum err await_folded(const char *query, struct why *why)
{
    int64_t to, of, until;
    enum err e = folded(query, &to, &until, why);

    while (!e && to < until) {
        usleep(1000);
        e = folded(query, &to, &of, why);
    }
    return e;
}

static double seconds(const struct sending *s) { return (double)(mono_now().ns - s->began.ns) / 1e9; }

int main(int argc, char **argv)
{
    static struct sending s;
    struct link_source source = { .ctx = &s, .seek = seek, .read = read_items, .durable = durable, .name = "bench" };
    const char *query = argc > 4 ? argv[4] : "";
    const struct link_keys keys = { .key = argc > 7 ? argv[6] : NULL, .peers = argc > 7 ? argv[7] : NULL };
    struct link_context *c = NULL;
    struct link_left *left = NULL;
    struct why why = { "" };
    double durable_s;
    struct stat st;
    enum err e;
    int fd;

    if (argc < 4 || (fd = open(argv[1], O_RDONLY)) < 0 || fstat(fd, &st)) {
        fprintf(stderr, "usage: send ITEMS ENDPOINT BATCH [QUERY [PAUSE_MS [KEY PEERS]]]\n");
        return 2;
    }
    s.n = (size_t)st.st_size;
    s.p = mmap(NULL, s.n, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0);
    s.batch = (uint32_t)atoi(argv[3]);
    s.pause_ms = argc > 5 ? atoi(argv[5]) : 0;
    hash_id(argv[1], strlen(argv[1]), source.stream);   /* the same file again goes on where it stopped */
    if (s.p == MAP_FAILED || !s.batch || s.batch > BATCH_ITEMS_MAX ||
        (e = link_context_open(&c)) || (e = link_context_guard(c, &keys, &why)) || (e = link_left_open(c, argv[2], &source, &left, &why)))
        goto fail;
    while (!(e = link_left_run_once(left, s.pause_ms ? 1 : 100, &why))) {}
    if (e != E_END)
        goto fail;
    durable_s = seconds(&s);
    if (*query && await_folded(query, &why))
        goto fail;
    printf("items %llu durable_s %.4f folded_s %.4f worst_ack_ms %.2f acks %llu\n", (unsigned long long)s.number, durable_s, seconds(&s),
           (double)s.worst_ns / 1e6, (unsigned long long)s.acks);
    link_left_close(&left);
    link_context_close(&c);
    return 0;
fail:
    fprintf(stderr, "send: %s\n", why.text);
    return 1;
}
