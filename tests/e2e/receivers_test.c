/* Receivers that are no mailbox: a real Alertmanager, and an import of CONNECT tasks. */
#include "core/hash.h"
#include "core/json.h"
#include "sinks/oic/wording.h"
#include "tests/kit/letters.h"
#include "tests/kit/program.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char *dir;
static void begin(void)
{
    hash_init();
    signal(SIGPIPE, SIG_IGN);
    dir = folder_make();
}
static void end(void) { folder_remove(&dir); }
TestSuite(receivers, .init = begin, .fini = end, .timeout = 60);

/* A message that says only that one notice, at that level. */
static struct message about(struct notice *n, uint8_t id, enum message_kind kind, enum level level)
{
    struct message m = *wording_example(MESSAGE_ALERT);

    *n = *m.entry[0];
    n->level = level;
    memset(m.id, 0, sizeof m.id);
    m.id[0] = id;
    m.kind = kind;
    m.count = 1;
    m.entry[0] = n;
    return m;
}

static enum delivery hand_over(struct channels *c, const struct message *m, struct why *why)
{
    struct wording *w;
    struct wording_desk *d;
    struct rendered r;

    cr_assert_eq(wording_open(NULL, &w, why), E_OK);
    cr_assert_eq(wording_desk_open(&d), E_OK);
    cr_assert_eq(wording_render(w, d, m, &r), E_OK);
    enum delivery got = channels_send(c, 0, 0, m, &r, why);
    wording_desk_close(&d);
    wording_close(&w);
    return got;
}

/* ---- Alertmanager ------------------------------------------------------------------------------------- */

static unsigned free_port(void)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t n = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    cr_assert(fd >= 0 && !bind(fd, (struct sockaddr *)&a, sizeof a) && !getsockname(fd, (struct sockaddr *)&a, &n));
    close(fd);
    return ntohs(a.sin_port);
}

static unsigned port;
static bool answers(void *ctx)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    bool ok = !connect(fd, (struct sockaddr *)&a, sizeof a);

    (void)ctx;
    close(fd);
    return ok;
}

/* The levels of the alerts that Alertmanager holds to be active, sorted, with a space behind each. */
static char *active(void)
{
    char *command, *out = NULL;
    size_t n = 0;

    cr_assert(asprintf(&command, "python3 -c 'import json, urllib.request as u\n"
                       "print(*sorted(a[\"labels\"][\"level\"] + \"/\" + a[\"labels\"][\"board\"] + \"/\" + a[\"annotations\"][\"journey\"] "
                       "for a in json.load(u.urlopen(\"http://127.0.0.1:%u/api/v2/alerts?active=true\"))), sep=\"; \", end=\"\")'", port) > 0);
    FILE *in = popen(command, "r");
    if (getdelim(&out, &n, '\0', in) < 0) {
        free(out);
        out = strdup("");
    }
    cr_assert_eq(pclose(in), 0);
    free(command);
    return out;
}

static void should_be_active(const char *expected)
{
    char *got = active();

    cr_assert_str_eq(got, expected);
    free(got);
}

Test(receivers, alertmanager_shows_each_obligation_once_and_lets_it_go)
{
    static const char config[] = "route: { receiver: nobody }\nreceivers: [ { name: nobody } ]\n";
    char *yml = path_in(dir, "am.yml"), *log = path_in(dir, "am.log"), *args[3], *yaml;
    struct notice n;
    struct why why = { "" };

    if (access("/usr/bin/prometheus-alertmanager", X_OK))
        cr_skip_test("prometheus-alertmanager is not installed (deploy/packages)");
    port = free_port();
    file_write(yml, config, sizeof config - 1);
    cr_assert(asprintf(&args[0], "--config.file=%s", yml) > 0 && asprintf(&args[1], "--storage.path=%s/am", dir) > 0 &&
              asprintf(&args[2], "--web.listen-address=127.0.0.1:%u", port) > 0);
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        cr_assert(freopen(log, "w", stdout) && dup2(STDOUT_FILENO, STDERR_FILENO) >= 0);
        execl("/usr/bin/prometheus-alertmanager", "prometheus-alertmanager", args[0], args[1], args[2], "--cluster.listen-address=", (char *)NULL);
        _exit(127);
    }
    wait_until(answers, NULL, 20, "Alertmanager to listen");
    cr_assert(asprintf(&yaml, "am: { type: alertmanager, url: 'http://127.0.0.1:%u', labels: { board: night } }", port) > 0);
    struct channels *c = letters_channels(yaml);

    struct message m = about(&n, 1, MESSAGE_DIGEST, LEVEL_DUE_SOON);
    m.as_of = n.raised_at = instant_now();
    cr_assert_eq(hand_over(c, &m, &why), DELIVERED, "%s", why.text);
    cr_assert_eq(hand_over(c, &m, &why), DELIVERED, "%s", why.text);
    should_be_active("due-soon/night/20/104233/26, victim 2");

    struct notice missed;
    m = about(&missed, 2, MESSAGE_ALERT, LEVEL_BREACHED);
    m.as_of = missed.raised_at = instant_now();
    cr_assert_eq(hand_over(c, &m, &why), DELIVERED, "%s", why.text);
    should_be_active("breached/night/20/104233/26, victim 2");

    struct notice late;
    m = about(&late, 3, MESSAGE_FOLLOW_UP, LEVEL_MET_LATE);
    m.as_of = late.raised_at = instant_now();
    cr_assert_eq(hand_over(c, &m, &why), DELIVERED, "%s", why.text);
    should_be_active("");

    channels_close(&c);
    kill(pid, SIGTERM);
    waitpid(pid, NULL, 0);
    for (int i = 0; i < 3; i++)
        free(args[i]);
    free(yaml), free(yml), free(log);
}

