/* Messages in words, and the templates that arrange them. */
#include "core/hash.h"
#include "sinks/oic/mime.h"
#include "sinks/oic/mustache.h"
#include "sinks/oic/view.h"
#include "sinks/oic/wording.h"
#include "tests/kit/program.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static struct wording *w;
static struct wording_desk *desk;
static struct why why;

static void begin(void)
{
    hash_init();
    cr_assert_eq(wording_open(NULL, &w, &why), E_OK, "%s", why.text);
    cr_assert_eq(wording_desk_open(&desk), E_OK);
}

static void end(void)
{
    wording_desk_close(&desk);
    wording_close(&w);
}
TestSuite(wording, .init = begin, .fini = end);

static struct rendered render(const struct message *m)
{
    struct rendered r;

    cr_assert_eq(wording_render(w, desk, m, &r), E_OK);
    return r;
}

static bool holds(struct text t, const char *what) { return memmem(t.p, t.n, what, strlen(what)) != NULL; }

/* Everything that a message must never say, in a notice that holds it all. */
static struct notice secretive(enum level level)
{
    struct notice n = *wording_example(MESSAGE_ALERT)->entry[0];

    n.level = level;
    n.victim_ref = TEXT("V-SECRET-88107");
    n.enhanced = true;
    n.started_by = TEXT("EVENT-SECRET");
    n.evidence = TEXT("EVIDENCE-SECRET");
    return n;
}

Test(wording, says_nothing_about_a_victim_but_which_and_nothing_at_all_in_a_subject)
{
    static const enum level levels[] = { LEVEL_DUE_SOON, LEVEL_BREACHED, LEVEL_OUTSTANDING, LEVEL_UNPROVEN, LEVEL_MET_LATE, LEVEL_WITHDRAWN,
        LEVEL_AMENDED, LEVEL_AT_START, LEVEL_NOT_COMPUTABLE, LEVEL_MET, LEVEL_WAIVED, LEVEL_MISSED, LEVEL_NOT_APPLICABLE, LEVEL_NOT_EVIDENCED };

    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        for (int kind = 0; kind < MESSAGE_KINDS; kind++) {
            struct notice n = secretive(levels[i]);
            struct message m = *wording_example((enum message_kind)kind);
            m.entry[0] = &n;
            m.count = 1;
            struct rendered r = render(&m);
            struct text all[] = { r.subject, r.plain, r.html, r.json };
            for (int k = 0; k < 4; k++) {
                cr_assert(!holds(all[k], "SECRET") && !holds(all[k], "nhanced"), "level %d: " TEXT_FMT, levels[i], TEXT_ARG(all[k]));
                cr_assert(k == 0 || holds(all[k], "20/104233/26"));
            }
            cr_assert(!holds(r.subject, "104233") && !holds(r.subject, "victim") && !holds(r.subject, "bail"), TEXT_FMT, TEXT_ARG(r.subject));
            cr_assert(holds(r.plain, "20/104233/26, victim 2"));
            cr_assert(!holds(r.plain, "{{") && !holds(r.html, "{{"));
        }
}

Test(wording, whatever_asks_for_contact_says_to_check_the_safe_contact_plan)
{
    struct rendered r = render(wording_example(MESSAGE_DIGEST));
    cr_assert(holds(r.plain, "check the safe-contact plan in CONNECT first. Do not write, text or leave a message unless it allows."));
    cr_assert(holds(r.html, "check the safe-contact plan in CONNECT first. Do not write, text or leave a message unless it allows."));
    cr_assert(holds(r.json, "check the safe-contact plan in CONNECT first. Do not write, text or leave a message unless it allows."));
    cr_assert(!holds(render(wording_example(MESSAGE_FOLLOW_UP)).plain, "safe-contact"), "nothing is left to do there");
}

