/* pages.h: the door to libmicrohttpd: a few pages over HTTP, read only, for this machine: metrics and health.
 *
 * One thread of the library's own; `answer` is called from it, a request at a time. Nothing but GET and HEAD is taken, nothing a
 * client sends but the path is looked at, and what it may send and how long it may take are bounded. */
#ifndef CORE_PAGES_H
#define CORE_PAGES_H

#include "core/err.h"
#include "core/text.h"

enum { PAGES_CONNECTIONS_MAX = 16, PAGES_TIMEOUT_S = 10 };

/* What is answered: `text` is malloc'd by the answerer and freed by the pages; type as "text/plain; charset=utf-8". */
struct page { int status; const char *type; char *text; size_t n; };

struct pages;
/* listen: "127.0.0.1:9464" or "[::1]:9464"; port 0 takes a free one. Only addresses of this machine: E_USAGE with why for others. `answer` returns
 * E_NOT_FOUND for a path it does not know; any other error is answered with 503. E_IO with why: the port is taken. */
enum err pages_open(const char *listen, enum err (*answer)(void *ctx, struct text path, struct page *ret), void *ctx,
                    struct pages **ret, struct why *why) MUST_USE;
const char *pages_endpoint(const struct pages *p);      /* "http://127.0.0.1:9464" */
void pages_close(struct pages **p);                     /* returns when no answer is under way */

#endif
