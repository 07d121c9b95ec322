/* utf8.h: is it UTF-8, and may it be shown to a person? */
#ifndef CORE_UTF8_H
#define CORE_UTF8_H

#include "core/text.h"
#include <stddef.h>

/* Bytes of the character at p (1 to 4), or 0 if none begins there: overlong forms,
 * surrogates, beyond U+10FFFF and cut-short ones are none (Unicode 15, table 3-7). */
static inline unsigned utf8_length(const char *at, size_t n)
{
    const unsigned char *p = (const unsigned char *)at;
    unsigned length, least = 0x80, most = 0xBF;

    if (n == 0)
        return 0;
    if (p[0] < 0x80)
        return 1;
    if (p[0] < 0xC2 || p[0] > 0xF4)
        return 0;
    length = p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
    if (n < length)
        return 0;
    if (p[0] == 0xE0)
        least = 0xA0;
    else if (p[0] == 0xED)
        most = 0x9F;
    else if (p[0] == 0xF0)
        least = 0x90;
    else if (p[0] == 0xF4)
        most = 0x8F;
    if (p[1] < least || p[1] > most)
        return 0;
    for (unsigned i = 2; i < length; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    return length;
}

/* Eight bytes at a time: is none of them a control character, DEL or beyond ASCII? */
static inline bool utf8_word_is_plain(const char *p)
{
    uint64_t w, ones = UINT64_C(0x0101010101010101), tops = ones << 7;

    memcpy(&w, p, 8);
    uint64_t below_space = (w - ones * 0x20) & ~w;
    uint64_t del = w ^ ones * 0x7F;
    return !((w | below_space | ((del - ones) & ~del)) & tops);
}

/* The whole of a short text, or of a long one, as plain words: the usual case. */
static inline bool utf8_is_plain(struct text t)
{
    uint32_t i = 0;

    if (t.n < 8) {
        char padded[8] = { ' ', ' ', ' ', ' ', ' ', ' ', ' ', ' ' };
        for (; i < t.n; i++)
            padded[i] = t.p[i];
        return utf8_word_is_plain(padded);
    }
    for (; t.n - i >= 8; i += 8)
        if (!utf8_word_is_plain(t.p + i))
            return false;
    return utf8_word_is_plain(t.p + t.n - 8);           /* overlaps: the tail */
}

/* Well-formed, and no control characters (C0, DEL, C1): nothing that moves a
 * cursor, ends a line or hides what follows. A NUL is a control character. */
static inline bool utf8_is_printable(struct text t)
{
    uint32_t i = 0;

    if (utf8_is_plain(t))
        return true;
    while (i < t.n) {
        unsigned char c = (unsigned char)t.p[i];
        unsigned length = utf8_length(t.p + i, t.n - i);
        if (length == 0 || c < 0x20 || c == 0x7F || (c == 0xC2 && (unsigned char)t.p[i + 1] < 0xA0))
            return false;
        i += length;
    }
    return true;
}

#endif
