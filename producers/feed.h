/* feed.h: files as a stream of items: read again rather than kept, so that nothing on this side needs to be durable.
 *
 * The same files through the same mapping give the same items in the same order, so a
 * feed that is started again finds its place by counting. What the stream holds:
 * the mapping, then every row or line (one that cannot be read as a Reject with its
 * reason), with ticks between where the clock goes by events, and at the end what time
 * it is and how far each source is complete that has not said so itself. */
#ifndef PRODUCERS_FEED_H
#define PRODUCERS_FEED_H

#include "core/link.h"

struct feed_options {
    const char *const *paths;           /* "-" is standard input */
    size_t count;
    const char *map_path;               /* NULL: NDJSON */
    bool clock_by_events;               /* ticks and final completeness from the events' own times */
};

struct feed_counts { uint64_t items, events, set_aside, bytes_read, bytes_total; };   /* bytes_total 0: not known */

struct feed;
enum err feed_open(const struct feed_options *o, struct feed **ret, struct why *why) MUST_USE;
void feed_close(struct feed **f);
/* The next batch, as link_source.read. E_AGAIN: a pipe says nothing at present. E_END at the end of the last input. */
enum err feed_read(struct feed *f, size_t max_bytes, struct bytes *ret, uint32_t *ret_count, uint64_t *ret_digest) MUST_USE;
struct link_source feed_source(struct feed *f);
/* As of the last feed_read; from any thread. */
struct feed_counts feed_counts(const struct feed *f);
/* Reasons for which rows or lines were set aside, most frequent first; false after the last. When reading is over. */
bool feed_reason(const struct feed *f, size_t i, const char **ret_reason, uint64_t *ret_count);

#endif
