/* What was received stays, in order, verbatim; what was erased is gone and the chain still holds. */
#include "core/crash.h"
#include "processors/journal.h"
#include "tests/kit/program.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const uint8_t stream[STREAM_BYTES] = "0123456789abcde";

static void on_start(void) { hash_init(); }
TestSuite(journal, .init = on_start, .timeout = 60);

static struct journal *open_at(const char *dir)
{
    struct journal *j = NULL;
    struct why why = { "" };

    cr_assert(journal_open(dir, false, &j, &why) == E_OK, "%s", why.text);
    return j;
}

/* A batch of ticks: item n says n minutes; `secret` is the reason of a Reject in the middle. */
static size_t make_batch(struct wire *w, uint32_t count, uint32_t from, const char *secret, uint8_t *buf, size_t cap)
{
    size_t used = 0;

    for (uint32_t i = 0; i < count; i++) {
        struct item item = { .what = ITEM_TICK, .at = { 60 * (int64_t)(from + i) } };
        if (secret && i == count / 2)
            item = (struct item){ .what = ITEM_REJECT, .source = TEXT("connect"), .reason = text_of(secret) };
        cr_assert(wire_item_append(w, &item, buf, cap, &used) == E_OK);
    }
    return used;
}

static uint64_t append(struct journal *j, uint64_t first, uint32_t count, struct bytes items)
{
    struct link_batch b = { .epoch = 1, .count = count, .first = first, .digest = first + count, .check = hash_bytes(items.p, items.n), .items = items };
    uint64_t number = 0;

    memcpy(b.stream, stream, sizeof stream);
    cr_assert(journal_append(j, &b, &number) == E_OK);
    return number;
}

static void hello(struct journal *j, uint64_t *ret_cursor, uint64_t *ret_digest)
{
    uint32_t epoch;

    cr_assert(journal_hello(j, stream, "test", 0, &epoch, ret_cursor, ret_digest) == E_OK);
}

Test(journal, gives_back_what_it_took_and_where_the_stream_stands)
{
    char *dir = folder_make(), *path = path_in(dir, "journal");
    struct journal *j = open_at(path);
    struct journal_reader *r;
    struct journal_batch b;
    struct wire *w;
    uint8_t buf[4096];
    uint64_t cursor, digest, number;
    size_t n;

    cr_assert(wire_open(&w) == E_OK);
    hello(j, &cursor, &digest);
    cr_assert(cursor == 0);
    n = make_batch(w, 10, 1, NULL, buf, sizeof buf);
    number = append(j, 1, 10, (struct bytes){ buf, n });
    cr_assert(number == 1 && journal_last(j) == 0, "not durable before the commit");
    cr_assert(journal_commit(j) == E_OK && journal_last(j) == 10);
    append(j, 11, 10, (struct bytes){ buf, n });
    journal_abort(j);
    cr_assert(journal_last(j) == 10);
    journal_close(&j);
    j = open_at(path);
    hello(j, &cursor, &digest);
    cr_assert(cursor == 10 && digest == 11);
    cr_assert(journal_reader_open(j, &r) == E_OK);
    cr_assert(journal_reader_get(r, 7, &b) == E_OK);
    cr_assert(b.first == 1 && b.count == 10 && b.items.n == n && !memcmp(b.items.p, buf, n));
    cr_assert(journal_reader_get(r, 11, &b) == E_NOT_FOUND);
    journal_reader_close(&r);
    journal_close(&j);
    wire_close(&w);
    free(path);
    folder_remove(&dir);
}

/* ---- streams that make room ------------------------------------------------------- */

enum { KEPT = 6, STREAMS = 12, STEPS = 1500 };
struct modelled { bool kept, is_heard; uint32_t epoch, greatest; uint64_t cursor, heard; };

/* Ids in the order of their numbers: of two heard equally long ago the first goes. */
static void id_of(size_t n, uint8_t ret[STREAM_BYTES])
{
    memset(ret, 0, STREAM_BYTES);
    ret[0] = (uint8_t)('a' + n);
}

static bool is_heard(void *ctx, const uint8_t id[STREAM_BYTES]) { return ((const struct modelled *)ctx)[id[0] - 'a'].is_heard; }

static struct modelled *oldest(struct modelled *m)
{
    struct modelled *found = NULL;

