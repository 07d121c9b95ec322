/* plan_inside.h: private to the plan: plan.c (what a notice changes), plan_send.c (what a tick sends), plan_live.c (a team goes
 * live) and plan_message.c (a message made). */
#ifndef SINKS_OIC_PLAN_INSIDE_H
#define SINKS_OIC_PLAN_INSIDE_H

#include "sinks/oic/plan.h"

struct desk;                                    /* where messages are made: plan_message.c */

/* Rows of the pending table that are ready, as a tick finds them. */
struct ready { struct pending_key key; struct pending pending; };
struct ready_list { struct ready *row; size_t count, cap; };

/* An instant and what the clock on the wall says then. */
struct moment { struct instant at; int32_t offset; struct day day; int32_t clock; };

struct plan {
    const struct settings *settings;
    struct plan_options options;
    struct store *store;
    struct directory *directory;
    struct wire *wire;
    struct desk *desk;
    struct ready_list ready;
    uint64_t since_commit;                      /* messages put since a tick last committed a part */
    struct ledger_globals globals;
    int64_t idle_until;                         /* nothing is ready before this instant; INT64_MIN: look */
    bool said_of_directory;                     /* that the new one cannot be read was said */
    bool said_of_history;                       /* that something was too old to send was said */
    uint64_t warned;                            /* hash of the last unknown officer that was said */
};

/* How far up the ladder an alert is; 0: it is none. */
int plan_rung(enum level l);
/* The channels of a party, as indexes. */
void plan_channels(const struct plan *p, struct party party, const size_t **ret, size_t *count);
/* A sentence for the log. */
void plan_say(const struct plan *p, const char *sentence);

/* A message of its own, now; `r` learns of it. */
enum err plan_send_now(struct plan *p, struct store_txn *t, const struct notice *n, uint64_t dest, struct hearer *r,
                       const struct pending *pending, struct why *why) MUST_USE;
/* As one message, and one of what is held for each reason, what `count` rows wait for (at most MESSAGE_ENTRIES_MAX, of one
 * recipient, kind and thread); `part` of them when there are more. What is silenced goes on waiting. */
enum err plan_send_rows(struct plan *p, struct store_txn *t, const struct ready *row, size_t count, unsigned part, const struct moment *now,
                        struct why *why) MUST_USE;
/* A list for each supervisor of the teams that went live between the local clock's `before` (seconds) and now: it waits in the ledger, ready to be sent. */
enum err plan_open_teams(struct plan *p, struct store_txn *t, int64_t before, const struct moment *now) MUST_USE;
/* An officer who is not in the directory is said to the log, by collar number. */
void plan_warn_unknown(struct plan *p, const struct notice *n);

enum err plan_desk_open(struct plan *p) MUST_USE;
void plan_desk_close(struct plan *p);

#endif
