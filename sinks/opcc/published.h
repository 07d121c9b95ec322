/* published.h: a report that may leave the force: what disclosure.h made of a draft, for the renderers to read.
 *
 * There is no other way to have one. A hidden value is not in it any more. */
#ifndef SINKS_OPCC_PUBLISHED_H
#define SINKS_OPCC_PUBLISHED_H

#include "sinks/opcc/draft.h"

enum mark {
    MARK_NONE,
    MARK_HIDDEN,                    /* [c]: too small, or a small one could be worked out from it */
    MARK_NOT_APPLICABLE,            /* [x] */
    MARK_NOT_AVAILABLE,             /* [z] */
};
const char *mark_text(enum mark m);     /* "[c]"; "" for none */

/* What a cell shows. A rate has count, of and value with its interval; a count has count; a number has value. */
struct figure {
    enum mark mark;
    enum cell_kind kind;
    uint64_t count, of;
    double value;                   /* a rate as a part of 1 */
    struct bounds interval;
    bool has_interval, is_at_least;
    const char *words;
};

struct published;
void published_close(struct published **p);

const struct heading *published_heading(const struct published *p);
/* Set on an internal report: who allowed it, to be said on every page. NULL: fit to leave the force. */
const char *published_internal(const struct published *p);
size_t published_tables(const struct published *p);
const struct table *published_table(const struct published *p, size_t i);     /* words, columns, titles of rows */
struct figure published_figure(const struct published *p, const struct table *t, unsigned row, unsigned column);

/* The counts behind the figures. False: hidden, or printed in no table. */
size_t published_counts(const struct published *p);
bool published_count(const struct published *p, size_t i, const char **ret_key, struct period *ret_period, uint64_t *ret_value);
bool published_is_printed(const struct published *p, size_t i);
unsigned published_threshold(const struct published *p, size_t i);
size_t published_sums(const struct published *p);
const struct sum *published_sum(const struct published *p, size_t i);

/* A figure that an earlier report printed otherwise: both are public. */
struct revision {
    const struct table *table;
    unsigned row, column;
    uint64_t was_count, was_of;         /* was_of 0: a count, not a rate */
    uint32_t issue;                     /* number of the report that last printed it so */
};
size_t published_revisions(const struct published *p);
const struct revision *published_revision(const struct published *p, size_t i);

/* What disclosure did, for the reader. */
struct hiding {
    uint64_t small, beside;         /* counts hidden for being small; hidden so that those cannot be worked out */
    uint64_t kept;                  /* hidden because they were hidden when first issued */
    uint64_t exposed;               /* could not be protected: what was issued before gives them away */
    uint32_t issues;                /* how many issued reports were taken into account */
    uint8_t issues_hash[32];
};
const struct hiding *published_hiding(const struct published *p);

#endif