/* ---- CONNECT tasks -------------------------------------------------------------------------------------- */

static char *task_file(uint8_t id)
{
    char name[80];

    snprintf(name, sizeof name, "in/tasks_%09u_%02x000000000000000000000000000000.csv", id, id);
    return path_in(dir, name);
}

static void should_be_written(uint8_t id, const char *expected)
{
    char *path = task_file(id), *text = file_read(path, NULL);

    cr_assert_str_eq(text, expected);
    free(text);
    free(path);
}

#define HEAD "\"TaskRef\";\"What\";\"Crime\";\"Due\"\r\n"
#define ROW(action) "\"a0010000000000000000000000000000\";\"" action "\";\"20/104233/26\";\"2026-04-02\"\r\n"

Test(receivers, tasks_are_created_amended_and_closed_under_one_id)
{
    struct notice n;
    struct why why = { "" };
    char *in = path_in(dir, "in"), *yaml, *path;
    struct stat st;

    cr_assert_eq(mkdir(in, 0700), 0);
    cr_assert(asprintf(&yaml, "tasks:\n  type: tasks\n  folder: %s\n  state: %s/tasks.lmdb\n  separator: ;\n"
                              "  columns: { TaskRef: task_id, What: action, Crime: crime_ref, Due: due_date }\n"
                              "  actions: { create: NEW, close: DONE }\n  leave_out: [R8-*, R4-REF]\n", in, dir) > 0);
    struct channels *c = letters_channels(yaml);
    struct { uint8_t id; enum message_kind kind; enum level level; const char *text; } step[] = {
        { 1, MESSAGE_DIGEST, LEVEL_DUE_SOON, HEAD ROW("NEW") },
        { 2, MESSAGE_ALERT, LEVEL_BREACHED, HEAD ROW("amend") },
        { 3, MESSAGE_FOLLOW_UP, LEVEL_WITHDRAWN, HEAD ROW("DONE") },
        { 4, MESSAGE_ALERT, LEVEL_BREACHED, HEAD ROW("NEW") },
    };
    for (size_t i = 0; i < sizeof step / sizeof *step; i++) {
        struct message m = about(&n, step[i].id, step[i].kind, step[i].level);
        /* Killed between sending and recording: the same file again, after a restart too. */
        for (int again = 0; again < 3; again++) {
            cr_assert_eq(hand_over(c, &m, &why), DELIVERED, "%s", why.text);
            should_be_written(step[i].id, step[i].text);
            if (again == 1) {
                channels_close(&c);
                c = letters_channels(yaml);
            }
        }
    }
    /* What CONNECT reminds of by itself, and what closes a task that never was, make no file. */
    struct message m = about(&n, 9, MESSAGE_ALERT, LEVEL_BREACHED);
    n.rule = TEXT("R8-HEAR");
    cr_assert_eq(hand_over(c, &m, &why), DELIVERED);
    m = about(&n, 10, MESSAGE_FOLLOW_UP, LEVEL_MET_LATE);
    n.obligation_id[1] = 77;
    cr_assert_eq(hand_over(c, &m, &why), DELIVERED);
    for (uint8_t id = 9; id <= 10; id++) {
        path = task_file(id);
        cr_assert(stat(path, &st) != 0);
        free(path);
    }
    channels_close(&c);
    free(yaml);
    free(in);
}
