/* admit.h: what a client may send whose line in the list of keys limits it (docs/links.md). */
#ifndef PROCESSORS_ADMIT_H
#define PROCESSORS_ADMIT_H

#include "core/link.h"

/* Why these items may not come from it: "another-source", "no-ticks", "no-laws"; NULL: they may. What cannot be read speaks for
 * nobody, and the fold sets it aside. */
const char *admit_not(struct wire *w, const struct link_limits *l, struct bytes items);

#endif
