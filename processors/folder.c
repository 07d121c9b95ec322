#include "processors/folder.h"
#include "core/hash.h"
#include "processors/explain.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ASK_WAIT_MS = 60000, FOLD_CHUNK = 100000 };

static bool name(char *ret, size_t cap, const char *dir, const char *part)
{
    return snprintf(ret, cap, "%s/%s", dir, part) < (int)cap;
}

enum err folder_name(struct folder *f, const char *dir, bool create, struct why *why)
{
    struct folder n = { .lock = -1 };
    struct stat st;

    if (snprintf(n.dir, sizeof n.dir, "%s", dir) >= (int)sizeof n.dir ||
        !name(n.journal, sizeof n.journal, dir, "journal") || !name(n.outbox, sizeof n.outbox, dir, "outbox") ||
        !name(n.state, sizeof n.state, dir, "state.lmdb") || !name(n.trail, sizeof n.trail, dir, "trail.ndjson") ||
        snprintf(n.query, sizeof n.query, "ipc://%s/query.sock", dir) >= (int)sizeof n.query) {
        why_set(why, "the name of the data folder is too long");
        return E_USAGE;
    }
    if (create && mkdir(dir, 0700) && errno != EEXIST) {
        why_set(why, "the data folder %s cannot be made: %s", dir, strerror(errno));
        return E_IO;
    }
    if (stat(dir, &st) || !S_ISDIR(st.st_mode)) {
        why_set(why, "there is no data folder %s; `rightswatch run` makes one", dir);
        return E_USAGE;
    }
    *f = n;
    return E_OK;
}

enum err folder_lock(struct folder *f, struct why *why)
{
    char path[4096];
    int fd;

    if (!name(path, sizeof path, f->dir, "lock"))
        return E_USAGE;
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        why_set(why, "%s cannot be opened: %s", path, strerror(errno));
        return E_IO;
    }
    if (flock(fd, LOCK_EX | LOCK_NB)) {
        close(fd);
        why_set(why, "another rightswatch is running on %s", f->dir);
        return E_LOCKED;
    }
    f->lock = fd;
    return E_OK;
}

void folder_unlock(struct folder *f)
{
    if (f->lock >= 0)
        close(f->lock);
    f->lock = -1;
}

/* The law has a stream of its own in the journal. Its digest is the hash of the last
 * law, so that the same law again is not said again. */
static enum err append_law(struct journal *j, const struct item_law *law, struct why *why)
{
    static const uint8_t stream[STREAM_BYTES] = "rightswatch-law";
    struct link_batch b = { .count = 1 };
    struct item_law said = *law;
    struct item item = { .what = ITEM_LAW, .law = &said };
    uint8_t *buf = malloc(BATCH_BYTES_MAX);
    struct wire *wire = NULL;
    uint64_t cursor, digest, number;
    size_t used = 0;
    enum err e = E_MEMORY;

    said.fold_version = FOLD_VERSION;
    if (!buf || (e = wire_open(&wire)))
        goto out;
    if ((e = wire_item_append(wire, &item, buf, BATCH_BYTES_MAX, &used))) {
        why_set(why, "the rule books and the calendar together are larger than %d bytes", BATCH_BYTES_MAX);
        goto out;
    }
    b.digest = hash_bytes(buf, used);
    if ((e = journal_stands(j, stream, &b.epoch, &cursor, &digest)) == E_NOT_FOUND)
        e = journal_hello(j, stream, "law", 0, &b.epoch, &cursor, &digest);
    if (e || (cursor && digest == b.digest))
        goto out;
    memcpy(b.stream, stream, sizeof stream);
    b.first = cursor + 1;
    b.items = (struct bytes){ buf, used };
    b.check = hash_bytes(buf, used);
    if (!(e = journal_append(j, &b, &number)) && !(e = journal_note_law(j, number)))
        e = journal_commit(j);
    else
        journal_abort(j);
out:
    wire_close(&wire);
    free(buf);
    return e;
}

