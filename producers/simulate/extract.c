#include "producers/simulate/extract.h"

#include "core/hash.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUFFER_BYTES = 64 * 1024, ROW_BYTES_MAX = 8 * 1024, PATH_MAX_BYTES = 4096, CUT_BYTES = 70 };

/* The columns by table, as producers/columns.def has them. */
enum column {
#define COLUMN(table, name, type, need, help) COL_##table##_##name,
#include "producers/columns.def"
#undef COLUMN
    COLUMNS
};

enum file_kind { FILE_CRIME, FILE_VICTIM, FILE_EVENT, FILE_OPEN, FILE_MANIFEST, FILES };
static const struct { const char *name; enum column first, end; } kinds[FILES] = {
    [FILE_CRIME]    = { "crime",    COL_CRIME_crime_reference,  COL_VICTIM_crime_reference },
    [FILE_VICTIM]   = { "victim",   COL_VICTIM_crime_reference, COL_EVENT_event_id },
    [FILE_EVENT]    = { "event",    COL_EVENT_event_id,         COL_OPEN_crime_reference },
    [FILE_OPEN]     = { "open",     COL_OPEN_crime_reference,   COL_MANIFEST_batch_id },
    [FILE_MANIFEST] = { "manifest", COL_MANIFEST_batch_id,      COLUMNS },
};
_Static_assert(FILE_CRIME == (int)TABLE_CRIME && FILE_VICTIM == (int)TABLE_VICTIM && FILE_EVENT == (int)TABLE_EVENT, "a table is a file");

static const char *const column_names[COLUMNS] = {
#define COLUMN(table, name, type, need, help) #name,
#include "producers/columns.def"
#undef COLUMN
};

struct file {
    int fd;                             /* -1: not in this batch */
    char name[64];
    uint64_t rows;
    struct hash_sha256 hash;
    size_t n;
    char buffer[BUFFER_BYTES];
};

struct extract {
    const struct world *w;
    char dir[PATH_MAX_BYTES];
    struct batch_spec spec;
    struct file file[FILES];
    int failed;                         /* errno of the first write that failed */
    /* The row under way: its cells, and where texts made for it lie. */
    struct text cell[COLUMNS];
    char scratch[4096];
    size_t used;
};

/* ---- files ------------------------------------------------------------------------ */

static void path_of(const struct extract *x, const struct file *f, const char *suffix, char ret[PATH_MAX_BYTES + 80])
{
    snprintf(ret, PATH_MAX_BYTES + 80, "%s/%s%s", x->dir, f->name, suffix);
}

static void flush(struct extract *x, struct file *f)
{
    size_t done = 0;

    hash_sha256_add(&f->hash, f->buffer, f->n);
    while (done < f->n && !x->failed) {
        ssize_t n = write(f->fd, f->buffer + done, f->n - done);
        if (n < 0 && errno != EINTR)
            x->failed = errno;
        done += n > 0 ? (size_t)n : 0;
    }
    f->n = 0;
}

static enum err broken(const char *path, int number, struct why *why)
{
    why_set(why, "%.150s cannot be written: %s", path, strerror(number));
    return E_IO;
}

static void put(struct file *f, const char *p, size_t n)
{
    assert(f->n + n <= sizeof f->buffer);
    memcpy(f->buffer + f->n, p, n);
    f->n += n;
}

/* RFC 4180: quoted where it has to be. A quote that was never closed is let through: that is its dirt. */
static void put_cell(struct file *f, struct text t)
{
    bool is_broken = t.n > 1 && t.p[0] == '"' && !memchr(t.p + 1, '"', t.n - 1);

    if (t.n == 0)
        return;
    if (is_broken || !(memchr(t.p, ',', t.n) || memchr(t.p, '"', t.n) || memchr(t.p, '\n', t.n))) {
        put(f, t.p, t.n);
        return;
    }
    put(f, "\"", 1);
    for (uint32_t i = 0; i < t.n; i++) {
        if (t.p[i] == '"')
            put(f, "\"", 1);
        put(f, t.p + i, 1);
    }
    put(f, "\"", 1);
}

