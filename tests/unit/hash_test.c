/* FIPS 180-4 and the NIST examples say what SHA-256 of a text is; a manifest is believed by it. */
#include "core/hash.h"

#include <criterion/criterion.h>
#include <string.h>

static void hex_of(const char *text, size_t piece, char ret[2 * SHA256_BYTES + 1])
{
    struct hash_sha256 h;
    uint8_t digest[SHA256_BYTES];
    size_t n = strlen(text);

    hash_sha256_init(&h);
    for (size_t at = 0; at < n; at += piece)
        hash_sha256_add(&h, text + at, n - at < piece ? n - at : piece);
    hash_sha256_end(&h, digest);
    hash_hex(digest, sizeof digest, ret);
}

Test(hash, sha256_gives_the_published_digests_in_any_pieces)
{
    static const struct { const char *text, *digest; } examples[] = {
        { "",    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
        { "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
        { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                 "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
    };
    char hex[2 * SHA256_BYTES + 1];

    hash_init();
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++)
        for (size_t piece = 1; piece < 70; piece += 17) {
            hex_of(examples[i].text, piece, hex);
            cr_assert(!strcmp(hex, examples[i].digest), "%s in pieces of %zu: %s", examples[i].text, piece, hex);
        }
}
