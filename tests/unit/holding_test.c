/* What the compliance sink keeps: every version, as known at any instant, until it is erased. */
#include "core/hash.h"
#include "sinks/opcc/holding.h"
#include "tests/kit/program.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

enum { MARCH_1 = 1772323200, DAY_S = 86400 };

static char *dir;
static struct wire *wire;
static struct holding *h;
static uint8_t buf[ROW_BYTES_MAX];
static struct sink_cursor at;

static void begin(void)
{
    struct why why = { "" };

    hash_init();
    dir = folder_make();
    cr_assert(!wire_open(&wire) && !holding_open(dir, false, &h, &why), "%s", why.text);
}

static void end(void)
{
    holding_close(&h);
    wire_close(&wire);
    folder_remove(&dir);
}

static void reopen(void)
{
    struct why why = { "" };

    holding_close(&h);                      /* what was not committed is gone, as after a kill */
    cr_assert(!holding_open(dir, false, &h, &why), "%s", why.text);
}

static enum err take(const struct compliance_row *row)
{
    struct bytes item;
    size_t used = 0, from = 0;

    cr_assert(!wire_compliance_append(wire, row, buf, sizeof buf, &used) && !wire_next(buf, used, &from, &item));
    return holding_take(h, item);
}

static struct compliance_row journey(int id, int day, const char *team)
{
    struct compliance_row row = { .what = ROW_JOURNEY };

    row.journey = (struct journey_row){ .known_at = { MARCH_1 + day * DAY_S }, .record = (uint64_t)day + 10, .law = 1, .reported = { 20500 }, .recorded = DAY_NONE,
                                        .ended = DAY_NONE, .concluded = DAY_NONE, .outcome_on = DAY_NONE, .team = text_of(team) };
    memset(row.journey.id, id, KEYED_BYTES);
    return row;
}

static void take_journey(int id, int day, const char *team)
{
    struct compliance_row row = journey(id, day, team);

    cr_assert(!take(&row));
}

static void take_erased(int id)
{
    struct compliance_row row = { .what = ROW_ERASED };

    memset(row.erased.id, id, KEYED_BYTES);
    cr_assert(!take(&row));
}

static void commit(void) { at.number++; cr_assert(!holding_commit(h, &at)); }

struct seen { unsigned count; char team[64]; };

static enum err see(void *ctx, struct bytes bytes, struct instant when, uint64_t record)
{
    struct seen *s = ctx;
    struct compliance_row row;

    (void)when, (void)record;
    cr_assert(!wire_compliance_decode(wire, bytes.p, bytes.n, &row) && row.what == ROW_JOURNEY);
    s->count++;
    snprintf(s->team, sizeof s->team, "%.*s", TEXT_ARG(row.journey.team));
    return E_OK;
}

static struct seen seen_at(int day)
{
    struct seen s = { 0, "" };

    cr_assert(!holding_begin(h));
    cr_assert(!holding_each(h, ROW_JOURNEY, day < 0 ? INSTANT_NONE : (struct instant){ MARCH_1 + day * DAY_S }, see, &s));
    holding_end(h);
    return s;
}

static uint64_t versions(void)
{
    struct holding_counts n;

    cr_assert(!holding_counts(h, &n));
    return n.versions;
}

Test(holding, gives_what_was_known_on_a_day, .init = begin, .fini = end)
{
    take_journey(1, 1, "first"), take_journey(1, 3, "third"), take_journey(1, 5, "fifth");
    commit();
    reopen();
    cr_assert(seen_at(0).count == 0 && !strcmp(seen_at(1).team, "first") && !strcmp(seen_at(2).team, "first"));
    cr_assert(!strcmp(seen_at(4).team, "third") && !strcmp(seen_at(9).team, "fifth") && !strcmp(seen_at(-1).team, "fifth"));
    cr_assert(holding_cursor(h).number == at.number);
}

Test(holding, the_same_again_is_no_new_version_and_an_older_one_takes_its_place, .init = begin, .fini = end)
{
    take_journey(1, 5, "fifth"), take_journey(1, 6, "fifth"), take_journey(1, 5, "fifth");
    commit();
    cr_assert(versions() == 0);
    take_journey(1, 2, "second");
    commit();
    cr_assert(versions() == 1 && !strcmp(seen_at(-1).team, "fifth") && !strcmp(seen_at(3).team, "second"));
}

Test(holding, what_is_erased_is_in_no_version_and_its_key_is_zeros, .init = begin, .fini = end)
{
    static const uint8_t none[32];
    char *path = path_in(dir, "holding.keys"), *keys;
    size_t n;

    take_journey(1, 1, "gone"), take_journey(1, 2, "gone too"), take_journey(2, 2, "stays");
    commit();
    keys = file_read(path, &n);
    cr_assert(n == 3 * 32 && memcmp(keys + 32, none, 32) && memcmp(keys + 64, none, 32));
    free(keys);
    take_erased(1);
    commit();
    cr_assert(versions() == 0 && seen_at(-1).count == 1 && !strcmp(seen_at(-1).team, "stays") && seen_at(1).count == 0);
    keys = file_read(path, &n);
    cr_assert(!memcmp(keys + 32, none, 32) && memcmp(keys + 64, none, 32));
    free(keys), free(path);
}

Test(holding, killed_between_the_key_and_the_rows_it_goes_on, .init = begin, .fini = end)
{
    take_journey(1, 1, "one");
    commit();
    take_journey(1, 2, "two"), take_erased(1);
    reopen();                               /* the key is zeros, the row is still there */
    cr_assert(seen_at(-1).count == 0, "a row whose key was destroyed is read");
    take_journey(1, 2, "two"), take_erased(1);      /* the tracker sends again what was not acknowledged */
    commit();
    cr_assert(seen_at(-1).count == 0);
    take_journey(1, 4, "anew");             /* the erasing was withdrawn */
    commit();
    cr_assert(seen_at(-1).count == 1 && seen_at(3).count == 0);
}

Test(holding, rows_of_another_data_folder_are_refused, .init = begin, .fini = end)
{
    struct compliance_row row = { .what = ROW_DRAWN };

    row.drawn = (struct drawn_row){ .tick = { MARCH_1 }, .record = 5, .day = { 20513 } };
    row.drawn.folder[0] = 1;
    cr_assert(!take(&row));
    commit();
    row.drawn.tick.s += DAY_S;
    row.drawn.folder[0] = 2;
    cr_assert(take(&row) == E_CORRUPT);
}

Test(holding, a_row_that_is_none_is_refused, .init = begin, .fini = end)
{
    cr_assert(holding_take(h, (struct bytes){ (const uint8_t *)"\x0a\x03zzz", 5 }) != E_OK);
}
