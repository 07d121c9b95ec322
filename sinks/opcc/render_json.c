#include "core/hash.h"
#include "core/json.h"
#include "sinks/opcc/disclosure.h"
#include "sinks/opcc/figures.h"
#include "sinks/opcc/render.h"

static void put_period(struct json_out *o, const char *key, struct period p)
{
    char day[11], label[PERIOD_LABEL];

    json_out_key(o, key);
    json_out_object(o);
    day_format(p.from, day);
    json_put_text(o, "from", text_of(day));
    day_format(p.to, day);
    json_put_text(o, "to", text_of(day));
    period_label(p, label);
    json_put_text(o, "label", text_of(label));
    json_out_end(o);
}

static void put_suppression(struct json_out *o, const struct published *p)
{
    const struct hiding *h = published_hiding(p);
    char hex[65];

    json_out_key(o, "suppression");
    if (published_internal(p)) {
        json_out_null(o);
        return;
    }
    hash_hex(h->issues_hash, sizeof h->issues_hash, hex);
    json_out_object(o);
    json_put_number(o, "version", DISCLOSURE_VERSION);
    json_put_number(o, "threshold", THRESHOLD);
    json_put_number(o, "threshold_fine", THRESHOLD_FINE);
    json_put_number(o, "hidden_small", (int64_t)h->small);
    json_put_number(o, "hidden_beside", (int64_t)h->beside);
    json_put_number(o, "hidden_as_before", (int64_t)h->kept);
    json_put_number(o, "issued_before", h->issues);
    if (h->issues)
        json_put_text(o, "issued_before_hash", text_of(hex));
    json_out_end(o);
}

static void put_decimal(struct json_out *o, const char *key, double value, int places)
{
    json_out_key(o, key);
    json_out_decimal(o, value, places);
}

static void put_figure(struct json_out *o, const struct figure *g)
{
    double scale = g->kind == CELL_RATE ? 100 : 1;

    json_out_object(o);
    if (g->mark) {
        json_put_text(o, "mark", g->mark == MARK_HIDDEN ? TEXT("c") : g->mark == MARK_NOT_APPLICABLE ? TEXT("x") : TEXT("z"));
    } else if (g->kind == CELL_WORDS) {
        json_put_text(o, "words", text_of(g->words));
    } else if (g->kind == CELL_COUNT) {
        json_put_number(o, "count", (int64_t)g->count);
    } else if (g->kind != CELL_EMPTY) {
        if (g->kind == CELL_RATE) {
            put_decimal(o, "percent", permille(g->count, g->of) / 10.0, 1);
            json_put_number(o, "count", (int64_t)g->count);
        } else {
            put_decimal(o, "value", g->value, 2);
        }
        json_put_number(o, "of", (int64_t)g->of);
        json_put_flag(o, "over", g->is_at_least);
        if (g->has_interval) {
            put_decimal(o, "low", g->interval.low * scale, 2);
            put_decimal(o, "high", g->interval.high * scale, 2);
        }
    }
    json_out_end(o);
}

static void put_columns(struct json_out *o, const struct table *t)
{
    static const char *const unit_key[] = { "count", "percent", "days", "ratio", "words" };
    char day[11];

    json_out_key(o, "columns");
    json_out_array(o);
    for (unsigned c = 0; c < t->columns; c++) {
        json_out_object(o);
        json_put_text(o, "key", text_of(t->column[c].key));
        json_put_text(o, "title", text_of(t->column[c].title));
        json_put_text(o, "unit", text_of(unit_key[t->column[c].unit]));
        day_format(t->column[c].period.from, day);
        json_put_text(o, "from", text_of(day));
        day_format(t->column[c].period.to, day);
        json_put_text(o, "to", text_of(day));
        json_put_flag(o, "provisional", t->column[c].is_provisional);
        json_out_end(o);
    }
    json_out_end(o);
}

static void put_table(struct json_out *o, const struct published *p, const struct table *t)
{
    json_out_object(o);
    json_put_text(o, "id", text_of(t->words.id));
    json_put_number(o, "part", t->words.part);
    json_put_text(o, "title", text_of(t->words.title));
    json_put_text(o, "definition", text_of(t->words.definition));
    json_put_text(o, "numerator", text_of(t->words.numerator));
    json_put_text(o, "denominator", text_of(t->words.denominator));
    json_put_text(o, "coverage", text_of(t->words.coverage));
    json_put_text(o, "note", text_of(t->words.note));
    json_put_text(o, "row_title", text_of(t->row_title));
    put_columns(o, t);
    json_out_key(o, "rows");
    json_out_array(o);
    for (unsigned r = 0; r < t->rows; r++) {
        json_out_object(o);
        json_put_text(o, "key", text_of(t->row[r].key));
        json_put_text(o, "title", text_of(t->row[r].title));
        json_out_key(o, "cells");
        json_out_array(o);
        for (unsigned c = 0; c < t->columns; c++) {
            struct figure g = published_figure(p, t, r, c);
            put_figure(o, &g);
        }
        json_out_end(o);
        json_out_end(o);
    }
    json_out_end(o);
    json_out_end(o);
}

static void put_revisions(struct json_out *o, const struct published *p)
{
    json_out_key(o, "revisions");
    json_out_array(o);
    for (size_t i = 0; i < published_revisions(p); i++) {
        const struct revision *r = published_revision(p, i);
        json_out_object(o);
        json_put_text(o, "table", text_of(r->table->words.id));
        json_put_text(o, "row", text_of(r->table->row[r->row].key));
        json_put_text(o, "column", text_of(r->table->column[r->column].key));
        json_put_number(o, "was_count", (int64_t)r->was_count);
        if (r->was_of)
            json_put_number(o, "was_of", (int64_t)r->was_of);
        json_put_number(o, "report", r->issue);
        json_out_end(o);
    }
    json_out_end(o);
}

enum err render_json(FILE *f, const struct published *p)
{
    const struct heading *h = published_heading(p);
    struct json_out o;
    struct text all;
    enum err e;

    json_out_init(&o);
    o.indent = 1;
    json_out_object(&o);
    json_put_text(&o, "format", TEXT("rightswatch-report/1"));
    if (published_internal(p))
        json_put_text(&o, "internal", text_of(published_internal(p)));
    json_put_text(&o, "force", text_of(h->force));
    put_period(&o, "period", h->period);
    put_period(&o, "before", h->before);
    put_period(&o, "year_before", h->year_before);
    json_out_key(&o, "provisional");
    json_out_bool(&o, heading_is_provisional(h, h->period));
    json_put_time(&o, "known_at", h->known_at);
    json_put_number(&o, "record", (int64_t)h->record);
    json_put_text(&o, "rules", text_of(h->rules));
    json_put_text(&o, "calendar", text_of(h->calendar));
    put_suppression(&o, p);
    json_out_key(&o, "tables");
    json_out_array(&o);
    for (size_t i = 0; i < published_tables(p); i++)
        put_table(&o, p, published_table(p, i));
    json_out_end(&o);
    put_revisions(&o, p);
    json_out_end(&o);
    json_out_newline(&o);
    if (!(e = json_out_done(&o, &all)))
        fwrite(all.p, 1, all.n, f);
    json_out_fini(&o);
    return e;
}
