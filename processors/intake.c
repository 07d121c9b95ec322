#include "processors/intake.h"
#include "core/crash.h"
#include "processors/admit.h"

#include <stdlib.h>

enum {
    GROUP_MAX = 64,                             /* batches in one commit */
    WINDOW_BYTES = 16 * 1024 * 1024,            /* what one producer may have under way */
    LAG_MAX = 2000000,                          /* records the fold may be behind before producers wait */
};

struct intake {
    struct link_right *right;
    struct journal *journal;
    struct bell *kept, *bell;                   /* rung after each commit, borrowed; heard while waiting for batches */
    struct wire *wire;                          /* for what limited clients say */
    uint64_t (*folded)(void *ctx);
    void *ctx;
    struct link_batch batch[GROUP_MAX];
};

static enum err hello(void *ctx, const uint8_t stream[STREAM_BYTES], const char *name, uint32_t epoch,
                      uint32_t *ret_epoch, uint64_t *ret_cursor, uint64_t *ret_digest)
{
    struct intake *i = ctx;

    return journal_hello(i->journal, stream, name, epoch, ret_epoch, ret_cursor, ret_digest);
}

static enum err stands(void *ctx, const uint8_t stream[STREAM_BYTES],
                       uint32_t *ret_epoch, uint64_t *ret_cursor, uint64_t *ret_digest)
{
    struct intake *i = ctx;

    return journal_stands(i->journal, stream, ret_epoch, ret_cursor, ret_digest);
}

static bool is_heard(void *ctx, const uint8_t stream[STREAM_BYTES])
{
    struct intake *i = ctx;

    return link_right_hears(i->right, stream);
}

/* The whole window while the fold keeps up, less as it falls behind, nothing at LAG_MAX. */
static uint64_t window(void *ctx, const uint8_t stream[STREAM_BYTES])
{
    struct intake *i = ctx;
    uint64_t lag = journal_last(i->journal) - i->folded(i->ctx);

    (void)stream;
    if (lag >= LAG_MAX)
        return 0;
    return (uint64_t)WINDOW_BYTES / LAG_MAX * (LAG_MAX - lag) + BATCH_BYTES_MAX;
}

static const char *may_not(void *ctx, const struct link_limits *l, struct bytes items)
{
    struct intake *i = ctx;

    return admit_not(i->wire, l, items);
}

enum err intake_open(struct link_context *c, const char *endpoint, struct journal *j,
                     uint64_t (*folded)(void *ctx), void *ctx, struct bell *kept,
                     struct intake **ret, struct why *why)
{
    struct intake *i = calloc(1, sizeof *i);
    struct link_keeper keeper = { .ctx = i, .hello = hello, .stands = stands, .window = window, .may_not = may_not };
    enum err e;

    if (!i)
        return E_MEMORY;
    i->journal = j;
    i->kept = kept;
    i->folded = folded;
    i->ctx = ctx;
    if ((e = bell_open(&i->bell)) || (e = wire_open(&i->wire)) || (e = link_right_open(c, endpoint, &keeper, &i->right, why))) {
        intake_close(&i);
        return e;
    }
    link_right_listen(i->right, i->bell);
    journal_keep_streams(j, STREAMS_KEPT_MAX, is_heard, i);
    *ret = i;
    return E_OK;
}

enum err intake_within(struct intake *i, const char *endpoint, struct why *why) { return link_right_within(i->right, endpoint, why); }
const char *intake_endpoint(const struct intake *i) { return link_right_endpoint(i->right); }

struct bell *intake_bell(struct intake *i) { return i->bell; }

const struct link_counts *intake_counts(const struct intake *i) { return link_right_counts(i->right); }

/* Durable, then polite: every batch of the round in one commit, then one acknowledgement each. */
enum err intake_run_once(struct intake *i, int wait_ms, struct why *why)
{
    size_t count = link_right_receive(i->right, wait_ms, i->batch, GROUP_MAX);
    uint64_t number;
    enum err e = E_OK;

    if (!count) {
        link_right_reopen(i->right);
        return E_OK;
    }
    for (size_t n = 0; n < count; n++)
        if ((e = journal_append(i->journal, &i->batch[n], &number)))
            goto fail;
    crash_point(CRASH_journal_before_commit);
    if ((e = journal_commit(i->journal)))
        goto fail;
    crash_point(CRASH_journal_after_commit);
    link_right_release(i->right, true);
    link_right_reopen(i->right);
    bell_ring(i->kept);
    return E_OK;
fail:
    journal_abort(i->journal);
    link_right_release(i->right, false);
    why_set(why, "the journal does not take more: %s; nothing of it was acknowledged", err_text(e));
    return e;
}

void intake_close(struct intake **pi)
{
    struct intake *i = *pi;

    if (!i)
        return;
    journal_keep_streams(i->journal, STREAMS_KEPT_MAX, NULL, NULL);
    link_right_close(&i->right);
    bell_close(&i->bell);
    wire_close(&i->wire);
    free(i);
    *pi = NULL;
}
