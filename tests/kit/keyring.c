#include "tests/kit/keyring.h"
#include "tests/kit/program.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

char *endpoint_free(void)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t n = sizeof a;
    int s = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    char *endpoint;

    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    cr_assert(bind(s, (struct sockaddr *)&a, sizeof a) == 0 && getsockname(s, (struct sockaddr *)&a, &n) == 0);
    close(s);
    cr_assert(asprintf(&endpoint, "tcp://127.0.0.1:%d", ntohs(a.sin_port)) > 0);
    return endpoint;
}

static char *file_of(const char *dir, const char *name, const char *ending)
{
    char *path;

    cr_assert(asprintf(&path, "%s/%s.%s", dir, name, ending) > 0);
    return path;
}

char *keyring_make(const char *dir, const char *name)
{
    char *path = file_of(dir, name, "key"), *out;

    cr_assert(program_run(dir, NULL, ARGS("keys", path)) == 0);
    cr_assert(program_run(dir, &out, ARGS("keys", "--show", path)) == 0, "%s", out);
    out[strcspn(out, "\n")] = '\0';
    free(path);
    return out;
}

void keyring_list(const char *dir, const char *name, const char *format, ...)
{
    char *path = file_of(dir, name, "peers"), *fresh = file_of(dir, name, "fresh"), *text;
    va_list ap;

    va_start(ap, format);
    cr_assert(vasprintf(&text, format, ap) >= 0);
    va_end(ap);
    file_write(fresh, text, strlen(text));
    cr_assert(rename(fresh, path) == 0);
    free(text), free(fresh), free(path);
}

struct keyring keyring_of(const char *dir, const char *name)
{
    return (struct keyring){ { strdup("--key"), file_of(dir, name, "key"), strdup("--peers"), file_of(dir, name, "peers") } };
}

void keyring_free(struct keyring *k)
{
    for (int i = 0; i < 4; i++)
        free(k->option[i]), k->option[i] = NULL;
}
