/* The configuration and the directory of the officer alerts: what is understood, what is refused, and with which words. */
#include "sinks/oic/directory.h"
#include "tests/kit/program.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static char *dir;

static void make(void) { dir = folder_make(); }
static void take_away(void) { folder_remove(&dir); }
TestSuite(settings, .init = make, .fini = take_away);

static const char plain[] = "domains: [force.example]\nforce_inbox: code@force.example\nchannels:\n  out: { type: terminal }\n";

static enum err open_text(const char *text, struct settings **ret, struct why *why)
{
    char *path = path_in(dir, "oic.yaml");
    enum err e;

    file_write(path, text, strlen(text));
    e = settings_open(path, ret, why);
    free(path);
    return e;
}

static void refused(const char *more, const char *word)
{
    struct settings *s = NULL;
    struct why why = { "" };
    char *text;

    cr_assert(asprintf(&text, "%s%s", plain, more) > 0);
    cr_assert(open_text(text, &s, &why) != E_OK, "taken: %s", more);
    cr_assert(strstr(why.text, word) && strstr(why.text, "oic.yaml:"), "for %s: %s", more, why.text);
    free(text);
}

static char *print(const struct settings *s)
{
    char *text = NULL;
    size_t n;
    FILE *f = open_memstream(&text, &n);

    cr_assert(f != NULL);
    settings_print(s, f);
    fclose(f);
    return text;
}

Test(settings, what_was_understood_reads_back_the_same)
{
    static const char all[] =
        "data: /var/lib/rightswatch/oic\nofficers: people.csv\ntemplates: words\ndomains: [force.example, other.example]\n"
        "force_inbox: code@force.example\nlead: lead@force.example\ndata_protection_officer: dpo@force.example\n"
        "witness_care: wcu@other.example\nfamily_liaison: flo@force.example\nliaison: { cps: cps@other.example, probation: p@other.example }\n"
        "handlers: [psd@force.example]\ngo_live: never\nteams:\n  \"North: \\\"A\\\"\": { inbox: north@force.example, go_live: \"2026-04-07 09:30\" }\n"
        "  South: { lead: south@force.example, go_live: 2026-05-01 }\ndigest: \"08:45\"\ngroup: 90s\nhistory: none\n"
        "quiet: { breached: none, due-soon: \"21:00-08:00\" }\nfollow_ups: [withdrawn, met]\nsend: { officers: [a, b], inboxes: [b] }\n"
        "channels:\n  a: { type: terminal }\n  b: { type: file, path: /tmp/x }\n";
    struct settings *s = NULL, *again = NULL;
    struct why why = { "" };
    char *first, *second;

    cr_assert_eq(open_text(all, &s, &why), E_OK, "%s", why.text);
    cr_assert(s->officers_count == 2 && s->inboxes_count == 1 && s->to_inboxes[0] == 1 && s->group_s == 90 && s->older_than_s == 0);
    cr_assert(s->follows[LEVEL_MET] && !s->follows[LEVEL_AMENDED] && s->digest == 8 * 3600 + 45 * 60);
    cr_assert_eq(settings_go_live(s, TEXT("South")), (int64_t)day_from_ymd(2026, 5, 1).n * 86400);
    cr_assert_eq(settings_go_live(s, TEXT("West")), NEVER_S);
    cr_assert_str_eq(s->officers + strlen(s->officers) - 11, "/people.csv");
    first = print(s);
    cr_assert_eq(open_text(first, &again, &why), E_OK, "%s in:\n%s", why.text, first);
    second = print(again);
    cr_assert_str_eq(first, second);
    free(first), free(second);
    settings_close(&s), settings_close(&again);
}

Test(settings, what_is_not_said_is_as_a_force_would_want_it)
{
    struct settings *s = NULL;
    struct why why = { "" };

    cr_assert_eq(open_text(plain, &s, &why), E_OK, "%s", why.text);
    cr_assert(s->go_live == NEVER_S && s->digest == 9 * 3600 && s->group_s == 300 && s->older_than_s == 7 * 86400);
    cr_assert(s->follows[LEVEL_WITHDRAWN] && s->follows[LEVEL_MET_LATE] && s->follows[LEVEL_AMENDED] && !s->follows[LEVEL_MET]);
    cr_assert(span_has(s->quiet[MATTER_BREACHED], 23 * 3600) && span_has(s->quiet[MATTER_BREACHED], 0) && !span_has(s->quiet[MATTER_BREACHED], 7 * 3600));
    settings_close(&s);
}

