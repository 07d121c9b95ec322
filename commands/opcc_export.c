/* opcc_export.c: what the compliance sink holds as tidy CSV for the force's own tools: INTERNAL, nothing is suppressed. */
#include "commands/opcc.h"
#include "commands/command.h"
#include "commands/print.h"
#include "core/hash.h"
#include "sinks/opcc/known.h"
#include "sinks/opcc/permission.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* The files, each once: the name, and its columns. Every file and every row says that it is internal. */
#define FILES(X) \
    X(JOURNEYS, "internal-journeys.csv", "internal,journey,crime,victim,officer,force,area,team,ho_class,offence,themes,markers,victim_kind,gender," \
      "age_band,ethnicity,ethnicity_code,enhanced,reported,recorded,ended,concluded,outcome,outcome_on,late_hour,late_day,late_3_days,late_week,late_more,flags") \
    X(OBLIGATIONS, "internal-obligations.csv", "internal,journey,rule,right,edition,basis,owner,state,enhanced,found_late,inferred,no_receipt,started_by,started,due," \
      "ended,evidenced,limit,working_days") \
    X(SAID, "internal-said.csv", "internal,journey,kind,item,count,value,first,last,reason,stage") \
    X(CRIMES, "internal-crimes.csv", "internal,crime,force,area,team,ho_class,offence,themes,markers,reported,recorded,outcome,outcome_on,victims," \
      "withdrawn,withdrawn_stage,withdrawn_reason,days_since_contact,flags")
enum file {
#define X(name, file, columns) FILE_##name,
    FILES(X)
#undef X
    FILE_COUNT
};
static const struct { const char *name, *columns; } files[] = {
#define X(name, file, columns) { file, columns },
    FILES(X)
#undef X
};

struct exporting { FILE *file[FILE_COUNT]; };

static const char mark[] = "INTERNAL - NOT SUPPRESSED - NOT TO LEAVE THE FORCE";

static void put_text(FILE *f, struct text t) { fputc(',', f), print_csv_value(f, t); }
static void put_number(FILE *f, int64_t n) { fprintf(f, ",%lld", (long long)n); }
static void put_flag(FILE *f, bool on) { fprintf(f, ",%d", on); }

static void put_day(FILE *f, struct day d)
{
    char text[11] = "";

    if (day_is_set(d))
        day_format(d, text);
    fprintf(f, ",%s", text);
}

static void put_id(FILE *f, const uint8_t *id)
{
    char hex[2 * KEYED_BYTES + 1];

    hash_hex(id, KEYED_BYTES, hex);
    fprintf(f, ",%s", hex);
}

static void put_themes(FILE *f, uint32_t themes)
{
    bool any = false;

    fputs(",\"", f);
    for (unsigned t = 0; t < THEMES_COUNT; t++)
        if (themes >> t & 1) {
            fprintf(f, "%s%s", any ? "; " : "", theme_words((enum theme)t));
            any = true;
        }
    fputc('"', f);
}

static void put_owed(FILE *f, const struct journey_facts *j)
{
    static const char *const basis[] = { "code", "statute", "agreement", "local" }, *const owner[] = { "police", "wcu", "cps", "probation", "any" };

    for (uint32_t i = 0; i < j->row->owed_count; i++) {
        const struct owed *o = &j->row->owed[i];
        const struct law_rule_row *r = &j->rule[i]->words;
        fputs(mark, f);
        put_id(f, j->row->id);
        put_text(f, r->id), put_text(f, r->right), put_text(f, r->edition), put_text(f, text_of(basis[r->basis])), put_text(f, text_of(owner[o->owner]));
        put_text(f, text_of(owed_state_name((enum owed_state)o->state)));
        put_flag(f, o->flags & OWED_FLAG_ENHANCED), put_flag(f, o->flags & OWED_FLAG_FOUND_LATE), put_flag(f, o->flags & OWED_FLAG_INFERRED);
        put_flag(f, o->flags & OWED_FLAG_NO_RECEIPT);
        put_text(f, o->started_by ? text_of(kind_name(o->started_by)) : (struct text){ 0 });
        put_day(f, o->started), put_day(f, o->due), put_day(f, o->ended), put_day(f, o->evidenced), put_number(f, o->limit);
        put_number(f, o->working_days);
        fputs("\r\n", f);
    }
}

static void put_said(FILE *f, const struct journey_row *j)
{
    for (uint32_t i = 0; i < j->said_count; i++) {
        const struct said *s = &j->said[i];
        fputs(mark, f);
        put_id(f, j->id);
        put_text(f, text_of(kind_name(s->kind))), put_number(f, s->item), put_number(f, s->count), put_number(f, s->value);
        put_day(f, s->first), put_day(f, s->last), put_text(f, s->reason), put_text(f, s->stage);
        fputs("\r\n", f);
    }
}

