/* terminal.c: alerts in words, for a person who looks at the screen.
 *
 * The cursor is kept as a file, so that what was on the screen once is not shown
 * again after a restart. A line that was printed but not yet noted when the process was
 * killed comes again: a screen cannot be asked what it has. */
#include "sinks/terminal.h"
#include "sinks/sink.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct terminal {
    uint64_t max;
    struct terminal_counts counts;
    bool colour;
    char cursor[4096];
};

static const struct { enum level level; const char *words, *colour; } looks[] = {
    { LEVEL_AT_START, "TELL NOW", "1" },
    { LEVEL_DUE_SOON, "DUE SOON", "33" },
    { LEVEL_BREACHED, "MISSED", "31" },
    { LEVEL_OUTSTANDING, "STILL NOT DONE", "1;31" },
    { LEVEL_UNPROVEN, "NOT PROVEN", "35" },
    { LEVEL_MET_LATE, "DONE LATE", "32" },
    { LEVEL_WITHDRAWN, "TAKEN BACK", "32" },
    { LEVEL_AMENDED, "CHANGED", "36" },
    { LEVEL_NOT_COMPUTABLE, "NO CALENDAR", "35" },
    { LEVEL_MET, "DONE", "32" },
    { LEVEL_WAIVED, "DECLINED", "32" },
    { LEVEL_MISSED, "CLOSED, MISSED", "31" },
    { LEVEL_NOT_APPLICABLE, "NOT OWED", "32" },
    { LEVEL_NOT_EVIDENCED, "NOT EVIDENCED", "35" },
    { LEVEL_ACKNOWLEDGED, "SEEN", "36" },
    { LEVEL_REALLOCATED, "HANDED OVER", "36" },
};

/* For all victims alike, so that it says nothing of any of them. */
static const char safe_contact[] =
    "Before any contact: check the safe-contact plan in CONNECT first. Do not write, text or leave a message unless it allows.\n\n";

const char *terminal_level(enum level l)
{
    for (size_t i = 0; i < sizeof looks / sizeof *looks; i++)
        if (looks[i].level == l)
            return looks[i].words;
    return "";
}

static const char *colour_of(enum level l)
{
    for (size_t i = 0; i < sizeof looks / sizeof *looks; i++)
        if (looks[i].level == l)
            return looks[i].colour;
    return "0";
}

