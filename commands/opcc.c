/* opcc.c: the compliance sink as a process, and what can be asked of what it holds. */
#include "commands/opcc.h"
#include "commands/command.h"
#include "commands/print.h"
#include "commands/links.h"
#include "commands/process.h"
#include "commands/schedule.h"
#include "commands/stages.h"
#include "sinks/opcc/holding.h"
#include "sinks/opcc/known.h"

#include <string.h>

static struct { const char *store, *listen, *data, *out, *known_at, *reports, *force, *permission; bool json; } o = {
    .store = "rightswatch-opcc", .listen = "ipc://rightswatch-opcc/opcc.sock", .data = "rightswatch-data", .out = "rightswatch-opcc-export",
};

static const struct opt options[] = {
    { "store", "DIR", "what the sink holds; it is for the report alone (rightswatch-opcc)", OPT_TEXT, &o.store, 0, 0 },
    { "listen", "ENDPOINT", "where the tracker connects: track --opcc (ipc://rightswatch-opcc/opcc.sock)", OPT_TEXT, &o.listen, 0, 0 },
    LINK_OPTIONS,
    { "reports", "DIR", "make the report of each month and quarter here, 28 days after its end (none)", OPT_TEXT, &o.reports, 0, 0 },
    { "force", "NAME", "the force's name, as it stands on those", OPT_TEXT, &o.force, 0, 0 },
    { "data", "DIR", "reconcile: the tracker's data folder (rightswatch-data)", OPT_TEXT, &o.data, 0, 0 },
    { "out", "DIR", "export: where the files go, made if missing (rightswatch-opcc-export)", OPT_TEXT, &o.out, 0, 0 },
    { "permission", "FILE", "export: needed, as for rightswatch internal: who allowed it, for what, until when", OPT_TEXT, &o.permission, 0, 0 },
    { "as-known-at", "T", "export: what was known then: a time like 2026-04-07T09:00:00+01:00, or a date", OPT_TEXT, &o.known_at, 0, 0 },
    { "json", NULL, "reconcile, status: one object of JSON", OPT_FLAG, &o.json, 0, 0 },
};

static int keep(void)
{
    struct link_context *c = NULL;
    struct receiver receiver = { NULL, NULL };
    struct schedule schedule;
    struct why why = { "" };
    enum err e;

    schedule_init(&schedule, o.store, o.reports, o.force);
    if ((e = links_open(&c, &why)) || (e = receiver_start(c, o.listen, &compliance_sink, o.store, &receiver, &why)))
        goto out;
    fprintf(stderr, "rightswatch opcc: listening on %s\n", sink_loop_endpoint(receiver.loop));
    while (!process_is_stopping() && !stage_is_over(receiver.stage, &e, &why)) {
        schedule_look(&schedule, sink_loop_ctx(receiver.loop));
        bell_wait(process_bell(), 1000);
    }
out:
    schedule_stop(&schedule);
    receiver_stop(&receiver);
    link_context_close(&c);
    return e ? command_failed(e, &why) : EXIT_DONE;
}

int opcc_status(const char *store, bool json)
{
    struct holding *h = NULL;
    struct holding_counts n;
    struct known *k = NULL;
    struct why why = { "" };
    char tick[INSTANT_TEXT] = "", to[INSTANT_TEXT];
    enum err e;

    if ((e = holding_open(store, true, &h, &why)) || (e = holding_counts(h, &n)))
        goto out;
    holding_close(&h);                          /* one opening of a store in a process */
    if ((e = known_open(store, INSTANT_NONE, &k, &why)) && e != E_NOT_FOUND)
        goto out;
    if (k)
        instant_format(known_drawn(k)->tick, tick);
    if (json) {
        printf("{\"journeys\":%llu,\"crimes\":%llu,\"versions_before\":%llu,\"draws\":%llu,\"known_at\":\"%s\",\"record\":%llu}\n",
               (unsigned long long)n.journeys, (unsigned long long)n.crimes, (unsigned long long)n.versions, (unsigned long long)n.draws, tick,
               (unsigned long long)(k ? known_drawn(k)->record : 0));
    } else {
        printf("Holds       %llu journeys of %llu crimes, and %llu earlier versions of them\n", (unsigned long long)n.journeys,
               (unsigned long long)n.crimes, (unsigned long long)n.versions);
        printf("Known       %s\n", k ? tick : "nothing whole yet: the first rows come at the end of the first local day");
        for (uint32_t i = 0; k && i < known_drawn(k)->sources; i++) {
            const struct source_row *s = &known_drawn(k)->source[i];
            instant_format(s->complete_to, to);
            printf("            %.*s: %llu events, complete to %s\n", TEXT_ARG(s->name), (unsigned long long)s->events,
                   instant_is_set(s->complete_to) ? to : "(never said)");
        }
    }
    e = E_OK;
out:
    known_close(&k);
    holding_close(&h);
    return e ? command_failed(e, &why) : EXIT_DONE;
}

static int run(const struct opt_list *operands)
{
    const char *verb = operands->count ? operands->item[0] : "";
    struct instant known_at = INSTANT_NONE;
    struct why why = { "" };
    struct day day;
    enum err e;

    if (operands->count > 1)
        return command_misused(&opcc_command, "it takes one of reconcile, export, status, or nothing");
    if (o.known_at && !day_parse(o.known_at, strlen(o.known_at), &day)) {
        if ((e = known_day_end(o.store, day, &known_at, &why)))
            return command_failed(e, &why);
    } else if (o.known_at && instant_parse(o.known_at, strlen(o.known_at), &known_at)) {
        return command_misused(&opcc_command, "--as-known-at takes a time like 2026-04-07T09:00:00+01:00, or a date");
    }
    if (!strcmp(verb, "reconcile"))
        return opcc_reconcile(o.store, o.data, o.json);
    if (!strcmp(verb, "export"))
        return o.permission ? opcc_export(o.store, o.out, known_at, o.permission) :
               command_misused(&opcc_command, "nothing is hidden in an export, so it needs --permission FILE: ask the data protection officer");
    if (!strcmp(verb, "status"))
        return opcc_status(o.store, o.json);
    if (verb[0])
        return command_misused(&opcc_command, "it takes one of reconcile, export, status, or nothing");
    return keep();
}

const struct command opcc_command = {
    .name = "opcc",
    .summary = "the compliance sink: keep every journey for the report, recount it, export it",
    .usage = "[reconcile|export|status] [OPTION...]",
    .about = "Without a word: receives rows from a tracker (track --opcc ENDPOINT) and keeps every version of them, each\n"
             "under a key that erasing destroys. run --opcc DIR does the same within one process.\n\n"
             "  reconcile   folds the tracker's whole journal again and compares every row with what is held\n"
             "  export      INTERNAL, unsuppressed: tidy CSV for the force's own Qlik or Power BI. Nothing of it may leave the force\n"
             "  status      how much is held, as of when, how complete each source is\n\n"
             "The store holds personal data without names. Only what `rightswatch report` makes is fit to leave the force.\n",
    .examples = "  rightswatch opcc --listen tcp://127.0.0.1:5573 --store /var/lib/rightswatch-opcc\n"
                "  rightswatch opcc reconcile --store rightswatch-opcc --data rightswatch-data\n"
                "  rightswatch opcc export --permission /etc/rightswatch/internal.yaml --out export\n",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run,
};
