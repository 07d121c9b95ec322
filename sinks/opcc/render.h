/* render.h: a published report as files: a page to read, tables for a spreadsheet, one document for programs. */
#ifndef SINKS_OPCC_RENDER_H
#define SINKS_OPCC_RENDER_H

#include "sinks/opcc/published.h"

#include <stdio.h>

/* Each depends on the report alone: the same report gives the same bytes. Whether f could be written is the caller's to see (ferror). */

/* One page, complete in itself: style and pictures inside, no script, nothing fetched. */
void render_html(FILE *f, const struct published *p);
/* One table as RFC 4180, a line a figure: tidy, so that it can be filtered and joined. docs/report.md lists the columns. */
void render_csv(FILE *f, const struct published *p, const struct table *t);
/* Everything as one JSON document: docs/report.schema.json. E_MEMORY. */
enum err render_json(FILE *f, const struct published *p) MUST_USE;

/* The seven parts of a report, 1 to 7. */
enum { PARTS = 7 };
const char *part_title(unsigned part);

#endif
