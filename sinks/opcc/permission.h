/* permission.h: who allowed what is not fit to leave the force to be seen, and until when. */
#ifndef SINKS_OPCC_PERMISSION_H
#define SINKS_OPCC_PERMISSION_H

#include "core/err.h"
#include "core/when.h"

/* A YAML file that the data protection officer keeps:
 *     allowed_by: Data Protection Officer, West Midlands Police
 *     purpose: monthly performance review
 *     until: 2026-12-31
 * E_USAGE with why: cannot be read, says not all of it, has run out, or others than its owner and group may write to it. */
struct permission;
enum err permission_open(const char *path, struct day today, struct permission **ret, struct why *why) MUST_USE;
void permission_close(struct permission **p);
const char *permission_words(const struct permission *p);      /* "allowed by …, for …, until 2026-12-31" */

#endif
