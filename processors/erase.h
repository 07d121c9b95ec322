/* erase.h: taking people out of a data folder at rest: who is to be erased, whose turn it is, and doing it.
 *
 * An `erased` event in the journal asks. It ends the journey, and each sink is told so like of any other end. When every sink has
 * that, and the compliance sink's draw has it, every record of the journey is blanked and the state discarded. Names of who is
 * being erased are noted in the folder before the first record goes, and removed after the last thing is done: killed in between, it
 * is ended by beginning again, and until then nothing else works on the folder. */
#ifndef PROCESSORS_ERASE_H
#define PROCESSORS_ERASE_H

#include "processors/folder.h"
#include "processors/render.h"

struct erase_options {
    const char *crime, *victim;             /* also asked for, by hand: all victims of the crime, or one; NULL: nothing */
    bool dry_run;                           /* nothing is written */
    bool anyway;                            /* do not wait for a sink that was not told yet */
};

struct erase_counts {
    uint64_t asked;                         /* journeys that are to be erased */
    uint64_t untold, undrawn;               /* of which these wait: for a sink to be told, for the compliance sink's draw */
    uint64_t journeys, crimes;              /* whose turn it is; crimes that go whole with them */
    struct journal_blanked records;         /* of those */
    bool goes_on;                           /* one that was begun before: only `records` is known */
    char sink[128];                         /* one that the first of them waits for, and how many notices it lacks */
    uint64_t behind;
};

/* The event that asks, as of `at`. Its id is written to `id`, which it borrows like the references. */
enum { ERASE_ID_BYTES = 32 };
void erase_request(struct text crime_ref, struct text victim_ref, struct instant at, char id[ERASE_ID_BYTES], struct item *ret);

struct erase;
typedef void erase_progress(const char *what, uint64_t done, uint64_t all);
/* Folds what the journal says and finds who is to be erased. The caller holds the folder's lock. E_NOT_FOUND with why: no such crime
 * or victim is known; E_CORRUPT and others as the journal, with why. */
enum err erase_open(const struct folder *f, const struct erase_options *o, erase_progress *progress, struct erase **ret, struct why *why) MUST_USE;
void erase_close(struct erase **e);
const struct erase_counts *erase_counts(const struct erase *e);
/* Is it one whose turn it is? */
bool erase_names(const struct erase *e, struct text crime_ref, struct text victim_ref);
/* Blanks the records, and discards the state: the next start draws it again. */
enum err erase_carry_out(struct erase *e, struct why *why) MUST_USE;
/* After that: a notice as it is rendered now, by its version. Borrowed until the next call. */
enum err erase_notice(struct erase *e, uint64_t version, struct notice *ret) MUST_USE;
/* Everything is done, elsewhere too: who it was is forgotten. */
enum err erase_end(struct erase *e, struct why *why) MUST_USE;

#endif
