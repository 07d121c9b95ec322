/* oic.c: the officer alerts as a process of their own, and what people ask of them. */
#include "commands/command.h"
#include "commands/links.h"
#include "commands/stages.h"
#include "processors/foresee.h"
#include "sinks/oic/oic.h"
#include "sinks/oic/wording.h"

#include <stdlib.h>
#include <string.h>

static struct {
    const char *config, *listen, *data, *silence, *by, *reason;
    int64_t silence_for_s, end_silence;
    bool check, preview, held, status, silences, json;
} o = { .config = "oic.yaml", .data = "rightswatch-data", .listen = "ipc://rightswatch-data/oic.sock" };

enum { SILENCE_LONGEST_S = 90 * 86400 };

static const struct opt options[] = {
    { "config", "FILE", "who is told of what, when and how (oic.yaml)", OPT_TEXT, &o.config, 0, 0 },
    { "listen", "ENDPOINT", "where the tracker connects (ipc://rightswatch-data/oic.sock)", OPT_TEXT, &o.listen, 0, 0 },
    LINK_OPTIONS,
    { "check", NULL, "read the configuration, the directory and the templates; print what was understood", OPT_FLAG, &o.check, 0, 0 },
    { "preview", NULL, "print tonight's and tomorrow's messages, if nothing more is recorded by then; nothing is sent", OPT_FLAG, &o.preview, 0, 0 },
    { "data", "DIR", "the tracker's data folder, for --preview (rightswatch-data)", OPT_TEXT, &o.data, 0, 0 },
    { "held", NULL, "print the messages that did not leave, and why: a team in the shadow, history", OPT_FLAG, &o.held, 0, 0 },
    { "status", NULL, "what was sent, what waits, and what became of every other alert", OPT_FLAG, &o.status, 0, 0 },
    { "silence", "WHAT=VALUE", "say nothing of a crime=, rule=, officer= or team= for a while; with --for, --by and --reason", OPT_TEXT, &o.silence, 0, 0 },
    { "for", "SPAN", "how long: 12h, 3d; 90 days at most", OPT_SPAN, &o.silence_for_s, 60, SILENCE_LONGEST_S },
    { "by", "COLLAR", "who silences it", OPT_TEXT, &o.by, 0, 0 },
    { "reason", "CODE", "why", OPT_TEXT, &o.reason, 0, 0 },
    { "silences", NULL, "list the silences", OPT_FLAG, &o.silences, 0, 0 },
    { "json", NULL, "with --status: one object of JSON", OPT_FLAG, &o.json, 0, 0 },
    { "end-silence", "N", "end the silence of that number now", OPT_NUMBER, &o.end_silence, 1, INT64_MAX },
};

/* ---- words ------------------------------------------------------------------------------ */

static void local_words(struct instant t, int32_t offset, char ret[48])
{
    int64_t local = t.s + offset;
    char day[11];

    day_format((struct day){ (int32_t)(local / 86400) }, day);
    snprintf(ret, 48, "%s %02d:%02d", day, (int)(local % 86400 / 3600), (int)(local % 3600 / 60));
}

/* A message as its recipient would read it, below a line that says who and when. */
struct printer { const struct wording *wording; struct wording_desk *desk; uint64_t count; };

static enum err print_message(void *ctx, const struct message *m)
{
    struct printer *p = ctx;
    struct rendered r;
    char when[48];
    enum err e = wording_render(p->wording, p->desk, m, &r);

    if (e)
        return e;
    local_words(m->as_of, m->offset, when);
    printf("%s---- %s  " TEXT_FMT " to " TEXT_FMT " (" TEXT_FMT "): %s\n", p->count++ ? "\n" : "", when, TEXT_ARG(m->channel), TEXT_ARG(m->to),
           TEXT_ARG(m->name), message_kind_name(m->kind));
    printf("Subject: " TEXT_FMT "\n\n" TEXT_FMT "\n", TEXT_ARG(r.subject), TEXT_ARG(r.plain));
    return E_OK;
}

/* ---- what is opened for a question ---------------------------------------------------------- */

