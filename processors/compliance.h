/* compliance.h: the rows for the compliance sink as a log of their own, and its left end: rows are kept until the sink has them.
 *
 * DIR/compliance/ is a tape of rows as they are sent; DIR/compliance.secret keys the ids in them. The secret never leaves the
 * folder: who has the sink's store alone cannot tell whose row is whose. Lost, every id changes: the sink has to begin anew. */
#ifndef PROCESSORS_COMPLIANCE_H
#define PROCESSORS_COMPLIANCE_H

#include "processors/draw.h"
#include "processors/teller.h"

struct compliance;
/* Makes folder and secret where they are missing. E_CORRUPT, E_VERSION, E_IO with why. */
enum err compliance_open(const char *dir, struct compliance **ret, struct why *why) MUST_USE;
void compliance_close(struct compliance **c);
/* Reads the secret alone, for a recount. E_NOT_FOUND with why: this folder never had a compliance sink. */
enum err compliance_secret(const char *dir, uint8_t ret[SECRET_BYTES], struct why *why) MUST_USE;

const uint8_t *compliance_key(const struct compliance *c);      /* SECRET_BYTES */
uint64_t compliance_drawn(const struct compliance *c);          /* journal record of the last whole draw; 0: none was ever kept */
uint64_t compliance_last(const struct compliance *c);           /* durable rows; any thread */
/* For draw_open: appends and commits; removes what the sink has. From the fold's thread. */
struct draw_taker compliance_taker(struct compliance *c);

/* What a compliance sink is told of it: the log stays the caller's, open until the teller is closed. */
enum err compliance_teller_open(struct link_context *ctx, const char *endpoint, struct compliance *c, struct teller **ret, struct why *why) MUST_USE;

#endif
