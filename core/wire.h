/* wire.h: the door to protobuf-c: items, dialogue and notices to bytes and back. */
#ifndef CORE_WIRE_H
#define CORE_WIRE_H

#include "core/event.h"
#include "core/zone.h"

enum item_kind { ITEM_NONE, ITEM_EVENT, ITEM_TICK, ITEM_COMPLETE, ITEM_REJECT, ITEM_LAW, ITEM_MAPPING, ITEM_BLANK, ITEM_DECLARATION };

struct item_law {
    uint32_t fold_version;
    struct bytes rulebook[BOOKS_MAX]; uint32_t rulebooks;
    struct bytes calendar;
    struct zone zone;
};
/* What a source can say: names of kinds, those a rule book declares among them. */
enum { DECLARED_KINDS_MAX = KIND_COUNT + LOCAL_KINDS_MAX };
struct item_kinds { struct text kind[DECLARED_KINDS_MAX]; uint32_t n; };
/* Borrows from the bytes it was decoded from and from the decoder's arena, until that
 * decoder's next decode (an append in between is fine). Only the members named for `what` mean anything. */
struct item {
    enum item_kind what;
    struct event event;                                         /* ITEM_EVENT */
    struct instant at;                                          /* ITEM_TICK; ITEM_COMPLETE: to; ITEM_DECLARATION */
    struct text source;                                         /* ITEM_COMPLETE, ITEM_REJECT, ITEM_DECLARATION */
    uint64_t row;                                               /* ITEM_REJECT, 0: none */
    struct text reason;                                         /* ITEM_REJECT; ITEM_BLANK: may be empty */
    struct text crime_ref, victim_ref, event_id;                /* ITEM_REJECT, may be empty */
    struct text name, text;                                     /* ITEM_MAPPING; text may be empty */
    struct bytes hash;                                          /* ITEM_MAPPING: BLAKE2b-256 of its text; ITEM_BLANK: the digest */
    struct item_law *law;                                       /* ITEM_LAW */
    struct item_kinds *kinds;                                   /* ITEM_DECLARATION */
};

/* What a line or row is about, as far as that could be read; each may be empty. */
struct item_refs { struct text event_id, crime_ref, victim_ref; };

/* A decoder owns an arena with a hard cap; one a thread. */
struct wire;
enum err wire_open(struct wire **ret) MUST_USE;
void wire_close(struct wire **w);

/* E_MALFORMED, E_TOO_LARGE, E_RANGE, E_UNKNOWN with why: quarantine; ret->what is then
 * ITEM_NONE. An item that decodes has passed item_check. Fields this version does not
 * know are skipped. An empty text is one that was not said. */
enum err wire_item_decode(struct wire *w, const uint8_t *p, size_t n, struct item *ret, struct why *why) MUST_USE;

/* The same of an event, tick or mark in the form that every encoder writes, without a decoder: *ret borrows from p alone, so
 * that several can be in hand. room: so many bytes may be read from p on, n at least; those behind the item do not count, and save
 * looking at texts in pieces. False: nothing is known of it, decode says. */
bool wire_item_quick(const uint8_t *p, size_t n, size_t room, struct item *ret);

/* event_check for an event; names, times and sizes for the others. */
enum err item_check(const struct item *item, struct why *why) MUST_USE;

/* Appends the item with its varint length (protobuf's delimited form) to buf.
 * E_TOO_LARGE if it does not fit into cap - *used, or into what one item may be;
 * E_MALFORMED if a text holds a NUL (item_check refuses it before). *used moves only on E_OK. */
enum err wire_item_append(struct wire *w, const struct item *item, uint8_t *buf, size_t cap, size_t *used) MUST_USE;

/* The next item of a batch: its bytes, without the length. *at moves past it.
 * E_END at the end, E_MALFORMED when the framing is broken. */
enum err wire_next(const uint8_t *batch, size_t n, size_t *at, struct bytes *ret) MUST_USE;

/* The dialogue (proto/link.proto). Hello.stream is STREAM_BYTES long. */
enum { STREAM_BYTES = 16, DIALOGUE_FORMAT = 1, DIALOGUE_BYTES_MAX = 512 };
enum says { SAYS_NONE, SAYS_HELLO, SAYS_FROM, SAYS_BATCH, SAYS_DURABLE, SAYS_REFUSED };
struct dialogue {
    enum says says;
    uint32_t format, epoch, count;
    uint8_t stream[STREAM_BYTES];
    char name[REF_BYTES_MAX + 1], reason[64];
    uint64_t cursor, digest, credit, first, check;
};
enum err wire_dialogue_decode(const uint8_t *p, size_t n, struct dialogue *ret) MUST_USE;
size_t wire_dialogue_encode(const struct dialogue *d, uint8_t buf[DIALOGUE_BYTES_MAX]);