struct desk_of { struct settings *settings; struct store *store; struct wording *wording; struct wording_desk *words; struct store_txn *txn; };

static void put_away(struct desk_of *d)
{
    store_abort(&d->txn);
    store_close(&d->store);
    wording_desk_close(&d->words);
    wording_close(&d->wording);
    settings_close(&d->settings);
}

static enum err lay_out(struct desk_of *d, bool write, struct why *why)
{
    enum err e;

    *d = (struct desk_of){ 0 };
    if ((e = settings_open(o.config, &d->settings, why)) ||
        (e = wording_open(d->settings->templates[0] ? d->settings->templates : NULL, &d->wording, why)) || (e = wording_desk_open(&d->words)))
        return e;
    e = ledger_open_store(d->settings->data, !write, &d->store, why);
    if (e == E_NOT_FOUND)
        why_set(why, "there is nothing in %s yet: no alert came since the start", d->settings->data);
    return e ? e : store_begin(d->store, write, &d->txn);
}

static int answer(enum err e, struct desk_of *d, const struct why *why)
{
    put_away(d);
    return e ? command_failed(e, why) : EXIT_DONE;
}

/* ---- questions ------------------------------------------------------------------------------- */

static int check(void)
{
    struct settings *s = NULL;
    struct wording *w = NULL;
    struct directory *d = NULL;
    struct why why = { "" };
    enum err e;

    if (!(e = settings_open(o.config, &s, &why)) && !(e = wording_open(s->templates[0] ? s->templates : NULL, &w, &why)) &&
        !(e = directory_open(s->officers, s, &d, &why))) {
        settings_print(s, stdout);
        fprintf(stderr, "rightswatch oic: %zu officers, %zu teams, %zu channels: all of it can be read\n", directory_count(d), s->teams,
                channels_count(s->channels));
    }
    directory_close(&d);
    wording_close(&w);
    settings_close(&s);
    return e ? command_failed(e, &why) : EXIT_DONE;
}

struct looking { struct plan *plan; struct desk_of *desk; struct why *why; };

static enum err look_at(void *ctx, const struct telling *t)
{
    struct looking *l = ctx;

    if (t->what == TELLS_TICK)
        return plan_tick(l->plan, &l->desk->txn, t->at, t->offset, l->why);
    return plan_notice(l->plan, l->desk->txn, &t->notice, l->why);
}

/* The tracker's folder says what will be raised; the plan says what comes of it; and then all of it is taken back. */
static int preview(void)
{
    struct printer printer = { NULL, NULL, 0 };
    struct plan_options options_of = { .instead = print_message, .ctx = &printer };
    struct folder folder;
    struct desk_of d;
    struct why why = { "" };
    struct looking looking = { NULL, &d, &why };
    enum err e = lay_out(&d, true, &why);

    if (e)
        return answer(e, &d, &why);
    printer.wording = d.wording;
    printer.desk = d.words;
    options_of.settings = d.settings;
    options_of.store = d.store;
    if (!(e = plan_open(&options_of, &looking.plan, &why)) && !(e = folder_name(&folder, o.data, false, &why)))
        e = foresee_folder(&folder, plan_globals(looking.plan)->cursor.number, 1, look_at, &looking, &why);
    if (!e && !printer.count)
        printf("Nobody is sent anything by the end of tomorrow.\n");
    plan_close(&looking.plan);
    return answer(e, &d, &why);
}

struct held { struct printer printer; struct wire *wire; };

static enum err print_held(void *ctx, enum fate why_not, struct bytes bytes)
{
    struct held *h = ctx;
    struct message m;
    enum err e = message_decode(h->wire, bytes.p, bytes.n, &m);

    if (e)
        return e;
    if (h->printer.count)
        printf("\n");
    printf("Not sent: %s\n", fate_words(why_not));
    return print_message(&h->printer, &m);
}

