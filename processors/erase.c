#include "processors/erase.h"
#include "core/crash.h"
#include "core/hash.h"
#include "processors/compliance.h"
#include "processors/fold.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FOLD_CHUNK = 100000, ROWS = 256, PATH_BYTES = 4096 };

/* A journey that somebody asked to erase. */
struct asked {
    uint32_t slot;
    uint64_t by;                            /* number of the latest record that asks */
    bool is_told, is_drawn, goes;
};

/* Who goes, by reference; no victim: the crime whole. In order of the hash of the crime. */
struct name { uint64_t crime_hash; char crime[REF_BYTES_MAX + 1], victim[REF_BYTES_MAX + 1]; };

struct erase {
    struct folder folder;
    struct erase_options o;
    erase_progress *progress;
    struct journal *journal;
    struct outbox *outbox;
    struct track *track;
    struct wire *wire;
    struct outbox_reader *rows;             /* for rendering, when it is carried out */
    struct render *render;
    struct asked *asked;                    /* in order of the slots, so of the handles too */
    size_t count, cap;
    struct name *name;
    size_t names, names_cap;
    uint64_t records;                       /* walked over so far: for progress */
    struct erase_counts counts;
    char noted[PATH_BYTES];
};

/* ---- names --------------------------------------------------------------------------------- */

static enum err add_name(struct erase *x, struct text crime, struct text victim)
{
    struct name *n;

    if (x->names == x->names_cap) {
        size_t cap = x->names_cap ? x->names_cap * 2 : 64;
        if (!(n = realloc(x->name, cap * sizeof *n)))
            return E_MEMORY;
        x->name = n;
        x->names_cap = cap;
    }
    n = &x->name[x->names++];
    n->crime_hash = hash_text(crime);
    snprintf(n->crime, sizeof n->crime, TEXT_FMT, TEXT_ARG(crime));
    snprintf(n->victim, sizeof n->victim, TEXT_FMT, TEXT_ARG(victim));
    return E_OK;
}

static int by_hash(const void *a, const void *b)
{
    const struct name *x = a, *y = b;

    return (x->crime_hash > y->crime_hash) - (x->crime_hash < y->crime_hash);
}

bool erase_names(const struct erase *x, struct text crime_ref, struct text victim_ref)
{
    uint64_t hash = hash_text(crime_ref);
    size_t low = 0, high = x->names;

    while (low < high) {
        size_t mid = (low + high) / 2;
        if (x->name[mid].crime_hash < hash)
            low = mid + 1;
        else
            high = mid;
    }
    for (; low < x->names && x->name[low].crime_hash == hash; low++) {
        const struct name *n = &x->name[low];
        if (text_same(crime_ref, text_of(n->crime)) && (!n->victim[0] || text_same(victim_ref, text_of(n->victim))))
            return true;
    }
    return false;
}

static bool holds(struct bytes b, const char *text) { return memmem(b.p, b.n, text, strlen(text)) != NULL; }

/* A record that cannot be read goes with those whose references stand in it. */
static bool might_name(const struct erase *x, struct bytes b)
{
    for (size_t i = 0; i < x->names; i++)
        if (holds(b, x->name[i].crime) && (!x->name[i].victim[0] || holds(b, x->name[i].victim)))
            return true;
    return false;
}

static bool is_to_go(void *ctx, uint64_t number, struct bytes bytes)
{
    struct erase *x = ctx;
    struct item item;
    struct why why;

    if (++x->records % 65536 == 0 && x->progress)
        x->progress("journal", number, journal_last(x->journal));
    if (wire_item_decode(x->wire, bytes.p, bytes.n, &item, &why))
        return might_name(x, bytes);
    if (item.what == ITEM_EVENT)
        return erase_names(x, item.event.crime_ref, item.event.victim_ref);
    return item.what == ITEM_REJECT && item.crime_ref.n && erase_names(x, item.crime_ref, item.victim_ref);
}

/* ---- the note of who is being erased ---------------------------------------------------------- */

static const char noted_first[] = "rightswatch erasing 1\n", noted_last[] = "end\n";

static enum err sync_folder(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum err e = fd >= 0 && !fsync(fd) ? E_OK : E_IO;

    if (fd >= 0)
        close(fd);
    return e;
}

