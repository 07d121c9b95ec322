#include "core/hash.h"
#include "sinks/opcc/chart.h"
#include "sinks/opcc/disclosure.h"
#include "sinks/opcc/figures.h"
#include "sinks/opcc/render.h"

#include <inttypes.h>
#include <string.h>

/* The style sheet is a file of its own, carried in the program. */
__asm__(".pushsection .rodata\npage_css:\n.incbin \"sinks/opcc/page.css\"\npage_css_end:\n.byte 0\n.popsection\n");
extern const char page_css[], page_css_end[];

static const struct { const char *title, *about; } part[PARTS] = {
    { "How far the Code was kept, right by right",
      "Each duty under the Victims\xE2\x80\x99 Code, by the day it fell due. A duty counts as kept when it was done by then." },
    { "The force\xE2\x80\x99s six audit questions, on every journey",
      "The questions the force asks of a sample of cases, asked here of every victim\xE2\x80\x99s journey." },
    { "Whom it was kept for",
      "The same duties for different groups of crimes and victims, and whether a group fares worse than everyone else when like is "
      "compared with like." },
    { "Victims who withdrew before a charge",
      "Counted by crimes recorded in the period, by the outcome they have now. Crimes can be in several of these areas, so the areas are never "
      "added up." },
    { "Cases with the Crown Prosecution Service", "Decisions awaited, early advice, and meetings before no further action in rape cases." },
    { "How good the records are", "What is missing, contradictory or late in the records these figures are made from." },
    { "What could not be audited before", "Rights without a clock: what victims were asked, offered and told, and what they said." },
};

const char *part_title(unsigned n) { return part[n - 1].title; }

static bool is_number(enum unit unit) { return unit != UNIT_WORDS; }

static void put_head(FILE *f, const struct published *p)
{
    const struct heading *h = published_heading(p);
    char label[PERIOD_LABEL], text[FIGURE_TEXT];

    period_label(h->period, label);
    fputs("<!DOCTYPE html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>", f);
    if (published_internal(p))
        fputs("INTERNAL: ", f);
    fprintf(f, "Victims\xE2\x80\x99 Code compliance, %s, ", label);
    put_escaped(f, h->force);
    fputs("</title>\n<style>\n", f);
    fwrite(page_css, 1, (size_t)(page_css_end - page_css), f);
    fputs("</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the figures</a>\n", f);
    if (published_internal(p)) {
        fputs("<p class=\"internal\" role=\"note\">INTERNAL. Nothing is suppressed here: not to leave the force. ", f);
        put_escaped(f, published_internal(p));
        fputs("</p>\n", f);
    }
    fputs("<header>\n<p class=\"eyebrow\">", f);
    put_escaped(f, h->force);
    fprintf(f, "</p>\n<h1>Victims\xE2\x80\x99 Code compliance: %s</h1>\n", label);
    if (heading_is_provisional(h, h->period))
        fputs("<p><span class=\"status\">Provisional</span><br>Less than 28 days have passed since the end of the period: entries still come in, and "
              "figures may change.</p>\n", f);
    instant_words(h->known_at, text);
    fprintf(f, "<p>Every victim\xE2\x80\x99s journey in the record system, as it was known on %s.", text);
    period_label(h->before, label);
    fprintf(f, " Compared with %s", label);
    period_label(h->year_before, label);
    fprintf(f, " and %s.</p>\n</header>\n", label);
}

/* A figure of one of the tables, by its keys; false: it is not there. */
static bool find(const struct published *p, const char *table, const char *row, unsigned column, struct figure *ret)
{
    for (size_t i = 0; i < published_tables(p); i++) {
        const struct table *t = published_table(p, i);
        for (unsigned r = 0; r < t->rows && strcmp(t->words.id, table) == 0; r++)
            if (strcmp(t->row[r].key, row) == 0) {
                *ret = published_figure(p, t, r, column);
                return true;
            }
    }
    return false;
}

/* The four figures that are asked for first. */
static void put_headline(FILE *f, const struct published *p)
{
    static const struct { const char *table, *row; unsigned column; const char *words; } top[] = {
        { "duties-of-the-code", "CODE", 0, "of all duties under the Code were done in time" },
        { "audit-questions", "END", 1, "of victims whose case ended were told so" },
        { "audit-questions", "STATEMENT", 1, "were offered a Victim Personal Statement" },
        { "attrition", "VAIWG", 1, "of violence against women and girls now has outcome 16: the victim does not support action" },
    };
    char text[FIGURE_TEXT], basis[FIGURE_BASIS_TEXT];
    struct figure g;

    fputs("<main id=\"main\">\n<ul class=\"headline\">\n", f);
    for (size_t i = 0; i < sizeof top / sizeof *top; i++) {
        if (!find(p, top[i].table, top[i].row, top[i].column, &g))
            continue;
        figure_text(&g, UNIT_PERCENT, text);
        figure_basis(&g, UNIT_PERCENT, basis);
        fprintf(f, "<li><b>%s</b><span>%s</span><span class=\"soft\">%s</span></li>\n", text, top[i].words, basis);
    }
    fputs("</ul>\n", f);
}

