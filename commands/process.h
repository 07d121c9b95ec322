/* process.h: what a process owes its surroundings: stopping when asked, and saying how far it is. */
#ifndef COMMANDS_PROCESS_H
#define COMMANDS_PROCESS_H

#include "core/link.h"

void process_init(void);                    /* SIGTERM and SIGINT ask to stop; SIGPIPE is an error of write */
bool process_is_stopping(void);
/* From now on SIGHUP asks for the configuration to be read again, and no longer ends the process; not where standard error is a terminal: that
 * it is closed still ends what runs in it. */
void process_hear_reload(void);
bool process_wants_reload(void);            /* since it was last asked */
/* Rung by the signal, and by whoever else has it. */
struct bell *process_bell(void);

/* A line of progress on standard error, in place, where that is a terminal; at most
 * five a second. Cleared before anything else is written. */
void process_progress(const char *fmt, ...) PRINTF(1, 2);
void process_clear_line(void);

uint64_t process_memory_bytes(void);        /* the most this process has held */

#endif
