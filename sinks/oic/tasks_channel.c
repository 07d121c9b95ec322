/* tasks_channel.c: CONNECT task records in files for its import: create, amend and close, under ids that stay.
 *
 * A message becomes one CSV file (RFC 4180, UTF-8), written under a hidden name, synced, and renamed: an import never sees half of one. Its
 * name begins with a number, so that an import that goes by name goes in order; a message sent again writes the same file again.
 * A task is an obligation: its id is the obligation's. Which action a row has goes by what was written before, kept in a store beside
 * (`state`); of one message it is the same however often that is sent.
 * Rules that CONNECT reminds of by itself are left out (`leave_out`), so that none is doubled. */
#include "core/hash.h"
#include "core/store.h"
#include "sinks/oic/mustache.h"         /* struct page */
#include "sinks/oic/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COLUMNS_MAX = 32, RULES_LEFT_OUT_MAX = 64 };

enum action { ACTION_CREATE, ACTION_AMEND, ACTION_CLOSE, ACTIONS };
static const char *const action_names[ACTIONS] = { "create", "amend", "close" };

/* What a column may hold. */
enum task_field { T_task_id, T_action, T_crime_ref, T_victim_no, T_officer, T_team, T_rule, T_title, T_todo, T_record, T_due_date, T_due_time,
             T_priority, T_status, T_alert, T_as_of, TASK_FIELDS };
static const char *const field_names[TASK_FIELDS] = { "task_id", "action", "crime_ref", "victim_no", "officer", "team", "rule", "title", "todo", "record",
             "due_date", "due_time", "priority", "status", "alert", "as_of" };

struct tasks {
    char *folder, *state, *separator;
    struct store *store;
    char *action[ACTIONS];
    struct { char *name; enum task_field field; } column[COLUMNS_MAX];
    size_t columns;
    char *left_out[RULES_LEFT_OUT_MAX];
    size_t rules_left_out;
    struct page page;
};

static const char *const keys[] = { "type", "folder", "state", "separator", "columns", "actions", "leave_out" };

static void tasks_close(void **ctx)
{
    struct tasks *c = *ctx;

    store_close(&c->store);
    for (size_t i = 0; i < c->columns; i++)
        free(c->column[i].name);
    for (int i = 0; i < ACTIONS; i++)
        free(c->action[i]);
    for (size_t i = 0; i < c->rules_left_out; i++)
        free(c->left_out[i]);
    page_fini(&c->page);
    free(c->folder), free(c->state), free(c->separator);
    free(c);
    *ctx = NULL;
}

/* ---- configuration ------------------------------------------------------------------------------- */

static enum err read_columns(const struct yaml *y, const struct yaml_node *config, struct tasks *c, struct why *why)
{
    const struct yaml_node *map = yaml_get(config, "columns");
    bool has_id = false, has_action = false;
    size_t field;
    enum err e;

    if (!map) {
        for (int f = 0; f < TASK_FIELDS; f++) {
            c->column[f].field = (enum task_field)f;
            if (!(c->column[f].name = strdup(field_names[f])))
                return E_MEMORY;
            c->columns++;
        }
        return E_OK;
    }
    if ((e = yaml_expect(y, map, YAML_MAP, why)))
        return e;
    if (map->count > COLUMNS_MAX)
        return yaml_wrong(y, map, why, "more than %d columns", COLUMNS_MAX);
    for (size_t i = 0; i < map->count; i++) {
        if ((e = yaml_word(y, map->item[i], "field of a task", field_names, TASK_FIELDS, &field, why)))
            return e;
        has_id = has_id || field == T_task_id;
        has_action = has_action || field == T_action;
        c->column[i].field = (enum task_field)field;
        if (!(c->column[i].name = strndup(map->key[i]->text.p, map->key[i]->text.n)))
            return E_MEMORY;
        c->columns++;
    }
    if (!has_id || !has_action)
        return yaml_wrong(y, map, why, "columns for task_id and action are needed: without them an import cannot know a task again");
    return E_OK;
}

static enum err read_actions(const struct yaml *y, const struct yaml_node *config, struct tasks *c, struct why *why)
{
    const struct yaml_node *map = yaml_get(config, "actions");
    enum err e;

