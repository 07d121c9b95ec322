/* text.h: a borrowed run of characters, or of bytes. It is never terminated and never owned. */
#ifndef CORE_TEXT_H
#define CORE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct text { const char *p; uint32_t n; };
struct bytes { const uint8_t *p; size_t n; };

#define TEXT(literal) ((struct text){ literal, sizeof literal - 1 })
#define TEXT_FMT "%.*s"
#define TEXT_ARG(t) (int)(t).n, (t).p ? (t).p : ""

static inline struct text text_of(const char *s) { return (struct text){ s, (uint32_t)strlen(s) }; }
static inline bool text_is_empty(struct text t) { return t.n == 0; }
/* Most texts are short: two words that overlap, without a call. */
static inline bool text_same(struct text a, struct text b)
{
    if (a.n != b.n)
        return false;
    if (a.n > 16)
        return memcmp(a.p, b.p, a.n) == 0;
    if (a.n >= 8)
        return memcmp(a.p, b.p, 8) == 0 && memcmp(a.p + a.n - 8, b.p + a.n - 8, 8) == 0;
    if (a.n >= 4)
        return memcmp(a.p, b.p, 4) == 0 && memcmp(a.p + a.n - 4, b.p + a.n - 4, 4) == 0;
    return a.n == 0 || (a.p[0] == b.p[0] && a.p[a.n / 2] == b.p[a.n / 2] && a.p[a.n - 1] == b.p[a.n - 1]);
}
static inline int text_order(struct text a, struct text b)
{
    int c = a.n && b.n ? memcmp(a.p, b.p, a.n < b.n ? a.n : b.n) : 0;
    return c ? c : (a.n > b.n) - (a.n < b.n);
}

#endif