static int held(void)
{
    struct held h = { { NULL, NULL, 0 }, NULL };
    struct desk_of d;
    struct why why = { "" };
    enum err e = lay_out(&d, false, &why);

    h.printer.wording = d.wording;
    h.printer.desk = d.words;
    if (!e && !(e = wire_open(&h.wire)))
        e = ledger_each_held(d.txn, print_held, &h);
    if (!e && !h.printer.count)
        printf("Nothing was held back.\n");
    wire_close(&h.wire);
    return answer(e, &d, &why);
}

static enum err count_waiting(void *ctx, struct bytes key, struct bytes value)
{
    (void)key, (void)value;
    ++*(uint64_t *)ctx;
    return E_OK;
}

struct state_of { struct ledger_globals g; struct queue_counts q; uint64_t waits; };

static void print_status(const struct state_of *s)
{
    char when[48];

    local_words(s->g.tick, s->g.offset, when);
    printf("As of       %s\n", instant_is_set(s->g.tick) ? when : "no tick yet");
    printf("Messages    %llu planned; %llu delivered, %llu wait to be sent, %llu dead letters, %llu dropped\n", (unsigned long long)s->g.messages,
           (unsigned long long)s->q.delivered, (unsigned long long)s->q.waiting, (unsigned long long)s->q.dead, (unsigned long long)s->q.dropped);
    printf("Held        %llu; --held shows them\n", (unsigned long long)s->g.held);
    printf("Entries     %llu wait for a digest, a group, or the end of quiet hours\n", (unsigned long long)s->waits);
    for (int f = 0; f < FATES_COUNT; f++)
        printf("            %llu %s\n", (unsigned long long)s->g.fate[f], fate_words((enum fate)f));
}

static void print_status_json(const struct state_of *s)
{
    static const char *const name[] = {
#define X(word, words) #word,
        FATES(X)
#undef X
    };
    struct json_out out;
    struct text all;

    json_out_init(&out);
    json_out_object(&out);
    json_put_time(&out, "tick", s->g.tick);
    json_put_number(&out, "cursor", (int64_t)s->g.cursor.number);
    json_put_number(&out, "messages", (int64_t)s->g.messages);
    json_put_number(&out, "delivered", (int64_t)s->q.delivered);
    json_put_number(&out, "waiting", (int64_t)s->q.waiting);
    json_put_number(&out, "dead", (int64_t)s->q.dead);
    json_put_number(&out, "dropped", (int64_t)s->q.dropped);
    json_put_number(&out, "held", (int64_t)s->g.held);
    json_put_number(&out, "pending", (int64_t)s->waits);
    json_out_key(&out, "entries");
    json_out_object(&out);
    for (int f = 0; f < FATES_COUNT; f++)
        json_put_number(&out, name[f], (int64_t)s->g.fate[f]);
    json_out_end(&out);
    json_out_end(&out);
    if (!json_out_done(&out, &all))
        printf(TEXT_FMT "\n", TEXT_ARG(all));
    json_out_fini(&out);
}

static int status(void)
{
    struct state_of s = { .waits = 0 };
    struct desk_of d;
    struct why why = { "" };
    enum err e = lay_out(&d, false, &why);

    if (!e && !(e = ledger_globals(d.txn, &s.g)) && !(e = queue_count(d.txn, LEDGER_QUEUE_FIRST, &s.q)) &&
        !(e = store_each(d.txn, LEDGER_PENDING, count_waiting, &s.waits))) {
        if (o.json)
            print_status_json(&s);
        else
            print_status(&s);
    }
    return answer(e, &d, &why);
}

static enum err print_silence(void *ctx, uint64_t number, const struct silence *s)
{
    char until[INSTANT_TEXT];

    instant_format(s->until, until);
    printf("%4llu  %s=" TEXT_FMT "  until %s  by " TEXT_FMT ": " TEXT_FMT "%s\n", (unsigned long long)number, silence_name[s->what], TEXT_ARG(s->value), until,
           TEXT_ARG(s->by), TEXT_ARG(s->reason), s->until.s > *(int64_t *)ctx ? "" : "  (over)");
    return E_OK;
}

static int silences(void)
{
    struct desk_of d;
    struct why why = { "" };
    int64_t now = instant_now().s;
    enum err e = lay_out(&d, false, &why);

    if (!e)
        e = ledger_each_silence(d.txn, print_silence, &now);
    return answer(e, &d, &why);
}