    if (map && ((e = yaml_expect(y, map, YAML_MAP, why)) || (e = yaml_refuse_others(y, map, action_names, ACTIONS, why))))
        return e;
    for (int i = 0; i < ACTIONS; i++) {
        if (map && (e = channel_text(y, map, action_names[i], false, &c->action[i], why)))
            return e;
        if (!c->action[i] && !(c->action[i] = strdup(action_names[i])))
            return E_MEMORY;
    }
    return E_OK;
}

static enum err read_left_out(const struct yaml *y, const struct yaml_node *config, struct tasks *c, struct why *why)
{
    const struct yaml_node *list = yaml_get(config, "leave_out");
    enum err e;

    if (!list)
        return E_OK;
    if ((e = yaml_expect(y, list, YAML_LIST, why)))
        return e;
    if (list->count > RULES_LEFT_OUT_MAX)
        return yaml_wrong(y, list, why, "more than %d rules", RULES_LEFT_OUT_MAX);
    for (size_t i = 0; i < list->count; i++) {
        struct text t = list->item[i]->text;
        if ((e = yaml_expect(y, list->item[i], YAML_SCALAR, why)))
            return e;
        if (!t.n || (memchr(t.p, '*', t.n) && memchr(t.p, '*', t.n) != t.p + t.n - 1))
            return yaml_wrong(y, list->item[i], why, "a rule's id, or the beginning of some with * at its end: R8-*");
        if (!(c->left_out[i] = strndup(t.p, t.n)))
            return E_MEMORY;
        c->rules_left_out++;
    }
    return E_OK;
}

static enum err check_separator(const struct yaml *y, const struct yaml_node *config, struct tasks *c, struct why *why)
{
    if (c->separator && (strlen(c->separator) != 1 || !strchr(",;|\t", c->separator[0])))
        return yaml_wrong(y, yaml_get(config, "separator"), why, "one of , ; | and a tab");
    if (!c->separator && !(c->separator = strdup(",")))
        return E_MEMORY;
    return E_OK;
}

static enum err tasks_open(const struct yaml *y, const struct yaml_node *config, void **ret_ctx, struct why *why)
{
    struct tasks *c = calloc(1, sizeof *c);
    enum err e;

    if (!c)
        return E_MEMORY;
    *ret_ctx = c;
    if (!(e = yaml_refuse_others(y, config, keys, sizeof keys / sizeof *keys, why)) &&
        !(e = channel_path(y, config, "folder", true, &c->folder, why)) && !(e = channel_path(y, config, "state", true, &c->state, why)) &&
        !(e = channel_text(y, config, "separator", false, &c->separator, why)) && !(e = check_separator(y, config, c, why)) &&
        !(e = read_columns(y, config, c, why)) && !(e = read_actions(y, config, c, why)))
        e = read_left_out(y, config, c, why);
    if (e)
        tasks_close(ret_ctx);
    return e;
}

/* ---- what was written before ---------------------------------------------------------------------- */

enum { TABLE_TASKS, TABLE_FILES };

/* Of a task: the message that created it, and the last one that closed it. */
struct task_row { uint8_t created_by[MESSAGE_ID_BYTES], closed_by[MESSAGE_ID_BYTES]; };

static bool is_none(const uint8_t id[MESSAGE_ID_BYTES])
{
    static const uint8_t nothing[MESSAGE_ID_BYTES];
    return !memcmp(id, nothing, sizeof nothing);
}

static bool closes(const struct notice *n)
{
    switch (n->level) {
    case LEVEL_DUE_SOON: case LEVEL_AT_START: case LEVEL_BREACHED: case LEVEL_OUTSTANDING: case LEVEL_UNPROVEN: case LEVEL_NOT_COMPUTABLE:
        return false;
    case LEVEL_AMENDED:
        return n->due_date.n == 0;
    default:
        return true;
    }
}

/* What the row of this notice is to say. *ret_skip: nothing, since no task was ever made for it. */
static enum err decide(struct store_txn *t, const struct message *m, const struct notice *n, enum action *ret, bool *ret_skip)
{
    struct bytes key = { n->obligation_id, NOTICE_ID_BYTES }, v;
    struct task_row row = { { 0 }, { 0 } };
    enum err e = store_get_bytes(t, TABLE_TASKS, key, &v);

