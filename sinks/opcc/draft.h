/* draft.h: a report with every figure in it, before anything is hidden: for disclosure.h alone to make publishable.
 *
 * A draft is tables over *quantities*. A quantity is a count that someone could work with: it has a key that is the same
 * for ever, the period it is of, and a threshold. The same count in two tables is one quantity, so it is hidden in
 * both or in neither. *Sums* say which quantities add up to which: they are what a hidden count could be worked out
 * from. Rates, medians and ratios are cells that lean on quantities.
 *
 * Everything handed in is copied; what is handed out lives as long as the draft. Out of memory makes the draft
 * `failed`: calls go on doing nothing, and draft_check says so once, at the end. */
#ifndef SINKS_OPCC_DRAFT_H
#define SINKS_OPCC_DRAFT_H

#include "core/err.h"
#include "sinks/opcc/period.h"
#include "sinks/opcc/statistics.h"

#include <stdarg.h>

enum { QUANTITIES_MAX = 400000, CELL_LEANS_MAX = 6, TABLE_COLUMNS_MAX = 32, TABLE_ROWS_MAX = 2000 };
#define QUANTITY_NONE UINT32_MAX

/* What a count may be split by: name in keys; does it say something of a person; does it narrow down where or what. */
#define SPLITS(X) \
    X(THEME, "theme", false, true) X(OFFENCE, "offence", false, true) X(AREA, "area", false, true) X(TEAM, "team", false, true) \
    X(GENDER, "gender", true, false) X(AGE, "age", true, false) X(ETHNICITY, "ethnicity", true, false)
enum split {
#define X(name, key, of_person, of_place) SPLIT_##name,
    SPLITS(X)
#undef X
    SPLITS_COUNT
};
/* Whom a count is of: NULL is everyone; "BIRMINGHAM", or "!BIRMINGHAM" for everyone else. */
struct slice { const char *by[SPLITS_COUNT]; };
#define EVERYONE (&(struct slice){ { NULL } })

struct quantity {
    const char *key;                    /* "R3-INFO/met/area=Birmingham", without the period */
    struct period period;
    uint64_t value;
    unsigned threshold;                 /* from 1 up to below it, the count is hidden */
    bool is_printed;                    /* stands in a table; else a complement that nobody may work out either */
};
/* total = the sum of the parts */
struct sum { uint32_t total, count; const uint32_t *part; };

enum cell_kind {
    CELL_EMPTY, CELL_COUNT, CELL_RATE, CELL_NUMBER, CELL_WORDS,
    CELL_NOT_APPLICABLE,                /* [x] */
    CELL_NOT_AVAILABLE,                 /* [z] */
};
struct cell {
    enum cell_kind kind;
    uint32_t of, among;                 /* COUNT: of. RATE: of / among. NUMBER: among, how many it was had from */
    uint32_t lean[CELL_LEANS_MAX];      /* must all be fit to be seen as well */
    unsigned leans;
    double value;                       /* NUMBER */
    struct bounds interval;
    bool has_interval, is_at_least;     /* is_at_least: not reached yet, value is how far was looked */
    const char *words;                  /* WORDS */
};

enum unit { UNIT_COUNT, UNIT_PERCENT, UNIT_DAYS, UNIT_RATIO, UNIT_WORDS };
struct column { const char *key, *title; enum unit unit; struct period period; bool is_provisional; };
struct row { const char *key, *title; struct cell *cell; bool is_total; };

/* How a table is drawn beside being printed. Bars: a column of rates, a row each. Months: a line a row over its columns. */
enum chart { CHART_NONE, CHART_BARS, CHART_MONTHS };

/* What a reader must know to use the figures; every text is needed but note. */
struct table_words {
    const char *id;                     /* "compliance-by-rule": names files, for ever */
    unsigned part;                      /* of the report: 1-7 */
    const char *title, *definition, *numerator, *denominator, *coverage, *note;
};
struct table {
    struct table_words words;
    const char *row_title;              /* what the rows are: "Rule" */
    struct column column[TABLE_COLUMNS_MAX];
    struct row *row;
    unsigned columns, rows, row_cap;
    enum chart chart;
    unsigned chart_column;
};

/* What the whole report is of. */
struct heading {
    const char *force, *time_zone;
    struct period period, before, year_before;
    struct instant known_at;
    const char *rules, *calendar;       /* names and hashes of what it was judged by */
    uint64_t record;                    /* of the tracker's journal */
    struct day cut;                     /* the local day before which all is known */
};

/* Entries come in for so long: less than 28 days after its end, what is said of a period may change. */
enum { PROVISIONAL_DAYS = 28 };
static inline bool heading_is_provisional(const struct heading *h, struct period p) { return h->cut.n <= p.to.n + PROVISIONAL_DAYS; }

struct draft;
enum err draft_open(const struct heading *h, struct draft **ret) MUST_USE;
void draft_close(struct draft **d);
/* E_MEMORY, E_TOO_LARGE with why: more than the limits above. */
enum err draft_check(const struct draft *d, struct why *why) MUST_USE;

const struct heading *draft_heading(const struct draft *d);
const char *draft_words(struct draft *d, const char *fmt, ...) PRINTF(2, 3);

/* A count, or the one that is there already (then it must say the same: asserted). `what` and the slice make the key. */
uint32_t draft_count(struct draft *d, const char *what, const struct slice *s, struct period p, uint64_t value);
/* The same, not printed by itself. Printed as soon as a cell shows it. */
uint32_t draft_complement(struct draft *d, const char *what, const struct slice *s, struct period p, uint64_t value);
void draft_sum(struct draft *d, uint32_t total, const uint32_t *part, uint32_t count);   /* asserted to add up */

struct table *draft_table(struct draft *d, const struct table_words *w, const char *row_title);
unsigned draft_column(struct draft *d, struct table *t, const char *key, const char *title, enum unit unit, const struct period *p);
/* After all columns. Its cells are empty; the row may be moved by the next one: use at once. */
struct row *draft_row(struct draft *d, struct table *t, const char *key, const char *title);

void cell_count(struct draft *d, struct row *r, unsigned column, uint32_t of);
/* of / among, and what is left of among: what is not there must not be worked out from the two. */
void cell_rate(struct draft *d, struct row *r, unsigned column, uint32_t of, uint32_t rest, uint32_t among);
void cell_number(struct draft *d, struct row *r, unsigned column, uint32_t among, double value, const struct bounds *interval);
void cell_lean(struct row *r, unsigned column, uint32_t quantity);
void cell_words(struct draft *d, struct row *r, unsigned column, const char *words);
void cell_mark(struct row *r, unsigned column, enum cell_kind kind);

/* For disclosure.c. */
size_t draft_quantities(const struct draft *d);
struct quantity *draft_quantity(struct draft *d, uint32_t i);
size_t draft_sums(const struct draft *d);
const struct sum *draft_sum_at(const struct draft *d, size_t i);
size_t draft_tables(const struct draft *d);
struct table *draft_table_at(const struct draft *d, size_t i);

/* Below this many, a count of 1 or more is hidden: 5; 10 where a person's ethnicity, age or gender meets an
 * offence group or a place, and for sexual offences below the force. docs/report.md, "Disclosure control". */
enum { THRESHOLD = 5, THRESHOLD_FINE = 10, RATE_AMONG_MIN = 10 };
unsigned slice_threshold(const struct slice *s);

#endif
