/* emit.c: events from files or standard input to a tracker, until it has them all durably. */
#include "commands/command.h"
#include "commands/links.h"
#include "commands/process.h"
#include "commands/stages.h"
#include "producers/inlet.h"

static struct { const char *to, *map, *clock, *spool; bool quiet; } o = {
    .to = "ipc://rightswatch-data/intake.sock", .clock = "none", .spool = "rightswatch-spool",
};

static const struct opt options[] = {
    { "to", "ENDPOINT", "where the tracker listens (ipc://rightswatch-data/intake.sock)", OPT_TEXT, &o.to, 0, 0 },
    LINK_OPTIONS,
    { "map", "FILE", "read CSV through this mapping; without it the input is NDJSON", OPT_TEXT, &o.map, 0, 0 },
    { "clock", "none|events", "events: say the time by the events' own times (none)", OPT_CHOICE, &o.clock, 0, 0 },
    { "spool", "DIR", "where standard input is kept until the tracker has it (rightswatch-spool)", OPT_TEXT, &o.spool, 0, 0 },
    { "quiet", NULL, "say nothing at the end", OPT_FLAG, &o.quiet, 0, 0 },
};

static void print_summary(const struct feed *feed, uint64_t durable)
{
    struct feed_counts n = feed_counts(feed);
    const char *reason;
    uint64_t count;

    process_clear_line();
    printf("%llu events read, %llu set aside; the tracker has all %llu items of this input\n", (unsigned long long)n.events,
           (unsigned long long)n.set_aside, (unsigned long long)durable);
    for (size_t i = 0; feed_reason(feed, i, &reason, &count); i++)
        printf("  %8llu set aside: %s\n", (unsigned long long)count, reason);
}

static int run(const struct opt_list *operands)
{
    static const char *const standard_input[] = { "-" };
    struct feed_options feed = {
        .paths = operands->count ? operands->item : standard_input, .count = operands->count ? operands->count : 1,
        .map_path = o.map, .clock_by_events = o.clock[0] == 'e',
    };
    struct link_context *c = NULL;
    struct inlet *inlet = NULL;
    struct sender sender = { 0 };
    struct link_source source;
    struct why why = { "" };
    enum err e;

    if ((e = links_open(&c, &why)) || (e = inlet_open(&feed, o.spool, &inlet, &why)))
        goto out;
    source = inlet_source(inlet);
    if ((e = sender_start(c, o.to, &source, inlet_bell(inlet), &sender, &why)))
        goto out;
    while (!process_is_stopping() && !stage_is_over(sender.stage, &e, &why)) {
        if (inlet_has_failed(inlet, &why)) {
            e = E_IO;
            break;
        }
        process_progress("%llu items acknowledged%s", (unsigned long long)link_left_durable(sender.left),
                         link_left_is_connected(sender.left) ? "" : ", waiting for the tracker");
        bell_wait(process_bell(), 200);
    }
    if (e == E_END) {
        e = E_OK;
        if (!o.quiet)
            print_summary(inlet_feed(inlet), link_left_durable(sender.left));
    } else if (!e) {
        process_clear_line();
        fprintf(stderr, "rightswatch emit: stopped before the tracker had everything; run it again to go on\n");
    }
out:
    sender_stop(&sender);
    inlet_close(&inlet);
    link_context_close(&c);
    if (e)
        return command_failed(e, &why);
    return process_is_stopping() ? EXIT_INTERRUPTED : EXIT_DONE;
}

const struct command emit_command = {
    .name = "emit",
    .summary = "send events from files or standard input to a tracker",
    .usage = "[OPTION...] [INPUT...]",
    .about = "Sends NDJSON events, or CSV rows through a mapping, and ends when the tracker has all of it durably. A\n"
             "file is read again when that is needed: run the same command again after any interruption, and it goes\n"
             "on where the tracker stopped. Standard input (no INPUT, or -) is kept in the spool until the tracker has\n"
             "it, however long that takes. What cannot be read is sent as a set-aside row with its reason.\n"
             "docs/events.md describes the events, docs/mappings.md the mappings.\n",
    .examples = "  rightswatch emit --to tcp://127.0.0.1:5571 week.ndjson\n"
                "  rightswatch emit --map fines.map.yaml road-traffic-fines.csv.gz\n"
                "  tail -F events.ndjson | rightswatch emit\n",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run,
};