/* A line each: the crime, a tab, the victim or nothing. References are printable. Whole or not there. */
static enum err note(struct erase *x, struct why *why)
{
    char fresh[PATH_BYTES + 8];
    FILE *f;
    bool ok;

    snprintf(fresh, sizeof fresh, "%s.new", x->noted);
    if (!(f = fopen(fresh, "we"))) {
        why_set(why, "%s cannot be written: %s", fresh, strerror(errno));
        return E_IO;
    }
    ok = !fchmod(fileno(f), 0600) && fputs(noted_first, f) >= 0;
    for (size_t i = 0; ok && i < x->names; i++)
        ok = fprintf(f, "%s\t%s\n", x->name[i].crime, x->name[i].victim) > 0;
    ok = ok && fputs(noted_last, f) >= 0 && !fflush(f) && !fsync(fileno(f));
    ok = !fclose(f) && ok;
    if (ok && !rename(fresh, x->noted) && !sync_folder(x->folder.journal))
        return E_OK;
    why_set(why, "%s cannot be written: %s", x->noted, strerror(errno));
    return E_IO;
}

static enum err read_note(struct erase *x, struct why *why)
{
    char *line = NULL, *tab;
    size_t cap = 0;
    bool is_whole = false;
    enum err e = E_OK;
    FILE *f = fopen(x->noted, "re");

    if (!f || getline(&line, &cap, f) < 0 || strcmp(line, noted_first))
        e = E_CORRUPT;
    while (!e && !is_whole && getline(&line, &cap, f) > 0) {
        line[strcspn(line, "\n")] = 0;
        is_whole = !strcmp(line, "end");
        if (!is_whole && !(tab = strchr(line, '\t')))
            e = E_CORRUPT;
        else if (!is_whole)
            e = add_name(x, (struct text){ line, (uint32_t)(tab - line) }, text_of(tab + 1));
    }
    if (!e && !is_whole)
        e = E_CORRUPT;
    if (e)
        why_set(why, "%s, which says who is being erased, cannot be read: %s", x->noted, err_text(e));
    free(line);
    if (f)
        fclose(f);
    return e;
}

/* ---- asking ---------------------------------------------------------------------------------------- */

void erase_request(struct text crime_ref, struct text victim_ref, struct instant at, char id[ERASE_ID_BYTES], struct item *ret)
{
    uint8_t random[8];

    strcpy(id, "ERASE-");
    hash_random(random, sizeof random);
    hash_hex(random, sizeof random, id + strlen(id));
    *ret = (struct item){ .what = ITEM_EVENT, .event = {
        .type = EVENT_UPDATE, .kind = kind_by_name(EVENT_UPDATE, TEXT("erased")), .event_id = text_of(id), .source = TEXT("rightswatch-erase"),
        .crime_ref = crime_ref, .victim_ref = victim_ref, .occurred_at = at, .recorded_at = at,
    } };
}

/* The events that ask have a stream of their own, as the law has. The folder is at rest: nobody else writes. */
static enum err append_erased(struct erase *x, struct text crime, struct text victim, struct why *why)
{
    static const uint8_t stream[STREAM_BYTES] = "rightswatch-era";
    struct item item;
    struct link_batch b = { .count = 1 };
    uint8_t buf[ITEM_BYTES_MAX + 16];
    char id[ERASE_ID_BYTES];
    uint64_t cursor, digest, number;
    size_t used = 0;
    enum err e;

    erase_request(crime, victim, track_freshness(x->track)->tick, id, &item);
    if ((e = item_check(&item, why)) || (e = wire_item_append(x->wire, &item, buf, sizeof buf, &used)))
        return e;
    if ((e = journal_stands(x->journal, stream, &b.epoch, &cursor, &digest)) == E_NOT_FOUND)
        e = journal_hello(x->journal, stream, "erase", 0, &b.epoch, &cursor, &digest);
    if (e)
        return e;
    memcpy(b.stream, stream, sizeof stream);
    b.first = cursor + 1;
    b.items = (struct bytes){ buf, used };
    b.digest = b.check = hash_bytes(buf, used);
    if ((e = journal_append(x->journal, &b, &number))) {
        journal_abort(x->journal);
        return e;
    }
    return journal_commit(x->journal);
}

static enum err fold(struct erase *x, struct why *why)
{
    enum err e;

