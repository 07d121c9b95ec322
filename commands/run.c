/* run.c: every role in one process: producers, tracker and sinks on one data folder. */
#include "commands/command.h"
#include "commands/feed.h"
#include "commands/print.h"
#include "commands/links.h"
#include "commands/process.h"
#include "commands/schedule.h"
#include "commands/service.h"
#include "commands/stages.h"
#include "processors/tracker.h"
#include "producers/clock.h"
#include "producers/inlet.h"
#include "sinks/oic/oic.h"
#include "sinks/opcc/holding.h"
#include "sinks/terminal.h"

#include <stdlib.h>
#include <string.h>

static struct {
    const char *data, *map, *clock, *calendar, *listen, *opcc, *reports, *force, *oic, *connect, *connect_map, *connect_after;
    struct opt_list rules;
    int64_t show, connect_patience_s;
    bool once, quiet;
} o = { .data = "rightswatch-data", .show = -1, .connect_after = "archive", .connect_patience_s = 3600 };

static const struct opt options[] = {
    { "once", NULL, "end when all input is durable, folded and delivered; the same on every day", OPT_FLAG, &o.once, 0, 0 },
    { "data", "DIR", "the data folder, made if missing (rightswatch-data)", OPT_TEXT, &o.data, 0, 0 },
    { "rules", "FILE", "a rule book, or the name of a built-in one; may be given again (victims-code-2021)", OPT_LIST, &o.rules, 0, 0 },
    { "calendar", "FILE", "bank holidays in GOV.UK's JSON (built in)", OPT_TEXT, &o.calendar, 0, 0 },
    { "map", "FILE", "read CSV through this mapping; without it the input is NDJSON", OPT_TEXT, &o.map, 0, 0 },
    { "connect", "DIR", "take in extracts of the record system that are dropped into this folder", OPT_TEXT, &o.connect, 0, 0 },
    { "connect-map", "FILE", "how that extract names its columns and codes", OPT_TEXT, &o.connect_map, 0, 0 },
    { "connect-after", "archive|delete|keep", "what becomes of its files (archive)", OPT_CHOICE, &o.connect_after, 0, 0 },
    { "connect-patience", "SPAN", "how long what is not whole, or a missing batch, is waited for (1h)", OPT_SPAN, &o.connect_patience_s, 0, 30 * 86400 },
    { "clock", "events|wall", "time by the events' own times, or by the wall (events with --once, else wall)", OPT_CHOICE, &o.clock, 0, 0 },
    { "listen", "ENDPOINT", "where acknowledgements and other producers come in (ipc://DIR/intake.sock; with --once nowhere)", OPT_TEXT, &o.listen, 0, 0 },
    LINK_OPTIONS,
    { "opcc", "DIR", "keep what the compliance report needs in this folder, which is for the report alone", OPT_TEXT, &o.opcc, 0, 0 },
    { "reports", "DIR", "with --opcc: make the report of each month and quarter here, 28 days after its end (none)", OPT_TEXT, &o.reports, 0, 0 },
    { "force", "NAME", "the force's name, as it stands on those", OPT_TEXT, &o.force, 0, 0 },
    SERVICE_OPTIONS,
    { "oic", "FILE", "also tell officers, as this configuration says (docs/alerts.md)", OPT_TEXT, &o.oic, 0, 0 },
    { "show", "N", "print at most N alerts (40 with --once, else all)", OPT_NUMBER, &o.show, 0, INT64_MAX },
    { "quiet", NULL, "print no alerts and no summary", OPT_FLAG, &o.quiet, 0, 0 },
};

enum { SHOW_ONCE = 40 };

/* Everything that runs, opened in this order and closed in the other. */
struct roles {
    struct link_context *context;
    struct receiver trail, terminal, compliance, oic;
    struct tracker *tracker;
    struct service service;
    struct schedule schedule;
    struct inlet *inlet;
    struct clock *clock;
    struct connect *connect;
    struct feed_talk talk;
    struct sender input, extracts, ticks;
};

static enum err start_sinks(struct roles *r, const struct folder *f, struct why *why)
{
    char cursor[4096];
    enum err e = receiver_start(r->context, "inproc://trail", &trail_sink, f->trail, &r->trail, why);

