#include "tests/kit/force.h"
#include "core/hash.h"
#include "sinks/oic/wording.h"
#include "tests/kit/program.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OFFSET = 3600, TICK_S = 300 };

static const char officers[] =
    "collar,address,name,supervisor,team,away\n"
    "1001,1001@force.example,PC 1001,2001,North,\n"
    "1002,1002@force.example,PC 1002,2001,North,\n"
    "1003,1003@force.example,PC 1003,2001,North,2026-04-01..2026-04-10\n"
    "1004,1004@force.example,PC 1004,2002,South,\n"
    "2001,2001@force.example,PS 2001,,North,\n"
    "2002,2002@force.example,PS 2002,,South,\n";

static const char configuration[] =
    "data: oic\ndomains: [force.example]\nforce_inbox: code@force.example\nlead: lead@force.example\nwitness_care: wcu@force.example\n"
    "family_liaison: flo@force.example\ndata_protection_officer: dpo@force.example\nhandlers: [handler@force.example]\n"
    "go_live: \"2026-01-01\"\nteams:\n  North: { inbox: north@force.example }\n  South: { inbox: south@force.example, lead: southlead@force.example }\n"
    "  New: { inbox: new@force.example, go_live: \"2026-04-08 09:00\" }\n"
    "channels:\n  out: { type: terminal }\n";

static enum err keep(void *ctx, const struct message *m)
{
    struct force *f = ctx;
    struct sent *s;
    size_t used = 0;

    if (f->count == f->cap) {
        f->cap = f->cap ? f->cap * 2 : 64;
        cr_assert((f->sent = realloc(f->sent, f->cap * sizeof *f->sent)) != NULL);
    }
    s = &f->sent[f->count++];
    memset(s, 0, sizeof *s);
    s->kind = m->kind;
    s->as_of = m->as_of;
    hash_hex(m->id, sizeof m->id, s->id);
    hash_hex(m->thread, sizeof m->thread, s->thread);
    snprintf(s->to, sizeof s->to, TEXT_FMT, TEXT_ARG(m->to));
    snprintf(s->beside, sizeof s->beside, TEXT_FMT, TEXT_ARG(m->beside));
    for (size_t i = 0; i < m->count && used < sizeof s->entries; i++)
        used += (size_t)snprintf(s->entries + used, sizeof s->entries - used, "%s" TEXT_FMT " " TEXT_FMT " %s", i ? ", " : "",
                                 TEXT_ARG(m->entry[i]->crime_ref), TEXT_ARG(m->entry[i]->rule), level_name(m->entry[i]->level));
    return E_OK;
}

static void open_plan(struct force *f)
{
    struct plan_options o = { .settings = f->settings, .store = f->store, .instead = keep, .ctx = f };
    struct why why = { "" };

    cr_assert_eq(plan_open(&o, &f->plan, &why), E_OK, "%s", why.text);
}

void force_officers(struct force *f, const char *csv)
{
    char *path = path_in(f->dir, "officers.csv");

    file_write(path, csv, strlen(csv));
    free(path);
}

void force_open(struct force *f, const char *more)
{
    struct why why = { "" };
    char *path, *text;

    *f = (struct force){ .dir = folder_make() };
    force_officers(f, officers);
    path = path_in(f->dir, "oic.yaml");
    cr_assert(asprintf(&text, "%s%s", configuration, more ? more : "") > 0);
    file_write(path, text, strlen(text));
    cr_assert_eq(settings_open(path, &f->settings, &why), E_OK, "%s", why.text);
    cr_assert_eq(ledger_open_store(f->settings->data, false, &f->store, &why), E_OK, "%s", why.text);
    open_plan(f);
    free(text);
    free(path);
}

void force_close(struct force *f)
{
    store_abort(&f->txn);
    plan_close(&f->plan);
    store_close(&f->store);
    settings_close(&f->settings);
    free(f->sent);
    folder_remove(&f->dir);
}

