/* fold.h: private to the fold (track.c, fold_law.c, fold_time.c, tell.c, retell.c, await.c, state.c, declared.c, foresee.c): its own state. */
#ifndef PROCESSORS_FOLD_H
#define PROCESSORS_FOLD_H

#include "processors/due.h"
#include "processors/marks.h"
#include "processors/told.h"
#include "processors/track.h"

#include <stdatomic.h>

struct slots { uint32_t *slot; size_t count, cap; };        /* a list of slots that only grows until cleared */
enum err slots_add(struct slots *s, uint32_t slot) MUST_USE;
void slots_fini(struct slots *s);

/* What a source said that it can say at all: the record, and what decides between two. */
struct declaration { char source[REF_BYTES_MAX + 1]; uint64_t number; struct instant at; uint32_t check; };

struct quarantined { uint64_t number; char reason[96]; };

/* After a restart, the rows that the outbox already holds for records that are
 * folded again: they are met again one by one, not told again. */
struct retelling {
    struct outbox_reader *reader;
    uint64_t next, last;                    /* row numbers; next > last: done */
    struct outbox_row row[256];
    size_t at, count;
    bool diverged;                          /* this program would have told otherwise: take what was told as it is */
    uint64_t same, erased;                  /* rows met again so far; and passed over, of journeys that were erased */
};

struct track {
    struct journal *journal;
    struct journal_reader *reader, *lookup; /* the walk, and single records */
    struct outbox *outbox;
    struct draw *draw;                      /* NULL: no compliance sink */
    struct store *state;                    /* NULL: read-only and never checkpointed */
    struct wire *wire, *lookup_wire;
    bool read_only, loaded;                 /* loaded: from a checkpoint */
    bool looks, keeps_law, stopped;         /* see track_look */
    struct instant known_at;

    uint64_t position;                      /* record being folded, or last folded */
    _Atomic uint64_t published;
    struct law *law;
    uint64_t law_number;
    struct freshness fresh;
    struct declaration declared[SOURCES_MAX];
    uint32_t declarations;
    struct instant frontier[LAW_RULES_MAX]; /* of each rule's evidence, as of the tick and marks so far */
    struct instant furthest;                /* the greatest of them */
    struct slots behind;                    /* journeys that wait for a source that is not as far as another */
    struct journeys *journeys;
    struct due *by_tick, *by_frontier;
    struct track_counts counts;
    struct retelling again;
    size_t rows_pending;
    enum err (*foreseen)(void *ctx, const struct outbox_row *row);  /* of a look ahead: takes what would be told; see foresee.h */
    void *foreseen_ctx;

    struct marks dirty_journeys, dirty_crimes;
    struct marks round_journeys, round_crimes;  /* what the running checkpoint has yet to store */
    uint32_t round_journey, round_crime;    /* it has come to these slots: crimes first */
    uint64_t stored_journey, stored_crime;  /* the greatest handles in the store */
    bool round_open;
    uint64_t round_position, round_row, checkpoint_position, checkpoint_every;
    struct freshness round_fresh;
    struct declaration round_declared[SOURCES_MAX];
    uint32_t round_declarations;
    struct track_counts round_counts;
    uint64_t round_law_number;
    struct quarantined *quarantined;        /* all of them, in order */
    size_t quarantined_count, quarantined_cap, quarantined_stored;

    struct fact facts[JOURNEY_FACTS_MAX];
    size_t fact_count;
    /* Of the journey being told: what was told of obligations that are not owed any more (or all of it), and where that of each owed is. */
    struct told told[OBLIGATIONS_PER_JOURNEY_MAX];
    uint32_t told_place[OBLIGATIONS_PER_JOURNEY_MAX];
    struct judgement judgement;
};

/* declared.c */
/* A declaration: of several of one source the one with the greatest `at` stands; when it does, everything is judged anew. */
enum err declared_fold(struct track *t, const struct item *item, struct bytes bytes) MUST_USE;
/* Every declaration that stands, told to a law. */
enum err declared_tell(struct track *t, struct law *law) MUST_USE;

