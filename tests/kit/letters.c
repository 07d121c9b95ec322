#include "tests/kit/letters.h"

#include "core/hash.h"
#include "sinks/oic/wording.h"
#include "tests/kit/program.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

static void open_store(struct letters *l)
{
    static const struct store_table tables[] = { QUEUE_TABLE_ROWS };
    struct why why = { "" };
    char *path = path_in(l->dir, "oic.lmdb");

    cr_assert_eq(store_open(path, (size_t)1 << 30, false, tables, QUEUE_TABLES, &l->store, &why), E_OK, "%s", why.text);
    free(path);
}

void letters_open(struct letters *l)
{
    hash_init();
    l->dir = folder_make();
    cr_assert_eq(wire_open(&l->wire), E_OK);
    open_store(l);
}

void letters_close(struct letters *l)
{
    store_close(&l->store);
    wire_close(&l->wire);
    folder_remove(&l->dir);
}

void letters_reopen(struct letters *l)
{
    store_close(&l->store);
    open_store(l);
}

void letters_id(uint32_t n, uint8_t ret[MESSAGE_ID_BYTES])
{
    memset(ret, 0x11, MESSAGE_ID_BYTES);
    for (int i = 0; i < 4; i++)
        ret[i] = (uint8_t)(n >> (24 - 8 * i));
}

uint32_t letters_number(const uint8_t id[MESSAGE_ID_BYTES])
{
    return (uint32_t)id[0] << 24 | (uint32_t)id[1] << 16 | (uint32_t)id[2] << 8 | id[3];
}

struct message letter(uint32_t n, const char *channel, const char *to)
{
    static struct { struct notice notice; char ref[32]; } made[64];
    static unsigned next;
    struct message m = { .kind = MESSAGE_ALERT, .channel = text_of(channel), .to = text_of(to), .name = TEXT("PC 20533"),
                         .as_of = { 1775548800 }, .offset = 3600, .count = 1 };
    unsigned at = next++ % 64;

    snprintf(made[at].ref, sizeof made[at].ref, "20/%u/26", n);
    made[at].notice = *wording_example(MESSAGE_ALERT)->entry[0];
    made[at].notice.crime_ref = text_of(made[at].ref);
    m.entry[0] = &made[at].notice;
    letters_id(n, m.id);
    return m;
}

void letters_put(struct letters *l, const struct message *m)
{
    struct store_txn *t;
    struct why why = { "" };

    cr_assert_eq(store_begin(l->store, true, &t), E_OK);
    cr_assert_eq(queue_put(t, 0, l->wire, m, &why), E_OK, "%s", why.text);
    cr_assert_eq(store_commit(&t), E_OK);
}

struct queue_counts letters_count(struct letters *l)
{
    struct queue_counts c;
    struct store_txn *t;

    cr_assert_eq(store_begin(l->store, false, &t), E_OK);
    cr_assert_eq(queue_count(t, 0, &c), E_OK);
    store_abort(&t);
    return c;
}

struct queue_slip letters_find(struct letters *l, uint32_t n)
{
    uint8_t id[MESSAGE_ID_BYTES];
    struct queue_slip s = { .state = QUEUE_IS_UNKNOWN };
    struct store_txn *t;

    letters_id(n, id);
    cr_assert_eq(store_begin(l->store, false, &t), E_OK);
    enum err e = queue_find(t, 0, id, &s);
    cr_assert(e == E_OK || e == E_NOT_FOUND);
    store_abort(&t);
    return s;
}

struct channels *letters_channels(const char *text)
{
    struct yaml *y;
    struct channels *c;
    struct why why = { "" };

    cr_assert_eq(yaml_open("channels.yaml", text, strlen(text), &y, &why), E_OK, "%s", why.text);
    cr_assert_eq(channels_open(y, yaml_root(y), &c, &why), E_OK, "%s", why.text);
    yaml_close(&y);
    return c;
}
