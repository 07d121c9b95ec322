#include "commands/schedule.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* Months since year 0; a quarter is three of them. */
static int month_of(struct day d)
{
    int y, m, mday;

    day_to_ymd(d, &y, &m, &mday);
    return y * 12 + m - 1;
}

static struct day first_of(int month) { return day_from_ymd(month / 12, month % 12 + 1, 1); }

static void name_period(int month, int months, char ret[16])
{
    if (months == 1)
        snprintf(ret, 16, "%04d-%02d", month / 12, month % 12 + 1);
    else
        snprintf(ret, 16, "%04d-Q%d", month / 12, month % 12 / 3 + 1);
}

static bool is_there(const char *reports, const char *name)
{
    char path[4096];

    return snprintf(path, sizeof path, "%s/%s/SHA256SUMS", reports, name) < (int)sizeof path && !access(path, F_OK);
}

/* The oldest that is missing since the newest that is there; none is there: the last one alone, or ten years would be made of a
 * history that was just taken in. */
static bool next_of(const char *reports, struct days_known known, int months, int *ret)
{
    int end = month_of(day_add(known.last, 1 - SCHEDULE_AFTER_DAYS)), last = end / months * months - months;     /* ended so many days ago */
    char name[16];

    for (int back = 0; back < SCHEDULE_BACK_MAX; back++) {
        name_period(last - back * months, months, name);
        if (is_there(reports, name)) {
            *ret = last - (back - 1) * months;
            return back > 0;
        }
    }
    *ret = last;
    return !day_before(day_add(first_of(last + months), -1), known.first);     /* of a time of which something is known */
}

bool schedule_next(const char *reports, struct days_known known, struct day *ret_first, struct day *ret_last, char ret_name[16])
{
    int months = 1, month;

    if (!next_of(reports, known, months, &month) && !next_of(reports, known, months = 3, &month))
        return false;
    *ret_first = first_of(month);
    *ret_last = day_add(first_of(month + months), -1);
    name_period(month, months, ret_name);
    return true;
}

void schedule_init(struct schedule *s, const char *store, const char *reports, const char *force)
{
    *s = (struct schedule){ .store = store, .reports = reports, .force = force };
}

static void begin(struct schedule *s, struct day first, struct day last, struct instant known_at)
{
    char from[11], to[11], known[INSTANT_TEXT], out[4096];
    char *args[] = { (char *)"rightswatch", (char *)"report", (char *)"--store", (char *)s->store, (char *)"--from", from, (char *)"--to", to,
                     (char *)"--as-known-at", known, (char *)"--out", out, s->force ? (char *)"--force" : NULL, (char *)s->force, NULL };
    posix_spawn_file_actions_t quiet;
    int rc;

    day_format(first, from);
    day_format(last, to);
    instant_format(known_at, known);
    if (snprintf(out, sizeof out, "%s/%s", s->reports, s->name) >= (int)sizeof out)
        return;
    mkdir(s->reports, 0700);                /* where it cannot be made, the report says so */
    posix_spawn_file_actions_init(&quiet);
    posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);      /* its list of files: SHA256SUMS has it */
    rc = posix_spawn(&s->child, "/proc/self/exe", &quiet, NULL, args, environ);
    posix_spawn_file_actions_destroy(&quiet);
    if (rc) {
        s->child = 0;
        fprintf(stderr, "rightswatch: the report of %s cannot be begun: %s\n", s->name, strerror(rc));
    }
}

/* True: it is over. */
static bool reap(struct schedule *s, int options)
{
    int status;
    pid_t got = waitpid(s->child, &status, options);

    if (got == 0 || (got < 0 && errno == EINTR))
        return false;
    s->child = 0;
    if (got > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        fprintf(stderr, "rightswatch: report of %s made: %s/%s\n", s->name, s->reports, s->name);
    } else {
        fprintf(stderr, "rightswatch: the report of %s was not made; it is tried again after the next draw\n", s->name);
        s->failed = s->looked;
    }
    return true;
}

void schedule_look(struct schedule *s, struct holding *h)
{
    struct days_known known = holding_days(h);
    struct instant known_at;
    struct day first, last;

    if (!s->reports || (s->child && !reap(s, WNOHANG)) || !known.last.n || day_same(known.last, s->failed))
        return;
    s->looked = known.last;
    if (schedule_next(s->reports, known, &first, &last, s->name) && !holding_drawn_from(h, day_add(last, SCHEDULE_AFTER_DAYS), &known_at))
        begin(s, first, last, known_at);
}

void schedule_stop(struct schedule *s)
{
    while (s->child && !reap(s, 0)) {}
}
