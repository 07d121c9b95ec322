/* plan.h: from notices and ticks to messages: who is told of what, when, and what is left unsaid.
 *
 *   at start               at once, a message each
 *   due soon               the morning's digest of its recipient; with the alerts, if it is due before that
 *   unproven               nobody: a silent source is one alarm of the tracker, and not an officer's to mend
 *   breached, outstanding  when what was done had its time to be typed, outside quiet hours; all that
 *                          one recipient has waiting goes in one message
 *   closed or changed      to whoever was told, as a follow-up of the message that told them; to nobody else
 *   handed over            to whoever owes it now, unless they know
 *
 * Reads no clock. The same notices, ticks, settings, directory and silences give the same messages with the same ids,
 * whatever the transactions were: everything it remembers is in the ledger. */
#ifndef SINKS_OIC_PLAN_H
#define SINKS_OIC_PLAN_H

#include "sinks/oic/ledger.h"

struct plan;
struct plan_options {
    const struct settings *settings;            /* stays the caller's, open until plan_close */
    struct store *store;                        /* so does this */
    /* What time it is really: history is not told. NULL: no message is too old for that. */
    struct instant (*now)(void *ctx);
    /* Takes each message instead of the queue; for a look at what would be sent. NULL: the queue. */
    enum err (*instead)(void *ctx, const struct message *m);
    /* A sentence for the log; may be NULL. */
    void (*tell)(void *ctx, const char *sentence);
    void *ctx;
};
/* Reads the directory. E_MALFORMED and others with why. */
enum err plan_open(const struct plan_options *o, struct plan **ret, struct why *why) MUST_USE;
void plan_close(struct plan **p);

/* Within the caller's transaction. A notice whose version is in the ledger already changes nothing. */
enum err plan_notice(struct plan *p, struct store_txn *t, const struct notice *n, struct why *why) MUST_USE;
/* Sends what is ready. Many messages are committed in parts: *t may be another transaction afterwards, or NULL on an error. A tick
 * that is worked through again after a crash goes on where it was. */
enum err plan_tick(struct plan *p, struct store_txn **t, struct instant at, int32_t offset, struct why *why) MUST_USE;
/* Puts what is remembered beside the tables into the transaction: before each commit. */
enum err plan_save(struct plan *p, struct store_txn *t, const struct sink_cursor *at) MUST_USE;
/* What was put since the last commit is gone: as it was then. */
enum err plan_reload(struct plan *p, struct store_txn *t) MUST_USE;
const struct ledger_globals *plan_globals(const struct plan *p);

#endif