/* The latest tick of the last batch that has one. */
static enum err find_tick(struct journal *j, struct journal_reader *r, struct wire *w, struct instant *ret)
{
    struct journal_batch b;
    struct bytes bytes;
    struct item item;
    struct why why;
    enum err e;

    *ret = INSTANT_NONE;
    for (uint64_t number = journal_last(j); number && !instant_is_set(*ret); number = b.first - 1) {
        size_t at = 0;
        if ((e = journal_reader_get(r, number, &b)))
            return e;
        while (!wire_next(b.items.p, b.items.n, &at, &bytes))
            if (!wire_item_decode(w, bytes.p, bytes.n, &item, &why) && item.what == ITEM_TICK)
                *ret = instant_max(*ret, item.at);
    }
    return E_OK;
}

enum err folder_follow_law(struct item_law *item, bool has_books, bool has_calendar, const struct item_law *before, struct instant tick,
                           char **ret_calendar, struct why *why)
{
    struct law *law = NULL;
    size_t n;
    enum err e;

    if (!has_books) {
        memcpy(item->rulebook, before->rulebook, sizeof item->rulebook);
        item->rulebooks = before->rulebooks;
        item->zone = before->zone;
    }
    if (!has_calendar)
        item->calendar = before->calendar.n ? before->calendar : item->calendar;
    if ((e = law_open(item, &law, why)))
        return e;
    if (has_calendar && before->calendar.n && law_division(law)[0] &&
        !(e = calendar_proclaim(item->calendar, before->calendar, law_division(law), tick, ret_calendar, &n, why)))
        item->calendar = (struct bytes){ (const uint8_t *)*ret_calendar, n };
    law_close(&law);
    return e;
}

/* What `item` says, as the successor of record `number` (0: the first law there is), into the journal. tick INSTANT_NONE: look for it. */
static enum err succeed(struct journal *j, uint64_t number, struct instant tick, struct item_law *item, bool has_books, bool has_calendar,
                        struct why *why)
{
    struct journal_reader *r = NULL, *ticks = NULL;
    struct wire *w = NULL, *other = NULL;
    struct item before;
    struct bytes bytes;
    char *proclaimed = NULL;
    enum err e;

    if (!number)
        return append_law(j, item, why);
    if ((e = journal_reader_open(j, &r)) || (e = wire_open(&w)) || (e = journal_reader_open(j, &ticks)) || (e = wire_open(&other)) ||
        (has_calendar && !instant_is_set(tick) && (e = find_tick(j, ticks, other, &tick))) ||
        (e = journal_reader_item(r, number, &bytes)) || (e = wire_item_decode(w, bytes.p, bytes.n, &before, why)))
        goto out;
    e = before.what == ITEM_LAW ? folder_follow_law(item, has_books, has_calendar, before.law, tick, &proclaimed, why) : E_CORRUPT;
    if (!e)
        e = append_law(j, item, why);
out:
    free(proclaimed);
    wire_close(&w);
    wire_close(&other);
    if (r)
        journal_reader_close(&r);
    if (ticks)
        journal_reader_close(&ticks);
    return e;
}

enum err folder_law(struct journal *j, const char *const *rulebooks, size_t count, const char *calendar, struct why *why)
{
    const char *standard = law_default_rulebook();
    struct law_files *files = NULL;
    struct item_law item;
    uint64_t number = 0;
    enum err e;

    if (!count && !calendar && journal_last(j))
        return E_OK;
    if ((e = journal_law(j, &number)) && e != E_NOT_FOUND)
        return e;
    if (!(e = law_read(count ? rulebooks : &standard, count ? count : 1, calendar, &item, &files, why)))
        e = succeed(j, number, INSTANT_NONE, &item, count > 0, calendar != NULL, why);
    law_files_free(&files);
    return e;
}

enum err folder_calendar(struct journal *j, uint64_t law, struct instant tick, const char *path, struct why *why)
{
    struct law_files *files = NULL;
    struct item_law item = { .rulebooks = 0 };
    enum err e = law_read_calendar(path, &item.calendar, &files, why);

    if (!e)
        e = succeed(j, law, tick, &item, false, true, why);
    law_files_free(&files);
    return e;
}

