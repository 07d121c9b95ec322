#include "core/text.h"

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
