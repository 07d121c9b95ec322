/* What is stored hangs on these: they give what others published, and what they gave before. */
#include "core/hash.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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

/* FIPS 180-4 and the NIST examples say what SHA-256 of a text is; a manifest is believed by it. */
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

/* As libxxhash 0.8 gives them, a row for each way it goes by length: facts, the journal and notices were stored under them. */
Test(hash, xxh3_gives_what_the_library_gives)
{
    static const struct { size_t n; uint64_t plain, seeded; } examples[] = {
        { 0, UINT64_C(0x2d06800538d394c2), UINT64_C(0xb0f5696ac9cb4cc2) },
        { 3, UINT64_C(0xa9088dda485b481c), UINT64_C(0xc469f7a3e7528d1c) },
        { 8, UINT64_C(0x60539db630471163), UINT64_C(0xd7512f2ed1773bfb) },
        { 16, UINT64_C(0xb8c859b0f030b585), UINT64_C(0xcd05278cc4c93637) },
        { 17, UINT64_C(0x714a04408e79b80f), UINT64_C(0x0c78d84cb95f5eb7) },
        { 128, UINT64_C(0x67425a03650261bf), UINT64_C(0x33cc414f5b039218) },
        { 129, UINT64_C(0xc664bf3311c6abc4), UINT64_C(0x143abc6ee9ee527f) },
        { 240, UINT64_C(0x64556dc6b462a6cf), UINT64_C(0x4c94ce9c718401f4) },
        { 241, UINT64_C(0x8beadd3a8874fe17), UINT64_C(0x82914ae89ba679a9) },
        { 1024, UINT64_C(0x9b81661c641c72b1), UINT64_C(0x4a7304a3ead3a6c6) },
        { 2000, UINT64_C(0x71f8268c6d856c4a), UINT64_C(0x04d10213c689aec8) },
    };
    uint8_t bytes[2000], id[16];
    char hex[2 * sizeof id + 1];

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 7 + 3);
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        cr_assert_eq(hash_bytes(bytes, examples[i].n), examples[i].plain, "%zu bytes", examples[i].n);
        cr_assert_eq(hash_next(20250414, bytes, examples[i].n), examples[i].seeded, "%zu bytes", examples[i].n);
    }
    hash_id(bytes, 100, id);
    hash_hex(id, sizeof id, hex);
    cr_assert(!strcmp(hex, "2207ed96998d91f20cc97f05750182b2"), "%s", hex);
}

/* RFC 3720, B.4, and the check value of every list of CRCs; then a bit at a time, at every length: whichever way it is built. */
Test(hash, a_check_is_the_published_crc)
{
    static const uint8_t zeros[32];
    uint8_t bytes[300], ones[32], up[32];

    memset(ones, 0xFF, sizeof ones);
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * i + 3);
    for (size_t i = 0; i < sizeof up; i++)
        up[i] = (uint8_t)i;
    cr_assert_eq(hash_check(zeros, sizeof zeros), 0x8A9136AA);
    cr_assert_eq(hash_check(ones, sizeof ones), 0x62A8AB43);
    cr_assert_eq(hash_check(up, sizeof up), 0x46DD794E);
    cr_assert_eq(hash_check("123456789", 9), 0xE3069283);
    for (size_t n = 0; n <= sizeof bytes; n++) {
        uint32_t crc = UINT32_MAX;
        for (size_t bit = 0; bit < 8 * n; bit++)
            crc = crc >> 1 ^ ((crc ^ bytes[bit / 8] >> bit % 8) & 1 ? 0x82F63B78 : 0);
        cr_assert_eq(hash_check(bytes, n), ~crc, "%zu bytes", n);
    }
}

/* Whichever lane an item is in, however long its neighbours are. */
Test(hash, items_of_a_batch_have_the_digests_they_have_alone)
{
    enum { ITEMS = 37, BYTES = 700 };
    static uint8_t bytes[2 * BYTES];
    unsigned seed = (unsigned)time(NULL);
    struct bytes item[ITEMS];
    uint64_t salt[ITEMS];
    uint8_t each[ITEMS][SALTED_BYTES], one[SALTED_BYTES];

    hash_init();
    srand(seed);
    hash_random(bytes, sizeof bytes);
    for (int round = 0; round < 2000; round++) {
        size_t count = 1 + (size_t)rand() % ITEMS;
        hash_random(salt, sizeof salt);
        for (size_t i = 0; i < count; i++)      /* many of them whole blocks, or a byte more or less */
            item[i] = (struct bytes){ bytes + rand() % BYTES, rand() % 2 ? (size_t)rand() % BYTES : (size_t)(128 * (rand() % 5) + rand() % 3) };
        hash_salted_each(salt, item, count, each);
        for (size_t i = 0; i < count; i++) {
            hash_salted(salt[i], item[i].p, item[i].n, one);
            cr_assert_arr_eq(each[i], one, SALTED_BYTES, "seed %u: %zu of %zu, %zu bytes", seed, i, count, item[i].n);
        }
    }
}
