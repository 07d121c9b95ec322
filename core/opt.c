#include "core/opt.h"
#include "core/yaml.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum { OPTS_MAX = 32, HELP_COLUMN = 28, ROW_FIRST = 256 };

enum err opt_span(const char *text, int64_t *ret)
{
    char *end;
    long long n;
    int64_t unit;

    errno = 0;
    n = strtoll(text, &end, 10);
    if (errno || end == text || n < 0 || n > 100000000 || (*end && end[1]))
        return E_USAGE;
    switch (*end) {
    case 's': unit = 1; break;
    case 'm': unit = 60; break;
    case 'h': unit = 3600; break;
    case 'd': unit = 86400; break;
    default: return E_USAGE;
    }
    *ret = n * unit;
    return E_OK;
}

static bool is_choice(const char *words, const char *value)
{
    size_t n = strlen(value);

    for (const char *at = words; n && (at = strstr(at, value)); at += n)
        if ((at == words || at[-1] == '|') && (at[n] == 0 || at[n] == '|'))
            return true;
    return false;
}

static enum err set(const struct opt *o, const char *value, struct why *why)
{
    struct opt_list *list = o->to;
    int64_t number;
    char *end;

    switch (o->type) {
    case OPT_FLAG:
        *(bool *)o->to = true;
        return E_OK;
    case OPT_TEXT:
        *(const char **)o->to = value;
        return E_OK;
    case OPT_LIST:
        if (list->count == OPT_LIST_MAX) {
            why_set(why, "--%s can be given at most %d times", o->name, OPT_LIST_MAX);
            return E_USAGE;
        }
        list->item[list->count++] = value;
        return E_OK;
    case OPT_CHOICE:
        if (!is_choice(o->arg, value)) {
            why_set(why, "--%s is one of %s, not '%s'", o->name, o->arg, value);
            return E_USAGE;
        }
        *(const char **)o->to = value;
        return E_OK;
    case OPT_SPAN:
        if (opt_span(value, &number)) {
            why_set(why, "--%s takes a number and a unit, as in 90s, 30m, 12h or 2d, not '%s'", o->name, value);
            return E_USAGE;
        }
        break;
    case OPT_NUMBER:
        errno = 0;
        number = strtoll(value, &end, 10);
        if (errno || end == value || *end) {
            why_set(why, "--%s takes a whole number, not '%s'", o->name, value);
            return E_USAGE;
        }
        break;
    }
    if (number < o->min || number > o->max) {
        why_set(why, "--%s is from %lld to %lld", o->name, (long long)o->min, (long long)o->max);
        return E_USAGE;
    }
    *(int64_t *)o->to = number;
    return E_OK;
}

static enum err unknown(const struct opt *o, size_t n, const char *given, struct why *why)
{
    const char *names[OPTS_MAX + 1], *near;
    size_t length;

    while (*given == '-')
        given++;
    length = strcspn(given, "=");
    for (size_t i = 0; i < n; i++)
        names[i] = o[i].name;
    names[n] = "help";
    near = yaml_nearest((struct text){ given, (uint32_t)length }, names, n + 1);
    if (near)
        why_set(why, "there is no option --%.*s; did you mean --%s?", (int)length, given, near);
    else
        why_set(why, "there is no option --%.*s; --help lists them", (int)length, given);
    return E_USAGE;
}

enum err opt_parse(const struct opt *o, size_t n, int argc, char **argv, struct opt_list *operands, struct why *why)
{
    const struct opt operand = { .name = "operand", .type = OPT_LIST, .to = operands };
    struct option rows[OPTS_MAX + 2];
    enum err e;
    int got;

    assert(n <= OPTS_MAX);
    for (size_t i = 0; i < n; i++)
        rows[i] = (struct option){ o[i].name, o[i].arg ? required_argument : no_argument, NULL, ROW_FIRST + (int)i };
    rows[n] = (struct option){ "help", no_argument, NULL, 'h' };
    rows[n + 1] = (struct option){ 0 };
    opterr = 0;
    optind = 0;
    /* '-': operands come in order, as 1; ':' tells a missing value apart. */
    while ((got = getopt_long(argc, argv, "-:h", rows, NULL)) != -1) {
        if (got == 'h')
            return E_END;
        if (got == ':') {
            why_set(why, "%s needs a value", argv[optind - 1]);
            return E_USAGE;
        }
        if (got == '?')
            return unknown(o, n, argv[optind - 1], why);
        if ((e = set(got == 1 ? &operand : &o[got - ROW_FIRST], optarg, why)))
            return e;
    }
    for (; optind < argc; optind++)
        if ((e = set(&operand, argv[optind], why)))
            return e;
    return E_OK;
}

void opt_help(FILE *f, const struct opt *o, size_t n)
{
    for (size_t i = 0; i <= n; i++) {
        const struct opt *row = i < n ? &o[i] : &(struct opt){ .name = "help", .help = "this text" };
        int width = fprintf(f, "  --%s%s%s", row->name, row->arg ? "=" : "", row->arg ? row->arg : "");
        fprintf(f, "%*s%s\n", width < HELP_COLUMN ? HELP_COLUMN - width : 2, "", row->help);
    }
}