/* track.c: the record being folded is set aside, with its reason. */
enum err fold_quarantine(struct track *t, const char *reason) MUST_USE;

/* fold_law.c */
enum err fold_read_law(struct track *t, uint64_t number, struct law **ret, struct why *why) MUST_USE;
enum err fold_law(struct track *t, const struct item *item) MUST_USE;

/* fold_time.c */
enum err fold_tick(struct track *t, struct instant at) MUST_USE;
/* The tick or a mark moved: everything that is due by now. */
enum err fold_time(struct track *t) MUST_USE;
/* Other conclusions may follow from the same facts: everything is judged and told anew. */
enum err fold_all_anew(struct track *t) MUST_USE;
/* The frontiers anew; true if one of those that lag behind the furthest moved. *ret_fell: one went back. */
bool frontiers_move(struct track *t, bool *ret_fell);

/* tell.c: judges a journey and tells what is new about it: all of it; what a new fact concerns; or what is said to be concerned. */
enum err tell_journey(struct track *t, uint32_t slot) MUST_USE;
enum err tell_news(struct track *t, uint32_t slot, const struct fact *fact) MUST_USE;
enum err tell_concern(struct track *t, uint32_t slot, const struct concern *concern, uint64_t news) MUST_USE;
/* An alert of this journey was acknowledged: the first half of its id says which. */
enum err tell_acknowledged(struct track *t, uint32_t slot, uint64_t half) MUST_USE;
/* The tick moved on from `before`: everything it raises was told. */
enum err tell_tick(struct track *t, struct instant before) MUST_USE;
/* Everything standing under the old law that the new one does not know is withdrawn; the rest is renumbered. */
enum err tell_law_changes(struct track *t, uint32_t slot, const struct law *to) MUST_USE;

/* await.c */
/* An entry of the due index for the next instant of what was told at this place, unless another before `until` has it there. What is
 * due by the clock of another source, while its own is not so far, is not in the index: its journey waits until that moves. */
enum err await_next(struct track *t, uint32_t slot, uint32_t at, uint32_t until, enum clock clock) MUST_USE;
/* All of them, where they come from nowhere else: as loaded, or when the frontiers may have gone back. */
enum err await_all(struct track *t, uint32_t slot) MUST_USE;
/* What is due of the journey by now is judged and told; what is due but for its source waits for that. */
enum err await_due(struct track *t, uint32_t slot) MUST_USE;

/* retell.c */
enum err retell_begin(struct track *t, uint64_t after_row) MUST_USE;
/* Before and after a record is folded: keeps step with the rows told before. */
enum err retell_record_begins(struct track *t) MUST_USE;
enum err retell_record_ends(struct track *t) MUST_USE;
/* A row into the outbox, or met again there. *ret_put false: this program would have told otherwise, see struct retelling. */
enum err retell_put(struct track *t, const struct outbox_row *row, bool *ret_put) MUST_USE;
/* What a row leaves as told (nothing, where the obligation itself went away), and that kept. */
void retell_told(const struct outbox_row *row, struct told *ret);
enum err retell_remember(struct track *t, uint32_t slot, const struct outbox_row *row) MUST_USE;

/* state.c */
/* Opens the store and loads the last whole round. ret_after_row: outbox rows up to it are in the state. */
enum err state_load(struct track *t, const char *path, uint64_t *ret_after_row, struct why *why) MUST_USE;
enum err state_slice(struct track *t, size_t max, bool *ret_done) MUST_USE;     /* begins a round if none is open */

/* track_judge of what is concerned alone; of everything, where that alone would not be the same. See journey_judge_concern. */
const struct judgement *track_judge_concern(struct track *t, uint32_t slot, const struct concern *concern, uint64_t news);

/* Something about it is not in the store. */
static inline enum err mark_journey(struct track *t, uint32_t slot) { return marks_set(&t->dirty_journeys, slot); }
static inline enum err mark_crime(struct track *t, uint32_t slot) { return marks_set(&t->dirty_crimes, slot); }

#endif