    for (struct modelled *s = m; s < m + STREAMS; s++)
        if (s->kept && !s->is_heard && (!found || s->heard < found->heard))
            found = s;
    return found;
}

static size_t kept_count(const struct modelled *m)
{
    size_t count = 0;

    for (size_t i = 0; i < STREAMS; i++)
        count += m[i].kept;
    return count;
}

/* A HELLO of a producer that was started again, or of one that was silent and says its epoch. */
static void greet(struct journal *j, struct modelled *m, size_t n, uint32_t epoch, uint64_t *dropped)
{
    struct modelled *s = &m[n], *goes = !s->kept && kept_count(m) == KEPT ? oldest(m) : NULL;
    uint8_t id[STREAM_BYTES];
    uint64_t cursor, digest;
    uint32_t granted;
    bool is_full = !s->kept && kept_count(m) == KEPT && !goes;
    enum err e;

    id_of(n, id);
    e = journal_hello(j, id, "test", epoch, &granted, &cursor, &digest);
    if (is_full) {
        cr_assert(e == E_FULL);
        return;
    }
    cr_assert(e == E_OK);
    if (goes)
        goes->kept = false, ++*dropped;
    if (!s->kept)
        *s = (struct modelled){ .kept = true, .is_heard = s->is_heard, .greatest = s->greatest };
    cr_assert(cursor == s->cursor, "a stream that was dropped begins anew, every other goes on");
    cr_assert(granted > s->greatest || (epoch && granted == s->epoch), "an epoch is greater than every one before");
    if (granted != s->epoch)
        s->heard = journal_last(j);
    s->epoch = s->greatest = granted;
}

static void send_some(struct journal *j, struct modelled *s, size_t n, struct bytes items)
{
    struct link_batch b = { .epoch = s->epoch, .count = 10, .first = s->cursor + 1, .check = hash_bytes(items.p, items.n), .items = items };
    uint64_t number;

    id_of(n, b.stream);
    cr_assert(journal_append(j, &b, &number) == E_OK && journal_commit(j) == E_OK);
    s->cursor += 10;
    s->heard = journal_last(j);
}

Test(journal, the_stream_heard_longest_ago_makes_room_and_never_one_that_is_heard_now)
{
    unsigned seed = (unsigned)time(NULL);
    char *dir = folder_make(), *path = path_in(dir, "journal");
    struct journal *j = open_at(path);
    struct modelled m[STREAMS] = { 0 };
    struct wire *w;
    uint8_t buf[4096], id[STREAM_BYTES];
    uint64_t dropped = 0, cursor, digest;
    uint32_t epoch;
    size_t n;

    srand(seed);
    cr_log_info("seed %u", seed);
    cr_assert(wire_open(&w) == E_OK);
    n = make_batch(w, 10, 1, NULL, buf, sizeof buf);
    journal_keep_streams(j, KEPT, is_heard, m);
    for (int step = 0; step < STEPS; step++) {
        size_t who = (size_t)rand() % STREAMS;
        switch (rand() % 8) {
        case 0: case 1: greet(j, m, who, 0, &dropped); break;
        case 2: greet(j, m, who, m[who].greatest, &dropped); break;
        case 3: m[who].is_heard = m[who].kept && rand() % 4; break;
        case 4:
            if (rand() % 8)
                break;
            journal_close(&j);
            j = open_at(path);
            journal_keep_streams(j, KEPT, is_heard, m);
            break;
        default:
            if (m[who].kept)
                send_some(j, &m[who], who, (struct bytes){ buf, n });
        }
        if (kept_count(m) == KEPT && !oldest(m))
            for (size_t i = 0; i < STREAMS; i++)
                m[i].is_heard = false;
        for (size_t i = 0; i < STREAMS; i++) {
            id_of(i, id);
            cr_assert((journal_stands(j, id, &epoch, &cursor, &digest) == E_OK) == m[i].kept, "seed %u, step %d, stream %zu", seed, step, i);
            cr_assert(!m[i].kept || (epoch == m[i].epoch && cursor == m[i].cursor), "seed %u", seed);
        }
        cr_assert(journal_streams_dropped(j) == dropped, "seed %u", seed);
    }
    cr_assert(dropped > KEPT);
    journal_close(&j);
    wire_close(&w);
    free(path);
    folder_remove(&dir);
}

