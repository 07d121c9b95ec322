/* Links with keys, between real processes: who is known gets in, whoever is not is told so, and strangers do no harm. */
#include "tests/kit/keyring.h"
#include "tests/kit/program.h"
#include "tests/kit/standing.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define WEEK "deploy/examples/week-of-a-force.ndjson"

static char *dir;
static void begin(void) { dir = folder_make(); }
static void end(void) { folder_remove(&dir); }
TestSuite(links, .init = begin, .fini = end, .timeout = 120);

struct says { const struct program *p; const char *text; };

static bool has_said(void *ctx)
{
    const struct says *s = ctx;
    char *out = access(s->p->out, R_OK) ? strdup("") : file_read(s->p->out, NULL);
    bool is_there = strstr(out, s->text) != NULL;

    free(out);
    return is_there;
}

static void expect(const struct program *p, const char *text) { wait_until(has_said, &(struct says){ p, text }, 30, text); }

static void stop(struct program *p, int code)
{
    program_kill(p, SIGTERM);
    int got = program_wait(p, 30);
    cr_assert(got == code, "%d: %s", got, file_read(p->out, NULL));
    free(p->out);
}

static unsigned times(const struct program *p, const char *text)
{
    char *out = file_read(p->out, NULL);
    unsigned count = 0;

    for (const char *at = out; (at = strstr(at, text)); at++)
        count++;
    free(out);
    return count;
}

/* ---- a tracker that knows nobody yet, and somebody who wants to send -------------------------------- */

struct pair { char *at, *data, *tracker_line, *client_line; struct keyring tracker_keys, client_keys; struct program tracker; };

static void pair_open(struct pair *p)
{
    *p = (struct pair){ .at = endpoint_free(), .data = path_in(dir, "data"), .tracker_line = keyring_make(dir, "tracker"),
                        .client_line = keyring_make(dir, "client") };
    keyring_list(dir, "tracker", "# nobody\n");
    keyring_list(dir, "client", "%s %s\n", p->tracker_line, p->at);
    p->tracker_keys = keyring_of(dir, "tracker"), p->client_keys = keyring_of(dir, "client");
    p->tracker = program_start(dir, NULL, NULL, ARGS("track", "--data", p->data, "--listen", p->at, KEYS(p->tracker_keys)));
    expect(&p->tracker, "listening on");
}

static void pair_close(struct pair *p)
{
    stop(&p->tracker, 0);
    keyring_free(&p->tracker_keys), keyring_free(&p->client_keys);
    free(p->at), free(p->data), free(p->tracker_line), free(p->client_line);
}

static struct program emit(const struct pair *p) { return program_start(dir, NULL, NULL, ARGS("emit", "--to", p->at, WEEK, KEYS(p->client_keys))); }

static void ends_well(struct program *p)
{
    int code = program_wait(p, 60);

    cr_assert(code == 0, "%d: %s", code, file_read(p->out, NULL));
    free(p->out);
}

/* What the tracker has kept, as `status` says it. */
static bool has_kept(const struct pair *p, const char *words)
{
    char *out;

    cr_assert(program_run(dir, &out, ARGS("status", "--data", p->data)) == 0, "%s", out);
    bool is_there = strstr(out, words) != NULL;
    free(out);
    return is_there;
}

/* ---- everybody is known -------------------------------------------------------------------------------- */

struct whole { const char *calm, *trail; };

static bool is_whole(void *ctx)
{
    const struct whole *w = ctx;

    return file_bytes(w->trail) >= file_bytes(w->calm);
}

static bool holds_journeys(void *store)
{
    char *out;
    int code = program_run(dir, &out, ARGS("opcc", "status", "--store", store));
    bool is_there = code == 0 && !strstr(out, "Known       nothing") && !strstr(out, "Holds       0 ");

    free(out);
    return is_there;
}

/* The week is over at a later time than its own: the wall's. */
static bool has_ticked(void *data)
{
    char *out;
    int code = program_run(dir, &out, ARGS("status", "--data", data));
    bool is_later = code == 0 && !strstr(out, "As of 2026-04-09");

    free(out);
    return is_later;
}

