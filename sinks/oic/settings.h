/* settings.h: oic.yaml read: who is told of what, when, and through which channel. docs/alerts.md is its manual.
 *
 * Times of day are of the force's local clock. "Local" numbers are seconds on that clock as if it were UTC: the sink knows
 * no time zone, only how far the clock was from UTC at a tick. */
#ifndef SINKS_OIC_SETTINGS_H
#define SINKS_OIC_SETTINGS_H

#include "core/wire.h"
#include "core/yaml.h"
#include "sinks/oic/channels.h"
#include "sinks/oic/line.h"

#include <stdio.h>

enum { TEAMS_MAX = 2000, DOMAINS_MAX = 32, HANDLERS_MAX = 16, SENDS_MAX = 4, DAY_S = 86400 };
#define NEVER_S INT64_MAX                               /* a local time that does not come */

/* What an alert is for, where settings tell them apart. */
enum matter { MATTER_DUE_SOON, MATTER_BREACHED, MATTER_OUTSTANDING, MATTER_FOLLOW_UP, MATTERS };
extern const char *const matter_name[MATTERS];

struct span { int32_t from, to; };                      /* of the local day, seconds; may go over midnight; from == to: none */
static inline bool span_has(struct span s, int32_t clock)
{
    return s.from < s.to ? clock >= s.from && clock < s.to : s.from > s.to && (clock >= s.from || clock < s.to);
}

struct team { struct text name, inbox, lead; int64_t go_live; };    /* go_live: local; NEVER_S: it stays in the shadow */

/* What may follow an alert that somebody was told: closed or changed. */
enum { SETTINGS_FOLLOWING = 8 };
extern const enum level settings_following[SETTINGS_FOLLOWING];

/* Inboxes named once, and how a person writes them. */
#define INBOXES(X) X(force_inbox) X(lead) X(data_protection_officer) X(witness_care) X(family_liaison)

struct settings {
    struct yaml *yaml;                                  /* texts borrow from it */
    char folder[4096];                                  /* of the file: relative paths begin there */
    char data[4096], officers[4096], templates[4096];   /* templates "": built in */
    struct channels *channels;
    struct text domain[DOMAINS_MAX]; size_t domains;
#define X(name) struct text name;
    INBOXES(X)
#undef X
    struct text liaison_cps, liaison_probation;
    struct text handler[HANDLERS_MAX]; size_t handlers; /* of journeys to which access is restricted */
    struct team *team; size_t teams;
    int64_t go_live;                                    /* of teams that do not say */
    int32_t digest;                                     /* clock at which the morning's digest goes */
    int64_t group_s, older_than_s;                      /* older_than_s 0: whatever its age */
    struct span quiet[MATTERS];
    bool follows[LEVEL_REALLOCATED + 1];                /* levels that are followed up by message */
    size_t to_officers[SENDS_MAX], to_inboxes[SENDS_MAX];   /* indexes of channels */
    size_t officers_count, inboxes_count;
    struct line_waits retry;                            /* how a message that failed is tried again */
};

/* Reads and checks everything that can be checked without connecting. E_USAGE: cannot be read; others with why:
 * "oic.yaml:12: what is wrong; what to write". */
enum err settings_open(const char *path, struct settings **ret, struct why *why) MUST_USE;
void settings_close(struct settings **s);

/* The team of that name, or NULL. */
const struct team *settings_team(const struct settings *s, struct text name);
int64_t settings_go_live(const struct settings *s, struct text team);
/* A mail address of one of the domains. */
bool settings_may_reach(const struct settings *s, struct text address);
/* What was understood, in the same syntax: read again it is the same. */
void settings_print(const struct settings *s, FILE *f);

#endif
