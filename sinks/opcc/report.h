/* report.h: from what the sink's store knows to files: the report of one period. */
#ifndef SINKS_OPCC_REPORT_H
#define SINKS_OPCC_REPORT_H

#include "sinks/opcc/disclosure.h"
#include "sinks/opcc/known.h"
#include "sinks/opcc/sample.h"

struct report_request {
    const char *store, *force;          /* the sink's folder; the force's name, on every page */
    struct period period;
    struct instant known_at;            /* INSTANT_NONE: as of the last draw */
    const struct audited_list *audited; /* auditors' answers, to stand beside the program's; NULL: none */
    void (*progress)(const char *what, uint64_t done);      /* NULL: none */
};

/* Counts everything and writes the draft of all seven parts. E_NOT_FOUND with why: the store has nothing of that time.
 * E_USAGE with why: the period has not ended, or lies outside what instants can be. */
enum err report_draft(const struct report_request *r, struct draft **ret, struct why *why) MUST_USE;

/* Which files. */
enum report_format { REPORT_HTML = 1, REPORT_CSV = 2, REPORT_JSON = 4 };
enum { FILES_MAX = 256, FILE_NAME_BYTES = 96 };
struct report_file { char name[FILE_NAME_BYTES]; uint64_t bytes; char sha256[65]; };
struct report_files { struct report_file file[FILES_MAX]; unsigned count; };

/* Writes the files and SHA256SUMS (as sha256sum reads it) into a folder, which it makes; each whole or not at all. E_IO, E_FULL with why. */
enum err report_write(const struct published *p, unsigned formats, const char *dir, struct report_files *ret, struct why *why) MUST_USE;

/* The whole way, for a report that may leave the force: draft, disclosure beside what was issued (`issued`, a folder), noted as issued, written.
 * Made again, it gives the same bytes. ret_published (may be NULL): closed by the caller. */
enum err report_make(const struct report_request *r, const char *issued, unsigned formats, const char *dir, struct report_files *ret,
                     struct published **ret_published, struct why *why) MUST_USE;

#endif
