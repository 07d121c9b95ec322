#include "producers/connect/batch.h"
#include "core/crash.h"
#include "core/json.h"
#include "producers/connect/inside.h"
#include "producers/connect/put_away.h"
#include "producers/connect/rowfile.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum { SLICE_ROWS = 1000, FORMAT = 1 };
#define CHANGED "%s was changed while it was being taken in; what was read of it before stands: send it whole, in a batch with this number"
enum phase { PHASE_NONE, PHASE_ROWS, PHASE_PUT_AWAY };
enum { K_PROGRESS = 'x', K_BATCH = 'y', K_STATE = 'z' };

/* The place in the batch in hand, committed with the rows before it. */
struct progress {
    uint32_t format, phase;
    uint64_t file, row;                             /* rows of that file that are taken */
    struct batch_summary summary;
    struct manifest manifest;
};

struct batch {
    const struct shape *shape;
    struct memory *memory;
    const char *dir;
    enum after after;
    bool by_events, is_dry;
    struct differ *differ;
    struct feed_state state;
    struct progress p;
    struct rowfile *file;                           /* open: p.manifest.file[p.file] */
    uint64_t all_rows;
    _Atomic uint64_t shown_id, shown_rows, shown_all;
};

static struct memory_key mark_key(char what) { return memory_key(what, TEXT("1"), (struct text){ 0 }); }

static struct memory_key batch_key(uint64_t id)
{
    char text[24];

    return memory_key(K_BATCH, (struct text){ text, (uint32_t)snprintf(text, sizeof text, "%llu", (unsigned long long)id) }, (struct text){ 0 });
}

static enum err get_fixed(struct memory *m, struct memory_key k, void *ret, size_t n)
{
    struct bytes value;
    enum err e = memory_get(m, &k, &value);

    if (e)
        return e;
    if (value.n != n)
        return E_VERSION;
    memcpy(ret, value.p, n);
    return E_OK;
}

static enum err put_fixed(struct memory *m, struct memory_key k, const void *p, size_t n) { return memory_put(m, &k, (struct bytes){ p, n }); }

/* ---- open ------------------------------------------------------------------------- */

enum err batch_open(const struct shape *x, struct memory *m, const char *dir, enum after after, bool clock_by_events, bool dry, struct batch **ret)
{
    struct batch *b = calloc(1, sizeof *b);
    enum err e;

    if (!b)
        return E_MEMORY;
    b->shape = x;
    b->memory = m;
    b->dir = dir;
    b->after = after;
    b->by_events = clock_by_events;
    b->is_dry = dry;
    if ((e = differ_open(x, m, &b->differ))) {
        batch_close(&b);
        return e;
    }
    *ret = b;
    return E_OK;
}

void batch_close(struct batch **pb)
{
    struct batch *b = *pb;

    if (!b)
        return;
    rowfile_close(&b->file);
    differ_close(&b->differ);
    free(b);
    *pb = NULL;
}

static void show(struct batch *b)
{
    atomic_store(&b->shown_id, b->p.summary.id);
    atomic_store(&b->shown_rows, b->p.summary.counts.rows);
    atomic_store(&b->shown_all, b->all_rows);
}

static void count_all(struct batch *b)
{
    b->all_rows = 0;
    for (size_t i = 0; i < b->p.manifest.files; i++)
        b->all_rows += b->p.manifest.file[i].rows;
}

enum err batch_resume(struct batch *b, struct manifest *ret_left, bool *ret_is_left, struct why *why)
{
    enum err e = memory_begin(b->memory);

    *ret_is_left = false;
    if (e)
        return e;
    if ((e = get_fixed(b->memory, mark_key(K_STATE), &b->state, sizeof b->state)) == E_NOT_FOUND)
        b->state = (struct feed_state){ .format = FORMAT }, e = E_OK;
    if (!e && (e = get_fixed(b->memory, mark_key(K_PROGRESS), &b->p, sizeof b->p)) == E_NOT_FOUND)
        b->p = (struct progress){ .format = FORMAT }, e = E_OK;
    memory_abort(b->memory);
    if (e)
        why_set(why, "what the feed remembers was written by another version of this program");
    if (e || b->p.phase == PHASE_NONE)
        return e;
    differ_begin(b->differ, b->p.manifest.id, b->p.manifest.to);
    *differ_counts(b->differ) = b->p.summary.counts;
    *ret_left = b->p.manifest;
    *ret_is_left = true;
    count_all(b);
    show(b);
    return E_OK;
}

void batch_begin(struct batch *b, const struct manifest *m)
{
    assert(b->p.phase == PHASE_NONE);
    b->p = (struct progress){ .format = FORMAT, .phase = PHASE_ROWS, .manifest = *m };
    b->p.summary = (struct batch_summary){ .id = m->id, .from = m->from, .to = m->to };
    differ_begin(b->differ, m->id, m->to);
    count_all(b);
    show(b);
}

