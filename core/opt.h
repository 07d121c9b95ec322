/* opt.h: command-line options as rows: name, value, limits and help; parsing, checking and --help come from them. */
#ifndef CORE_OPT_H
#define CORE_OPT_H

#include "core/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum opt_type {
    OPT_FLAG,               /* bool: given or not */
    OPT_TEXT,               /* const char *: borrowed from argv */
    OPT_LIST,               /* struct opt_list: may be given again */
    OPT_NUMBER,             /* int64_t within min..max */
    OPT_SPAN,               /* int64_t seconds: "90s", "30m", "12h", "2d", within min..max */
    OPT_CHOICE,             /* const char *: one of the words in `arg`, "events|wall" */
};

enum { OPT_LIST_MAX = 256 };
struct opt_list { const char *item[OPT_LIST_MAX]; size_t count; };

struct opt {
    const char *name, *arg, *help;      /* "data", "DIR", what it does; arg NULL for a flag */
    enum opt_type type;
    void *to;                           /* holds the default before parsing */
    int64_t min, max;
};

/* Sets what is given; everything else is put into operands, in order. E_END: --help was
 * asked for. E_USAGE with why: unknown (with the nearest name), out of range, ambiguous. */
enum err opt_parse(const struct opt *o, size_t n, int argc, char **argv, struct opt_list *operands, struct why *why) MUST_USE;
/* The rows as a person reads them, two columns. */
void opt_help(FILE *f, const struct opt *o, size_t n);
/* "2d" as seconds; E_USAGE. */
enum err opt_span(const char *text, int64_t *ret) MUST_USE;

#endif
