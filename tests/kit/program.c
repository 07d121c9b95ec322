#include "tests/kit/program.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ARGS_MAX = 32 };

char *folder_make(void)
{
    char *dir;

    cr_assert(asprintf(&dir, "%s/rightswatch-test-XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp") > 0);
    cr_assert(mkdtemp(dir) != NULL, "no folder for the test: %s", strerror(errno));
    return dir;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *walk)
{
    (void)st, (void)flag, (void)walk;
    return remove(path);
}

void folder_remove(char **dir)
{
    nftw(*dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(*dir);
    *dir = NULL;
}

char *path_in(const char *dir, const char *name)
{
    char *path;

    cr_assert(asprintf(&path, "%s/%s", dir, name) > 0);
    return path;
}

static const char *program_path(void)
{
    const char *path = getenv("RIGHTSWATCH");

    cr_assert(path && access(path, X_OK) == 0, "RIGHTSWATCH has to name the program under test");
    return path;
}

struct program program_start(const char *dir, const char *stdin_path, const char *env, const char *const *args)
{
    static int count;
    struct program p = { .pid = -1 };
    const char *argv[ARGS_MAX] = { program_path() };
    int n = 1;

    for (; args[n - 1]; n++) {
        cr_assert(n < ARGS_MAX - 1);
        argv[n] = args[n - 1];
    }
    cr_assert(asprintf(&p.out, "%s/out.%d", dir, count++) > 0);
    p.pid = fork();
    cr_assert(p.pid >= 0);
    if (p.pid == 0) {
        int in = open(stdin_path ? stdin_path : "/dev/null", O_RDONLY);
        int out = open(p.out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        dup2(in, STDIN_FILENO);
        dup2(out, STDOUT_FILENO);
        dup2(out, STDERR_FILENO);
        if (env)
            putenv((char *)env);
        execv(argv[0], (char *const *)argv);
        _exit(127);
    }
    return p;
}

static void take_status(struct program *p, int status)
{
    p->ended = true;
    p->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

bool program_is_running(struct program *p)
{
    int status;

    if (!p->ended && waitpid(p->pid, &status, WNOHANG) == p->pid)
        take_status(p, status);
    return !p->ended;
}

static bool has_ended(void *ctx) { return !program_is_running(ctx); }

int program_wait(struct program *p, int wait_s)
{
    wait_until(has_ended, p, wait_s, "the program to end");
    return p->status;
}

void program_kill(struct program *p, int signal)
{
    if (program_is_running(p))
        kill(p->pid, signal);
}

int program_run(const char *dir, char **ret_out, const char *const *args)
{
    struct program p = program_start(dir, NULL, NULL, args);
    int code = program_wait(&p, 300);

    if (ret_out)
        *ret_out = file_read(p.out, NULL);
    free(p.out);
    return code;
}

char *file_read(const char *path, size_t *ret_n)
{
    FILE *f = fopen(path, "re");
    char *text;
    long n;

    cr_assert(f != NULL, "%s: %s", path, strerror(errno));
    fseek(f, 0, SEEK_END);
    n = ftell(f);
    rewind(f);
    text = malloc((size_t)n + 1);
    cr_assert(text && fread(text, 1, (size_t)n, f) == (size_t)n);
    text[n] = 0;
    fclose(f);
    if (ret_n)
        *ret_n = (size_t)n;
    return text;
}

void file_write(const char *path, const char *text, size_t n)
{
    FILE *f = fopen(path, "we");

    cr_assert(f != NULL, "%s: %s", path, strerror(errno));
    cr_assert(fwrite(text, 1, n, f) == n && fclose(f) == 0);
}

size_t file_lines(const char *path)
{
    char buf[1 << 16];
    size_t lines = 0, n;
    FILE *f = fopen(path, "re");

    if (!f)
        return 0;
    while ((n = fread(buf, 1, sizeof buf, f)))
        for (size_t i = 0; i < n; i++)
            lines += buf[i] == '\n';
    fclose(f);
    return lines;
}

size_t file_bytes(const char *path)
{
    struct stat st;

    return stat(path, &st) ? 0 : (size_t)st.st_size;
}

void wait_until(bool (*holds)(void *ctx), void *ctx, int wait_s, const char *what)
{
    struct timespec now, pause = { 0, 2000000 };
    time_t end;

    clock_gettime(CLOCK_MONOTONIC, &now);
    end = now.tv_sec + wait_s;
    while (!holds(ctx)) {
        clock_gettime(CLOCK_MONOTONIC, &now);
        cr_assert(now.tv_sec < end, "waited %d s for %s", wait_s, what);
        nanosleep(&pause, NULL);
    }
}
