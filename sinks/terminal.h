/* terminal.h: what a person at the terminal may ask of the terminal sink beside what every sink does. */
#ifndef SINKS_TERMINAL_H
#define SINKS_TERMINAL_H

#include "core/wire.h"

#include <stdio.h>

/* ctx is the sink's own (sink_loop_ctx). At most `max` alerts are printed, the rest counted. */
void terminal_show_at_most(void *ctx, uint64_t max);
struct terminal_counts { uint64_t shown, held_back; };
struct terminal_counts terminal_counts(const void *ctx);

/* One notice in words a police officer understands, three lines:
 *   Tue 10 Mar 09:00  DUE SOON  20/104233/26 victim V-31  officer 20417
 *       Right 3: Victims' Code information, with the link
 *       due by the end of Thu 12 Mar 2026
 * A crime or victim reference is shown as the record system gives it; nothing else about a victim. */
void terminal_print(FILE *f, const struct notice *n, bool colour);
/* The same words for a level: "DUE SOON", "MISSED". */
const char *terminal_level(enum level l);

#endif
