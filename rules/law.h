/* law.h: everything conclusions are drawn by: the editions, the calendar and the zone they count in.
 * Compiled once, then read-only: threads share it without locks. */
#ifndef RULES_LAW_H
#define RULES_LAW_H

#include "core/wire.h"
#include "rules/calendar.h"
#include "rules/concern.h"
#include "rules/fact.h"
#include "rules/rulebook.h"

struct law;
/* From the bytes of a Law item: exactly what the journal keeps. Nothing is read
 * from elsewhere. The bytes may go after this returns. E_MALFORMED, E_UNKNOWN,
 * E_RANGE with why ("victims-code-2021.yaml:34: no such kind ..."). */
enum err law_open(const struct item_law *item, struct law **ret, struct why *why) MUST_USE;
void law_close(struct law **law);

/* The files a person names, made into a Law item for the journal: reads the rule
 * books (one edition each; a path, or the name of a built-in one), the calendar (NULL: the
 * built-in one, where a rule book names a division of it) and the zone the rule book names. Checks
 * that law_open takes it. The item's bytes are owned by `ret_files` until freed. */
struct law_files;
enum err law_read(const char *const *rulebook_paths, size_t count, const char *calendar_path,
                  struct item_law *ret_item, struct law_files **ret_files, struct why *why) MUST_USE;
/* A calendar file alone, unread: the bytes are owned by `ret_files`. Unlike law_read it is for any thread. */
enum err law_read_calendar(const char *path, struct bytes *ret, struct law_files **ret_files, struct why *why) MUST_USE;
void law_files_free(struct law_files **f);

/* The built-in edition that is taken when none is named: a name that law_read knows. */
const char *law_default_rulebook(void);

/* NULL: no rule counts working days. */
const struct calendar *law_calendar(const struct law *law);
const char *law_division(const struct law *law);         /* whose bank holidays; "" where none count */
const struct zone *law_zone(const struct law *law);
/* Rules of all editions in one array, indexed by `uint16_t rule` everywhere else. */
size_t law_rule_count(const struct law *law);
const struct rule *law_rule(const struct law *law, uint16_t rule);
size_t law_edition_count(const struct law *law);
const struct edition *law_edition(const struct law *law, size_t edition);
/* Names of the sources of evidence that the rule books expect, each once. */
size_t law_sources(const struct law *law, const char *const **ret_names);
/* Those that can say that a rule was met: a bit each; 0 where none is named, or none can. */
uint64_t law_rule_sources(const struct law *law, uint16_t rule);
/* Of how many rules a source can say that they were met; -1: nobody says what it can say. */
int law_source_rules(const struct law *law, const char *source);
/* Can an event of this kind start the rule; can one prove it kept? */
bool law_rule_starts_by(const struct law *law, uint16_t rule, kind_t kind);
bool law_rule_proved_by(const struct law *law, uint16_t rule, kind_t kind);
/* Takes what a source says that it can say, in place of what it said before: names of kinds; those nobody knows count
 * for nothing. A source that a rule book names keeps what the book says of it. Not while another thread reads the law. */
void law_declare(struct law *law, struct text source, const struct item_kinds *kinds);
bool law_rule_is_evidenced(const struct law *law, uint16_t rule);       /* some source can say that it was met */
/* A local kind by name as declared by any edition; KIND_NONE if none declares it. And back. */
kind_t law_local_kind(const struct law *law, struct text name);
const char *law_kind_name(const struct law *law, kind_t kind);  /* local ones too */

/* Everything; what a new fact concerns by itself (one that corrects another, or that another corrects, concerns everything);
 * and what some rules do (one at least), made in `ret` where they are several. A concern without rules that does not conclude: nothing is to be judged again, as with
 * most contacts and notes. */
const struct concern *law_whole(const struct law *law);
const struct concern *law_concern_of(const struct law *law, const struct fact *f);
const struct concern *law_concern_of_rules(const struct law *law, const struct rule_set *rules, struct concern *ret);
/* The most obligations that one fact can start. */
size_t law_starts_most(const struct law *law);
bool law_is_merger(const struct law *law, const struct fact *f);    /* one that says which crime goes on */
bool law_is_acknowledgement(const struct law *law, const struct fact *f);   /* of an alert */
/* fact.c: what the law sees of an event. number is its journal number. A local kind nobody
 * declares gives kind KIND_LOCAL, which no rule concerns. */
void fact_from_event(const struct law *law, const struct event *e, uint64_t number, uint32_t check, struct fact *ret);
/* The same of a row that could not be read but says which crime it is about: until an event with its id comes, or it is
 * withdrawn, nothing of the journey can be called missed. */
void fact_from_reject(const struct law *law, const struct item *item, uint64_t number, uint32_t check, struct fact *ret);

#endif
