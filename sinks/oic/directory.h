/* directory.h: officers as the force's people system exports them: a CSV file, a row each.
 *
 *   collar,address,name,supervisor,team,away
 *   20417,p.c.20417@force.police.uk,PC 20417,20011,North Investigations,2026-04-02..2026-04-10;2026-05-01
 *
 * `collar` and `address` are needed; other columns may be missing, unknown ones are passed over. `away` lists local days, or
 * runs of them, on which the officer is not on duty: leave and rest days alike. */
#ifndef SINKS_OIC_DIRECTORY_H
#define SINKS_OIC_DIRECTORY_H

#include "sinks/oic/settings.h"

struct officer { struct text collar, address, name, supervisor, team, away; };

struct directory;
/* E_USAGE: the file cannot be read; E_MALFORMED with why and row: a collar number twice, an address outside the domains,
 * a day that is none. Texts live until directory_close. */
enum err directory_open(const char *path, const struct settings *s, struct directory **ret, struct why *why) MUST_USE;
void directory_close(struct directory **d);
/* The file is another one than was read. */
bool directory_has_changed(const struct directory *d);

size_t directory_count(const struct directory *d);
const struct officer *directory_find(const struct directory *d, struct text collar);   /* NULL: not there */
/* The first day from `day` on which the officer is on duty: `day` itself when not away. */
struct day officer_on_duty(const struct officer *o, struct day day);

#endif
