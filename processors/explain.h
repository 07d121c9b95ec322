/* explain.h: answers to questions: which obligations are due, and why each is what it is.
 * Questions and answers are one JSON object each; the commands print answers for people. */
#ifndef PROCESSORS_EXPLAIN_H
#define PROCESSORS_EXPLAIN_H

#include "core/json.h"
#include "processors/render.h"
#include "processors/track.h"

/* Questions:
 *   {"ask":"due","within_s"?,"breached"?,"all"?,"oic"?,"team"?,"limit"?}
 *   {"ask":"journey","crime_ref","victim_ref"?}
 *   {"ask":"status"}
 * Answers carry "as_of": {"tick","record"}; a question that cannot be answered gives
 * {"error": "..."}. Runs in the folding thread between steps; reads only. */
struct explain;
enum err explain_open(struct track *t, struct journal *j, struct outbox *o, struct explain **ret) MUST_USE;
void explain_close(struct explain **x);
/* Appends the answer to `out`. */
void explain_answer(struct explain *x, struct text question, struct json_out *out);

#endif