    schedule_init(&r->schedule, o.opcc, o.reports, o.force);
    if (!e && o.opcc)
        e = receiver_start(r->context, "inproc://opcc", &compliance_sink, o.opcc, &r->compliance, why);
    if (!e && o.oic)
        e = receiver_start(r->context, "inproc://oic", &oic_sink, o.oic, &r->oic, why);
    if (e || o.quiet)
        return e;
    if (snprintf(cursor, sizeof cursor, "%s/terminal.cursor", f->dir) >= (int)sizeof cursor)
        return E_USAGE;
    if ((e = receiver_start(r->context, "inproc://terminal", &terminal_sink, cursor, &r->terminal, why)))
        return e;
    if (o.show >= 0 || o.once)
        terminal_show_at_most(sink_loop_ctx(r->terminal.loop), o.show >= 0 ? (uint64_t)o.show : SHOW_ONCE);
    return E_OK;
}

/* Its own producers need no key, whatever the others come by. */
static const char own_door[] = "inproc://producers";

/* As `track` does, so that `ack` finds it; not where the folder's name is longer than a socket's may be. */
static const char *front_door(char *buf, size_t cap)
{
    if (o.listen)
        return o.listen;
    if (o.once || strlen(o.data) + sizeof "/intake.sock" > LINK_IPC_PATH_MAX || snprintf(buf, cap, "ipc://%s/intake.sock", o.data) >= (int)cap)
        return "inproc://intake";
    return buf;
}

static enum err start_tracker(struct roles *r, struct why *why)
{
    char listen[4096];
    struct tracker_options t = {
        .dir = o.data, .listen = front_door(listen, sizeof listen), .within = own_door, .rulebooks = o.rules.item, .rulebook_count = o.rules.count,
        .calendar = o.calendar, .sink = { "inproc://trail" }, .sinks = 1, .compliance = o.opcc ? "inproc://opcc" : NULL,
    };
    enum err e;

    if (!o.quiet)
        t.sink[t.sinks++] = "inproc://terminal";
    if (o.oic)
        t.sink[t.sinks++] = "inproc://oic";
    if ((e = service_open(&r->service)))
        return e;
    t.vitals = r->service.vitals;
    if ((e = tracker_open(r->context, &t, &r->tracker, why)))
        return e;
    return service_start(&r->service, r->tracker, why);
}

static enum err open_connect(struct roles *r, bool by_events, struct why *why)
{
    static char data[4096];
    struct connect_options c = {
        .dir = o.connect, .data = data, .map_path = o.connect_map, .after = feed_after(o.connect_after), .patience_s = o.connect_patience_s,
        .once = o.once, .clock_by_events = by_events, .is_stopping = process_is_stopping, .tell = feed_tell, .ctx = &r->talk,
    };

    r->talk = (struct feed_talk){ .quiet = o.quiet, .brief = o.once, .dir = o.connect, .after = c.after };
    if (snprintf(data, sizeof data, "%s/connect", o.data) >= (int)sizeof data)
        return E_USAGE;
    return connect_open(&c, &r->connect, why);
}

/* What reads the time zone database comes before any thread that might read the environment. */
static enum err open_input(struct roles *r, const struct opt_list *operands, bool by_events, struct why *why)
{
    struct feed_options feed = { .paths = operands->item, .count = operands->count, .map_path = o.map, .clock_by_events = by_events };
    char spool[4096];
    enum err e;

    if (o.connect && (e = open_connect(r, by_events, why)))
        return e;
    if (!operands->count)
        return E_OK;
    if (snprintf(spool, sizeof spool, "%s/spool", o.data) >= (int)sizeof spool)
        return E_USAGE;
    return inlet_open(&feed, spool, &r->inlet, why);
}

static enum err start_producers(struct roles *r, bool by_events, struct why *why)
{
    struct link_source source;
    enum err e;

    if (r->inlet) {
        source = inlet_source(r->inlet);
        if ((e = sender_start(r->context, own_door, &source, inlet_bell(r->inlet), &r->input, why)))
            return e;
    }
    if (r->connect) {
        source = connect_source(r->connect);
        if ((e = sender_start(r->context, own_door, &source, connect_bell(r->connect), &r->extracts, why)) ||
            (e = connect_start(r->connect)))
            return e;
    }
    if (by_events)
        return E_OK;
    if ((e = clock_open(CLOCK_LEAP_S, &r->clock)))
        return e;
    source = clock_source(r->clock);
    return sender_start(r->context, own_door, &source, NULL, &r->ticks, why);
}

