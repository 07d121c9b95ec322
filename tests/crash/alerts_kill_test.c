/* From events to mailboxes while the process is killed again and again: what arrives, repeats taken away by their key, is what a
 * calm run sends. */
#include "tests/kit/cases.h"
#include "tests/kit/program.h"
#include "tests/kit/servers.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { JOURNEYS = 15, OFFICERS = 300, LINES_MAX = 20000 };

static char *dir, *events;

/* A folder with a configuration whose channels are called mail and hook, whatever they are: ids depend on the name. */
static char *configure(const char *name, const char *channels)
{
    char *folder = path_in(dir, name), *path, *text, *officers;
    size_t n = 0;

    cr_assert(asprintf(&text,
        "data: %s-oic\nofficers: %s/officers.csv\ndomains: [police.example]\nforce_inbox: code@police.example\nlead: lead@police.example\n"
        "go_live: \"2020-01-01\"\nhistory: none\nsend: { officers: [mail, hook], inboxes: [mail] }\nchannels:\n%s", folder, dir, channels) > 0);
    path = path_in(dir, "officers.csv");
    officers = malloc(OFFICERS * 64 + 64);
    n += (size_t)sprintf(officers, "collar,address,name,supervisor,team,away\n");
    for (int i = 0; i < OFFICERS; i++)
        n += (size_t)sprintf(officers + n, "%d,pc%d@police.example,PC %d,20000,,\n", 20000 + i, 20000 + i, 20000 + i);
    file_write(path, officers, n);
    free(path);
    cr_assert(asprintf(&path, "%s/%s.yaml", dir, name) > 0);
    file_write(path, text, strlen(text));
    free(text);
    free(officers);
    free(folder);
    return path;
}

static struct program start(const char *name, const char *config)
{
    char *data = path_in(dir, name);
    struct program p = program_start(dir, NULL, NULL, ARGS("run", "--once", "--data", data, "--oic", config, events));

    free(data);
    return p;
}

struct set { char *id[LINES_MAX]; size_t count; };

static int order(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

/* The ids in a file, each once: the 32 letters behind `before` on each line. Gives how many lines there are. */
static size_t read_ids(const char *path, const char *before, struct set *ret)
{
    char *text = file_read(path, NULL), *rest = text, *line;
    size_t lines = 0, kept = 0;

    ret->count = 0;
    while ((line = strsep(&rest, "\n")) && *line) {
        char *at = before[0] ? strstr(line, before) : line;
        cr_assert(at && ret->count < LINES_MAX);
        cr_assert((ret->id[ret->count++] = strndup(at + strlen(before), 32)) != NULL);
        lines++;
    }
    qsort(ret->id, ret->count, sizeof *ret->id, order);
    for (size_t i = 0; i < ret->count; i++) {
        if (kept && !strcmp(ret->id[kept - 1], ret->id[i]))
            free(ret->id[i]);
        else
            ret->id[kept++] = ret->id[i];
    }
    ret->count = kept;
    free(text);
    return lines;
}

static void same(const char *which, const struct set *calm, const struct set *killed)
{
    for (size_t i = 0; i < calm->count || i < killed->count; i++)
        cr_assert(i < calm->count && i < killed->count && !strcmp(calm->id[i], killed->id[i]), "%s: %zu messages in the calm run, %zu in the other; "
                  "the first that differs: %s, %s", which, calm->count, killed->count, i < calm->count ? calm->id[i] : "none",
                  i < killed->count ? killed->id[i] : "none");
}

static void forget(struct set *s)
{
    while (s->count)
        free(s->id[--s->count]);
}

Test(alerts, killed_at_random_what_arrives_is_what_a_calm_run_sends, .timeout = 300)
{
    static struct set calm_mail, calm_hook, mail, hook;
    unsigned seed = (unsigned)(getenv("SEED") ? atoi(getenv("SEED")) : 2604), kills = 0;
    size_t journeys = getenv("JOURNEYS") ? (size_t)atoi(getenv("JOURNEYS")) : JOURNEYS;
    struct servers servers;
    struct program p;
    struct cases c;
    char *config, *text, *path;
    int code;

    dir = folder_make();
    events = path_in(dir, "events.ndjson");
    cases_make(&c, seed, journeys);
    cases_write(&c, events);
    cases_free(&c);

    cr_assert(asprintf(&text, "  mail: { type: file, path: %s/calm-mail }\n  hook: { type: file, path: %s/calm-hook }\n", dir, dir) > 0);
    config = configure("calm", text);
    free(text);
    p = start("calm-data", config);
    code = program_wait(&p, 120);
    free(config);
    text = file_read(p.out, NULL);
    cr_assert_eq(code, 0, "%s", text);
    free(text);
    free(p.out);

    servers_start(&servers, dir);
    char *two = servers_channels(&servers), *indented = calloc(1, strlen(two) * 3 + 8), *rest = two, *line;
    while ((line = strsep(&rest, "\n")))
        strcat(strcat(strcat(indented, *line ? "  " : ""), line), "\n");
    config = configure("killed", indented);
    free(two);
    free(indented);
    srand(seed);
    for (;;) {
        int64_t ns = (50 + rand() % 250 + 150 * kills) * INT64_C(1000000);
        struct timespec life = { ns / 1000000000, ns % 1000000000 };
        p = start("killed-data", config);
        nanosleep(&life, NULL);
        program_kill(&p, SIGKILL);
        code = program_wait(&p, 60);
        text = file_read(p.out, NULL);
        free(p.out);
        if (code != 128 + SIGKILL)
            break;
        free(text);
        kills++;
    }
    cr_assert_eq(code, 0, "%s", text);
    free(text);
    free(config);

    path = path_in(dir, "calm-mail"), read_ids(path, "{\"id\":\"", &calm_mail), free(path);
    path = path_in(dir, "calm-hook"), read_ids(path, "{\"id\":\"", &calm_hook), free(path);
    path = path_in(dir, "smtp.log");
    size_t mails = read_ids(path, " ", &mail);
    free(path);
    path = path_in(dir, "https.log");
    size_t posts = read_ids(path, "", &hook);
    free(path);
    same("mail", &calm_mail, &mail);
    same("webhook", &calm_hook, &hook);
    printf("seed %u: killed %u times; %zu mails and %zu posts were due; arrived: %zu and %zu; repeats: %zu\n", seed, kills, calm_mail.count,
           calm_hook.count, mails, posts, mails + posts - calm_mail.count - calm_hook.count);
    cr_assert(kills >= 3 && calm_mail.count >= 30 && calm_hook.count >= 30);
    forget(&calm_mail), forget(&calm_hook), forget(&mail), forget(&hook);
    servers_stop(&servers);
    free(events);
    folder_remove(&dir);
}