/* ---- rows --------------------------------------------------------------------------- */

static const char *path_of(const struct batch *b, const char *name, char path[4096])
{
    return snprintf(path, 4096, "%s/%s", b->dir, name) < 4096 ? path : NULL;
}

/* A line of the reject file: which row, which column, what sort of value, why; and what names the hold on its journey. */
static enum err write_reject(struct batch *b, uint64_t row, const struct fault *f, const char *hold)
{
    char line[512];
    int n = snprintf(line, sizeof line, "%s,%llu,%s,%s,\"%s\",%s\r\n", b->p.manifest.file[b->p.file].name, (unsigned long long)row,
                     f->column < COLUMNS ? column_table[f->column].name : "", f->sort ? f->sort : "", f->reason, hold);

    for (int i = 0, inside = 0; i < n; i++)         /* a quote within the reason */
        if (line[i] == '"' && !(inside == 0 || line[i + 1] == ','))
            line[i] = '\'';
        else if (line[i] == '"')
            inside++;
    return memory_reject(b->memory, (struct text){ line, (uint32_t)n });
}

static enum err refuse_row(struct batch *b, const struct record *r, uint64_t row, const struct fault *f)
{
    char hold[EVENT_ID_BYTES_MAX + 1];
    enum err e = differ_refuse(b->differ, r, b->p.file, row, f, hold);

    return e ? e : write_reject(b, row, f, hold);
}

static enum err take_row(struct batch *b, const struct text *cell, enum err read, const struct why *why)
{
    enum extract_table t = b->p.manifest.file[b->p.file].table;
    struct differ_counts *n = differ_counts(b->differ);
    struct record r;
    struct fault fault = { COLUMNS, "", "" };
    enum err e = record_read(t, cell, &b->shape->dates, b->p.manifest.to, &r, &n->ambiguous, &fault);

    n->rows++;
    if (read) {                                     /* the row itself cannot be read; its references perhaps */
        fault = (struct fault){ COLUMNS, "", "" };
        snprintf(fault.reason, sizeof fault.reason, "%.87s", why->text);
        e = read;
    }
    if (!e)
        e = differ_row(b->differ, &r, &fault);
    if (e && err_action(e) == ERR_REJECT) {
        if (!fault.reason[0])
            snprintf(fault.reason, sizeof fault.reason, "the row is %s", err_text(e));
        e = refuse_row(b, &r, rowfile_row(b->file), &fault);
    }
    return e;
}

static enum err open_file(struct batch *b, struct why *why)
{
    const struct batch_file *f = &b->p.manifest.file[b->p.file];
    struct text cell[TABLE_COLUMNS_MAX];
    struct why row;
    char path[4096];
    enum err e;

    if (!path_of(b, f->name, path))
        return E_USAGE;
    if ((e = rowfile_open(b->shape, f->table, path, &b->file, why)))
        return e == E_USAGE ? E_RANGE : e;
    for (uint64_t i = 0; i < b->p.row; i++)         /* those taken before */
        if ((e = rowfile_next(b->file, cell, &row)) && err_action(e) != ERR_REJECT) {
            why_set(why, CHANGED, f->name);
            return E_RANGE;
        }
    return E_OK;
}

static enum err save(struct batch *b)
{
    enum err e = differ_flush(b->differ);

    if (e)
        return e;
    b->p.summary.counts = *differ_counts(b->differ);
    return (e = put_fixed(b->memory, mark_key(K_PROGRESS), &b->p, sizeof b->p)) ? e : put_fixed(b->memory, mark_key(K_STATE), &b->state, sizeof b->state);
}

/* Once, and again when the mapping is another: what this extract can say at all. */
static enum err declare(struct batch *b)
{
    struct item item = { .what = ITEM_MAPPING, .name = text_of(b->shape->name), .hash = { b->shape->hash, CHAIN_BYTES },
                         .text = { (const char *)b->shape->file.p, (uint32_t)b->shape->file.n } };
    struct item_kinds kinds = { .n = 0 };
    enum err e;

    if (!memcmp(b->state.declared, b->shape->hash, CHAIN_BYTES))
        return E_OK;
    if ((e = differ_say(b->differ, &item)))
        return e;
    for (kind_t k = 1; k < KIND_COUNT; k++)
        if (shape_says(b->shape, k) || kind_type(k) == EVENT_REPORT)
            kinds.kind[kinds.n++] = text_of(kind_name(k));
    if (shape_has(b->shape, EVENT_victim_informed_time) && !shape_says(b->shape, kind_by_name(EVENT_UPDATE, TEXT("victim-informed"))))
        kinds.kind[kinds.n++] = TEXT("victim-informed");    /* milestones say it of themselves */
    for (size_t i = 0; i < b->shape->local_kinds; i++)
        kinds.kind[kinds.n++] = text_of(b->shape->local_kind[i]);
    item = (struct item){ .what = ITEM_DECLARATION, .source = text_of(b->shape->source), .at = b->p.manifest.to, .kinds = &kinds };
    memcpy(b->state.declared, b->shape->hash, CHAIN_BYTES);
    return differ_say(b->differ, &item);
}

