/* concern.h: what has to be judged again when something happens: which rules, and what is looked at for them.
 *
 * Most facts concern one rule or two of many, and a deadline concerns its own. Judging those alone gives for them exactly what
 * judging everything gives (tests/law/concern_test.c). Compiled with the law; a fact that corrects another, or that another
 * corrects, concerns everything, whatever its kind. */
#ifndef RULES_CONCERN_H
#define RULES_CONCERN_H

#include "core/event.h"
#include "core/limits.h"

enum { KINDS = KIND_LOCAL_FIRST + LOCAL_KINDS_MAX, KIND_WORDS = (KINDS + 63) / 64, RULE_WORDS = LAW_RULES_MAX / 64 };

/* A set of kinds and a set of rules: a bit each. */
struct kind_set { uint64_t bits[KIND_WORDS]; };
struct rule_set { uint64_t bits[RULE_WORDS]; };

static inline bool kinds_has(const struct kind_set *s, kind_t k) { return k < KINDS && (s->bits[k / 64] >> k % 64 & 1); }
static inline void kinds_add(struct kind_set *s, kind_t k)
{
    if (k < KINDS)
        s->bits[k / 64] |= (uint64_t)1 << k % 64;
}
static inline void kinds_remove(struct kind_set *s, kind_t k)
{
    if (k < KINDS)
        s->bits[k / 64] &= ~((uint64_t)1 << k % 64);
}
static inline void kinds_add_all(struct kind_set *s, const struct kind_set *more)
{
    for (size_t i = 0; i < KIND_WORDS; i++)
        s->bits[i] |= more->bits[i];
}
/* The same in one word, where kinds share bits: what it has, this has; not always the other way. */
static inline uint64_t kind_bit(kind_t k) { return (uint64_t)1 << k % 64; }
static inline uint64_t kinds_bits(const struct kind_set *s)
{
    uint64_t all = 0;

    for (size_t i = 0; i < KIND_WORDS; i++)
        all |= s->bits[i];
    return all;
}
static inline bool kinds_any(const struct kind_set *s) { return kinds_bits(s) != 0; }

static inline bool rules_has(const struct rule_set *s, uint16_t rule) { return s->bits[rule / 64] >> rule % 64 & 1; }
static inline void rules_add(struct rule_set *s, uint16_t rule) { s->bits[rule / 64] |= (uint64_t)1 << rule % 64; }

struct concern {
    bool any;                               /* something is to be judged again */
    bool whole;                             /* all rules */
    bool concludes;                         /* all, if the investigation ends otherwise for it */
    bool suspects;                          /* a fact that names a suspect is looked at whatever its kind */
    struct rule_set rules;
    struct kind_set looks_at;               /* facts of these kinds */
};

static inline bool concern_any(const struct concern *c) { return c->any; }
static inline bool concern_has(const struct concern *c, uint16_t rule) { return c->whole || rules_has(&c->rules, rule); }
static inline bool concern_looks_at(const struct concern *c, kind_t kind, bool names_suspect)
{
    return kinds_has(&c->looks_at, kind) || (names_suspect && c->suspects);
}

#endif
