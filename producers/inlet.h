/* inlet.h: what a person names as input, as something to send: files are read again when that is needed;
 * standard input and pipes go through a durable spool first. */
#ifndef PRODUCERS_INLET_H
#define PRODUCERS_INLET_H

#include "producers/feed.h"

struct inlet;
/* spool_dir: where standard input is kept until the right end has it; made if missing.
 * What an earlier run left in it goes first. The paths of `o` must outlive the inlet. */
enum err inlet_open(const struct feed_options *o, const char *spool_dir, struct inlet **ret, struct why *why) MUST_USE;
/* Rung when there may be more to send: for link_left_listen. */
struct bell *inlet_bell(struct inlet *i);
struct link_source inlet_source(struct inlet *i);
const struct feed *inlet_feed(const struct inlet *i);
/* Whether reading has failed for good: why. */
bool inlet_has_failed(struct inlet *i, struct why *why);
/* After the left end is closed. Does not wait for standard input that says nothing. */
void inlet_close(struct inlet **i);

#endif
