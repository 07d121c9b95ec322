/* notices.c: what was told, again, from the folder itself: beside a running tracker or at rest. */
#include "commands/command.h"
#include "commands/process.h"
#include "processors/folder.h"
#include "processors/render.h"
#include "sinks/sink.h"
#include "sinks/terminal.h"

#include <stdlib.h>
#include <unistd.h>

static struct {
    const char *data, *crime;
    int64_t from;
    bool json, follow, all;
} o = { .data = "rightswatch-data", .from = 1 };

static const struct opt options[] = {
    { "data", "DIR", "the data folder (rightswatch-data)", OPT_TEXT, &o.data, 0, 0 },
    { "crime", "CRIME_REF", "only notices of this crime", OPT_TEXT, &o.crime, 0, 0 },
    { "from", "N", "begin at this number (1)", OPT_NUMBER, &o.from, 1, INT64_MAX },
    { "all", NULL, "also settlements that closed nothing an officer was told", OPT_FLAG, &o.all, 0, 0 },
    { "follow", NULL, "go on as new ones are raised", OPT_FLAG, &o.follow, 0, 0 },
    { "json", NULL, "a line of JSON each, as in the trail", OPT_FLAG, &o.json, 0, 0 },
};

enum { ROWS = 256, FOLLOW_EVERY_MS = 500 };

struct view {
    struct journal *journal;
    struct outbox *outbox;
    struct outbox_reader *reader;
    struct render *render;
};

static void view_close(struct view *v)
{
    render_close(&v->render);
    if (v->reader)
        outbox_reader_close(&v->reader);
    outbox_close(&v->outbox);
    journal_close(&v->journal);
}

static enum err view_open(const struct folder *f, struct view *ret, struct why *why)
{
    struct view v = { 0 };
    enum err e;

    if ((e = journal_open(f->journal, true, &v.journal, why)) || (e = outbox_open(f->outbox, true, &v.outbox, why)) ||
        (e = outbox_reader_open(v.outbox, &v.reader)) || (e = render_open(v.journal, &v.render))) {
        view_close(&v);
        return e;
    }
    *ret = v;
    return E_OK;
}

static bool is_wanted(const struct notice *n)
{
    if (o.crime && !text_same(n->crime_ref, text_of(o.crime)))
        return false;
    return o.all || level_is_alert(n->level) || n->told;
}

static enum err print_from(struct view *v, uint64_t *number, struct json_out *out)
{
    struct outbox_row row[ROWS];
    struct notice n;
    struct text line;
    size_t count;
    enum err e;

    while (!(e = outbox_read(v->reader, *number, row, ROWS, &count))) {
        for (size_t i = 0; i < count; i++, ++*number) {
            if (row_is_tick(&row[i]))
                continue;
            if ((e = render_notice(v->render, v->outbox, *number, &row[i], &n)))
                return e;
            if (!is_wanted(&n))
                continue;
            if (!o.json) {
                terminal_print(stdout, &n, isatty(STDOUT_FILENO) && !getenv("NO_COLOR"));
                continue;
            }
            json_out_clear(out);
            notice_json(out, &n);
            json_out_newline(out);
            if ((e = json_out_done(out, &line)))
                return e;
            fwrite(line.p, 1, line.n, stdout);
        }
        render_rest(v->render);
        if (process_is_stopping() || ferror(stdout))
            break;
    }
    fflush(stdout);
    return e == E_END ? E_OK : e;
}

static int run(const struct opt_list *operands)
{
    uint64_t number = (uint64_t)o.from;
    struct json_out out;
    struct folder folder;
    struct view view = { 0 };
    struct why why = { "" };
    enum err e;

    if (operands->count)
        return command_misused(&notices_command, "it takes options only");
    json_out_init(&out);
    if ((e = folder_name(&folder, o.data, false, &why)))
        return command_failed(e, &why);
    do {
        if ((e = view_open(&folder, &view, &why)))
            break;
        if ((uint64_t)o.from < outbox_first(view.outbox) && number < outbox_first(view.outbox))
            number = outbox_first(view.outbox);
        e = print_from(&view, &number, &out);
        view_close(&view);
        if (!e && o.follow && !process_is_stopping())
            bell_wait(process_bell(), FOLLOW_EVERY_MS);
    } while (!e && o.follow && !process_is_stopping() && !ferror(stdout));
    json_out_fini(&out);
    return e ? command_failed(e, &why) : EXIT_DONE;
}

const struct command notices_command = {
    .name = "notices",
    .summary = "every alert that was raised, again",
    .usage = "[OPTION...]",
    .about = "Prints the outbox of a data folder, whether a tracker runs on it or not: in words, or as the lines of\n"
             "JSON the trail has. docs/events.md describes the fields.\n",
    .examples = "  rightswatch notices --crime 20/104233/26\n"
                "  rightswatch notices --json --follow\n",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run,
};
