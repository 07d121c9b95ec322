#include "processors/vitals.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

/* How long is too long: for the fold to come round, for a source to be silent. */
enum { FOLD_STUCK_MS = 30000, SOURCE_SILENT_S = 86400 };

struct vital_link {
    char what[16], endpoint[VITAL_NAME_BYTES];
    struct link_counts counts;
    uint64_t waiting;
    struct mono moved;                      /* when `waiting` was last none or fewer */
};

struct vitals {
    struct vital_limits limits;
    pthread_mutex_t lock;
    struct vital_link link[VITAL_LINKS_MAX];
    size_t links;
    struct freshness fresh;
    struct track_counts counts;
    uint64_t journalled, folded, rows, journeys, crimes;
    struct mono opened, folded_at, ticked_at;
    struct gauge *gauge;
    size_t gauges;
};

enum err vitals_open(const struct vital_limits *limits, struct vitals **ret)
{
    struct vitals *v = calloc(1, sizeof *v);

    if (!v)
        return E_MEMORY;
    v->limits = *limits;
    pthread_mutex_init(&v->lock, NULL);
    v->opened = v->folded_at = v->ticked_at = mono_now();
    *ret = v;
    return E_OK;
}

void vitals_close(struct vitals **pv)
{
    if (!*pv)
        return;
    pthread_mutex_destroy(&(*pv)->lock);
    free((*pv)->gauge);
    free(*pv);
    *pv = NULL;
}

/* ---- what stages leave -------------------------------------------------------------- */

size_t vitals_name_link(struct vitals *v, const char *what, const char *endpoint)
{
    struct vital_link *l = &v->link[v->links < VITAL_LINKS_MAX - 1 ? v->links : VITAL_LINKS_MAX - 1];

    snprintf(l->what, sizeof l->what, "%s", what);
    snprintf(l->endpoint, sizeof l->endpoint, "%s", endpoint);
    l->moved = mono_now();
    v->links += v->links < VITAL_LINKS_MAX;
    return (size_t)(l - v->link);
}

void vitals_link(struct vitals *v, size_t link, const struct link_counts *n, uint64_t waiting)
{
    struct vital_link *l = &v->link[link];

    pthread_mutex_lock(&v->lock);
    if (!waiting || n->durables != l->counts.durables)
        l->moved = mono_now();
    l->counts = *n;
    l->waiting = waiting;
    pthread_mutex_unlock(&v->lock);
}

void vitals_fold(struct vitals *v, struct track *t, const struct outbox *o, uint64_t journalled)
{
    const struct freshness *f = track_freshness(t);

    pthread_mutex_lock(&v->lock);
    v->folded_at = mono_now();
    if (!instant_same(f->tick, v->fresh.tick))
        v->ticked_at = v->folded_at;
    v->fresh = *f;
    v->counts = *track_counts(t);
    v->journalled = journalled;
    v->folded = track_position(t);
    v->rows = outbox_last(o);
    v->journeys = journeys_count(track_journeys(t));
    v->crimes = crimes_count(track_journeys(t));
    pthread_mutex_unlock(&v->lock);
}

void vitals_whole(void *ctx, const struct gauge *rule, size_t count)
{
    struct vitals *v = ctx;
    struct gauge *fresh = malloc((count ? count : 1) * sizeof *fresh);

    if (!fresh)
        return;                             /* the figures of before stay */
    memcpy(fresh, rule, count * sizeof *fresh);
    pthread_mutex_lock(&v->lock);
    free(v->gauge);
    v->gauge = fresh;
    v->gauges = count;
    pthread_mutex_unlock(&v->lock);
}

/* ---- metrics --------------------------------------------------------------------------- */

/* A value of a label: backslash, quote and newline are escaped. */
static void put_label(FILE *f, const char *name, const char *value, bool first)
{
    fprintf(f, "%s%s=\"", first ? "{" : ",", name);
    for (const char *p = value; *p; p++) {
        if (*p == '\n')
            fputs("\\n", f);
        else
            fprintf(f, "%s%c", *p == '\\' || *p == '"' ? "\\" : "", *p);
    }
    fputc('"', f);
}

static void put_head(FILE *f, const char *name, const char *type, const char *help)
{
    fprintf(f, "# HELP rightswatch_%s %s\n# TYPE rightswatch_%s %s\n", name, help, name, type);
}

static void put_one(FILE *f, const char *name, const char *type, const char *help, int64_t value)
{
    put_head(f, name, type, help);
    fprintf(f, "rightswatch_%s %lld\n", name, (long long)value);
}

