/* stage.h: the loop every role runs: one step again and again in a thread of its own, until told to stop. */
#ifndef CORE_STAGE_H
#define CORE_STAGE_H

#include "core/err.h"
#include <stdbool.h>

struct bell;
struct stage;
/* Calls run_once(ctx, wait_ms, why) until it gives anything but E_OK or stage_stop is called.
 * `over` (may be NULL) is called from that thread when it ends. */
enum err stage_start(enum err (*run_once)(void *ctx, int wait_ms, struct why *why), void *ctx,
                     void (*over)(void *over_ctx), void *over_ctx, struct stage **ret) MUST_USE;
/* Whether it ended by itself, and how: E_END when its work is done. */
bool stage_is_over(struct stage *s, enum err *ret_err, struct why *ret_why);
/* The bell that ends a wait in run_once early, which stage_stop rings; borrowed until then. Without one a stop waits
 * as long as run_once does. */
void stage_wakes_by(struct stage *s, struct bell *bell);
void stage_stop(struct stage **s);      /* returns when the thread has ended */

#endif
