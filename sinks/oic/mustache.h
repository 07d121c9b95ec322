/* mustache.h: texts with places to fill in: a part of the Mustache language (mustache(5)), checked when it is loaded.
 *
 *   {{name}}                      a value; in HTML always escaped
 *   {{#name}} ... {{/name}}       for each of a list; or once, if a value is there or a flag is set
 *   {{^name}} ... {{/name}}       if the list is empty, the value not there, the flag not set
 *   {{! words }}                  nothing
 *
 * A line that holds one section tag or comment and nothing else leaves no line behind. Within a list its own names come
 * first, then those around it. There are no partials, no other delimiters and no way past the escaping. Names that do
 * not exist, and tags that do not match, are told with file and line when the text is loaded, never when it is used. */
#ifndef SINKS_OIC_MUSTACHE_H
#define SINKS_OIC_MUSTACHE_H

#include "core/err.h"
#include "core/text.h"
#include <stddef.h>

/* What may be named. A scope is what a list has of each of its items; scope 0 is the outermost. */
enum mustache_kind { MUSTACHE_TEXT, MUSTACHE_FLAG, MUSTACHE_LIST };
struct mustache_name { const char *name; enum mustache_kind kind; unsigned opens; const char *help; };  /* opens: a list's scope */
struct mustache_scope { const char *what; const struct mustache_name *name; size_t count; };

/* What is filled in, in the order of the names of its scope. A flag is set by any text. */
struct mustache_value { struct text text; const struct mustache_item *item; size_t count; };
enum { MUSTACHE_NAMES_MAX = 40, MUSTACHE_BYTES_MAX = 64 * 1024, MUSTACHE_DEPTH_MAX = 8, MUSTACHE_OUT_BYTES_MAX = 4 * 1024 * 1024 };
struct mustache_item { struct mustache_value value[MUSTACHE_NAMES_MAX]; };

/* A buffer that grows and is kept for the next one. */
struct page { char *p; size_t n, cap; bool failed; };
void page_fini(struct page *g);
void page_put(struct page *g, struct text t);
static inline struct text page_text(const struct page *g) { return (struct text){ g->p, (uint32_t)g->n }; }

struct mustache;
/* p[0..n) is copied. `name` is what messages call it. E_MALFORMED, E_UNKNOWN, E_TOO_LARGE with why: "message.html:12: ...". */
enum err mustache_open(const char *name, const char *p, size_t n, bool is_html, const struct mustache_scope *scopes,
                       struct mustache **ret, struct why *why) MUST_USE;
void mustache_close(struct mustache **m);
/* Appends to `out`. Values: control characters become spaces, what is not UTF-8 becomes U+FFFD. E_MEMORY; E_TOO_LARGE:
 * it grows beyond MUSTACHE_OUT_BYTES_MAX. */
enum err mustache_fill(const struct mustache *m, const struct mustache_item *root, struct page *out) MUST_USE;

#endif
