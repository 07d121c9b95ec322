/* world.h: what all cases of a simulation share: seed, parameters, the force, the days and how many crimes each has. */
#ifndef PRODUCERS_SIMULATE_WORLD_H
#define PRODUCERS_SIMULATE_WORLD_H

#include "core/zone.h"
#include "producers/simulate/force.h"
#include "producers/simulate/parameters.h"

enum { WORLD_CRIMES_MAX = 10000000, WORLD_DAYS_MAX = 3660 };

struct world {
    uint64_t seed;
    struct parameters parameters;
    struct zone zone;                   /* Europe/London */
    struct force force;
    struct day from, to;                /* crimes are reported on these days, both included */
    struct instant end;                 /* of the last extract: nothing after it is written */
    uint32_t crimes;
    struct day first_offset;            /* offset[i]: of the local clock at noon of first_offset + i, in seconds east of UTC */
    size_t offsets;
    int32_t *offset;
    uint32_t *first_of_day;             /* days + 1: the crimes of day i are [first_of_day[i], first_of_day[i + 1]) */
};

/* `parameters` is copied. E_MEMORY; E_UNKNOWN with why: no time zone database. Not thread-safe (zone_load). */
enum err world_init(struct world *w, uint64_t seed, const struct parameters *p, uint32_t crimes, struct day from, struct day to,
                    struct day until, struct why *why) MUST_USE;
void world_fini(struct world *w);

struct day world_day_of(const struct world *w, uint32_t crime);         /* on which it is reported */
static inline double world_rate(const struct world *w, enum parameter which) { return w->parameters.rate[which]; }

/* As zone_day and zone_clock, from a table for the days of the simulation. */
int32_t world_offset(const struct world *w, struct instant t);
struct day world_day(const struct world *w, struct instant t);
int world_clock(const struct world *w, struct instant t);
/* The local clock: the first of two, the instant of the change where there is none. */
struct instant world_at(const struct world *w, struct day d, int clock);
/* The night in autumn of the year of `d` on which an hour comes twice; false: the zone has none. */
bool world_is_long_night(const struct world *w, struct day d);
/* "2026-10-25 01:30:00" on the local clock, 19 bytes and a NUL. True: that hour comes twice, and the text does not say which. */
bool world_print_local(const struct world *w, struct instant t, char ret[20]);

#endif
