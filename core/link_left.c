/* link_left.c: the end that sends. It holds nothing but numbers: what it sent is read
 * again from its source when the right end asks for it. */
#include "core/hash.h"
#include "core/link_zmq.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

enum { FIRST_MS = 1000, LAST_MS = 10000, SEND_QUEUE = 64 };

struct link_left {
    struct link_context *context;
    char *endpoint;
    void *socket;
    struct watch *watch;                /* of the socket; NULL: not tcp */
    unsigned dials;
    struct mono dialled;
    int dial_ms;                        /* how long a socket is given to come to a connection */
    enum handshake told;                /* the trouble that was told last */
    struct why trouble;
    struct link_source source;
    struct bell *bell;
    uint32_t epoch;                     /* granted; 0: none yet */
    bool connected;                     /* a FROM was heard since the last silence */
    bool greets;                        /* HELLO has yet to be sent */
    uint64_t sent, durable;             /* sequence numbers */
    uint64_t bytes, credit;             /* since the last FROM: sent, allowed */
    bool ended;                         /* the source has no more */
    bool pending;                       /* a batch was read and does not fit into the socket yet */
    struct bytes items;
    struct dialogue batch;
    struct mono heard;                  /* or since when something is waited for */
    int patience_ms, first_ms, last_ms;
    struct link_counts counts;
};

static bool say(struct link_left *l, const struct dialogue *d, const struct bytes *items)
{
    uint8_t buf[DIALOGUE_BYTES_MAX];
    size_t n = wire_dialogue_encode(d, buf);

    if (zmq_send(l->socket, buf, n, ZMQ_DONTWAIT | (items ? ZMQ_SNDMORE : 0)) < 0) {
        l->counts.unsent++;
        return false;
    }
    if (items && zmq_send(l->socket, items->p, items->n, ZMQ_DONTWAIT) < 0)
        l->counts.unsent++;             /* the first frame was taken, so is this one */
    return true;
}

static void hello(struct link_left *l)
{
    struct dialogue d = { .says = SAYS_HELLO, .format = DIALOGUE_FORMAT, .epoch = l->epoch };

    memcpy(d.stream, l->source.stream, STREAM_BYTES);
    memcpy(d.name, l->source.name, sizeof d.name);
    l->connected = false;
    l->pending = false;
    l->heard = mono_now();
    l->greets = !say(l, &d, NULL);          /* no connection yet: as soon as there is one */
    l->counts.hellos += !l->greets;
}

/* ---- the connection ------------------------------------------------------------- */

/* A socket that connects. What the one before had under way is said again, by the dialogue. */
static enum err dial(struct link_left *l, struct why *why)
{
    static const struct link_use use = { ZMQ_DEALER, DIALOGUE_BYTES_MAX, SEND_QUEUE, 1000 };
    struct watch *watch = NULL;
    void *socket = NULL;
    enum err e;

    l->dialled = mono_now();
    if ((e = link_socket(l->context, &use, &socket, why)) || (e = link_connect(l->context, socket, l->endpoint, l->dials++, &watch, why))) {
        link_close(&socket);
        return e;
    }
    link_close(&l->socket);
    l->socket = socket;
    l->watch = watch;
    return E_OK;
}

static void tell_trouble(struct link_left *l)
{
    enum handshake trouble = watch_trouble(l->watch);

    if (trouble == HANDSHAKE_NONE || trouble == l->told)
        return;
    l->told = trouble;
    guard_explain(l->context->guard, l->endpoint, trouble, &l->trouble);
    guard_tell(l->context->guard, "link-down %s", l->trouble.text);
}

static void dial_again(struct link_left *l)
{
    struct why why = { "" };

    if (dial(l, &why) && strcmp(why.text, l->trouble.text)) {
        guard_tell(l->context->guard, "link-down %s", why.text);
        l->trouble = why;
    }
    hello(l);
}

/* There is something to say and nobody to say it to. libzmq gives a connection up for good when its handshake fails for a reason (a
 * key, no CURVE): so that whoever is let in later gets in, and a key that the list has now is used, a new socket is tried. */
static void mind_connection(struct link_left *l)
{
    if (!l->watch || watch_is_up(l->watch))
        return;
    tell_trouble(l);
    if (mono_ms_since(l->dialled) < l->dial_ms)
        return;
    l->dial_ms = l->dial_ms * 2 < l->last_ms ? l->dial_ms * 2 : l->last_ms;
    dial_again(l);
}

