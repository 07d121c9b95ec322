/* chart.h: a table's rates as a picture: SVG inside the page, no script, with a title and a description for those who do not see it. */
#ifndef SINKS_OPCC_CHART_H
#define SINKS_OPCC_CHART_H

#include "sinks/opcc/published.h"

#include <stdio.h>

/* Everything a chart shows stands in the table as well. What is hidden is not drawn, and said so. */
void chart_bars(FILE *f, const struct published *p, const struct table *t);     /* a bar a row, with its interval */
void chart_months(FILE *f, const struct published *p, const struct table *t);   /* a small picture a row, a point a column */

/* Text as HTML or XML has it. */
void put_escaped(FILE *f, const char *text);

#endif
