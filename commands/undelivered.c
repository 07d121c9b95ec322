/* undelivered.c: messages that did not arrive: look at them, have them tried again, drop them with a reason. */
#include "commands/command.h"
#include "core/hash.h"
#include "core/json.h"
#include "sinks/oic/ledger.h"
#include "sinks/oic/settings.h"
#include "sinks/oic/wording.h"

#include <stdlib.h>

static struct {
    const char *config, *reason;
    struct opt_list retry, drop;
    int64_t show;
    bool waiting, delivered, json;
} o = { .config = "oic.yaml" };

static const struct opt options[] = {
    { "config", "FILE", "of the officer alerts: it says where the messages are (oic.yaml)", OPT_TEXT, &o.config, 0, 0 },
    { "waiting", NULL, "those that are still to be tried, instead of the dead letters", OPT_FLAG, &o.waiting, 0, 0 },
    { "delivered", NULL, "the records of those that were delivered or dropped, instead", OPT_FLAG, &o.delivered, 0, 0 },
    { "show", "NUMBER", "print one of them as it would be read", OPT_NUMBER, &o.show, 1, INT64_MAX },
    { "retry", "NUMBER|all", "have a dead letter tried again, under its old id; may be given again", OPT_LIST, &o.retry, 0, 0 },
    { "drop", "NUMBER|all", "give a dead letter up; with --reason; may be given again", OPT_LIST, &o.drop, 0, 0 },
    { "reason", "WORDS", "why it is dropped; kept with its record", OPT_TEXT, &o.reason, 0, 0 },
    { "json", NULL, "one object of JSON a line", OPT_FLAG, &o.json, 0, 0 },
};

/* ---- listing -------------------------------------------------------------------------------------- */

static struct json_out out;
static uint64_t listed;

static const char *state_word(enum queue_state s)
{
    static const char *const words[] = { "unknown", "waiting", "delivered", "dead", "dropped" };

    return words[s];
}

static void print_json(const struct queue_slip *s)
{
    char id[MESSAGE_ID_BYTES * 2 + 1];
    struct text line;

    hash_hex(s->id, sizeof s->id, id);
    json_out_clear(&out);
    json_out_object(&out);
    json_put_number(&out, "number", (int64_t)s->number);
    json_put_text(&out, "id", text_of(id));
    json_put_text(&out, "state", text_of(state_word(s->state)));
    json_put_text(&out, "channel", s->channel);
    json_put_text(&out, "to", s->to);
    json_put_text(&out, "kind", text_of(message_kind_name(s->kind)));
    json_put_number(&out, "entries", s->entries);
    json_put_number(&out, "attempts", s->attempts);
    json_put_time(&out, "as_of", s->as_of);
    json_put_time(&out, "first_try", s->first_try);
    json_put_time(&out, s->state == QUEUE_IS_WAITING ? "next_try" : "at", s->at);
    json_put_text(&out, "said", s->said);
    json_out_end(&out);
    if (!json_out_done(&out, &line))
        printf(TEXT_FMT "\n", TEXT_ARG(line));
}

static enum err list_one(void *ctx, const struct queue_slip *s)
{
    char at[INSTANT_TEXT] = "at once";

    (void)ctx;
    listed++;
    if (o.json) {
        print_json(s);
        return E_OK;
    }
    if (instant_is_set(s->at))
        instant_format(s->at, at);
    printf("%6llu  %-20s  " TEXT_FMT " to " TEXT_FMT "  %s, %u %s, %u %s\n        %s%s" TEXT_FMT "\n", (unsigned long long)s->number, at,
           TEXT_ARG(s->channel), TEXT_ARG(s->to), message_kind_name(s->kind), s->entries, s->entries == 1 ? "entry" : "entries", s->attempts,
           s->attempts == 1 ? "attempt" : "attempts", s->state == QUEUE_IS_DROPPED ? "dropped: " : "", s->said.n ? "" : "not tried yet",
           TEXT_ARG(s->said));
    return E_OK;
}

static enum err list(struct store_txn *t, struct why *why)
{
    enum queue_table which = o.waiting ? QUEUE_WAITING : o.delivered ? QUEUE_DONE : QUEUE_DEAD;
    enum err e;

    json_out_init(&out);
    e = queue_each(t, LEDGER_QUEUE_FIRST, which, list_one, NULL);
    json_out_fini(&out);
    if (e)
        why_set(why, "the list of messages cannot be read");
    else if (!listed && !o.json)
        printf("%s\n", o.waiting ? "No message waits." : o.delivered ? "No message was delivered yet." : "No message is undeliverable.");
    else if (!o.json && which == QUEUE_DEAD)
        printf("\nTry again: --retry NUMBER. Give up: --drop NUMBER --reason WORDS. Read one: --show NUMBER.\n");
    return e;
}

static enum err show(struct store_txn *t, const struct settings *s, struct why *why)
{
    struct wording *words = NULL;
    struct wording_desk *desk = NULL;
    struct wire *wire = NULL;
    struct message m;
    struct rendered r;
    enum err e;

    if ((e = wording_open(s->templates[0] ? s->templates : NULL, &words, why)) || (e = wording_desk_open(&desk)) || (e = wire_open(&wire)))
        goto out;
    if ((e = queue_read(t, LEDGER_QUEUE_FIRST, (uint64_t)o.show, wire, &m)))
        why_set(why, "message %lld does not wait and is not dead: of a delivered one only the record is kept", (long long)o.show);
    else if (!(e = wording_render(words, desk, &m, &r)))
        printf("To: " TEXT_FMT "\nSubject: " TEXT_FMT "\n\n" TEXT_FMT, TEXT_ARG(m.to), TEXT_ARG(r.subject), TEXT_ARG(r.plain));
out:
    wire_close(&wire);
    wording_desk_close(&desk);
    wording_close(&words);
    return e;
}

