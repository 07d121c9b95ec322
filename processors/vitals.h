/* vitals.h: what a running tracker says of itself: metrics for Prometheus, and whether it is well, in words.
 *
 * Each stage leaves its figures here from its own thread; any thread may ask. Figures and names of sources, sinks and
 * rules only: nothing of a case. docs/metrics.md is the manual. */
#ifndef PROCESSORS_VITALS_H
#define PROCESSORS_VITALS_H

#include "core/link.h"
#include "processors/gauges.h"
#include "processors/outbox.h"

enum { VITAL_LINKS_MAX = 16, VITAL_NAME_BYTES = 160 };

/* When it is not well: no tick, or a sink that takes nothing, for longer than this. Where ticks come with a day's extract, a day is not long. */
struct vital_limits { int64_t tick_s, sink_s; };
#define VITAL_LIMITS { .tick_s = 600, .sink_s = 300 }

struct vitals;
enum err vitals_open(const struct vital_limits *limits, struct vitals **ret) MUST_USE;
void vitals_close(struct vitals **v);

/* Names a link, before any thread; gives its index. what: "intake", "sink", "compliance". */
size_t vitals_name_link(struct vitals *v, const char *what, const char *endpoint);
/* From its thread after each round. waiting: rows the other end has not acknowledged; 0 for the intake. */
void vitals_link(struct vitals *v, size_t link, const struct link_counts *n, uint64_t waiting);
/* From the fold's thread after each round. */
void vitals_fold(struct vitals *v, struct track *t, const struct outbox *o, uint64_t journalled);
void vitals_whole(void *v, const struct gauge *rule, size_t count);         /* as gauges_step calls it */

/* Prometheus text exposition format 0.0.4. *ret is malloc'd. */
enum err vitals_metrics(struct vitals *v, char **ret, size_t *ret_n) MUST_USE;
/* "ok" and a line for what is worth knowing; or, not well, a line for each thing that is wrong and what to do. failed (may be NULL): why a
 * stage gave up. */
enum err vitals_health(struct vitals *v, const char *failed, bool *ret_is_well, char **ret, size_t *ret_n) MUST_USE;

#endif