/* ---- questions ------------------------------------------------------------ */

static enum err answer_at_rest(struct folder *f, struct text question, struct instant known_at, char **ret_answer, size_t *ret_n, struct why *why)
{
    struct journal *j = NULL;
    struct outbox *o = NULL;
    struct track *t = NULL;
    struct explain *x = NULL;
    struct law *none = NULL;
    struct json_out out;
    struct text all;
    enum err e;

    json_out_init(&out);
    if ((e = journal_open(f->journal, true, &j, why)) || (e = outbox_open(f->outbox, true, &o, why)) ||
        (e = track_open(j, o, instant_is_set(known_at) ? NULL : f->state, true, &t, why)))
        goto out;
    if (instant_is_set(known_at))
        track_look(t, known_at, &none);
    while (!(e = track_step(t, FOLD_CHUNK, why))) {}
    if (e != E_AGAIN || (e = explain_open(t, j, o, &x)))
        goto out;
    explain_answer(x, question, &out);
    if ((e = json_out_done(&out, &all)))
        goto out;
    *ret_answer = malloc(all.n + 1);
    if (!*ret_answer) {
        e = E_MEMORY;
        goto out;
    }
    memcpy(*ret_answer, all.p, all.n);
    (*ret_answer)[all.n] = 0;
    *ret_n = all.n;
out:
    explain_close(&x);
    track_close(&t);
    outbox_close(&o);
    journal_close(&j);
    json_out_fini(&out);
    return e;
}

enum err folder_ask(const char *dir, struct text question, struct instant known_at, char **ret_answer, size_t *ret_n, struct why *why)
{
    struct folder f;
    enum err e = folder_name(&f, dir, false, why);

    if (e)
        return e;
    if (instant_is_set(known_at))
        return answer_at_rest(&f, question, known_at, ret_answer, ret_n, why);
    if ((e = folder_lock(&f, why)) == E_LOCKED)
        return query_ask(f.query, question, ASK_WAIT_MS, ret_answer, ret_n, why);
    if (e)
        return e;
    e = answer_at_rest(&f, question, INSTANT_NONE, ret_answer, ret_n, why);
    folder_unlock(&f);
    return e;
}

/* ---- a calendar --------------------------------------------------------------- */

static enum err ask_to_load(const struct folder *f, const char *path, struct why *why)
{
    struct json_out q;
    struct json *answer = NULL;
    struct text text, refusal;
    char *reply = NULL;
    size_t n;
    enum err e;

    json_out_init(&q);
    json_out_object(&q);
    json_out_key(&q, "ask"), json_out_text(&q, TEXT("load-calendar"));
    json_out_key(&q, "path"), json_out_text(&q, text_of(path));
    json_out_end(&q);
    if (!(e = json_out_done(&q, &text)) && !(e = query_ask(f->query, text, ASK_WAIT_MS, &reply, &n, why)) &&
        !(e = json_parse(reply, n, &answer, why)) && json_text(json_get(answer, "error"), &refusal)) {
        why_set(why, TEXT_FMT, TEXT_ARG(refusal));
        e = E_MALFORMED;
    }
    json_free(&answer);
    json_out_fini(&q);
    free(reply);
    return e;
}

enum err folder_load_calendar(const char *dir, const char *path, bool *ret_is_running, struct why *why)
{
    struct folder f;
    struct journal *j = NULL;
    char *real = realpath(path, NULL);          /* the tracker stands in another folder */
    enum err e = E_USAGE;

    if (!real) {
        why_set(why, "%s cannot be read: %s", path, strerror(errno));
        return e;
    }
    if ((e = folder_name(&f, dir, false, why)))
        goto out;
    e = folder_lock(&f, why);
    *ret_is_running = e == E_LOCKED;
    if (e == E_LOCKED) {
        e = ask_to_load(&f, real, why);
    } else if (!e) {
        if (!(e = journal_open(f.journal, false, &j, why)))
            e = folder_law(j, NULL, 0, real, why);
        journal_close(&j);
        folder_unlock(&f);
    }
out:
    free(real);
    return e;
}
