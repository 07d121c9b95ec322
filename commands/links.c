#include "commands/links.h"
#include "commands/process.h"

#include <stdio.h>
#include <sys/resource.h>

enum { DESCRIPTORS = 65536 };

struct links links;

static void tell(void *ctx, const char *line)
{
    (void)ctx;
    fprintf(stderr, "rightswatch: %s\n", line);
}

/* A stranger's connection costs a descriptor until its handshake has failed: there shall be enough left for files. */
static void allow_descriptors(void)
{
    struct rlimit r;

    if (getrlimit(RLIMIT_NOFILE, &r) || r.rlim_cur >= r.rlim_max)
        return;
    r.rlim_cur = r.rlim_max < DESCRIPTORS ? r.rlim_max : DESCRIPTORS;
    setrlimit(RLIMIT_NOFILE, &r);
}

enum err links_open(struct link_context **ret, struct why *why)
{
    const struct link_keys keys = { .key = links.key, .peers = links.peers, .plain = links.plain, .tell = tell };
    struct link_context *c = NULL;
    enum err e;

    if (keys.key)
        allow_descriptors();
    if ((e = link_context_open(&c)) || (e = link_context_guard(c, &keys, why))) {
        link_context_close(&c);
        return e;
    }
    *ret = c;
    return E_OK;
}
