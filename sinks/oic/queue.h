/* queue.h: messages that were planned and are not yet delivered, what became of the others, and the dead letters.
 *
 * It lives in tables of the caller's store, so that a planner's cursor, its plan and its messages are
 * committed together, before anything leaves. From then on a message is
 *
 *   waiting    to be sent: now, or after a wait that grows with each attempt
 *   delivered  its record stays: when, in how many attempts, what the other side said
 *   dead       refused for good, or given up after a long time: for a person to look at, who has it
 *              tried again (it goes to the end of the line) or drops it with a reason
 *
 * Order: messages to one destination (channel and recipient) are delivered in the order they were put; one that is
 * waiting to be tried again holds back those behind it, and nobody else's.
 *
 * A message is put once: an id that is known, whatever became of it, is not put again.
 * Retries go by the wall clock, so that they outlive the process; a clock that was set back costs one wait at most. */
#ifndef SINKS_OIC_QUEUE_H
#define SINKS_OIC_QUEUE_H

#include "core/store.h"
#include "sinks/oic/message.h"

/* Rows for the caller's store_open; `first` below is the index of the first of them. */
enum queue_table { QUEUE_WAITING, QUEUE_LETTERS, QUEUE_IDS, QUEUE_DONE, QUEUE_DEAD, QUEUE_TABLES };
#define QUEUE_TABLE_ROWS \
    { "queue-waiting", STORE_NUMBER }, { "queue-letters", STORE_NUMBER }, { "queue-ids", STORE_BYTES }, \
    { "queue-done", STORE_NUMBER }, { "queue-dead", STORE_NUMBER }

enum {
    QUEUE_WAITING_MAX = 200000,         /* messages; then queue_put gives E_FULL and the sink takes no more notices */
    QUEUE_SAID_BYTES_MAX = 200,         /* of what the other side said */
    QUEUE_KEEP_DAYS = 400,              /* a record of delivery; a year and some, so that a complaint can be answered */
};

/* ---- the planner's side: in its own write transaction --------------------------------------------- */

/* Puts a message at the end of the line. E_OK also when its id is known already: nothing changes then.
 * E_FULL: too many wait; E_MALFORMED: message_check; E_TOO_LARGE; and the store's errors. */
enum err queue_put(struct store_txn *t, unsigned first, struct wire *w, const struct message *m, struct why *why) MUST_USE;

enum queue_state { QUEUE_IS_UNKNOWN, QUEUE_IS_WAITING, QUEUE_IS_DELIVERED, QUEUE_IS_DEAD, QUEUE_IS_DROPPED };

/* What is kept of a message beside its content. Texts borrow from the transaction. */
struct queue_slip {
    enum queue_state state;
    uint64_t number;                    /* its place in the line */
    uint8_t id[MESSAGE_ID_BYTES];
    enum message_kind kind;
    struct instant as_of;               /* of the message */
    struct instant first_try, at;       /* at: when it is tried next, was delivered, died or was dropped; not set: at once */
    uint32_t attempts;
    uint32_t entries;
    struct text channel, to;
    struct text said;                   /* by the other side at the last attempt, or the reason it was dropped */
};
/* E_NOT_FOUND: never put, or its record is older than QUEUE_KEEP_DAYS. */
enum err queue_find(struct store_txn *t, unsigned first, const uint8_t id[MESSAGE_ID_BYTES], struct queue_slip *ret) MUST_USE;
bool queue_was_delivered(struct store_txn *t, unsigned first, const uint8_t id[MESSAGE_ID_BYTES]);
bool queue_was_lost(struct store_txn *t, unsigned first, const uint8_t id[MESSAGE_ID_BYTES]);      /* dead, or dropped */

/* ---- for people ------------------------------------------------------------------------------------- */

struct queue_counts { uint64_t waiting, delivered, dead, dropped; };
enum err queue_count(struct store_txn *t, unsigned first, struct queue_counts *ret) MUST_USE;
/* Every slip of QUEUE_WAITING, QUEUE_DONE or QUEUE_DEAD, oldest first; a visit that returns other than E_OK ends it. */
enum err queue_each(struct store_txn *t, unsigned first, enum queue_table which,
                    enum err (*visit)(void *ctx, const struct queue_slip *s), void *ctx) MUST_USE;
/* The message of a slip that waits or is dead. */
enum err queue_read(struct store_txn *t, unsigned first, uint64_t number, struct wire *w, struct message *ret) MUST_USE;
/* The dead letter that the dead letter with that number follows; 0: none. What corrects it goes where it goes: the caller's to see to,
 * in order of their numbers. */
enum err queue_leader(struct store_txn *t, unsigned first, uint64_t number, struct wire *w, uint64_t *ret) MUST_USE;
/* Of the dead letter with that number: tried again at once, with its old id; or dropped for that reason. E_NOT_FOUND. */
enum err queue_revive(struct store_txn *t, unsigned first, uint64_t number) MUST_USE;
enum err queue_drop(struct store_txn *t, unsigned first, uint64_t number, struct text reason, struct instant now) MUST_USE;

/* ---- the sender's side: what line.h stands on ---------------------------------------------------------- */

/* The first that waits with a number beyond `after`; E_NOT_FOUND: none. *ret_last is the last number given out. */
enum err queue_waiting_after(struct store_txn *t, unsigned first, uint64_t after, struct queue_slip *ret, uint64_t *ret_last) MUST_USE;
enum err queue_waiting(struct store_txn *t, unsigned first, uint64_t number, struct queue_slip *ret) MUST_USE;
/* What became of one that waits: goes on waiting, is delivered, or is dead. `said` is cut to QUEUE_SAID_BYTES_MAX. */
enum err queue_settle(struct store_txn *t, unsigned first, uint64_t number, enum queue_state state, uint32_t attempts,
                      struct instant first_try, struct instant at, struct text said) MUST_USE;
/* How many wait; cheap. */
enum err queue_waiting_count(struct store_txn *t, unsigned first, uint64_t *ret) MUST_USE;
/* Removes records older than QUEUE_KEEP_DAYS, at most `most` of them. */
enum err queue_trim(struct store_txn *t, unsigned first, struct instant now, unsigned most) MUST_USE;

#endif
