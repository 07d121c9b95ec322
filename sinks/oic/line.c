#include "sinks/oic/line.h"

#include "core/crash.h"
#include "core/hash.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

/* One message that waits. */
struct place { struct place *next; uint64_t number; };
/* All that wait for one recipient of one channel, in order. Only the first may be sent; it is due at `due`. */
struct destination {
    struct destination *chain;          /* of its slot in the table */
    uint64_t hash;
    struct lane *lane;
    struct place *head, *tail;
    struct instant due;
    size_t at;                          /* in the lane's heap, from 1; 0: not there, because it is in hand */
};
/* A channel: its destinations, the one that is due first on top. */
struct lane { struct lane *next; struct text channel; struct destination **heap; size_t count, cap; };

enum { SLOTS = 1 << 14 };

struct line {
    struct store *store;
    unsigned first;
    struct line_waits waits;
    pthread_mutex_t lock;               /* of everything below */
    uint64_t seen;                      /* the last number that has its place here */
    struct lane *lanes;
    struct destination *slot[SLOTS];
};

static bool is_before(const struct destination *a, const struct destination *b)
{
    return a->due.s != b->due.s ? a->due.s < b->due.s : a->head->number < b->head->number;
}

static void heap_set(struct lane *l, size_t i, struct destination *d)
{
    l->heap[i - 1] = d;
    d->at = i;
}

static void heap_mend(struct lane *l, size_t i)
{
    struct destination *d = l->heap[i - 1];

    for (; i > 1 && is_before(d, l->heap[i / 2 - 1]); i /= 2)
        heap_set(l, i, l->heap[i / 2 - 1]);
    for (size_t child; (child = 2 * i) <= l->count; i = child) {
        if (child < l->count && is_before(l->heap[child], l->heap[child - 1]))
            child++;
        if (!is_before(l->heap[child - 1], d))
            break;
        heap_set(l, i, l->heap[child - 1]);
    }
    heap_set(l, i, d);
}

static enum err heap_add(struct lane *l, struct destination *d)
{
    if (l->count == l->cap) {
        size_t cap = l->cap ? 2 * l->cap : 64;
        struct destination **heap = realloc(l->heap, cap * sizeof *heap);
        if (!heap)
            return E_MEMORY;
        l->heap = heap;
        l->cap = cap;
    }
    l->heap[l->count++] = d;
    heap_mend(l, l->count);
    return E_OK;
}

static void heap_remove(struct lane *l, struct destination *d)
{
    size_t i = d->at;
    struct destination *last = l->heap[--l->count];

    d->at = 0;
    if (last != d) {
        heap_set(l, i, last);
        heap_mend(l, i);
    }
}

static enum err lane_of(struct line *q, struct text channel, struct lane **ret)
{
    struct lane *l = q->lanes;
    char *name;

    while (l && !text_same(l->channel, channel))
        l = l->next;
    if (!l) {
        if (!(l = calloc(1, sizeof *l + channel.n)))
            return E_MEMORY;
        name = (char *)(l + 1);
        memcpy(name, channel.p, channel.n);
        l->channel = (struct text){ name, channel.n };
        l->next = q->lanes;
        q->lanes = l;
    }
    *ret = l;
    return E_OK;
}

/* Two recipients with one hash would share a line: harmless, they would only wait for each other. */
static enum err destination_of(struct line *q, const struct queue_slip *s, struct destination **ret)
{
    uint64_t hash = hash_next(hash_text(s->channel), s->to.p, s->to.n);
    struct destination **slot = &q->slot[hash % SLOTS], *d = *slot;
    enum err e;

    while (d && d->hash != hash)
        d = d->chain;
    if (!d) {
        if (!(d = calloc(1, sizeof *d)))
            return E_MEMORY;
        d->hash = hash;
        if ((e = lane_of(q, s->channel, &d->lane))) {
            free(d);
            return e;
        }
        d->chain = *slot;
        *slot = d;
    }
    *ret = d;
    return E_OK;
}

static enum err find_place(struct line *q, const struct queue_slip *s)
{
    struct place *p = malloc(sizeof *p);
    struct destination *d;
    enum err e = p ? destination_of(q, s, &d) : E_MEMORY;

    if (e) {
        free(p);
        return e;
    }
    *p = (struct place){ NULL, s->number };
    if (d->tail) {
        d->tail->next = p;
        d->tail = p;
        return E_OK;
    }
    d->head = d->tail = p;
    d->due = s->at;
    return heap_add(d->lane, d);
}

