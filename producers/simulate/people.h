/* people.h: those who are victims several times, numbered. */
#ifndef PRODUCERS_SIMULATE_PEOPLE_H
#define PRODUCERS_SIMULATE_PEOPLE_H

#include "producers/simulate/crime.h"

/* How many there may be, and which of them a victim is who is_repeat. */
size_t people_again(const struct world *w);
size_t people_again_index(const struct world *w, const struct victim *v);

#endif
