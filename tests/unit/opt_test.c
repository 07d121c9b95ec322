#include "core/opt.h"

#include <criterion/criterion.h>
#include <string.h>

static struct { const char *text, *choice; int64_t number, span; bool flag; struct opt_list list; } o;

static const struct opt rows[] = {
    { "data", "DIR", "a text", OPT_TEXT, &o.text, 0, 0 },
    { "clock", "events|wall", "a choice", OPT_CHOICE, &o.choice, 0, 0 },
    { "limit", "N", "a number", OPT_NUMBER, &o.number, 1, 100 },
    { "within", "SPAN", "a span", OPT_SPAN, &o.span, 60, 86400 },
    { "json", NULL, "a flag", OPT_FLAG, &o.flag, 0, 0 },
    { "rules", "FILE", "a list", OPT_LIST, &o.list, 0, 0 },
};
enum { ROWS = sizeof rows / sizeof *rows };

static enum err parse(struct opt_list *operands, struct why *why, int argc, const char *const *argv)
{
    return opt_parse(rows, ROWS, argc, (char **)argv, operands, why);
}
#define PARSE(...) parse(&operands, &why, sizeof((const char *[]){ "x", __VA_ARGS__ }) / sizeof(char *), \
                         (const char *const[]){ "x", __VA_ARGS__, NULL })

Test(opt, reads_values_lists_and_operands_in_any_order)
{
    static struct opt_list operands;
    struct why why = { "" };

    cr_assert(PARSE("in.csv", "--data=d", "--rules", "a", "--json", "-", "--rules=b", "--within", "2h", "--", "--odd") == E_OK, "%s", why.text);
    cr_assert(!strcmp(o.text, "d") && o.flag && o.span == 7200 && o.list.count == 2 && !strcmp(o.list.item[1], "b"));
    cr_assert(operands.count == 3 && !strcmp(operands.item[0], "in.csv") && !strcmp(operands.item[1], "-") && !strcmp(operands.item[2], "--odd"));
}

Test(opt, says_what_is_wrong_and_what_to_write)
{
    static struct opt_list operands;
    struct why why = { "" };

    cr_assert(PARSE("--dta=x") == E_USAGE && strstr(why.text, "did you mean --data?"), "%s", why.text);
    cr_assert(PARSE("--limit", "0") == E_USAGE && strstr(why.text, "from 1 to 100"), "%s", why.text);
    cr_assert(PARSE("--limit", "5x") == E_USAGE && strstr(why.text, "'5x'"), "%s", why.text);
    cr_assert(PARSE("--within", "2") == E_USAGE && strstr(why.text, "2d"), "%s", why.text);
    cr_assert(PARSE("--clock", "event") == E_USAGE && strstr(why.text, "events|wall"), "%s", why.text);
    cr_assert(PARSE("--data") == E_USAGE && strstr(why.text, "needs a value"), "%s", why.text);
    cr_assert(PARSE("--help") == E_END);
}
