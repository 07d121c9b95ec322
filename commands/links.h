/* links.h: the options of every command that has an endpoint, and the context they make. */
#ifndef COMMANDS_LINKS_H
#define COMMANDS_LINKS_H

#include "core/link.h"
#include "core/opt.h"

struct links { const char *key, *peers; bool plain; };
extern struct links links;              /* as given on the command line */

#define LINK_OPTIONS \
    { "key", "FILE", "the key pair of this process on tcp:// endpoints (rightswatch keys makes one)", OPT_TEXT, &links.key, 0, 0 }, \
    { "peers", "FILE", "with --key: who may connect to it, and the keys of those it connects to (docs/links.md)", OPT_TEXT, &links.peers, 0, 0 }, \
    { "plain", NULL, "without --key: allow tcp:// endpoints beyond this machine; only where a tunnel guards them", OPT_FLAG, &links.plain, 0, 0 }

/* A context with these keys; what it has to tell goes to standard error. */
enum err links_open(struct link_context **ret, struct why *why) MUST_USE;

#endif
