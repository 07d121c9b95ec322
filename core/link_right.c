/* link_right.c: the end that keeps. Of a stream it remembers only where it stands;
 * everything else is its keeper's. */
#include "core/hash.h"
#include "core/link_zmq.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

enum { IDENTITY_MAX = 32, ROUND_MAX = 1024, GAP_PATIENCE_MS = 500 };

/* A stream somebody holds. */
struct stream {
    uint8_t id[STREAM_BYTES];
    uint32_t epoch;
    uint8_t identity[IDENTITY_MAX];     /* of the connection that holds it */
    uint8_t identity_bytes;
    uint64_t received, kept;            /* sequence numbers: handed on, released as kept */
    uint64_t received_bytes, kept_bytes, credit;    /* since the last FROM; credit as told */
    unsigned bad;
    unsigned generation;                /* of the list of keys, when its sender was found in it */
    struct link_limits limits;          /* and what it may say */
    bool is_told;                       /* that it said something else */
    bool in_round, is_back;             /* is_back: a FROM was sent, and nothing contiguous came since */
    struct mono went_back;
};

struct link_right {
    struct link_context *context;
    void *socket;
    struct watch *watch;
    struct link_keeper keeper;
    struct bell *bell;
    char endpoint[256];
    struct stream *stream[STREAMS_MAX];
    size_t streams;
    zmq_msg_t kept_frame[ROUND_MAX];    /* the items of this round's batches */
    struct stream *of[ROUND_MAX];
    struct { uint64_t last, bytes; } batch[ROUND_MAX];
    size_t round;
    zmq_msg_t held[3];                  /* a HELLO that waits for the round to be released */
    bool is_held;
    struct link_counts counts;
};

/* "tcp://[::ffff:127.0.0.1]:5571" is "tcp://127.0.0.1:5571" to whoever gave it. */
static void name_plainly(char *endpoint)
{
    static const char mapped[] = "tcp://[::ffff:";
    char *end;

    if (strncmp(endpoint, mapped, sizeof mapped - 1) || !(end = strchr(endpoint, ']')))
        return;
    memmove(end, end + 1, strlen(end));
    memmove(endpoint + strlen("tcp://"), endpoint + sizeof mapped - 1, strlen(endpoint + sizeof mapped - 1) + 1);
}

enum err link_right_open(struct link_context *c, const char *endpoint, const struct link_keeper *keeper,
                         struct link_right **ret, struct why *why)
{
    static const struct link_use use = { ZMQ_ROUTER, LINK_FRAME_BYTES_MAX, 1000, 64 };
    struct link_right *r = calloc(1, sizeof *r);
    size_t n;
    enum err e;

    if (!r)
        return E_MEMORY;
    r->keeper = *keeper;
    r->context = c;
    n = sizeof r->endpoint;
    if ((e = link_socket(c, &use, &r->socket, why)) || (e = link_bind(c, r->socket, endpoint, &r->watch, why))) {
        link_right_close(&r);
        return e;
    }
    if (zmq_getsockopt(r->socket, ZMQ_LAST_ENDPOINT, r->endpoint, &n) || !r->endpoint[0])
        strncpy(r->endpoint, endpoint, sizeof r->endpoint - 1);
    name_plainly(r->endpoint);
    *ret = r;
    return E_OK;
}

const char *link_right_endpoint(const struct link_right *r) { return r->endpoint; }

enum err link_right_within(struct link_right *r, const char *endpoint, struct why *why)
{
    struct watch *none;

    assert(!strncmp(endpoint, "inproc://", 9));
    return link_bind(r->context, r->socket, endpoint, &none, why);
}

/* ---- what is said -------------------------------------------------------------- */