static bool has_part(const struct published *p, unsigned n)
{
    for (size_t i = 0; i < published_tables(p); i++)
        if (published_table(p, i)->words.part == n)
            return true;
    return false;
}

static void put_contents(FILE *f, const struct published *p)
{
    fputs("<nav aria-label=\"Contents\">\n<ol>\n", f);
    for (unsigned n = 1; n <= PARTS; n++)
        if (has_part(p, n))
            fprintf(f, "<li value=\"%u\"><a href=\"#part-%u\">%s</a></li>\n", n, n, part[n - 1].title);
    fputs("</ol>\n</nav>\n<h2 id=\"reading\">How to read the figures</h2>\n<ul>\n", f);
    if (!published_internal(p))
        fprintf(f, "<li><b>[c]</b> is not shown so that nobody can be recognised: a count from 1 to %d (from 1 to %d where age, gender or ethnicity meets an "
                   "area or offence, and for sexual offences below the force), or one from which such a count could be worked out.</li>\n",
                THRESHOLD - 1, THRESHOLD_FINE - 1);
    fputs("<li><b>[x]</b> does not apply; <b>[z]</b> is not available, because no source of the force can show it.</li>\n"
          "<li>Under a rate stand the count, what it is a part of, and a 95% interval. Two rates whose intervals overlap may well differ by chance alone. "
          "Small numbers are not ranked.</li>\n"
          "<li>Waiting times count those who still wait, for as long as they have waited.</li>\n"
          "<li><b>(p)</b> is provisional: less than 28 days have passed since the end of the period.</li>\n</ul>\n", f);
}

static void put_cell(FILE *f, const struct figure *g, enum unit unit, bool brief)
{
    char text[FIGURE_TEXT], basis[FIGURE_BASIS_TEXT];

    fputs(is_number(unit) ? "<td class=\"n\">" : "<td>", f);
    if (g->kind == CELL_WORDS) {
        put_escaped(f, g->words);
    } else {
        figure_text(g, unit, text);
        fputs(text, f);
        figure_basis(g, unit, basis);
        if (basis[0] && !brief)
            fprintf(f, "<small>%s</small>", basis);
    }
    fputs("</td>", f);
}

static void put_grid(FILE *f, const struct published *p, const struct table *t)
{
    bool brief = t->chart == CHART_MONTHS;

    fprintf(f, "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Table: ");
    put_escaped(f, t->words.title);
    fprintf(f, "\">\n<table%s>\n<caption>", t->columns == 1 ? " class=\"short\"" : "");
    put_escaped(f, t->words.title);
    fputs("</caption>\n<thead><tr><th scope=\"col\">", f);
    put_escaped(f, t->row_title);
    fputs("</th>", f);
    for (unsigned c = 0; c < t->columns; c++) {
        fprintf(f, "<th scope=\"col\"%s>", is_number(t->column[c].unit) ? " class=\"n\"" : "");
        put_escaped(f, t->column[c].title);
        fputs(t->column[c].is_provisional ? " <abbr title=\"provisional\">(p)</abbr></th>" : "</th>", f);
    }
    fputs("</tr></thead>\n<tbody>\n", f);
    for (unsigned r = 0; r < t->rows; r++) {
        fprintf(f, "<tr%s><th scope=\"row\">", t->row[r].is_total ? " class=\"total\"" : "");
        put_escaped(f, t->row[r].title);
        fputs("</th>", f);
        for (unsigned c = 0; c < t->columns; c++) {
            struct figure g = published_figure(p, t, r, c);
            put_cell(f, &g, t->column[c].unit, brief);
        }
        fputs("</tr>\n", f);
    }
    fputs("</tbody>\n</table>\n</div>\n", f);
}

static void put_item(FILE *f, const char *name, const char *text)
{
    if (!text[0])
        return;
    fprintf(f, "<dt>%s</dt><dd>", name);
    put_escaped(f, text);
    fputs("</dd>", f);
}

static void put_table(FILE *f, const struct published *p, const struct table *t)
{
    const struct heading *h = published_heading(p);

    fprintf(f, "<section id=\"%s\">\n<h3>", t->words.id);
    put_escaped(f, t->words.title);
    fputs("</h3>\n<p>", f);
    put_escaped(f, t->words.definition);
    fputs("</p>\n", f);
    if (t->rows == 0) {
        fputs("<p>Nothing to count in this period.</p>\n", f);
    } else {
        if (t->chart == CHART_BARS)
            chart_bars(f, p, t);
        if (t->chart == CHART_MONTHS)
            chart_months(f, p, t);
        put_grid(f, p, t);
    }
    fputs("<dl class=\"how\">", f);
    put_item(f, "Counted", t->words.numerator);
    put_item(f, "Out of", t->words.denominator);
    put_item(f, "Covers", t->words.coverage);
    put_item(f, "Note", t->words.note);
    fputs("<dt>Judged by</dt><dd>", f);
    put_escaped(f, h->rules);
    fputs("; ", f);
    put_escaped(f, h->calendar);
    if (!published_internal(p))
        fprintf(f, "; suppression %d", DISCLOSURE_VERSION);
    fprintf(f, ". File: %s.csv</dd></dl>\n</section>\n", t->words.id);
}

