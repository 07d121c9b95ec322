/* erase.c: taking victims out of a data folder, as a record system or a person asked: docs/erasure.md is its manual. */
#include "commands/command.h"
#include "commands/front_door.h"
#include "commands/links.h"
#include "commands/print.h"
#include "commands/process.h"
#include "core/crash.h"
#include "core/hash.h"
#include "processors/erase.h"
#include "producers/connect/connect.h"
#include "producers/spool.h"
#include "sinks/trail.h"

#include <stdlib.h>
#include <string.h>

static struct {
    const char *data, *crime, *victim, *to, *feed, *forget;
    struct opt_list trails;
    int64_t wait_s;
    bool dry_run, json, anyway;
} o = { .data = "rightswatch-data", .wait_s = 15 };

static const struct opt options[] = {
    { "data", "DIR", "the data folder (rightswatch-data)", OPT_TEXT, &o.data, 0, 0 },
    { "crime", "REF", "also erase this: the crime of one victim, or with all its victims", OPT_TEXT, &o.crime, 0, 0 },
    { "victim", "REF", "of that crime this victim alone", OPT_TEXT, &o.victim, 0, 0 },
    { "dry-run", NULL, "say what there is to do, and write nothing", OPT_FLAG, &o.dry_run, 0, 0 },
    { "feed", "DIR", "the data folder of a Connect feed of its own, stopped too (DIR/connect of the data folder, where there is one)", OPT_TEXT, &o.feed, 0, 0 },
    { "trail", "FILE", "a trail of a sink of its own, stopped too; may be given again (DIR/trail.ndjson, where there is one)", OPT_LIST, &o.trails, 0, 0 },
    { "gone", "SINK", "this sink will not come again: nothing waits for it", OPT_TEXT, &o.forget, 0, 0 },
    { "anyway", NULL, "do not wait for a sink that was not told yet: it keeps what it has", OPT_FLAG, &o.anyway, 0, 0 },
    { "to", "ENDPOINT", "with --crime: where a running tracker listens (ipc://DIR/intake.sock)", OPT_TEXT, &o.to, 0, 0 },
    LINK_OPTIONS,
    { "wait", "SPAN", "how long to wait for it (15s)", OPT_SPAN, &o.wait_s, 1, 3600 },
    { "json", NULL, "one object of JSON", OPT_FLAG, &o.json, 0, 0 },
};

/* What was done beside the journal. */
struct beside { uint64_t lines, unsent; };

static void show(const char *what, uint64_t done, uint64_t all)
{
    process_progress("%s: %3.0f %%", what, all ? 100.0 * (double)done / (double)all : 100.0);
}

/* ---- beside the journal ----------------------------------------------------------------------- */

static bool names(void *ctx, struct text crime_ref, struct text victim_ref) { return erase_names(ctx, crime_ref, victim_ref); }
static enum err again(void *ctx, uint64_t version, struct notice *ret) { return erase_notice(ctx, version, ret); }

static enum err erase_trails(struct erase *x, const char *own, struct beside *b, struct why *why)
{
    const struct trail_erasing r = { .ctx = x, .names = names, .again = again };
    uint64_t lines;
    enum err e = trail_erase(own, &r, &lines, why);

    b->lines = lines;
    for (size_t i = 0; !e && i < o.trails.count; i++) {
        e = trail_erase(o.trails.item[i], &r, &lines, why);
        b->lines += lines;
    }
    crash_point(CRASH_erase_trail);
    return e;
}

/* What the producers keep for a tracker that is restored from a backup goes: in it is who is erased. */
static enum err forget_input(struct beside *b, struct why *why)
{
    char spool[4096], connect[4096];
    uint64_t left = 0;
    enum err e;

    if (snprintf(spool, sizeof spool, "%s/spool", o.data) >= (int)sizeof spool || snprintf(connect, sizeof connect, "%s/connect", o.data) >= (int)sizeof connect)
        return E_USAGE;
    if ((e = spool_forget(spool, &left, why)) && e != E_NOT_FOUND)
        return e;
    b->unsent += left;
    left = 0;
    if ((e = connect_forget(connect, &left, why)) && e != E_NOT_FOUND)
        return e;
    b->unsent += left;
    left = 0;
    if (o.feed && (e = connect_forget(o.feed, &left, why)) == E_NOT_FOUND) {
        why_set(why, "there are no data of a Connect feed in %s", o.feed);
        return e;
    }
    b->unsent += left;
    return e == E_NOT_FOUND ? E_OK : e;
}

