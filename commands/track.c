/* track.c: the tracker as a process of its own. */
#include "commands/command.h"
#include "commands/links.h"
#include "commands/process.h"
#include "commands/service.h"
#include "processors/tracker.h"

static struct {
    const char *data, *listen, *calendar, *opcc;
    struct opt_list rules, sinks;
    int64_t checkpoint_every;
} o = { .data = "rightswatch-data", .checkpoint_every = TRACK_CHECKPOINT_EVERY };

static const struct opt options[] = {
    { "data", "DIR", "the data folder, made if missing (rightswatch-data)", OPT_TEXT, &o.data, 0, 0 },
    { "listen", "ENDPOINT", "where producers connect (ipc://DIR/intake.sock)", OPT_TEXT, &o.listen, 0, 0 },
    { "sink", "ENDPOINT", "where a sink listens; may be given again", OPT_LIST, &o.sinks, 0, 0 },
    { "opcc", "ENDPOINT", "where the compliance sink listens (rightswatch opcc): draw rows for it", OPT_TEXT, &o.opcc, 0, 0 },
    LINK_OPTIONS,
    SERVICE_OPTIONS,
    { "rules", "FILE", "a rule book, or the name of a built-in one; may be given again (victims-code-2021)", OPT_LIST, &o.rules, 0, 0 },
    { "calendar", "FILE", "bank holidays in GOV.UK's JSON (built in)", OPT_TEXT, &o.calendar, 0, 0 },
    { "checkpoint-every", "N", "store the state after N records: bounds what a start folds again (1000000)", OPT_NUMBER,
      &o.checkpoint_every, 1000, 1000000000 },
};

static int run(const struct opt_list *operands)
{
    struct tracker_options tracker = { .dir = o.data, .calendar = o.calendar, .sinks = o.sinks.count,
                                       .rulebooks = o.rules.item, .rulebook_count = o.rules.count,
                                       .checkpoint_every = (uint64_t)o.checkpoint_every, .compliance = o.opcc };
    struct link_context *c = NULL;
    struct tracker *t = NULL;
    struct service service;
    struct tracker_progress p;
    struct why why = { "" };
    char listen[4096];
    enum err e, closed;

    if (operands->count)
        return command_misused(&track_command, "it takes options only");
    if (o.sinks.count > TRACKER_SINKS_MAX)
        return command_misused(&track_command, "there are too many sinks");
    for (size_t i = 0; i < o.sinks.count; i++)
        tracker.sink[i] = o.sinks.item[i];
    snprintf(listen, sizeof listen, "ipc://%s/intake.sock", o.data);
    tracker.listen = o.listen ? o.listen : listen;
    if ((e = service_open(&service)))
        return command_failed(e, NULL);
    tracker.vitals = service.vitals;
    if ((e = links_open(&c, &why)) || (e = tracker_open(c, &tracker, &t, &why)) || (e = service_start(&service, t, &why)))
        goto out;
    fprintf(stderr, "rightswatch track: listening on %s\n", tracker_endpoint(t));
    while (!process_is_stopping()) {
        if (tracker_has_failed(t, &why)) {
            e = E_IO;
            break;
        }
        p = tracker_progress(t);
        process_progress("%llu records kept, %llu folded, %llu notices, %llu delivered", (unsigned long long)p.journalled,
                         (unsigned long long)p.folded, (unsigned long long)p.rows, (unsigned long long)p.told);
        bell_wait(process_bell(), 500);
    }
    process_clear_line();
out:
    service_stop(&service);
    closed = tracker_close(&t, &why);
    service_close(&service);
    link_context_close(&c);
    e = e ? e : closed;
    return e ? command_failed(e, &why) : EXIT_DONE;
}

const struct command track_command = {
    .name = "track",
    .summary = "keep what producers send, work out what is owed, tell the sinks",
    .usage = "[OPTION...]",
    .about = "The tracker as a process of its own, on one data folder. It keeps every record before it acknowledges it,\n"
             "follows each journey, and tells every sink each notice once. SIGTERM ends it cleanly; after a crash it\n"
             "goes on where it was. One tracker runs on a folder at a time.\n",
    .examples = "  rightswatch track --listen tcp://127.0.0.1:5571 --sink tcp://127.0.0.1:5572\n",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run,
};
