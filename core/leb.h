/* leb.h: whole numbers as LEB128, seven bits a byte; and a difference as a number that is small when it is. */
#ifndef CORE_LEB_H
#define CORE_LEB_H

#include <stddef.h>
#include <stdint.h>

enum { LEB_BYTES_MAX = 10 };

/* Returns where the next goes. */
static inline uint8_t *leb_put(uint8_t *p, uint64_t v)
{
    for (; v > 127; v >>= 7)
        *p++ = (uint8_t)(v | 128);
    *p++ = (uint8_t)v;
    return p;
}

/* Returns where the next begins; NULL: it does not end before `end`, or p was NULL. */
static inline const uint8_t *leb_get(const uint8_t *p, const uint8_t *end, uint64_t *ret)
{
    uint64_t v = 0;

    for (unsigned shift = 0; p && p < end && shift < 64; shift += 7) {
        uint8_t byte = *p++;
        v |= (uint64_t)(byte & 127) << shift;
        if (byte < 128)
            return *ret = v, p;
    }
    return NULL;
}

/* Zigzag: 0, -1, 1, -2 ... as 0, 1, 2, 3 ... */
static inline uint64_t leb_fold_sign(uint64_t d) { return d << 1 ^ (uint64_t)-(int64_t)(d >> 63); }
static inline uint64_t leb_unfold_sign(uint64_t z) { return z >> 1 ^ (uint64_t)-(int64_t)(z & 1); }

#endif
