/* drawing.h: private to draw*.c: a draw under way, and the row that is being drawn. */
#ifndef PROCESSORS_DRAWING_H
#define PROCESSORS_DRAWING_H

#include "processors/draw.h"

/* Kinds that mean something here: the member, its type and its name. One list. */
#define DRAWN_KINDS(X) \
    X(recorded, REPORT, "recorded") X(reclassified, UPDATE, "reclassified") X(oic_changed, UPDATE, "oic-changed") \
    X(transferred, UPDATE, "transferred") X(described, UPDATE, "victim-described") X(needs_assessed, UPDATE, "needs-assessed") X(need_identified, REFERRAL, "need-identified") \
    X(declined, REFERRAL, "declined") X(vps_declined, UPDATE, "vps-declined") X(support_withdrawn, UPDATE, "support-withdrawn") \
    X(interviewer_answered, UPDATE, "interviewer-gender-answered") X(review_decided, UPDATE, "review-decided") \
    X(early_advice, UPDATE, "early-advice-sought") X(early_advice_not, UPDATE, "early-advice-not-sought") \
    X(nfa_meeting, UPDATE, "nfa-meeting-held") X(preference, UPDATE, "preference-set") X(restricted, UPDATE, "restricted") \
    X(deferred, UPDATE, "deferred") X(resumed, UPDATE, "resumed") X(died, UPDATE, "victim-died") X(erased, UPDATE, "erased") \
    X(merged, UPDATE, "merged") X(interviewed, UPDATE, "interviewed") X(row_rejected, UPDATE, "row-rejected") \
    X(property_taken, UPDATE, "property-taken") X(property_not_needed, UPDATE, "property-not-needed") \
    X(property_returned, UPDATE, "property-returned") X(informed, UPDATE, "victim-informed") X(periodic, UPDATE, "periodic-update") \
    X(acknowledged, UPDATE, "acknowledged") X(victim_interviewed, UPDATE, "victim-interviewed") X(code_given, UPDATE, "code-given") \
    X(alert_acknowledged, UPDATE, "alert-acknowledged") \
    X(charged, CHARGE, "charged") X(summonsed, CHARGE, "summonsed") X(not_investigated, NFA, "not-investigated") \
    X(no_further_action, NFA, "no-further-action") X(cps_no_charge, NFA, "cps-no-charge") X(verdict, OUTCOME, "verdict") \
    X(sentence, OUTCOME, "sentence") X(appeal_heard, OUTCOME, "appeal-heard")
enum { DRAW_WORDS_BYTES = 512, DRAW_TEXT_BYTES = LAW_RULES_MAX * 4 * DRAW_WORDS_BYTES };
struct draw_texts { char *p; size_t used; };                /* a law's descriptions; DRAW_TEXT_BYTES */

struct drawn_kinds {
#define X(member, type, name) kind_t member;
    DRAWN_KINDS(X)
#undef X
};
extern struct drawn_kinds draw_kinds;       /* named at the first draw_open */

/* Kinds whose reason is told. */
#define REASON_KINDS(X) X(declined) X(vps_declined) X(support_withdrawn) X(interviewer_answered) X(review_decided) X(restricted) X(deferred) \
                        X(early_advice_not)
enum reason_of {
#define X(member) REASON_##member,
    REASON_KINDS(X)
#undef X
    REASONS
};

/* Texts of the row being drawn: each has its place, where a later one is written over it, so that no journey needs more. */
#define ROW_TEXTS(X) X(force) X(area) X(team) X(ho_class) X(ho_subclass) X(markers) X(victim_kind) X(gender) X(ethnicity) \
                     X(ethnicity_observed) X(outcome)
#define CRIME_TEXTS(X) X(force) X(area) X(team) X(ho_class) X(ho_subclass) X(markers) X(gender) X(outcome) X(withdrawn_stage) X(withdrawn_reason)
struct place { char p[TEXT_BYTES_MAX]; };
struct row_places {
#define X(name) struct place name;
    ROW_TEXTS(X)
#undef X
    struct place reason[REASONS], stage[REASONS];
};
struct crime_places {
#define X(name) struct place name;
    CRIME_TEXTS(X)
#undef X
};