/* What sinks are told (proto/notice.proto): notices and ticks, in one sequence. */
#define NOTICE_ID_BYTES 16
enum level {
    LEVEL_NONE = 0, LEVEL_DUE_SOON = 1, LEVEL_BREACHED = 2, LEVEL_OUTSTANDING = 3, LEVEL_UNPROVEN = 4,
    LEVEL_MET_LATE = 5, LEVEL_WITHDRAWN = 6, LEVEL_AMENDED = 7, LEVEL_AT_START = 8, LEVEL_NOT_COMPUTABLE = 9,
    LEVEL_MET = 20, LEVEL_WAIVED = 21, LEVEL_MISSED = 22, LEVEL_NOT_APPLICABLE = 23, LEVEL_NOT_EVIDENCED = 24,
    LEVEL_ACKNOWLEDGED = 30, LEVEL_REALLOCATED = 31,            /* neither: something about an alert that stands */
};
static inline bool level_is_alert(enum level l) { return l > LEVEL_NONE && l < LEVEL_MET; }
const char *level_name(enum level l);                           /* "due-soon", "met-late" */

struct notice {
    uint8_t notice_id[NOTICE_ID_BYTES], obligation_id[NOTICE_ID_BYTES];
    uint64_t version, cause;
    enum level level, stands;                                   /* stands: what is left standing after it */
    uint32_t step;
    struct text rule, right, basis, owner, title;
    struct text crime_ref, victim_ref, officer, team, started_by, evidence, due_date, due_time;
    struct instant due, due_before, started_at, occurred_at, raised_at;
    int32_t raised_offset, occurred_offset;                     /* of the local clock at raised_at and occurred_at, seconds east of UTC */
    bool enhanced, told;                                        /* told: an alert on this obligation went before */
    struct text supervisor;                                     /* as named with the officer */
    uint32_t victim_no;                                         /* ordinal within the crime, from 1 */
    struct text duty, what_to_do, how_to_record;                /* of the rule book, in plain words */
    struct text limit, start_date, days;                        /* "5 working days"; each day counted and skipped, in one line */
    bool has_working_days_left;
    uint32_t working_days_left;                                 /* after the local day of raised_at, up to the due date */
    struct instant hold_until;                                  /* breached: what was done by then may be typed up to then */
    bool family_liaison, access_restricted, processing_restricted;
    uint8_t acknowledges[NOTICE_ID_BYTES];                      /* acknowledged: which notice, by whom, why */
    struct text acknowledged_by, reason;
};

enum tells { TELLS_NOTICE, TELLS_TICK };
struct telling {
    enum tells what;
    struct notice notice;                                       /* TELLS_NOTICE */
    struct instant at;                                          /* TELLS_TICK: every notice that time raises up to it came before */
    int32_t offset;                                             /* of the local clock at that time, seconds east of UTC */
};
/* decode: E_MALFORMED, E_TOO_LARGE. append: delimited as items are, so that wire_next walks them;
 * E_TOO_LARGE, E_MALFORMED. A telling is what a link carries; a notice by itself is how a sink may keep it. */
/* A notice with texts of its own, in `memory`: *used grows. E_TOO_LARGE: they do not fit. */
enum err notice_copy(const struct notice *n, char *memory, size_t cap, size_t *used, struct notice *ret) MUST_USE;
enum err wire_telling_decode(struct wire *w, const uint8_t *p, size_t n, struct telling *ret) MUST_USE;
enum err wire_telling_append(const struct telling *telling, uint8_t *buf, size_t cap, size_t *used) MUST_USE;
enum err wire_notice_decode(struct wire *w, const uint8_t *p, size_t n, struct notice *ret) MUST_USE;
enum err wire_notice_append(const struct notice *notice, uint8_t *buf, size_t cap, size_t *used) MUST_USE;

/* A message to one recipient as it is kept (proto/message.proto); sinks/oic/message.h says what it means.
 * decode borrows from w's arena until its next decode or append of a letter.
 * E_MALFORMED, E_TOO_LARGE (LETTER_ENTRIES_MAX, LETTER_BYTES_MAX), E_MEMORY. */
enum { LETTER_ID_BYTES = 16, LETTER_ENTRIES_MAX = 500, LETTER_BYTES_MAX = 2 * 1024 * 1024 };
struct letter {
    uint8_t id[LETTER_ID_BYTES], thread[LETTER_ID_BYTES];
    uint32_t kind;
    struct text channel, to, name, beside;
    struct instant as_of;
    int32_t offset;
    uint32_t more;
    size_t count;
    const struct notice *entry[LETTER_ENTRIES_MAX];
};
enum err wire_letter_append(struct wire *w, const struct letter *e, uint8_t *buf, size_t cap, size_t *used) MUST_USE;
enum err wire_letter_decode(struct wire *w, const uint8_t *p, size_t n, struct letter *ret) MUST_USE;

/* What proto/case_event.proto says of kinds and bodies, for core/event.c. Read off the
 * descriptors at first use (any thread), the same for ever after. */
struct wire_schema {
    char kind[KIND_COUNT][32];                                  /* "code-given"; "" for numbers without a kind */
    uint64_t fields[EVENT_TYPES];                               /* a bit per enum field a body of the type may carry */
};
const struct wire_schema *wire_schema(void);

#endif
