#include "core/utf8.h"

#include <criterion/criterion.h>

/* Two texts that differ in one byte, wherever it is, and two that do not. */
Test(text, two_are_the_same_or_not_at_every_length)
{
    char a[40], b[40];

    memset(a, 'x', sizeof a);
    for (uint32_t n = 0; n <= sizeof a; n++) {
        memcpy(b, a, sizeof b);
        cr_assert(text_same((struct text){ a, n }, (struct text){ b, n }) && (!n || !text_same((struct text){ a, n }, (struct text){ b, n - 1 })));
        for (uint32_t i = 0; i < sizeof b; i++) {
            b[i] = 'y';
            cr_assert_eq(text_same((struct text){ a, n }, (struct text){ b, n }), i >= n, "%u bytes, byte %u", n, i);
            b[i] = 'x';
        }
    }
}

/* What utf8_is_printable says, a character at a time. */
static bool is_printable(struct text t)
{
    for (uint32_t i = 0; i < t.n;) {
        unsigned char c = (unsigned char)t.p[i];
        unsigned length = utf8_length(t.p + i, t.n - i);
        if (!length || c < ' ' || c == 0x7F || (c == 0xC2 && (unsigned char)t.p[i + 1] < 0xA0))
            return false;
        i += length;
    }
    return true;
}

/* Every byte, and every pair of neighbours that matters, at every place of texts of every length up to a few words. */
Test(text, is_printable_or_not_wherever_the_odd_byte_is)
{
    static const char odd[] = "\x00\x01\x1f\x20\x7e\x7f\x80\x9f\xa0\xbf\xc2\xc3\xe0\xff";
    char buf[72];

    for (uint32_t n = 0; n < 70; n++)
        for (uint32_t i = 0; i < n; i++) {
            memset(buf, 'x', sizeof buf);
            for (unsigned c = 0; c < 256; c++) {
                struct text t = { buf, n };
                buf[i] = (char)c;
                cr_assert_eq(utf8_is_plain(t), c >= ' ' && c < 0x7F, "%u of %u: %u", i, n, c);
                cr_assert_eq(utf8_is_printable(t), is_printable(t), "%u of %u: %u", i, n, c);
                for (size_t k = 0; k < sizeof odd; k++) {
                    buf[i + 1] = odd[k];
                    cr_assert_eq(utf8_is_printable(t), is_printable(t), "%u of %u: %u, %u", i, n, c, odd[k]);
                }
                buf[i + 1] = 'x';
            }
        }
}

/* A block at a time says the same, whatever lies behind the text; and of several texts, whether any of them is odd. */
Test(text, is_plain_or_not_by_the_block)
{
    char buf[2 * UTF8_BLOCK];

    for (uint32_t n = 0; n <= UTF8_BLOCK; n++)
        for (uint32_t i = 0; i < sizeof buf - UTF8_BLOCK; i++)
            for (unsigned c = 0; c < 256; c++) {
                utf8_block odd = { 0 };
                struct text t = { buf, n };
                memset(buf, 'x', sizeof buf);
                buf[i] = (char)c;
                utf8_gather(t, &odd);
                cr_assert_eq(utf8_is_none(&odd), utf8_is_plain(t), "%u of %u: %u", i, n, c);
                utf8_gather(TEXT("plain, and as long as a block is"), &odd);
                cr_assert_eq(utf8_is_none(&odd), utf8_is_plain(t), "%u of %u: %u", i, n, c);
            }
}