static void end_row(struct extract *x, enum file_kind kind)
{
    struct file *f = &x->file[kind];

    if (f->n + ROW_BYTES_MAX > sizeof f->buffer)
        flush(x, f);
    for (enum column c = kinds[kind].first; c < kinds[kind].end; c++) {
        put_cell(f, x->cell[c]);
        put(f, c + 1 < kinds[kind].end ? "," : "\r\n", c + 1 < kinds[kind].end ? 1 : 2);
    }
    f->rows++;
}

static void begin_row(struct extract *x, enum file_kind kind)
{
    memset(&x->cell[kinds[kind].first], 0, (size_t)(kinds[kind].end - kinds[kind].first) * sizeof *x->cell);
    x->used = 0;
}

static enum err begin_file(struct extract *x, enum file_kind kind, struct why *why)
{
    struct file *f = &x->file[kind];
    char path[PATH_MAX_BYTES + 80];

    snprintf(f->name, sizeof f->name, "%s_%llu.csv", kinds[kind].name, (unsigned long long)x->spec.id);
    path_of(x, f, ".part", path);
    if ((f->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)) < 0)
        return broken(path, errno, why);
    f->rows = 0;
    f->n = 0;
    hash_sha256_init(&f->hash);
    for (enum column c = kinds[kind].first; c < kinds[kind].end; c++) {
        put(f, column_names[c], strlen(column_names[c]));
        put(f, c + 1 < kinds[kind].end ? "," : "\r\n", c + 1 < kinds[kind].end ? 1 : 2);
    }
    return E_OK;
}

/* ---- cells ------------------------------------------------------------------------- */

static char *room(struct extract *x, size_t n)
{
    char *p = x->scratch + x->used;

    assert(x->used + n <= sizeof x->scratch);
    x->used += n;
    return p;
}

static void set(struct extract *x, enum column c, const char *literal)
{
    if (literal)
        x->cell[c] = text_of(literal);
}

/* Decimal, not terminated; at most 20 bytes. Rows are made of numbers: printf would be a third of the time. */
static uint32_t print_number(char *p, uint64_t value)
{
    char digits[20];
    uint32_t n = 0;

    do
        digits[n++] = (char)('0' + value % 10);
    while (value /= 10);
    for (uint32_t i = 0; i < n; i++)
        p[i] = digits[n - 1 - i];
    return n;
}

static void set_number(struct extract *x, enum column c, uint64_t value)
{
    char *p = room(x, 20);

    x->cell[c] = (struct text){ p, print_number(p, value) };
}

static void set_flag(struct extract *x, enum column c, bool value) { x->cell[c] = value ? TEXT("yes") : TEXT("no"); }

static void set_said(struct extract *x, enum column c, enum said value)
{
    if (value != UNSAID)
        set_flag(x, c, value == YES);
}

static void set_time(struct extract *x, enum column c, struct instant t)
{
    char *p;

    if (!instant_is_set(t))
        return;
    p = room(x, 20);
    world_print_local(x->w, t, p);
    x->cell[c] = (struct text){ p, 19 };
}

static void set_day(struct extract *x, enum column c, struct day d)
{
    char *p = room(x, 11);

    day_format(d, p);
    x->cell[c] = (struct text){ p, 10 };
}

static void set_texts(struct extract *x, enum column c, const char *a, const char *b)
{
    size_t na = strlen(a), nb = strlen(b);
    char *p = room(x, na + nb);

    memcpy(p, a, na);
    memcpy(p + na, b, nb);
    x->cell[c] = (struct text){ p, (uint32_t)(na + nb) };
}

static void set_event_id(struct extract *x, enum column c, const struct crime *crime, int id)
{
    char *p = room(x, 24), *at = p;

    *at++ = 'E';
    at += print_number(at, 100001 + crime->number);
    *at++ = '-';
    at += print_number(at, (uint64_t)id);
    x->cell[c] = (struct text){ p, (uint32_t)(at - p) };
}

static void set_reference(struct extract *x, enum column c, uint32_t number)
{
    char *p = room(x, 32);

    crime_print_reference(x->w, number, p);
    x->cell[c] = text_of(p);
}

/* The prosecution's own number, from the charge on: force, a unit's letters, a number. */
static void set_urn(struct extract *x, enum column c, uint32_t number)
{
    char *p = room(x, 24);

    memcpy(p, "20AB", 4);
    x->cell[c] = (struct text){ p, 4 + print_number(p + 4, 1000000 + number) };
}