    while (!(e = track_step(x->track, FOLD_CHUNK, why)))
        if (x->progress)
            x->progress("fold", track_position(x->track), journal_last(x->journal));
    return e == E_AGAIN ? E_OK : e;
}

/* The number of the latest `erased` that stands among the facts of the journey and its crime; 0: none does. */
static uint64_t asked_by(struct erase *x, uint32_t slot)
{
    static const struct fact *standing[JOURNEY_FACTS_MAX];
    const kind_t erased = kind_by_name(EVENT_UPDATE, TEXT("erased"));
    struct journeys *all = track_journeys(x->track);
    const struct journey *v = journey_at(all, slot);
    const struct facts *of[2] = { &v->facts, &crime_at(all, v->crime)->facts };
    bool names_suspect, any = false;
    uint64_t by = 0;
    size_t count;

    for (int i = 0; i < 2; i++)
        for (uint32_t at = 0; at < of[i]->n;)
            any |= facts_kind(of[i], &at, &names_suspect) == erased;
    if (!any || !track_law(x->track))
        return 0;
    track_judge(x->track, slot);
    count = track_standing(x->track, standing);
    for (size_t i = 0; i < count; i++)
        if (standing[i]->kind == erased && !standing[i]->elsewhere && standing[i]->number > by)
            by = standing[i]->number;
    return by;
}

static int by_slot(const void *a, const void *b)
{
    const struct asked *x = a, *y = b;

    return (x->slot > y->slot) - (x->slot < y->slot);
}

static struct asked *asked_of(const struct erase *x, uint32_t slot)
{
    return x->count ? bsearch(&(struct asked){ .slot = slot }, x->asked, x->count, sizeof *x->asked, by_slot) : NULL;
}

static enum err add_asked(struct erase *x, uint32_t slot, uint64_t by)
{
    struct asked *a;

    if (x->count == x->cap) {
        size_t cap = x->cap ? x->cap * 2 : 64;
        if (!(a = realloc(x->asked, cap * sizeof *a)))
            return E_MEMORY;
        x->asked = a;
        x->cap = cap;
    }
    x->asked[x->count++] = (struct asked){ .slot = slot, .by = by, .is_told = true, .is_drawn = true };
    return E_OK;
}

static bool is_meant(const struct erase *x, uint32_t slot)
{
    struct journeys *all = track_journeys(x->track);
    const struct journey *v = journey_at(all, slot);

    return x->o.crime && text_same(crime_ref_of(crime_at(all, v->crime)), text_of(x->o.crime)) &&
           (!x->o.victim || text_same(victim_ref_of(v), text_of(x->o.victim)));
}

static enum err collect(struct erase *x)
{
    struct journeys *all = track_journeys(x->track);
    enum err e = E_OK;

    x->count = 0;
    for (uint32_t slot = 0; !e && slot < journeys_count(all); slot++) {
        uint64_t by = asked_by(x, slot);
        if (by || (x->o.dry_run && is_meant(x, slot)))
            e = add_asked(x, slot, by);
    }
    return e;
}

/* The i-th journey, from 0, that follows this one: of the same victim in a crime that was merged into its crime. What is recorded
 * here is known there: it goes first, or with it. */
static uint32_t follower(struct erase *x, uint32_t slot, size_t *i)
{
    struct journeys *all = track_journeys(x->track);
    const struct journey *v = journey_at(all, slot);
    uint64_t hash = crimes_merged(all) ? hash_text(crime_ref_of(crime_at(all, v->crime))) : 0;
    uint32_t crime, found = SLOT_NONE;

    while (crimes_merged(all) && found == SLOT_NONE && (crime = crime_merged_into(all, hash, (*i)++)) != SLOT_NONE)
        found = crime != v->crime ? journey_find(all, crime, victim_ref_of(v)) : SLOT_NONE;
    return found;
}

/* Asks for what was asked for by hand, and for those that follow whom is asked for; *ret_any: something was. */
static enum err ask(struct erase *x, bool *ret_any, struct why *why)
{
    struct journeys *all = track_journeys(x->track);
    enum err e = E_OK;

