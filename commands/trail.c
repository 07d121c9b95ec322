/* trail.c: the trail sink as a process of its own. */
#include "commands/command.h"
#include "commands/links.h"
#include "commands/process.h"
#include "commands/stages.h"

static struct { const char *listen; } o = { "ipc://rightswatch-data/trail.sock" };

static const struct opt options[] = {
    { "listen", "ENDPOINT", "where the tracker connects (ipc://rightswatch-data/trail.sock)", OPT_TEXT, &o.listen, 0, 0 },
    LINK_OPTIONS,
};

static int run(const struct opt_list *operands)
{
    struct link_context *c = NULL;
    struct receiver receiver = { NULL, NULL };
    struct why why = { "" };
    enum err e;

    if (operands->count != 1)
        return command_misused(&trail_command, "it takes the file to append to");
    if ((e = links_open(&c, &why)) ||
        (e = receiver_start(c, o.listen, &trail_sink, operands->item[0], &receiver, &why)))
        goto out;
    fprintf(stderr, "rightswatch trail: listening on %s\n", sink_loop_endpoint(receiver.loop));
    while (!process_is_stopping() && !stage_is_over(receiver.stage, &e, &why))
        bell_wait(process_bell(), 1000);
out:
    receiver_stop(&receiver);
    link_context_close(&c);
    return e ? command_failed(e, &why) : EXIT_DONE;
}

const struct command trail_command = {
    .name = "trail",
    .summary = "append every alert to a file, as lines of NDJSON",
    .usage = "[OPTION...] FILE",
    .about = "Receives alerts from a tracker (rightswatch track --sink ENDPOINT) and appends each as one line, synced\n"
             "before it is acknowledged. FILE.cursor beside it says how far it is. A line comes once, also after a\n"
             "crash. docs/events.md describes the fields.\n",
    .examples = "  rightswatch trail --listen tcp://127.0.0.1:5572 alerts.ndjson\n",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run,
};
