/* Messages that wait: order, once, retries, dead letters, restarts. */
#include "sinks/oic/line.h"
#include "tests/kit/letters.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

static struct letters l;
static struct line *line;
static const struct line_waits waits = { 30, 900, 86400 };
static const struct instant noon = { 1775548800 };

static void begin(void)
{
    letters_open(&l);
    cr_assert_eq(line_open(l.store, 0, &waits, &line), E_OK);
}

static void end(void)
{
    line_close(&line);
    letters_close(&l);
}
TestSuite(queue, .init = begin, .fini = end);

static void put(uint32_t n, const char *to)
{
    struct message m = letter(n, "mail", to);

    letters_put(&l, &m);
}

/* The number of the next message due, in hand afterwards; 0: none. */
static uint32_t take(struct instant now, struct line_taken *ret)
{
    struct instant next;
    struct message m;
    enum err e = line_take(line, TEXT("mail"), now, l.wire, ret, &m, &next);

    cr_assert(e == E_OK || e == E_NOT_FOUND);
    return e ? 0 : letters_number(m.id);
}

static void deliver(uint32_t expected, struct instant now)
{
    struct line_taken t;

    cr_assert_eq(take(now, &t), expected);
    cr_assert_eq(line_delivered(line, &t, now, TEXT("250 OK")), E_OK);
}

Test(queue, gives_back_what_was_put)
{
    struct message m = letter(7, "mail", "a@police.example"), back;
    struct line_taken t;
    struct instant next;

    m.thread[0] = 9;
    m.kind = MESSAGE_FOLLOW_UP;
    m.more = 3;
    m.beside = TEXT("the officer is on leave");
    letters_put(&l, &m);
    cr_assert_eq(line_take(line, TEXT("mail"), noon, l.wire, &t, &back, &next), E_OK);
    cr_assert(!memcmp(m.id, back.id, sizeof m.id) && !memcmp(m.thread, back.thread, sizeof m.thread));
    cr_assert(back.kind == MESSAGE_FOLLOW_UP && back.more == 3 && back.count == 1 && back.offset == 3600);
    cr_assert(text_same(back.to, m.to) && text_same(back.beside, m.beside) && text_same(back.name, m.name));
    cr_assert(text_same(back.entry[0]->crime_ref, TEXT("20/7/26")) && back.entry[0]->level == m.entry[0]->level);
    cr_assert(text_same(back.entry[0]->title, m.entry[0]->title) && back.entry[0]->due.s == m.entry[0]->due.s);
    cr_assert_eq(line_untake(line, &t, INSTANT_NONE), E_OK);
}

Test(queue, puts_an_id_once_for_ever)
{
    put(1, "a");
    put(1, "a");
    cr_assert_eq(letters_count(&l).waiting, 1);
    deliver(1, noon);
    put(1, "a");
    cr_assert_eq(letters_count(&l).waiting, 0);
    cr_assert_eq(letters_find(&l, 1).state, QUEUE_IS_DELIVERED);
    cr_assert_eq(letters_find(&l, 1).attempts, 1);
    cr_assert_eq(letters_find(&l, 2).state, QUEUE_IS_UNKNOWN);
}

Test(queue, nothing_is_put_when_the_transaction_is_not_committed)
{
    struct message m = letter(1, "mail", "a");
    struct store_txn *t;
    struct line_taken taken;

    cr_assert_eq(store_begin(l.store, true, &t), E_OK);
    cr_assert_eq(queue_put(t, 0, l.wire, &m, NULL), E_OK);
    store_abort(&t);
    cr_assert_eq(take(noon, &taken), 0);
    put(2, "a");
    deliver(2, noon);
}

Test(queue, a_retry_holds_back_its_own_recipient_and_nobody_else)
{
    struct line_taken t;
    bool is_dead;

    put(1, "a"), put(2, "a"), put(3, "b"), put(4, "a"), put(5, "b");
    cr_assert_eq(take(noon, &t), 1);
    cr_assert_eq(line_later(line, &t, noon, TEXT("451 later"), &is_dead), E_OK);
    cr_assert(!is_dead);
    deliver(3, noon), deliver(5, noon);
    cr_assert_eq(take(noon, &t), 0, "2 and 4 must not overtake 1");
    deliver(1, instant_add(noon, 30)), deliver(2, instant_add(noon, 30)), deliver(4, instant_add(noon, 30));
}

Test(queue, of_one_recipient_one_message_is_in_hand_at_a_time)
{
    struct line_taken t;

    put(1, "a"), put(2, "a");
    cr_assert_eq(take(noon, &t), 1);
    struct line_taken none;
    cr_assert_eq(take(noon, &none), 0);
    cr_assert_eq(line_untake(line, &t, noon), E_OK);
    deliver(1, noon), deliver(2, noon);
}

