/* err.h: the one table of errors; see err.def. */
#ifndef CORE_ERR_H
#define CORE_ERR_H

enum err_action { ERR_CARRY_ON, ERR_RETRY, ERR_REJECT, ERR_STOP };

enum err {
#define ERR(name, action, text) E_##name,
#include "core/err.def"
#undef ERR
    ERR_COUNT
};

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF(f, a) __attribute__((format(printf, f, a)))

const char *err_name(enum err e);           /* "NOT_FOUND" */
const char *err_text(enum err e);           /* "not there" */
enum err_action err_action(enum err e);

/* What a person is told beside the error: one sentence, written by whoever
 * knew it first. Always terminated; never holds personal data. */
struct why { char text[240]; };
void why_set(struct why *why, const char *fmt, ...) PRINTF(2, 3);   /* why may be NULL */

#endif
