#include "core/hash.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>
#define XXH_INLINE_ALL                      /* the whole of it is in the header: most of what is hashed is shorter than a call */
#include <xxhash.h>
#ifdef __SSE4_2__
#include <nmmintrin.h>
#endif

void hash_init(void)
{
    int rc = sodium_init();

    assert(rc >= 0);
}

uint64_t hash_bytes(const void *p, size_t n) { return XXH3_64bits(p, n); }
uint64_t hash_next(uint64_t digest, const void *p, size_t n) { return XXH3_64bits_withSeed(p, n, digest); }

#ifdef __SSE4_2__
static uint32_t check_few(const uint8_t *p, size_t n)
{
    uint32_t crc = UINT32_MAX;

    for (; n; p++, n--)
        crc = _mm_crc32_u8(crc, *p);
    return ~crc;
}

/* A CRC that begins with zero takes no notice of zeros in front. So the bytes that make no whole word come first, at the upper end of
 * one, and what a CRC-32C begins with goes over the first four bytes of all, in the first word or the second. */
uint32_t hash_check(const void *p, size_t n)
{
    const uint8_t *at = p, *end = at + n;
    const unsigned first = n % 8 ? n % 8 : 8;
    uint64_t crc, word, four[4];

    if (n < 2 * sizeof word)
        return check_few(p, n);
    memcpy(&word, at, sizeof word);
    crc = _mm_crc32_u64(0, (word ^ UINT32_MAX) << (64 - 8 * first));
    at += first;
    memcpy(&word, at, sizeof word);
    crc = _mm_crc32_u64(crc, word ^ (uint64_t)UINT32_MAX >> 4 * first >> 4 * first);
    for (at += sizeof word; (size_t)(end - at) >= sizeof four; at += sizeof four) {
        memcpy(four, at, sizeof four);
        crc = _mm_crc32_u64(_mm_crc32_u64(_mm_crc32_u64(_mm_crc32_u64(crc, four[0]), four[1]), four[2]), four[3]);
    }
    for (; at < end; at += sizeof word) {
        memcpy(&word, at, sizeof word);
        crc = _mm_crc32_u64(crc, word);
    }
    return ~(uint32_t)crc;
}
#else
/* What a byte adds is what each of its bits adds. */
#define BIT(i, bit, adds) ((i) & (bit) ? UINT32_C(adds) : 0)
#define BYTE(i) BIT(i, 1, 0xf26b8303) ^ BIT(i, 2, 0xe13b70f7) ^ BIT(i, 4, 0xc79a971f) ^ BIT(i, 8, 0x8ad958cf) ^ \
                BIT(i, 16, 0x105ec76f) ^ BIT(i, 32, 0x20bd8ede) ^ BIT(i, 64, 0x417b1dbc) ^ BIT(i, 128, 0x82f63b78)
#define BYTES_4(i) BYTE(i), BYTE((i) + 1), BYTE((i) + 2), BYTE((i) + 3)
#define BYTES_16(i) BYTES_4(i), BYTES_4((i) + 4), BYTES_4((i) + 8), BYTES_4((i) + 12)
#define BYTES_64(i) BYTES_16(i), BYTES_16((i) + 16), BYTES_16((i) + 32), BYTES_16((i) + 48)

uint32_t hash_check(const void *p, size_t n)
{
    static const uint32_t adds[256] = { BYTES_64(0), BYTES_64(64), BYTES_64(128), BYTES_64(192) };
    const uint8_t *at = p;
    uint32_t crc = UINT32_MAX;

    for (; n; at++, n--)
        crc = crc >> 8 ^ adds[(crc ^ *at) & 255];
    return ~crc;
}
#endif

void hash_id(const void *p, size_t n, uint8_t ret[16])
{
    XXH128_canonical_t c;

    XXH128_canonicalFromHash(&c, XXH3_128bits(p, n));
    memcpy(ret, c.digest, 16);
}

_Static_assert(sizeof(crypto_generichash_state) <= sizeof((struct hash_chain *)0)->state, "the state fits");

static crypto_generichash_state *state_of(struct hash_chain *h) { return (crypto_generichash_state *)(void *)h->state; }

