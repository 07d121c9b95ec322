#include "producers/connect/connect.h"
#include "core/crash.h"
#include "core/stage.h"
#include "producers/connect/drop.h"
#include "producers/connect/put_away.h"
#include "producers/spool.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEEP_S = 7 * 86400, WAIT_MS = 200, TOLD_MAX = 256 };     /* KEEP_S: longer than a backup of the tracker is old */

struct connect {
    struct connect_options o;
    struct shape *shape;
    struct memory *memory;
    struct spool *spool;
    struct batch *batch;
    struct drop *drop;
    struct bell *bell;
    struct stage *stage;
    bool in_hand;                               /* a batch is being taken in */
    uint64_t sent;                              /* slices up to this are in the spool */
    uint64_t told_waiting[TOLD_MAX], tellings;  /* hashes of what was said to be waited for, the latest; each is said once */
    uint64_t waiting_now, look;                 /* how many wait, as found in this look over the folder */
    struct { _Atomic uint64_t taken, refused, waiting, events, rejected; } counts;
};

/* ---- handing over ------------------------------------------------------------------- */

/* Slices go into the spool with their number in one transaction, so that each goes once, whatever happens between. */
static enum err hand_over(struct connect *c)
{
    struct bytes items;
    uint64_t number;
    uint32_t count;
    bool some = false;
    enum err e = memory_begin(c->memory);

    if (e)
        return e;
    while (!(e = memory_to_send(c->memory, c->sent, &number, &items, &count))) {
        if ((e = spool_append_noted(c->spool, items, count, (struct bytes){ (const uint8_t *)&number, sizeof number })))
            break;
        c->sent = number;
        some = true;
        crash_point(CRASH_connect_after_spool);
        bell_ring(c->bell);
    }
    if (e == E_NOT_FOUND)
        e = some ? memory_sent(c->memory, c->sent) : E_OK;
    if (e || !some)
        return memory_abort(c->memory), e;
    return memory_commit(c->memory);
}

static enum err open_spool(struct connect *c, struct why *why)
{
    char dir[4096];
    size_t n = 0;
    enum err e;

    if (snprintf(dir, sizeof dir, "%s/spool", c->o.data) >= (int)sizeof dir)
        return E_USAGE;
    if (mkdir(dir, 0700) && errno != EEXIST) {
        why_set(why, "the spool folder %s cannot be made: %s", dir, strerror(errno));
        return E_IO;
    }
    if ((e = spool_open(dir, KEEP_S, &c->spool, why)))
        return e;
    e = spool_note_get(c->spool, (uint8_t *)&c->sent, sizeof c->sent, &n);
    return e == E_NOT_FOUND ? E_OK : e;
}

/* ---- open ---------------------------------------------------------------------------- */

enum err connect_open(const struct connect_options *o, struct connect **ret, struct why *why)
{
    struct connect *c = calloc(1, sizeof *c);
    struct manifest left;
    enum err e;

    if (!c)
        return E_MEMORY;
    c->o = *o;
    if ((e = shape_open(o->map_path, &c->shape, why)) || (e = drop_open(c->shape, o->dir, o->patience_s, o->is_stopping, &c->drop, why)) ||
        (e = memory_open(o->data, &c->memory, why)) || (e = open_spool(c, why)) || (e = bell_open(&c->bell)) ||
        (e = batch_open(c->shape, c->memory, o->dir, o->after, o->clock_by_events, false, &c->batch)) ||
        (e = batch_resume(c->batch, &left, &c->in_hand, why)) || (e = hand_over(c))) {
        connect_close(&c);
        return e;
    }
    *ret = c;
    return E_OK;
}

struct link_source connect_source(struct connect *c) { return spool_source(c->spool, c->shape->source); }
struct bell *connect_bell(struct connect *c) { return c->bell; }

/* ---- the feed's thread ----------------------------------------------------------------- */

static void tell(struct connect *c, enum connect_news what, uint64_t batch, const char *text)
{
    struct connect_told told = { what, batch, text, what == NEWS_TAKEN ? batch_summary(c->batch) : NULL, c->shape->source };

    c->o.tell(c->o.ctx, &told);
}

/* Its files into a folder of their own, with the reason beside them: whoever sent them can look there. */
static enum err refuse(struct connect *c, const struct manifest *m, const char *reason, struct why *why)
{
    char name[FILE_NAME_MAX], path[4096];
    FILE *f;
    enum err e;

    if (m->id)
        snprintf(name, sizeof name, "%06llu", (unsigned long long)m->id);
    else
        snprintf(name, sizeof name, "%s", m->name);
    if ((e = put_away_files(c->o.dir, "refused", name, m, m->name, why)))
        return e;
    if (snprintf(path, sizeof path, "%s/refused/%s/reason.txt", c->o.dir, name) < (int)sizeof path) {
        unlink(path);
        if ((f = fopen(path, "wxe"))) {
            fprintf(f, "%s\n", reason);
            fclose(f);
        }
    }
    atomic_fetch_add(&c->counts.refused, 1);
    tell(c, NEWS_REFUSED, m->id, reason);
    return E_OK;
}

static enum err work(struct connect *c, struct why *why)
{
    enum err e = batch_step(c->batch, why), sent;

