#include "sinks/oic/post.h"

#include "core/hash.h"
#include "core/stage.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum { TIDY_EVERY_S = 3600, TRIM_MOST = 10000, ALARM_AT = QUEUE_WAITING_MAX / 2, DOWN_FIRST_S = 5, DOWN_MOST_S = 300 };

/* How a channel is, for all its threads. */
struct health {
    struct instant down_until;          /* not set: the channel works */
    uint32_t downs;                     /* failures of the channel in a row */
    uint64_t blamed;                    /* the message with which it last failed */
    struct post_counts counts;
};

/* What one thread has. */
struct counter {
    struct post *post;
    size_t channel, hand;
    struct wire *wire;
    struct wording_desk *desk;
    struct stage *stage;
    struct instant tidied;
};

struct post {
    struct post_settings s;
    struct line *line;
    struct counter counter[CHANNELS_MAX * CHANNELS_PARALLEL_MAX];
    size_t count, first_of[CHANNELS_MAX];   /* of a channel: its first counter */
    pthread_mutex_t lock;               /* of the next two */
    struct health health[CHANNELS_MAX];
    uint64_t rings;
    pthread_cond_t rung;
    _Atomic bool is_stopping;
};

static struct instant now_of(const struct post *p) { return p->s.now ? p->s.now(p->s.ctx) : instant_now(); }

PRINTF(2, 3)
static void tell(struct post *p, const char *fmt, ...)
{
    char sentence[512];
    va_list ap;

    if (!p->s.tell)
        return;
    va_start(ap, fmt);
    vsnprintf(sentence, sizeof sentence, fmt, ap);
    va_end(ap);
    p->s.tell(p->s.ctx, sentence);
}

enum err post_open(const struct post_settings *s, struct post **ret, struct why *why)
{
    struct post *p = calloc(1, sizeof *p);
    pthread_condattr_t attr;
    enum err e;

    if (!p)
        return E_MEMORY;
    p->s = *s;
    pthread_mutex_init(&p->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&p->rung, &attr);
    pthread_condattr_destroy(&attr);
    if ((e = line_open(s->store, s->first, &s->waits, &p->line))) {
        why_set(why, "the queue of messages cannot be read: %s", err_text(e));
        goto fail;
    }
    for (size_t i = 0; i < channels_count(s->channels); i++) {
        p->first_of[i] = p->count;
        for (size_t hand = 0; hand < channels_parallel(s->channels, i); hand++) {
            struct counter *c = &p->counter[p->count++];
            c->post = p;
            c->channel = i;
            c->hand = hand;
            if ((e = wire_open(&c->wire)) || (e = wording_desk_open(&c->desk)))
                goto fail;
        }
    }
    *ret = p;
    return E_OK;
fail:
    post_close(&p);
    return e;
}

void post_close(struct post **pp)
{
    struct post *p = *pp;

    if (!p)
        return;
    atomic_store(&p->is_stopping, true);
    post_ring(p);
    for (size_t i = 0; i < p->count; i++)
        stage_stop(&p->counter[i].stage);
    for (size_t i = 0; i < p->count; i++) {
        wire_close(&p->counter[i].wire);
        wording_desk_close(&p->counter[i].desk);
    }
    line_close(&p->line);
    pthread_cond_destroy(&p->rung);
    pthread_mutex_destroy(&p->lock);
    free(p);
    *pp = NULL;
}

/* ---- a round -------------------------------------------------------------------------------------------- */

/* The channel failed: it rests, longer each time. Whether somebody is to be told. */
static bool rest(struct health *h, size_t channel, uint64_t number, struct instant now)
{
    const struct line_waits waits = { DOWN_FIRST_S, DOWN_MOST_S, 1 };
    uint8_t seed[MESSAGE_ID_BYTES] = { (uint8_t)channel };
    bool is_new = h->downs == 0;

    h->blamed = number;
    h->counts.is_down = true;
    if (is_new || !instant_after(h->down_until, now))      /* another thread may have found out just before */
        h->down_until = instant_add(now, line_wait_s(&waits, seed, ++h->downs));
    return is_new;
}