Test(links, events_alerts_and_rows_go_over_links_with_keys_and_a_killed_tracker_goes_on)
{
    static const char *const names[] = { "tracker", "client", "trail", "oic", "opcc", "clock" };
    enum { TRACKER, CLIENT, TRAIL, OIC, OPCC, CLOCK, ALL };
    char *line[ALL], *at[ALL], *calm = path_in(dir, "calm"), *calm_trail = path_in(calm, "trail.ndjson"), *trail = path_in(dir, "trail.ndjson");
    char *data = path_in(dir, "data"), *store = path_in(dir, "store"), *config = path_in(dir, "oic.yaml"), *a, *b;
    struct keyring k[ALL];
    struct program p[ALL];

    for (int i = 0; i < ALL; i++)
        line[i] = keyring_make(dir, names[i]), at[i] = endpoint_free(), k[i] = keyring_of(dir, names[i]);
    keyring_list(dir, "tracker", "%s source=connect source=dams ticks\n%s ticks\n%s %s\n%s %s\n%s %s\n", line[CLIENT], line[CLOCK],
                 line[TRAIL], at[TRAIL], line[OIC], at[OIC], line[OPCC], at[OPCC]);
    keyring_list(dir, "client", "%s %s\n", line[TRACKER], at[TRACKER]);
    keyring_list(dir, "clock", "%s %s\n", line[TRACKER], at[TRACKER]);
    for (int i = TRAIL; i <= OPCC; i++)
        keyring_list(dir, names[i], "%s\n", line[TRACKER]);
    char *copy;
    cr_assert(asprintf(&copy, "cp deploy/examples/oic.yaml deploy/examples/officers.csv %s/", dir) > 0 && system(copy) == 0);
    free(copy);

    cr_assert(program_run(dir, NULL, ARGS("run", "--once", "--quiet", "--clock", "events", "--data", calm, WEEK)) == 0);
    const char *const track[] = { "track", "--data", data, "--listen", at[TRACKER], "--sink", at[TRAIL], "--sink", at[OIC],
                                  "--opcc", at[OPCC], KEYS(k[TRACKER]), NULL };
    p[TRACKER] = program_start(dir, NULL, NULL, track);
    p[TRAIL] = program_start(dir, NULL, NULL, ARGS("trail", "--listen", at[TRAIL], trail, KEYS(k[TRAIL])));
    p[OIC] = program_start(dir, NULL, NULL, ARGS("oic", "--config", config, "--listen", at[OIC], KEYS(k[OIC])));
    p[OPCC] = program_start(dir, NULL, NULL, ARGS("opcc", "--store", store, "--listen", at[OPCC], KEYS(k[OPCC])));
    p[CLIENT] = program_start(dir, NULL, NULL, ARGS("emit", "--clock", "events", "--to", at[TRACKER], WEEK, KEYS(k[CLIENT])));
    ends_well(&p[CLIENT]);
    program_kill(&p[TRACKER], SIGKILL);
    program_wait(&p[TRACKER], 10);
    free(p[TRACKER].out);
    p[TRACKER] = program_start(dir, NULL, NULL, track);
    wait_until(is_whole, &(struct whole){ calm_trail, trail }, 60, "the trail to have every notice");
    p[CLOCK] = program_start(dir, NULL, NULL, ARGS("clock", "--to", at[TRACKER], KEYS(k[CLOCK])));
    wait_until(holds_journeys, store, 60, "the compliance sink to hold rows");
    wait_until(has_ticked, data, 60, "the clock to be heard");
    stop(&p[CLOCK], 0);
    for (int i = TRAIL; i <= OPCC; i++)
        stop(&p[i], 0);
    cr_assert(times(&p[TRACKER], "refused") == 0 && times(&p[TRACKER], "link-down") == 0, "%s", file_read(p[TRACKER].out, NULL));
    stop(&p[TRACKER], 0);

    a = file_read(calm_trail, NULL), b = file_read(trail, NULL);
    cr_assert(!strncmp(a, b, strlen(a)), "the trail does not begin as that of a run in one process");
    trail_check(trail);
    free(a), free(b);
    for (int i = 0; i < ALL; i++)
        keyring_free(&k[i]), free(line[i]), free(at[i]);
    free(calm), free(calm_trail), free(trail), free(data), free(store), free(config);
}

/* ---- somebody is not ------------------------------------------------------------------------------------- */

Test(links, a_key_that_is_not_listed_is_named_on_both_sides_and_gets_in_when_it_is)
{
    struct pair p;
    struct program client;
    char *words;

    pair_open(&p);
    client = emit(&p);
    cr_assert(asprintf(&words, "does not accept this key. Its --peers file needs the line: %s", p.client_line) > 0);
    expect(&client, words);
    free(words);
    cr_assert(asprintf(&words, "key-refused %s from 127.0.0.1: it is not in", strchr(p.client_line, ' ') + 1) > 0);
    expect(&p.tracker, words);
    keyring_list(dir, "tracker", "%s\n", p.client_line);
    expect(&client, "link-up");
    ends_well(&client);
    cr_assert(times(&p.tracker, words) == 1 && has_kept(&p, "76 events of cases"), "%s", file_read(p.tracker.out, NULL));
    free(words);
    pair_close(&p);
}