static enum err see_journey(void *ctx, const struct journey_facts *j)
{
    struct exporting *x = ctx;
    const struct journey_row *r = j->row;
    FILE *f = x->file[FILE_JOURNEYS];

    fputs(mark, f);
    put_id(f, r->id), put_id(f, r->crime), put_id(f, r->victim), put_id(f, r->officer);
    put_text(f, r->force), put_text(f, r->area), put_text(f, r->team), put_text(f, r->ho_class), put_text(f, text_of(offence_words(j->offence)));
    put_themes(f, j->themes);
    put_text(f, r->markers), put_text(f, r->victim_kind), put_text(f, text_of(gender_words(j->gender)));
    put_text(f, text_of(age_band_words((enum age_band)r->age_band))), put_text(f, text_of(ethnicity_words(j->ethnicity))), put_text(f, r->ethnicity);
    put_flag(f, r->flags & VICTIM_ENHANCED);
    put_day(f, r->reported), put_day(f, r->recorded), put_day(f, r->ended), put_day(f, r->concluded), put_text(f, r->outcome), put_day(f, r->outcome_on);
    for (int i = 0; i < LATE_BUCKETS; i++)
        put_number(f, r->late[i]);
    put_number(f, r->flags);
    fputs("\r\n", f);
    put_owed(x->file[FILE_OBLIGATIONS], j);
    put_said(x->file[FILE_SAID], r);
    return E_OK;
}

static enum err see_crime(void *ctx, const struct crime_facts *c)
{
    struct exporting *x = ctx;
    const struct crime_row *r = c->row;
    FILE *f = x->file[FILE_CRIMES];

    fputs(mark, f);
    put_id(f, r->id), put_text(f, r->force), put_text(f, r->area), put_text(f, r->team), put_text(f, r->ho_class);
    put_text(f, text_of(offence_words(c->offence)));
    put_themes(f, c->themes);
    put_text(f, r->markers), put_day(f, r->reported), put_day(f, r->recorded), put_text(f, r->outcome), put_day(f, r->outcome_on);
    put_number(f, r->victims), put_day(f, r->withdrawn), put_text(f, r->withdrawn_stage), put_text(f, r->withdrawn_reason);
    put_number(f, r->days_since_contact), put_number(f, r->flags);
    fputs("\r\n", f);
    return E_OK;
}

static enum err open_files(struct exporting *x, const char *dir, struct why *why)
{
    char path[4096];

    if (mkdir(dir, 0700) && errno != EEXIST) {
        why_set(why, "the folder %s cannot be made: %s", dir, strerror(errno));
        return E_IO;
    }
    for (unsigned i = 0; i < FILE_COUNT; i++) {
        if (snprintf(path, sizeof path, "%s/%s", dir, files[i].name) >= (int)sizeof path)
            return E_USAGE;
        if (!(x->file[i] = fopen(path, "we"))) {
            why_set(why, "%s cannot be written: %s", path, strerror(errno));
            return E_IO;
        }
        fprintf(x->file[i], "%s\r\n", files[i].columns);
    }
    return E_OK;
}

static enum err close_files(struct exporting *x, enum err e)
{
    for (unsigned i = 0; i < FILE_COUNT; i++)
        if (x->file[i]) {
            bool failed = ferror(x->file[i]) != 0;
            if ((fclose(x->file[i]) || failed) && !e)
                e = E_IO;
        }
    return e;
}

int opcc_export(const char *store, const char *out, struct instant known_at, const char *permission)
{
    struct exporting x = { { NULL } };
    struct permission *allowed = NULL;
    struct known *k = NULL;
    struct why why = { "" };
    char tick[INSTANT_TEXT];
    enum err e;

    if (!(e = known_open(store, known_at, &k, &why)) && !(e = permission_open(permission, known_drawn(k)->day, &allowed, &why)) &&
        !(e = open_files(&x, out, &why)) && !(e = known_each_journey(k, see_journey, &x)))
        e = known_each_crime(k, see_crime, &x);
    e = close_files(&x, e);
    if (!e) {
        instant_format(known_drawn(k)->tick, tick);
        printf("INTERNAL, not suppressed, not to leave the force: what was known at %s; %s\n", tick, permission_words(allowed));
        for (unsigned i = 0; i < FILE_COUNT; i++)
            printf("  %s/%s\n", out, files[i].name);
    }
    permission_close(&allowed);
    known_close(&k);
    return e ? command_failed(e, &why) : EXIT_DONE;
}