/* ---- what is said ------------------------------------------------------------------------------ */

static const char *few(uint64_t n, const char *one, const char *more) { return n == 1 ? one : more; }

static void print_json(const struct erase_counts *n, const struct beside *b)
{
    printf("{\"dry_run\":%s,\"goes_on\":%s,\"asked\":%llu,\"erased\":%llu,\"crimes\":%llu,\"records\":%llu,\"files\":%zu,\"of_files\":%zu,"
           "\"waiting\":{\"sink\":%llu,\"compliance\":%llu},\"trail_lines\":%llu,\"unsent\":%llu}\n",
           o.dry_run ? "true" : "false", n->goes_on ? "true" : "false", (unsigned long long)n->asked, (unsigned long long)n->journeys,
           (unsigned long long)n->crimes, (unsigned long long)n->records.records, n->records.segments, n->records.of_segments,
           (unsigned long long)n->untold, (unsigned long long)n->undrawn, (unsigned long long)b->lines, (unsigned long long)b->unsent);
}

static void print_waiting(const struct erase_counts *n)
{
    if (n->untold && n->behind)
        printf("Waiting     %llu %s: the sink at %s lacks %llu notices. Start the tracker with it, stop it, and erase again\n"
               "            (--gone %s: that sink will not come again)\n", (unsigned long long)n->untold, few(n->untold, "journey", "journeys"), n->sink,
               (unsigned long long)n->behind, n->sink);
    else if (n->untold)
        printf("Waiting     %llu %s: of crimes into which others were merged, whose victims wait\n", (unsigned long long)n->untold, few(n->untold, "journey", "journeys"));
    if (n->undrawn)
        printf("Waiting     %llu %s: the report's rows are drawn with the first tick of a day, by a tracker with --opcc; erase again after that\n",
               (unsigned long long)n->undrawn, few(n->undrawn, "journey", "journeys"));
}

static void print_people(const struct erase_counts *n, const struct beside *b)
{
    const char *would = o.dry_run ? "To erase" : "Erased";

    if (n->goes_on)
        printf("%-11s what was begun before: %llu %s were left, in %zu of %zu files of the journal\n", would, (unsigned long long)n->records.records,
               few(n->records.records, "record", "records"), n->records.segments, n->records.of_segments);
    else if (n->journeys)
        printf("%-11s %llu %s, and %llu %s whole: %llu %s in %zu of %zu files of the journal\n", would, (unsigned long long)n->journeys,
               few(n->journeys, "journey", "journeys"), (unsigned long long)n->crimes, few(n->crimes, "crime", "crimes"),
               (unsigned long long)n->records.records, few(n->records.records, "record", "records"), n->records.segments, n->records.of_segments);
    else
        printf("Nothing to erase.\n");
    if (!o.dry_run && (n->goes_on || n->journeys))
        printf("            %llu %s of the trail; the state is drawn again at the next start\n", (unsigned long long)b->lines, few(b->lines, "line", "lines"));
    if (b->unsent)
        printf("Kept        %llu items that the feed has not handed over yet: erase again when it has\n", (unsigned long long)b->unsent);
    print_waiting(n);
    if (o.dry_run)
        printf("Nothing was changed.\n");
    else if (n->goes_on || n->journeys)
        printf("Not reached: backups, messages already sent, extracts that were put away (docs/erasure.md)\n");
}

/* ---- at rest ------------------------------------------------------------------------------------- */

static enum err mark_gone(const struct folder *f, struct why *why)
{
    struct outbox *box = NULL;
    enum err e = outbox_open(f->outbox, false, &box, why);

    if (!e)
        e = outbox_sink_at(box, o.forget, OUTBOX_SINK_GONE);
    outbox_close(&box);
    return e;
}

static enum err erase_at_rest(const struct folder *f, struct why *why)
{
    const struct erase_options want = { .crime = o.crime, .victim = o.victim, .dry_run = o.dry_run, .anyway = o.anyway };
    struct erase *x = NULL;
    struct beside b = { 0 };
    const struct erase_counts *n;
    enum err e;

