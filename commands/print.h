/* print.h: answers and dates in words, shared by the commands that print for people. */
#ifndef COMMANDS_PRINT_H
#define COMMANDS_PRINT_H

#include "core/json.h"

#include <stdio.h>

/* "Tue 10 Mar 2026" from "2026-03-10"; the text itself where it is no date. */
void print_date(FILE *f, struct text date);
void print_short_date(FILE *f, struct text date);        /* "Tue 10 Mar" */
/* When an obligation is due: "Tue 10 Mar 2026", with " 17:00" where it is not the end of that day. */
void print_deadline(FILE *f, const struct json *obligation);
/* "2026-03-10 09:00" from an RFC 3339 text in UTC. */
void print_time(FILE *f, struct text time);
/* A member as text, or empty. */
struct text print_member(const struct json *object, const char *key);
int64_t print_number(const struct json *object, const char *key);
/* What the answer is as of: one line. */
void print_as_of(FILE *f, const struct json *answer);
/* Asks the folder; E_UNKNOWN with why when the answer is a refusal. The text, of a line or more, is
 * malloc'd; ret (may be NULL): its first line, read. known_at (may be NULL): as known at that time, RFC 3339 or a date. */
enum err print_ask(const char *dir, struct json_out *question, const char *known_at, char **ret_text, struct json **ret, struct why *why) MUST_USE;
/* The rows of an answer that follow its first line: begin with *at = the text; false after the last.
 * The row is to be freed. */
bool print_next_row(char **at, struct json **ret);
/* A value as a field of CSV, quoted where it has to be; and the same with what follows it. */
void print_csv_value(FILE *f, struct text value);
void print_csv(FILE *f, struct text value, bool last);

#endif
