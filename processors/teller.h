/* teller.h: a log of this folder as the left end of a link, for a thread of its own: everything from the sink's cursor on. */
#ifndef PROCESSORS_TELLER_H
#define PROCESSORS_TELLER_H

#include "core/link.h"

/* What is told: the outbox (outbox_teller.h), the rows for the report (compliance.h). */
struct told_log {
    struct link_source source;                          /* its ctx goes to the next two as well; `durable` may be NULL */
    uint64_t (*last)(const void *ctx);                  /* rows of it that are on the disk; any thread */
    void (*close)(void *ctx);
    const char *misfit;                                 /* "the sink at ENDPOINT ..." when it followed another log: what to do */
};

struct teller;
/* Takes the log's ctx: closed with the teller, or at once when this fails. */
enum err teller_open(struct link_context *c, const char *endpoint, const struct told_log *log, struct teller **ret, struct why *why) MUST_USE;
/* As link_left_run_once. Never E_END: more may always come. */
enum err teller_run_once(struct teller *t, int wait_ms, struct why *why) MUST_USE;
void teller_patience(struct teller *t, int first_ms, int last_ms);       /* as link_left_patience */
/* There may be new rows: wakes its thread if there are. From the thread that writes them. */
void teller_wake(struct teller *t);
struct bell *teller_bell(struct teller *t);             /* what that rings */
const char *teller_endpoint(const struct teller *t);
uint64_t teller_durable(const struct teller *t);        /* last row the sink has; any thread */
uint64_t teller_waiting(const struct teller *t);        /* rows it has not; any thread */
const struct link_counts *teller_counts(const struct teller *t);     /* from its own thread */
void teller_close(struct teller **t);

#endif
