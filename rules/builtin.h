/* builtin.h: the editions and the calendar that the program carries inside, so that it works wherever it is put. */
#ifndef RULES_BUILTIN_H
#define RULES_BUILTIN_H

#include "core/wire.h"

/* The bytes of a built-in edition by name, or of the calendar; empty if there is none. */
struct bytes builtin_edition(const char *name);
struct bytes builtin_calendar(void);

#endif