    if (e && e != E_NOT_FOUND)
        return e;
    if (!e && v.n != sizeof row)
        return E_CORRUPT;
    if (!e)
        memcpy(&row, v.p, sizeof row);
    bool is_new = is_none(row.created_by) || !memcmp(row.created_by, m->id, sizeof m->id);
    bool was_closed = !is_none(row.closed_by) && memcmp(row.closed_by, m->id, sizeof m->id) != 0;
    *ret_skip = false;
    if (closes(n)) {
        *ret = ACTION_CLOSE;
        *ret_skip = is_none(row.created_by) || was_closed;
        memcpy(row.closed_by, m->id, sizeof m->id);
    } else if (is_new || was_closed) {
        /* Closed and owed again, after a correction: made anew under its old id. */
        *ret = ACTION_CREATE;
        memcpy(row.created_by, m->id, sizeof m->id);
        memset(row.closed_by, 0, sizeof row.closed_by);
    } else {
        *ret = ACTION_AMEND;
    }
    return *ret_skip ? E_OK : store_put_bytes(t, TABLE_TASKS, key, (struct bytes){ (const uint8_t *)&row, sizeof row });
}

/* ---- the file --------------------------------------------------------------------------------------- */

static bool is_left_out(const struct tasks *c, struct text rule)
{
    for (size_t i = 0; i < c->rules_left_out; i++) {
        size_t n = strlen(c->left_out[i]);
        if (c->left_out[i][n - 1] == '*' ? rule.n >= n - 1 && !memcmp(rule.p, c->left_out[i], n - 1) : text_same(rule, text_of(c->left_out[i])))
            return true;
    }
    return false;
}

/* Always quoted; and a spreadsheet does not take it for a formula. */
static void put_cell(struct tasks *c, struct text t, bool is_first)
{
    if (!is_first)
        page_put(&c->page, text_of(c->separator));
    page_put(&c->page, TEXT("\""));
    if (t.n && strchr("=+-@", t.p[0]))
        page_put(&c->page, TEXT("'"));
    for (uint32_t i = 0; i < t.n; i++)
        page_put(&c->page, t.p[i] == '"' ? TEXT("\"\"") : (struct text){ t.p + i, 1 });
    page_put(&c->page, TEXT("\""));
}

static struct text value_of(const struct tasks *c, const struct message *m, const struct notice *n, enum task_field field, enum action action, char buf[64])
{
    switch (field) {
    case T_task_id: hash_hex(n->obligation_id, NOTICE_ID_BYTES, buf); return text_of(buf);
    case T_alert: hash_hex(n->notice_id, NOTICE_ID_BYTES, buf); return text_of(buf);
    case T_action: return text_of(c->action[action]);
    case T_crime_ref: return n->crime_ref;
    case T_victim_no: snprintf(buf, 64, "%u", n->victim_no); return n->victim_no ? text_of(buf) : (struct text){ NULL, 0 };
    case T_officer: return n->officer;
    case T_team: return n->team;
    case T_rule: return n->rule;
    case T_title: return n->title;
    case T_todo: return n->what_to_do;
    case T_record: return n->how_to_record;
    case T_due_date: return n->due_date;
    case T_due_time: return n->due_time;
    case T_priority: return n->level == LEVEL_DUE_SOON ? TEXT("normal") : TEXT("high");
    case T_status: return text_of(level_name(n->level));
    case T_as_of: instant_format(m->as_of, buf); return text_of(buf);
    case TASK_FIELDS: break;
    }
    return (struct text){ NULL, 0 };
}

static enum err write_rows(struct tasks *c, const struct message *m, struct store_txn *t, size_t *ret_rows)
{
    char buf[64];
    enum action action = ACTION_CREATE;
    bool skip;
    enum err e;

    c->page.n = 0;
    c->page.failed = false;
    *ret_rows = 0;
    for (size_t i = 0; i < c->columns; i++)
        put_cell(c, text_of(c->column[i].name), i == 0);
    page_put(&c->page, TEXT("\r\n"));
    for (size_t k = 0; k < m->count; k++) {
        if (is_left_out(c, m->entry[k]->rule))
            continue;
        if ((e = decide(t, m, m->entry[k], &action, &skip)))
            return e;
        if (skip)
            continue;
        for (size_t i = 0; i < c->columns; i++)
            put_cell(c, value_of(c, m, m->entry[k], c->column[i].field, action, buf), i == 0);
        page_put(&c->page, TEXT("\r\n"));
        ++*ret_rows;
    }
    return c->page.failed ? E_MEMORY : E_OK;
}