/* Gives their places to messages that were committed since it was last looked. */
static enum err look(struct line *q)
{
    struct store_txn *t;
    struct queue_slip s;
    uint64_t last = 0;
    enum err e = store_begin(q->store, false, &t);

    if (e)
        return e;
    while (!(e = queue_waiting_after(t, q->first, q->seen, &s, &last)) && !(e = find_place(q, &s)))
        q->seen = s.number;
    if (e == E_NOT_FOUND) {
        q->seen = last;
        e = E_OK;
    }
    store_abort(&t);
    return e;
}

int32_t line_wait_s(const struct line_waits *w, const uint8_t id[MESSAGE_ID_BYTES], uint32_t attempt)
{
    uint8_t seed[MESSAGE_ID_BYTES + sizeof attempt];
    int64_t wait = w->first_s;

    for (uint32_t i = 1; i < attempt && wait < w->most_s; i++)
        wait *= 2;
    if (wait > w->most_s)
        wait = w->most_s;
    memcpy(seed, id, MESSAGE_ID_BYTES);
    memcpy(seed + MESSAGE_ID_BYTES, &attempt, sizeof attempt);
    return (int32_t)(wait - (int64_t)(hash_bytes(seed, sizeof seed) % (uint64_t)(wait / 2 + 1)));
}

enum err line_open(struct store *s, unsigned first, const struct line_waits *waits, struct line **ret)
{
    struct line *q = calloc(1, sizeof *q);
    enum err e;

    assert(waits->first_s > 0 && waits->most_s >= waits->first_s && waits->give_up_s > 0);
    if (!q)
        return E_MEMORY;
    q->store = s;
    q->first = first;
    q->waits = *waits;
    pthread_mutex_init(&q->lock, NULL);
    if ((e = look(q))) {
        line_close(&q);
        return e;
    }
    *ret = q;
    return E_OK;
}

void line_close(struct line **pq)
{
    struct line *q = *pq;

    if (!q)
        return;
    for (size_t i = 0; i < SLOTS; i++)
        for (struct destination *d = q->slot[i], *after; d; d = after) {
            after = d->chain;
            for (struct place *p = d->head, *next; p; p = next) {
                next = p->next;
                free(p);
            }
            free(d);
        }
    for (struct lane *l = q->lanes, *next; l; l = next) {
        next = l->next;
        free(l->heap);
        free(l);
    }
    pthread_mutex_destroy(&q->lock);
    free(q);
    *pq = NULL;
}

/* The destination whose first message is due, taken out of its lane. */
static enum err take_destination(struct line *q, struct text channel, struct instant now, struct destination **ret, struct instant *ret_next)
{
    struct destination *d;
    struct lane *l;
    enum err e;

    *ret_next = INSTANT_NONE;
    if ((e = look(q)) || (e = lane_of(q, channel, &l)))
        return e;
    if (!l->count)
        return E_NOT_FOUND;
    d = l->heap[0];
    /* Further off than any wait: the clock was set back. */
    if (instant_after(d->due, now) && d->due.s - now.s <= q->waits.most_s) {
        *ret_next = d->due;
        return E_NOT_FOUND;
    }
    heap_remove(l, d);
    *ret = d;
    return E_OK;
}

/* What became of the message it follows, if it follows one. */
static enum queue_state leader_of(struct store_txn *t, unsigned first, const struct message *m)
{
    struct queue_slip s;

    return message_follows(m) && queue_find(t, first, m->thread, &s) == E_OK ? s.state : QUEUE_IS_UNKNOWN;
}

static enum err read_taken(struct line *q, struct wire *w, struct line_taken *taken, struct message *ret, enum queue_state *ret_leader)
{
    struct store_txn *t;
    struct queue_slip s;
    enum err e = store_begin(q->store, false, &t);

    if (e)
        return e;
    if (!(e = queue_waiting(t, q->first, taken->number, &s))) {
        taken->attempts = s.attempts;
        taken->first_try = s.first_try;
        memcpy(taken->id, s.id, sizeof taken->id);
        e = queue_read(t, q->first, taken->number, w, ret);
        *ret_leader = e ? QUEUE_IS_UNKNOWN : leader_of(t, q->first, ret);
    }
    store_abort(&t);
    return e;
}

/* The taken one leaves the line, and the next to that destination may come. */
static enum err let_next(struct line *q, struct line_taken *taken)
{
    struct destination *d = taken->destination;
    struct place *gone = d->head;
    enum err e = E_OK;

