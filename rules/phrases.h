/* phrases.h: private to rules/: what the lines of a rule book are made of: texts, words, kinds and conditions, crimes, limits.
 * Each reads a node and says with the line what is wrong with it, and what to write. */
#ifndef RULES_PHRASES_H
#define RULES_PHRASES_H

#include "rules/program.h"

/* A scalar of a map as a text kept by the book. needed: E_MALFORMED when it is not there, else "". */
enum err phrase_text(struct rulebook *b, const struct yaml_node *map, const char *key, bool needed, const char **ret, struct why *why) MUST_USE;
/* The index in `words` of a map's scalar; `otherwise` where there is none. */
enum err phrase_word(struct rulebook *b, const struct yaml_node *map, const char *key, const char *const *words, size_t n,
                     size_t otherwise, size_t *ret, struct why *why) MUST_USE;
/* yes or no; *ret stays as it is where there is none. */
enum err phrase_flag(struct rulebook *b, const struct yaml_node *map, const char *key, bool *ret, struct why *why) MUST_USE;
/* A kind, or a list of kinds, added to *ret. */
enum err phrase_kinds(struct rulebook *b, const struct yaml_node *v, struct kind_set *ret, struct why *why) MUST_USE;
/* "arrested", [a, b], or { kind: ..., by: police, outcome: [..], need: yes }. */
enum err phrase_match(struct rulebook *b, const struct yaml_node *v, struct match *m, struct why *why) MUST_USE;
/* Lists of markers and of offence classes (v NULL: none), and a map of both. */
enum err phrase_markers(struct rulebook *b, const struct yaml_node *v, struct scope *ret, struct why *why) MUST_USE;
enum err phrase_classes(struct rulebook *b, const struct yaml_node *v, struct scope *ret, struct why *why) MUST_USE;
enum err phrase_scope(struct rulebook *b, const struct yaml_node *v, struct scope *ret, struct why *why) MUST_USE;
/* "5 working days" and the like. */
enum err phrase_limit(struct rulebook *b, const struct yaml_node *v, struct limit *ret, struct why *why) MUST_USE;

#endif
