#include "sinks/opcc/figures.h"
#include "sinks/opcc/render.h"

#include <inttypes.h>
#include <string.h>

static void put(FILE *f, const char *text, char end)
{
    bool quote = strpbrk(text, ",\"\r\n") != NULL;

    /* A cell that begins so is run as a formula by spreadsheets. */
    if (strchr("=+-@\t", text[0]) && text[0] && text[1]) {
        quote = true;
        fputs("\"'", f);
    } else if (quote) {
        putc('"', f);
    }
    for (; *text; text++) {
        if (*text == '"')
            putc('"', f);
        putc(*text, f);
    }
    if (quote)
        putc('"', f);
    if (end == '\n')
        putc('\r', f);
    putc(end, f);
}

static const char *const unit_key[] = { "count", "percent", "days", "ratio", "words" };

static void put_values(FILE *f, const struct figure *g)
{
    char text[FIGURE_TEXT];

    if (g->mark || g->kind == CELL_EMPTY) {
        fputs(",,,,,", f);
    } else if (g->kind == CELL_WORDS) {
        put(f, g->words, ',');
        fputs(",,,,", f);
    } else if (g->kind == CELL_COUNT) {
        fprintf(f, "%" PRIu64 ",,,,,", g->count);
    } else {
        double scale = g->kind == CELL_RATE ? 100 : 1;
        if (g->kind == CELL_RATE) {
            unsigned tenths = permille(g->count, g->of);
            fprintf(f, "%u.%u,", tenths / 10, tenths % 10);
        } else {
            decimal_text(g->value, 2, text);
            fprintf(f, "%s,", text);
        }
        if (g->has_interval)
            fprintf(f, "%.2f,%.2f,", g->interval.low * scale, g->interval.high * scale);
        else
            fputs(",,", f);
        if (g->kind == CELL_RATE)
            fprintf(f, "%" PRIu64 ",%" PRIu64 ",", g->count, g->of);
        else
            fprintf(f, ",%" PRIu64 ",", g->of);
    }
}

void render_csv(FILE *f, const struct published *p, const struct table *t)
{
    const char *internal = published_internal(p) ? "INTERNAL: not suppressed, not to leave the force" : NULL;
    char from[11], to[11];

    fputs("table,row,row_title,column,column_title,from,to,unit,value,low,high,count,of,mark,status\r\n", f);
    for (unsigned r = 0; r < t->rows; r++)
        for (unsigned c = 0; c < t->columns; c++) {
            struct figure g = published_figure(p, t, r, c);
            if (g.kind == CELL_EMPTY)
                continue;
            day_format(t->column[c].period.from, from);
            day_format(t->column[c].period.to, to);
            put(f, t->words.id, ',');
            put(f, t->row[r].key, ',');
            put(f, t->row[r].title, ',');
            put(f, t->column[c].key, ',');
            put(f, t->column[c].title, ',');
            fprintf(f, "%s,%s,%s,", from, to, g.kind == CELL_RATE ? "percent" : unit_key[t->column[c].unit]);
            put_values(f, &g);
            put(f, g.mark ? mark_text(g.mark) : g.is_at_least ? "over" : "", ',');
            put(f, internal ? internal : t->column[c].is_provisional ? "provisional" : "final", '\n');
        }
}