static int silence(void)
{
    const char *equals = strchr(o.silence, '=');
    struct silence s = { .by = text_of(o.by ? o.by : ""), .reason = text_of(o.reason ? o.reason : "") };
    struct desk_of d;
    struct why why = { "" };
    uint64_t number;
    int what = 0;
    enum err e;

    if (!equals || !equals[1] || strlen(equals + 1) > UINT8_MAX)
        return command_misused(&oic_command, "--silence takes what and of whom, like crime=20/104233/26");
    while (what < SILENCE_WHATS && !text_same(text_of(silence_name[what]), (struct text){ o.silence, (uint32_t)(equals - o.silence) }))
        what++;
    if (what == SILENCE_WHATS)
        return command_misused(&oic_command, "--silence knows crime=, rule=, officer= and team=");
    if (!s.by.n || !s.reason.n || !o.silence_for_s || s.by.n > REF_BYTES_MAX || s.reason.n > REF_BYTES_MAX)
        return command_misused(&oic_command, "a silence needs --for, --by and --reason");
    if (!command_is_code(o.reason))
        return command_misused(&oic_command, "--reason takes a code of letters, digits, '-', '_' and '.', like SAFETY");
    s.what = (enum silence_what)what;
    s.value = text_of(equals + 1);
    s.until = instant_add(instant_now(), o.silence_for_s);
    if (!(e = lay_out(&d, true, &why)) && !(e = ledger_add_silence(d.txn, &s, &number)) && !(e = store_commit(&d.txn)))
        printf("Silence %llu. Compliance figures are not touched; --end-silence %llu ends it.\n", (unsigned long long)number, (unsigned long long)number);
    return answer(e, &d, &why);
}

static int end_silence(void)
{
    struct desk_of d;
    struct why why = { "" };
    enum err e = lay_out(&d, true, &why);

    if (!e && (e = ledger_end_silence(d.txn, (uint64_t)o.end_silence)) == E_NOT_FOUND)
        why_set(&why, "there is no silence of that number: --silences lists them");
    if (!e && !(e = store_commit(&d.txn)))
        printf("Silence %lld has ended: what still stands is said at the next tick.\n", (long long)o.end_silence);
    return answer(e, &d, &why);
}

/* ---- the command ---------------------------------------------------------------------------- */

static int run(const struct opt_list *operands)
{
    int asked = o.check + o.preview + o.held + o.status + o.silences + (o.silence != NULL) + (o.end_silence != 0);

    if (operands->count || asked > 1)
        return command_misused(&oic_command, operands->count ? "it takes options only" : "one question at a time");
    if (o.check)
        return check();
    if (o.preview)
        return preview();
    if (o.held)
        return held();
    if (o.status)
        return status();
    if (o.silences)
        return silences();
    if (o.silence)
        return silence();
    return o.end_silence ? end_silence() : receiver_serve("oic", o.listen, &oic_sink, o.config);
}

const struct command oic_command = {
    .name = "oic",
    .summary = "alerts to the officer in the case, by mail and other channels",
    .usage = "[OPTION...]",
    .about = "Receives alerts from a tracker (rightswatch track --sink ENDPOINT) and tells whoever has to act: once, in plain\n"
             "words, through the channels of the configuration. Due-soon alerts go as one digest a morning; what was missed\n"
             "goes in one message for each officer; what was put right follows to whoever was told. docs/alerts.md says who\n"
             "is told of what, when, and what each line of the configuration means.\n"
             "\n"
             "Without a question among the options it runs until SIGTERM. The questions may be asked beside it.\n",
    .examples = "  rightswatch oic --check --config oic.yaml\n"
                "  rightswatch oic --config oic.yaml --listen tcp://127.0.0.1:5573\n"
                "  rightswatch oic --preview --config oic.yaml\n"
                "  rightswatch oic --silence crime=20/104233/26 --for 2d --by 20011 --reason SAFETY --config oic.yaml\n",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run,
};
