#include "tests/kit/servers.h"

#include "tests/kit/program.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char script[] = "tests/kit/servers.py";

static bool is_there(void *path) { return access(path, F_OK) == 0; }
static bool is_gone(void *path) { return access(path, F_OK) != 0; }

void servers_start(struct servers *s, const char *dir)
{
    char *ports = path_in(dir, "ports"), *text;
    int leash[2];

    if (access("/usr/sbin/exim4", X_OK))
        cr_skip_test("exim4 is not installed (deploy/packages)");
    cr_assert_eq(pipe(leash), 0);
    s->pid = fork();
    cr_assert(s->pid >= 0);
    if (s->pid == 0) {
        dup2(leash[0], STDIN_FILENO);
        close(leash[0]);
        close(leash[1]);
        execlp("python3", "python3", script, "serve", dir, (char *)NULL);
        _exit(127);
    }
    close(leash[0]);
    s->leash = leash[1];
    s->dir = dir;
    wait_until(is_there, ports, 20, "the servers to listen");
    text = file_read(ports, NULL);
    cr_assert_eq(sscanf(text, "smtp=%u https=%u smtps=%u", &s->smtp, &s->https, &s->smtps), 3);
    free(text);
    free(ports);
}

void servers_stop(struct servers *s)
{
    int status;

    close(s->leash);
    waitpid(s->pid, &status, 0);
}

void servers_fail(const struct servers *s, const char *which, const char *mode)
{
    char name[32], *path, *fresh, *refusing = path_in(s->dir, "refusing");

    snprintf(name, sizeof name, "%s.mode", which);
    path = path_in(s->dir, name);
    fresh = path_in(s->dir, "mode.new");
    file_write(fresh, mode, strlen(mode));
    cr_assert_eq(rename(fresh, path), 0);
    if (!strcmp(mode, "refuse"))
        wait_until(is_there, refusing, 5, "a server to stop listening");
    else
        wait_until(is_gone, refusing, 5, "the servers to listen again");
    free(path);
    free(fresh);
    free(refusing);
}

char *servers_channels(const struct servers *s)
{
    char *yaml;

    cr_assert(asprintf(&yaml,
        "mail:\n  type: mail\n  server: smtp://localhost:%u\n  ca_file: %s/ca.pem\n  user: alerts\n  password_file: %s/password\n"
        "  from: alerts@police.example\n  from_name: Victims' Code alerts\n  domains: [police.example]\n"
        "  connect_limit_s: 1\n  time_limit_s: 2\n"
        "hook:\n  type: webhook\n  url: https://localhost:%u/alerts\n  ca_file: %s/ca.pem\n  secret_file: %s/secret\n"
        "  connect_limit_s: 1\n  time_limit_s: 2\n", s->smtp, s->dir, s->dir, s->https, s->dir, s->dir) > 0);
    return yaml;
}

char *servers_say(const char *verb, const char *path)
{
    char *command, *out = NULL;
    size_t n = 0;
    FILE *in;

    cr_assert(asprintf(&command, "python3 %s %s %s 2>&1", script, verb, path) > 0);
    in = popen(command, "r");
    cr_assert(in);
    if (getdelim(&out, &n, '\0', in) < 0) {
        free(out);
        out = strdup("");
    }
    cr_assert_eq(pclose(in), 0, "%s: %s", command, out);
    free(command);
    return out;
}