Test(wording, a_right_is_only_what_the_code_gives)
{
    struct notice n = *wording_example(MESSAGE_ALERT)->entry[0];
    struct message m = *wording_example(MESSAGE_ALERT);

    m.entry[0] = &n, m.count = 1;
    cr_assert(holds(render(&m).plain, "Right 6, R6-BAIL: 1 working day from Wed 1 April 2026. Counted: Thu 2 April."));
    n.basis = TEXT("local");
    cr_assert(holds(render(&m).plain, "A local standard, R6-BAIL") && !holds(render(&m).plain, "Right 6") && !holds(render(&m).json, "\"right\""));
    n.basis = TEXT("agreement");
    cr_assert(holds(render(&m).json, "\"standard\":\"An agreed standard\""));
}

Test(wording, tells_what_is_left_in_working_days_only_on_the_day_they_were_counted)
{
    struct notice n = *wording_example(MESSAGE_DIGEST)->entry[1];
    struct message m = *wording_example(MESSAGE_DIGEST);

    m.entry[0] = &n, m.count = 1;
    cr_assert(holds(render(&m).plain, "1 working day left."));
    n.raised_at.s -= 86400;
    cr_assert(holds(render(&m).plain, "Tomorrow is the last day."));
    m.as_of.s += 86400;
    cr_assert(holds(render(&m).plain, "Today is the last day."));
    m.as_of.s += 86400;
    cr_assert(!holds(render(&m).plain, "last day"));
}

Test(wording, escapes_what_comes_from_outside)
{
    struct notice n = *wording_example(MESSAGE_ALERT)->entry[0];
    struct message m = *wording_example(MESSAGE_ALERT);

    m.entry[0] = &n, m.count = 1;
    n.title = TEXT("<script>alert('x')</script> & \"more\"");
    n.what_to_do = TEXT("line\x01 \x7f one\r\nBcc: someone@else \xff");
    struct rendered r = render(&m);
    cr_assert(holds(r.html, "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;more&quot;") && !holds(r.html, "<script"));
    cr_assert(holds(r.plain, "line    one  Bcc: someone@else \xEF\xBF\xBD"), TEXT_FMT, TEXT_ARG(r.plain));
}

/* ---- templates ------------------------------------------------------------------------------------------- */

static void should_fail(const char *text, const char *sentence)
{
    struct mustache *m;

    why.text[0] = '\0';
    cr_assert_neq(mustache_open("message.txt", text, strlen(text), false, view_scopes, &m, &why), E_OK, "%s", text);
    cr_assert_str_eq(why.text, sentence);
}

Test(templates, tell_file_and_line_of_what_is_wrong)
{
    should_fail("a\n{{headin}}\n", "message.txt:2: there is no 'headin' here; did you mean 'heading'?");
    should_fail("{{#journeys}}\n\n{{victim_ref}}{{/journeys}}", "message.txt:3: there is no 'victim_ref' here; `rightswatch words --names` lists what there is");
    should_fail("{{title}}", "message.txt:1: there is no 'title' here; `rightswatch words --names` lists what there is");
    should_fail("{{#journeys}}\n{{#entries}}\n{{/journeys}}\n", "message.txt:3: 'journeys' ends here, but it is 'entries' of line 2 that is open");
    should_fail("x\n{{#alert}}\nb\n", "message.txt:2: the section 'alert' is not closed");
    should_fail("x{{/alert}}", "message.txt:1: a section ends here that did not begin");
    should_fail("a\nb {{heading", "message.txt:2: {{ is not closed by }}");
    should_fail("{{{heading}}}", "message.txt:1: everything is escaped: there is no {{{ }}} and no {{& }}");
    should_fail("{{> other}}", "message.txt:1: there are no partials {{> }} and no other delimiters {{= }}");
    should_fail("{{alert}}", "message.txt:1: 'alert' is so or not so; write {{#alert}} ... {{/alert}}");
    should_fail("{{journeys}}", "message.txt:1: 'journeys' is a list; write {{#journeys}} ... {{/journeys}}");
    should_fail("\xff", "message.txt: not UTF-8, or a NUL in it");
}