    if (e && err_action(e) == ERR_REJECT) {
        struct why reason = *why;
        c->in_hand = false;
        return (e = batch_break_off(c->batch)) ? e : refuse(c, batch_manifest(c->batch), reason.text, why);
    }
    if (e && e != E_END)
        return e;
    if ((sent = hand_over(c)))
        return sent;
    if (e != E_END)
        return E_OK;
    c->in_hand = false;
    atomic_fetch_add(&c->counts.taken, 1);
    atomic_fetch_add(&c->counts.events, batch_summary(c->batch)->counts.events);
    atomic_fetch_add(&c->counts.rejected, batch_summary(c->batch)->counts.rejected);
    tell(c, NEWS_TAKEN, batch_summary(c->batch)->id, NULL);
    return E_OK;
}

static enum err drop_again(struct connect *c, const struct manifest *m, struct why *why)
{
    char name[32];

    if (c->o.after == AFTER_KEEP)
        return E_OK;                            /* there they lie, and nothing is wrong with that */
    tell(c, NEWS_AGAIN, m->id, "was taken before, the same bytes: nothing to do");
    if (c->o.after == AFTER_ARCHIVE) {
        snprintf(name, sizeof name, "%06llu", (unsigned long long)m->id);
        return put_away_files(c->o.dir, "archive", name, m, m->name, why);
    }
    put_away_for_good(c->o.dir, m);
    return E_OK;
}

static void say_waiting(struct connect *c, const struct manifest *m, const char *text)
{
    uint64_t hash = hash_bytes(text, strlen(text));

    if (drop_looks(c->drop) != c->look)
        c->waiting_now = 0;
    c->look = drop_looks(c->drop);
    c->waiting_now++;
    for (size_t i = 0; i < TOLD_MAX; i++)
        if (c->told_waiting[i] == hash)
            return;
    c->told_waiting[c->tellings++ % TOLD_MAX] = hash;
    tell(c, NEWS_WAITING, m->id, text);
}

static enum err look(struct connect *c, int wait_ms, struct why *why)
{
    static struct manifest m;
    struct why reason = { "" };
    enum found found;
    uint64_t gap;
    char text[160];
    enum err e = drop_next(c->drop, c->batch, &m, &found, &gap, &reason);

    if (e)
        return *why = reason, e;
    switch (found) {
    case FOUND_BATCH:
        if (gap) {
            snprintf(text, sizeof text, gap + 1 < m.id ? "they never came, up to %llu" : "it never came; %llu is taken without it",
                     (unsigned long long)(gap + 1 < m.id ? m.id - 1 : m.id));
            tell(c, NEWS_GAP, gap, text);
        }
        batch_begin(c->batch, &m);
        c->in_hand = true;
        return E_OK;
    case FOUND_AGAIN:
        return drop_again(c, &m, why);
    case FOUND_BAD:
        return refuse(c, &m, reason.text, why);
    case FOUND_WAITING:
        say_waiting(c, &m, reason.text);
        return E_OK;
    case FOUND_NOTHING:
        break;
    }
    atomic_store(&c->counts.waiting, drop_looks(c->drop) == c->look ? c->waiting_now : 0);
    if (c->o.once) {
        spool_end(c->spool);
        bell_ring(c->bell);
        return E_END;
    }
    drop_wait(c->drop, wait_ms < WAIT_MS ? wait_ms : WAIT_MS);
    return E_OK;
}

static enum err run_once(void *ctx, int wait_ms, struct why *why)
{
    struct connect *c = ctx;

    return c->in_hand ? work(c, why) : look(c, wait_ms, why);
}

enum err connect_start(struct connect *c) { return stage_start(run_once, c, NULL, NULL, &c->stage); }

bool connect_is_over(struct connect *c, enum err *ret, struct why *why) { return c->stage && stage_is_over(c->stage, ret, why); }

struct connect_counts connect_counts(const struct connect *c)
{
    struct connect_counts n = {
        .taken = atomic_load(&c->counts.taken), .refused = atomic_load(&c->counts.refused), .waiting = atomic_load(&c->counts.waiting),
        .events = atomic_load(&c->counts.events), .rejected = atomic_load(&c->counts.rejected),
    };

    batch_progress(c->batch, &n.batch, &n.rows, &n.all_rows);
    return n;
}

void connect_close(struct connect **pc)
{
    struct connect *c = *pc;

    if (!c)
        return;
    stage_stop(&c->stage);
    batch_close(&c->batch);
    spool_close(&c->spool);
    memory_close(&c->memory);
    drop_close(&c->drop);
    bell_close(&c->bell);
    shape_close(&c->shape);
    free(c);
    *pc = NULL;
}

enum err connect_forget(const char *data, uint64_t *ret_unsent, struct why *why)
{
    char spool[4096];
    enum err e = memory_write_anew(data, why);

    if (e || snprintf(spool, sizeof spool, "%s/spool", data) >= (int)sizeof spool)
        return e ? e : E_USAGE;
    *ret_unsent = 0;
    return (e = spool_forget(spool, ret_unsent, why)) == E_NOT_FOUND ? E_OK : e;
}