Test(settings, what_is_wrong_is_refused_with_its_line_and_what_to_write)
{
    refused("lead: lead@elsewhere.example\n", "'domains:'");
    refused("lead: lead\n", "'domains:'");
    refused("witnes_care: a@force.example\n", "witness_care");
    refused("digest: 9\n", "like \"09:00\"");
    refused("digest: \"24:00\"\n", "like \"09:00\"");
    refused("group: 5\n", "5m");
    refused("group: 7h\n", "5m");
    refused("history: -1d\n", "7d");
    refused("quiet: { breached: 22-7 }\n", "22:00-07:00");
    refused("quiet: { brached: none }\n", "breached");
    refused("teams: { North: { go_live: soon } }\n", "go_live");
    refused("go_live: 1013-03-30\n", "go_live");         /* found by the fuzzer: it printed as no time at all */
    refused("teams: { North: { inbox: n@elsewhere.example } }\n", "'domains:'");
    refused("follow_ups: [breached]\n", "level");
    refused("send: { officers: [post] }\n", "no such channel");
    refused("send: { officers: [out, out] }\n", "twice");
    refused("send: { officers: [] }\n", "channels");
    refused("domains: [a.example]\n", "domains");
}

Test(settings, a_domain_is_the_whole_of_it)
{
    struct settings *s = NULL;
    struct why why = { "" };

    cr_assert_eq(open_text(plain, &s, &why), E_OK, "%s", why.text);
    cr_assert(settings_may_reach(s, TEXT("a@force.example")) && settings_may_reach(s, TEXT("a@FORCE.example")));
    cr_assert(!settings_may_reach(s, TEXT("a@notforce.example")) && !settings_may_reach(s, TEXT("a@force.example.org")));
    cr_assert(!settings_may_reach(s, TEXT("a@evil.org@force.example")) && !settings_may_reach(s, TEXT("@force.example")) && !settings_may_reach(s, TEXT("a@")));
    settings_close(&s);
}

/* ---- the directory ------------------------------------------------------------------------- */

static struct settings *settings;

static enum err read(const char *csv, struct directory **ret, struct why *why)
{
    char *path = path_in(dir, "officers.csv");
    enum err e;

    if (!settings)
        cr_assert_eq(open_text(plain, &settings, why), E_OK, "%s", why->text);
    file_write(path, csv, strlen(csv));
    e = directory_open(path, settings, ret, why);
    free(path);
    return e;
}

static void directory_refused(const char *csv, const char *word)
{
    struct directory *d = NULL;
    struct why why = { "" };

    cr_assert(read(csv, &d, &why) != E_OK, "taken: %s", csv);
    cr_assert(strstr(why.text, word), "for %s: %s", csv, why.text);
}

Test(settings, officers_are_found_and_days_away_are_counted)
{
    struct directory *d = NULL;
    struct why why = { "" };
    const struct officer *o;

    cr_assert_eq(read("\xEF\xBB\xBF" "rank,collar,address,away,name\r\nPC,7,\"7@force.example\",2026-04-04..2026-04-06;2026-04-07; 2026-04-09,\"Smith, J\"\r\n"
                      "PC,8,8@force.example,,\r\n", &d, &why), E_OK, "%s", why.text);
    cr_assert_eq(directory_count(d), 2);
    cr_assert((o = directory_find(d, TEXT("7"))) && text_same(o->name, TEXT("Smith, J")) && !directory_find(d, TEXT("9")) && !directory_find(d, TEXT("")));
    cr_assert_eq(officer_on_duty(o, day_from_ymd(2026, 4, 3)).n, day_from_ymd(2026, 4, 3).n);
    cr_assert_eq(officer_on_duty(o, day_from_ymd(2026, 4, 5)).n, day_from_ymd(2026, 4, 8).n);
    cr_assert_eq(officer_on_duty(o, day_from_ymd(2026, 4, 9)).n, day_from_ymd(2026, 4, 10).n);
    directory_close(&d);
}

Test(settings, a_wrong_directory_is_told_by_its_row_and_not_by_what_stands_in_it)
{
    struct directory *d = NULL;
    struct why why = { "" };

    directory_refused("collar,mail\n7,7@force.example\n", "'collar' and 'address'");
    directory_refused("collar,address\n7,7@force.example\n8,8@elsewhere.example\n", "row 3");
    directory_refused("collar,address\n7,7@force.example\n7,8@force.example\n", "twice");
    directory_refused("collar,address\n,7@force.example\n", "row 2");
    directory_refused("collar,address,away\n7,7@force.example,2026-02-30\n", "away");
    directory_refused("collar,address,away\n7,7@force.example,2026-04-10..2026-04-01\n", "away");
    directory_refused("collar,address\n7,\"7@force.example\n", "quote");
    directory_refused("", "header");
    cr_assert(read("collar,address\nSECRET7,x@elsewhere.example\n", &d, &why) != E_OK && !strstr(why.text, "SECRET7") && !strstr(why.text, "x@"));
}
