/* outbox_teller.h: what was told, for a teller: every row of the outbox, rendered when sent. */
#ifndef PROCESSORS_OUTBOX_TELLER_H
#define PROCESSORS_OUTBOX_TELLER_H

#include "processors/render.h"
#include "processors/teller.h"

/* Journal and outbox stay the caller's, open until the teller is closed. */
enum err outbox_teller_open(struct link_context *c, const char *endpoint, struct journal *j, struct outbox *o,
                            struct teller **ret, struct why *why) MUST_USE;

#endif