/* The figures of the fold, each once: name, type, what it is, value. */
#define FOLD_FIGURES(X) \
    X("journal_records", "gauge", "records in the journal", v->journalled) \
    X("folded_records", "gauge", "records judged so far", v->folded) \
    X("fold_lag_records", "gauge", "records in the journal and not yet judged", v->journalled - v->folded) \
    X("events_total", "counter", "case events folded, repeats included", v->counts.events) \
    X("duplicates_total", "counter", "events that came again, the same", v->counts.duplicates) \
    X("conflicts_total", "counter", "events that came again with other content", v->counts.conflicts) \
    X("quarantined_total", "counter", "records set aside", v->counts.quarantined) \
    X("rejected_rows_total", "counter", "rows that the feed could not read", v->counts.rejected) \
    X("ticks_total", "counter", "ticks folded", v->counts.ticks) \
    X("notices_total", "counter", "notices raised by this process", v->counts.rows) \
    X("alerts_total", "counter", "of those, alerts", v->counts.alerts) \
    X("notice_last", "gauge", "number of the last notice", v->rows) \
    X("journeys", "gauge", "journeys followed", v->journeys) \
    X("crimes", "gauge", "crimes followed", v->crimes) \
    X("tick_timestamp_seconds", "gauge", "what time it is for the fold, Unix time", v->fresh.tick.s) \
    X("since_fold_seconds", "gauge", "since the fold last came round", mono_ms_since(v->folded_at) / 1000) \
    X("since_tick_seconds", "gauge", "since the last new tick was folded, or since the start", mono_ms_since(v->ticked_at) / 1000) \
    X("uptime_seconds", "gauge", "since this process opened its data folder", mono_ms_since(v->opened) / 1000)

