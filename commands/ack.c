/* ack.c: somebody has seen an alert: a case event through the front door, like any other fact. */
#include "commands/command.h"
#include "commands/front_door.h"
#include "commands/links.h"
#include "commands/process.h"
#include "core/hash.h"
#include "processors/folder.h"
#include "processors/render.h"

#include <string.h>

static struct {
    const char *data, *to, *by, *reason;
    int64_t wait_s;
} o = { .data = "rightswatch-data", .wait_s = 15 };

static const struct opt options[] = {
    { "by", "COLLAR", "collar number of who has seen it (needed)", OPT_TEXT, &o.by, 0, 0 },
    { "reason", "CODE", "what comes of it, as a code: CALLED, BOOKED, NOT-SAFE", OPT_TEXT, &o.reason, 0, 0 },
    { "data", "DIR", "the data folder that has the alert (rightswatch-data)", OPT_TEXT, &o.data, 0, 0 },
    { "to", "ENDPOINT", "where the tracker listens (ipc://DIR/intake.sock)", OPT_TEXT, &o.to, 0, 0 },
    LINK_OPTIONS,
    { "wait", "SPAN", "how long to wait for the tracker (15s)", OPT_SPAN, &o.wait_s, 1, 3600 },
};

enum { ROWS = 256, PREFIX_MIN = 8, HEX_DIGITS = 2 * NOTICE_ID_BYTES };

/* What the event says of the alert; texts are copies. */
struct seen { char crime_ref[REF_BYTES_MAX + 1], victim_ref[REF_BYTES_MAX + 1], title[TEXT_BYTES_MAX + 1], id[HEX_DIGITS + 1]; uint32_t victim_no; };

/* ---- which alert ---------------------------------------------------------------------- */

static bool is_meant(const struct notice *n, const char *id, struct seen *ret)
{
    char hex[HEX_DIGITS + 1];

    hash_hex(n->notice_id, NOTICE_ID_BYTES, hex);
    if (!level_is_alert(n->level) || strncmp(hex, id, strlen(id)))
        return false;
    snprintf(ret->id, sizeof ret->id, "%s", hex);
    snprintf(ret->crime_ref, sizeof ret->crime_ref, TEXT_FMT, TEXT_ARG(n->crime_ref));
    snprintf(ret->victim_ref, sizeof ret->victim_ref, TEXT_FMT, TEXT_ARG(n->victim_ref));
    snprintf(ret->title, sizeof ret->title, TEXT_FMT, TEXT_ARG(n->title));
    ret->victim_no = n->victim_no;
    return true;
}

/* From the newest back: what is acknowledged was told lately. E_NOT_FOUND. */
static enum err look_back(struct outbox *box, struct outbox_reader *reader, struct render *render, const char *id, struct seen *ret)
{
    uint64_t end = outbox_last(box) + 1, first = outbox_first(box);
    struct outbox_row row[ROWS];
    struct notice n;
    size_t count;
    enum err e;

    while (end > first) {
        uint64_t from = end - first > ROWS ? end - ROWS : first;
        if ((e = outbox_read(reader, from, row, (size_t)(end - from), &count)))
            return e;
        for (size_t i = count; i-- > 0;) {
            if (row_is_tick(&row[i]) || !level_is_alert((enum level)row[i].level))
                continue;
            if ((e = render_notice(render, box, from + i, &row[i], &n)))
                return e;
            if (is_meant(&n, id, ret))
                return E_OK;
        }
        end = from;
    }
    return E_NOT_FOUND;
}

static enum err find(const char *id, struct seen *ret, struct why *why)
{
    struct journal *journal = NULL;
    struct outbox *box = NULL;
    struct outbox_reader *reader = NULL;
    struct render *render = NULL;
    struct folder f;
    enum err e;

    if ((e = folder_name(&f, o.data, false, why)) || (e = journal_open(f.journal, true, &journal, why)) ||
        (e = outbox_open(f.outbox, true, &box, why)) || (e = outbox_reader_open(box, &reader)) || (e = render_open(journal, &render)))
        goto out;
    if ((e = look_back(box, reader, render, id, ret)) == E_NOT_FOUND)
        why_set(why, "there is no alert %s in %s: rightswatch notices --json lists them with their notice_id", id, o.data);
out:
    render_close(&render);
    if (reader)
        outbox_reader_close(&reader);
    outbox_close(&box);
    journal_close(&journal);
    return e;
}

/* ---- a case event ------------------------------------------------------------------------ */

static enum err send(const struct seen *s, struct why *why)
{
    struct item item = { .what = ITEM_EVENT };
    struct event *ev = &item.event;
    char id[EVENT_ID_BYTES_MAX];

    snprintf(id, sizeof id, "ACK-%s-%.48s-%lld", s->id, o.by, (long long)instant_now().s);
    ev->type = EVENT_UPDATE;
    ev->kind = kind_by_name(EVENT_UPDATE, TEXT("alert-acknowledged"));
    ev->event_id = text_of(id);
    ev->source = TEXT("rightswatch-ack");
    ev->crime_ref = text_of(s->crime_ref);
    ev->victim_ref = text_of(s->victim_ref);
    ev->occurred_at = ev->recorded_at = instant_now();
    ev->recorded_by = text_of(o.by);
    ev->notice_id = text_of(s->id);
    ev->present = (uint64_t)1 << F_notice_id;
    if (o.reason) {
        ev->reason_code = text_of(o.reason);
        ev->present |= (uint64_t)1 << F_reason_code;
    }
    return front_door_send(&item, "ack", o.data, o.to, o.wait_s, why);
}

static int run(const struct opt_list *operands)
{
    struct seen seen;
    struct why why = { "" };
    enum err e;

    if (operands->count != 1 || strlen(operands->item[0]) < PREFIX_MIN || strlen(operands->item[0]) > HEX_DIGITS)
        return command_misused(&ack_command, "it takes the notice_id of one alert, or its first 8 digits or more");
    if (!o.by)
        return command_misused(&ack_command, "--by is needed: who has seen it");
    if (o.reason && !command_is_code(o.reason))
        return command_misused(&ack_command, "--reason takes a code of letters, digits, '-', '_' and '.': it is kept for good, and free text would hold names");
    if ((e = find(operands->item[0], &seen, &why)) || (e = send(&seen, &why)))
        return process_is_stopping() ? EXIT_INTERRUPTED : command_failed(e, &why);
    printf("Acknowledged by %s: %s, victim %u: %s.\nIt is not repeated to %s. The clock goes on, and so does the escalation.\n", o.by, seen.crime_ref, seen.victim_no,
           seen.title, o.by);
    return EXIT_DONE;
}

const struct command ack_command = {
    .name = "ack",
    .summary = "say that somebody has seen an alert: it is not repeated to them",
    .usage = "--by COLLAR [OPTION...] NOTICE",
    .about = "Sends a case event to a running tracker and ends when the tracker has it durably. It stops repeats of the same\n"
             "alert to that person, and nothing else: not the clock, not the next alert, not the escalation to others. No link\n"
             "in a message does this by being followed.\n",
    .examples = "  rightswatch ack 070a8bd0e1861e52fb0dbc7a357ce6d4 --by 20417 --reason CALLED\n"
                "  rightswatch ack 070a8bd0 --by 20417 --to tcp://127.0.0.1:5571\n",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run,
};
