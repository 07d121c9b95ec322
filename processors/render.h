/* render.h: an outbox row, which names everything by number, made into a notice for people and programs.
 * Reads nothing but the journal, so that any thread can do it, at any time, with the same result. */
#ifndef PROCESSORS_RENDER_H
#define PROCESSORS_RENDER_H

#include "processors/journal.h"
#include "processors/outbox.h"
#include "rules/law.h"

struct render;
enum err render_open(struct journal *j, struct render **ret) MUST_USE;
void render_close(struct render **r);
/* Of a row about an obligation. Texts in *ret live until the next call. What was erased is rendered as "(erased)". */
enum err render_notice(struct render *r, const struct outbox *o, uint64_t number, const struct outbox_row *row,
                       struct notice *ret) MUST_USE;
/* Of any row: the notice, or the tick. */
enum err render_telling(struct render *r, const struct outbox *o, uint64_t number, const struct outbox_row *row,
                        struct telling *ret) MUST_USE;
/* The names of a notice and of its obligation: the same for ever, wherever it is derived. */
void render_notice_id(struct text crime_ref, struct text victim_ref, const char *rule, uint64_t instance,
                      enum level level, uint32_t step, uint8_t ret[NOTICE_ID_BYTES]);
void render_obligation_id(struct text crime_ref, struct text victim_ref, const char *rule, uint64_t instance,
                          uint8_t ret[NOTICE_ID_BYTES]);
void render_rest(struct render *r);     /* lets go of the journal between calls */

#endif
