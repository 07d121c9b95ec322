/* sink.c: the holding as a sink: what the loop of all sinks asks of it. */
#include "sinks/opcc/holding.h"

static enum err sink_open(const char *path, void **ret_ctx, struct sink_cursor *ret_cursor, struct why *why)
{
    struct holding *h;
    enum err e = holding_open(path, false, &h, why);

    if (e)
        return e;
    *ret_ctx = h;
    *ret_cursor = holding_cursor(h);
    return E_OK;
}

static enum err sink_take(void *ctx, struct bytes item) { return holding_take(ctx, item); }
static enum err sink_commit(void *ctx, const struct sink_cursor *at) { return holding_commit(ctx, at); }

static void sink_close(void **ctx)
{
    struct holding *h = *ctx;

    holding_close(&h);
    *ctx = NULL;
}

const struct sink compliance_sink = {
    .name = "compliance",
    .help = "every version of every journey for the compliance report, sealed",
    .open = sink_open,
    .take = sink_take,
    .commit = sink_commit,
    .close = sink_close,
};
