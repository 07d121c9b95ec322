/* changes.h: which obligations another law would change, printed: a list, and a table by rule. */
#ifndef COMMANDS_CHANGES_H
#define COMMANDS_CHANGES_H

#include "processors/whatif.h"

struct changes_options { uint64_t limit; bool json; };      /* limit: of the list for people; json: every change, a line each */
enum err changes_print(const struct folder *f, const struct whatif_options *other, const struct changes_options *o, struct why *why) MUST_USE;

#endif
