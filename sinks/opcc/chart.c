#include "sinks/opcc/chart.h"

#include "sinks/opcc/figures.h"

#include <string.h>

/* Lengths in the picture's own units, about a pixel. It is drawn narrow, so that its letters stay readable on a telephone. */
enum { WIDTH = 360, BAR_LEFT = 2, BAR_RIGHT = 292, LABEL = 16, LABEL_CHARACTERS = 52, LABEL_LINES = 3, BAR = 12, GAP = 14, AXIS = 26,
       PLOT_LEFT = 34, PLOT_RIGHT = 350, PLOT_TOP = 12, PLOT_BOTTOM = 92, PLOT_HEIGHT = 122, CHARTED_MAX = 60 };

void put_escaped(FILE *f, const char *text)
{
    for (; *text; text++)
        switch (*text) {
        case '&': fputs("&amp;", f); break;
        case '<': fputs("&lt;", f); break;
        case '>': fputs("&gt;", f); break;
        case '"': fputs("&quot;", f); break;
        default: putc(*text, f);
        }
}

static double x_of(double part) { return BAR_LEFT + part * (BAR_RIGHT - BAR_LEFT); }

/* Where each line of a label begins; broken at spaces. Gives how many there are. */
static unsigned wrap(const char *text, const char *ret_line[LABEL_LINES + 1])
{
    unsigned lines = 0;

    while (*text && lines < LABEL_LINES) {
        const char *end = text;
        ret_line[lines++] = text;
        for (const char *p = text; *p && p - text <= LABEL_CHARACTERS; p++)
            if (p[1] == ' ' || !p[1])
                end = p + 1;
        if (end == text || lines == LABEL_LINES)
            end = text + strlen(text);
        text = *end ? end + 1 : end;
    }
    ret_line[lines] = text;
    return lines;
}

static int bar_height(const char *title)
{
    const char *line[LABEL_LINES + 1];

    return (int)wrap(title, line) * LABEL + BAR + GAP;
}

static void put_bar(FILE *f, const struct figure *g, double y, const char *title)
{
    const char *line[LABEL_LINES + 1];
    unsigned lines = wrap(title, line);
    char text[FIGURE_TEXT], part[200];

    for (unsigned i = 0; i < lines; i++, y += LABEL) {
        snprintf(part, sizeof part, "%.*s", (int)(line[i + 1] - line[i]), line[i]);
        fprintf(f, "<text x=\"%d\" y=\"%.0f\">", BAR_LEFT, y + 13);
        put_escaped(f, part);
        fputs("</text>", f);
    }
    figure_text(g, UNIT_PERCENT, text);
    if (g->mark) {
        fprintf(f, "<text x=\"%d\" y=\"%.0f\" class=\"soft\">%s%s</text>", BAR_LEFT, y + 14, text, g->mark == MARK_HIDDEN ? " not shown" : "");
        return;
    }
    double middle = y + 4 + BAR / 2.0, low = x_of(g->interval.low), high = x_of(g->interval.high);
    fprintf(f, "<rect class=\"track\" x=\"%d\" y=\"%.0f\" width=\"%d\" height=\"%d\"/>", BAR_LEFT, y + 4, BAR_RIGHT - BAR_LEFT, BAR);
    fprintf(f, "<rect class=\"bar\" x=\"%d\" y=\"%.0f\" width=\"%.1f\" height=\"%d\"/>", BAR_LEFT, y + 4, x_of(g->value) - BAR_LEFT, BAR);
    fprintf(f, "<path class=\"whisker\" d=\"M%.1f %.1fH%.1fM%.1f %.1fv6M%.1f %.1fv6\"/>", low, middle, high, low, middle - 3, high, middle - 3);
    fprintf(f, "<text x=\"%d\" y=\"%.0f\" class=\"value\">%s</text>", WIDTH - 2, y + 14.5, text);
}

/* Up to within its title. part: which picture of the table. */
static void open_svg(FILE *f, const struct table *t, int height, const char *part)
{
    fprintf(f, "<svg viewBox=\"0 0 %d %d\" preserveAspectRatio=\"xMinYMin\" role=\"img\" aria-labelledby=\"%s%s-t %s%s-d\"><title id=\"%s%s-t\">", WIDTH, height,
            t->words.id, part, t->words.id, part, t->words.id, part);
}

