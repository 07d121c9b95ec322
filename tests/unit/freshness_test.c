#include "processors/freshness.h"

#include <criterion/criterion.h>
#include <stdio.h>

static struct instant at(int64_t s) { return (struct instant){ s }; }

Test(freshness, without_a_declaration_the_frontier_is_nothing)
{
    static struct freshness f;

    freshness_tick(&f, at(1000));
    cr_assert(freshness_seen(&f, TEXT("connect")) == E_OK);
    cr_assert(!instant_is_set(freshness_frontier(&f)));
}

Test(freshness, the_frontier_is_the_least_of_the_tick_and_of_every_declaration)
{
    static struct freshness f;

    freshness_tick(&f, at(1000));
    cr_assert(freshness_complete(&f, TEXT("connect"), at(900)) == E_OK);
    cr_assert(freshness_frontier(&f).s == 900);
    cr_assert(freshness_complete(&f, TEXT("witness care"), at(800)) == E_OK);
    cr_assert(freshness_frontier(&f).s == 800);
    cr_assert(freshness_complete(&f, TEXT("witness care"), at(5000)) == E_OK && freshness_complete(&f, TEXT("connect"), at(5000)) == E_OK);
    cr_assert(freshness_frontier(&f).s == 1000);
}

Test(freshness, neither_time_nor_completeness_goes_back)
{
    static struct freshness f;

    freshness_tick(&f, at(1000));
    freshness_tick(&f, at(10));
    cr_assert(f.tick.s == 1000);
    cr_assert(freshness_complete(&f, TEXT("a"), at(900)) == E_OK && freshness_complete(&f, TEXT("a"), at(1)) == E_OK);
    cr_assert(freshness_frontier(&f).s == 900);
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