/* ---- retrying and dropping ---------------------------------------------------------------------------- */

enum { NUMBERS_MAX = 100000 };
struct numbers { uint64_t *p; size_t count; };

static enum err add_number(void *ctx, const struct queue_slip *s)
{
    struct numbers *n = ctx;

    if (n->count == NUMBERS_MAX)
        return E_FULL;
    n->p[n->count++] = s->number;
    return E_OK;
}

static enum err numbers_of(struct store_txn *t, const struct opt_list *given, struct numbers *ret, struct why *why)
{
    for (size_t i = 0; i < given->count; i++) {
        char *end;
        unsigned long long n = strtoull(given->item[i], &end, 10);
        if (!strcmp(given->item[i], "all")) {
            enum err e = queue_each(t, LEDGER_QUEUE_FIRST, QUEUE_DEAD, add_number, ret);
            if (e && e != E_FULL)
                return e;
        } else if (*end || !n || ret->count == NUMBERS_MAX) {
            why_set(why, "'%s' is not the number of a message", given->item[i]);
            return E_USAGE;
        } else {
            ret->p[ret->count++] = n;
        }
    }
    return E_OK;
}

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static void sort(struct numbers *n)
{
    size_t kept = 0;

    qsort(n->p, n->count, sizeof *n->p, by_number);
    for (size_t i = 0; i < n->count; i++)
        if (!i || n->p[i] != n->p[i - 1])
            n->p[kept++] = n->p[i];
    n->count = kept;
}

struct followers { struct store_txn *t; struct wire *wire; struct numbers *all; size_t given; };

static enum err add_follower(void *ctx, const struct queue_slip *s)
{
    struct followers *f = ctx;
    uint64_t leader, number = s->number;
    enum err e = queue_leader(f->t, LEDGER_QUEUE_FIRST, number, f->wire, &leader);

    if (e || !leader || !bsearch(&leader, f->all->p, f->given, sizeof leader, by_number) || bsearch(&number, f->all->p, f->given, sizeof number, by_number))
        return e;
    return add_number(f->all, s);
}

/* What corrects a message goes with it. In order: what came first goes first. */
static enum err add_followers(struct store_txn *t, struct numbers *n)
{
    struct followers f = { .t = t, .all = n };
    enum err e = wire_open(&f.wire);

    sort(n);
    f.given = n->count;
    if (!e)
        e = queue_each(t, LEDGER_QUEUE_FIRST, QUEUE_DEAD, add_follower, &f);
    wire_close(&f.wire);
    sort(n);
    return e;
}

static enum err change(struct store_txn *t, const struct opt_list *given, bool is_drop, struct why *why)
{
    struct numbers n = { malloc(NUMBERS_MAX * sizeof *n.p), 0 };
    enum err e = n.p ? numbers_of(t, given, &n, why) : E_MEMORY;

    if (!e)
        e = add_followers(t, &n);
    for (size_t i = 0; i < n.count && !e; i++) {
        e = is_drop ? queue_drop(t, LEDGER_QUEUE_FIRST, n.p[i], text_of(o.reason), instant_now()) : queue_revive(t, LEDGER_QUEUE_FIRST, n.p[i]);
        if (e == E_NOT_FOUND)
            why_set(why, "%llu is not a dead letter; nothing was changed", (unsigned long long)n.p[i]);
    }
    if (!e)
        printf("%zu %s %s\n", n.count, n.count == 1 ? "message" : "messages",
               is_drop ? "dropped" : n.count == 1 ? "goes out again" : "go out again");
    free(n.p);
    return e;
}

static int run(const struct opt_list *operands)
{
    bool writes = o.retry.count || o.drop.count;
    struct settings *s = NULL;
    struct store *store = NULL;
    struct store_txn *t = NULL;
    struct why why = { "" };
    enum err e;

    if (operands->count)
        return command_misused(&undelivered_command, "takes no operands");
    if (o.drop.count && !o.reason)
        return command_misused(&undelivered_command, "--drop wants a --reason");
    hash_init();
    if ((e = settings_open(o.config, &s, &why)) || (e = ledger_open_store(s->data, !writes, &store, &why)) ||
        (e = store_begin(store, writes, &t)))
        goto out;
    if (o.show)
        e = show(t, s, &why);
    else if (!writes)
        e = list(t, &why);
    else if ((!o.retry.count || !(e = change(t, &o.retry, false, &why))) && (!o.drop.count || !(e = change(t, &o.drop, true, &why))))
        e = store_commit(&t);
out:
    store_abort(&t);
    store_close(&store);
    settings_close(&s);
    return e ? command_failed(e, &why) : EXIT_DONE;
}

const struct command undelivered_command = {
    .name = "undelivered",
    .summary = "messages that did not arrive: look at them, try again, drop",
    .usage = "[OPTION...]",
    .about = "Lists the dead letters of the officer alerts: messages that were refused for good, or were tried for days. They stay until\n"
             "somebody has them tried again or drops them. It may be asked while the alerts run; they take up at once what\n"
             "is to be tried again. Times are UTC.\n",
    .examples = "  rightswatch undelivered --config /etc/rightswatch/oic.yaml\n"
                "  rightswatch undelivered --retry all\n"
                "  rightswatch undelivered --drop 4711 --reason 'the officer has left'\n",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run,
};
