/* hash.h: the door to xxHash (fast, no secrets) and libsodium (BLAKE2b, random bytes). */
#ifndef CORE_HASH_H
#define CORE_HASH_H

#include "core/err.h"
#include "core/text.h"
#include <stddef.h>

enum { CHAIN_BYTES = 32 };

void hash_init(void);                                   /* once, at start */
/* XXH3-64. Fast and stable for ever; a clever sender can make two inputs collide,
 * so a hit on a reference is verified, and nothing is trusted because of it. */
uint64_t hash_bytes(const void *p, size_t n);
static inline uint64_t hash_text(struct text t) { return hash_bytes(t.p, t.n); }
/* CRC-32C (RFC 3720): tells what differs by accident, in a quarter of the time on an x86. Whoever wants to makes two inputs that have the
 * same, as with any 32 bits. */
uint32_t hash_check(const void *p, size_t n);
/* The digest of a stream after one more item: XXH3-64 seeded with the digest before. */
uint64_t hash_next(uint64_t digest, const void *p, size_t n);
/* XXH3-128 */
void hash_id(const void *p, size_t n, uint8_t ret[16]);

/* BLAKE2b-256, in parts. */
struct hash_chain { _Alignas(64) unsigned char state[384]; };
void hash_chain_init(struct hash_chain *h);
void hash_chain_add(struct hash_chain *h, const void *p, size_t n);
void hash_chain_end(struct hash_chain *h, uint8_t ret[CHAIN_BYTES]);

/* SHA-256 (FIPS 180-4), in parts: what a manifest says of its files. */
enum { SHA256_BYTES = 32 };
struct hash_sha256 { _Alignas(8) unsigned char state[128]; };
void hash_sha256_init(struct hash_sha256 *h);
void hash_sha256_add(struct hash_sha256 *h, const void *p, size_t n);
void hash_sha256_end(struct hash_sha256 *h, uint8_t ret[SHA256_BYTES]);
/* BLAKE2b-128 of p with a salt (RFC 7693's parameter, the second half of it zero): the digest of one item in the journal;
 * and of many items, each under its own salt, in a third of the time. */
enum { SALTED_BYTES = 16 };
void hash_salted(uint64_t salt, const void *p, size_t n, uint8_t ret[SALTED_BYTES]);
void hash_salted_each(const uint64_t *salt, const struct bytes *item, size_t count, uint8_t (*ret)[SALTED_BYTES]);

/* BLAKE2b-128 of p under a secret: the same for the same secret; without it neither guessed nor checked. */
enum { SECRET_BYTES = 32 };
void hash_keyed(const uint8_t secret[SECRET_BYTES], const void *p, size_t n, uint8_t ret[16]);

void hash_random(void *p, size_t n);
void hash_wipe(void *p, size_t n);                      /* overwritten for certain: for secrets */
/* The salts that a seed stands for, the same for ever: a stream of ChaCha20, so that some of them do not tell the others. */
enum { SEED_BYTES = 32 };
void hash_salts(const uint8_t seed[SEED_BYTES], uint64_t *ret, size_t count);
/* HMAC-SHA256 (RFC 2104) of three runs of bytes, one after the other. */
enum { HMAC_BYTES = 32 };
void hash_hmac(struct text key, struct text a, struct text b, struct text c, uint8_t ret[HMAC_BYTES]);
/* RFC 4648, with padding. encode: room for (n + 2) / 3 * 4 + 1 bytes. decode: E_MALFORMED, E_TOO_LARGE; ret_n bytes of cap. */
void hash_base64(const void *p, size_t n, char *ret);
enum err hash_base64_decode(struct text t, uint8_t *ret, size_t cap, size_t *ret_n) MUST_USE;
void hash_hex(const void *p, size_t n, char *ret);      /* 2n + 1 bytes */
/* Back: exactly 2n lower-case digits, else false and ret untouched. n at most 64. */
bool hash_from_hex(struct text hex, uint8_t *ret, size_t n);

#endif