static void set_victim(struct extract *x, enum column c, const struct crime *crime, int victim)
{
    char *p;

    if (victim == OF_CRIME)
        return;
    p = room(x, 24);
    *p = 'V';
    x->cell[c] = (struct text){ p, 1 + print_number(p + 1, crime->victim[victim].number) };
}

/* ---- rows -------------------------------------------------------------------------- */

static void fill_crime(struct extract *x, const struct crime *c, const struct step *s)
{
    const struct crime_face *face = &s->crime;
    const struct force *f = &x->w->force;
    const struct team *team = &f->team[f->post[face->post].team];
    uint32_t sergeant = force_holder(f, team->first_post, world_day(x->w, s->shown));

    set(x, COL_CRIME_crime_reference, c->reference);
    set_number(x, COL_CRIME_incident_log_number, 1000 + c->number % 9000);
    set(x, COL_CRIME_force_code, "20");
    set_time(x, COL_CRIME_reported_time, c->reported);
    set_time(x, COL_CRIME_recorded_time, c->recorded);
    set_time(x, COL_CRIME_committed_from, c->committed_from);
    set_time(x, COL_CRIME_committed_to, c->committed_to);
    set(x, COL_CRIME_ho_class, face->offence->ho_class);
    set(x, COL_CRIME_ho_subclass, face->offence->subclass);
    set(x, COL_CRIME_offence_title, face->offence->title);
    set_flag(x, COL_CRIME_da_flag, c->is_da);
    set(x, COL_CRIME_hate_flags, c->hate);
    set(x, COL_CRIME_investigation_status, face->status);
    set(x, COL_CRIME_outcome_code, face->outcome);
    set_time(x, COL_CRIME_outcome_date, face->outcome_at);
    set_number(x, COL_CRIME_oic_collar, f->officer[face->officer].collar);
    set_number(x, COL_CRIME_supervisor_collar, f->officer[sergeant].collar);
    set(x, COL_CRIME_team, team->name);
    set(x, COL_CRIME_lpa, force_area_name(team->area));
    if (face->outcome && !strcmp(face->outcome, "1"))
        set_urn(x, COL_CRIME_ptiurn, c->number);
    set(x, COL_CRIME_cancelled_code, face->cancelled);
    if (face->is_merged)
        set_reference(x, COL_CRIME_merged_into, c->number - 1);
    set_time(x, COL_CRIME_last_updated, s->updated);
}

static void fill_victim(struct extract *x, const struct crime *c, const struct step *s)
{
    const struct victim *v = &c->victim[s->victim];

    set(x, COL_VICTIM_crime_reference, c->reference);
    set_victim(x, COL_VICTIM_victim_ref, c, s->victim);
    set(x, COL_VICTIM_victim_type, v->type);
    if (v->person != FIRM)
        set_day(x, COL_VICTIM_date_of_birth, v->born);
    set(x, COL_VICTIM_gender, v->gender);
    set(x, COL_VICTIM_ethnicity_self_defined, v->ethnicity);
    set(x, COL_VICTIM_ethnicity_observed, v->observed);
    set_flag(x, COL_VICTIM_vulnerable, v->vulnerable);
    set_flag(x, COL_VICTIM_intimidated, v->intimidated);
    set_flag(x, COL_VICTIM_persistently_targeted, v->targeted);
    set_flag(x, COL_VICTIM_enhanced_rights, s->person.enhanced);
    set_flag(x, COL_VICTIM_safe_contact, v->safe_contact);
    set(x, COL_VICTIM_contact_preference, v->preference);
    set(x, COL_VICTIM_contact_declined, v->declined);
    set(x, COL_VICTIM_interpreter_language, v->language);
    if (s->person.agreed_days)
        set_number(x, COL_VICTIM_agreed_update_days, s->person.agreed_days);
    set_flag(x, COL_VICTIM_support_referral_consent, v->consent);
    if (s->person.is_erased)
        set_flag(x, COL_VICTIM_deleted, true);
    set_time(x, COL_VICTIM_last_updated, s->updated);
}

