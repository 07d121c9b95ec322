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

/* A block of a text at once, as long as most texts are at most. Of each byte all bits that show it to be a control character, DEL or
 * beyond ASCII: one more than it is is then less than '!', as a signed number. The compiler makes of it what vectors the machine has. */
enum { UTF8_BLOCK = 32 };
typedef uint8_t utf8_block __attribute__((vector_size(UTF8_BLOCK)));
typedef int8_t utf8_signed __attribute__((vector_size(UTF8_BLOCK)));
typedef uint64_t utf8_words __attribute__((vector_size(UTF8_BLOCK)));
#define UTF8_INLINE static inline __attribute__((always_inline))     /* a block stays in its register */

/* Adds what is odd of a text of at most a block to *odd. A whole block may be read there: with what the bytes beyond the text are
 * compared, nothing is less. (Constants in memory: the compiler would make them anew for each text.) */
UTF8_INLINE void utf8_gather(struct text t, utf8_block *odd)
{
#define R8(x) x, x, x, x, x, x, x, x
#define R32(x) R8(x), R8(x), R8(x), R8(x)
    static const int8_t ones[2 * UTF8_BLOCK] = { R32(1), R32(1) }, least[2 * UTF8_BLOCK] = { R32('!'), R32(INT8_MIN) };
    utf8_block block, one;
    utf8_signed than;

    memcpy(&block, t.p, sizeof block);
    memcpy(&one, ones + UTF8_BLOCK - t.n, sizeof one);
    memcpy(&than, least + UTF8_BLOCK - t.n, sizeof than);
    *odd |= (utf8_block)((utf8_signed)(block + one) < than);
#undef R32
#undef R8
}

UTF8_INLINE bool utf8_is_none(const utf8_block *odd)
{
    const utf8_words w = (utf8_words)*odd;

    return (w[0] | w[1] | w[2] | w[3]) == 0;
}

/* The top bits of what is, of what follows it (DEL) and of what lies a space below it (less than a space): none of them is
 * set if none of the bytes is a control character, DEL or beyond ASCII. The lowest odd byte always shows: nothing is carried into it. */
#define UTF8_ODD(w) (((w) | ((w) + UINT64_C(0x0101010101010101)) | ((w) - UINT64_C(0x2020202020202020))) & UINT64_C(0x8080808080808080))

/* Is all of it plain ASCII, as most texts are? In pieces that overlap. */
static inline bool utf8_is_plain(struct text t)
{
    utf8_block block, odd_blocks = { 0 };
    uint64_t word, odd = 0;

    if (t.n >= UTF8_BLOCK) {
        const char *last = t.p + t.n - UTF8_BLOCK;
        for (const char *p = t.p; p < last; p += UTF8_BLOCK) {
            memcpy(&block, p, sizeof block);
            odd_blocks |= (utf8_block)((utf8_signed)(block + 1) < '!');
        }
        memcpy(&block, last, sizeof block);
        odd_blocks |= (utf8_block)((utf8_signed)(block + 1) < '!');
        return utf8_is_none(&odd_blocks);
    }
    if (t.n >= 8) {
        for (uint32_t i = 0; i + 8 < t.n; i += 8) {
            memcpy(&word, t.p + i, 8);
            odd |= UTF8_ODD(word);
        }
        memcpy(&word, t.p + t.n - 8, 8);
        return !(odd | UTF8_ODD(word));
    }
    for (uint32_t i = 0; i < t.n; i++)
        odd |= UTF8_ODD(UINT64_C(0x2020202020202000) | (unsigned char)t.p[i]);
    return !odd;
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