static void day_words(struct day d, char ret[32])
{
    static const char *const weekday[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
    static const char *const month[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    int y, m, mday;

    day_to_ymd(d, &y, &m, &mday);
    snprintf(ret, 32, "%s %d %s %d", weekday[day_of_week(d)], mday, month[m - 1], y);
}

/* The local clock of the force at t, whose offset from UTC the notice says. */
static void clock_words(struct instant t, int32_t offset, char ret[48])
{
    int64_t local = t.s + offset;
    int minute = (int)(local % 86400 / 60);
    char day[32];

    day_words((struct day){ (int32_t)(local / 86400) }, day);
    snprintf(ret, 48, "%s %02d:%02d", day, minute / 60, minute % 60);
}

/* "the end of Wed 8 Apr 2026", or "17:00 on Wed 8 Apr 2026" where hours count. */
static void deadline_words(const struct notice *n, char ret[64])
{
    char date[32];
    struct day d;

    if (!n->due_date.n || day_parse(n->due_date.p, n->due_date.n, &d))
        return;
    day_words(d, date);
    if (n->due_time.n)
        snprintf(ret, 64, "%.*s on %s", TEXT_ARG(n->due_time), date);
    else
        snprintf(ret, 64, "the end of %s", date);
}

static void print_due(FILE *f, const struct notice *n)
{
    char due[64] = "", clock[48];

    deadline_words(n, due);
    clock_words(n->occurred_at, n->occurred_offset, clock);
    switch (n->level) {
    case LEVEL_BREACHED:
        fprintf(f, "    was due by %s\n", due);
        break;
    case LEVEL_OUTSTANDING:
        fprintf(f, "    was due by %s; reminder %u\n", due, n->step);
        break;
    case LEVEL_MET_LATE:
        fprintf(f, "    was due by %s, done %s\n", due, clock);
        break;
    case LEVEL_WITHDRAWN:
    case LEVEL_MET:
        if (instant_is_set(n->occurred_at))
            fprintf(f, "    done %s, in time\n", clock);
        else
            fprintf(f, "    the record was corrected: nothing is owed here\n");
        break;
    case LEVEL_AMENDED:
        fprintf(f, due[0] ? "    the date moved: now due by %s\n" : "    nothing to do at present\n", due);
        break;
    case LEVEL_NOT_COMPUTABLE:
        fprintf(f, "    the calendar of bank holidays does not reach that far: load a newer one\n");
        break;
    case LEVEL_ACKNOWLEDGED:
        fprintf(f, "    acknowledged by " TEXT_FMT "; still to be done, due by %s\n", TEXT_ARG(n->acknowledged_by), due);
        break;
    case LEVEL_UNPROVEN:
        fprintf(f, "    was due by %s; not known: its source has been silent since, or a row about it could not be read\n", due);
        break;
    default:
        if (due[0])
            fprintf(f, "    due by %s\n", due);
    }
}

void terminal_print(FILE *f, const struct notice *n, bool colour)
{
    char clock[48];

    clock_words(n->raised_at, n->raised_offset, clock);
    fprintf(f, "%s  %s%s%s%s  " TEXT_FMT, clock, colour ? "\033[" : "", colour ? colour_of(n->level) : "",
            colour ? "m" : "", terminal_level(n->level), TEXT_ARG(n->crime_ref));
    if (colour)
        fprintf(f, "\033[0m");
    if (n->victim_ref.n)
        fprintf(f, "  victim " TEXT_FMT, TEXT_ARG(n->victim_ref));
    if (n->officer.n)
        fprintf(f, "  officer " TEXT_FMT, TEXT_ARG(n->officer));
    if (n->team.n)
        fprintf(f, "  (" TEXT_FMT ")", TEXT_ARG(n->team));
    if (n->right.n && !text_same(n->right, TEXT("-")))
        fprintf(f, "\n    Right " TEXT_FMT ": ", TEXT_ARG(n->right));
    else
        fprintf(f, "\n    ");
    fprintf(f, TEXT_FMT "%s%s\n", TEXT_ARG(n->title), n->enhanced ? " (Enhanced Rights)" : "",
            text_same(n->basis, TEXT("code")) ? "" : " [a standard, not a right]");
    print_due(f, n);
}

static enum err terminal_open(const char *path, void **ret_ctx, struct sink_cursor *ret_cursor, struct why *why)
{
    struct terminal *t = calloc(1, sizeof *t);
    enum err e;

    if (!t)
        return E_MEMORY;
    t->max = UINT64_MAX;
    t->colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
    if (snprintf(t->cursor, sizeof t->cursor, "%s", path) >= (int)sizeof t->cursor) {
        free(t);
        return E_USAGE;
    }
    if ((e = sink_cursor_load(t->cursor, ret_cursor))) {
        why_set(why, "%s cannot be read; it only says what was shown already and can be removed", path);
        free(t);
        return e;
    }
    *ret_ctx = t;
    return E_OK;
}

static enum err terminal_write(void *ctx, const struct notice *n)
{
    struct terminal *t = ctx;

    if (!level_is_alert(n->level) && !n->told)
        return E_OK;
    if (t->counts.shown >= t->max) {
        t->counts.held_back++;
        return E_OK;
    }
    if (!t->counts.shown++)
        fputs(safe_contact, stdout);
    terminal_print(stdout, n, t->colour);
    return E_OK;
}

static enum err terminal_commit(void *ctx, const struct sink_cursor *at)
{
    struct terminal *t = ctx;

    fflush(stdout);
    return sink_cursor_save(t->cursor, at);
}

static void terminal_close(void **ctx)
{
    free(*ctx);
    *ctx = NULL;
}

void terminal_show_at_most(void *ctx, uint64_t max) { ((struct terminal *)ctx)->max = max; }
struct terminal_counts terminal_counts(const void *ctx) { return ((const struct terminal *)ctx)->counts; }

const struct sink terminal_sink = {
    .name = "terminal",
    .help = "alerts in words, for a person who looks at the screen",
    .open = terminal_open,
    .write = terminal_write,
    .commit = terminal_commit,
    .close = terminal_close,
};
