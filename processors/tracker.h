/* tracker.h: the tracker as a whole: intake, fold and tellers, a thread each, on one data folder. */
#ifndef PROCESSORS_TRACKER_H
#define PROCESSORS_TRACKER_H

#include "processors/folder.h"
#include "processors/vitals.h"

enum { TRACKER_SINKS_MAX = 8 };

struct tracker_options {
    const char *dir;
    const char *listen;                         /* where producers connect */
    const char *within;                         /* and those of this process, inproc://; NULL: there are none */
    const char *const *rulebooks;
    size_t rulebook_count;
    const char *calendar;                       /* NULL: the default */
    const char *sink[TRACKER_SINKS_MAX];        /* endpoints of sinks */
    size_t sinks;
    const char *compliance;                     /* endpoint of the compliance sink; NULL: none, and no rows are drawn for it */
    struct vitals *vitals;                      /* where it leaves its figures, borrowed; NULL: nowhere */
    uint64_t checkpoint_every;                  /* records; 0: TRACK_CHECKPOINT_EVERY */
};

struct tracker;
/* Locks the folder, loads it, binds, starts the threads. */
enum err tracker_open(struct link_context *c, const struct tracker_options *o, struct tracker **ret, struct why *why) MUST_USE;
const char *tracker_endpoint(const struct tracker *t);
/* Everything received so far is folded, and every row is durable at every sink. */
bool tracker_is_settled(const struct tracker *t);
/* A thread gave up: why. The process should stop; nothing is lost. */
bool tracker_has_failed(struct tracker *t, struct why *why);
struct tracker_progress { uint64_t journalled, folded, rows, told, drawn, drawn_told; struct track_counts counts; };
struct tracker_progress tracker_progress(const struct tracker *t);
/* Stops the threads, stores a checkpoint, unlocks. E_OK: clean. */
enum err tracker_close(struct tracker **t, struct why *why) MUST_USE;

#endif