void force_restart(struct force *f)
{
    store_abort(&f->txn);
    plan_close(&f->plan);
    open_plan(f);
}

struct instant force_time(const char *local)
{
    struct day d;
    int h, m;

    cr_assert(day_parse(local, 10, &d) == E_OK && sscanf(local + 10, " %d:%d", &h, &m) == 2, "%s", local);
    return (struct instant){ (int64_t)d.n * 86400 + h * 3600 + m * 60 - OFFSET };
}

static void begin(struct force *f)
{
    if (!f->txn)
        cr_assert_eq(store_begin(f->store, true, &f->txn), E_OK);
}

static void commit(struct force *f)
{
    cr_assert_eq(plan_save(f->plan, f->txn, &plan_globals(f->plan)->cursor), E_OK);
    cr_assert_eq(store_commit(&f->txn), E_OK);
    f->since = 0;
}

void force_tell(struct force *f, enum level level, const char *crime, const char *officer, const char *raised, const char *due, void (*edit)(struct notice *n))
{
    struct notice n = {
        .version = ++f->version, .level = level, .rule = TEXT("R3-INFO"), .right = TEXT("3"), .basis = TEXT("code"), .owner = TEXT("police"),
        .title = TEXT("Victims' Code information"), .crime_ref = text_of(crime), .victim_ref = TEXT("V1"), .victim_no = 1,
        .officer = text_of(officer), .team = TEXT("North"), .due_date = text_of(due), .raised_offset = OFFSET, .raised_at = force_time(raised),
    };
    struct why why = { "" };
    struct day d;
    char id[128];

    cr_assert_eq(day_parse(due, 10, &d), E_OK);
    n.due.s = ((int64_t)d.n + 1) * 86400 - 1 - OFFSET;
    n.started_at.s = n.due.s - 7 * 86400;
    n.stands = level == LEVEL_DUE_SOON || level == LEVEL_BREACHED || level == LEVEL_OUTSTANDING || level == LEVEL_AT_START || level == LEVEL_UNPROVEN ? level : LEVEL_NONE;
    n.told = !n.stands;
    if (edit)
        edit(&n);
    snprintf(id, sizeof id, TEXT_FMT "/" TEXT_FMT, TEXT_ARG(n.crime_ref), TEXT_ARG(n.rule));
    hash_id(id, strlen(id), n.obligation_id);
    snprintf(id, sizeof id, TEXT_FMT "/" TEXT_FMT "/%d/%u", TEXT_ARG(n.crime_ref), TEXT_ARG(n.rule), (int)n.level, n.step);
    hash_id(id, strlen(id), n.notice_id);
    begin(f);
    cr_assert_eq(plan_notice(f->plan, f->txn, &n, &why), E_OK, "%s", why.text);
    if (f->commits && ++f->since >= f->commits)
        commit(f);
}

static void tick(struct force *f, struct instant at)
{
    struct why why = { "" };

    begin(f);
    cr_assert_eq(plan_tick(f->plan, &f->txn, at, OFFSET, &why), E_OK, "%s", why.text);
    if (!f->commits || ++f->since >= f->commits)
        commit(f);
}

void force_tick(struct force *f, const char *local) { tick(f, force_time(local)); }

void force_ticks(struct force *f, const char *from, const char *to)
{
    for (struct instant at = force_time(from); !instant_after(at, force_time(to)); at = instant_add(at, TICK_S))
        tick(f, at);
}

char *force_said(const struct force *f)
{
    size_t used = 0, room = f->count * sizeof *f->sent + 1;
    char *out = malloc(room);

    cr_assert(out != NULL);
    out[0] = 0;
    for (size_t i = 0; i < f->count; i++)
        used += (size_t)snprintf(out + used, room - used, "%s %s: %s\n", message_kind_name(f->sent[i].kind), f->sent[i].to, f->sent[i].entries);
    return out;
}
