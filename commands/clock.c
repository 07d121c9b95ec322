/* clock.c: the one producer that says what time it is. */
#include "commands/command.h"
#include "commands/links.h"
#include "commands/process.h"
#include "commands/stages.h"
#include "producers/clock.h"

static struct { const char *to; int64_t leap_s; } o = { "ipc://rightswatch-data/intake.sock", CLOCK_LEAP_S };

static const struct opt options[] = {
    { "to", "ENDPOINT", "where the tracker listens (ipc://rightswatch-data/intake.sock)", OPT_TEXT, &o.to, 0, 0 },
    LINK_OPTIONS,
    { "leap", "SPAN", "hold back when the wall clock leaps ahead by more than this (1h)", OPT_SPAN, &o.leap_s, 60, 365L * 86400 },
};

static int run(const struct opt_list *operands)
{
    struct link_context *c = NULL;
    struct clock *clock = NULL;
    struct sender sender = { 0 };
    struct link_source source;
    struct why why = { "" };
    bool held = false;
    enum err e, ended;

    if (operands->count)
        return command_misused(&clock_command, "it takes options only");
    if ((e = links_open(&c, &why)) || (e = clock_open(o.leap_s, &clock)))
        goto out;
    source = clock_source(clock);
    if ((e = sender_start(c, o.to, &source, NULL, &sender, &why)))
        goto out;
    while (!process_is_stopping()) {
        bell_wait(process_bell(), 1000);
        if (stage_is_over(sender.stage, &ended, &why)) {
            e = ended;
            break;
        }
        if (clock_is_held(clock) != held && (held = !held))
            fprintf(stderr, "rightswatch clock: the wall clock leapt ahead; no tick is given until it is back or the clock is restarted\n");
    }
out:
    sender_stop(&sender);
    clock_close(&clock);
    link_context_close(&c);
    return e ? command_failed(e, &why) : EXIT_DONE;
}

const struct command clock_command = {
    .name = "clock",
    .summary = "tell a tracker what time it is, every minute",
    .usage = "[OPTION...]",
    .about = "Nothing else in rightswatch reads the time: a tick is a record in the journal like any other, so that\n"
             "a replay gives the same alerts. Run exactly one for a tracker. A tick cannot be unsaid: when the wall\n"
             "clock leaps ahead by more than --leap, the clock waits for it to come back or to be restarted.\n",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run,
};
