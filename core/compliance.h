/* compliance.h: what the tracker tells the compliance sink: one row a journey or crime, as it stood at the end of a local day.
 *
 * A row holds everything the report counts and nothing that names anyone: crimes, victims and officers are keyed ids
 * (BLAKE2b under a secret of the data folder), times are local days, ages are bands. proto/compliance.proto is the form.
 * A row replaces the one before it of the same id. Rows come in draws: everything that changed since the last, then a
 * `drawn` that says as of which tick and journal record. */
#ifndef CORE_COMPLIANCE_H
#define CORE_COMPLIANCE_H

#include "core/wire.h"

enum { KEYED_BYTES = 16, LAW_HASH_BYTES = 32, OWED_MAX = OBLIGATIONS_PER_JOURNEY_MAX, SAID_MAX = 4 * FACTS_PER_JOURNEY_MAX + 1, ROW_BYTES_MAX = 128 * 1024 };
#define DAY_NONE ((struct day){ INT32_MIN })
static inline bool day_is_set(struct day d) { return d.n != INT32_MIN; }

/* The states of an obligation, as rules/journey.h has them: same order, same names (state_name). */
enum owed_state {
    OWED_OPEN, OWED_BREACHED, OWED_UNPROVEN, OWED_MET, OWED_MET_LATE, OWED_MISSED,
    OWED_WAIVED, OWED_NOT_APPLICABLE, OWED_DEFERRED, OWED_NOT_EVIDENCED, OWED_NOT_COMPUTABLE, OWED_STATES
};
const char *owed_state_name(enum owed_state s);         /* "met-late" */

/* Bits, as enum obligation_flag has them. */
enum owed_flag {
    OWED_FLAG_ENHANCED = 1 << 0, OWED_FLAG_FOUND_LATE = 1 << 1, OWED_FLAG_INFERRED = 1 << 2, OWED_FLAG_NOT_COMPUTABLE = 1 << 3,
    OWED_FLAG_NO_RECEIPT = 1 << 4, OWED_FLAG_DEFERRED = 1 << 5, OWED_FLAG_NOT_EVIDENCED = 1 << 6, OWED_FLAG_HELD = 1 << 7,
};

/* One obligation. Days are local; DAY_NONE where there is none. */
struct owed {
    uint16_t rule;                  /* index into the rules of the law row that the journey names */
    uint8_t state, flags;           /* enum owed_state, enum owed_flag */
    uint8_t owner;                  /* 0 police, 1 Witness Care Unit, 2 CPS, 3 probation, 4 any */
    uint16_t limit;                 /* the days or hours allowed, in the rule's unit */
    kind_t started_by;              /* the kind of fact that started it: a submission to the CPS, or a resubmission */
    struct day started, due;
    struct day ended;               /* when it was met, waived or closed */
    struct day evidenced;           /* when the record system learnt of that: after due, it was typed late */
    int16_t working_days;           /* after `started` up to `ended`; -1: still open, or the calendar does not reach */
};

/* What was asked, offered, told, taken or decided: facts of one kind, counted. Facts of property are one entry an item. */
struct said {
    kind_t kind;                    /* numbers of `enum Kind`, proto/case_event.proto */
    uint16_t item;                  /* property: the ordinal of the item; else 0 */
    uint16_t count;
    uint16_t value;                 /* of the last one: survey score, agreed days, months of a sentence */
    struct day first, last;
    struct text reason, stage;      /* codes, of the last one; may be empty */
};

#define AGE_BANDS(X) X(UNKNOWN, "not known") X(UNDER_18, "under 18") X(18_24, "18 to 24") X(25_34, "25 to 34") X(35_44, "35 to 44") \
                     X(45_54, "45 to 54") X(55_64, "55 to 64") X(65_74, "65 to 74") X(75, "75 and over")
enum age_band {
#define X(name, words) AGE_BAND_##name,
    AGE_BANDS(X)
#undef X
    AGE_BANDS_COUNT
};
const char *age_band_words(enum age_band b);
enum age_band age_band_of(unsigned years);

/* How late facts were entered: recorded less occurred, a count for each bucket. */
enum { LATE_HOUR, LATE_DAY, LATE_3_DAYS, LATE_WEEK, LATE_MORE, LATE_BUCKETS };     /* up to an hour, up to a day, ... */

enum victim_flag {
    VICTIM_ENHANCED = 1 << 0,           /* has Enhanced Rights at the end of what is known */
    VICTIM_VULNERABLE = 1 << 1, VICTIM_INTIMIDATED = 1 << 2, VICTIM_TARGETED = 1 << 3,
    VICTIM_SAFE_CONTACT = 1 << 4,       /* a safe-contact plan exists */
    VICTIM_SAFE_CONTACT_SAID = 1 << 5,  /* whether one does was said */
    VICTIM_NO_CONTACT = 1 << 6,         /* the preference in force declines contact: it waives a rule */
    VICTIM_RESTRICTED = 1 << 7,         /* access or processing is restricted */
    VICTIM_DEFERRED_NOW = 1 << 8,       /* deferred for safety and not resumed */
    VICTIM_DIED_SINCE = 1 << 9,
    VICTIM_NEED = 1 << 10,              /* a need was identified, separately or by the assessment */
    VICTIM_VRR_OFFERED = 1 << 11,       /* a decision said that a review was offered */
    VICTIM_CHARGED = 1 << 12,           /* a charge or summons stands */
    VICTIM_INTERVIEWED_SUSPECT = 1 << 13,
    VICTIM_OVER = 1 << 14,              /* cancelled, transferred or merged away: the journey ended so */
    VICTIM_CONTRADICTED = 1 << 15,      /* gender, age or ethnicity was said differently without a correction */
};

