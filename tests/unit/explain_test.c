#include "processors/explain.h"
#include "core/hash.h"
#include "tests/kit/program.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static void says(struct explain *x, const char *what)
{
    struct json_out out = { 0 };

    explain_answer(x, TEXT("{\"ask\":\"status\"}"), &out);
    cr_assert(strstr(out.p, what) != NULL, "%s: %s", what, out.p);
    json_out_fini(&out);
}

/* While intake is ahead of the fold, the status says by how much. */
Test(explain, the_status_says_how_many_records_wait)
{
    enum { TICKS = 7 };
    char *dir = folder_make(), *journal = path_in(dir, "journal"), *outbox = path_in(dir, "outbox");
    struct link_batch batch = { .count = TICKS, .first = 1 };
    struct why why = { "" };
    struct journal *j;
    struct outbox *o;
    struct track *t;
    struct explain *x;
    struct wire *w;
    uint8_t items[4096];
    uint64_t number, cursor, digest;
    size_t used = 0;

    cr_assert(wire_open(&w) == E_OK && journal_open(journal, false, &j, &why) == E_OK && outbox_open(outbox, false, &o, &why) == E_OK, "%s", why.text);
    for (int i = 0; i < TICKS; i++)
        cr_assert(wire_item_append(w, &(struct item){ .what = ITEM_TICK, .at.s = 1750000000 + i }, items, sizeof items, &used) == E_OK);
    batch.items = (struct bytes){ items, used };
    batch.check = hash_bytes(items, used);
    cr_assert(journal_hello(j, batch.stream, "test", 0, &batch.epoch, &cursor, &digest) == E_OK);
    cr_assert(journal_append(j, &batch, &number) == E_OK && journal_commit(j) == E_OK);
    cr_assert(track_open(j, o, NULL, false, &t, &why) == E_OK && explain_open(t, j, o, &x) == E_OK, "%s", why.text);
    says(x, "\"waiting\":7,");
    cr_assert(track_step(t, 5, &why) == E_OK, "%s", why.text);
    says(x, "\"waiting\":2,");
    cr_assert(track_step(t, 5, &why) == E_OK, "%s", why.text);
    says(x, "\"waiting\":0,");
    explain_close(&x);
    track_close(&t);
    outbox_close(&o);
    journal_close(&j);
    wire_close(&w);
    free(journal), free(outbox);
    folder_remove(&dir);
}