static void is_accepted(struct link_left *l)
{
    if (l->trouble.text[0])
        guard_tell(l->context->guard, "link-up %s", l->endpoint);
    l->told = HANDSHAKE_NONE;
    l->trouble.text[0] = '\0';
    l->dial_ms = l->first_ms;
}

enum err link_left_open(struct link_context *c, const char *endpoint, const struct link_source *source,
                        struct link_left **ret, struct why *why)
{
    struct link_left *l = calloc(1, sizeof *l);
    enum err e = E_MEMORY;

    if (!l)
        return E_MEMORY;
    l->source = *source;
    l->first_ms = l->patience_ms = l->dial_ms = FIRST_MS;
    l->last_ms = LAST_MS;
    l->context = c;
    if (!(l->endpoint = strdup(endpoint)) || (e = dial(l, why))) {
        link_left_close(&l);
        return e;
    }
    hello(l);
    *ret = l;
    return E_OK;
}

/* ---- what is heard ----------------------------------------------------------- */

static enum err hear_from(struct link_left *l, const struct dialogue *d, struct why *why)
{
    uint8_t fresh[STREAM_BYTES];
    enum err e;

    if (d->epoch < l->epoch) {
        l->counts.stale++;
        return E_OK;
    }
    l->counts.froms++;
    is_accepted(l);
    memcpy(fresh, l->source.stream, sizeof fresh);
    e = l->source.seek(l->source.ctx, d->cursor, d->digest, fresh);
    l->ended = false;
    if (e == E_UNKNOWN) {               /* it follows something else, or an older copy: begin a stream of its own */
        memcpy(l->source.stream, fresh, sizeof fresh);
        l->epoch = 0;
        l->sent = l->durable = 0;
        l->counts.streams++;
        hello(l);
        return E_OK;
    }
    if (e) {
        why_set(why, "what was sent before cannot be found again: %s", err_text(e));
        return e;
    }
    l->epoch = d->epoch;
    l->connected = true;
    l->pending = false;
    l->sent = l->durable = d->cursor;
    l->bytes = 0;
    l->credit = d->credit;
    if (l->source.durable)
        l->source.durable(l->source.ctx, d->cursor);
    return E_OK;
}

static void hear_durable(struct link_left *l, const struct dialogue *d)
{
    if (!l->connected || d->epoch != l->epoch || d->cursor > l->sent || d->cursor < l->durable) {
        l->counts.stale++;
        return;
    }
    l->counts.durables++;
    l->credit = d->credit;
    if (d->cursor > l->durable) {
        l->durable = d->cursor;
        if (l->source.durable)
            l->source.durable(l->source.ctx, d->cursor);
    }
}

static enum err hear_refused(struct link_left *l, const struct dialogue *d, struct why *why)
{
    if (!strcmp(d->reason, "stream-unknown")) {
        l->counts.strange++;
        if (l->connected)
            hello(l);
        return E_OK;
    }
    if (!strcmp(d->reason, "key")) {    /* taken out of the list: the next handshake says so, until it is back */
        l->counts.refused++;
        dial_again(l);
        return E_OK;
    }
    if (!strcmp(d->reason, "fenced")) {
        l->counts.fenced++;
        why_set(why, "another process sends the stream of %.64s now", l->source.name);
        return E_FENCED;
    }
    l->counts.refused++;
    why_set(why, "the other end refuses: %.63s", d->reason);
    return strcmp(d->reason, "format") ? E_USAGE : E_VERSION;
}

static enum err hear(struct link_left *l, struct why *why)
{
    struct dialogue d;
    zmq_msg_t frame;
    enum err e = E_OK, bad;
    int count;

    while (!e && (count = link_frames(l->socket, &frame, 1)) != 0) {
        bad = E_MALFORMED;
        if (count == 1) {
            bad = wire_dialogue_decode(zmq_msg_data(&frame), zmq_msg_size(&frame), &d);
            zmq_msg_close(&frame);
        }
        if (bad) {
            l->counts.garbage++;
            continue;
        }
        l->heard = mono_now();
        l->patience_ms = l->first_ms;
        switch (d.says) {
        case SAYS_FROM: e = hear_from(l, &d, why); break;
        case SAYS_DURABLE: hear_durable(l, &d); break;
        case SAYS_REFUSED: e = hear_refused(l, &d, why); break;
        default: l->counts.garbage++;
        }
    }
    return e;
}

/* ---- what is said ------------------------------------------------------------- */