    *ret_any = false;
    for (uint32_t slot = 0; !e && x->o.crime && slot < journeys_count(all); slot++)
        if (is_meant(x, slot) && !asked_of(x, slot)) {
            e = append_erased(x, text_of(x->o.crime), victim_ref_of(journey_at(all, slot)), why);
            *ret_any = true;
        }
    for (size_t n = 0; !e && n < x->count; n++) {
        size_t i = 0;
        for (uint32_t slot; !e && (slot = follower(x, x->asked[n].slot, &i)) != SLOT_NONE;)
            if (!asked_of(x, slot)) {
                const struct journey *v = journey_at(all, slot);
                e = append_erased(x, crime_ref_of(crime_at(all, v->crime)), victim_ref_of(v), why);
                *ret_any = true;
            }
    }
    return e;
}

static enum err is_known(struct erase *x, struct why *why)
{
    struct journeys *all = track_journeys(x->track);
    uint32_t crime;

    if (!x->o.crime)
        return E_OK;
    crime = crime_find(all, text_of(x->o.crime));
    if (crime == SLOT_NONE || crime_at(all, crime)->first_journey == SLOT_NONE) {
        why_set(why, "no such crime reference is known here, or no victim of it: nothing was erased");
        return E_NOT_FOUND;
    }
    if (x->o.victim && journey_find(all, crime, text_of(x->o.victim)) == SLOT_NONE) {
        why_set(why, "that crime is known here, but not with such a victim: nothing was erased");
        return E_NOT_FOUND;
    }
    if (!track_law(x->track) || !instant_is_set(track_freshness(x->track)->tick)) {
        why_set(why, "this folder was never told what time it is, so nothing can end in it");
        return E_NOT_FOUND;
    }
    return E_OK;
}

/* ---- whose turn it is ------------------------------------------------------------------------------- */

struct lowest { struct erase *x; uint64_t cursor; };

static enum err see_sink(void *ctx, struct text sink, uint64_t cursor)
{
    struct lowest *l = ctx;

    if (cursor < l->cursor) {
        l->cursor = cursor;
        snprintf(l->x->counts.sink, sizeof l->x->counts.sink, TEXT_FMT, TEXT_ARG(sink));
    }
    return E_OK;
}

/* Of whom a row is not at every sink yet. */
static enum err see_untold(struct erase *x)
{
    struct journeys *all = track_journeys(x->track);
    struct lowest low = { .x = x, .cursor = outbox_last(x->outbox) };
    struct outbox_reader *r = NULL;
    struct outbox_row row[ROWS];
    struct asked *a;
    size_t count;
    enum err e;

    if (x->o.anyway)
        return E_OK;
    if ((e = outbox_each_sink(x->outbox, see_sink, &low)) || (e = outbox_reader_open(x->outbox, &r)))
        return e;
    x->counts.behind = outbox_last(x->outbox) - low.cursor;
    for (uint64_t number = low.cursor + 1; !(e = outbox_read(r, number, row, ROWS, &count)); number += count)
        for (size_t i = 0; i < count; i++) {
            uint32_t slot = journey_by_handle(all, row[i].journey);
            if (slot != SLOT_NONE && (a = asked_of(x, slot)))
                a->is_told = false;
        }
    outbox_reader_close(&r);
    return e == E_END ? E_OK : e;
}

/* Of whom the rows for compliance do not say yet that they are erased. */
static enum err see_undrawn(struct erase *x, struct why *why)
{
    struct compliance *c = NULL;
    struct stat st;
    char path[PATH_BYTES];
    uint64_t drawn;
    enum err e;

    if (snprintf(path, sizeof path, "%s/compliance", x->folder.dir) >= (int)sizeof path || stat(path, &st))
        return E_OK;
    if ((e = compliance_open(x->folder.dir, &c, why)))
        return e;
    drawn = compliance_drawn(c);
    compliance_close(&c);
    for (size_t i = 0; i < x->count; i++)
        x->asked[i].is_drawn = x->asked[i].by <= drawn;
    return E_OK;
}

static bool all_followers_go(struct erase *x, const struct asked *a)
{
    size_t i = 0;

    for (uint32_t slot; (slot = follower(x, a->slot, &i)) != SLOT_NONE;) {
        const struct asked *other = asked_of(x, slot);
        if (!other || !other->is_told || !other->is_drawn)
            return false;
    }
    return true;
}

static bool goes(const struct erase *x, uint32_t slot)
{
    const struct asked *a = asked_of(x, slot);

    return a && a->goes;
}

