/* parameters.h: how often a simulated force fails, and how dirty its extracts are: parameters.def. */
#ifndef PRODUCERS_SIMULATE_PARAMETERS_H
#define PRODUCERS_SIMULATE_PARAMETERS_H

#include "core/text.h"
#include "core/err.h"

#include <stdio.h>

enum parameter {
#define PARAMETER(name, group, value, help) P_##name,
#include "producers/simulate/parameters.def"
#undef PARAMETER
    PARAMETERS
};
enum parameter_group { GROUP_failing, GROUP_course, GROUP_dirt };

struct parameters { double rate[PARAMETERS]; };

void parameters_init(struct parameters *p);                             /* the defaults */
void parameters_scale(struct parameters *p, enum parameter_group group, double factor);  /* capped at 1 */
/* "vps_not_offered=0.4". E_UNKNOWN with the nearest name, E_RANGE, E_USAGE with why. */
enum err parameters_set(struct parameters *p, const char *assignment, struct why *why) MUST_USE;
/* The same from text; `name` is what messages call it. E_MALFORMED, E_UNKNOWN, E_TOO_LARGE with why; then *p is as it was. */
enum err parameters_read(struct parameters *p, const char *name, const char *text, size_t n, struct why *why) MUST_USE;
/* A YAML file, `name: rate` a line, as parameters_print writes it; what it does not name stays. Errors carry the line. */
enum err parameters_load(struct parameters *p, const char *path, struct why *why) MUST_USE;
void parameters_print(const struct parameters *p, FILE *f);
const char *parameter_name(enum parameter which);
enum parameter_group parameter_group(enum parameter which);

#endif
