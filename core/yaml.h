/* yaml.h: the door to libyaml: a document as a tree of nodes, each of which knows its line.
 *
 * Made for files that people write: whatever is wrong, in form or in meaning, is
 * told as "file.yaml:34: what is wrong; what to write instead". The reader of a
 * format asks for keys by name and, when done with a map, calls yaml_refuse_others. */
#ifndef CORE_YAML_H
#define CORE_YAML_H

#include "core/err.h"
#include "core/text.h"
#include <stddef.h>

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };

struct yaml_node {
    enum yaml_kind kind;
    unsigned line;                      /* from 1 */
    struct text text;                   /* of a scalar; "" for an empty one */
    bool is_quoted;                     /* the scalar was written in quotes or as a block */
    size_t count;                       /* members of a list, pairs of a map; 0 for a scalar */
    struct yaml_node **key;             /* of a map, in the order written: scalars only */
    struct yaml_node **item;            /* of a list; of a map: the values */
};

/* Reads one document. `name` is what messages call it, without folders; text and
 * name may go after this returns. Refused: more than one document, keys that are
 * not scalars, a key twice in one map, anchors and aliases, more than
 * YAML_NODES_MAX nodes, nesting deeper than YAML_DEPTH_MAX.
 * E_MALFORMED or E_TOO_LARGE with why. Nodes live until yaml_close. */
enum { YAML_NODES_MAX = 100000, YAML_DEPTH_MAX = 32 };
struct yaml;
enum err yaml_open(const char *name, const char *p, size_t n, struct yaml **ret, struct why *why) MUST_USE;
void yaml_close(struct yaml **y);
const struct yaml_node *yaml_root(const struct yaml *y);
const char *yaml_name(const struct yaml *y);
const char *yaml_folder(const struct yaml *y);          /* in which that name was: where its relative paths begin; "." if it said none */

/* The value of a key, or NULL. */
const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key);

/* "name:line: ..." into why; at NULL: "name: ...". Always gives E_MALFORMED. */
enum err yaml_wrong(const struct yaml *y, const struct yaml_node *at, struct why *why, const char *fmt, ...) PRINTF(4, 5);
/* The same for an unknown word, with the nearest of `known` (n strings) as a hint:
 * "no such <what> '<word>'; did you mean '<nearest>'?" or, with nothing near,
 * the list of known ones as far as there is room. Gives E_UNKNOWN. */
enum err yaml_unknown(const struct yaml *y, const struct yaml_node *at, struct why *why,
                      const char *what, struct text word, const char *const *known, size_t n);

/* Typed values. Each gives E_MALFORMED (E_RANGE, E_UNKNOWN) with why when it is not so. */
enum err yaml_number(const struct yaml *y, const struct yaml_node *v, long min, long max, long *ret, struct why *why) MUST_USE;
enum err yaml_flag(const struct yaml *y, const struct yaml_node *v, bool *ret, struct why *why) MUST_USE;   /* yes, no, true, false */
/* The index of the scalar's text in `known`. */
enum err yaml_word(const struct yaml *y, const struct yaml_node *v, const char *what,
                   const char *const *known, size_t n, size_t *ret, struct why *why) MUST_USE;
/* E_OK if v has the kind wanted. */
enum err yaml_expect(const struct yaml *y, const struct yaml_node *v, enum yaml_kind kind, struct why *why) MUST_USE;

/* E_UNKNOWN with a hint if the map has a key that is none of `allowed`. */
enum err yaml_refuse_others(const struct yaml *y, const struct yaml_node *map,
                            const char *const *allowed, size_t n, struct why *why) MUST_USE;

/* Of `known`, the word nearest to `word` in spelling, or NULL if none is near. */
const char *yaml_nearest(struct text word, const char *const *known, size_t n);

#endif
