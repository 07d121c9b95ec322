/* calendar.h: working days: any day but Saturday, Sunday and the bank holidays of one division.
 * Source of the format: GOV.UK bank-holidays JSON (https://www.gov.uk/bank-holidays.json).
 *
 * A bank holiday can be proclaimed days ahead, as 19 September 2022 was. An event of ours may carry "proclaimed", the instant
 * it became known: what was settled before counted that day as a working day, and keeps its history. */
#ifndef RULES_CALENDAR_H
#define RULES_CALENDAR_H

#include "core/wire.h"

struct calendar;
/* Reads GOV.UK's JSON; `division` is "england-and-wales". The calendar reaches from
 * 1 January of its first holiday's year to 31 December of its last one's. */
enum err calendar_open(const char *json, size_t n, const char *division, struct calendar **ret, struct why *why) MUST_USE;
void calendar_close(struct calendar **c);

bool calendar_covers(const struct calendar *c, struct day d);
struct day calendar_first_day(const struct calendar *c);
struct day calendar_last_day(const struct calendar *c);
/* The title of the bank holiday that day, or NULL. */
const char *calendar_holiday(const struct calendar *c, struct day d);
bool calendar_is_working(const struct calendar *c, struct day d);   /* d must be covered */
/* The nth working day after `from` (n >= 1); n < 0: before it; 0: `from` itself. E_RANGE: the calendar does not reach. */
enum err calendar_add_working(const struct calendar *c, struct day from, int n, struct day *ret) MUST_USE;
/* The same as it was known at an instant: holidays proclaimed after it are working days. */
const char *calendar_holiday_as_known(const struct calendar *c, struct day d, struct instant at);
enum err calendar_add_working_as_known(const struct calendar *c, struct day from, int n, struct instant at, struct day *ret) MUST_USE;
bool calendar_has_proclaimed_after(const struct calendar *c, struct instant at);
/* A fresh calendar with the proclamations of a known one, and with those holidays proclaimed at `at` that the known one lacks.
 * *ret is malloc'd JSON. */
enum err calendar_proclaim(struct bytes fresh, struct bytes known, const char *division, struct instant at,
                           char **ret, size_t *ret_n, struct why *why) MUST_USE;
/* Working days in (from, to]; both must be covered. */
int calendar_count_working(const struct calendar *c, struct day from, struct day to);

#endif
