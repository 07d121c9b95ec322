/* report_options.h: what the report and its internal sister take alike. */
#ifndef COMMANDS_REPORT_OPTIONS_H
#define COMMANDS_REPORT_OPTIONS_H

#include "sinks/opcc/report.h"

struct report_options { const char *store, *force, *from, *to, *month, *format, *out, *known_at; };

/* Whole report request and formats out of the options. E_USAGE with why says what to write instead. */
enum err report_options_read(const struct report_options *o, struct report_request *ret, unsigned *ret_formats, struct why *why) MUST_USE;
void report_progress(const char *what, uint64_t done);
/* What was written, and what to do with it. */
void report_print_files(const struct report_files *f, const char *dir);

#endif