/* What a batch says first: what it says became known at extract_to, and not before. */
static enum err begin_rows(struct batch *b)
{
    struct item tick = { .what = ITEM_TICK, .at = b->p.manifest.to };
    enum err e = declare(b);

    return e || !b->by_events ? e : differ_say(b->differ, &tick);
}

/* Ends with E_END when there are no more rows in any file. */
static enum err take_rows(struct batch *b, struct why *why)
{
    struct text cell[TABLE_COLUMNS_MAX];
    struct why row;
    enum err e, read;

    for (int i = 0; i < SLICE_ROWS; i++) {
        if (b->p.file == b->p.manifest.files)
            return E_END;
        if (!b->file && (e = open_file(b, why)))
            return e;
        read = rowfile_next(b->file, cell, &row);
        if (read == E_END) {
            rowfile_close(&b->file);
            if (b->p.row != b->p.manifest.file[b->p.file].rows) {
                why_set(why, CHANGED, b->p.manifest.file[b->p.file].name);
                return E_RANGE;
            }
            b->p.file++;
            b->p.row = 0;
            continue;
        }
        if (read && err_action(read) != ERR_REJECT)
            return *why = row, read;
        b->p.row++;
        b->p.summary.table_rows[b->p.manifest.file[b->p.file].table]++;
        if ((e = take_row(b, cell, read, &row)))
            return e;
    }
    return E_OK;
}

/* ---- the end --------------------------------------------------------------------------- */

/* What the source knew up to `to` has been said only if all that came before this batch has, too. Stretches that touch are
 * kept as one, so that a long row of batches after a missing one takes one place, and the missing one still closes it. */
static void move_complete(struct feed_state *s, struct instant from, struct instant to)
{
    for (uint32_t i = 0; i < s->windows;)
        if (!instant_after(s->window[i].from, to) && !instant_after(from, s->window[i].to)) {
            from = instant_min(from, s->window[i].from);
            to = instant_max(to, s->window[i].to);
            s->window[i] = s->window[--s->windows];
            i = 0;
        } else {
            i++;
        }
    if (!instant_is_set(s->complete_to) || !instant_after(from, s->complete_to)) {
        s->complete_to = instant_is_set(s->complete_to) ? instant_max(s->complete_to, to) : to;
        return;                                     /* no other begins within it: that one would have touched */
    }
    if (s->windows == WINDOWS_MAX) {                /* so many gaps at once: the oldest stretch has to be sent again */
        memmove(s->window, s->window + 1, (WINDOWS_MAX - 1) * sizeof *s->window);
        s->windows--;
    }
    s->window[s->windows].from = from;
    s->window[s->windows++].to = to;
}

static enum err end_rows(struct batch *b)
{
    struct batch_record done = { .format = FORMAT, .from = b->p.manifest.from, .to = b->p.manifest.to };
    struct item complete = { .what = ITEM_COMPLETE, .source = text_of(b->shape->source) }, tick = { .what = ITEM_TICK, .at = b->p.manifest.to };
    struct why doubt = { "" };
    bool has_list = false;
    enum err e;

    if ((e = differ_move_merged(b->differ)) || (e = differ_forget_erased(b->differ)))
        return e;
    for (size_t i = 0; i < b->p.manifest.files; i++)
        has_list |= b->p.manifest.file[i].table == TABLE_OPEN;
    if (has_list && (e = differ_compare_open(b->differ, &doubt)) && e != E_RANGE)
        return e;
    memcpy(b->p.summary.doubt, doubt.text, sizeof b->p.summary.doubt);
    move_complete(&b->state, b->p.manifest.from, b->p.manifest.to);
    if (b->p.manifest.id > b->state.last_batch)
        b->state.last_batch = b->p.manifest.id;
    b->p.summary.complete_to = b->state.complete_to;
    memcpy(done.sha256, b->p.manifest.sha256, SHA256_BYTES);
    complete.at = b->state.complete_to;
    /* The time once more: it is that late, and the source is complete to the second. */
    if ((e = differ_say(b->differ, &complete)) || (b->by_events && (e = differ_say(b->differ, &tick))) || (e = put_fixed(b->memory, batch_key(b->p.manifest.id), &done, sizeof done)))
        return e;
    b->p.phase = PHASE_PUT_AWAY;
    return E_OK;
}

/* ---- steps ----------------------------------------------------------------------------------- */

