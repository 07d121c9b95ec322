/* coverage.h: what an extract can say, against what each rule needs said. */
#ifndef COMMANDS_COVERAGE_H
#define COMMANDS_COVERAGE_H

#include "core/opt.h"

/* Prints it rule by rule; gives an exit code. map NULL: the canonical extract. rules empty: the built-in edition. */
int coverage_print(const char *map, const struct opt_list *rules, bool json);

#endif
