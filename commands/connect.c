/* connect.c: the feed of a record system: extracts from a drop folder to a tracker. */
#include "commands/command.h"
#include "commands/coverage.h"
#include "commands/feed.h"
#include "commands/links.h"
#include "commands/process.h"
#include "commands/stages.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static struct { const char *to, *drop, *data, *map, *after, *clock; int64_t patience_s; bool once, check, coverage, receive, json, quiet; struct opt_list rules; } o = {
    .to = "ipc://rightswatch-data/intake.sock", .data = "rightswatch-connect", .after = "archive", .clock = "none", .patience_s = 3600,
};

static const struct opt options[] = {
    { "drop", "DIR", "the folder the extracts are dropped into", OPT_TEXT, &o.drop, 0, 0 },
    { "to", "ENDPOINT", "where the tracker listens (ipc://rightswatch-data/intake.sock)", OPT_TEXT, &o.to, 0, 0 },
    LINK_OPTIONS,
    { "map", "FILE", "how this extract names its columns and codes (the names of docs/connect.md)", OPT_TEXT, &o.map, 0, 0 },
    { "data", "DIR", "what the feed remembers, made if missing (rightswatch-connect)", OPT_TEXT, &o.data, 0, 0 },
    { "after", "archive|delete|keep", "what becomes of the files of a batch that was taken in (archive)", OPT_CHOICE, &o.after, 0, 0 },
    { "patience", "SPAN", "how long what is not whole, or a missing batch, is waited for (1h)", OPT_SPAN, &o.patience_s, 0, 30 * 86400 },
    { "clock", "none|events", "events: say the time by each batch's extract_to (none)", OPT_CHOICE, &o.clock, 0, 0 },
    { "once", NULL, "take in what is there and end when the tracker has it all", OPT_FLAG, &o.once, 0, 0 },
    { "check", NULL, "say what FILE... or the batches in DIR would do, and do nothing", OPT_FLAG, &o.check, 0, 0 },
    { "receive", NULL, "make batches of NDJSON on standard input, and drop them into DIR", OPT_FLAG, &o.receive, 0, 0 },
    { "coverage", NULL, "say rule by rule whether this extract can start it and prove it", OPT_FLAG, &o.coverage, 0, 0 },
    { "rules", "FILE", "with --coverage: a rule book, or the name of a built-in one; may be given again (victims-code-2021)", OPT_LIST, &o.rules, 0, 0 },
    { "json", NULL, "a line of JSON for each batch", OPT_FLAG, &o.json, 0, 0 },
    { "quiet", NULL, "say nothing of batches", OPT_FLAG, &o.quiet, 0, 0 },
};

static void show_progress(const struct connect *c, const struct sender *s)
{
    struct connect_counts n = connect_counts(c);

    process_progress("batch %llu: %llu of %llu rows; %llu events in %llu batches, %llu items acknowledged%s", (unsigned long long)n.batch,
                     (unsigned long long)n.rows, (unsigned long long)n.all_rows, (unsigned long long)n.events, (unsigned long long)n.taken,
                     (unsigned long long)link_left_durable(s->left), link_left_is_connected(s->left) ? "" : ", waiting for the tracker");
}

/* Until told to stop; with --once until everything is durable on the tracker's side. */
static enum err watch(struct connect *c, struct sender *s, struct why *why)
{
    enum err e;

    while (!process_is_stopping() && !stage_is_over(s->stage, &e, why)) {
        if (connect_is_over(c, &e, why) && e != E_END)
            return e;
        show_progress(c, s);
        bell_wait(process_bell(), 200);
    }
    return process_is_stopping() || e == E_END ? E_OK : e;
}

static int feed(void)
{
    struct feed_talk talk = { .json = o.json, .quiet = o.quiet, .dir = o.drop, .after = feed_after(o.after) };
    struct connect_options options_of_feed = {
        .dir = o.drop, .data = o.data, .map_path = o.map, .after = talk.after, .patience_s = o.patience_s, .once = o.once,
        .clock_by_events = o.clock[0] == 'e', .is_stopping = process_is_stopping, .tell = feed_tell, .ctx = &talk,
    };
    struct connect_counts n = { 0 };
    struct connect *c = NULL;
    struct link_context *context = NULL;
    struct sender sender = { 0 };
    struct link_source source;
    struct why why = { "" };
    enum err e;

    if ((e = links_open(&context, &why)) || (e = connect_open(&options_of_feed, &c, &why)))
        goto out;
    source = connect_source(c);
    if ((e = sender_start(context, o.to, &source, connect_bell(c), &sender, &why)) || (e = connect_start(c)))
        goto out;
    e = watch(c, &sender, &why);
    process_clear_line();
    n = connect_counts(c);
out:
    sender_stop(&sender);
    connect_close(&c);
    link_context_close(&context);
    if (e)
        return command_failed(e, &why);
    if (o.once && process_is_stopping())
        return EXIT_INTERRUPTED;
    return o.once ? feed_exit(n.refused, n.waiting) : EXIT_DONE;
}