static void fill_event(struct extract *x, const struct crime *c, const struct step *s)
{
    const struct happening *e = &s->event;

    set_event_id(x, COL_EVENT_event_id, c, e->id);
    set(x, COL_EVENT_crime_reference, c->reference);
    set_victim(x, COL_EVENT_victim_ref, c, s->victim);
    set(x, COL_EVENT_event_type, e->kind);
    set_time(x, COL_EVENT_event_time, e->at);
    set_time(x, COL_EVENT_recorded_time, e->recorded);
    if (e->is_by_witness_care)
        set(x, COL_EVENT_recorded_by, "wcu");
    else
        set_number(x, COL_EVENT_recorded_by, x->w->force.officer[crime_entered_by(x->w, c, e)].collar);
    set(x, COL_EVENT_outcome_code, e->outcome);
    set(x, COL_EVENT_decision_by, e->decision_by);
    set(x, COL_EVENT_reason_code, e->reason);
    set_said(x, COL_EVENT_vrr_offered, e->vrr);
    set(x, COL_EVENT_service, e->service);
    set(x, COL_EVENT_service_kind, e->service_kind);
    set(x, COL_EVENT_category, e->category);
    set(x, COL_EVENT_stage, e->stage);
    if (e->suspect)
        set_number(x, COL_EVENT_suspect_no, e->suspect);
    if (e->item)
        set_number(x, COL_EVENT_item_no, e->item);
    set(x, COL_EVENT_preference, e->preference);
    set(x, COL_EVENT_contact_method, e->method);
    set(x, COL_EVENT_informed_who, e->who);
    if (e->informs != NO_STEP)
        set_event_id(x, COL_EVENT_informs_event_id, c, e->informs);
    set_time(x, COL_EVENT_received_time, e->received);
    set_time(x, COL_EVENT_due_by, e->due_by);
    set_time(x, COL_EVENT_court_date, e->court);
    set_said(x, COL_EVENT_need, e->need);
    set_said(x, COL_EVENT_enhanced, e->enhanced);
    if (e->months)
        set_number(x, COL_EVENT_sentence_months, e->months);
    if (e->score)
        set_number(x, COL_EVENT_score, e->score);
    if (e->is_deleted)
        set_flag(x, COL_EVENT_deleted, true);
    set(x, COL_EVENT_source_system, e->is_by_witness_care ? "WMS" : "CONNECT");
    set_time(x, COL_EVENT_last_updated, s->updated);
}

/* What the dirt does to the cells. */
static void smear(struct extract *x, const struct step *s)
{
    int clock;

    switch (s->spoilt) {
    case P_missing_value:
        x->cell[s->event.id % 2 ? COL_EVENT_event_time : COL_EVENT_event_type] = (struct text){ 0 };
        break;
    case P_bad_date:
        set(x, COL_EVENT_event_time, s->event.id % 2 ? "2026-02-30 10:00:00" : "00/00/0000");
        break;
    case P_future_date:
        set_time(x, COL_EVENT_event_time, instant_add(s->event.at, INT64_C(365) * 86400));
        break;
    case P_no_victim:
        x->cell[COL_EVENT_victim_ref] = (struct text){ 0 };
        break;
    case P_latin1:
        set_texts(x, COL_EVENT_service, "Caf\xe9 Refuge", "");
        break;
    case P_broken_quote:
        set(x, COL_EVENT_service, "\"Victim Support");
        break;
    case P_corrected:           /* earlier on the same day */
        clock = world_clock(x->w, s->event.at);
        set_time(x, COL_EVENT_event_time, instant_add(s->event.at, -clock / 4));
        break;
    case P_mistaken: case P_duplicate: case P_resent: case P_stale:
        break;
    default:
        assert(s->spoilt == 0);
    }
}

void extract_row(struct extract *x, const struct crime *c, const struct step *s)
{
    static void (*const fill[TABLES])(struct extract *, const struct crime *, const struct step *) = {
        [TABLE_CRIME] = fill_crime, [TABLE_VICTIM] = fill_victim, [TABLE_EVENT] = fill_event,
    };
    enum file_kind kind = (enum file_kind)s->table;

    begin_row(x, kind);
    fill[s->table](x, c, s);
    smear(x, s);
    end_row(x, kind);
}