static enum err step_rows(struct batch *b, struct why *why)
{
    enum err e = memory_begin(b->memory);

    if (e)
        return e;
    if ((e = b->p.file == 0 && b->p.row == 0 ? begin_rows(b) : E_OK))
        goto fail;
    if ((e = take_rows(b, why)) == E_END)
        e = end_rows(b);
    if (e || (e = save(b)))
        goto fail;
    if ((e = memory_commit(b->memory)))
        goto out;
    show(b);
    crash_point(b->p.phase == PHASE_PUT_AWAY ? CRASH_connect_batch_done : CRASH_connect_after_rows);
    return E_OK;
fail:
    memory_abort(b->memory);
out:
    if (err_action(e) != ERR_REJECT) {
        struct why inner = *why;
        why_set(why, "batch %llu could not be taken in: %s", (unsigned long long)b->p.manifest.id, inner.text[0] ? inner.text : err_text(e));
    }
    return e;
}

enum err batch_break_off(struct batch *b)
{
    struct memory_key progress = mark_key(K_PROGRESS);
    enum err e;

    rowfile_close(&b->file);
    b->p.phase = PHASE_NONE;
    if ((e = memory_begin(b->memory)))
        return e;
    if ((e = memory_forget_rejects(b->memory)) || (e = memory_delete(b->memory, &progress)))
        return memory_abort(b->memory), e;
    return memory_commit(b->memory);
}

static enum err step_away(struct batch *b, struct why *why)
{
    const struct taken taken = { b->dir, b->shape->source, b->after, &b->p.manifest, &b->p.summary, b->memory };
    enum err e = memory_begin(b->memory);
    struct memory_key progress = mark_key(K_PROGRESS);

    if (e)
        return e;
    if ((!b->is_dry && (e = put_away_taken(&taken, why))) || (e = memory_forget_rejects(b->memory)) || (e = memory_delete(b->memory, &progress))) {
        memory_abort(b->memory);
        return e;
    }
    crash_point(CRASH_connect_put_away);
    if ((e = memory_commit(b->memory)))
        return e;
    b->p.phase = PHASE_NONE;
    return E_END;
}

enum err batch_step(struct batch *b, struct why *why) { return b->p.phase == PHASE_ROWS ? step_rows(b, why) : step_away(b, why); }

bool batch_is_taken(const struct batch *b) { return b->p.phase == PHASE_PUT_AWAY; }
const struct batch_summary *batch_summary(const struct batch *b) { return &b->p.summary; }
const struct manifest *batch_manifest(const struct batch *b) { return &b->p.manifest; }
const struct feed_state *batch_state(const struct batch *b) { return &b->state; }

enum err batch_known(struct batch *b, uint64_t id, struct batch_record *ret)
{
    enum err e = memory_begin(b->memory);

    if (e)
        return e;
    e = get_fixed(b->memory, batch_key(id), ret, sizeof *ret);
    memory_abort(b->memory);
    return e;
}

void batch_progress(const struct batch *b, uint64_t *ret_id, uint64_t *ret_rows, uint64_t *ret_all)
{
    *ret_id = atomic_load(&b->shown_id);
    *ret_rows = atomic_load(&b->shown_rows);
    *ret_all = atomic_load(&b->shown_all);
}

/* ---- summary ---------------------------------------------------------------------------------- */

void batch_summary_json(const struct batch_summary *s, const char *source, struct json_out *o)
{
    json_out_object(o);
    json_put_number(o, "batch", (int64_t)s->id);
    json_put_text(o, "source", text_of(source));
    json_put_time(o, "extract_from", s->from);
    json_put_time(o, "extract_to", s->to);
    json_put_time(o, "complete_to", s->complete_to);
    for (enum extract_table t = 0; t < TABLE_MANIFEST; t++) {
        char key[32];
        snprintf(key, sizeof key, "%s_rows", table_name(t));
        json_put_number(o, key, (int64_t)s->table_rows[t]);
    }
#define X(name, words) json_put_number(o, #name, (int64_t)s->counts.name);
    DIFFER_COUNTS(X)
#undef X
    json_out_key(o, "kinds");
    json_out_object(o);
    for (kind_t k = 1; k < KIND_COUNT; k++)
        if (s->counts.kind[k])
            json_put_number(o, kind_name(k), (int64_t)s->counts.kind[k]);
    json_out_end(o);
    json_out_key(o, "unknown_codes");
    json_out_object(o);
    for (enum column c = 0; c < COLUMNS; c++)
        if (s->counts.unknown[c])
            json_put_number(o, column_table[c].name, (int64_t)s->counts.unknown[c]);
    json_out_end(o);
    json_put_text(o, "doubt", text_of(s->doubt));
    json_out_end(o);
    json_out_newline(o);
}