Test(journal, the_programs_own_streams_make_no_room)
{
    static const uint8_t own[STREAM_BYTES] = "rightswatch-law";
    char *dir = folder_make(), *path = path_in(dir, "journal");
    struct journal *j = open_at(path);
    uint64_t cursor, digest;
    uint32_t epoch;
    uint8_t id[STREAM_BYTES];

    journal_keep_streams(j, 2, NULL, NULL);
    cr_assert(journal_hello(j, own, "law", 0, &epoch, &cursor, &digest) == E_OK);
    for (size_t i = 0; i < 5; i++) {
        id_of(i, id);
        cr_assert(journal_hello(j, id, "test", 0, &epoch, &cursor, &digest) == E_OK);
    }
    cr_assert(journal_stands(j, own, &epoch, &cursor, &digest) == E_OK && journal_streams_dropped(j) == 4);
    journal_close(&j);
    free(path);
    folder_remove(&dir);
}

/* ---- erasing ------------------------------------------------------------------- */

static const char secret[] = "nobody should ever read this again";

static bool is_reject(void *ctx, uint64_t number, struct bytes item)
{
    (void)ctx, (void)number;
    return memmem(item.p, item.n, secret, sizeof secret - 1) != NULL;
}

static bool any_file_holds(const char *dir, const char *text)
{
    DIR *d = opendir(dir);
    struct dirent *entry;
    bool found = false;

    while ((entry = readdir(d))) {
        char *path = path_in(dir, entry->d_name), *all;
        size_t n;
        if (entry->d_name[0] != '.') {
            all = file_read(path, &n);
            found |= memmem(all, n, text, strlen(text)) != NULL;
            free(all);
        }
        free(path);
    }
    closedir(d);
    return found;
}

static void fill(const char *path)
{
    struct journal *j = open_at(path);
    struct wire *w;
    uint8_t *buf = malloc(BATCH_BYTES_MAX);
    uint64_t cursor, digest;

    cr_assert(wire_open(&w) == E_OK && buf);
    hello(j, &cursor, &digest);
    for (uint32_t i = 0; i < 40; i++)
        append(j, 1 + i * 100, 100, (struct bytes){ buf, make_batch(w, 100, i * 100, i % 8 == 3 ? secret : NULL, buf, BATCH_BYTES_MAX) });
    cr_assert(journal_commit(j) == E_OK);
    wire_close(&w);
    journal_close(&j);
    free(buf);
}

static void verify(const char *path, uint8_t ret_head[CHAIN_BYTES])
{
    struct journal *j = open_at(path);
    struct why why = { "" };
    uint64_t records;

    cr_assert(journal_verify(j, &records, ret_head, &why) == E_OK, "%s", why.text);
    cr_assert(records == 4000);
    journal_close(&j);
}

Test(journal, erases_records_so_that_no_byte_of_them_is_left_and_the_chain_holds)
{
    char *dir = folder_make(), *path = path_in(dir, "journal");
    uint8_t before[CHAIN_BYTES], after[CHAIN_BYTES];
    struct journal_reader *r;
    struct journal *j;
    struct why why = { "" };
    struct bytes item;
    struct journal_blanked blanked;
    uint64_t cursor, digest;

    fill(path);
    verify(path, before);
    cr_assert(any_file_holds(path, secret));
    j = open_at(path);
    cr_assert(journal_blank(j, is_reject, NULL, true, &blanked, &why) == E_OK && blanked.records == 5 && blanked.segments == 1, "%s", why.text);
    cr_assert(any_file_holds(path, secret), "it was only counted");
    cr_assert(journal_blank(j, is_reject, NULL, false, &blanked, &why) == E_OK, "%s", why.text);
    cr_assert(blanked.records == 5, "%llu blanked", (unsigned long long)blanked.records);
    cr_assert(blanked.segments == 1 && blanked.of_segments == 1);
    cr_assert(journal_reader_open(j, &r) == E_OK);
    cr_assert(journal_reader_item(r, 351, &item) == E_OK && !memmem(item.p, item.n, secret, sizeof secret - 1));
    journal_reader_close(&r);
    hello(j, &cursor, &digest);
    cr_assert(cursor == 4000, "the stream stands where it stood");
    journal_close(&j);
    cr_assert(!any_file_holds(path, secret));
    verify(path, after);
    cr_assert_arr_eq(before, after, CHAIN_BYTES);
    free(path);
    folder_remove(&dir);
}

