/* connect.h: the Connect feed as a producer: extracts from a drop folder into the spool, and from there to the tracker.
 * docs/connect.md is its manual. */
#ifndef PRODUCERS_CONNECT_CONNECT_H
#define PRODUCERS_CONNECT_CONNECT_H

#include "producers/connect/batch.h"
#include "core/link.h"

enum connect_news { NEWS_TAKEN, NEWS_AGAIN, NEWS_REFUSED, NEWS_GAP, NEWS_WAITING, NEWS_REJECT };
/* What a person should see, from the feed's thread. summary: of NEWS_TAKEN. text: of the others, a sentence; of NEWS_REJECT (of
 * connect_check alone) a line of the reject file. */
struct connect_told { enum connect_news what; uint64_t batch; const char *text; const struct batch_summary *summary; const char *source; };

struct connect_options {
    const char *dir;                        /* the drop folder */
    const char *data;                       /* where rows and the spool are kept; made if missing */
    const char *map_path;                   /* NULL: the canonical extract */
    enum after after;
    int64_t patience_s;
    bool once;                              /* end when nothing is left that can be taken */
    bool clock_by_events;                   /* say what time it is, by extract_to */
    bool (*is_stopping)(void);              /* any thread, asked while files are read; NULL: never */
    void (*tell)(void *ctx, const struct connect_told *told);
    void *ctx;
};
struct connect_counts { uint64_t taken, refused, waiting, events, rejected; uint64_t batch, rows, all_rows; };  /* the last three: of the batch in hand */

struct connect;
/* Options are borrowed. Not thread-safe: it reads the time zone database. */
enum err connect_open(const struct connect_options *o, struct connect **ret, struct why *why) MUST_USE;
/* To be sent by a left end; valid until connect_close. */
struct link_source connect_source(struct connect *c);
struct bell *connect_bell(struct connect *c);           /* rung when there is something new to send */
/* Starts the feed's thread. */
enum err connect_start(struct connect *c) MUST_USE;
/* It stopped by itself: with once, E_END; else it failed, with why. */
bool connect_is_over(struct connect *c, enum err *ret, struct why *why);
struct connect_counts connect_counts(const struct connect *c);      /* any thread */
void connect_close(struct connect **c);

/* At rest, when somebody was erased: what the feed forgot leaves no byte in its store, and its spool keeps what the tracker does not
 * have yet alone. *ret_unsent: how many items those are. E_NOT_FOUND: no feed's data are there; E_LOCKED with why: a feed is running. */
enum err connect_forget(const char *data, uint64_t *ret_unsent, struct why *why) MUST_USE;

/* Batches from standard input, NDJSON, into the folder: {"crime":{...}}, {"victim":{...}}, {"event":{...}}, {"open":{...}}, and at the end of each
 * {"manifest":{"batch_id":12,"extract_from":"...","extract_to":"..."}}. Counts and hashes are made here. E_MALFORMED with why: a line is none
 * of these, or the input ends within a batch; batches before it are dropped. */
enum err connect_receive(const char *dir, void (*dropped)(void *ctx, uint64_t batch, uint64_t rows), void *ctx, struct why *why) MUST_USE;

/* What the batches of a folder, or files by themselves, would do, given what is remembered in `data`: nothing of it is done,
 * and nothing of either is written. A folder is o->dir; else paths, all in one folder, a manifest among them or not. */
enum err connect_check(const struct connect_options *o, const char *const *paths, size_t count, struct why *why) MUST_USE;

#endif
