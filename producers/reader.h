/* reader.h: a file, plain or gzip, as items: lines of NDJSON, or rows of CSV through a mapping. */
#ifndef PRODUCERS_READER_H
#define PRODUCERS_READER_H

#include "producers/mapping.h"

struct reader;
/* path "-": standard input. mapping NULL: NDJSON; else borrowed. E_USAGE with why: it cannot be opened,
 * or is a file whose header is not one the mapping was made for. */
enum err reader_open(const char *path, struct mapping *mapping, struct reader **ret, struct why *why) MUST_USE;
/* The next item; borrows until the next call. An error of action reject with why: this line
 * or row cannot be read, the next ones can. The sentence is the same for all that are wrong in
 * the same way, and never says what was there. E_AGAIN: a pipe or a terminal has said nothing
 * for READER_WAIT_MS; call again. E_END; E_IO with why; E_USAGE: gzip through a pipe.
 * A gzip file that breaks off or is damaged gives what comes before (but for some 256 KiB before
 * damage), never half a line or row; then one error of action reject that says so; then E_END. */
enum { READER_WAIT_MS = 100 };
/* How long to wait for a pipe that says nothing: READER_WAIT_MS unless told; 0 when there is something to send already. */
void reader_wait(struct reader *r, int wait_ms);
enum err reader_next(struct reader *r, struct item *ret, struct why *why) MUST_USE;
uint64_t reader_position(const struct reader *r);       /* line or row given last, from 1 */
struct text reader_source(const struct reader *r);      /* who that line or row speaks for; may be empty */
/* What a line or row that was refused is about. Borrows until the next reader_next. */
struct item_refs reader_refs(const struct reader *r);
uint64_t reader_bytes_read(const struct reader *r);     /* of the file as it is on the disk */
uint64_t reader_bytes_total(const struct reader *r);    /* 0: not known */
void reader_close(struct reader **r);

#endif