    if ((o.forget && !o.dry_run && (e = mark_gone(f, why))) || (e = erase_open(f, &want, show, &x, why)))
        return e;
    n = erase_counts(x);
    if (!o.dry_run && (n->goes_on || n->journeys) &&
        ((e = erase_carry_out(x, why)) || (e = erase_trails(x, f->trail, &b, why)) || (e = forget_input(&b, why)) || (e = erase_end(x, why))))
        goto out;
    process_clear_line();
    if (o.json)
        print_json(n, &b);
    else
        print_people(n, &b);
    if (n->goes_on && o.crime && !o.json)
        printf("What --crime asks for was not looked at: say it again.\n");
out:
    erase_close(&x);
    return e;
}

/* ---- through a tracker that runs ------------------------------------------------------------------- */

/* Known there? And what time it is there. */
static enum err look_up(struct instant *ret_tick, struct why *why)
{
    struct json *answer = NULL;
    struct json_out q;
    char *text = NULL;
    enum err e;

    json_out_init(&q);
    json_out_object(&q);
    json_out_key(&q, "ask"), json_out_text(&q, TEXT("journey"));
    json_out_key(&q, "crime_ref"), json_out_text(&q, text_of(o.crime));
    if (o.victim)
        json_out_key(&q, "victim_ref"), json_out_text(&q, text_of(o.victim));
    json_out_end(&q);
    if (!(e = print_ask(o.data, &q, NULL, &text, &answer, why))) {
        struct text tick = print_member(json_get(answer, "as_of"), "tick");
        e = instant_parse(tick.p, tick.n, ret_tick);
    }
    json_out_fini(&q);
    json_free(&answer);
    free(text);
    return e;
}

static enum err ask_tracker(struct why *why)
{
    struct instant at;
    struct item item;
    char id[ERASE_ID_BYTES];
    enum err e = look_up(&at, why);

    if (e)
        return e;
    erase_request(text_of(o.crime), o.victim ? text_of(o.victim) : (struct text){ 0 }, at, id, &item);
    return front_door_send(&item, "erase", o.data, o.to, o.wait_s, why);
}

static int while_it_runs(struct why *why)
{
    enum err e;

    if (!o.crime || o.dry_run) {
        why_set(why, "a tracker is running on %s: stop it, erase, and start it again. Only asking (--crime) goes on beside it", o.data);
        return command_failed(E_LOCKED, why);
    }
    if ((e = ask_tracker(why)))
        return process_is_stopping() ? EXIT_INTERRUPTED : command_failed(e, why);
    if (o.json)
        printf("{\"asked_of_tracker\":true}\n");
    else
        printf("Asked. The tracker tells every sink that the journey ended. Stop it, and run this without --crime: then it is erased.\n");
    return EXIT_DONE;
}

static int run(const struct opt_list *operands)
{
    struct folder f;
    struct why why = { "" };
    enum err e;

    if (operands->count)
        return command_misused(&erase_command, "it takes options only");
    if (o.victim && !o.crime)
        return command_misused(&erase_command, "--victim is erased from one crime: name it with --crime. For every crime of a person, say it for each");
    if ((e = folder_name(&f, o.data, false, &why)))
        return command_failed(e, &why);
    if ((e = folder_lock(&f, &why)) == E_LOCKED)
        return while_it_runs(&why);
    if (e)
        return command_failed(e, &why);
    e = erase_at_rest(&f, &why);
    folder_unlock(&f);
    return e ? command_failed(e, &why) : EXIT_DONE;
}

const struct command erase_command = {
    .name = "erase",
    .summary = "take victims out of a data folder, as was asked; the chain still holds",
    .usage = "[OPTION...]",
    .about = "The record system asks with an `erased` event (the Connect feed: `deleted` of a victim), or you do, with --crime. That\n"
             "ends the journey, and every sink is told. When all of them have it, this command, on a folder at rest, blanks\n"
             "every record of that victim in that crime, and the crime where nobody else is in it; discards the state; writes the trail\n"
             "anew; and clears what the feed's store and the spools still hold. Run it as often as you like, say each night: what is\n"
             "not ripe waits, and is said. Killed at any moment, it is ended by running it again; until then nothing else works\n"
             "on the folder. Numbers, ordinals, notices and reports of all others stay what they are, and `rightswatch verify` says so.\n"
             "What it does not reach (backups, sent messages, archived extracts) is in docs/erasure.md.\n",
    .examples = "  rightswatch erase --dry-run\n"
                "  rightswatch erase\n"
                "  rightswatch erase --crime 20/104233/26 --victim V-31\n"
                "  rightswatch erase --feed /srv/connect-data --trail /srv/alerts.ndjson\n",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run,
};
