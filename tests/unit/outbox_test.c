#include "processors/outbox_rows.h"
#include "core/hash.h"
#include "tests/kit/program.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static uint64_t draw(void)
{
    uint64_t v = 0;

    for (int i = 0; i < 5; i++)
        v = v << 15 ^ (uint64_t)rand();
    return v >> rand() % 64;
}

/* Any row at all, one like those that follow each other, or a tick. */
static struct outbox_row any_row(uint64_t i)
{
    if (rand() % 5 == 0)
        return (struct outbox_row){ .level = ROW_TICK, .cause = 5000 + i / 3, .law = 1, .raised = (uint32_t)(1749513600 + i) };
    bool usual = rand() % 4;
    struct outbox_row r = { .journey = usual ? 1000 + i : draw(), .cause = 5000 + i / 3, .law = 1, .level = (uint8_t)(usual ? 2 : draw() % ROW_TICK),
                            .due = (uint32_t)(usual ? 1749513599 : draw()), .started = (uint32_t)(1749000000 + i), .raised = 1749513600 };

    r.stands = r.level;
    r.started_by = r.oic_by = r.journey;
    if (usual)
        return r;
    r.instance = draw(), r.ended_by = draw(), r.team_by = draw(), r.due_before = (uint32_t)draw(), r.ended = (uint32_t)draw();
    r.rule = (uint16_t)draw(), r.step = (uint8_t)draw(), r.flags = (uint8_t)draw(), r.told = rand() % 2, r.owner = (uint8_t)draw();
    r.circumstances = (uint8_t)draw(), r.victim_no = (uint16_t)draw(), r.whose = (uint32_t)draw();
    return r;
}

Test(outbox, a_row_is_unpacked_as_it_was_packed_and_nothing_beyond_a_cut)
{
    unsigned seed = (unsigned)time(NULL);
    struct outbox_row before = { 0 };

    srand(seed);
    cr_log_info("seed %u", seed);
    for (uint64_t i = 0; i < 20000; i++) {
        struct outbox_row from = before, left;
        struct outbox_row row = any_row(i), again;
        uint8_t buf[ROW_PACKED_MAX];
        size_t n = row_pack(&row, &before, buf);
        left = from;
        cr_assert(row_unpack(buf, n, &left, &again) == n && !memcmp(&again, &row, sizeof row), "seed %u", seed);
        cr_assert(!memcmp(&left, &before, sizeof left), "seed %u", seed);
        for (size_t cut = 0; cut < n; cut++) {
            uint8_t *exact = malloc(cut ? cut : 1);     /* a sanitizer sees a step beyond */
            memcpy(exact, buf, cut);
            left = from;
            cr_assert(row_unpack(exact, cut, &left, &again) == 0 && !memcmp(&left, &from, sizeof left), "seed %u", seed);
            free(exact);
        }
    }
}

