#include "commands/process.h"

#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum { PROGRESS_EVERY_MS = 200 };

static atomic_int stopping;               /* set by a signal, asked by every thread */
static atomic_int reloading;          /* the same */
static struct bell *bell;
static bool is_terminal, line_is_open;
static struct mono last_line;

static void ask_to_stop(int signal)
{
    (void)signal;
    stopping = 1;
    bell_ring(bell);
}

void process_init(void)
{
    struct sigaction stop = { .sa_handler = ask_to_stop, .sa_flags = SA_RESTART | SA_RESETHAND };

    if (bell_open(&bell)) {
        fputs("rightswatch: no file descriptor is left\n", stderr);
        exit(1);
    }
    sigemptyset(&stop.sa_mask);
    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGINT, &stop, NULL);
    signal(SIGPIPE, SIG_IGN);
    is_terminal = isatty(STDERR_FILENO);
}

static void ask_to_reload(int signal)
{
    (void)signal;
    reloading = 1;
    bell_ring(bell);
}

void process_hear_reload(void)
{
    struct sigaction reload = { .sa_handler = ask_to_reload, .sa_flags = SA_RESTART };

    sigemptyset(&reload.sa_mask);
    if (!is_terminal)
        sigaction(SIGHUP, &reload, NULL);
}

bool process_is_stopping(void) { return stopping; }

bool process_wants_reload(void) { return atomic_exchange(&reloading, 0); }
struct bell *process_bell(void) { return bell; }

void process_progress(const char *fmt, ...)
{
    va_list ap;

    if (!is_terminal || (line_is_open && mono_ms_since(last_line) < PROGRESS_EVERY_MS))
        return;
    last_line = mono_now();
    line_is_open = true;
    fputs("\r\033[K", stderr);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fflush(stderr);
}

void process_clear_line(void)
{
    if (!line_is_open)
        return;
    line_is_open = false;
    fputs("\r\033[K", stderr);
    fflush(stderr);
}

uint64_t process_memory_bytes(void)
{
    struct rusage u;

    return getrusage(RUSAGE_SELF, &u) ? 0 : (uint64_t)u.ru_maxrss * 1024;
}