/* What an attempt says of the channel. *ret: what it means for the message; gives the sentence to tell, or NULL. */
static const char *judge(struct counter *c, uint64_t number, struct instant now, enum delivery *ret)
{
    struct health *h = &c->post->health[c->channel];
    const char *sentence = NULL;

    pthread_mutex_lock(&c->post->lock);
    /* Others went through since, and with this one the channel fails again: then it is this one. */
    if (*ret == DELIVERY_DOWN && h->downs == 0 && h->blamed == number)
        *ret = DELIVERY_LATER;
    if (*ret == DELIVERY_DOWN) {
        if (rest(h, c->channel, number, now))
            sentence = "is down";
    } else if (h->downs) {
        sentence = "works again";
        h->downs = 0;
        h->down_until = INSTANT_NONE;
        h->counts.is_down = false;
    }
    h->counts.attempts++;
    pthread_mutex_unlock(&c->post->lock);
    return sentence;
}

static void count(struct counter *c, enum delivery d, bool is_dead)
{
    pthread_mutex_lock(&c->post->lock);
    c->post->health[c->channel].counts.delivered += d == DELIVERED;
    c->post->health[c->channel].counts.dead += is_dead;
    pthread_mutex_unlock(&c->post->lock);
}

static enum err settle(struct counter *c, struct line_taken *taken, enum delivery d, const struct why *said)
{
    struct post *p = c->post;
    struct text words = text_of(said->text), name = channels_name(p->s.channels, c->channel);
    struct instant now = now_of(p);
    uint64_t number = taken->number;
    const char *sentence = judge(c, number, now, &d);
    bool is_dead = d == DELIVERY_NEVER;
    enum err e = E_OK;

    if (sentence && d == DELIVERY_DOWN)
        tell(p, "channel " TEXT_FMT " is down: %s; its messages wait and it is tried again", TEXT_ARG(name), said->text);
    else if (sentence)
        tell(p, "channel " TEXT_FMT " %s", TEXT_ARG(name), sentence);
    switch (d) {
    case DELIVERY_DOWN: return line_untake(p->line, taken, now);
    case DELIVERED:     e = line_delivered(p->line, taken, now, words); break;
    case DELIVERY_NEVER: e = line_died(p->line, taken, now, words); break;
    case DELIVERY_LATER: e = line_later(p->line, taken, now, words, &is_dead); break;
    }
    if (e)
        return e;
    if (is_dead)
        tell(p, "message %llu on channel " TEXT_FMT " could not be delivered and lies with the dead letters: %s (rightswatch undelivered)",
             (unsigned long long)number, TEXT_ARG(name), said->text);
    count(c, d, is_dead);
    return E_OK;
}

static enum err send_one(struct counter *c, struct line_taken *taken, const struct message *m)
{
    struct post *p = c->post;
    struct rendered r;
    struct why said = { "" };
    enum err e = wording_render(p->s.wording, c->desk, m, &r);

    if (e == E_TOO_LARGE) {
        why_set(&said, "in words it is larger than a message may be");
        return settle(c, taken, DELIVERY_NEVER, &said);
    }
    if (e)
        return line_untake(p->line, taken, now_of(p)) ? E_MEMORY : e;
    return settle(c, taken, channels_send(p->s.channels, c->channel, c->hand, m, &r, &said), &said);
}

/* Old records of delivery go, now and then, in one thread; and somebody is told when the queue fills. */
static enum err tidy(struct counter *c, struct instant now)
{
    struct store_txn *t;
    uint64_t waiting = 0;
    enum err e;

