/* wording.h: a message in words: subject, plain text, HTML and JSON.
 *
 * What is said and what is not is fixed here, not in the templates, which only arrange it. Nothing about a victim but the
 * crime's reference and which victim of it: never the victim's reference, the offence, or why Enhanced Rights apply.
 * The subject has no names of journeys and entries at all, so it cannot hold a reference.
 *
 * A folder of templates may hold subject.txt, message.txt and message.html (mustache.h says in what language, wording.def
 * with which names); what is not there is as built in. */
#ifndef SINKS_OIC_WORDS_H
#define SINKS_OIC_WORDS_H

#include "sinks/oic/channel.h"

#include <stdio.h>

enum wording_file { WORDING_SUBJECT, WORDING_PLAIN, WORDING_HTML, WORDING_FILES };
const char *wording_file_name(enum wording_file f);         /* "subject.txt" */
struct text wording_builtin(enum wording_file f);

struct wording;
/* dir NULL: built in. Each template is read, checked, and filled in with an example. E_MALFORMED, E_UNKNOWN, E_TOO_LARGE
 * with why ("message.html:12: ..."); E_IO: cannot be read; E_NOT_FOUND: the folder has none of the three. */
enum err wording_open(const char *dir, struct wording **ret, struct why *why) MUST_USE;
void wording_close(struct wording **w);

/* What one thread renders into. */
struct wording_desk;
enum err wording_desk_open(struct wording_desk **ret) MUST_USE;
void wording_desk_close(struct wording_desk **d);

/* ret borrows from the desk until the next message, and from m. E_MEMORY, E_TOO_LARGE. */
enum err wording_render(const struct wording *w, struct wording_desk *d, const struct message *m, struct rendered *ret) MUST_USE;

/* The names a template may use, by scope, two columns. */
void wording_print_names(FILE *f);

/* An invented message of a kind: for a look at templates, and for trying a channel. Lives for ever. */
const struct message *wording_example(enum message_kind kind);

/* "alert", "digest", "follow-up", "handover", "opening" */
const char *message_kind_name(enum message_kind k);

#endif
