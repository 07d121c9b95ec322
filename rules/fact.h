/* fact.h: a case event as the law sees it: no text but what conditions need, small, comparable. */
#ifndef RULES_FACT_H
#define RULES_FACT_H

#include "core/event.h"

/* Markers the rule books know, a bit each: one list. "HC_*" in a rule book means all HC_ rows. */
#define MARKERS(X) X(DA) X(HC_RACE) X(HC_RELIGION) X(HC_ORIENTATION) X(HC_DISABILITY) X(HC_TRANSGENDER) \
                   X(HC_GENDER) X(ONLINE) X(CSA) X(CSE) X(HBA) X(FM) X(ALCOHOL) X(CORROSIVE) X(OTHER)
enum marker {
#define X(name) MARKER_##name,
    MARKERS(X)
#undef X
    MARKERS_COUNT
};

enum { FACT_CLASS_BYTES = 8, AGE_UNKNOWN = 255 };
/* A flag is said or not, and if said yes or no. */
enum fact_flag {
    FACT_VULNERABLE = 1 << 0, FACT_INTIMIDATED = 1 << 1, FACT_TARGETED = 1 << 2, FACT_ENHANCED = 1 << 3,
    FACT_NEED = 1 << 4, FACT_CONSENT = 1 << 5, FACT_VRR = 1 << 6, FACT_SAFE_CONTACT = 1 << 7,
};

/* What a journey is restricted to. Access: only named handlers may be told. Processing: nobody is told but who owns it then. */
enum restriction { RESTRICTION_NONE = 0, RESTRICTION_ACCESS = 1, RESTRICTION_PROCESSING = 2 };

enum fact_names { FACT_NAMES_OIC = 1, FACT_NAMES_TEAM = 2 };

struct fact {
    uint64_t number;            /* journal number of the event: its identity for explanation */
    uint64_t id;                /* hash of event_id */
    uint64_t supersedes;        /* hash of the event_id it corrects or withdraws; 0: none */
    uint64_t informs;           /* hash of informs_event_id; 0: names no milestone. Of a merger: hash of the crime that goes on.
                                   Of an acknowledgement: the first half of the notice's id */
    uint32_t oic, team;         /* low halves of the hashes of whom it names, to see a change; 0: names none */
    uint32_t check;             /* hash_check of the event's bytes: same id, other bytes is a conflict */
    kind_t kind;                /* local kinds resolved to KIND_LOCAL_FIRST + index in the rule book */
    uint8_t flags_said, flags;  /* enum fact_flag */
    uint8_t age;                /* AGE_UNKNOWN */
    uint8_t who;                /* enum informed_who, rules/rulebook.h; 0: not said */
    uint8_t by;                 /* decision_by: 0 not said, 1 police, 2 cps */
    uint8_t of_crime;           /* came without a victim: a fact of the crime */
    uint8_t elsewhere;          /* of the crime this one was merged into; never stored */
    uint8_t names;              /* enum fact_names: whom the event names */
    uint16_t suspect_no, item_no;
    uint16_t value;             /* agreed_update_days, score, sentence_months, enum restriction: by kind */
    uint16_t markers;           /* bits of enum marker */
    uint8_t markers_said;
    char outcome[5];            /* outcome code or "" */
    char ho_class[FACT_CLASS_BYTES];    /* offence class or "", cut short */
    uint8_t victim_type;        /* enum victim_type, rules/rulebook.h; 0: not said */
    uint64_t waives;            /* bits: rule index in the edition, set by the rule book at conversion */
    struct instant occurred_at, recorded_at;    /* recorded_at falls back to occurred_at */
    struct instant informed_at; /* victim_informed_at */
    struct instant received_at; /* by the Witness Care Unit */
    struct instant date;        /* due_by, court_date: by kind */
};

#endif