    if (c->channel != 0 || c->hand != 0 || (instant_is_set(c->tidied) && now.s - c->tidied.s < TIDY_EVERY_S))
        return E_OK;
    c->tidied = now;
    if ((e = store_begin(c->post->s.store, true, &t)))
        return e;
    if ((e = queue_trim(t, c->post->s.first, now, TRIM_MOST)) || (e = queue_waiting_count(t, c->post->s.first, &waiting))) {
        store_abort(&t);
        return e;
    }
    if (waiting >= ALARM_AT)
        tell(c->post, "%llu messages wait to be sent; at %d no more alerts are taken: see what holds them up (rightswatch undelivered --waiting)",
             (unsigned long long)waiting, QUEUE_WAITING_MAX);
    return store_commit(&t);
}

static struct instant rests_until(struct counter *c)
{
    pthread_mutex_lock(&c->post->lock);
    struct instant t = c->post->health[c->channel].down_until;
    pthread_mutex_unlock(&c->post->lock);
    return t;
}

static enum err do_round(struct counter *c, struct instant *ret_next, struct why *why)
{
    struct post *p = c->post;
    struct text name = channels_name(p->s.channels, c->channel);
    struct line_taken taken;
    struct message m;
    enum err e = tidy(c, now_of(p));

    *ret_next = INSTANT_NONE;
    while (!e && !atomic_load(&p->is_stopping)) {
        struct instant now = now_of(p), rest_ends = rests_until(c);
        /* A clock that was set back does not make the rest longer than it may be. */
        if (instant_after(rest_ends, now) && rest_ends.s - now.s <= DOWN_MOST_S) {
            *ret_next = rest_ends;
            break;
        }
        e = line_take(p->line, name, now, c->wire, &taken, &m, ret_next);
        if (e == E_NOT_FOUND)
            return E_OK;
        if (!e)
            e = send_one(c, &taken, &m);
    }
    if (e)
        why_set(why, "channel " TEXT_FMT ": the queue of messages cannot be kept: %s", TEXT_ARG(name), err_text(e));
    return e;
}

enum err post_round(struct post *p, size_t channel, struct instant *ret_next, struct why *why)
{
    return do_round(&p->counter[p->first_of[channel]], ret_next, why);
}

/* ---- threads ------------------------------------------------------------------------------------------------ */

static uint64_t rings_of(struct post *p)
{
    pthread_mutex_lock(&p->lock);
    uint64_t n = p->rings;
    pthread_mutex_unlock(&p->lock);
    return n;
}

static void wait_for_ring(struct post *p, uint64_t heard, int wait_ms)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += wait_ms % 1000 * 1000000L;
    until.tv_sec += wait_ms / 1000 + until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    pthread_mutex_lock(&p->lock);
    while (p->rings == heard && !pthread_cond_timedwait(&p->rung, &p->lock, &until)) {}
    pthread_mutex_unlock(&p->lock);
}

static enum err run_once(void *ctx, int wait_ms, struct why *why)
{
    struct counter *c = ctx;
    uint64_t heard = rings_of(c->post);
    struct instant next;
    enum err e = do_round(c, &next, why);

    if (!e)
        wait_for_ring(c->post, heard, wait_ms);
    return e;
}

enum err post_start(struct post *p, struct why *why)
{
    for (size_t i = 0; i < p->count; i++)
        if (stage_start(run_once, &p->counter[i], NULL, NULL, &p->counter[i].stage)) {
            why_set(why, "no thread for channel " TEXT_FMT, TEXT_ARG(channels_name(p->s.channels, p->counter[i].channel)));
            return E_MEMORY;
        }
    return E_OK;
}

void post_ring(struct post *p)
{
    pthread_mutex_lock(&p->lock);
    p->rings++;
    pthread_cond_broadcast(&p->rung);
    pthread_mutex_unlock(&p->lock);
}

bool post_is_over(struct post *p, enum err *ret_err, struct why *ret_why)
{
    for (size_t i = 0; i < p->count; i++)
        if (p->counter[i].stage && stage_is_over(p->counter[i].stage, ret_err, ret_why))
            return true;
    return false;
}

struct post_counts post_counts(struct post *p, size_t channel)
{
    pthread_mutex_lock(&p->lock);
    struct post_counts counts = p->health[channel].counts;
    pthread_mutex_unlock(&p->lock);
    return counts;
}
