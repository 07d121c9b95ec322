#include "processors/freshness.h"

#include <criterion/criterion.h>
#include <stdio.h>

static struct instant at(int64_t s) { return (struct instant){ s }; }

Test(freshness, without_a_declaration_the_frontier_is_nothing)
{
    static struct freshness f;

    freshness_tick(&f, at(1000));
    cr_assert(freshness_seen(&f, TEXT("connect")) == E_OK);
    cr_assert(!instant_is_set(freshness_frontier(&f, NULL, 0, 0)));
}

Test(freshness, the_frontier_is_the_least_of_the_tick_and_of_every_declaration)
{
    static struct freshness f;

    freshness_tick(&f, at(1000));
    cr_assert(freshness_complete(&f, TEXT("connect"), at(900)) == E_OK);
    cr_assert(freshness_frontier(&f, NULL, 0, 0).s == 900);
    cr_assert(freshness_complete(&f, TEXT("witness care"), at(800)) == E_OK);
    cr_assert(freshness_frontier(&f, NULL, 0, 0).s == 800);
    cr_assert(freshness_complete(&f, TEXT("witness care"), at(5000)) == E_OK && freshness_complete(&f, TEXT("connect"), at(5000)) == E_OK);
    cr_assert(freshness_frontier(&f, NULL, 0, 0).s == 1000);
}

Test(freshness, neither_time_nor_completeness_goes_back)
{
    static struct freshness f;

    freshness_tick(&f, at(1000));
    freshness_tick(&f, at(10));
    cr_assert(f.tick.s == 1000);
    cr_assert(freshness_complete(&f, TEXT("a"), at(900)) == E_OK && freshness_complete(&f, TEXT("a"), at(1)) == E_OK);
    cr_assert(freshness_frontier(&f, NULL, 0, 0).s == 900);
}

Test(freshness, more_sources_than_the_limit_are_refused)
{
    static struct freshness f;
    char name[32];

    for (int i = 0; i < SOURCES_MAX; i++) {
        snprintf(name, sizeof name, "source %d", i);
        cr_assert(freshness_seen(&f, text_of(name)) == E_OK);
    }
    cr_assert(freshness_seen(&f, TEXT("one more")) == E_FULL);
    cr_assert(freshness_seen(&f, TEXT("source 3")) == E_OK && f.source[3].events == 2);
}

/* The rule book names two sources; the second has said nothing yet. */
Test(freshness, waits_for_every_source_that_is_expected)
{
    static const char *const expected[] = { "connect", "wcu" };
    struct freshness f = { 0 };

    freshness_tick(&f, (struct instant){ 1000 });
    cr_assert(freshness_complete(&f, TEXT("connect"), (struct instant){ 900 }) == E_OK);
    cr_assert(!instant_is_set(freshness_frontier(&f, expected, 2, 3)));
    cr_assert(freshness_complete(&f, TEXT("wcu"), (struct instant){ 700 }) == E_OK);
    cr_assert(freshness_frontier(&f, expected, 2, 3).s == 700);
    cr_assert(freshness_frontier(&f, expected, 2, 1).s == 900, "what the first alone can say waits for the first alone");
}
