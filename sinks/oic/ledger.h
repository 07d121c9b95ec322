/* ledger.h: what the plan remembers, in tables of the store that also holds the queue: one transaction commits a cursor, what
 * was planned up to it, and the messages that came of it.
 *
 *   heard      the latest notice of each obligation that somebody may hear of
 *   hearers    of each obligation: who was told, up to which level, in which message first, and what they acknowledged
 *   pending    for whom an obligation waits: a digest, a group, the end of quiet hours, the time to type what was done
 *   parties    who hides behind a destination's number; the day of its last digest
 *   silences   of whom and what nothing is said for a while, by whose word and why
 *   held       messages that did not leave, and why: a team in the shadow, history
 *
 * A transaction is the caller's. Bytes of notices borrow from it until its next put. */
#ifndef SINKS_OIC_LEDGER_H
#define SINKS_OIC_LEDGER_H

#include "core/store.h"
#include "sinks/oic/queue.h"
#include "sinks/oic/route.h"
#include "sinks/sink.h"

enum ledger_table { LEDGER_GLOBALS, LEDGER_HEARD, LEDGER_HEARERS, LEDGER_PENDING, LEDGER_PARTIES, LEDGER_SILENCES, LEDGER_HELD, LEDGER_TABLES };
#define LEDGER_TABLE_ROWS \
    { "plan-globals", STORE_NUMBER }, { "plan-heard", STORE_BYTES }, { "plan-hearers", STORE_BYTES }, { "plan-pending", STORE_BYTES }, \
    { "plan-parties", STORE_NUMBER }, { "plan-silences", STORE_NUMBER }, { "plan-held", STORE_NUMBER }
/* All tables of the store, the ledger's first: for store_open. */
extern const struct store_table ledger_tables[];
extern const unsigned ledger_table_count;
enum { LEDGER_QUEUE_FIRST = LEDGER_TABLES, LEDGER_MAP_GIB = 16 };
/* DIR/oic.lmdb in a folder of the officer alerts, which is made if missing and `make` is said. */
enum err ledger_open_store(const char *dir, bool read_only, struct store **ret, struct why *why) MUST_USE;

/* What became of an entry that did not reach a message; counted. */
#define FATES(X) \
    X(told, "told in a message") X(nobody, "nobody is told: reported only") X(history, "older than is told") X(shadow, "its team is not live yet") \
    X(closed, "closed before it was told") X(acknowledged, "acknowledged: not repeated") X(silenced, "put off by a silence") \
    X(handed_on, "another has the case now") X(unproven, "not proven: its source is silent")
enum fate {
#define X(name, words) FATE_##name,
    FATES(X)
#undef X
    FATES_COUNT
};
const char *fate_words(enum fate f);

struct ledger_globals {
    struct sink_cursor cursor;
    uint64_t version;                   /* of the last notice that is in the ledger, maybe ahead of the cursor */
    struct instant tick, passed;        /* the last that was worked through, or is being; and the one before it */
    int32_t offset;
    uint32_t zero;
    uint64_t messages, held;
    uint64_t fate[16];                  /* room for more of them than there are */
};
_Static_assert(FATES_COUNT <= 16, "every fate is counted");
enum err ledger_globals(struct store_txn *t, struct ledger_globals *ret) MUST_USE;  /* zeros at first */
enum err ledger_put_globals(struct store_txn *t, const struct ledger_globals *g) MUST_USE;

struct heard { uint8_t stands, is_history, zero[6]; };               /* enum level; is_history: it was too old when first heard of */
/* E_NOT_FOUND. */
enum err ledger_heard(struct store_txn *t, const uint8_t obligation[NOTICE_ID_BYTES], struct heard *ret, struct bytes *ret_notice) MUST_USE;
enum err ledger_put_heard(struct store_txn *t, const struct heard *s, const struct notice *n) MUST_USE;
/* With all that was told of it. */
enum err ledger_forget(struct store_txn *t, const uint8_t obligation[NOTICE_ID_BYTES]) MUST_USE;

enum { HEARERS_MAX = 64 };
struct hearer {
    uint64_t destination;
    uint8_t thread[MESSAGE_ID_BYTES];   /* the first message that said it, and was not lost */
    uint8_t level, step, acknowledged;  /* the highest told; up to which level it is acknowledged */
    uint8_t zero[5];
};
struct hearers { struct hearer row[HEARERS_MAX]; size_t count; };
enum err ledger_hearers(struct store_txn *t, const uint8_t obligation[NOTICE_ID_BYTES], struct hearers *ret) MUST_USE;  /* empty if none */
enum err ledger_put_hearers(struct store_txn *t, const uint8_t obligation[NOTICE_ID_BYTES], const struct hearers *l) MUST_USE;
struct hearer *hearer_of(struct hearers *l, uint64_t destination);         /* or NULL */

struct pending {
    struct instant ready;               /* no message before; of a digest, by the local clock as if it were UTC */
    uint8_t thread[MESSAGE_ID_BYTES];   /* of a follow-up */
    uint8_t kind, level, step, beside;  /* enum message_kind, level, ..., enum beside */
    uint8_t urgent;                     /* due soon, but before the next digest: it goes with the alerts */
    uint8_t silenced, zero[2];          /* a silence has held it back at some time */
};
enum { PENDING_KEY_BYTES = 8 + NOTICE_ID_BYTES };
struct pending_key { uint8_t p[PENDING_KEY_BYTES]; };                   /* destination, big-endian, then obligation */
struct pending_key pending_key(uint64_t destination, const uint8_t obligation[NOTICE_ID_BYTES]);
uint64_t pending_destination(const uint8_t key[PENDING_KEY_BYTES]);
enum err ledger_pending(struct store_txn *t, const struct pending_key *k, struct pending *ret) MUST_USE;
enum err ledger_put_pending(struct store_txn *t, const struct pending_key *k, const struct pending *p) MUST_USE;
enum err ledger_drop_pending(struct store_txn *t, const struct pending_key *k) MUST_USE;       /* E_NOT_FOUND */

/* A destination: a party by a channel. Its number is the hash of both. */
struct destination { struct party party; struct text channel; int32_t digest_day; };  /* digest_day: of the last digest; 0: none */
uint64_t destination_number(struct party p, struct text channel);
enum err ledger_destination(struct store_txn *t, uint64_t number, struct destination *ret) MUST_USE;   /* texts borrow from t */
enum err ledger_put_destination(struct store_txn *t, const struct destination *d) MUST_USE;

/* What is silenced. */
enum silence_what { SILENCE_CRIME, SILENCE_RULE, SILENCE_OFFICER, SILENCE_TEAM, SILENCE_WHATS };
extern const char *const silence_name[SILENCE_WHATS];
struct silence { enum silence_what what; struct text value, by, reason; struct instant until; };
enum err ledger_add_silence(struct store_txn *t, const struct silence *s, uint64_t *ret_number) MUST_USE;
enum err ledger_end_silence(struct store_txn *t, uint64_t number) MUST_USE;     /* E_NOT_FOUND */
enum err ledger_each_silence(struct store_txn *t, enum err (*visit)(void *ctx, uint64_t number, const struct silence *s), void *ctx) MUST_USE;

/* A message that does not leave; the oldest go when there are more than HELD_MAX. */
enum { HELD_MAX = 20000 };
enum err ledger_hold(struct store_txn *t, enum fate why_not, struct bytes message) MUST_USE;
enum err ledger_each_held(struct store_txn *t, enum err (*visit)(void *ctx, enum fate why_not, struct bytes message), void *ctx) MUST_USE;

#endif
