/* route.h: who is to be told of an alert: whoever owes it, who is beside them and why. Pure: settings, directory, notice, day. */
#ifndef SINKS_OIC_ROUTE_H
#define SINKS_OIC_ROUTE_H

#include "sinks/oic/directory.h"

/* Whom a message may be for; stored, so numbers stay. */
enum party_kind {
    PARTY_OFFICER = 1,          /* key: collar number */
    PARTY_TEAM = 2,             /* key: name of the team, whose inbox it is */
    PARTY_FORCE = 3, PARTY_LEAD = 4,                    /* lead: key: the team, or "" */
    PARTY_WITNESS_CARE = 5, PARTY_CPS = 6, PARTY_PROBATION = 7, PARTY_FAMILY_LIAISON = 8, PARTY_DATA_PROTECTION = 9,
    PARTY_HANDLER = 10,         /* key: the address */
};
struct party { enum party_kind kind; struct text key; };

/* Why a recipient is told what is another's to do; the sentence is made when it is sent. */
enum beside {
    BESIDE_NOTHING, BESIDE_NO_OFFICER, BESIDE_UNKNOWN_OFFICER, BESIDE_AWAY, BESIDE_SUPERVISES, BESIDE_ESCALATED, BESIDE_LIAISON,
    BESIDE_RESTRICTED,
};

enum { STOPS_MAX = 24 };
struct route {
    size_t count;               /* 0: nobody is told: it is reported only */
    struct stop { struct party party; enum beside beside; bool is_owner; } stop[STOPS_MAX];
};

/* For an alert of this level (and, of outstanding, this step) as the notice describes it. Parties borrow from the notice,
 * the directory and the settings. */
void route_find(const struct settings *s, const struct directory *d, const struct notice *n, enum level level, struct day today,
                struct route *ret);

/* Where a party is reached and what people call it; ret_name is written into buf. An officer who left the directory since is
 * reached at the force's inbox. */
struct text party_address(const struct settings *s, const struct directory *d, struct party p);
struct text party_name(const struct settings *s, const struct directory *d, struct party p, char *buf, size_t n);
/* Why the reader has a message: `n` is of its first entry with a reason. */
struct beside_of {
    enum beside beside;
    const struct notice *n;
    bool is_all;                /* every entry is there for that reason; else some are the reader's own, or there for another */
    bool is_one_officer;        /* and all of them are cases of one officer */
    bool is_shared;             /* whoever owes it is told as well */
};
/* A sentence to the reader: "You have this because you supervise 20688, the officer in the case, who has it too."; "" for
 * BESIDE_NOTHING. Written into buf, of which cap - 1 bytes are used at most. */
struct text beside_words(const struct directory *d, struct party to, const struct beside_of *b, struct day today, char *buf, size_t cap);

/* Whose team a notice is of: as the record system says, else the officer's own. */
struct text route_team(const struct directory *d, const struct notice *n);

#endif