/* The first journey of the crime that stays; SLOT_NONE: none does. */
static uint32_t first_that_stays(struct erase *x, uint32_t crime)
{
    struct journeys *all = track_journeys(x->track);
    uint32_t slot = crime_at(all, crime)->first_journey;

    while (slot != SLOT_NONE && goes(x, slot))
        slot = journey_at(all, slot)->next_of_crime;
    return slot;
}

/* Does nothing that stays hang on the crime: no victim of it, nor of a crime that was merged into it. */
static bool goes_whole(struct erase *x, uint32_t crime)
{
    struct journeys *all = track_journeys(x->track);
    uint64_t hash = hash_text(crime_ref_of(crime_at(all, crime)));
    uint32_t other;

    if (first_that_stays(x, crime) != SLOT_NONE)
        return false;
    for (size_t i = 0; crimes_merged(all) && (other = crime_merged_into(all, hash, i)) != SLOT_NONE; i++)
        if (other != crime && first_that_stays(x, other) != SLOT_NONE)
            return false;
    return true;
}

/* The last of a crime's journeys that go names the crime, where it goes whole. */
static enum err name_those_who_go(struct erase *x)
{
    struct journeys *all = track_journeys(x->track);
    enum err e = E_OK;

    for (size_t i = 0; !e && i < x->count; i++) {
        const struct journey *v = journey_at(all, x->asked[i].slot);
        const struct crime *c = crime_at(all, v->crime);
        bool whole = x->asked[i].goes && goes_whole(x, v->crime), is_last = c->last_journey == x->asked[i].slot;
        if (!x->asked[i].goes || (whole && !is_last))
            continue;
        e = add_name(x, crime_ref_of(c), whole ? (struct text){ 0 } : victim_ref_of(v));
        x->counts.crimes += whole;
    }
    if (!e && x->names)
        qsort(x->name, x->names, sizeof *x->name, by_hash);
    return e;
}

static enum err see_whose_turn(struct erase *x, struct why *why)
{
    enum err e;

    if ((e = see_untold(x)) || (e = see_undrawn(x, why)))
        return e;
    for (size_t i = 0; i < x->count; i++) {
        struct asked *a = &x->asked[i];
        a->goes = a->is_told && a->is_drawn && all_followers_go(x, a);
        x->counts.untold += !a->is_told || (a->is_drawn && !a->goes);
        x->counts.undrawn += a->is_told && !a->is_drawn;
        x->counts.journeys += a->goes;
    }
    x->counts.asked = x->count;
    return name_those_who_go(x);
}

/* ---- ordinals ------------------------------------------------------------------------------------------ */

/* Those who were erased before, and those who go now, of crimes that others stay in. */
static enum err note_gone(struct erase *x)
{
    struct journeys *all = track_journeys(x->track);
    struct journal_gone *old = NULL, *list = NULL;
    size_t olds = 0, n = 0;
    uint32_t slot, stays;
    enum err e = journal_gone(x->journal, &old, &olds);

    if (e)
        return e;
    if (!(list = malloc((olds + x->count + 1) * sizeof *list))) {
        e = E_MEMORY;
        goto out;
    }
    for (size_t i = 0; i < olds; i++) {
        slot = journey_by_handle(all, old[i].crime);
        if (journey_by_handle(all, old[i].began) != SLOT_NONE)
            continue;                           /* one that was begun and never came to the first record: it comes again below */
        stays = slot == SLOT_NONE ? SLOT_NONE : first_that_stays(x, journey_at(all, slot)->crime);
        if (stays != SLOT_NONE)
            list[n++] = (struct journal_gone){ old[i].began, journey_at(all, stays)->handle };
    }
    for (size_t i = 0; i < x->count; i++) {
        const struct journey *v = journey_at(all, x->asked[i].slot);
        if (x->asked[i].goes && (stays = first_that_stays(x, v->crime)) != SLOT_NONE)
            list[n++] = (struct journal_gone){ v->handle, journey_at(all, stays)->handle };
    }
    e = n || olds ? journal_put_gone(x->journal, list, n) : E_OK;
out:
    free(old);
    free(list);
    return e;
}

/* ---- public ---------------------------------------------------------------------------------------------- */

static enum err find(struct erase *x, struct why *why)
{
    bool any = false;
    enum err e;