/* The file's number: of a message that had one already, that. */
static enum err number_of(struct store_txn *t, const struct message *m, uint64_t *ret)
{
    static const struct bytes last_key = { (const uint8_t *)"last", 4 };
    struct bytes key = { m->id, MESSAGE_ID_BYTES }, v;
    uint64_t last = 0;
    enum err e = store_get_bytes(t, TABLE_FILES, key, &v);

    if (e == E_NOT_FOUND) {
        if (!(e = store_get_bytes(t, TABLE_FILES, last_key, &v)) && v.n == sizeof last)
            memcpy(&last, v.p, sizeof last);
        if (e && e != E_NOT_FOUND)
            return e;
        *ret = ++last;
        if ((e = store_put_bytes(t, TABLE_FILES, last_key, (struct bytes){ (const uint8_t *)&last, sizeof last })))
            return e;
        return store_put_bytes(t, TABLE_FILES, key, (struct bytes){ (const uint8_t *)&last, sizeof last });
    }
    if (!e && v.n != sizeof *ret)
        return E_CORRUPT;
    if (!e)
        memcpy(ret, v.p, sizeof *ret);
    return e;
}

static bool put_file(const struct tasks *c, const struct message *m, uint64_t number, struct why *why)
{
    char id[MESSAGE_ID_BYTES * 2 + 1], hidden[4096], name[4096];
    int fd = -1, folder = -1;
    bool ok = false;

    hash_hex(m->id, sizeof m->id, id);
    if (snprintf(hidden, sizeof hidden, "%s/.%s.new", c->folder, id) >= (int)sizeof hidden ||
        snprintf(name, sizeof name, "%s/tasks_%09llu_%s.csv", c->folder, (unsigned long long)number, id) >= (int)sizeof name)
        errno = ENAMETOOLONG;
    else if ((fd = open(hidden, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640)) >= 0 &&
             write(fd, c->page.p, c->page.n) == (ssize_t)c->page.n && !fdatasync(fd) && !rename(hidden, name) &&
             (folder = open(c->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) >= 0 && !fsync(folder))
        ok = true;
    if (!ok)
        why_set(why, "%s cannot be written to: %s", c->folder, strerror(errno));
    if (fd >= 0)
        close(fd);
    if (folder >= 0)
        close(folder);
    return ok;
}

static enum err ready(struct tasks *c, struct why *why)
{
    static const struct store_table tables[] = { { "tasks", STORE_BYTES }, { "files", STORE_BYTES } };

    return c->store ? E_OK : store_open(c->state, (size_t)4 << 30, false, tables, 2, &c->store, why);
}

/* The state is committed first: killed before the file is there, the same message writes the same file. */
static enum delivery tasks_send(void *ctx, const struct message *m, const struct rendered *r, struct why *why)
{
    struct tasks *c = ctx;
    struct store_txn *t;
    uint64_t number = 0;
    size_t rows = 0;
    enum err e;

    (void)r;
    if (ready(c, why))
        return DELIVERY_DOWN;
    if ((e = store_begin(c->store, true, &t)) == E_OK) {
        e = write_rows(c, m, t, &rows);
        if (!e && rows)
            e = number_of(t, m, &number);
        if (e)
            store_abort(&t);
        else
            e = store_commit(&t);
    }
    if (e) {
        why_set(why, "%s: %s", c->state, err_text(e));
        return DELIVERY_DOWN;
    }
    if (rows && !put_file(c, m, number, why))
        return DELIVERY_DOWN;
    why_set(why, rows == 1 ? "%zu task" : "%zu tasks", rows);
    return DELIVERED;
}

const struct channel tasks_channel = {
    .name = "tasks",
    .help = "CONNECT task records, as CSV files in a folder for import",
    .open = tasks_open,
    .send = tasks_send,
    .close = tasks_close,
};
