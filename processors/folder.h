/* folder.h: a data folder: where each thing is, and who may write to it. */
#ifndef PROCESSORS_FOLDER_H
#define PROCESSORS_FOLDER_H

#include "processors/track.h"

struct folder {
    char dir[3072];
    char journal[4096], outbox[4096], state[4096], query[4096], trail[4096];
    int lock;                                   /* -1: not held */
};

/* Names the parts. create: makes the folder where it is missing. E_USAGE with why: too long, no folder. */
enum err folder_name(struct folder *f, const char *dir, bool create, struct why *why) MUST_USE;
/* Takes the writer's lock. E_LOCKED: a tracker is running on it. */
enum err folder_lock(struct folder *f, struct why *why) MUST_USE;
void folder_unlock(struct folder *f);

/* Sees to it that the last Law record is the one these files give. Called before intake begins.
 * No rulebook paths: what the journal has; when it has none, the default edition. */
enum err folder_law(struct journal *j, const char *const *rulebooks, size_t count, const char *calendar, struct why *why) MUST_USE;

/* Completes a law that follows another: what was not given (rule books and zone, or the calendar) is as before; a holiday that was
 * not known before was proclaimed at `tick`. *ret_calendar, malloc'd, holds the calendar's new bytes, if any. */
enum err folder_follow_law(struct item_law *item, bool has_books, bool has_calendar, const struct item_law *before, struct instant tick,
                           char **ret_calendar, struct why *why) MUST_USE;
/* The law that is record `law` with another calendar, as a new record. What is new in it was proclaimed at `tick`. By the
 * thread that writes the journal, between its groups. */
enum err folder_calendar(struct journal *j, uint64_t law, struct instant tick, const char *path, struct why *why) MUST_USE;
/* Loads a calendar: through the tracker that runs on the folder, or into its journal at rest. */
enum err folder_load_calendar(const char *dir, const char *path, bool *ret_is_running, struct why *why) MUST_USE;

/* Asks the tracker that runs on the folder, or opens the folder and answers from it. known_at (or INSTANT_NONE):
 * from what the journal held then, beside a tracker that may run. The answer is malloc'd JSON; the caller frees it. */
enum err folder_ask(const char *dir, struct text question, struct instant known_at, char **ret_answer, size_t *ret_n, struct why *why) MUST_USE;

#endif
