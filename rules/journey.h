/* journey.h: what is owed on one journey: a pure function of its facts and the law.
 *
 * Two steps. `journey_judge` looks at facts alone: which obligations exist, when
 * each started, falls due and was met. `obligation_stand` then says how one stands
 * at a tick and a frontier, and when that could next change by time alone. Neither
 * reads a clock, allocates, or depends on the order facts are given in. */
#ifndef RULES_JOURNEY_H
#define RULES_JOURNEY_H

#include "rules/law.h"

/* How an obligation ended on the facts; ENDING_NONE is still open. */
enum ending { ENDING_NONE, ENDING_MET, ENDING_WAIVED, ENDING_NOT_APPLICABLE, ENDING_CLOSED };

enum obligation_flag {
    OBLIGATION_ENHANCED = 1 << 0,           /* judged by the enhanced limit */
    OBLIGATION_FOUND_LATE = 1 << 1,         /* Enhanced Rights found while it ran */
    OBLIGATION_INFERRED = 1 << 2,           /* met by an informing that named no milestone */
    OBLIGATION_NOT_COMPUTABLE = 1 << 3,     /* the calendar does not reach; due is INSTANT_NONE */
    OBLIGATION_NO_RECEIPT = 1 << 4,         /* the Witness Care Unit's receipt is not evidenced: never breached */
    OBLIGATION_DEFERRED = 1 << 5,           /* for safety */
    OBLIGATION_NOT_EVIDENCED = 1 << 6,      /* no source can say that it was met */
    OBLIGATION_HELD = 1 << 7,               /* a row that could not be read may say that it was met */
};

struct obligation {
    uint16_t rule;                          /* index into the law */
    uint8_t ending;                         /* enum ending */
    uint8_t flags;                          /* enum obligation_flag */
    uint8_t owner;                          /* enum owner: who owes it, given how far the case is */
    uint64_t instance;                      /* id of the root of the trigger's supersession chain; 0: one a journey */
    uint64_t started_by, ended_by;          /* journal numbers; 0: none */
    struct instant started, due;
    struct instant ended;                   /* when met, waived or closed */
    struct day first_day;                   /* day 0: the local date of the start */
    uint16_t limit;                         /* the number of days or hours counted */
};

/* What who is told, and of what, hangs on beside the obligation. */
enum circumstance {
    CIRCUMSTANCE_ASK_CONSENT = 1 << 0,      /* a referral needs consent, and none is recorded */
    CIRCUMSTANCE_FAMILY_LIAISON = 1 << 1,   /* the family liaison officer is told too */
    CIRCUMSTANCE_ACCESS_RESTRICTED = 1 << 2,
    CIRCUMSTANCE_PROCESSING_RESTRICTED = 1 << 3,
};

struct judgement {
    size_t count;
    struct obligation obligation[OBLIGATIONS_PER_JOURNEY_MAX];  /* in order of (rule, instance) */
    uint64_t oic_by, team_by;               /* journal number of the event that names the present one; 0 none */
    uint32_t oic, team;                     /* whom they name, as in struct fact */
    uint8_t circumstances;                  /* enum circumstance */
    struct instant reported, ended;         /* ended INSTANT_NONE: the journey goes on */
    struct instant concluded;               /* the investigation: every suspect is disposed of. INSTANT_NONE: it goes on */
    bool enhanced;                          /* at the end of what is known; said of the whole only */
    bool overflow;                          /* more obligations than fit: quarantine, loudly */
    const struct concern *judged;           /* of which rules the obligations are: as asked, or everything where it came to that */
};

/* facts: all facts of the journey and of its crime, any order, no two with the same
 * id; and, marked so, those of the crime it was merged into (the journey follows: what is recorded there since can
 * meet what was owed here, but starts nothing). JOURNEY_FACTS_MAX at most; the array is sorted in place. */
enum { JOURNEY_FACTS_MAX = 4 * FACTS_PER_JOURNEY_MAX + 1 };
void journey_judge(const struct law *law, struct fact *facts, size_t count, struct judgement *ret);
/* The same of what is concerned alone: `facts` needs to hold only what that looks at. news: the fact's id whose concern it is;
 * 0: no fact's. Beside the obligations, who has the case, circumstances, reported and ended are as of the whole. */
void journey_judge_concern(const struct law *law, const struct concern *concern, uint64_t news, struct fact *facts, size_t count, struct judgement *ret);

/* Of the same facts those that stand: corrections applied, what was withdrawn left out, in order of time. `ret` has room for
 * `count` of them and borrows from `facts`. What was recorded where a merged crime went on is marked `elsewhere`. */
size_t journey_standing(const struct law *law, struct fact *facts, size_t count, const struct fact **ret);

/* Of two facts with one id, the one that stands: true if `b` replaces `a`
 * (greater recorded_at, then greater check). */
bool fact_replaces(const struct fact *a, const struct fact *b);

/* What time it is for a rule: `tick` for warnings, `frontier` (how far its evidence
 * is complete, never past the tick) for breaches and what follows them. */
struct clocks { struct instant tick, frontier; };

enum state {
    STATE_OPEN, STATE_BREACHED, STATE_UNPROVEN, STATE_MET, STATE_MET_LATE, STATE_MISSED,
    STATE_WAIVED, STATE_NOT_APPLICABLE, STATE_DEFERRED, STATE_NOT_EVIDENCED, STATE_NOT_COMPUTABLE,
};
const char *state_name(enum state s);       /* "met-late" */

struct standing {
    enum state state;
    enum level level;                       /* the highest rung now reached: LEVEL_NONE, AT_START, DUE_SOON, BREACHED,
                                               OUTSTANDING, UNPROVEN, MET_LATE, NOT_COMPUTABLE, or a settlement */
    uint32_t step;                          /* of several rungs of one level, which, from 1 */
    /* When this could change by time alone: the least instant which, once the tick
     * (or the frontier) is greater than or equal to it, changes the above. INSTANT_NONE: never. */
    struct instant next_tick, next_frontier;
};
/* A breach is told when what was done by the deadline had its time to be typed: 10:00 on the next working day, or as the ladder
 * says. INSTANT_NONE: at once, as always under Enhanced Rights. */
struct instant breach_hold_until(const struct law *law, uint16_t rule, bool enhanced, struct instant due);
struct standing obligation_stand(const struct law *law, const struct obligation *o, struct clocks now);

#endif
