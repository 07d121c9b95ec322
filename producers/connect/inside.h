/* inside.h: private to differ.c, crimes.c, victims.c, events.c: how a difference is said, and what is remembered of a row. */
#ifndef PRODUCERS_CONNECT_INSIDE_H
#define PRODUCERS_CONNECT_INSIDE_H

#include "producers/connect/differ.h"

/* Letters of the memory's keys: a row of each table, then the lists that join them. 'c' comes first: lists of open crimes
 * are compared with all of them. */
enum { K_CRIME = 'c', K_EVENT = 'e', K_HELD_EVENT = 'h', K_HELD_CRIME = 'i', K_HELD_VICTIM = 'j', K_VICTIMS_OF = 'k', K_MERGED = 'n', K_REPORT = 'o',
       K_PERSON = 'p', K_ERASED = 'q', K_VICTIM = 'v' };
enum { MEMO_FORMAT = 1, VICTIMS_PER_CRIME_MAX = 500, CRIMES_PER_PERSON_MAX = 200, MOVES_MAX = 10000, MERGERS_MAX = 8 };

/* Before the packed record of a row. Times are last_updated when something was said, 0 when it is not said now: the
 * ids of what was said are made of them. */
struct crime_memo { uint32_t format, reserved; int64_t updated, cancelled, merged, transferred, missing; uint64_t listed; };
struct victim_memo { uint32_t format, flags; int64_t updated, reported, merged; };     /* reported: 0, the first report; else when it was said anew */
enum { VICTIM_REPORTED = 1, VICTIM_ERASED = 2, VICTIM_HAS_PREFERENCE = 4 };
struct event_memo { uint32_t format, is_withdrawn; int64_t updated, recorded; };

struct memo_of_crime { struct crime_memo memo; struct record row; uint8_t bytes[RECORD_BYTES_MAX]; };
struct memo_of_victim { struct victim_memo memo; struct record row; uint8_t bytes[RECORD_BYTES_MAX]; };
struct memo_of_event { struct event_memo memo; struct record row; uint8_t bytes[RECORD_BYTES_MAX]; };

struct differ {
    const struct shape *shape;
    struct memory *memory;
    struct wire *wire;
    struct differ_counts counts;
    uint64_t batch;
    struct instant extract_to;
    char id[EVENT_ID_BYTES_MAX + 1], other_id[EVENT_ID_BYTES_MAX + 1];
    struct memo_of_crime crime, other_crime;
    struct memo_of_victim victim, other_victim;
    struct memo_of_event event;
    uint8_t packed[sizeof(struct crime_memo) + RECORD_BYTES_MAX];
    size_t used;
    uint32_t count;
    uint8_t buf[BATCH_BYTES_MAX / 2];
};

/* Reads what is remembered into *ret, whose texts are its own. E_NOT_FOUND. */
enum err crime_recall(struct differ *d, struct text crime, struct memo_of_crime *ret) MUST_USE;
enum err victim_recall(struct differ *d, struct text crime, struct text victim, struct memo_of_victim *ret) MUST_USE;
enum err event_recall(struct differ *d, struct text id, struct memo_of_event *ret) MUST_USE;
/* A row with what stands before it. */
enum err memo_put(struct differ *d, const struct memory_key *k, const void *memo, size_t memo_bytes, const struct record *row) MUST_USE;
/* Do both rows say the same, but for last_updated? */
bool record_is_same(const struct record *a, const struct record *b);

/* The id of an event that the feed makes itself, of what it says: in d->id, or d->other_id for the id it names. */
struct text make_id(char to[EVENT_ID_BYTES_MAX + 1], const char *what, struct text a, struct text b, int64_t stamp);
/* A new update about a case: E is filled but for the body. recorded_at is occurred_at. */
struct item update_item(struct differ *d, const char *kind, struct text crime, struct text victim, int64_t at);
/* Says it. An error of action reject: it is not an event that anybody may send; nothing was said. */
enum err say(struct differ *d, struct item *item, struct why *why) MUST_USE;
/* That an event said before never happened. */
enum err withdraw(struct differ *d, struct text crime, struct text victim, struct text id, int64_t at) MUST_USE;
/* A row came that was refused before: its journey is let go. */
enum err let_go(struct differ *d, char what, struct text a, struct text b, int64_t at) MUST_USE;
void count_code(struct differ *d, const struct record *r, enum column c);

static inline void set_text(struct event *e, enum field f, struct text t)
{
    if (!t.n)
        return;
    *(struct text *)(void *)((char *)e + field_table[f].offset) = t;
    e->present |= (uint64_t)1 << f;
}
static inline void set_flag(struct event *e, enum field f, const struct record *r, enum column c)
{
    if (!record_says(r, c))
        return;
    *(bool *)(void *)((char *)e + field_table[f].offset) = record_flag(r, c);
    e->present |= (uint64_t)1 << f;
}

/* Each table's part. */
enum err crimes_row(struct differ *d, const struct record *now) MUST_USE;
enum err victims_row(struct differ *d, const struct record *now) MUST_USE;
enum err events_row(struct differ *d, const struct record *now, struct fault *fault) MUST_USE;
enum err open_row(struct differ *d, const struct record *now) MUST_USE;
/* Every victim of a crime that is known, by a visit that may change what is remembered of it. */
enum err each_victim(struct differ *d, struct text crime, enum err (*visit)(struct differ *d, struct text victim, void *ctx), void *ctx) MUST_USE;
/* crimes.c for victims.c and back */
void crime_markers(const struct record *crime, struct words *ret, char *scratch, size_t cap);
enum err victim_report(struct differ *d, const struct record *crime, struct memo_of_victim *v, const struct record *row) MUST_USE;
enum err victim_report_anew(struct differ *d, const struct record *crime, struct text victim, int64_t at) MUST_USE;
enum err victim_age_anew(struct differ *d, const struct record *before, const struct record *crime, struct text victim, int64_t at) MUST_USE;
enum err victim_joins(struct differ *d, const struct record *crime, struct text victim) MUST_USE;
/* The victim was erased from this crime and has not come back. */
enum err victim_is_erased(struct differ *d, struct text crime, struct text victim, bool *ret) MUST_USE;

#endif
