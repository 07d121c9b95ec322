/* outbox.h: what was told: numbered rows, synced before a notice leaves, the truth after any restart.
 * A row names everything by journal number, holds no text and no personal data, and is rendered when sent. A row with
 * ROW_TICK for its level is about no obligation: it says what time it is. */
#ifndef PROCESSORS_OUTBOX_H
#define PROCESSORS_OUTBOX_H

#include "core/link.h"
#include "core/store.h"

/* One row, as it is in memory and as digests take it (little-endian machines only: asserted at open); stored as outbox_rows.h packs it,
 * for which it is in words of four bytes, what mostly changes first. Times are seconds since 1970, 0: none. Numbers are journal
 * numbers, 0: none. */
struct outbox_row {
    uint32_t due, started, ended;
    uint32_t whose;             /* hash of officer, team and restriction: see struct told */
    uint16_t rule;
    uint8_t level, step;        /* enum level, or ROW_TICK: then only cause, law and raised are said */
    uint8_t flags;              /* enum obligation_flag */
    uint8_t told;               /* an alert on this obligation was told before */
    uint8_t owner;              /* enum owner */
    uint8_t stands;             /* enum level: what stands of the obligation after this row */
    uint32_t raised;
    uint16_t victim_no;
    uint8_t circumstances;      /* enum circumstance */
    uint8_t zero;
    uint64_t journey;           /* the journey's handle: number of its first event */
    uint64_t cause;             /* record that made it known */
    uint64_t started_by;
    uint64_t instance;          /* of the rule: see struct obligation */
    uint64_t ended_by;
    uint64_t oic_by, team_by;   /* the event that names the officer and the team at the time */
    uint64_t law;               /* number of the Law record `rule` is an index into */
    uint32_t due_before;
    uint8_t zeros[4];
};
enum { ROW_TICK = 255 };
static inline bool row_is_tick(const struct outbox_row *row) { return row->level == ROW_TICK; }
_Static_assert(sizeof(struct outbox_row) == 104, "no hole: rows are hashed and compared as they are");

struct outbox;
enum err outbox_open(const char *dir, bool read_only, struct outbox **ret, struct why *why) MUST_USE;
void outbox_close(struct outbox **o);

/* Appends to memory; *ret_number is its number (from 1, no gaps). An error here or below drops all that was not committed. */
enum err outbox_append(struct outbox *o, const struct outbox_row *row, uint64_t *ret_number) MUST_USE;
/* Puts what was appended on the disk: one transaction, one sync. Nothing appended: nothing done. */
enum err outbox_commit(struct outbox *o) MUST_USE;

uint64_t outbox_last(const struct outbox *o);           /* durable; any thread */
uint64_t outbox_first(const struct outbox *o);          /* oldest kept; last + 1 when empty */
uint32_t outbox_epoch(const struct outbox *o);
void outbox_stream(const struct outbox *o, uint8_t ret[STREAM_BYTES]);

/* A reader a thread. Fills up to max durable rows from number on; E_END beyond the last. */
struct outbox_reader;
enum err outbox_reader_open(struct outbox *o, struct outbox_reader **ret) MUST_USE;
enum err outbox_read(struct outbox_reader *r, uint64_t number, struct outbox_row *ret, size_t max, size_t *ret_count) MUST_USE;
/* The digest over all rows up to and with `number` (hash_next over rows); 0 for number 0. */
enum err outbox_digest(struct outbox_reader *r, uint64_t number, uint64_t *ret) MUST_USE;
void outbox_reader_close(struct outbox_reader **r);

/* Sinks that are told from this outbox, by name, and the last row that each is known to have: noted when a tracker begins and
 * when it stops. What is to be erased waits for them. OUTBOX_SINK_GONE: a person says that it will never come again. */
#define OUTBOX_SINK_GONE UINT64_MAX
/* Nothing appended is uncommitted when a sink is noted. */
enum err outbox_sink_begins(struct outbox *o, const char *sink) MUST_USE;      /* at 0, where it is new or was gone */
enum err outbox_sink_at(struct outbox *o, const char *sink, uint64_t cursor) MUST_USE;
enum err outbox_each_sink(struct outbox *o, enum err (*visit)(void *ctx, struct text sink, uint64_t cursor), void *ctx) MUST_USE;

#endif