Test(links, a_tracker_with_another_key_is_sent_nothing)
{
    struct pair p;
    struct program client;
    char *other = keyring_make(dir, "other");

    pair_open(&p);
    keyring_list(dir, "tracker", "%s\n", p.client_line);
    keyring_list(dir, "client", "%s %s\n", other, p.at);
    client = emit(&p);
    expect(&client, "the key that --peers has for it is not its key");
    cr_assert(!has_kept(&p, "76 events of cases"));
    stop(&client, 130);
    free(other);
    pair_close(&p);
}

Test(links, without_curve_nobody_gets_in_and_nobody_speaks_curve_to_who_does_not)
{
    struct pair p;
    struct program client, plain;
    char *at = endpoint_free(), *data = path_in(dir, "plain");

    pair_open(&p);
    client = program_start(dir, NULL, NULL, ARGS("emit", "--to", p.at, WEEK));
    expect(&client, "speaks CURVE only");
    expect(&p.tracker, "spoke no CURVE");
    cr_assert(program_is_running(&p.tracker) && !has_kept(&p, "76 events of cases"));
    stop(&client, 130);
    plain = program_start(dir, NULL, NULL, ARGS("track", "--data", data, "--listen", at));
    keyring_list(dir, "client", "%s %s\n", p.tracker_line, at);
    client = program_start(dir, NULL, NULL, ARGS("emit", "--to", at, WEEK, KEYS(p.client_keys)));
    expect(&client, "does not speak CURVE");
    stop(&client, 130);
    stop(&plain, 0);
    free(at), free(data);
    pair_close(&p);
}

Test(links, a_client_says_what_its_line_allows_and_nothing_else)
{
    struct pair p;
    struct program client;

    pair_open(&p);
    keyring_list(dir, "tracker", "%s source=dams\n", p.client_line);
    expect(&p.tracker, "peers-read");
    client = emit(&p);
    cr_assert(program_wait(&client, 30) == 2);
    expect(&client, "the other end refuses: no-ticks");
    free(client.out);
    expect(&p.tracker, "client-refused client: its line in the list of keys does not let it send this: no-ticks");
    cr_assert(!has_kept(&p, "76 events of cases"));
    pair_close(&p);
}

static bool came_twice(void *data)
{
    char *out;
    int code = program_run(dir, &out, ARGS("status", "--data", data));
    bool is_so = code == 0 && strstr(out, "76 events that had come before");

    free(out);
    return is_so;
}

Test(links, a_run_lets_others_in_by_key_and_needs_none_itself)
{
    char *at = endpoint_free(), *data = path_in(dir, "all"), *run_line = keyring_make(dir, "run"), *client_line = keyring_make(dir, "client");
    struct keyring run_keys = keyring_of(dir, "run"), client_keys = keyring_of(dir, "client");
    struct program run, client;

    keyring_list(dir, "run", "%s\n", client_line);
    keyring_list(dir, "client", "%s %s\n", run_line, at);
    run = program_start(dir, WEEK, NULL, ARGS("run", "--quiet", "--clock", "events", "--data", data, "--listen", at, KEYS(run_keys), "-"));
    client = program_start(dir, NULL, NULL, ARGS("emit", "--to", at, WEEK, KEYS(client_keys)));
    ends_well(&client);
    wait_until(came_twice, data, 30, "both to have come");
    stop(&run, 0);
    keyring_free(&run_keys), keyring_free(&client_keys);
    free(at), free(data), free(run_line), free(client_line);
}

/* ---- strangers ------------------------------------------------------------------------------------------------ */

static int dial(const char *endpoint)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)atoi(strrchr(endpoint, ':') + 1)) };
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (s >= 0 && connect(s, (struct sockaddr *)&a, sizeof a)) {
        close(s);
        s = -1;
    }
    return s;
}

static void say(int s, const void *p, size_t n)
{
    ssize_t got = send(s, p, n, MSG_NOSIGNAL);
    (void)got;
}

/* One of five kinds of stranger: silent, noise, a greeting of another mechanism, one of CURVE with a HELLO of noise, one that promises a giant frame. */
static void bother(int s, unsigned kind)
{
    static const char null[64] = "\xff\0\0\0\0\0\0\0\1\x7f\3\1NULL", curve[64] = "\xff\0\0\0\0\0\0\0\1\x7f\3\1CURVE";
    static const char giant[] = "\x06\x7f\xff\xff\xff\xff\xff\xff\xff";
    char noise[200];

    for (size_t i = 0; i < sizeof noise; i++)
        noise[i] = (char)(rand() >> 7);
    switch (kind % 5) {
    case 0: break;
    case 1: say(s, noise, sizeof noise); break;
    case 2: say(s, null, sizeof null); break;
    case 3: say(s, curve, sizeof curve), memcpy(noise, "\x04\xc8\x05HELLO\1\0", 10), say(s, noise, sizeof noise); break;
    case 4: say(s, curve, sizeof curve), say(s, giant, sizeof giant - 1); break;
    }
}

