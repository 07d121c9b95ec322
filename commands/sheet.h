/* sheet.h: the auditors' sheet as CSV: written with journeys and no answers, read back with theirs. */
#ifndef COMMANDS_SHEET_H
#define COMMANDS_SHEET_H

#include "sinks/opcc/sample.h"

#include <stdio.h>

/* References of the journeys of a list, found in the tracker's folder; an empty text where there is none any more. */
struct cases { struct found_case { uint8_t id[KEYED_BYTES]; char *crime, *victim; } *one; uint32_t count; };
/* ids: count of them, KEYED_BYTES each, `stride` bytes apart. E_NOT_FOUND, E_IO with why. */
enum err cases_find(const char *data, const void *ids, size_t stride, uint32_t count, struct cases *ret, struct why *why) MUST_USE;
const struct found_case *cases_get(const struct cases *r, const uint8_t id[KEYED_BYTES]);    /* NULL: not found */
void cases_fini(struct cases *r);

void sheet_write(FILE *f, const struct sample *s, const struct cases *refs);
/* The sheet as auditors gave it back. Answers are those of answer_word, or empty. E_USAGE with why: which row and column, and what to write. */
enum err sheet_read(const char *path, struct audited_list *ret, struct why *why) MUST_USE;

#endif