void extract_open_crime(struct extract *x, const char *reference)
{
    begin_row(x, FILE_OPEN);
    set(x, COL_OPEN_crime_reference, reference);
    end_row(x, FILE_OPEN);
}

/* ---- batches ----------------------------------------------------------------------- */

enum err extract_begin(struct extract *x, const struct batch_spec *spec, struct why *why)
{
    enum err e;

    x->spec = *spec;
    for (enum file_kind k = 0; k < FILES; k++)
        if (k != FILE_OPEN || spec->has_open_list)
            if ((e = begin_file(x, k, why)))
                return e;
    return E_OK;
}

/* A file is done: flushed, and named in the manifest. */
static void list_file(struct extract *x, enum file_kind kind)
{
    struct file *f = &x->file[kind];
    uint8_t digest[SHA256_BYTES];
    char *hex, *from, *to;

    flush(x, f);
    hash_sha256_end(&f->hash, digest);
    begin_row(x, FILE_MANIFEST);
    hex = room(x, 2 * SHA256_BYTES + 1);
    from = room(x, INSTANT_TEXT);
    to = room(x, INSTANT_TEXT);
    hash_hex(digest, sizeof digest, hex);
    instant_format(x->spec.from, from);
    instant_format(x->spec.to, to);
    set_number(x, COL_MANIFEST_batch_id, x->spec.id);
    set(x, COL_MANIFEST_extract_from, from);
    set(x, COL_MANIFEST_extract_to, to);
    set(x, COL_MANIFEST_file, f->name);
    set_number(x, COL_MANIFEST_rows, f->rows + (kind == FILE_EVENT && x->spec.spoilt == P_wrong_count));
    set(x, COL_MANIFEST_sha256, hex);
    end_row(x, FILE_MANIFEST);
}

/* The last of its rows are lost, in the middle of one. */
static void cut_short(struct extract *x, struct file *f)
{
    struct stat st;

    if (fstat(f->fd, &st) || ftruncate(f->fd, st.st_size > CUT_BYTES ? st.st_size - CUT_BYTES : 0))
        x->failed = errno;
}

enum err extract_end(struct extract *x, uint64_t ret_rows[TABLES], struct why *why)
{
    char part[PATH_MAX_BYTES + 80], whole[PATH_MAX_BYTES + 80];

    for (enum file_kind k = 0; k < FILE_MANIFEST; k++)
        if (x->file[k].fd >= 0)
            list_file(x, k);
    flush(x, &x->file[FILE_MANIFEST]);
    if (x->spec.spoilt == P_truncated)
        cut_short(x, &x->file[FILE_EVENT]);
    for (enum file_kind k = 0; k < FILES; k++) {
        struct file *f = &x->file[k];
        if (f->fd < 0)
            continue;
        path_of(x, f, ".part", part);
        path_of(x, f, "", whole);
        if (x->failed)
            return broken(part, x->failed, why);
        close(f->fd);
        f->fd = -1;
        if (rename(part, whole))
            return broken(whole, errno, why);
    }
    for (enum table t = 0; t < TABLES; t++)
        ret_rows[t] = x->file[t].rows;
    return E_OK;
}

enum err extract_open(const struct world *w, const char *dir, struct extract **ret, struct why *why)
{
    struct extract *x;

    if (strlen(dir) >= sizeof x->dir) {
        why_set(why, "the name of the folder is too long");
        return E_USAGE;
    }
    if (!(x = calloc(1, sizeof *x)))
        return E_MEMORY;
    x->w = w;
    strcpy(x->dir, dir);
    for (enum file_kind k = 0; k < FILES; k++)
        x->file[k].fd = -1;
    if (mkdir(dir, 0700) && errno != EEXIST) {
        enum err e = broken(dir, errno, why);
        extract_close(&x);
        return e;
    }
    *ret = x;
    return E_OK;
}

void extract_close(struct extract **x)
{
    char path[PATH_MAX_BYTES + 80];

    if (!*x)
        return;
    for (enum file_kind k = 0; k < FILES; k++) {
        struct file *f = &(*x)->file[k];
        if (f->fd < 0)
            continue;
        close(f->fd);
        path_of(*x, f, ".part", path);
        unlink(path);
    }
    free(*x);
    *x = NULL;
}
