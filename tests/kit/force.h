/* force.h: a small force with a configuration and a directory of its own, and the plan of its alerts: notices and ticks in,
 * messages out. Times are on its local clock, an hour east of UTC. */
#ifndef TESTS_KIT_FORCE_H
#define TESTS_KIT_FORCE_H

#include "sinks/oic/plan.h"

struct sent { enum message_kind kind; char id[33], thread[33], to[64], beside[256], entries[1024]; struct instant as_of; };
struct force {
    char *dir;
    struct settings *settings;
    struct store *store;
    struct plan *plan;
    struct store_txn *txn;
    uint64_t version;
    int commits;                        /* after how many notices and ticks to commit; 0: at the end of each tick */
    int since;
    struct sent *sent;
    size_t count, cap;
};

/* more: further lines of the configuration. Officers 1001 to 1003 of North, supervised by 2001, and 1004 of South by 2002; 1003 is
 * away from 1 to 10 April 2026. North, South and every other team have been live for long, but New, which goes live on 8 April at 09:00. */
void force_open(struct force *f, const char *more);
void force_close(struct force *f);
void force_restart(struct force *f);    /* as after a crash: what was not committed is gone */
void force_officers(struct force *f, const char *csv);  /* another directory */

struct instant force_time(const char *local);           /* "2026-04-02 09:00" */
/* An alert on rule "R3-INFO" of a crime "20/1/26", owned by the police, of team North, raised at a local time and due at the end of a
 * local day; `edit` may change it before it is told. */
void force_tell(struct force *f, enum level level, const char *crime, const char *officer, const char *raised, const char *due, void (*edit)(struct notice *n));
void force_tick(struct force *f, const char *local);
/* Ticks every five minutes, the first and the last included. */
void force_ticks(struct force *f, const char *from, const char *to);

/* "kind to: crime rule level, ..." of every message so far, a line each, malloc'd. */
char *force_said(const struct force *f);

#endif
