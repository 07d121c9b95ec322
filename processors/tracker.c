#include "processors/tracker.h"
#include "core/stage.h"
#include "processors/compliance.h"
#include "processors/explain.h"
#include "processors/intake.h"
#include "processors/outbox_teller.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { FOLD_CHUNK = 50000, ERRAND_WAIT_S = 10, SILENT_S = 86400 };

/* What the fold asks of the intake, who alone writes the journal: a law with another calendar. */
struct errand {
    enum { ERRAND_NONE, ERRAND_WANTED, ERRAND_DONE } state;
    char path[4096];
    uint64_t law;
    struct instant tick;
    enum err err;
    struct why why;
};

/* A sink that is told: what its thread is given. */
struct told_sink { struct tracker *tracker; struct teller *teller; size_t vital; };

struct tracker {
    struct folder folder;
    struct journal *journal;
    struct outbox *outbox;
    struct track *track;
    struct explain *explain;
    struct intake *intake;
    struct query_server *query;
    struct told_sink sink[TRACKER_SINKS_MAX + 1];  /* that of the compliance rows is the last */
    size_t sinks;
    struct compliance *compliance;              /* NULL: no such sink */
    struct draw *draw;
    struct vitals *vitals;                      /* NULL: nobody asks */
    struct gauges *gauges;
    size_t vital_intake;
    struct bell *bell;                          /* rung by intake, heard by the fold */
    struct json_out answer;
    struct stage *stage[3 + TRACKER_SINKS_MAX]; /* intake, fold, a teller a sink */
    size_t stages;
    bool silent[SOURCES_MAX];                   /* each source, as last said */
    pthread_mutex_t lock;                       /* guards what follows */
    pthread_cond_t done;
    struct track_counts counts;
    struct errand errand;
};

static uint64_t folded(void *ctx)
{
    struct tracker *t = ctx;

    return track_position(t->track);
}

static void run_errand(struct tracker *t)
{
    pthread_mutex_lock(&t->lock);
    if (t->errand.state == ERRAND_WANTED) {
        t->errand.err = folder_calendar(t->journal, t->errand.law, t->errand.tick, t->errand.path, &t->errand.why);
        t->errand.state = ERRAND_DONE;
        pthread_cond_signal(&t->done);
        bell_ring(t->bell);
    }
    pthread_mutex_unlock(&t->lock);
}

static enum err intake_once(void *ctx, int wait_ms, struct why *why)
{
    struct tracker *t = ctx;

    enum err e;

    run_errand(t);
    e = intake_run_once(t->intake, wait_ms, why);
    if (t->vitals)
        vitals_link(t->vitals, t->vital_intake, intake_counts(t->intake), 0);
    return e;
}

/* The law as folded so far, with another calendar. */
static enum err load_calendar(struct tracker *t, struct text path, struct why *why)
{
    struct timespec until;
    enum err e;

    if (path.n == 0 || path.n >= sizeof t->errand.path || !track_law_number(t->track)) {
        why_set(why, "a calendar is loaded from a path, when there is a law");
        return E_USAGE;
    }
    clock_gettime(CLOCK_REALTIME, &until);      /* how long to wait, nothing that is judged */
    until.tv_sec += ERRAND_WAIT_S;
    pthread_mutex_lock(&t->lock);
    t->errand = (struct errand){ .state = ERRAND_WANTED, .law = track_law_number(t->track), .tick = track_freshness(t->track)->tick, .err = E_TIMEOUT };
    memcpy(t->errand.path, path.p, path.n);
    while (t->errand.state == ERRAND_WANTED && !pthread_cond_timedwait(&t->done, &t->lock, &until)) {}
    t->errand.state = ERRAND_NONE;
    e = t->errand.err;
    *why = t->errand.why;
    pthread_mutex_unlock(&t->lock);
    return e;
}

/* A question that is not one: true if this was it. */
static bool is_errand(struct tracker *t, struct text question)
{
    struct json *q = NULL;
    struct text ask, path = { 0 };
    struct why why = { "" };
    bool is_one = !json_parse(question.p, question.n, &q, &why) && json_text(json_get(q, "ask"), &ask) && text_same(ask, TEXT("load-calendar"));
    enum err e;

    if (is_one) {
        json_text(json_get(q, "path"), &path);
        e = load_calendar(t, path, &why);
        json_out_object(&t->answer);
        json_out_key(&t->answer, e ? "error" : "loaded");
        if (e)
            json_out_text(&t->answer, text_of(why.text[0] ? why.text : err_text(e)));
        else
            json_out_bool(&t->answer, true);
        json_out_end(&t->answer);
    }
    json_free(&q);
    return is_one;
}

static enum err tell_once(void *ctx, int wait_ms, struct why *why)
{
    struct told_sink *s = ctx;
    enum err e = teller_run_once(s->teller, wait_ms, why);

    if (s->tracker->vitals)
        vitals_link(s->tracker->vitals, s->vital, teller_counts(s->teller), teller_waiting(s->teller));
    return e;
}