void hash_chain_init(struct hash_chain *h) { crypto_generichash_init(state_of(h), NULL, 0, CHAIN_BYTES); }
void hash_chain_add(struct hash_chain *h, const void *p, size_t n) { crypto_generichash_update(state_of(h), p, n); }
void hash_chain_end(struct hash_chain *h, uint8_t ret[CHAIN_BYTES]) { crypto_generichash_final(state_of(h), ret, CHAIN_BYTES); }

_Static_assert(sizeof(crypto_hash_sha256_state) <= sizeof((struct hash_sha256 *)0)->state, "the state fits");
_Static_assert(SHA256_BYTES == crypto_hash_sha256_BYTES, "as libsodium has it");

static crypto_hash_sha256_state *sha256_of(struct hash_sha256 *h) { return (crypto_hash_sha256_state *)(void *)h->state; }

void hash_sha256_init(struct hash_sha256 *h) { crypto_hash_sha256_init(sha256_of(h)); }
void hash_sha256_add(struct hash_sha256 *h, const void *p, size_t n) { crypto_hash_sha256_update(sha256_of(h), p, n); }
void hash_sha256_end(struct hash_sha256 *h, uint8_t ret[SHA256_BYTES]) { crypto_hash_sha256_final(sha256_of(h), ret); }

void hash_salted(uint64_t salt, const void *p, size_t n, uint8_t ret[SALTED_BYTES])
{
    unsigned char both[crypto_generichash_blake2b_SALTBYTES] = { 0 };

    memcpy(both, &salt, sizeof salt);
    crypto_generichash_blake2b_salt_personal(ret, SALTED_BYTES, p, n, NULL, 0, both, NULL);
}

void hash_keyed(const uint8_t secret[SECRET_BYTES], const void *p, size_t n, uint8_t ret[16])
{
    crypto_generichash(ret, 16, p, n, secret, SECRET_BYTES);
}

void hash_random(void *p, size_t n) { randombytes_buf(p, n); }
void hash_wipe(void *p, size_t n) { sodium_memzero(p, n); }

_Static_assert(SEED_BYTES == randombytes_SEEDBYTES, "as libsodium has it");

void hash_salts(const uint8_t seed[SEED_BYTES], uint64_t *ret, size_t count)
{
    randombytes_buf_deterministic(ret, count * sizeof *ret, seed);
}

void hash_hmac(struct text key, struct text a, struct text b, struct text c, uint8_t ret[HMAC_BYTES])
{
    crypto_auth_hmacsha256_state h;
    struct text part[] = { a, b, c };

    crypto_auth_hmacsha256_init(&h, (const unsigned char *)key.p, key.n);
    for (int i = 0; i < 3; i++)
        crypto_auth_hmacsha256_update(&h, (const unsigned char *)part[i].p, part[i].n);
    crypto_auth_hmacsha256_final(&h, ret);
    sodium_memzero(&h, sizeof h);
}

void hash_base64(const void *p, size_t n, char *ret)
{
    sodium_bin2base64(ret, sodium_base64_encoded_len(n, sodium_base64_VARIANT_ORIGINAL), p, n, sodium_base64_VARIANT_ORIGINAL);
}

enum err hash_base64_decode(struct text t, uint8_t *ret, size_t cap, size_t *ret_n)
{
    if (t.n / 4 * 3 > cap + 2)
        return E_TOO_LARGE;
    return sodium_base642bin(ret, cap, t.p, t.n, NULL, ret_n, NULL, sodium_base64_VARIANT_ORIGINAL) ? E_MALFORMED : E_OK;
}

void hash_hex(const void *p, size_t n, char *ret) { sodium_bin2hex(ret, 2 * n + 1, p, n); }

bool hash_from_hex(struct text hex, uint8_t *ret, size_t n)
{
    uint8_t buf[64];

    assert(n <= sizeof buf);
    if (hex.n != 2 * n)
        return false;
    for (size_t i = 0; i < hex.n; i++) {
        char c = hex.p[i];
        int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        if (digit < 0)
            return false;
        buf[i / 2] = (uint8_t)(i % 2 ? buf[i / 2] << 4 | digit : digit);
    }
    memcpy(ret, buf, n);
    return true;
}
