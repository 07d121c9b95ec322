/* opcc_reconcile.c: what the compliance sink holds against the tracker's whole journal, row by row. */
#include "commands/opcc.h"
#include "commands/command.h"
#include "commands/process.h"
#include "processors/recount.h"
#include "sinks/opcc/holding.h"

#include <stdlib.h>
#include <string.h>

struct reconciling {
    struct holding *holding;
    struct wire *wire;
    uint64_t journeys, crimes;                  /* as the journal gives them */
    uint64_t same, different, missing;
    uint64_t remain;                            /* erased in the journal, and still held */
    uint8_t buf[LAW_ITEM_BYTES_MAX];
};

static enum err compare(struct reconciling *r, const struct compliance_row *row, const uint8_t *id)
{
    struct bytes held, drawn;
    uint64_t record;
    size_t used = 0, at = 0;
    enum err e;

    if ((e = wire_compliance_append(r->wire, row, r->buf, sizeof r->buf, &used)) || (e = wire_next(r->buf, used, &at, &drawn)))
        return e;
    drawn.n = wire_compliance_content(drawn.p, drawn.n);
    e = holding_find(r->holding, row->what, id, &held, &record);
    if (e == E_NOT_FOUND)
        return r->missing++, E_OK;
    if (e)
        return e;
    if (held.n == drawn.n && !memcmp(held.p, drawn.p, held.n))
        r->same++;
    else
        r->different++;
    return E_OK;
}

static enum err visit(void *ctx, const struct compliance_row *row, uint64_t *said)
{
    struct reconciling *r = ctx;
    struct bytes held;
    uint64_t record;

    (void)said;
    switch (row->what) {
    case ROW_JOURNEY:
        r->journeys++;
        return compare(r, row, row->journey.id);
    case ROW_CRIME:
        r->crimes++;
        return compare(r, row, row->crime.id);
    case ROW_ERASED:
        r->remain += holding_find(r->holding, row->erased.is_crime ? ROW_CRIME : ROW_JOURNEY, row->erased.id, &held, &record) != E_NOT_FOUND;
        return E_OK;
    case ROW_LAW: case ROW_DRAWN: case ROW_NONE:
        break;
    }
    return E_OK;
}

static void show(uint64_t done, uint64_t all)
{
    process_progress("%3.0f %% folded again", all ? 100.0 * (double)done / (double)all : 100.0);
}

static enum err drawn_record(struct reconciling *r, uint64_t *ret_record, struct instant *ret_tick, struct why *why)
{
    struct compliance_row row;
    struct bytes bytes;
    enum err e = holding_drawn(r->holding, INSTANT_NONE, &bytes);

    if (e == E_NOT_FOUND)
        why_set(why, "nothing whole is held yet: the first rows come at the end of the first local day");
    if (e || (e = wire_compliance_decode(r->wire, bytes.p, bytes.n, &row)))
        return e;
    *ret_record = row.drawn.record;
    *ret_tick = row.drawn.tick;
    return E_OK;
}

int opcc_reconcile(const char *store, const char *data, bool json)
{
    struct reconciling *r = calloc(1, sizeof *r);
    struct holding_counts held = { 0 };
    struct folder folder;
    struct why why = { "" };
    char tick_text[INSTANT_TEXT];
    struct instant tick;
    uint64_t record, extra = 0;
    bool is_same;
    enum err e = E_MEMORY;

    if (!r || (e = wire_open(&r->wire)) || (e = folder_name(&folder, data, false, &why)) || (e = holding_open(store, true, &r->holding, &why)) ||
        (e = holding_counts(r->holding, &held)) || (e = holding_begin(r->holding)))
        goto out;
    if (!(e = drawn_record(r, &record, &tick, &why)))
        e = recount_folder(&folder, record, visit, r, show, &why);
    holding_end(r->holding);
out:
    process_clear_line();
    if (e) {
        if (r) {
            holding_close(&r->holding);
            wire_close(&r->wire);
        }
        free(r);
        return command_failed(e, &why);
    }
    extra = held.journeys + held.crimes - (r->same + r->different);
    is_same = !r->different && !r->missing && !extra && !r->remain;
    instant_format(tick, tick_text);
    if (json)
        printf("{\"record\":%llu,\"known_at\":\"%s\",\"journeys\":%llu,\"crimes\":%llu,\"same\":%llu,\"different\":%llu,\"missing\":%llu,\"extra\":%llu,"
               "\"erased_but_held\":%llu}\n", (unsigned long long)record, tick_text, (unsigned long long)r->journeys, (unsigned long long)r->crimes,
               (unsigned long long)r->same, (unsigned long long)r->different, (unsigned long long)r->missing, (unsigned long long)extra,
               (unsigned long long)r->remain);
    else if (is_same)
        printf("As of %s, record %llu: all %llu journeys and %llu crimes of the journal are held as it gives them, and no others.\n",
               tick_text, (unsigned long long)record, (unsigned long long)r->journeys, (unsigned long long)r->crimes);
    else
        printf("As of %s, record %llu: %llu journeys, %llu crimes in the journal; held as it gives them %llu, otherwise %llu, not held %llu, "
               "held and not in it %llu, erased and still held %llu.\n"
               "To have everything drawn again: stop the tracker and remove the folder compliance/ in %s.\n",
               tick_text, (unsigned long long)record, (unsigned long long)r->journeys, (unsigned long long)r->crimes, (unsigned long long)r->same,
               (unsigned long long)r->different, (unsigned long long)r->missing, (unsigned long long)extra, (unsigned long long)r->remain, data);
    holding_close(&r->holding);
    wire_close(&r->wire);
    free(r);
    return is_same ? EXIT_DONE : EXIT_FAILED;
}
