#include "core/seal.h"

#include <sodium.h>

enum { NONCE_BYTES = 24, TAG_BYTES = 16 };
_Static_assert(NONCE_BYTES == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES && TAG_BYTES == crypto_aead_xchacha20poly1305_ietf_ABYTES &&
               SEAL_KEY_BYTES == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "as libsodium has it");

void seal_key(uint8_t ret[SEAL_KEY_BYTES]) { randombytes_buf(ret, SEAL_KEY_BYTES); }

void seal(const uint8_t key[SEAL_KEY_BYTES], struct bytes plain, uint8_t *ret)
{
    randombytes_buf(ret, NONCE_BYTES);
    crypto_aead_xchacha20poly1305_ietf_encrypt(ret + NONCE_BYTES, NULL, plain.p, plain.n, NULL, 0, NULL, ret, key);
}

enum err seal_open(const uint8_t key[SEAL_KEY_BYTES], struct bytes sealed, uint8_t *ret, size_t *ret_n)
{
    unsigned long long n;

    if (sealed.n < SEAL_EXTRA_BYTES || crypto_aead_xchacha20poly1305_ietf_decrypt(ret, &n, NULL, sealed.p + NONCE_BYTES, sealed.n - NONCE_BYTES,
                                                                                  NULL, 0, sealed.p, key))
        return E_CORRUPT;
    *ret_n = (size_t)n;
    return E_OK;
}