static void answer(struct tracker *t, struct text question)
{
    struct text all;

    json_out_clear(&t->answer);
    if (!is_errand(t, question))
        explain_answer(t->explain, question, &t->answer);
    if (json_out_done(&t->answer, &all) || all.n > ANSWER_BYTES_MAX)
        all = TEXT("{\"error\":\"the answer is too large; ask for less, as with --oic or --within\"}");
    query_answer(t->query, all);
}

/* One line for a source that is silent, and one when it speaks again, however many cases hang on it. */
static void watch_sources(struct tracker *t)
{
    const struct freshness *f = track_freshness(t->track);
    char to[INSTANT_TEXT];

    for (uint32_t i = 0; i < f->count; i++) {
        struct instant complete = f->source[i].complete_to;
        bool silent = instant_is_set(complete) && instant_after(f->tick, instant_add(complete, SILENT_S));
        if (silent == t->silent[i])
            continue;
        t->silent[i] = silent;
        instant_format(complete, to);
        fprintf(stderr, silent ? "rightswatch: source-silent %s: complete to %s and silent for more than a day; nothing after that is called missed\n" :
                "rightswatch: source-speaks %s: complete to %s\n", f->source[i].name, to);
    }
}

/* Folds while there is something to fold; between chunks, and while idle, answers questions. */
static enum err fold_once(void *ctx, int wait_ms, struct why *why)
{
    struct tracker *t = ctx;
    struct text question;
    enum err e = track_step(t->track, FOLD_CHUNK, why);
    bool sweeps = false;

    if (e && e != E_AGAIN)
        return e;
    if (e == E_AGAIN)
        watch_sources(t);
    for (size_t i = 0; i < t->sinks; i++)
        teller_wake(t->sink[i].teller);
    pthread_mutex_lock(&t->lock);
    t->counts = *track_counts(t->track);
    pthread_mutex_unlock(&t->lock);
    if (t->vitals) {
        vitals_fold(t->vitals, t->track, t->outbox, journal_last(t->journal));
        sweeps = gauges_step(t->gauges, t->track, e != E_AGAIN, vitals_whole, t->vitals);
    }
    if (query_wait(t->query, t->bell, e == E_AGAIN && !sweeps ? wait_ms : 0, &question) == E_OK)
        answer(t, question);
    return E_OK;
}

static enum err start(struct tracker *t, enum err (*once)(void *ctx, int wait_ms, struct why *why), void *ctx, struct bell *bell)
{
    enum err e = stage_start(once, ctx, NULL, NULL, &t->stage[t->stages]);

    if (!e)
        stage_wakes_by(t->stage[t->stages++], bell);
    return e;
}

static enum err start_all(struct tracker *t)
{
    enum err e;

    if ((e = start(t, intake_once, t, intake_bell(t->intake))) || (e = start(t, fold_once, t, t->bell)))
        return e;
    for (size_t i = 0; i < t->sinks; i++)
        if ((e = start(t, tell_once, &t->sink[i], teller_bell(t->sink[i].teller))))
            return e;
    return E_OK;
}

static enum err open_vitals(struct tracker *t, const struct tracker_options *o)
{
    if (!o->vitals)
        return E_OK;
    t->vitals = o->vitals;
    t->vital_intake = vitals_name_link(t->vitals, "intake", intake_endpoint(t->intake));
    for (size_t i = 0; i < o->sinks; i++)
        t->sink[i].vital = vitals_name_link(t->vitals, "sink", o->sink[i]);
    if (o->compliance)
        t->sink[o->sinks].vital = vitals_name_link(t->vitals, "compliance", o->compliance);
    return gauges_open(&t->gauges);
}

/* A sink that is switched on has the whole history: where nothing was ever drawn, everything is folded again. */
static enum err open_compliance(struct tracker *t, struct why *why)
{
    enum err e = compliance_open(t->folder.dir, &t->compliance, why);

    if (!e && !compliance_drawn(t->compliance))
        unlink(t->folder.state);
    return e;
}

static enum err open_draw(struct tracker *t)
{
    struct draw_taker taker = compliance_taker(t->compliance);
    enum err e = draw_open(t->track, t->journal, compliance_key(t->compliance), compliance_drawn(t->compliance), &taker, &t->draw);

    if (!e)
        track_draws(t->track, t->draw);
    return e;
}

static enum err open_sinks(struct tracker *t, struct link_context *c, const struct tracker_options *o, struct why *why)
{
    enum err e = E_OK;

    for (size_t i = 0; i < o->sinks + (o->compliance != NULL); i++) {
        struct told_sink *s = &t->sink[t->sinks];
        s->tracker = t;
        if (i < o->sinks && (e = outbox_sink_begins(t->outbox, o->sink[i])))
            return e;
        e = i < o->sinks ? outbox_teller_open(c, o->sink[i], t->journal, t->outbox, &s->teller, why) :
            compliance_teller_open(c, o->compliance, t->compliance, &s->teller, why);
        if (e)
            return e;
        t->sinks++;
    }
    return E_OK;
}