static bool is_in_folder(const char *path, const char *other, size_t folder_bytes)
{
    return !strncmp(path, other, folder_bytes) && !strchr(path + folder_bytes, '/');
}

/* Operands are a folder, or files of one folder. */
static int check(const struct opt_list *operands)
{
    struct feed_talk talk = { .json = o.json, .checks = true, .after = AFTER_KEEP };
    struct connect_options c = { .dir = o.drop, .data = o.data, .map_path = o.map, .patience_s = o.patience_s, .is_stopping = process_is_stopping, .tell = feed_tell, .ctx = &talk };
    char dir[4096];
    struct stat st;
    struct why why = { "" };
    const char *slash;
    bool is_folder = operands->count == 0;
    enum err e;

    if (operands->count == 1 && !stat(operands->item[0], &st) && S_ISDIR(st.st_mode)) {
        c.dir = operands->item[0];
        is_folder = true;
    } else if (operands->count) {
        slash = strrchr(operands->item[0], '/');
        for (size_t i = 1; i < operands->count; i++)
            if (!is_in_folder(operands->item[i], operands->item[0], slash ? (size_t)(slash - operands->item[0]) + 1 : 0))
                return command_misused(&connect_command, "the files of a batch lie in one folder: name them all by the same path");
        snprintf(dir, sizeof dir, "%.*s", slash ? (int)(slash - operands->item[0]) : 1, slash ? operands->item[0] : ".");
        c.dir = dir;
    }
    if (!c.dir)
        return command_misused(&connect_command, "--check needs FILE..., a folder, or --drop DIR");
    e = connect_check(&c, operands->item, is_folder ? 0 : operands->count, &why);
    if (process_is_stopping())
        return EXIT_INTERRUPTED;
    return e ? command_failed(e, &why) : feed_exit(talk.refused, talk.waits);
}

static void say_dropped(void *ctx, uint64_t batch, uint64_t rows)
{
    (void)ctx;
    if (!o.quiet)
        printf("batch %llu dropped: %llu rows\n", (unsigned long long)batch, (unsigned long long)rows);
    fflush(stdout);
}

static int receive(void)
{
    struct why why = { "" };
    enum err e = connect_receive(o.drop, say_dropped, NULL, &why);

    return e ? command_failed(e, &why) : EXIT_DONE;
}

static int run(const struct opt_list *operands)
{
    if (o.coverage)
        return coverage_print(o.map, &o.rules, o.json);
    if (o.check)
        return check(operands);
    if (operands->count)
        return command_misused(&connect_command, "it reads a folder: --drop DIR");
    if (o.receive && o.drop)
        return receive();
    if (!o.drop)
        return command_misused(&connect_command, "--drop DIR is needed: the folder the extracts are dropped into");
    return feed();
}

const struct command connect_command = {
    .name = "connect",
    .summary = "extracts of the record system, from a drop folder to a tracker",
    .usage = "--drop DIR [OPTION...]\n  rightswatch connect --check [OPTION...] FILE...|DIR\n  rightswatch connect --receive --drop DIR <ROWS.ndjson\n  rightswatch connect --coverage [--map FILE]",
    .about = "Takes in batches of crime, victim and event rows as they are dropped into DIR, remembers what each row said, and\n"
             "sends what is new as case events. A batch is taken in when its manifest is there and everything is as it\n"
             "says; what was taken goes to DIR/archive/ with its summary and the rows that were refused, what can never be\n"
             "whole to DIR/refused/ with the reason. Run again after any interruption, it goes on where it was.\n"
             "--check says what a batch would do without doing it; --coverage what the extract can say at all.\n"
             "--once and --check end with 0; with 1 when a batch is refused; with 3 when one waits for what has not come.\n"
             "docs/connect.md is the manual, also for whoever writes the extract.\n",
    .examples = "  rightswatch connect --check --map force.connect.yaml crime_1.csv victim_1.csv event_1.csv\n"
                "  rightswatch connect --coverage --map force.connect.yaml\n"
                "  rightswatch connect --drop /srv/connect --to tcp://127.0.0.1:5571\n"
                "  rightswatch connect --drop /srv/connect --map force.connect.yaml --once\n",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run,
};
