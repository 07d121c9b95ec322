/* command_channel.c: each message given to a program on its standard input: for what no other channel can do.
 *
 * The program has the message's id and recipient in its environment (RIGHTSWATCH_ID, RIGHTSWATCH_TO). It says what became
 * of the message by its exit code, as sendmail's filters do (sysexits.h): 0 it is delivered; 75 (EX_TEMPFAIL) and anything not named
 * here: later; 65, 67, 68 (EX_DATAERR, EX_NOUSER, EX_NOHOST): never; 69, 77, 78, 126, 127 (not available, no permission, configuration,
 * cannot be run): the channel is down. Beyond its time limit it is killed with all its children, and tried again later. */
#include "sinks/oic/channel.h"

#include "core/hash.h"
#include "core/when.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ARGS_MAX = 32, LIMIT_S = 30 };

struct command { char *argv[ARGS_MAX + 1]; size_t argc, give; long limit_s; };

static const char *const keys[] = { "type", "run", "give", "time_limit_s" };
static const char *const gifts[] = { "json", "text", "html" };

static void command_close(void **ctx)
{
    struct command *c = *ctx;

    for (size_t i = 0; i < c->argc; i++)
        free(c->argv[i]);
    free(c);
    *ctx = NULL;
}

static enum err read_args(const struct yaml *y, const struct yaml_node *config, struct command *c, struct why *why)
{
    const struct yaml_node *run = yaml_get(config, "run");
    enum err e;

    if (!run)
        return yaml_wrong(y, config, why, "'run' is missing: the program and its arguments, as a list");
    if ((e = yaml_expect(y, run, YAML_LIST, why)))
        return e;
    if (run->count == 0 || run->count > ARGS_MAX)
        return yaml_wrong(y, run, why, "'run' has 1 to %d words", ARGS_MAX);
    for (size_t i = 0; i < run->count; i++) {
        if ((e = yaml_expect(y, run->item[i], YAML_SCALAR, why)))
            return e;
        if (!(c->argv[i] = strndup(run->item[i]->text.p ? run->item[i]->text.p : "", run->item[i]->text.n)))
            return E_MEMORY;
        c->argc++;
    }
    if (c->argv[0][0] != '/')
        return yaml_wrong(y, run->item[0], why, "the program is named by its whole path");
    return E_OK;
}

static enum err command_open(const struct yaml *y, const struct yaml_node *config, void **ret_ctx, struct why *why)
{
    struct command *c = calloc(1, sizeof *c);
    const struct yaml_node *give = yaml_get(config, "give");
    enum err e;

    if (!c)
        return E_MEMORY;
    c->limit_s = LIMIT_S;
    *ret_ctx = c;
    if ((e = yaml_refuse_others(y, config, keys, sizeof keys / sizeof *keys, why)) || (e = read_args(y, config, c, why)) ||
        (give && (e = yaml_word(y, give, "form", gifts, sizeof gifts / sizeof *gifts, &c->give, why))) ||
        (e = channel_seconds(y, config, "time_limit_s", 1, 600, &c->limit_s, why)))
        command_close(ret_ctx);
    return e;
}

static enum err start(const struct command *c, const struct message *m, int in, pid_t *ret_pid)
{
    char id[MESSAGE_ID_BYTES * 2 + 1], env_id[64], env_to[MESSAGE_TEXT_BYTES_MAX + 32];
    char *env[] = { (char *)"PATH=/usr/local/bin:/usr/bin:/bin", (char *)"LC_ALL=C.UTF-8", env_id, env_to, NULL };
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    sigset_t none, all;
    int rc;

    hash_hex(m->id, sizeof m->id, id);
    snprintf(env_id, sizeof env_id, "RIGHTSWATCH_ID=%s", id);
    snprintf(env_to, sizeof env_to, "RIGHTSWATCH_TO=" TEXT_FMT, TEXT_ARG(m->to));
    sigemptyset(&none);
    sigemptyset(&all);
    sigaddset(&all, SIGPIPE), sigaddset(&all, SIGTERM), sigaddset(&all, SIGINT);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setpgroup(&attr, 0);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setsigdefault(&attr, &all);
    rc = posix_spawn(ret_pid, c->argv[0], &files, &attr, c->argv, env);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&files);
    errno = rc;
    return rc ? E_IO : E_OK;
}

/* Gives it the text, as far as it wants to read, until the time is up. */
static void feed(int fd, struct text t, struct mono began, int64_t limit_ms)
{
    while (t.n) {
        struct pollfd p = { .fd = fd, .events = POLLOUT };
        int64_t left = limit_ms - mono_ms_since(began);
        ssize_t n;
        if (left <= 0)
            break;
        if ((n = poll(&p, 1, (int)left)) < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        n = send(fd, t.p, t.n, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            continue;
        if (n < 0)
            break;
        t.p += n;
        t.n -= (uint32_t)n;
    }
    shutdown(fd, SHUT_WR);
}

static bool wait_for(pid_t pid, struct mono began, int64_t limit_ms, int *ret_status)
{
    const struct timespec nap = { 0, 5 * 1000 * 1000 };

    for (;;) {
        pid_t got = waitpid(pid, ret_status, WNOHANG);
        if (got == pid)
            return true;
        if (got < 0 && errno != EINTR)
            return false;
        if (mono_ms_since(began) >= limit_ms)
            break;
        nanosleep(&nap, NULL);
    }
    kill(-pid, SIGKILL);
    while (waitpid(pid, ret_status, 0) < 0 && errno == EINTR) {}
    return false;
}

static enum delivery judge(int status, struct why *why)
{
    static const unsigned char never[] = { 65, 67, 68 }, down[] = { 69, 77, 78, 126, 127 };

    if (!WIFEXITED(status)) {
        why_set(why, "the program was killed by signal %d", WTERMSIG(status));
        return DELIVERY_LATER;
    }
    why_set(why, "the program ended with %d", WEXITSTATUS(status));
    if (WEXITSTATUS(status) == 0)
        return DELIVERED;
    if (memchr(never, WEXITSTATUS(status), sizeof never))
        return DELIVERY_NEVER;
    return memchr(down, WEXITSTATUS(status), sizeof down) ? DELIVERY_DOWN : DELIVERY_LATER;
}

static enum delivery command_send(void *ctx, const struct message *m, const struct rendered *r, struct why *why)
{
    const struct command *c = ctx;
    struct text gift = c->give == 0 ? r->json : c->give == 1 ? r->plain : r->html;
    struct mono began = mono_now();
    int pair[2], status = 0;
    pid_t pid;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair)) {
        why_set(why, "no socket for the program: %s", strerror(errno));
        return DELIVERY_DOWN;
    }
    enum err e = start(c, m, pair[1], &pid);
    close(pair[1]);
    if (e) {
        why_set(why, "%s cannot be run: %s", c->argv[0], strerror(errno));
        close(pair[0]);
        return DELIVERY_DOWN;
    }
    feed(pair[0], gift, began, c->limit_s * 1000);
    bool has_ended = wait_for(pid, began, c->limit_s * 1000, &status);
    close(pair[0]);
    if (!has_ended) {
        why_set(why, "the program took longer than %ld s and was killed", c->limit_s);
        return DELIVERY_LATER;
    }
    return judge(status, why);
}

const struct channel command_channel = {
    .name = "command",
    .help = "a program, given the message on its standard input",
    .open = command_open,
    .send = command_send,
    .close = command_close,
};