static bool is_numbered(void *ctx, uint64_t number, struct bytes item)
{
    (void)item;
    return number == *(const uint64_t *)ctx;
}

/* What the salts of a batch were drawn from is gone with the first of its records; others of it can go later. */
Test(journal, erases_one_record_and_then_another_of_the_same_batch)
{
    char *dir = folder_make(), *path = path_in(dir, "journal"), *file = path_in(path, "00000000000000000001.lmdb"), *all, *batch;
    uint8_t before[CHAIN_BYTES], after[CHAIN_BYTES];
    struct journal *j;
    struct why why = { "" };
    char seed[SEED_BYTES + 1] = "";
    struct journal_blanked blanked;
    uint64_t number;
    size_t n;

    fill(path);
    verify(path, before);
    all = file_read(file, &n);
    batch = memmem(all, n, stream, sizeof stream);                  /* the key of the side table, or a batch: 40 bytes into it */
    while (batch && !(batch[sizeof stream + CHAIN_BYTES] && batch[-40] == 2 && batch[-32] == 100))
        batch = memmem(batch + 1, n - (size_t)(batch + 1 - all), stream, sizeof stream);
    cr_assert(batch != NULL);
    memcpy(seed, batch + sizeof stream + CHAIN_BYTES, SEED_BYTES);
    free(all);
    for (number = 1; number <= 4000; number += number % 100 == 1 ? 57 : 43) {       /* two of each batch */
        j = open_at(path);
        cr_assert(journal_blank(j, is_numbered, &number, false, &blanked, &why) == E_OK && blanked.records == 1, "%s", why.text);
        journal_close(&j);
        verify(path, after);
        cr_assert_arr_eq(before, after, CHAIN_BYTES);
    }
    all = file_read(file, &n);
    cr_assert(!memmem(all, n, seed, SEED_BYTES), "the salts could be drawn again");
    free(all), free(file), free(path);
    folder_remove(&dir);
}

/* Killed when the new file has just taken the old one's place: the journal opens, and erasing again ends it. */
Test(journal, killed_while_erasing_it_is_whole_and_can_be_erased_again)
{
    char *dir = folder_make(), *path = path_in(dir, "journal");
    uint8_t before[CHAIN_BYTES], after[CHAIN_BYTES];
    struct journal *j;
    struct why why = { "" };
    struct journal_blanked blanked;
    int status;
    pid_t child;

    fill(path);
    verify(path, before);
    if (!(child = fork())) {
        setenv("RIGHTSWATCH_CRASH", "blank_after_rename:1", 1);
        crash_init();
        j = open_at(path);
        _exit(journal_blank(j, is_reject, NULL, false, &blanked, &why) != E_OK);
    }
    cr_assert(waitpid(child, &status, 0) == child && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "the point was not passed");
    verify(path, after);
    cr_assert_arr_eq(before, after, CHAIN_BYTES);
    j = open_at(path);
    cr_assert(journal_blank(j, is_reject, NULL, false, &blanked, &why) == E_OK, "%s", why.text);
    journal_close(&j);
    cr_assert(!any_file_holds(path, secret));
    verify(path, after);
    cr_assert_arr_eq(before, after, CHAIN_BYTES);
    free(path);
    folder_remove(&dir);
}

Test(journal, says_where_a_changed_byte_is)
{
    char *dir = folder_make(), *path = path_in(dir, "journal"), *file = path_in(path, "00000000000000000001.lmdb"), *all, *at;
    struct journal *j;
    struct why why = { "" };
    uint8_t head[CHAIN_BYTES];
    uint64_t records;
    size_t n;

    fill(path);
    all = file_read(file, &n);
    at = memmem(all, n, secret, sizeof secret - 1);
    cr_assert(at != NULL);
    *at = 'N';
    file_write(file, all, n);
    j = open_at(path);
    cr_assert(journal_verify(j, &records, head, &why) == E_CORRUPT);
    cr_assert(strstr(why.text, "record"), "%s", why.text);
    journal_close(&j);
    free(all), free(file), free(path);
    folder_remove(&dir);
}
