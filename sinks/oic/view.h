/* view.h: what a message says, as values for templates and as JSON: the one place that decides what may be said. */
#ifndef SINKS_OIC_VIEW_H
#define SINKS_OIC_VIEW_H

#include "core/json.h"
#include "sinks/oic/message.h"
#include "sinks/oic/mustache.h"

/* The names of wording.def; and for a subject, those without journeys and entries. */
extern const struct mustache_scope view_scopes[], view_scopes_of_subject[];
extern const size_t view_scope_count;

/* Memory for one message after another. All zero: ready. */
struct view_chunk;
struct view {
    struct mustache_item root, *journey, *entry;
    size_t journeys, journeys_cap, entries_cap;
    struct view_chunk *chunk;
    bool failed;
};
/* Values borrow from m and from the view, until the next message. E_MEMORY. */
enum err view_make(struct view *v, const struct message *m) MUST_USE;
static inline const struct mustache_item *view_root(const struct view *v) { return &v->root; }
/* The object that webhooks, commands and files are given: docs/alerts-channels.md. After view_make of the same message. */
void view_json(const struct view *v, struct json_out *o, const struct message *m, struct text subject);
void view_fini(struct view *v);

/* "Thu 12 March 2026", "Thu 12 March" */
void view_day(struct day d, bool with_year, char ret[32]);

#endif
