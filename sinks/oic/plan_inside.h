/* plan_inside.h: private to plan.c and plan_send.c. */
#ifndef SINKS_OIC_PLAN_INSIDE_H
#define SINKS_OIC_PLAN_INSIDE_H

#include "sinks/oic/plan.h"

struct desk;                                    /* where messages are made: plan_send.c */

struct plan {
    const struct settings *settings;
    struct plan_options options;
    struct store *store;
    struct directory *directory;
    struct wire *wire;
    struct desk *desk;
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
/* A message of its own, now; `r` learns of it. */
enum err plan_send_now(struct plan *p, struct store_txn *t, const struct notice *n, uint64_t dest, struct hearer *r,
                       const struct pending *pending, struct why *why) MUST_USE;
/* An officer who is not in the directory is said to the log, by collar number. */
void plan_warn_unknown(struct plan *p, const struct notice *n);

enum err plan_desk_open(struct plan *p) MUST_USE;
void plan_desk_close(struct plan *p);

#endif