Test(queue, waits_grow_differ_and_end_at_the_dead_letters)
{
    struct line_taken t;
    struct instant now = noon, next;
    struct message m;
    bool is_dead = false;
    int tries = 0;
    uint8_t one[16], two[16];

    put(1, "a"), put(2, "a");
    while (!is_dead) {
        enum err e = line_take(line, TEXT("mail"), now, l.wire, &t, &m, &next);
        if (e == E_NOT_FOUND) {
            cr_assert(instant_after(next, now) && next.s - now.s <= waits.most_s);
            now = next;
            continue;
        }
        cr_assert_eq(letters_number(m.id), 1);
        cr_assert_eq(line_later(line, &t, now, TEXT("451 later"), &is_dead), E_OK);
        tries++;
    }
    cr_assert(tries > 90 && tries < 200, "%d tries in a day", tries);
    cr_assert_geq(now.s - noon.s, 86400);
    cr_assert_eq(letters_find(&l, 1).state, QUEUE_IS_DEAD);
    deliver(2, now);
    letters_id(1, one), letters_id(2, two);
    for (uint32_t n = 1; n < 20; n++) {
        int32_t whole = n > 5 ? 900 : 30 << (n - 1);
        cr_assert(line_wait_s(&waits, one, n) <= whole && line_wait_s(&waits, one, n) >= whole / 2);
    }
    cr_assert(line_wait_s(&waits, one, 8) != line_wait_s(&waits, two, 8), "jitter comes from the id");
}

Test(queue, retries_survive_a_restart_and_keep_their_time)
{
    struct line_taken t;
    struct instant next;
    struct message m;

    put(1, "a"), put(2, "a");
    cr_assert_eq(take(noon, &t), 1);
    cr_assert_eq(line_later(line, &t, noon, TEXT("451"), NULL), E_OK);
    line_close(&line);
    letters_reopen(&l);
    cr_assert_eq(line_open(l.store, 0, &waits, &line), E_OK);
    cr_assert_eq(line_take(line, TEXT("mail"), noon, l.wire, &t, &m, &next), E_NOT_FOUND);
    cr_assert(next.s >= noon.s + 15 && next.s <= noon.s + 30);
    cr_assert_eq(letters_find(&l, 1).attempts, 1);
    deliver(1, next), deliver(2, next);
}

Test(queue, a_clock_that_was_set_back_costs_no_more_than_a_wait)
{
    struct line_taken t;

    put(1, "a");
    cr_assert_eq(take(noon, &t), 1);
    cr_assert_eq(line_later(line, &t, noon, TEXT("451"), NULL), E_OK);
    deliver(1, instant_add(noon, -86400));
}

static enum err note(void *ctx, const struct queue_slip *s)
{
    *(uint64_t *)ctx = s->number;
    return E_OK;
}

Test(queue, dead_letters_are_listed_revived_and_dropped)
{
    struct line_taken t;
    struct store_txn *txn;
    uint64_t number = 0;

    put(1, "a"), put(2, "a");
    cr_assert_eq(take(noon, &t), 1);
    cr_assert_eq(line_died(line, &t, noon, TEXT("550 no such user")), E_OK);
    deliver(2, noon);
    cr_assert_eq(letters_count(&l).dead, 1);

    cr_assert_eq(store_begin(l.store, true, &txn), E_OK);
    cr_assert_eq(queue_each(txn, 0, QUEUE_DEAD, note, &number), E_OK);
    cr_assert_eq(queue_revive(txn, 0, number), E_OK);
    cr_assert_eq(queue_revive(txn, 0, number), E_NOT_FOUND);
    cr_assert_eq(store_commit(&txn), E_OK);
    cr_assert_eq(take(noon, &t), 1);
    cr_assert_eq(line_died(line, &t, noon, TEXT("550 still none")), E_OK);

    cr_assert_eq(store_begin(l.store, true, &txn), E_OK);
    cr_assert_eq(queue_each(txn, 0, QUEUE_DEAD, note, &number), E_OK);
    cr_assert_eq(queue_drop(txn, 0, number, TEXT("the officer has left"), noon), E_OK);
    cr_assert_eq(store_commit(&txn), E_OK);
    cr_assert_eq(letters_find(&l, 1).state, QUEUE_IS_DROPPED);
    put(1, "a");
    cr_assert_eq(take(noon, &t), 0, "what was dropped does not come back");
    cr_assert_eq(letters_count(&l).waiting, 0);
}

Test(queue, what_was_said_is_cut_and_cleaned)
{
    struct line_taken t;
    char said[1000];

    memset(said, 'x', sizeof said);
    memcpy(said, "550 \x1b[31m\n\xff caf\xc3\xa9 ", 18);
    put(1, "a");
    cr_assert_eq(take(noon, &t), 1);
    cr_assert_eq(line_died(line, &t, noon, (struct text){ said, sizeof said }), E_OK);
    cr_assert_eq(letters_count(&l).dead, 1);
}

Test(queue, records_of_delivery_go_after_their_time)
{
    struct store_txn *t;

    put(1, "a"), put(2, "a");
    deliver(1, noon), deliver(2, instant_add(noon, 86400));
    cr_assert_eq(store_begin(l.store, true, &t), E_OK);
    cr_assert_eq(queue_trim(t, 0, instant_add(noon, (int64_t)QUEUE_KEEP_DAYS * 86400), 100), E_OK);
    cr_assert_eq(store_commit(&t), E_OK);
    cr_assert_eq(letters_find(&l, 1).state, QUEUE_IS_UNKNOWN);
    cr_assert_eq(letters_find(&l, 2).state, QUEUE_IS_DELIVERED);
}

