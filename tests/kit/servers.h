/* servers.h: a real mail server and a real HTTPS endpoint that fail as a test wants: tests/kit/servers.py says how. */
#ifndef TESTS_KIT_SERVERS_H
#define TESTS_KIT_SERVERS_H

#include <sys/types.h>

struct servers { pid_t pid; int leash; unsigned smtp, https, smtps; const char *dir; };
/* smtps is exim itself, TLS from the start. In `dir`, which stays the caller's. They end with the test, whatever becomes of it. */
void servers_start(struct servers *s, const char *dir);
void servers_stop(struct servers *s);
/* "smtp" or "https" fails in this way from the next connection on; returns when that is so. */
void servers_fail(const struct servers *s, const char *which, const char *mode);
/* A mail and a webhook channel that go there, as YAML, malloc'd; time limits of a second. */
char *servers_channels(const struct servers *s);
/* The output of `servers.py verb path`, malloc'd. */
char *servers_say(const char *verb, const char *path);

#endif