    pthread_mutex_lock(&q->lock);
    d->head = gone->next;
    if (!d->head)
        d->tail = NULL;
    d->due = INSTANT_NONE;
    if (d->head)
        e = heap_add(d->lane, d);
    pthread_mutex_unlock(&q->lock);
    free(gone);
    taken->destination = NULL;
    return e;
}

/* In a transaction of its own. */
static enum err settle(struct line *q, const struct line_taken *taken, enum queue_state state, uint32_t attempts,
                       struct instant first_try, struct instant at, struct text said)
{
    struct store_txn *t;
    enum err e = store_begin(q->store, true, &t);

    if (e)
        return e;
    e = queue_settle(t, q->first, taken->number, state, attempts, first_try, at, said);
    if (e) {
        store_abort(&t);
        return e;
    }
    return store_commit(&t);
}

/* What was never said is not corrected; what may yet be said keeps its correction by it. */
static enum err share_fate(struct line *q, struct line_taken *t, struct instant now, enum queue_state leader)
{
    enum err e = settle(q, t, leader, t->attempts, t->first_try, now,
                        leader == QUEUE_IS_DEAD ? TEXT("the message it follows lies with the dead letters") : TEXT("the message it follows was dropped"));

    return e ? e : let_next(q, t);
}

enum err line_take(struct line *q, struct text channel, struct instant now, struct wire *w,
                    struct line_taken *ret, struct message *ret_message, struct instant *ret_next)
{
    struct line_taken taken = { 0 };
    struct destination *d = NULL;
    enum queue_state leader;
    enum err e;

    for (;;) {
        pthread_mutex_lock(&q->lock);
        e = take_destination(q, channel, now, &d, ret_next);
        taken.number = e ? 0 : d->head->number;
        pthread_mutex_unlock(&q->lock);
        if (e)
            return e;
        taken.destination = d;
        leader = QUEUE_IS_UNKNOWN;
        e = read_taken(q, w, &taken, ret_message, &leader);
        if (leader == QUEUE_IS_DEAD || leader == QUEUE_IS_DROPPED)
            e = share_fate(q, &taken, now, leader);
        else if (err_action(e) == ERR_REJECT)
            e = line_died(q, &taken, now, TEXT("what was kept of it cannot be read"));
        else
            break;
        if (e)
            return e;
    }
    if (e)
        return line_untake(q, &taken, now) ? E_MEMORY : e;
    *ret = taken;
    return E_OK;
}

enum err line_delivered(struct line *q, struct line_taken *t, struct instant now, struct text said)
{
    enum err e;

    crash_point(CRASH_message_sent);
    e = settle(q, t, QUEUE_IS_DELIVERED, t->attempts + 1, instant_is_set(t->first_try) ? t->first_try : now, now, said);
    crash_point(CRASH_message_recorded);
    return e ? e : let_next(q, t);
}

enum err line_later(struct line *q, struct line_taken *t, struct instant now, struct text said, bool *ret_is_dead)
{
    struct destination *d = t->destination;
    struct instant first = instant_is_set(t->first_try) ? t->first_try : now;
    struct instant next = instant_add(now, line_wait_s(&q->waits, t->id, t->attempts + 1));
    bool is_over = now.s - first.s >= q->waits.give_up_s;
    enum err e;

    if (ret_is_dead)
        *ret_is_dead = is_over;
    if (is_over)
        return line_died(q, t, now, said);
    if ((e = settle(q, t, QUEUE_IS_WAITING, t->attempts + 1, first, next, said)))
        return e;
    pthread_mutex_lock(&q->lock);
    d->due = next;
    e = heap_add(d->lane, d);
    pthread_mutex_unlock(&q->lock);
    t->destination = NULL;
    return e;
}

enum err line_died(struct line *q, struct line_taken *t, struct instant now, struct text said)
{
    enum err e = settle(q, t, QUEUE_IS_DEAD, t->attempts + 1, instant_is_set(t->first_try) ? t->first_try : now, now, said);

    return e ? e : let_next(q, t);
}

enum err line_untake(struct line *q, struct line_taken *t, struct instant now)
{
    struct destination *d = t->destination;
    enum err e;

    pthread_mutex_lock(&q->lock);
    d->due = now;
    e = heap_add(d->lane, d);
    pthread_mutex_unlock(&q->lock);
    t->destination = NULL;
    return e;
}