enum err tracker_open(struct link_context *c, const struct tracker_options *o, struct tracker **ret, struct why *why)
{
    struct tracker *t = calloc(1, sizeof *t);
    struct why ignored;
    enum err e, closed;

    if (!t)
        return E_MEMORY;
    pthread_mutex_init(&t->lock, NULL);
    pthread_cond_init(&t->done, NULL);
    json_out_init(&t->answer);
    t->folder.lock = -1;
    if ((e = folder_name(&t->folder, o->dir, true, why)) || (e = folder_lock(&t->folder, why)) ||
        (e = journal_open(t->folder.journal, false, &t->journal, why)) ||
        (e = outbox_open(t->folder.outbox, false, &t->outbox, why)) ||
        (e = folder_law(t->journal, o->rulebooks, o->rulebook_count, o->calendar, why)) ||
        (o->compliance && (e = open_compliance(t, why))) ||
        (e = track_open(t->journal, t->outbox, t->folder.state, false, &t->track, why)) ||
        (e = explain_open(t->track, t->journal, t->outbox, &t->explain)) || (e = bell_open(&t->bell)) ||
        (e = query_server_open(c, t->folder.query, &t->query, why)) ||
        (e = intake_open(c, o->listen, t->journal, folded, t, t->bell, &t->intake, why)) ||
        (o->within && (e = intake_within(t->intake, o->within, why))))
        goto fail;
    if (o->checkpoint_every)
        track_checkpoint_every(t->track, o->checkpoint_every);
    if ((o->compliance && (e = open_draw(t))) || (e = open_sinks(t, c, o, why)) || (e = open_vitals(t, o)) || (e = start_all(t)))
        goto fail;
    *ret = t;
    return E_OK;
fail:
    closed = tracker_close(&t, &ignored);
    (void)closed;
    return e;
}

const char *tracker_endpoint(const struct tracker *t) { return intake_endpoint(t->intake); }

bool tracker_is_settled(const struct tracker *t)
{
    /* In this order: what is folded cannot grow without what is journalled. */
    uint64_t journalled = journal_last(t->journal), folded_to = track_position(t->track);

    if (folded_to < journalled)
        return false;
    for (size_t i = 0; i < t->sinks; i++)
        if (teller_waiting(t->sink[i].teller))
            return false;
    return true;
}

bool tracker_has_failed(struct tracker *t, struct why *why)
{
    enum err e;

    for (size_t i = 0; i < t->stages; i++)
        if (stage_is_over(t->stage[i], &e, why))
            return true;
    return false;
}

struct tracker_progress tracker_progress(const struct tracker *t)
{
    struct tracker_progress p = {
        .journalled = journal_last(t->journal), .folded = track_position(t->track), .rows = outbox_last(t->outbox),
    };
    size_t notices = t->sinks - (t->compliance != NULL);

    p.told = p.rows;
    for (size_t i = 0; i < notices; i++)
        if (teller_durable(t->sink[i].teller) < p.told)
            p.told = teller_durable(t->sink[i].teller);
    if (t->compliance) {
        p.drawn = compliance_last(t->compliance);
        p.drawn_told = teller_durable(t->sink[notices].teller);
    }
    pthread_mutex_lock((pthread_mutex_t *)&t->lock);
    p.counts = t->counts;
    pthread_mutex_unlock((pthread_mutex_t *)&t->lock);
    return p;
}

/* How far each sink has come: what is to be erased waits for that. */
static enum err note_sinks(struct tracker *t, struct why *why)
{
    enum err e = E_OK;

    for (size_t i = 0; !e && i < t->sinks - (t->compliance != NULL); i++)
        if (teller_durable(t->sink[i].teller))
            e = outbox_sink_at(t->outbox, teller_endpoint(t->sink[i].teller), teller_durable(t->sink[i].teller));
    if (e)
        why_set(why, "how far the sinks have come could not be noted: %s", err_text(e));
    return e;
}

enum err tracker_close(struct tracker **pt, struct why *why)
{
    struct tracker *t = *pt;
    enum err e = E_OK;
    bool failed;

    if (!t)
        return E_OK;
    failed = tracker_has_failed(t, why);
    for (size_t i = 0; i < t->stages; i++)
        stage_stop(&t->stage[i]);
    if (t->stages && !failed && !(e = track_checkpoint(t->track, why)))
        e = note_sinks(t, why);
    for (size_t i = 0; i < t->sinks; i++)
        teller_close(&t->sink[i].teller);
    intake_close(&t->intake);
    query_server_close(&t->query);
    bell_close(&t->bell);
    gauges_close(&t->gauges);
    explain_close(&t->explain);
    draw_close(&t->draw);
    track_close(&t->track);
    compliance_close(&t->compliance);
    outbox_close(&t->outbox);
    journal_close(&t->journal);
    json_out_fini(&t->answer);
    folder_unlock(&t->folder);
    pthread_mutex_destroy(&t->lock);
    pthread_cond_destroy(&t->done);
    free(t);
    *pt = NULL;
    return e;
}
