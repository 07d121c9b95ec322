/* track.h: the fold: journal records in, standing obligations and outbox rows out.
 *
 * A record is folded to its end before the next. Nothing here reads a clock: time
 * is what ticks and completeness marks in the journal say. One thread. The same
 * journal gives the same state and the same rows, whatever the batches, restarts
 * and checkpoints were. */
#ifndef PROCESSORS_TRACK_H
#define PROCESSORS_TRACK_H

#include "processors/freshness.h"
#include "processors/journal.h"
#include "processors/journeys.h"
#include "processors/outbox.h"

/* Raise it when the same records would be judged or told differently: stored
 * conclusions are then thrown away and drawn again from the journal. */
enum { FOLD_VERSION = 5 };

enum { REJECT_REASONS_MAX = 24 };
struct track_counts {
    uint64_t records, events, duplicates, conflicts, quarantined, rejected, ticks;
    uint64_t rows, alerts;          /* appended by this process, not those found again at start */
    struct { char text[88]; uint64_t count; } reason[REJECT_REASONS_MAX];   /* of rejected rows; the last one counts all others */
};

struct track;
/* Loads the last checkpoint from state_path; what follows it is folded by
 * track_step. read_only: nothing is written, rows are not appended (for answering
 * from a folder at rest); state_path NULL then folds everything again. */
enum err track_open(struct journal *j, struct outbox *o, const char *state_path, bool read_only,
                    struct track **ret, struct why *why) MUST_USE;
/* Without a last checkpoint: call track_checkpoint before, when it is wanted. */
void track_close(struct track **t);

/* For looking only (read_only, without a state_path), before the first step. known_at (or INSTANT_NONE): folds no further
 * than what was known then, the first tick after it not included. law (*law may be NULL; taken): judges by it, whatever the
 * journal says. Nothing is told. */
void track_look(struct track *t, struct instant known_at, struct law **law);
/* Every journey whose facts or standing change from now on, and every tick once it is folded, is said to `d` (borrowed; NULL:
 * nobody); what it draws is durable before a checkpoint knows of it. */
struct draw;
void track_draws(struct track *t, struct draw *d);
/* Folds at most `max` records and commits their rows. E_OK: did some; E_AGAIN: nothing
 * new in the journal. Others are final. */
enum err track_step(struct track *t, size_t max, struct why *why) MUST_USE;
/* A round of checkpoints begins when so many records were folded since the last: it bounds the
 * tail that a start folds again. Without a call: TRACK_CHECKPOINT_EVERY. */
enum { TRACK_CHECKPOINT_EVERY = 1000000 };
void track_checkpoint_every(struct track *t, uint64_t records);
uint64_t track_position(const struct track *t);     /* last record folded and told; any thread */
/* The journal was rewritten so far that all dirty journeys are stored: a clean stop. */
enum err track_checkpoint(struct track *t, struct why *why) MUST_USE;

/* ---- for questions, from the folding thread, between steps ---- */
struct journeys *track_journeys(struct track *t);
const struct law *track_law(const struct track *t);         /* NULL before the first Law record */
uint64_t track_law_number(const struct track *t);
const struct freshness *track_freshness(const struct track *t);
const struct track_counts *track_counts(const struct track *t);
/* The judgement of a journey on what is known now; valid until the next call. */
const struct judgement *track_judge(struct track *t, uint32_t slot);
struct clocks track_clocks(const struct track *t);          /* the frontier of all sources together */
struct clocks track_clocks_of(const struct track *t, uint16_t rule);
/* All facts that journey_judge saw in the last track_judge. */
const struct fact *track_facts(const struct track *t, size_t *ret_count);
/* Of those, what stands, in order of time: borrowed until the next track_judge. `ret` has room for JOURNEY_FACTS_MAX. */
size_t track_standing(struct track *t, const struct fact **ret);
/* For an audit: rows told before that were met again byte for byte the same; whether a
 * checkpoint was loaded; a digest over all journeys, crimes and what was told of them. */
uint64_t track_rows_again(const struct track *t);
uint64_t track_rows_erased(const struct track *t);          /* rows told before of journeys that were erased since: nothing is said of them */
bool track_is_from_state(const struct track *t);
void track_digest(struct track *t, uint8_t ret[CHAIN_BYTES]);
/* Each quarantined record with its reason, in order. */
enum err track_each_quarantined(struct track *t, enum err (*visit)(void *ctx, uint64_t number, struct text reason), void *ctx) MUST_USE;

#endif
