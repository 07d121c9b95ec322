/* holding.h: what the compliance sink keeps: every version of every journey's and crime's row, each under a key that can be destroyed.
 *
 * DIR/holding.lmdb holds the rows, sealed; DIR/holding.keys a key for each journey and crime, in a file of fixed places so
 * that erasing one is writing over 32 bytes: a database would leave the old page behind. What was erased can then be
 * read nowhere, neither in a free page nor in a copy made of the database alone. A copy of both files is a copy of
 * the data: keep none longer than the data may be kept.
 *
 * One writer, the sink; readers beside it in other processes see what was committed. */
#ifndef SINKS_OPCC_HOLDING_H
#define SINKS_OPCC_HOLDING_H

#include "core/compliance.h"
#include "sinks/sink.h"

struct holding;
/* Makes the folder where it is missing, unless read_only. E_NOT_FOUND with why: read-only and not there. */
enum err holding_open(const char *dir, bool read_only, struct holding **ret, struct why *why) MUST_USE;
void holding_close(struct holding **h);

/* ---- the sink ---- */
struct sink_cursor holding_cursor(const struct holding *h);
/* One row as it came. The same as before: nothing is kept. An older one than there is goes among the versions before. Erased:
 * every version goes, and its key. E_MALFORMED, E_RANGE; E_CORRUPT: rows of another data folder. */
enum err holding_take(struct holding *h, struct bytes row) MUST_USE;
/* Everything taken and the cursor, durable when it returns. */
enum err holding_commit(struct holding *h, const struct sink_cursor *at) MUST_USE;
/* The day of the first report that was ever taken, and the local day that the last whole draw was of; any thread. Day 0: none yet. */
struct days_known { struct day first, last; };
struct days_known holding_days(struct holding *h);
/* The tick of the first whole draw of that day or a later one; any thread. E_NOT_FOUND. */
enum err holding_drawn_from(struct holding *h, struct day day, struct instant *ret) MUST_USE;
extern const struct sink compliance_sink;           /* this holding as a sink; path is its folder */

/* ---- readers ---- */
struct holding_counts { uint64_t journeys, crimes, versions, laws, draws; };
enum err holding_counts(struct holding *h, struct holding_counts *ret) MUST_USE;
/* Everything below sees one moment, from begin to end. */
enum err holding_begin(struct holding *h) MUST_USE;
void holding_end(struct holding *h);
/* The last draw not after known_at (INSTANT_NONE: the last of all). The bytes decode as rows and are borrowed until the next call. E_NOT_FOUND. */
enum err holding_drawn(struct holding *h, struct instant known_at, struct bytes *ret) MUST_USE;
enum err holding_each_law(struct holding *h, enum err (*visit)(void *ctx, struct bytes row), void *ctx) MUST_USE;
/* Every journey or crime (ROW_JOURNEY, ROW_CRIME) as it was known, in the order in which they were first drawn. at and record: of its draw. */
enum err holding_each(struct holding *h, enum row_kind what, struct instant known_at,
                      enum err (*visit)(void *ctx, struct bytes row, struct instant at, uint64_t record), void *ctx) MUST_USE;
/* The present row of an id. E_NOT_FOUND. */
enum err holding_find(struct holding *h, enum row_kind what, const uint8_t id[KEYED_BYTES], struct bytes *ret, uint64_t *ret_record) MUST_USE;

#endif