    if ((e = outbox_open(x->folder.outbox, x->o.dry_run, &x->outbox, why)) ||
        (e = track_open(x->journal, x->outbox, x->folder.state, x->o.dry_run, &x->track, why)) || (e = fold(x, why)) ||
        (e = is_known(x, why)) || (e = collect(x)))
        return e;
    while (!x->o.dry_run && !(e = ask(x, &any, why)) && any)    /* what was asked for may be followed by more */
        if ((e = fold(x, why)) || (e = collect(x)))
            return e;
    return e ? e : see_whose_turn(x, why);
}

enum err erase_open(const struct folder *f, const struct erase_options *o, erase_progress *progress, struct erase **ret, struct why *why)
{
    struct erase *x = calloc(1, sizeof *x);
    enum err e;

    if (!x)
        return E_MEMORY;
    x->folder = *f;
    x->o = *o;
    x->progress = progress;
    if ((e = wire_open(&x->wire)) || (e = journal_open(f->journal, o->dry_run, &x->journal, why)) ||
        (e = journal_erasing(x->journal, x->noted, sizeof x->noted)))
        goto fail;
    x->counts.goes_on = journal_is_being_erased(x->journal);
    if ((e = x->counts.goes_on ? read_note(x, why) : find(x, why)))
        goto fail;
    if (x->names && (e = journal_blank(x->journal, is_to_go, x, true, &x->counts.records, why)))
        goto fail;
    *ret = x;
    return E_OK;
fail:
    erase_close(&x);
    return e;
}

void erase_close(struct erase **px)
{
    struct erase *x = *px;

    if (!x)
        return;
    track_close(&x->track);
    render_close(&x->render);
    if (x->rows)
        outbox_reader_close(&x->rows);
    outbox_close(&x->outbox);
    journal_close(&x->journal);
    wire_close(&x->wire);
    free(x->asked);
    free(x->name);
    free(x);
    *px = NULL;
}

const struct erase_counts *erase_counts(const struct erase *x) { return &x->counts; }

static enum err discard_state(struct erase *x, struct why *why)
{
    char lock[PATH_BYTES + 8];

    snprintf(lock, sizeof lock, "%s-lock", x->folder.state);
    if ((!unlink(x->folder.state) || errno == ENOENT) && (!unlink(lock) || errno == ENOENT) && !sync_folder(x->folder.dir))
        return E_OK;
    why_set(why, "%s cannot be removed: %s", x->folder.state, strerror(errno));
    return E_IO;
}

enum err erase_carry_out(struct erase *x, struct why *why)
{
    struct journal_blanked done;
    enum err e;

    assert(!x->o.dry_run && x->names);
    if (!x->counts.goes_on && ((e = note_gone(x)) || (e = note(x, why))))
        return e;
    crash_point(CRASH_erase_noted);
    track_close(&x->track);                     /* its readers, and its state */
    outbox_close(&x->outbox);
    if ((e = discard_state(x, why)))
        return e;
    crash_point(CRASH_erase_state_gone);
    if ((e = journal_blank(x->journal, is_to_go, x, false, &done, why)))
        return e;
    crash_point(CRASH_erase_blanked);
    return E_OK;
}

enum err erase_notice(struct erase *x, uint64_t version, struct notice *ret)
{
    uint64_t number = version & (((uint64_t)1 << 40) - 1);
    struct outbox_row row;
    size_t count;
    struct why why;
    enum err e = E_OK;

    if (!x->outbox && ((e = outbox_open(x->folder.outbox, true, &x->outbox, &why)) || (e = outbox_reader_open(x->outbox, &x->rows)) ||
                       (e = render_open(x->journal, &x->render))))
        return e;
    if ((e = outbox_read(x->rows, number, &row, 1, &count)) || row_is_tick(&row))
        return e ? e : E_CORRUPT;
    e = render_notice(x->render, x->outbox, number, &row, ret);
    render_rest(x->render);
    return e;
}

enum err erase_end(struct erase *x, struct why *why)
{
    char fresh[PATH_BYTES + 8];

    snprintf(fresh, sizeof fresh, "%s.new", x->noted);
    if (!sync_folder(x->folder.dir) && (!unlink(fresh) || errno == ENOENT) && (!unlink(x->noted) || errno == ENOENT) && !sync_folder(x->folder.journal))
        return E_OK;
    why_set(why, "%s cannot be removed: %s", x->noted, strerror(errno));
    return E_IO;
}
