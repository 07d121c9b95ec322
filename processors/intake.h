/* intake.h: the front door: batches from producers into the journal, then the acknowledgement.
 * Runs in its own thread; shares nothing with the fold but the journal and two positions. */
#ifndef PROCESSORS_INTAKE_H
#define PROCESSORS_INTAKE_H

#include "processors/journal.h"

struct intake;
/* `folded` tells how far the fold has come: credit shrinks as it falls behind. `kept` is rung after each commit. */
enum err intake_open(struct link_context *c, const char *endpoint, struct journal *j,
                     uint64_t (*folded)(void *ctx), void *ctx, struct bell *kept,
                     struct intake **ret, struct why *why) MUST_USE;
enum err intake_within(struct intake *i, const char *endpoint, struct why *why) MUST_USE;     /* as link_right_within */
const char *intake_endpoint(const struct intake *i);
const struct link_counts *intake_counts(const struct intake *i);        /* from its own thread */
/* Receives, journals, acknowledges: once. Errors of action stop are final: nothing of that round was acknowledged. */
enum err intake_run_once(struct intake *i, int wait_ms, struct why *why) MUST_USE;
struct bell *intake_bell(struct intake *i);              /* a ring ends a wait in run_once early */
void intake_close(struct intake **i);

#endif
