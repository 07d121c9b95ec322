/* terminal_channel.c: messages as plain text on standard output: for a look, and for the first days. */
#include "sinks/oic/channel.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const keys[] = { "type" };

static enum err terminal_open(const struct yaml *y, const struct yaml_node *config, void **ret_ctx, struct why *why)
{
    enum err e = yaml_refuse_others(y, config, keys, sizeof keys / sizeof *keys, why);

    if (!e && !(*ret_ctx = malloc(1)))
        e = E_MEMORY;
    return e;
}

static enum delivery terminal_send(void *ctx, const struct message *m, const struct rendered *r, struct why *why)
{
    (void)ctx;
    printf("To: " TEXT_FMT "\nSubject: " TEXT_FMT "\n\n" TEXT_FMT "\n", TEXT_ARG(m->to), TEXT_ARG(r->subject), TEXT_ARG(r->plain));
    if (fflush(stdout)) {
        why_set(why, "standard output cannot be written to");
        return DELIVERY_DOWN;
    }
    why_set(why, "printed");
    return DELIVERED;
}

static void terminal_close(void **ctx)
{
    free(*ctx);
    *ctx = NULL;
}

const struct channel terminal_channel = {
    .name = "terminal",
    .help = "plain text on standard output",
    .open = terminal_open,
    .send = terminal_send,
    .close = terminal_close,
};
