/* post.h: sends what waits in the queue: a thread or some a channel, each message put into words and handed over.
 *
 * A message that the other side took is recorded as delivered after that: killed in between, it is sent again with the same id.
 * One that failed waits longer and longer (line.h). When the channel itself is down, all of it waits, one message trying
 * again now and then; none is given up because of that. What goes wrong is told once as it begins and once as it ends. */
#ifndef SINKS_OIC_POST_H
#define SINKS_OIC_POST_H

#include "sinks/oic/channels.h"
#include "sinks/oic/line.h"
#include "sinks/oic/wording.h"

struct post_settings {
    struct store *store;                /* stays the caller's, open until post_close; as the next two */
    unsigned first;                     /* queue.h */
    struct channels *channels;
    const struct wording *wording;
    struct line_waits waits;
    /* What time it is; NULL: the wall clock. For tests, in which hours pass. */
    struct instant (*now)(void *ctx);
    /* A sentence for the log: a channel that went down or is back, a message that went to the dead letters. Never
     * anything of a message but its number. May be called from several threads; may be NULL. */
    void (*tell)(void *ctx, const char *sentence);
    void *ctx;
};

struct post_counts { uint64_t delivered, attempts, dead; bool is_down; };

struct post;
enum err post_open(const struct post_settings *s, struct post **ret, struct why *why) MUST_USE;
void post_close(struct post **p);       /* stops the threads; what is being sent is sent to its end */

/* All that is due on one channel (its index), in the caller's thread. *ret_next: when there will be something to do again, as
 * far as is known now; not set: nothing waits. An error is the store's, or of memory: the post cannot go on. */
enum err post_round(struct post *p, size_t channel, struct instant *ret_next, struct why *why) MUST_USE;

/* Threads that do rounds until post_close: of each channel as many as it sends at once. */
enum err post_start(struct post *p, struct why *why) MUST_USE;
void post_ring(struct post *p);         /* something new is in the queue; any thread */
/* Whether a thread ended because it could not go on. */
bool post_is_over(struct post *p, enum err *ret_err, struct why *ret_why);

struct post_counts post_counts(struct post *p, size_t channel);     /* since it was opened; any thread */

#endif