struct journey_row {
    uint8_t id[KEYED_BYTES], crime[KEYED_BYTES], victim[KEYED_BYTES], officer[KEYED_BYTES];  /* officer all zero: none */
    struct instant known_at;        /* the tick it was drawn at */
    uint64_t record, law;           /* journal record of the draw; number of the law row its rules are in */
    struct day reported, recorded;  /* recorded: DAY_NONE where no report was read */
    struct day ended;               /* DAY_NONE: goes on */
    struct day concluded;           /* the investigation: charge apart, every suspect is disposed of */
    struct text force, area, team, ho_class, ho_subclass;
    struct text markers;            /* words with a space between: "DA HC_RACE" */
    struct text victim_kind;        /* person, child, bereaved, business, ...; empty: not said */
    struct text gender, ethnicity, ethnicity_observed;  /* codes as recorded; empty: missing */
    uint8_t age_band;
    uint32_t flags;                 /* enum victim_flag */
    struct text outcome;            /* the last outcome code of the crime, or empty */
    struct day outcome_on;
    uint32_t facts;                 /* how many stand */
    uint32_t late[LATE_BUCKETS];
    struct owed *owed; uint32_t owed_count;
    struct said *said; uint32_t said_count;
};

/* A crime, for what is counted by crimes: attrition and outcomes. Only crimes of which a report was read. */
enum crime_flag {
    CRIME_OVER = 1 << 0,                /* cancelled, transferred or merged: no longer counted as recorded */
    CRIME_EARLY_ADVICE = 1 << 1, CRIME_EARLY_ADVICE_NOT = 1 << 2,      /* sought; said not to be sought */
    CRIME_NFA_MEETING = 1 << 3,         /* police and CPS met before no further action */
    CRIME_NFA = 1 << 4,                 /* no further action was decided */
    CRIME_CHARGED = 1 << 5,
    CRIME_LATE_BEFORE_WITHDRAWAL = 1 << 6,  /* an update of Right 6 was late before a victim withdrew support */
};
struct crime_row {
    uint8_t id[KEYED_BYTES];
    struct instant known_at;
    uint64_t record;
    struct day reported, recorded;
    struct text force, area, team, ho_class, ho_subclass, markers;
    struct text gender;                 /* codes of its victims, each once, in order of the alphabet, a space between */
    struct text outcome;
    struct day outcome_on;
    uint32_t victims, flags;            /* enum crime_flag */
    struct day withdrawn;               /* a victim first withdrew support; DAY_NONE: none did */
    struct text withdrawn_stage, withdrawn_reason;
    int32_t days_since_contact;         /* from the last informing of that victim to the withdrawal; -1: none before, or no withdrawal */
};

/* The rules in force at a draw, for words and for counting days. */
struct law_rule_row {
    struct text id, right, edition, title, duty, starts, evidence, source, standard, enhanced;   /* the last two: "5 working days" */
    char confidence;
    uint8_t basis, owner, unit;         /* basis: 0 code, 1 statute, 2 agreement, 3 local; unit: 0 working days, 1 calendar days,
                                           2 hours, 3 a date in the event, 4 as agreed */
    bool report_only;
    bool evidenced;                     /* some source can say that it was met */
};
enum { HOLIDAYS_MAX = 4096 };
struct law_row {
    uint64_t number;                    /* journal number of the law */
    uint8_t hash[LAW_HASH_BYTES];       /* BLAKE2b-256 of its rules, in words, and of its bank holidays */
    struct law_rule_row *rule; uint32_t rules;
    struct day *holiday; uint32_t holidays;     /* bank holidays, in order */
    struct day first_day, last_day;     /* how far the calendar reaches; DAY_NONE: there is none */
    struct text zone;
};

/* The end of a draw. Sources: how far each is complete, for freshness and gaps. */
struct source_row { struct text name; struct instant complete_to; uint64_t events; };
struct drawn_row {
    uint8_t folder[KEYED_BYTES];        /* whose ids these are: the same as long as the secret is */
    struct instant tick;
    uint64_t record, journeys, crimes;  /* standing in the tracker at that record: what a recount must find */
    struct day day;                     /* the local day that had ended */
    int32_t utc_offset;                 /* of the local clock at the tick, seconds */
    struct source_row *source; uint32_t sources;
    uint64_t quarantined, rejected;     /* records set aside so far; rows the feed could not read */
};

enum row_kind { ROW_NONE, ROW_JOURNEY, ROW_CRIME, ROW_LAW, ROW_DRAWN, ROW_ERASED };
struct compliance_row {
    enum row_kind what;
    struct journey_row journey;
    struct crime_row crime;
    struct law_row law;
    struct drawn_row drawn;
    struct { uint8_t id[KEYED_BYTES]; struct instant known_at; uint64_t record; bool is_crime; } erased;
};

/* Borrows from the bytes and from the decoder's arena until its next decode. E_MALFORMED, E_TOO_LARGE, E_RANGE. */
enum err wire_compliance_decode(struct wire *w, const uint8_t *p, size_t n, struct compliance_row *ret) MUST_USE;
/* How many bytes at its beginning say what the row says; the rest is when. Rows that say the same have the same. */
size_t wire_compliance_content(const uint8_t *p, size_t n);
/* Delimited, as wire_item_append. `w` must not be the decoder that the row's texts borrow from. */
enum err wire_compliance_append(struct wire *w, const struct compliance_row *row, uint8_t *buf, size_t cap, size_t *used) MUST_USE;

#endif
