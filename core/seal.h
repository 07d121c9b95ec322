/* seal.h: bytes under a key of their own (XChaCha20-Poly1305, by libsodium): destroy the key, and they are gone wherever they are. */
#ifndef CORE_SEAL_H
#define CORE_SEAL_H

#include "core/wire.h"          /* struct bytes */

enum { SEAL_KEY_BYTES = 32, SEAL_EXTRA_BYTES = 24 + 16 };       /* a fresh nonce before, a tag after */

void seal_key(uint8_t ret[SEAL_KEY_BYTES]);                     /* a new one, from the system's randomness */
/* ret has room for plain.n + SEAL_EXTRA_BYTES. */
void seal(const uint8_t key[SEAL_KEY_BYTES], struct bytes plain, uint8_t *ret);
/* ret has room for sealed.n - SEAL_EXTRA_BYTES. E_CORRUPT: another key, or other bytes. */
enum err seal_open(const uint8_t key[SEAL_KEY_BYTES], struct bytes sealed, uint8_t *ret, size_t *ret_n) MUST_USE;

#endif