/* Which of two facts is the later one, in whatever order their journeys are looked at. */
struct moment { struct instant at; uint64_t id; };
static inline bool is_later(struct moment a, struct moment b) { return a.at.s != b.at.s ? a.at.s > b.at.s : a.id > b.id; }
static inline struct moment moment_of(const struct fact *f) { return (struct moment){ f->occurred_at, f->id }; }

/* What a crime takes from its journeys: from the fact that says it last. */
#define SHARED_TEXTS(X) X(force) X(area) X(team) X(ho_class) X(ho_subclass) X(markers)
struct shared_moments {
#define X(name) struct moment name;
    SHARED_TEXTS(X)
#undef X
};

struct bits { uint64_t *word; size_t words; };
struct digests { uint64_t *of; size_t count; };     /* by slot; 0: nothing was said yet */

struct draw {
    struct track *track;
    struct journal_reader *reader;
    struct wire *wire;
    struct draw_taker taker;
    uint8_t secret[SECRET_BYTES];
    uint64_t drawn, law, evidenced;         /* law: number of the one said last, and which of its rules can be proven */
    uint64_t uncommitted;                   /* rows put since the last commit */
    struct bits journeys, crimes;           /* that changed; crimes also those with a journey that did */
    struct digests journeys_said, crimes_said;
    struct row_places at;
    struct crime_places crime_at;
    struct draw_texts texts;                /* of a law */
    struct law_rule_row *rule;
    struct day *holiday;
    struct source_row source[SOURCES_MAX];
    struct compliance_row row, crime_row;
    struct shared_moments named, crime_named;   /* when each was last said: of the journey, of the crime */
    struct moment withdrawn, outcome_at;    /* of the crime being drawn: its first withdrawal, its last outcome */
    uint32_t erased;                        /* journeys of it that were */
    const struct fact *standing[JOURNEY_FACTS_MAX];
    size_t count;
    struct owed owed[OWED_MAX];
    struct said said[SAID_MAX];
};

/* draw_journey.c: judges the journey into d->row; false: it was erased, and d->row holds its id alone. */
bool draw_see_journey(struct draw *d, uint32_t slot, uint64_t record);
/* draw_crime.c: the rows of the journeys of a crime that changed (all: of every one), and its own. */
enum err draw_see_crime(struct draw *d, uint32_t slot, uint64_t record, bool all) MUST_USE;

/* draw_law.c. The rules and the calendar as a row; arrays are malloc'd into *rule and *holiday, kept by the caller between calls. */
enum err draw_law_row(const struct law *law, uint64_t number, struct draw_texts *texts, struct law_rule_row **rule,
                      struct day **holiday, struct law_row *ret) MUST_USE;

enum err draw_put(struct draw *d, const struct compliance_row *row, uint64_t *said) MUST_USE;
/* The place of a slot's digest; NULL: there is no memory for it, and the row is said in any case. */
uint64_t *draw_said(struct digests *s, uint32_t slot);
bool draw_has_changed(const struct draw *d, uint32_t journey);
/* A keyed id. The kind of thing comes first, so that an officer and a victim of one number are not the same id. */
void draw_key_of(const uint8_t secret[SECRET_BYTES], const char *what, struct text a, struct text b, uint8_t ret[KEYED_BYTES]);
void draw_key(const struct draw *d, const char *what, struct text a, struct text b, uint8_t ret[KEYED_BYTES]);
/* What does not fit is cut: an event's texts are no longer than a place, only many markers together could be. */
struct text draw_keep(struct place *place, struct text t);
struct day draw_day(const struct draw *d, struct instant at);
/* The event a fact was made of; false: it was erased since. */
bool draw_event_of(struct draw *d, const struct fact *f, struct item *ret);

#endif
