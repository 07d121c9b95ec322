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
/* As it goes on from "because": "it was missed and is still not done"; "" for BESIDE_NOTHING. */
struct text beside_words(const struct directory *d, enum beside b, const struct notice *n, struct day today, char *buf, size_t cap);

/* Whose team a notice is of: as the record system says, else the officer's own. */
struct text route_team(const struct directory *d, const struct notice *n);

#endif