Test(templates, a_subject_cannot_name_a_journey)
{
    static const char text[] = "{{#journeys}}{{journey}}{{/journeys}}";
    struct mustache *m;

    cr_assert_eq(mustache_open("subject.txt", text, sizeof text - 1, false, view_scopes_of_subject, &m, &why), E_UNKNOWN);
}

static void should_give(const char *text, const char *expected)
{
    struct view v = { .journeys = 0 };
    struct page page = { 0 };
    struct mustache *m;

    cr_assert_eq(mustache_open("t", text, strlen(text), false, view_scopes, &m, &why), E_OK, "%s", why.text);
    cr_assert_eq(view_make(&v, wording_example(MESSAGE_DIGEST)), E_OK);
    cr_assert_eq(mustache_fill(m, view_root(&v), &page), E_OK);
    cr_assert(page.n == strlen(expected) && !memcmp(page.p, expected, page.n), "%.*s", (int)page.n, page.p);
    page_fini(&page);
    mustache_close(&m);
    view_fini(&v);
}

Test(templates, fill_in_lists_conditions_and_names_around)
{
    should_give("{{#journeys}}{{crime}}:{{#entries}} {{rule}}{{/entries}};{{/journeys}}", "20/101877/26: R8-HEAR;20/104270/26: R4-REF LOC-PROMISE;");
    should_give("{{#journeys}}{{#entries}}{{name}} {{victim}} {{/entries}}{{/journeys}}", "PC 20533 1 PC 20533 1 PC 20533 1 ");
    should_give("{{#digest}}d{{/digest}}{{^digest}}n{{/digest}}{{#alert}}a{{/alert}}{{^alert}}-{{/alert}}", "d-");
    should_give("{{#more}}{{more}}{{/more}}{{^more}}no more{{/more}}{{^journeys}}empty{{/journeys}}", "no more");
}

Test(templates, tags_alone_on_a_line_leave_no_line)
{
    should_give("a\n{{#digest}}\nb\n  {{! nothing }}  \n{{/digest}}\nc", "a\nb\nc");
    should_give("a {{#digest}} b {{/digest}} c", "a  b  c");
    should_give("{{#journeys}}\r\n{{crime}}\r\n{{/journeys}}\r\n", "20/101877/26\r\n20/104270/26\r\n");
}

Test(templates, cannot_go_on_for_ever)
{
    char text[MUSTACHE_BYTES_MAX] = "";
    struct view v = { .journeys = 0 };
    struct page page = { 0 };
    struct mustache *m;
    struct message many = *wording_example(MESSAGE_DIGEST);

    for (many.count = 0; many.count < MESSAGE_ENTRIES_MAX; many.count++)
        many.entry[many.count] = wording_example(MESSAGE_DIGEST)->entry[many.count % 2];
    strcat(text, "{{#journeys}}{{#entries}}");
    for (int i = 0; i < 6; i++)
        strcat(text, "{{#journeys}}");
    for (int i = 0; i < 6; i++)
        strcat(text, "{{/journeys}}");
    strcat(text, "{{/entries}}{{/journeys}}");
    cr_assert_eq(mustache_open("t", text, strlen(text), false, view_scopes, &m, &why), E_OK, "%s", why.text);
    cr_assert_eq(view_make(&v, &many), E_OK);
    cr_assert_eq(mustache_fill(m, view_root(&v), &page), E_TOO_LARGE);
    page_fini(&page);
    mustache_close(&m);
    view_fini(&v);
}