/* What was issued otherwise before. */
static void put_revisions(FILE *f, const struct published *p)
{
    char text[FIGURE_TEXT], basis[FIGURE_BASIS_TEXT];

    if (published_hiding(p)->issues == 0)
        return;
    fputs("<h2 id=\"revisions\">Revisions</h2>\n", f);
    if (published_revisions(p) == 0) {
        fputs("<p>No figure of this report was printed otherwise in an earlier one.</p>\n", f);
        return;
    }
    fputs("<p>Figures that an earlier report printed otherwise: entries came in, or were corrected, since.</p>\n"
          "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Table: Revisions\">\n<table>\n<caption>Revisions</caption>\n<thead><tr><th scope=\"col\">"
          "Figure</th><th scope=\"col\">Table</th><th scope=\"col\" class=\"n\">Was</th><th scope=\"col\" class=\"n\">Is</th></tr></thead>\n<tbody>\n", f);
    for (size_t i = 0; i < published_revisions(p); i++) {
        const struct revision *r = published_revision(p, i);
        const struct table *t = r->table;
        struct figure now = published_figure(p, t, r->row, r->column), was = now;
        was.count = r->was_count;
        was.of = r->was_of;
        if (now.kind == CELL_RATE)
            was.interval = wilson(was.count, was.of);
        fputs("<tr><th scope=\"row\">", f);
        put_escaped(f, t->row[r->row].title);
        fputs(", ", f);
        put_escaped(f, t->column[r->column].title);
        fputs("</th><td>", f);
        put_escaped(f, t->words.title);
        fprintf(f, " (report %u)</td>", r->issue);
        for (unsigned k = 0; k < 2; k++) {
            figure_text(k ? &now : &was, t->column[r->column].unit, text);
            figure_basis(k ? &now : &was, t->column[r->column].unit, basis);
            fprintf(f, "<td class=\"n\">%s<small>%s</small></td>", text, basis);
        }
        fputs("</tr>\n", f);
    }
    fputs("</tbody>\n</table>\n</div>\n", f);
}

static void put_footer(FILE *f, const struct published *p)
{
    const struct heading *h = published_heading(p);
    const struct hiding *hidden = published_hiding(p);
    char hex[65], text[FIGURE_TEXT];

    instant_words(h->known_at, text);
    fprintf(f, "</main>\n<footer>\n<h2 id=\"made-from\">What this was made from</h2>\n<ul>\n<li>The journal of the force\xE2\x80\x99s tracker up to record %" PRIu64
               ", as known on %s; days are local days of ", h->record, text);
    put_escaped(f, h->time_zone);
    fputs(".</li>\n<li>Rules: ", f);
    put_escaped(f, h->rules);
    fputs(".</li>\n<li>Calendar: ", f);
    put_escaped(f, h->calendar);
    fputs(".</li>\n", f);
    if (!published_internal(p)) {
        hash_hex(hidden->issues_hash, sizeof hidden->issues_hash, hex);
        fprintf(f, "<li>Suppression version %d: %" PRIu64 " counts hidden for being small, %" PRIu64 " so that those cannot be worked out, %" PRIu64
                   " because they were hidden when first issued. Checked against ", DISCLOSURE_VERSION, hidden->small, hidden->beside, hidden->kept);
        if (hidden->issues)
            fprintf(f, "%u earlier report%s (BLAKE2b %s).</li>\n", hidden->issues, hidden->issues == 1 ? "" : "s", hex);
        else
            fputs("no earlier report: none was issued.</li>\n", f);
    }
    fputs("</ul>\n<p>The same period, as known at the same instant, gives this page byte for byte. It is not legal advice.</p>\n</footer>\n</body>\n</html>\n", f);
}

void render_html(FILE *f, const struct published *p)
{
    put_head(f, p);
    put_headline(f, p);
    put_contents(f, p);
    for (unsigned n = 1; n <= PARTS; n++) {
        if (!has_part(p, n))
            continue;
        fprintf(f, "<h2 id=\"part-%u\">%u. %s</h2>\n<p>%s</p>\n", n, n, part[n - 1].title, part[n - 1].about);
        for (size_t i = 0; i < published_tables(p); i++)
            if (published_table(p, i)->words.part == n)
                put_table(f, p, published_table(p, i));
    }
    put_revisions(f, p);
    put_footer(f, p);
}
