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

/* The top bits of what is, of what follows it (DEL) and of what lies a space below it (less than a space): none of them is
 * set if none of the bytes is a control character, DEL or beyond ASCII. The lowest odd byte always shows: nothing is carried into it. */
#define UTF8_ODD(w) (((w) | ((w) + UINT64_C(0x0101010101010101)) | ((w) - UINT64_C(0x2020202020202020))) & UINT64_C(0x8080808080808080))
typedef uint64_t utf8_pair __attribute__((vector_size(16)));

/* Is all of it plain ASCII, as most texts are? In pieces that overlap. */
static inline bool utf8_is_plain(struct text t)
{
    utf8_pair pair, odd = { 0 };
    uint64_t low = 0, high = 0;

    if (t.n > 16) {
        const char *last = t.p + t.n - 16;
        for (const char *p = t.p; p < last; p += 16) {
            memcpy(&pair, p, 16);
            odd |= UTF8_ODD(pair);
        }
        memcpy(&pair, last, 16);
        odd |= UTF8_ODD(pair);
        return !(odd[0] | odd[1]);
    }
    if (t.n >= 8) {
        memcpy(&low, t.p, 8);
        memcpy(&high, t.p + t.n - 8, 8);
        return !(UTF8_ODD(low) | UTF8_ODD(high));
    }
    if (t.n >= 4) {
        memcpy(&low, t.p, 4);
        memcpy(&high, t.p + t.n - 4, 4);
        return !UTF8_ODD(high << 32 | low);
    }
    for (uint32_t i = 0; i < t.n; i++)
        high |= UTF8_ODD(UINT64_C(0x2020202020202000) | (unsigned char)t.p[i]);
    return !high;
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