static void show_progress(const struct roles *r)
{
    struct tracker_progress p = tracker_progress(r->tracker);
    struct feed_counts n = { 0 };

    if (r->inlet)
        n = feed_counts(inlet_feed(r->inlet));
    if (r->connect && !n.bytes_total) {
        struct connect_counts c = connect_counts(r->connect);
        process_progress("batch %llu: %llu of %llu rows; %llu records kept, %llu folded, %llu notices, %llu delivered", (unsigned long long)c.batch,
                         (unsigned long long)c.rows, (unsigned long long)c.all_rows, (unsigned long long)p.journalled, (unsigned long long)p.folded,
                         (unsigned long long)p.rows, (unsigned long long)p.told);
    } else if (n.bytes_total)
        process_progress("%3.0f %% read, %llu records kept, %llu folded, %llu notices, %llu delivered",
                         100.0 * (double)n.bytes_read / (double)n.bytes_total, (unsigned long long)p.journalled,
                         (unsigned long long)p.folded, (unsigned long long)p.rows, (unsigned long long)p.told);
    else
        process_progress("%llu records kept, %llu folded, %llu notices, %llu delivered", (unsigned long long)p.journalled,
                         (unsigned long long)p.folded, (unsigned long long)p.rows, (unsigned long long)p.told);
}

/* Until told to stop; with --once, until the input has ended and everything is delivered. */
static enum err watch(struct roles *r, struct why *why)
{
    struct stage *const stages[] = { r->trail.stage, r->terminal.stage, r->compliance.stage, r->oic.stage, r->input.stage, r->extracts.stage, r->ticks.stage };
    bool input_ended = !r->input.stage, extracts_ended = !r->extracts.stage, settled, ended;
    enum err e;

    if (r->oic.loop)
        process_hear_reload();
    while (!process_is_stopping()) {
        if (r->oic.loop && process_wants_reload())
            sink_loop_reload(r->oic.loop);
        if (tracker_has_failed(r->tracker, why))
            return E_IO;
        if (r->inlet && inlet_has_failed(r->inlet, why))
            return E_IO;
        if (r->connect && connect_is_over(r->connect, &e, why) && e != E_END)
            return e;
        for (size_t i = 0; i < sizeof stages / sizeof *stages; i++)
            if (stages[i] && stage_is_over(stages[i], &e, why)) {
                if ((stages[i] != r->input.stage && stages[i] != r->extracts.stage) || e != E_END)
                    return e;
                input_ended |= stages[i] == r->input.stage;
                extracts_ended |= stages[i] == r->extracts.stage;
            }
        settled = tracker_is_settled(r->tracker) && (!r->oic.loop || oic_is_settled(sink_loop_ctx(r->oic.loop)));
        ended = o.once && input_ended && extracts_ended && settled;
        if (r->compliance.loop && (ended || (!o.once && settled)))      /* not in the middle of a history */
            schedule_look(&r->schedule, sink_loop_ctx(r->compliance.loop));
        if (ended && !r->schedule.child)
            return E_OK;
        if (o.once)
            show_progress(r);
        bell_wait(process_bell(), o.once && input_ended && extracts_ended ? 5 : 100);
    }
    return E_OK;
}

static enum err stop(struct roles *r, struct why *why)
{
    enum err e;

    schedule_stop(&r->schedule);
    sender_stop(&r->ticks);
    sender_stop(&r->input);
    sender_stop(&r->extracts);
    clock_close(&r->clock);
    service_stop(&r->service);
    e = tracker_close(&r->tracker, why);
    service_close(&r->service);
    receiver_stop(&r->compliance);
    receiver_stop(&r->oic);
    receiver_stop(&r->terminal);
    receiver_stop(&r->trail);
    return e;
}

static void print_set_aside(const struct feed *feed)
{
    const char *reason;
    uint64_t count;

    for (size_t i = 0; feed_reason(feed, i, &reason, &count); i++)
        printf("            %llu set aside: %s\n", (unsigned long long)count, reason);
}

/* The journey a person may want to look at first: of what is missed, else due soonest. */
static void print_next(char *due)
{
    struct json *first = NULL;
    struct text crime = { 0 };

    if (print_next_row(&due, &first))
        crime = print_member(first, "crime_ref");
    printf("\nWhere to look next\n");
    printf("  rightswatch due --data %s\n      what is owed, nearest first\n", o.data);
    if (crime.n)
        printf("  rightswatch journey " TEXT_FMT " --data %s\n      one victim's journey, and why each thing is what it is\n",
               TEXT_ARG(crime), o.data);
    printf("  rightswatch notices --data %s\n      every alert again; for programs: %s/trail.ndjson\n", o.data, o.data);
    printf("  rightswatch status --data %s\n      what came in, what was set aside\n", o.data);
    json_free(&first);
}

static enum err print_summary(const struct roles *r, struct mono began, struct why *why)
{
    struct track_counts counts = tracker_progress(r->tracker).counts;
    struct terminal_counts shown = terminal_counts(sink_loop_ctx(r->terminal.loop));
    struct feed_counts n;
    struct json *due = NULL;
    struct json_out q;
    char *text = NULL;
    const struct json *states;
    enum err e;