static enum err read_batch(struct link_left *l)
{
    uint64_t room = l->credit > l->bytes ? l->credit - l->bytes : 0;
    size_t max = room < BATCH_BYTES_MAX ? (size_t)room : BATCH_BYTES_MAX;
    uint32_t count;
    uint64_t digest;
    enum err e;

    if (!room)
        return E_AGAIN;
    e = l->source.read(l->source.ctx, max, &l->items, &count, &digest);
    if (e == E_AGAIN && max < BATCH_BYTES_MAX && l->sent == l->durable)
        e = l->source.read(l->source.ctx, BATCH_BYTES_MAX, &l->items, &count, &digest);
    if (e)
        return e;
    assert(count > 0 && count <= BATCH_ITEMS_MAX && l->items.n <= BATCH_BYTES_MAX);
    l->batch = (struct dialogue){ .says = SAYS_BATCH, .epoch = l->epoch, .first = l->sent + 1, .count = count,
                                  .digest = digest, .check = hash_bytes(l->items.p, l->items.n) };
    l->pending = true;
    return E_OK;
}

/* Sends while there is something to send and somewhere to put it. E_AGAIN: nothing to send now. */
static enum err send_batches(struct link_left *l, struct why *why)
{
    enum err e = E_OK;

    while (l->connected && !l->ended) {
        if (!l->pending && (e = read_batch(l)))
            break;
        if (!say(l, &l->batch, &l->items))
            return E_OK;                /* the socket is full */
        if (l->sent == l->durable)
            l->heard = mono_now();      /* from now on an answer is waited for */
        l->pending = false;
        l->sent += l->batch.count;
        l->bytes += l->items.n;
        l->counts.batches++;
        l->counts.items += l->batch.count;
        l->counts.bytes += l->items.n;
        if ((e = hear(l, why)))
            return e;
    }
    if (e == E_END)
        l->ended = true, e = E_OK;
    if (e && e != E_AGAIN)
        why_set(why, "what is to be sent cannot be read: %s", err_text(e));
    return e == E_AGAIN ? E_OK : e;
}

static int wait_for(const struct link_left *l, int wait_ms)
{
    bool awaited = !l->connected || l->sent > l->durable || l->credit <= l->bytes;
    int64_t left = l->patience_ms - mono_ms_since(l->heard);

    if (!awaited || (wait_ms >= 0 && left > wait_ms))
        return wait_ms;
    return left > 0 ? (int)left : 0;
}

static void lose_patience(struct link_left *l)
{
    bool awaited = !l->connected || l->sent > l->durable || l->credit <= l->bytes;

    if (!awaited || mono_ms_since(l->heard) < l->patience_ms)
        return;
    l->counts.silences++;
    l->patience_ms = l->patience_ms * 2 < l->last_ms ? l->patience_ms * 2 : l->last_ms;
    hello(l);
}

enum err link_left_run_once(struct link_left *l, int wait_ms, struct why *why)
{
    enum err e;

    if ((e = hear(l, why)) || (e = send_batches(l, why)))
        return e;
    if (l->ended && l->connected && l->durable == l->sent)
        return E_END;
    link_wait(l->socket, l->pending || l->greets ? ZMQ_POLLIN | ZMQ_POLLOUT : ZMQ_POLLIN, l->bell, wait_for(l, wait_ms));
    if (l->greets)
        hello(l);
    if (l->greets || l->pending)
        mind_connection(l);
    if ((e = hear(l, why)))
        return e;
    lose_patience(l);
    return l->ended && l->connected && l->durable == l->sent ? E_END : E_OK;
}

void link_left_listen(struct link_left *l, struct bell *bell) { l->bell = bell; }

void link_left_patience(struct link_left *l, int first_ms, int last_ms)
{
    l->first_ms = l->patience_ms = l->dial_ms = first_ms;
    l->last_ms = last_ms;
}

uint64_t link_left_sent(const struct link_left *l) { return l->sent; }
uint64_t link_left_durable(const struct link_left *l) { return l->durable; }
bool link_left_is_connected(const struct link_left *l) { return l->connected; }
const struct link_counts *link_left_counts(const struct link_left *l) { return &l->counts; }
const char *link_left_trouble(const struct link_left *l) { return l->trouble.text[0] ? l->trouble.text : NULL; }

void link_left_close(struct link_left **pl)
{
    struct link_left *l = *pl;

    if (!l)
        return;
    link_close(&l->socket);
    free(l->endpoint);
    free(l);
    *pl = NULL;
}
