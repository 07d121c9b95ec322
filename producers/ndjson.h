/* ndjson.h: a line of NDJSON as an item; docs/events.md is the manual of the form. */
#ifndef PRODUCERS_NDJSON_H
#define PRODUCERS_NDJSON_H

#include "core/wire.h"

struct ndjson;
enum err ndjson_open(struct ndjson **ret) MUST_USE;
void ndjson_close(struct ndjson **n);
/* An event, a completeness mark, a tick or a declaration. The item borrows until the next call. Errors of action
 * reject with why: a fixed sentence for each kind of mistake, never what the line holds. */
enum err ndjson_read(struct ndjson *n, struct text line, struct item *ret, struct why *why) MUST_USE;
/* What the line says it is about: for a line that was refused. */
struct item_refs ndjson_refs(const struct ndjson *n);
/* The source the line named, if it could be read so far; else empty. */
struct text ndjson_source(const struct ndjson *n);

#endif
