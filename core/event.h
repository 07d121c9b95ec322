/* event.h: a case event, decoded: flat, borrowed, the same for NDJSON, CSV and the wire. */
#ifndef CORE_EVENT_H
#define CORE_EVENT_H

#include "core/limits.h"
#include "core/text.h"
#include "core/when.h"

enum event_type { EVENT_REPORT, EVENT_REFERRAL, EVENT_UPDATE, EVENT_CHARGE, EVENT_NFA, EVENT_OUTCOME, EVENT_TYPES };

/* Kinds have the numbers of `enum Kind` in proto/case_event.proto; kinds a rule
 * book declares are KIND_LOCAL_FIRST and up, in the rule book's order. */
typedef uint16_t kind_t;
enum { KIND_NONE = 0, KIND_LOCAL = 99, KIND_COUNT = 128, KIND_LOCAL_FIRST = 128 };

/* A kind by its type and JSON name ("arrested"); KIND_NONE if there is none of
 * that type. And back: a static string, "?" for an unknown number. */
kind_t kind_by_name(enum event_type type, struct text name);
const char *kind_name(kind_t kind);
enum event_type kind_type(kind_t kind);                 /* EVENT_TYPES if unknown */
const char *event_type_name(enum event_type type);      /* "report" */
bool event_type_by_name(struct text name, enum event_type *ret);

struct words { struct text word[WORDS_MAX]; uint32_t n; };

enum field_type { FIELD_TEXT, FIELD_TIME, FIELD_NUMBER, FIELD_FLAG, FIELD_WORDS };
enum field {
#define FIELD(name, type, most, help) F_##name,
#include "core/event_fields.def"
#undef FIELD
    FIELDS
};
_Static_assert(FIELDS <= 64, "presence fits one word");

typedef struct text field_TEXT;
typedef struct instant field_TIME;
typedef uint32_t field_NUMBER;
typedef bool field_FLAG;
typedef struct words field_WORDS;

/* Texts point into whatever it was decoded from and live as long as that.
 * A body field is meaningful only if event_has says so. */
struct event {
    enum event_type type;
    kind_t kind;                        /* as on the wire: KIND_LOCAL with local_kind for local kinds */
    struct text event_id, source, crime_ref, victim_ref, recorded_by, supersedes;
    uint64_t seq;                       /* 0: none */
    struct instant occurred_at, recorded_at;    /* recorded_at INSTANT_NONE: not said */
    uint64_t present;                   /* bit per enum field */
#define FIELD(name, type, most, help) field_##type name;
#include "core/event_fields.def"
#undef FIELD
};

static inline bool event_has(const struct event *e, enum field f) { return e->present >> f & 1; }

struct field_info { const char *name, *help; enum field_type type; uint32_t most; size_t offset; };     /* most: of bytes, or the number itself */
extern const struct field_info field_table[FIELDS];
/* A text field; empty when the event does not have it. */
static inline struct text event_text(const struct event *e, enum field f)
{
    return event_has(e, f) ? *(const struct text *)(const void *)((const char *)e + field_table[f].offset) : (struct text){ 0 };
}
bool field_by_name(struct text name, enum field *ret);
bool field_allowed(enum event_type type, enum field f); /* may a body of this type carry it */

/* Bytes and law, never the current time: lengths, ranges, kinds of the type. Only
 * facts of the crime may come without a victim: one call must not mark everyone as
 * told. recorded_at may lie before occurred_at: promises and hearings are entered
 * ahead. E_OK, or an error of action reject with why. */
enum err event_check(const struct event *e, struct why *why) MUST_USE;
/* The part of it that looks at the event as a whole: its kind, and what goes with that. For one who knows of each text, time and
 * number that it is within its limits, printable and a field of the type: core/wire_quick.c. */
enum err event_check_whole(const struct event *e, struct why *why) MUST_USE;
/* A name for people and a text from outside: at least `least` bytes, at most `most`,
 * printable UTF-8. E_MALFORMED, E_TOO_LARGE; why names the field, never what it holds. */
enum err event_check_text(const char *name, struct text t, uint32_t least, uint32_t most, struct why *why) MUST_USE;
/* May an event of this kind come without a victim, as a fact of the crime? */
bool kind_is_of_crime(kind_t kind);

#endif