static long resident_kib(pid_t pid)
{
    char path[64], *text, *at;
    long kib = 0;

    snprintf(path, sizeof path, "/proc/%d/status", pid);
    text = file_read(path, NULL);
    if ((at = strstr(text, "VmRSS:")))
        kib = atol(at + 6);
    free(text);
    return kib;
}

Test(links, strangers_by_the_thousand_do_no_harm)
{
    enum { STRANGERS = 4000, AT_ONCE = 600 };
    struct pair p;
    struct program client;
    int s[AT_ONCE];
    long before, after;

    pair_open(&p);
    keyring_list(dir, "tracker", "%s\n", p.client_line);
    expect(&p.tracker, "peers-read");
    srand(4711);
    before = resident_kib(p.tracker.pid);
    for (int i = 0; i < AT_ONCE; i++)
        s[i] = -1;
    for (int i = 0; i < STRANGERS; i++) {
        int *at = &s[i % AT_ONCE];
        if (*at >= 0)
            close(*at);
        if ((*at = dial(p.at)) >= 0)
            bother(*at, (unsigned)i);
        if (i == STRANGERS / 2)
            client = emit(&p);
    }
    ends_well(&client);                             /* while hundreds of them still hang on */
    cr_assert(program_is_running(&p.tracker) && has_kept(&p, "76 events of cases"));
    for (int i = 0; i < AT_ONCE; i++)
        if (s[i] >= 0)
            close(s[i]);
    after = resident_kib(p.tracker.pid);
    cr_assert(after - before < 64 * 1024, "%ld KiB before, %ld after", before, after);
    cr_assert(times(&p.tracker, "refused") < 10, "%s", file_read(p.tracker.out, NULL));
    pair_close(&p);
}

/* ---- what is safe by default ---------------------------------------------------------------------------------------- */

Test(links, nothing_is_opened_to_other_machines_without_keys)
{
    char *data = path_in(dir, "unused"), *trail = path_in(dir, "trail"), *out;

    cr_assert(program_run(dir, &out, ARGS("track", "--data", data, "--listen", "tcp://0.0.0.0:*")) == 2, "%s", out);
    cr_assert(strstr(out, "leaves this machine: give --key and --peers (rightswatch keys makes one), or --plain where a tunnel guards it"), "%s", out);
    free(out);
    cr_assert(program_run(dir, &out, ARGS("emit", "--to", "tcp://tracker.force.example:5571", WEEK)) == 2, "%s", out);
    free(out);
    cr_assert(program_run(dir, &out, ARGS("trail", "--listen", "tcp://127.0.0.1:*", "--key", "k", trail)) == 2, "%s", out);
    cr_assert(strstr(out, "go together"), "%s", out);
    free(out), free(data), free(trail);
}

Test(links, a_pair_is_made_for_its_owner_and_never_over_another)
{
    char *path = path_in(dir, "feed.key"), *list = path_in(dir, "list"), *out, *line;
    struct stat st;

    line = keyring_make(dir, "feed");
    cr_assert(!strncmp(line, "feed ", 5) && strlen(line) == 5 + 40 && stat(path, &st) == 0 && (st.st_mode & 0777) == 0600, "%s", line);
    cr_assert(program_run(dir, &out, ARGS("keys", path)) == 2 && strstr(out, "is there already"), "%s", out);
    free(out);
    cr_assert(program_run(dir, &out, ARGS("keys", "--show", "--json", path)) == 0 && !strncmp(out, "{\"name\":\"feed\",\"public\":\"", 24), "%s", out);
    free(out);
    chmod(path, 0640);
    cr_assert(program_run(dir, &out, ARGS("keys", "--show", path)) == 2 && strstr(out, "chmod 600"), "%s", out);
    free(out);
    char *text;
    cr_assert(asprintf(&text, "%s source=connect ticks\n", line) > 0);
    file_write(list, text, strlen(text));
    cr_assert(program_run(dir, &out, ARGS("keys", "--check", list)) == 0 && strstr(out, "may connect and send the time; as source connect"), "%s", out);
    free(out), free(text), free(line), free(path), free(list);
}
