/* teller.h: the outbox as the left end of a link: every row from the sink's cursor on, rendered when sent. */
#ifndef PROCESSORS_TELLER_H
#define PROCESSORS_TELLER_H

#include "core/link.h"
#include "processors/render.h"

struct teller;
enum err teller_open(struct link_context *c, const char *endpoint, struct journal *j, struct outbox *o,
                     struct teller **ret, struct why *why) MUST_USE;
/* As link_left_run_once. Never E_END: more may always come. */
enum err teller_run_once(struct teller *t, int wait_ms, struct why *why) MUST_USE;
void teller_patience(struct teller *t, int first_ms, int last_ms);       /* as link_left_patience */
/* There are new rows; from any thread. */
void teller_wake(struct teller *t);
struct bell *teller_bell(struct teller *t);             /* what that rings */
uint64_t teller_durable(const struct teller *t);        /* last row the sink has; any thread */
const struct link_counts *teller_counts(const struct teller *t);     /* from its own thread */
void teller_close(struct teller **t);

#endif