/* Rows of several commits, some larger than a chunk: read from any place, in pieces of any size, with the digest at any place. */
Test(outbox, rows_are_read_from_any_place_as_they_were_told)
{
    enum { ROWS = 12000, PIECE = 700 };
    static struct outbox_row row[ROWS], got[PIECE];
    static uint64_t digest[ROWS + 1];
    unsigned seed = (unsigned)time(NULL);
    char *dir = folder_make(), *path = path_in(dir, "outbox");
    struct outbox *o = NULL;
    struct outbox_reader *r = NULL;
    struct why why = { "" };
    uint64_t number, there;
    size_t count;

    srand(seed);
    cr_log_info("seed %u", seed);
    cr_assert(outbox_open(path, false, &o, &why) == E_OK, "%s", why.text);
    for (uint64_t i = 0; i < ROWS; i++) {
        row[i] = any_row(i);
        digest[i + 1] = hash_next(digest[i], &row[i], sizeof row[i]);
        cr_assert(outbox_append(o, &row[i], &number) == E_OK && number == i + 1);
        if (i == 1 || i == 9000 || i == ROWS - 1)
            cr_assert(outbox_commit(o) == E_OK);
    }
    outbox_close(&o);
    cr_assert(outbox_open(path, true, &o, &why) == E_OK && outbox_last(o) == ROWS);
    cr_assert(outbox_reader_open(o, &r) == E_OK);
    for (int i = 0; i < 400; i++) {
        number = i % 3 ? number + count : 1 + (uint64_t)rand() % ROWS;      /* on from the last, mostly */
        if (number > ROWS)
            number = 1;
        cr_assert(outbox_read(r, number, got, 1 + (size_t)rand() % PIECE, &count) == E_OK);
        cr_assert(!memcmp(got, &row[number - 1], count * sizeof *got), "seed %u: rows from %llu", seed, (unsigned long long)number);
        cr_assert(outbox_digest(r, number + count - 1, &there) == E_OK && there == digest[number + count - 1], "seed %u", seed);
        cr_assert(outbox_digest(r, number, &there) == E_OK && there == digest[number], "seed %u", seed);
    }
    cr_assert(outbox_read(r, ROWS + 1, got, 1, &count) == E_END);
    outbox_reader_close(&r);
    outbox_close(&o);
    free(path);
    folder_remove(&dir);
}

/* A disk that takes no more: what was not committed is gone, chunks that were full included, and the outbox goes on from what it has. */
Test(outbox, after_a_commit_that_failed_the_next_row_follows_the_last_durable_one)
{
    enum { KEPT = 100, LOST = 30000, AFTER = 10 };
    static struct outbox_row row[KEPT + AFTER], got[KEPT + AFTER];
    struct rlimit little = { 0 }, before;
    char *dir = folder_make(), *path = path_in(dir, "outbox");
    struct outbox *o = NULL;
    struct outbox_reader *r = NULL;
    struct why why = { "" };
    uint64_t number, digest = 0, there;
    size_t count;
    enum err e = E_OK;

    srand(7);
    signal(SIGXFSZ, SIG_IGN);
    cr_assert(outbox_open(path, false, &o, &why) == E_OK, "%s", why.text);
    for (uint64_t i = 0; i < KEPT; i++) {
        row[i] = any_row(i);
        cr_assert(outbox_append(o, &row[i], &number) == E_OK);
    }
    cr_assert(outbox_commit(o) == E_OK && getrlimit(RLIMIT_FSIZE, &before) == 0);
    little.rlim_max = before.rlim_max;
    little.rlim_cur = 65536;
    cr_assert(setrlimit(RLIMIT_FSIZE, &little) == 0);
    for (uint64_t i = 0; !e && i < LOST; i++) {
        struct outbox_row lost = any_row(draw());
        e = outbox_append(o, &lost, &number);
    }
    cr_assert((e || (e = outbox_commit(o))) && outbox_last(o) == KEPT, "%s", err_text(e));
    cr_assert(setrlimit(RLIMIT_FSIZE, &before) == 0);
    for (uint64_t i = KEPT; i < KEPT + AFTER; i++) {
        row[i] = any_row(i);
        cr_assert(outbox_append(o, &row[i], &number) == E_OK && number == i + 1);
    }
    cr_assert(outbox_commit(o) == E_OK);
    cr_assert(outbox_reader_open(o, &r) == E_OK && outbox_read(r, 1, got, KEPT + AFTER, &count) == E_OK);
    for (size_t more; count < KEPT + AFTER; count += more)
        cr_assert(outbox_read(r, count + 1, got + count, KEPT + AFTER - count, &more) == E_OK);
    for (size_t i = 0; i < KEPT + AFTER; i++)
        digest = hash_next(digest, &row[i], sizeof row[i]);
    cr_assert(!memcmp(got, row, sizeof row) && outbox_digest(r, KEPT + AFTER, &there) == E_OK && there == digest);
    outbox_reader_close(&r);
    outbox_close(&o);
    free(path);
    folder_remove(&dir);
}