    json_out_init(&q);
    json_out_raw(&q, TEXT("{\"ask\":\"due\",\"limit\":1}"));
    e = print_ask(o.data, &q, NULL, &text, &due, why);
    json_out_fini(&q);
    if (e)
        return e;
    states = json_get(due, "states");
    if (shown.held_back)
        printf("... and %llu more (--show)\n", (unsigned long long)shown.held_back);
    printf("\n");
    if (r->inlet) {
        n = feed_counts(inlet_feed(r->inlet));
        printf("Read        %llu events, %llu %s set aside\n", (unsigned long long)n.events, (unsigned long long)n.set_aside,
               n.set_aside == 1 ? "row" : "rows");
        print_set_aside(inlet_feed(r->inlet));
    }
    if (r->connect) {
        struct connect_counts c = connect_counts(r->connect);
        printf("Extracts    %llu %s, %llu %s; %llu %s and %llu %s refused\n", (unsigned long long)c.taken, c.taken == 1 ? "batch" : "batches",
               (unsigned long long)c.events, c.events == 1 ? "event" : "events", (unsigned long long)c.rejected, c.rejected == 1 ? "row" : "rows",
               (unsigned long long)c.refused, c.refused == 1 ? "batch" : "batches");
        if (c.waiting)
            printf("            %llu waited for: run again, or give less --connect-patience\n", (unsigned long long)c.waiting);
    }
    printf("Tracked     ");
    print_as_of(stdout, due);
    printf("Alerts      %llu raised in this run; now %lld missed, %lld not proven, %lld still to do\n",
           (unsigned long long)counts.alerts, (long long)print_number(states, "breached"),
           (long long)print_number(states, "unproven"), (long long)print_number(states, "open"));
    printf("Took        %.2f s, %.0f MiB\n", (double)mono_ms_since(began) / 1000.0,
           (double)process_memory_bytes() / 1048576.0);
    print_next(text);
    json_free(&due);
    free(text);
    return E_OK;
}

static int run(const struct opt_list *operands)
{
    struct roles r = { 0 };
    struct folder folder;
    struct mono began = mono_now();
    struct why why = { "" };
    bool by_events = o.clock ? !strcmp(o.clock, "events") : o.once;
    struct connect_counts extracts = { 0 };
    enum err e, stopped;

    if (o.once && !operands->count && !o.connect)
        return command_misused(&run_command, "--once needs an INPUT or --connect DIR to read to its end");
    if (o.reports && !o.opcc)
        return command_misused(&run_command, "--reports are made of what --opcc DIR keeps; name that folder too");
    if (operands->count == 0 && o.map)
        return command_misused(&run_command, "--map reads an INPUT; name one");
    if ((e = folder_name(&folder, o.data, true, &why)) || (e = links_open(&r.context, &why)) ||
        (e = open_input(&r, operands, by_events, &why)) || (e = start_tracker(&r, &why)) ||
        (e = start_sinks(&r, &folder, &why)) || (e = start_producers(&r, by_events, &why)))
        goto out;
    e = watch(&r, &why);
    process_clear_line();
    if (!e && o.once && !o.quiet && !process_is_stopping())
        e = print_summary(&r, began, &why);
out:
    stopped = stop(&r, e ? NULL : &why);
    e = e ? e : stopped;
    if (r.connect)
        extracts = connect_counts(r.connect);
    inlet_close(&r.inlet);
    connect_close(&r.connect);
    link_context_close(&r.context);
    if (e)
        return command_failed(e, &why);
    if (o.once && process_is_stopping())
        return EXIT_INTERRUPTED;
    return o.once ? feed_exit(extracts.refused, extracts.waiting) : EXIT_DONE;
}

const struct command run_command = {
    .name = "run",
    .summary = "everything in one process: read events, track, print alerts",
    .usage = "[--once] [OPTION...] [INPUT...]",
    .about = "Reads events (NDJSON, or CSV through --map; - is standard input), follows each victim's journey, and\n"
             "prints alerts as they are raised; every alert also goes to DIR/trail.ndjson. Without --once it goes on\n"
             "by the wall clock until SIGTERM or Ctrl-C. Run again on the same folder, it goes on where it was: the\n"
             "same input does no harm, and nothing is told twice.\n",
    .examples = "  rightswatch run --once deploy/examples/week-of-a-force.ndjson\n"
                "  rightswatch run --once --map fines.map.yaml --rules fines.rules.yaml fines.csv.gz\n"
                "  some-export | rightswatch run -\n",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run,
};
