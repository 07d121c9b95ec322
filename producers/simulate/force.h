/* force.h: the people of a simulated force: teams by area and function, posts in them, and the officers who hold a post in turn. */
#ifndef PRODUCERS_SIMULATE_FORCE_H
#define PRODUCERS_SIMULATE_FORCE_H

#include "core/err.h"
#include "core/when.h"
#include "producers/simulate/draws.h"

#include <stdio.h>

enum team_kind { TEAM_RESPONSE, TEAM_INVESTIGATIONS, TEAM_PROTECTION, TEAM_NEIGHBOURHOOD, TEAM_KINDS };

/* Someone in a post from one day until another. The first post of a team is its sergeant's. */
struct officer { uint32_t post, collar; struct day from, until; };
struct team { char name[64]; uint16_t area; enum team_kind kind; uint32_t first_post, posts; };
struct post { uint32_t team, first_officer, officers; };

struct force {
    uint64_t seed;
    struct team *team;
    struct post *post;
    struct officer *officer;
    uint32_t teams, posts, officers, cap;
    uint32_t first_of_kind[64][TEAM_KINDS], of_kind[64][TEAM_KINDS];    /* teams of an area, by kind */
};

/* People for so many crimes a year, from some time before `from` to `until`. E_MEMORY. */
enum err force_init(struct force *f, uint64_t seed, uint64_t crimes_a_year, struct day from, struct day until) MUST_USE;
void force_fini(struct force *f);

size_t force_areas(void);
const char *force_area_name(size_t area);
size_t force_pick_area(struct draws *d);
uint32_t force_pick_team(const struct force *f, struct draws *d, size_t area, enum team_kind kind);
uint32_t force_pick_post(const struct force *f, struct draws *d, uint32_t team);     /* not the sergeant's */
uint32_t force_sergeant(const struct force *f, uint32_t team);                       /* a post */

/* Who holds a post on a day: an index into officer. */
uint32_t force_holder(const struct force *f, uint32_t post, struct day day);
/* On duty: not on leave, and the shift of that day and hour is theirs. `clock`: seconds after local midnight. */
bool force_is_on_duty(const struct force *f, uint32_t officer, struct day day, int clock);
/* The holder if on duty, else somebody of the team who is, else the holder all the same. */
uint32_t force_who_acts(const struct force *f, struct draws *d, uint32_t post, struct day day, int clock);
/* The leave `number` (from 0) of an officer that begins in a year; false: there are no more. */
bool force_leave(const struct force *f, uint32_t officer, int year, int number, struct day *ret_from, struct day *ret_until);

/* A directory for officer alerts: everybody in post between two days, with supervisor, team and absences, as docs/alerts.md
 * has it. The addresses are at a reserved domain (RFC 2606) and reach nobody. */
void force_print_directory(const struct force *f, struct day from, struct day until, FILE *out);
/* Settings of officer alerts that use it, named directory.csv: every team live from a day on, everything to the screen. */
void force_print_settings(const struct force *f, struct day go_live, FILE *out);

#endif
