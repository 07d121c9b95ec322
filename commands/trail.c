/* trail.c: the trail sink as a process of its own. */
#include "commands/command.h"
#include "commands/links.h"
#include "commands/stages.h"

static struct { const char *listen; } o = { "ipc://rightswatch-data/trail.sock" };

static const struct opt options[] = {
    { "listen", "ENDPOINT", "where the tracker connects (ipc://rightswatch-data/trail.sock)", OPT_TEXT, &o.listen, 0, 0 },
    LINK_OPTIONS,
};

static int run(const struct opt_list *operands)
{
    if (operands->count != 1)
        return command_misused(&trail_command, "it takes the file to append to");
    return receiver_serve("trail", o.listen, &trail_sink, operands->item[0]);
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
