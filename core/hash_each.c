/* hash_each.c: the salted digests of a batch: BLAKE2b (RFC 7693) of four items at a time, each in its lane of a vector.
 * One BLAKE2b cannot go faster than its chain of additions; four that have nothing to do with each other fill the gaps. The
 * digests are those of hash_salted, by which they are checked. */
#include "core/hash.h"

#include <string.h>

enum { LANES = 4, BLOCK_BYTES = 128, WORDS = BLOCK_BYTES / 8, ROUNDS = 12 };
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "words are loaded as they stand");

typedef uint64_t lanes __attribute__((vector_size(8 * LANES)));

static const uint64_t iv[8] = {
    0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
    0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
};

static const uint8_t sigma[10][WORDS] = {
    {  0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14, 15 },
    { 14, 10,  4,  8,  9, 15, 13,  6,  1, 12,  0,  2, 11,  7,  5,  3 },
    { 11,  8, 12,  0,  5,  2, 15, 13, 10, 14,  3,  6,  7,  1,  9,  4 },
    {  7,  9,  3,  1, 13, 12, 11, 14,  2,  6,  5, 10,  4,  0, 15,  8 },
    {  9,  0,  5,  7,  2,  4, 10, 15, 14,  1, 11, 12,  6,  8,  3, 13 },
    {  2, 12,  6, 10,  0, 11,  8,  3,  4, 13,  7,  5, 15, 14,  1,  9 },
    { 12,  5,  1, 15, 14, 13,  4, 10,  0,  7,  6,  3,  9,  2,  8, 11 },
    { 13, 11,  7, 14, 12,  1,  3,  9,  5,  0, 15,  4,  8,  6,  2, 10 },
    {  6, 15, 14,  9, 11,  3,  0,  8, 12,  2, 13,  7,  1,  4, 10,  5 },
    { 10,  2,  8,  4,  7,  6,  1,  5, 15, 11,  9, 14,  3, 12, 13,  0 },
};

#define TURN(x, n) ((x) >> (n) | (x) << (64 - (n)))
#ifdef __AVX2__                         /* turned by whole bytes a word is shuffled: one step instead of three */
typedef uint8_t lane_bytes __attribute__((vector_size(8 * LANES)));
#define WORD(at, n) (at) + (n) % 8, (at) + (1 + (n)) % 8, (at) + (2 + (n)) % 8, (at) + (3 + (n)) % 8, \
                    (at) + (4 + (n)) % 8, (at) + (5 + (n)) % 8, (at) + (6 + (n)) % 8, (at) + (7 + (n)) % 8
#define TURN_BYTES(x, n) ((lanes)__builtin_shufflevector((lane_bytes)(x), (lane_bytes)(x), WORD(0, n), WORD(8, n), WORD(16, n), WORD(24, n)))
#else
#define TURN_BYTES(x, n) TURN(x, 8 * (n))
#endif
#define MIX(a, b, c, d, x, y) \
    a += b + (x); d ^= a; d = TURN_BYTES(d, 4); c += d; b ^= c; b = TURN_BYTES(b, 3); \
    a += b + (y); d ^= a; d = TURN_BYTES(d, 2); c += d; b ^= c; b = TURN(b, 63)

/* The function F of the RFC in every lane: t bytes so far, last: all ones in the final block. */
static void compress(lanes h[8], const lanes m[WORDS], const lanes *t, const lanes *last)
{
    const lanes none = { 0 };
    lanes v[16];

    for (int i = 0; i < 8; i++) {
        v[i] = h[i];
        v[i + 8] = none + iv[i];
    }
    v[12] ^= *t;
    v[14] ^= *last;
    for (int r = 0; r < ROUNDS; r++) {
        const uint8_t *s = sigma[r % 10];
        MIX(v[0], v[4], v[8], v[12], m[s[0]], m[s[1]]);
        MIX(v[1], v[5], v[9], v[13], m[s[2]], m[s[3]]);
        MIX(v[2], v[6], v[10], v[14], m[s[4]], m[s[5]]);
        MIX(v[3], v[7], v[11], v[15], m[s[6]], m[s[7]]);
        MIX(v[0], v[5], v[10], v[15], m[s[8]], m[s[9]]);
        MIX(v[1], v[6], v[11], v[12], m[s[10]], m[s[11]]);
        MIX(v[2], v[7], v[8], v[13], m[s[12]], m[s[13]]);
        MIX(v[3], v[4], v[9], v[14], m[s[14]], m[s[15]]);
    }
    for (int i = 0; i < 8; i++)
        h[i] ^= v[i] ^ v[i + 8];
}

/* Block b of an item, or where it is the last and not whole, a copy filled up with zeros. */
static const uint8_t *block_of(struct bytes item, size_t b, uint8_t copy[BLOCK_BYTES])
{
    size_t at = b * BLOCK_BYTES;

    if (item.n >= at + BLOCK_BYTES)
        return item.p + at;
    memset(copy, 0, BLOCK_BYTES);
    if (item.n > at)
        memcpy(copy, item.p + at, item.n - at);
    return copy;
}

static uint64_t word_at(const uint8_t *block, int w)
{
    uint64_t word;

    memcpy(&word, block + 8 * w, sizeof word);
    return word;
}

/* Lanes whose item has ended go on with zeros; what they give is not taken. */
static void hash_four(const uint64_t salt[LANES], const struct bytes item[LANES], uint8_t ret[LANES][SALTED_BYTES])
{
    uint8_t copy[LANES][BLOCK_BYTES];
    size_t blocks[LANES], most = 0;
    lanes h[8] = { 0 }, m[WORDS], t = { 0 }, last = { 0 };

    for (int i = 0; i < 8; i++)
        h[i] += iv[i];
    h[0] ^= (uint64_t)(SALTED_BYTES | 1 << 16 | 1 << 24);   /* the parameter block: length, no key, fanout 1, depth 1 */
    for (int l = 0; l < LANES; l++) {
        h[4][l] ^= salt[l];
        blocks[l] = item[l].n ? (item[l].n + BLOCK_BYTES - 1) / BLOCK_BYTES : 1;
        most = blocks[l] > most ? blocks[l] : most;
    }
    for (size_t b = 0; b < most; b++) {
        const uint8_t *p[LANES];
        for (int l = 0; l < LANES; l++) {
            p[l] = block_of(item[l], b, copy[l]);
            last[l] = b + 1 == blocks[l] ? UINT64_MAX : 0;
            t[l] = b + 1 < blocks[l] ? (b + 1) * BLOCK_BYTES : item[l].n;
        }
        for (int w = 0; w < WORDS; w++)
            m[w] = (lanes){ word_at(p[0], w), word_at(p[1], w), word_at(p[2], w), word_at(p[3], w) };
        compress(h, m, &t, &last);
        for (int l = 0; l < LANES; l++)
            if (last[l]) {
                uint64_t half[2] = { h[0][l], h[1][l] };
                memcpy(ret[l], half, SALTED_BYTES);
            }
    }
}

void hash_salted_each(const uint64_t *salt, const struct bytes *item, size_t count, uint8_t (*ret)[SALTED_BYTES])
{
    size_t i = 0;

    for (; i + LANES <= count; i += LANES)
        hash_four(salt + i, item + i, ret + i);
    for (; i < count; i++)
        hash_salted(salt[i], item[i].p, item[i].n, ret[i]);
}