static bool say(struct link_right *r, const void *identity, size_t n, const struct dialogue *d)
{
    uint8_t buf[DIALOGUE_BYTES_MAX];
    size_t bytes = wire_dialogue_encode(d, buf);

    if (zmq_send(r->socket, identity, n, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0) {
        r->counts.unsent++;
        return false;
    }
    if (zmq_send(r->socket, buf, bytes, ZMQ_DONTWAIT) < 0)
        r->counts.unsent++;
    return true;
}

static void refuse(struct link_right *r, zmq_msg_t *identity, const char *reason)
{
    struct dialogue d = { .says = SAYS_REFUSED };

    strncpy(d.reason, reason, sizeof d.reason - 1);
    say(r, zmq_msg_data(identity), zmq_msg_size(identity), &d);
}

static void say_from(struct link_right *r, struct stream *s, uint64_t digest)
{
    struct dialogue d = { .says = SAYS_FROM, .epoch = s->epoch, .cursor = s->kept, .digest = digest };

    s->received = s->kept;
    s->received_bytes = s->kept_bytes = 0;
    s->credit = d.credit = r->keeper.window(r->keeper.ctx, s->id);
    s->is_back = true;
    s->went_back = mono_now();
    r->counts.froms += say(r, s->identity, s->identity_bytes, &d);
}

static void say_durable(struct link_right *r, struct stream *s)
{
    struct dialogue d = { .says = SAYS_DURABLE, .epoch = s->epoch, .cursor = s->kept };

    s->credit = d.credit = s->kept_bytes + r->keeper.window(r->keeper.ctx, s->id);
    r->counts.durables += say(r, s->identity, s->identity_bytes, &d);
}

/* What was not contiguous is answered once with where the stream stands, and again after a while. */
static void go_back(struct link_right *r, struct stream *s)
{
    uint32_t epoch;
    uint64_t cursor, digest;

    if (s->in_round || (s->is_back && mono_ms_since(s->went_back) < GAP_PATIENCE_MS))
        return;
    if (r->keeper.stands(r->keeper.ctx, s->id, &epoch, &cursor, &digest))
        return;                         /* the left asks again when it hears nothing */
    s->kept = cursor;
    say_from(r, s, digest);
}

/* ---- what is heard --------------------------------------------------------------- */

static struct stream *stream_by_id(const struct link_right *r, const uint8_t id[STREAM_BYTES])
{
    for (size_t i = 0; i < r->streams; i++)
        if (!memcmp(r->stream[i]->id, id, STREAM_BYTES))
            return r->stream[i];
    return NULL;
}

static struct stream *stream_of(struct link_right *r, zmq_msg_t *identity)
{
    for (size_t i = 0; i < r->streams; i++)
        if (r->stream[i]->identity_bytes == zmq_msg_size(identity) &&
            !memcmp(r->stream[i]->identity, zmq_msg_data(identity), zmq_msg_size(identity)))
            return r->stream[i];
    return NULL;
}

static struct stream *stream_new(struct link_right *r, const uint8_t id[STREAM_BYTES])
{
    struct stream *s;

    if (r->streams == STREAMS_MAX) {    /* the longest unheard of makes room; it says HELLO again if it lives */
        if (r->stream[0]->in_round)
            return NULL;
        free(r->stream[0]);
        memmove(r->stream, r->stream + 1, --r->streams * sizeof *r->stream);
        r->counts.forgotten++;
    }
    if (!(s = calloc(1, sizeof *s)))
        return NULL;
    memcpy(s->id, id, STREAM_BYTES);
    return r->stream[r->streams++] = s;
}

/* The list may have changed since the connection was let in. */
static bool is_known(struct link_right *r, zmq_msg_t *identity, zmq_msg_t *said, struct link_limits *ret_limits)
{
    if (guard_knows(r->context->guard, said, ret_limits))
        return true;
    r->counts.refused++;
    refuse(r, identity, "key");
    return false;
}

static void hear_hello(struct link_right *r, zmq_msg_t *identity, zmq_msg_t *said, const struct dialogue *d)
{
    unsigned generation = guard_generation(r->context->guard);
    struct link_limits limits;
    struct stream *s = stream_by_id(r, d->stream), *before;
    uint32_t epoch, asked = d->epoch;
    uint64_t cursor, digest;
    enum err e;

    r->counts.hellos++;
    if (!is_known(r, identity, said, &limits))
        return;
    /* Said twice before it was answered, by one left end: one grant, or the second would fence the first. */
    if (!asked && s && s->identity_bytes == zmq_msg_size(identity) && !memcmp(s->identity, zmq_msg_data(identity), s->identity_bytes))
        asked = s->epoch;
    if (d->format != DIALOGUE_FORMAT) {
        refuse(r, identity, "format");
        return;
    }
    if (d->epoch && !r->keeper.stands(r->keeper.ctx, d->stream, &epoch, &cursor, &digest) && d->epoch < epoch) {
        r->counts.fenced++;
        refuse(r, identity, "fenced");
        return;
    }
    e = r->keeper.hello(r->keeper.ctx, d->stream, d->name, asked, &epoch, &cursor, &digest);
    if (e) {
        if (e == E_FENCED || e == E_FULL)
            refuse(r, identity, e == E_FENCED ? "fenced" : "too-many-streams");
        return;
    }
    if (!s && !(s = stream_new(r, d->stream)))
        return;
    r->counts.streams += epoch != d->epoch;
    while ((before = stream_of(r, identity)))
        before->identity_bytes = 0;     /* a left end sends one stream: it has left that one */
    s->epoch = epoch;
    s->identity_bytes = (uint8_t)zmq_msg_size(identity);
    memcpy(s->identity, zmq_msg_data(identity), s->identity_bytes);
    s->kept = cursor;
    s->bad = 0;
    s->generation = generation;
    s->limits = limits;
    say_from(r, s, digest);
}

static bool is_whole(const struct dialogue *d, zmq_msg_t *items)
{
    struct bytes item;
    size_t at = 0, n = zmq_msg_size(items);
    uint32_t count = 0;

    if (d->count == 0 || d->count > BATCH_ITEMS_MAX || n > BATCH_BYTES_MAX || d->first == 0 ||
        d->first > UINT64_MAX - d->count || hash_bytes(zmq_msg_data(items), n) != d->check)
        return false;
    while (wire_next(zmq_msg_data(items), n, &at, &item) == E_OK)
        count++;
    return at == n && count == d->count;
}

/* True if the batch was taken: its items frame is kept until the release. */
static bool hear_batch(struct link_right *r, zmq_msg_t *identity, const struct dialogue *d, zmq_msg_t *items,
                       struct link_batch *ret)
{
    struct stream *s = stream_of(r, identity);
    unsigned generation = guard_generation(r->context->guard);
    const char *may_not;

    if (!s) {
        r->counts.strange++;
        refuse(r, identity, "stream-unknown");
        return false;
    }
    if (d->epoch != s->epoch) {
        r->counts.stale++;              /* sent before this connection's last FROM */
        return false;
    }
    if (s->generation != generation) {
        if (!is_known(r, identity, items, &s->limits))
            return false;
        s->generation = generation;
    }
    if (!is_whole(d, items)) {
        r->counts.bad++;
        if (++s->bad >= LINK_BAD_MAX) {
            r->counts.refused++;
            refuse(r, identity, "malformed");
        } else {
            go_back(r, s);
        }
        return false;
    }
    if (d->first + d->count - 1 <= s->received) {
        r->counts.repeats++;
        if (!s->in_round)
            say_durable(r, s);
        return false;
    }
    if (d->first != s->received + 1) {
        if (d->first <= s->received)
            r->counts.repeats++;
        else
            r->counts.gaps++;
        go_back(r, s);
        return false;
    }
    if (s->limits.is_limited && r->keeper.may_not &&
        (may_not = r->keeper.may_not(r->keeper.ctx, &s->limits, (struct bytes){ zmq_msg_data(items), zmq_msg_size(items) }))) {
        if (!s->is_told)
            guard_tell(r->context->guard, "client-refused %s: its line in the list of keys does not let it send this: %s", s->limits.name, may_not);
        s->is_told = true;
        r->counts.refused++;
        refuse(r, identity, may_not);
        return false;
    }
    s->bad = 0;
    s->is_back = false;
    s->in_round = true;
    s->received += d->count;
    s->received_bytes += zmq_msg_size(items);
    r->of[r->round] = s;
    r->batch[r->round].last = s->received;
    r->batch[r->round].bytes = s->received_bytes;
    zmq_msg_init(&r->kept_frame[r->round]);
    zmq_msg_move(&r->kept_frame[r->round], items);
    *ret = (struct link_batch){ .epoch = d->epoch, .count = d->count, .first = d->first, .digest = d->digest, .check = d->check };
    memcpy(ret->stream, s->id, STREAM_BYTES);
    ret->items = (struct bytes){ zmq_msg_data(&r->kept_frame[r->round]), zmq_msg_size(&r->kept_frame[r->round]) };
    r->round++;
    r->counts.batches++;
    r->counts.items += d->count;
    r->counts.bytes += ret->items.n;
    return true;
}

/* One message. True if it gave a batch; *ret_hold: it has to wait for the release. */
static bool hear(struct link_right *r, zmq_msg_t frame[3], int count, struct link_batch *ret, bool *ret_hold)
{
    struct dialogue d;
    struct stream *s;

    *ret_hold = false;
    if (count < 2 || zmq_msg_size(&frame[0]) == 0 || zmq_msg_size(&frame[0]) > IDENTITY_MAX ||
        wire_dialogue_decode(zmq_msg_data(&frame[1]), zmq_msg_size(&frame[1]), &d) ||
        (d.says == SAYS_BATCH ? count != 3 : d.says != SAYS_HELLO || count != 2)) {
        r->counts.garbage++;
        return false;
    }
    if (d.says == SAYS_BATCH)
        return hear_batch(r, &frame[0], &d, &frame[2], ret);
    s = stream_by_id(r, d.stream);
    if (s && s->in_round)
        *ret_hold = true;
    else
        hear_hello(r, &frame[0], &frame[1], &d);
    return false;
}

void link_right_listen(struct link_right *r, struct bell *bell) { r->bell = bell; }

size_t link_right_receive(struct link_right *r, int wait_ms, struct link_batch *ret, size_t max)
{
    zmq_msg_t frame[3];
    size_t got = 0;
    bool hold;
    int count;

    assert(r->round == 0 && max > 0);
    if (max > ROUND_MAX)
        max = ROUND_MAX;
    if (r->is_held) {
        r->is_held = false;
        hear(r, r->held, 2, &ret[0], &hold);
        assert(!hold);
        link_drop(r->held, 2);
    }
    link_wait(r->socket, ZMQ_POLLIN, r->bell, wait_ms);
    while (got < max && (count = link_frames(r->socket, frame, 3)) != 0) {
        if (count < 0) {
            r->counts.garbage++;
            continue;
        }
        got += hear(r, frame, count, &ret[got], &hold);
        if (hold) {
            for (int i = 0; i < count; i++) {
                zmq_msg_init(&r->held[i]);
                zmq_msg_move(&r->held[i], &frame[i]);
            }
            r->is_held = true;
        }
        link_drop(frame, count);
        if (hold)
            break;
    }
    return got;
}

void link_right_release(struct link_right *r, bool kept)
{
    for (size_t i = 0; i < r->round; i++) {
        struct stream *s = r->of[i];
        if (kept) {
            s->kept = r->batch[i].last;
            s->kept_bytes = r->batch[i].bytes;
        }
        zmq_msg_close(&r->kept_frame[i]);
    }
    for (size_t i = 0; i < r->round; i++) {
        struct stream *s = r->of[i];
        if (!s->in_round)
            continue;
        s->in_round = false;
        if (kept)
            say_durable(r, s);
        else
            s->is_back = false, go_back(r, s);
    }
    r->round = 0;
}

bool link_right_hears(const struct link_right *r, const uint8_t stream[STREAM_BYTES]) { return stream_by_id(r, stream) != NULL; }

void link_right_reopen(struct link_right *r)
{
    for (size_t i = 0; i < r->streams; i++) {
        struct stream *s = r->stream[i];
        if (s->in_round || !s->identity_bytes || s->credit >= s->received_bytes + BATCH_BYTES_MAX)
            continue;
        if (s->kept_bytes + r->keeper.window(r->keeper.ctx, s->id) > s->credit)
            say_durable(r, s);
    }
}

const struct link_counts *link_right_counts(struct link_right *r)
{
    r->counts.shut_out = r->watch ? watch_shut_out(r->watch) : 0;
    return &r->counts;
}

void link_right_close(struct link_right **pr)
{
    struct link_right *r = *pr;

    if (!r)
        return;
    if (r->round)
        for (size_t i = 0; i < r->round; i++)
            zmq_msg_close(&r->kept_frame[i]);
    if (r->is_held)
        link_drop(r->held, 2);
    for (size_t i = 0; i < r->streams; i++)
        free(r->stream[i]);
    if (r->socket) {
        if (r->endpoint[0])
            zmq_unbind(r->socket, r->endpoint);
        link_close(&r->socket);
    }
    free(r);
    *pr = NULL;
}
