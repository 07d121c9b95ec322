/* disclosure.h: statistical disclosure control: the one way from a draft to something that can be printed.
 *
 * Hides counts from 1 up to below their threshold; then, with linear programming, whatever else has to go so that no hidden
 * count can be narrowed down to less than its threshold from anything that is printed: sums within a table, between
 * tables, between periods, and with what was issued before. A rate is not shown on fewer than 10, nor where what it
 * leaves over is hidden. docs/report.md says the method and what it does not promise. */
#ifndef SINKS_OPCC_DISCLOSURE_H
#define SINKS_OPCC_DISCLOSURE_H

#include "sinks/opcc/issued.h"
#include "sinks/opcc/published.h"

/* Raised when what is hidden changes for the same counts. */
enum { DISCLOSURE_VERSION = 2 };

/* Takes the draft, whether it succeeds or not. before: NULL when nothing was issued. E_MEMORY, E_TOO_LARGE. */
enum err disclosure_publish(struct draft **d, const struct issued *before, struct published **ret, struct why *why) MUST_USE;

/* Leave to see what is not fit to leave the force: a file the data protection officer keeps, permission.c. */
struct permission;
enum err permission_open(const char *path, struct day today, struct permission **ret, struct why *why) MUST_USE;
void permission_close(struct permission **p);
/* Hides nothing, and says so on every page. Takes the draft. */
enum err disclosure_show_all(struct draft **d, const struct permission *p, struct published **ret, struct why *why) MUST_USE;

#endif