/* Five hundred messages to fifty recipients; at each step the one in hand is delivered, fails or the process restarts. */
Test(queue, keeps_order_whatever_happens)
{
    enum { MESSAGES = 500, RECIPIENTS = 50 };
    uint32_t last[RECIPIENTS] = { 0 }, done = 0;
    struct instant now = noon;
    unsigned seed = (unsigned)(getenv("SEED") ? atoi(getenv("SEED")) : 20260407), restarts = 0;

    printf("seed %u\n", seed);
    srand(seed);
    for (uint32_t n = 1; n <= MESSAGES; n++) {
        char to[16];
        snprintf(to, sizeof to, "%u", n % RECIPIENTS);
        put(n, to);
    }
    while (done < MESSAGES) {
        struct line_taken t;
        uint32_t n = take(now, &t);
        int dice = rand() % 100;
        if (!n) {
            now = instant_add(now, 60);
        } else if (dice < 70) {
            cr_assert_gt(n, last[n % RECIPIENTS], "%u after %u", n, last[n % RECIPIENTS]);
            last[n % RECIPIENTS] = n;
            done++;
            cr_assert_eq(line_delivered(line, &t, now, TEXT("250")), E_OK);
        } else if (dice < 95) {
            cr_assert_eq(line_later(line, &t, now, TEXT("451"), NULL), E_OK);
        } else {
            cr_assert_eq(line_untake(line, &t, noon), E_OK);
            line_close(&line);
            letters_reopen(&l);
            cr_assert_eq(line_open(l.store, 0, &waits, &line), E_OK);
            restarts++;
        }
    }
    cr_assert_gt(restarts, 10);
    cr_assert_eq(letters_count(&l).delivered, MESSAGES);
}

/* The first dies; the second, which corrects it, waits behind it; the third does not concern it. */
static void put_one_dead_with_its_correction(void)
{
    struct message m = letter(2, "mail", "a@police.example");
    struct line_taken t;

    put(1, "a@police.example");
    m.kind = MESSAGE_FOLLOW_UP;
    letters_id(1, m.thread);
    letters_put(&l, &m);
    put(3, "a@police.example");
    cr_assert_eq(take(noon, &t), 1);
    cr_assert_eq(line_died(line, &t, noon, TEXT("550 no such user")), E_OK);
}

static void revive(uint32_t n)
{
    struct store_txn *t;

    cr_assert_eq(store_begin(l.store, true, &t), E_OK);
    cr_assert_eq(queue_revive(t, 0, letters_find(&l, n).number), E_OK);
    cr_assert_eq(store_commit(&t), E_OK);
}

static void drop(uint32_t n)
{
    struct store_txn *t;

    cr_assert_eq(store_begin(l.store, true, &t), E_OK);
    cr_assert_eq(queue_drop(t, 0, letters_find(&l, n).number, TEXT("the officer has left"), noon), E_OK);
    cr_assert_eq(store_commit(&t), E_OK);
}

static uint64_t leader_of(uint64_t number)
{
    struct store_txn *t;
    struct wire *w = NULL;
    uint64_t leader;

    cr_assert_eq(wire_open(&w), E_OK);
    cr_assert_eq(store_begin(l.store, false, &t), E_OK);
    cr_assert_eq(queue_leader(t, 0, number, w, &leader), E_OK);
    store_abort(&t);
    wire_close(&w);
    return leader;
}

/* What was never said is not corrected, and may yet be said. */
Test(queue, what_follows_a_dead_letter_lies_with_it)
{
    put_one_dead_with_its_correction();
    deliver(3, noon);
    cr_assert_eq(letters_find(&l, 2).state, QUEUE_IS_DEAD);
    cr_assert_eq(letters_find(&l, 2).attempts, 0);
    cr_assert_eq(letters_count(&l).dead, 2);
    cr_assert_eq(leader_of(letters_find(&l, 2).number), letters_find(&l, 1).number);
    cr_assert_eq(leader_of(letters_find(&l, 1).number), 0);
    revive(1);
    cr_assert_eq(leader_of(letters_find(&l, 2).number), 0, "it is on its way");
    revive(2);
    deliver(1, noon);
    deliver(2, noon);
}

Test(queue, what_follows_a_dropped_message_is_dropped)
{
    put_one_dead_with_its_correction();
    drop(1);
    deliver(3, noon);
    cr_assert_eq(letters_find(&l, 2).state, QUEUE_IS_DROPPED);
    cr_assert_eq(letters_count(&l).dead, 0);
}

Test(queue, what_follows_a_delivered_one_is_delivered)
{
    struct message m = letter(2, "mail", "a@police.example");

    put(1, "a@police.example");
    m.kind = MESSAGE_FOLLOW_UP;
    letters_id(1, m.thread);
    letters_put(&l, &m);
    deliver(1, noon);
    deliver(2, noon);
}