static void put_links(FILE *f, const struct vitals *v)
{
#define COUNT(name, help) \
    put_head(f, "link_" #name "_total", "counter", help); \
    for (size_t i = 0; i < v->links; i++) { \
        fputs("rightswatch_link_" #name "_total", f); \
        put_label(f, "link", v->link[i].what, true); \
        put_label(f, "endpoint", v->link[i].endpoint, false); \
        fprintf(f, "} %llu\n", (unsigned long long)v->link[i].counts.name); \
    }
#include "core/link_counts.def"
#undef COUNT
    put_head(f, "sink_waiting_rows", "gauge", "rows that a sink has not acknowledged");
    for (size_t i = 0; i < v->links; i++)
        if (strcmp(v->link[i].what, "intake") != 0) {
            fputs("rightswatch_sink_waiting_rows", f);
            put_label(f, "link", v->link[i].what, true);
            put_label(f, "endpoint", v->link[i].endpoint, false);
            fprintf(f, "} %llu\n", (unsigned long long)v->link[i].waiting);
        }
}

static void put_source(FILE *f, const char *name, const struct source *s, int64_t value)
{
    fprintf(f, "rightswatch_%s", name);
    put_label(f, "source", s->name, true);
    fprintf(f, "} %lld\n", (long long)value);
}

static void put_sources(FILE *f, const struct vitals *v)
{
    put_head(f, "source_events_total", "counter", "events of each source");
    for (uint32_t i = 0; i < v->fresh.count; i++)
        put_source(f, "source_events_total", &v->fresh.source[i], (int64_t)v->fresh.source[i].events);
    put_head(f, "source_complete_timestamp_seconds", "gauge", "how far each source says it is complete, Unix time");
    for (uint32_t i = 0; i < v->fresh.count; i++)
        if (instant_is_set(v->fresh.source[i].complete_to))
            put_source(f, "source_complete_timestamp_seconds", &v->fresh.source[i], v->fresh.source[i].complete_to.s);
    put_head(f, "source_behind_seconds", "gauge", "how far each source is behind the tick");
    for (uint32_t i = 0; i < v->fresh.count; i++)
        if (instant_is_set(v->fresh.source[i].complete_to) && instant_is_set(v->fresh.tick))
            put_source(f, "source_behind_seconds", &v->fresh.source[i], v->fresh.tick.s - v->fresh.source[i].complete_to.s);
}

static void put_gauges(FILE *f, const struct vitals *v)
{
    put_head(f, "obligations", "gauge", "obligations by rule and state, as of the last sweep");
    for (size_t i = 0; i < v->gauges; i++)
        for (unsigned s = 0; s < GAUGE_STATES; s++)
            if (v->gauge[i].count[s] || s == STATE_OPEN || s == STATE_BREACHED) {
                fputs("rightswatch_obligations", f);
                put_label(f, "rule", v->gauge[i].rule, true);
                put_label(f, "edition", v->gauge[i].edition, false);
                put_label(f, "basis", v->gauge[i].basis, false);
                put_label(f, "state", state_name((enum state)s), false);
                fprintf(f, "} %llu\n", (unsigned long long)v->gauge[i].count[s]);
            }
}

enum err vitals_metrics(struct vitals *v, char **ret, size_t *ret_n)
{
    char *text = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&text, &n);

    if (!f)
        return E_MEMORY;
    pthread_mutex_lock(&v->lock);
#define X(name, type, help, value) put_one(f, name, type, help, (int64_t)(value));
    FOLD_FIGURES(X)
#undef X
    put_sources(f, v);
    put_gauges(f, v);
    put_links(f, v);
    pthread_mutex_unlock(&v->lock);
    if (fclose(f)) {
        free(text);
        return E_MEMORY;
    }
    *ret = text;
    *ret_n = n;
    return E_OK;
}

/* ---- health ------------------------------------------------------------------------------- */

/* How long, in the largest unit that fits: "3 days", "10 minutes". */
static const char *span(int64_t seconds, char *buf, size_t n)
{
    static const struct { int64_t s; const char *one, *many; } units[] = {
        { 86400, "day", "days" }, { 3600, "hour", "hours" }, { 60, "minute", "minutes" }, { 1, "second", "seconds" },
    };
    size_t i = 0;

    while (i < 3 && seconds < units[i].s)
        i++;
    snprintf(buf, n, "%lld %s", (long long)(seconds / units[i].s), seconds / units[i].s == 1 ? units[i].one : units[i].many);
    return buf;
}

static unsigned put_troubles(FILE *f, const struct vitals *v, const char *failed)
{
    char buf[40];
    unsigned troubles = 0;

    if (failed)
        fprintf(f, "- it is stopping: %s\n", failed), troubles++;
    if (mono_ms_since(v->folded_at) > FOLD_STUCK_MS)
        fprintf(f, "- nothing was judged for %s: the disk may be full or slow, or one step may be very large\n",
                span(mono_ms_since(v->folded_at) / 1000, buf, sizeof buf)), troubles++;
    if (mono_ms_since(v->ticked_at) > v->limits.tick_s * 1000)
        fprintf(f, "- it has not been told the time for %s, so nothing falls due: is `rightswatch clock` running?\n",
                span(mono_ms_since(v->ticked_at) / 1000, buf, sizeof buf)), troubles++;
    for (uint32_t i = 0; i < v->fresh.count; i++) {
        const struct source *s = &v->fresh.source[i];
        if (instant_is_set(s->complete_to) && instant_after(v->fresh.tick, instant_add(s->complete_to, SOURCE_SILENT_S)))
            fprintf(f, "- source %s has been silent for %s: nothing after that is called missed. Is its extract still coming?\n", s->name,
                    span(v->fresh.tick.s - s->complete_to.s, buf, sizeof buf)), troubles++;
    }
    for (size_t i = 0; i < v->links; i++)
        if (v->link[i].waiting && mono_ms_since(v->link[i].moved) > v->limits.sink_s * 1000)
            fprintf(f, "- %s at %s has taken nothing for %s; %llu rows wait for it: is it running?\n", strcmp(v->link[i].what, "sink") ? "the compliance sink" : "the sink",
                    v->link[i].endpoint, span(mono_ms_since(v->link[i].moved) / 1000, buf, sizeof buf), (unsigned long long)v->link[i].waiting), troubles++;
    return troubles;
}

enum err vitals_health(struct vitals *v, const char *failed, bool *ret_is_well, char **ret, size_t *ret_n)
{
    char *text = NULL, *troubles = NULL, tick[INSTANT_TEXT];
    size_t n = 0, troubles_n = 0;
    FILE *f = open_memstream(&text, &n), *g = open_memstream(&troubles, &troubles_n);
    unsigned count = 0;
    bool lost = !f || !g;

    if (!lost) {
        pthread_mutex_lock(&v->lock);
        count = put_troubles(g, v, failed);
        instant_format(v->fresh.tick, tick);
        fprintf(f, "%s\n", count ? "not well" : "ok");
        fflush(g);
        fwrite(troubles, 1, troubles_n, f);
        if (instant_is_set(v->fresh.tick))
            fprintf(f, "As of %s: %llu journeys, %llu records, %llu of them not yet judged, %llu set aside, %llu rows that could not be read.\n", tick, (unsigned long long)v->journeys,
                    (unsigned long long)v->journalled, (unsigned long long)(v->journalled - v->folded), (unsigned long long)v->counts.quarantined, (unsigned long long)v->counts.rejected);
        pthread_mutex_unlock(&v->lock);
    }
    lost |= f && fclose(f);
    lost |= g && fclose(g);
    free(troubles);
    if (lost) {
        free(text);
        return E_MEMORY;
    }
    *ret_is_well = !count;
    *ret = text;
    *ret_n = n;
    return E_OK;
}