Test(templates, a_folder_takes_the_place_of_what_is_built_in)
{
    char *dir = folder_make(), *path = path_in(dir, "message.txt");
    struct wording *own;
    struct rendered r;

    hash_init();
    cr_assert_eq(wording_open(dir, &own, &why), E_NOT_FOUND);
    cr_assert(strstr(why.text, "rightswatch words --write"), "%s", why.text);
    file_write(path, "{{count}} things\n", 17);
    cr_assert_eq(wording_open(dir, &own, &why), E_OK, "%s", why.text);
    cr_assert_eq(wording_desk_open(&desk), E_OK);
    cr_assert_eq(wording_render(own, desk, wording_example(MESSAGE_DIGEST), &r), E_OK);
    cr_assert(text_same(r.plain, TEXT("3 things\n")) && holds(r.html, "<!DOCTYPE html>"));
    wording_desk_close(&desk);
    wording_close(&own);
    file_write(path, "{{#alert}}only alerts{{/alert}}", 31);
    cr_assert_eq(wording_open(dir, &own, &why), E_MALFORMED);
    cr_assert_str_eq(why.text, "message.txt: says nothing when filled in with an example (digest)");
    free(path);
    folder_remove(&dir);
}

/* ---- mail ---------------------------------------------------------------------------------------------------- */

Test(mail, addresses_are_those_every_system_takes)
{
    static const char *const good[] = { "a@b.example", "20533@police.example", "first.last+tag@sub.police.uk", "x@localhost", "o'neill@force.police.uk" };
    static const char *const bad[] = { "", "a", "@b.example", "a@", "a@b", "a@@b.example", "a b@c.example", "a@b.example\r\nBcc: x@y.example", "<a@b.example>",
        "a@-b.example", "a@b-.example", "a@b..example", ".a@b.example", "a.@b.example", "a..b@c.example", "a@b.example.", "\"a b\"@c.example", "a,b@c.example",
        "zo\xc3\xab@c.example" };

    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        cr_assert(mime_is_address(text_of(good[i])), "%s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_assert(!mime_is_address(text_of(bad[i])), "%s", bad[i]);
}

Test(mail, nothing_from_outside_begins_a_header_and_no_line_is_too_long)
{
    struct mime_sender from = { "alerts@police.example", "Victims' Code" };
    struct message m = *wording_example(MESSAGE_ALERT);
    struct page page = { 0 };
    char longest[1200];

    hash_init();
    memset(longest, 'y', sizeof longest);
    struct rendered r = { .subject = TEXT("one\r\nBcc: a@b.example\r\n\r\nbody"), .plain = { longest, sizeof longest }, .html = TEXT(".\r\n=\n\xc3\xa9 \n") };
    m.name = TEXT("PC \"20533\"\r\nX-Evil: yes");
    cr_assert_eq(mime_write(&page, &from, &m, &r), E_OK);
    page_put(&page, (struct text){ "", 1 });
    cr_assert(!strstr(page.p, "\nBcc:") && !strstr(page.p, "\nX-Evil"), "%s", page.p);
    for (char *line = page.p, *next; (next = strstr(line, "\r\n")); line = next + 2) {
        cr_assert_leq(next - line, 78);
        cr_assert(!memchr(line, '\n', (size_t)(next - line)) && !memchr(line, '\r', (size_t)(next - line)));
        cr_assert(line[0] != '.');
    }
    cr_assert(strstr(page.p, "=2E\r\n=3D\r\n=C3=A9=20\r\n"), "%s", page.p);
    page_fini(&page);
}

Test(mail, one_message_is_the_same_bytes_each_time)
{
    struct mime_sender from = { "alerts@police.example", NULL };
    struct page one = { 0 }, two = { 0 };

    hash_init();
    cr_assert_eq(wording_open(NULL, &w, &why), E_OK);
    cr_assert_eq(wording_desk_open(&desk), E_OK);
    struct rendered r = render(wording_example(MESSAGE_HANDOVER));
    cr_assert_eq(mime_write(&one, &from, wording_example(MESSAGE_HANDOVER), &r), E_OK);
    r = render(wording_example(MESSAGE_HANDOVER));
    cr_assert_eq(mime_write(&two, &from, wording_example(MESSAGE_HANDOVER), &r), E_OK);
    cr_assert(one.n == two.n && !memcmp(one.p, two.p, one.n));
    page_fini(&one), page_fini(&two);
    end();
}
