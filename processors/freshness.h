/* freshness.h: what time it is, and how far each source of evidence is complete.
 * A breach is called against the frontier: the least of the tick and of what every source of its evidence
 * that declares completeness has declared. Where none does, or one that is expected has not, the frontier is nothing and
 * no breach is called. */
#ifndef PROCESSORS_FRESHNESS_H
#define PROCESSORS_FRESHNESS_H

#include "core/limits.h"
#include "core/text.h"
#include "core/when.h"

struct source { char name[REF_BYTES_MAX + 1]; struct instant complete_to; uint64_t events; };

struct freshness {
    struct instant tick;
    struct source source[SOURCES_MAX];
    uint32_t count;
    uint32_t last;                  /* the source of the last event: they come in runs */
};

/* A source said something. E_FULL: too many sources. */
enum err freshness_seen(struct freshness *f, struct text source) MUST_USE;
enum err freshness_complete(struct freshness *f, struct text source, struct instant to) MUST_USE;   /* never backwards */
void freshness_tick(struct freshness *f, struct instant at);                                        /* never backwards */
/* expected: sources by name, of which those count whose bit is set in `wanted`; each of them has to have declared.
 * wanted 0: every source that ever did. */
struct instant freshness_frontier(const struct freshness *f, const char *const *expected, size_t count, uint64_t wanted);

#endif