void chart_bars(FILE *f, const struct published *p, const struct table *t)
{
    unsigned rows = t->rows < CHARTED_MAX ? t->rows : CHARTED_MAX;
    int height = 0, y = 0;

    for (unsigned r = 0; r < rows; r++)
        if (published_figure(p, t, r, t->chart_column).kind == CELL_RATE)
            height += bar_height(t->row[r].title);
    if (height == 0)
        return;
    fputs("<figure class=\"bars\">", f);
    open_svg(f, t, height + AXIS, "");
    put_escaped(f, t->words.title);
    fprintf(f, "</title><desc id=\"%s-d\">Bars from 0%% to 100%%: ", t->words.id);
    put_escaped(f, t->column[t->chart_column].title);
    fputs(". The thin line on each bar is its 95% interval. The same figures are in the table that follows.</desc>", f);
    for (unsigned r = 0; r < rows; r++) {
        struct figure g = published_figure(p, t, r, t->chart_column);
        if (g.kind != CELL_RATE)
            continue;
        put_bar(f, &g, y, t->row[r].title);
        y += bar_height(t->row[r].title);
    }
    for (int i = 0; i <= 4; i++)
        fprintf(f, "<text class=\"soft %s\" x=\"%.0f\" y=\"%d\">%d%%</text>", i == 0 ? "start" : i == 4 ? "end" : "middle", x_of(i / 4.0), y + 16, i * 25);
    fputs("</svg></figure>\n", f);
}

/* A run of figures side by side: the line and its interval break where something is hidden. */
static void put_run(FILE *f, const struct published *p, const struct table *t, unsigned row, unsigned from, unsigned to)
{
    double step = t->columns > 1 ? (double)(PLOT_RIGHT - PLOT_LEFT) / (t->columns - 1) : 0;

    fputs("<path class=\"band\" d=\"", f);
    for (unsigned c = from; c < to; c++)
        fprintf(f, "%c%.1f %.1f", c == from ? 'M' : 'L', PLOT_LEFT + c * step,
                PLOT_BOTTOM - published_figure(p, t, row, c).interval.high * (PLOT_BOTTOM - PLOT_TOP));
    for (unsigned c = to; c-- > from;)
        fprintf(f, "L%.1f %.1f", PLOT_LEFT + c * step, PLOT_BOTTOM - published_figure(p, t, row, c).interval.low * (PLOT_BOTTOM - PLOT_TOP));
    fputs("Z\"/><path class=\"line\" d=\"", f);
    for (unsigned c = from; c < to; c++)
        fprintf(f, "%c%.1f %.1f", c == from ? 'M' : 'L', PLOT_LEFT + c * step,
                PLOT_BOTTOM - published_figure(p, t, row, c).value * (PLOT_BOTTOM - PLOT_TOP));
    fputs("\"/>", f);
    for (unsigned c = from; c < to; c++)
        fprintf(f, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2.6\"/>", PLOT_LEFT + c * step,
                PLOT_BOTTOM - published_figure(p, t, row, c).value * (PLOT_BOTTOM - PLOT_TOP));
}

static void put_plot(FILE *f, const struct published *p, const struct table *t, unsigned row)
{
    unsigned from = 0, last = t->columns;
    char part[16], text[FIGURE_TEXT];

    for (unsigned c = 0; c < t->columns; c++)
        if (published_figure(p, t, row, c).kind == CELL_RATE && !published_figure(p, t, row, c).mark)
            last = c;
    if (last == t->columns)
        return;
    snprintf(part, sizeof part, "-%u", row);
    fputs("<figure>", f);
    open_svg(f, t, PLOT_HEIGHT, part);
    put_escaped(f, t->row[row].title);
    fprintf(f, "</title><desc id=\"%s%s-d\">A line from 0%% to 100%% over %u months with its 95%% interval, ", t->words.id, part, t->columns);
    struct figure end = published_figure(p, t, row, last);
    figure_text(&end, UNIT_PERCENT, text);
    fprintf(f, "%s in %s. The same figures are in the table that follows.</desc>", text, t->column[last].title);
    for (int i = 0; i <= 2; i++) {
        double y = PLOT_BOTTOM - i * (PLOT_BOTTOM - PLOT_TOP) / 2.0;
        fprintf(f, "<path class=\"grid\" d=\"M%d %.1fH%d\"/><text class=\"soft end\" x=\"%d\" y=\"%.1f\">%d%%</text>", PLOT_LEFT, y, PLOT_RIGHT, PLOT_LEFT - 5,
                y + 4, i * 50);
    }
    for (unsigned c = 0; c <= t->columns; c++) {
        bool is_there = c < t->columns && published_figure(p, t, row, c).kind == CELL_RATE && !published_figure(p, t, row, c).mark;
        if (is_there)
            continue;
        if (c > from)
            put_run(f, p, t, row, from, c);
        from = c + 1;
    }
    fprintf(f, "<text class=\"soft start\" x=\"%d\" y=\"%d\">%s</text>", PLOT_LEFT, PLOT_HEIGHT - 12, t->column[0].title);
    fprintf(f, "<text class=\"soft end\" x=\"%d\" y=\"%d\">%s</text></svg><figcaption>", PLOT_RIGHT, PLOT_HEIGHT - 12, t->column[t->columns - 1].title);
    put_escaped(f, t->row[row].title);
    fprintf(f, " <b>%s</b></figcaption></figure>\n", text);
}

void chart_months(FILE *f, const struct published *p, const struct table *t)
{
    fputs("<div class=\"months\">\n", f);
    for (unsigned r = 0; r < t->rows && r < CHARTED_MAX; r++)
        put_plot(f, p, t, r);
    fputs("</div>\n", f);
}
