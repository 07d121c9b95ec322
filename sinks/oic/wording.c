#include "sinks/oic/wording.h"

#include "core/hash.h"
#include "sinks/oic/mustache.h"
#include "sinks/oic/view.h"

#include <errno.h>
#include <stdlib.h>

struct wording { struct mustache *file[WORDING_FILES]; };
struct wording_desk { struct view view; struct page page[WORDING_FILES]; struct json_out json; };

static const char *const file_names[WORDING_FILES] = { "subject.txt", "message.txt", "message.html" };
const char *wording_file_name(enum wording_file f) { return file_names[f]; }

/* ---- loading ------------------------------------------------------------------------------------ */

static enum err open_file(enum wording_file f, const char *p, size_t n, struct wording *w, struct why *why)
{
    return mustache_open(file_names[f], p, n, f == WORDING_HTML, f == WORDING_SUBJECT ? view_scopes_of_subject : view_scopes,
                         &w->file[f], why);
}

static enum err open_from_folder(const char *dir, enum wording_file f, struct wording *w, bool *ret_found, struct why *why)
{
    char path[4096], *p = NULL;
    size_t n = 0;
    FILE *in;
    enum err e = E_IO;

    *ret_found = false;
    if (snprintf(path, sizeof path, "%s/%s", dir, file_names[f]) >= (int)sizeof path)
        return E_USAGE;
    if (!(in = fopen(path, "re"))) {
        if (errno == ENOENT)
            return E_OK;
        why_set(why, "%s cannot be read: %s", path, strerror(errno));
        return E_IO;
    }
    *ret_found = true;
    if (!(p = malloc(MUSTACHE_BYTES_MAX + 1)))
        e = E_MEMORY;
    else if ((n = fread(p, 1, MUSTACHE_BYTES_MAX + 1, in)), ferror(in))
        why_set(why, "%s cannot be read: %s", path, strerror(errno));
    else
        e = open_file(f, p, n, w, why);
    fclose(in);
    free(p);
    return e;
}

/* What can only be seen when it is used: a subject without words, or a page beyond all measure. */
static enum err try_out(const struct wording *w, struct why *why)
{
    struct wording_desk *desk;
    struct rendered r;
    enum err e = wording_desk_open(&desk);

    for (int kind = 0; kind < MESSAGE_KINDS && !e; kind++) {
        e = wording_render(w, desk, wording_example((enum message_kind)kind), &r);
        if (e == E_TOO_LARGE)
            why_set(why, "templates: a message grows larger than %d bytes", MUSTACHE_OUT_BYTES_MAX);
        if (!e && (text_is_empty(r.subject) || text_is_empty(r.plain) || text_is_empty(r.html))) {
            why_set(why, "%s: says nothing when filled in with an example (%s)", text_is_empty(r.subject) ? file_names[WORDING_SUBJECT] :
                    text_is_empty(r.plain) ? file_names[WORDING_PLAIN] : file_names[WORDING_HTML], message_kind_name((enum message_kind)kind));
            e = E_MALFORMED;
        }
    }
    wording_desk_close(&desk);
    return e;
}

enum err wording_open(const char *dir, struct wording **ret, struct why *why)
{
    struct wording *w = calloc(1, sizeof *w);
    unsigned found = 0;
    enum err e = w ? E_OK : E_MEMORY;

    for (int f = 0; f < WORDING_FILES && !e; f++) {
        bool is_there = false;
        if (dir)
            e = open_from_folder(dir, (enum wording_file)f, w, &is_there, why);
        found += is_there;
        if (!e && !is_there) {
            struct text t = wording_builtin((enum wording_file)f);
            e = open_file((enum wording_file)f, t.p, t.n, w, why);
        }
    }
    if (!e && dir && !found) {
        why_set(why, "%s has none of subject.txt, message.txt and message.html; `rightswatch words --write %s` puts them there", dir, dir);
        e = E_NOT_FOUND;
    }
    if (!e)
        e = try_out(w, why);
    if (e) {
        wording_close(&w);
        return e;
    }
    *ret = w;
    return E_OK;
}

void wording_close(struct wording **w)
{
    if (!*w)
        return;
    for (int f = 0; f < WORDING_FILES; f++)
        mustache_close(&(*w)->file[f]);
    free(*w);
    *w = NULL;
}

/* ---- rendering ---------------------------------------------------------------------------------- */

enum err wording_desk_open(struct wording_desk **ret)
{
    struct wording_desk *d = calloc(1, sizeof *d);

    if (!d)
        return E_MEMORY;
    json_out_init(&d->json);
    *ret = d;
    return E_OK;
}

void wording_desk_close(struct wording_desk **d)
{
    if (!*d)
        return;
    view_fini(&(*d)->view);
    for (int f = 0; f < WORDING_FILES; f++)
        page_fini(&(*d)->page[f]);
    json_out_fini(&(*d)->json);
    free(*d);
    *d = NULL;
}

/* One line without runs of spaces, whatever the template's lines are. */
static struct text one_line(struct page *g)
{
    enum { SUBJECT_BYTES_MAX = 200 };
    size_t n = 0;

    for (size_t i = 0; i < g->n; i++) {
        bool is_space = (unsigned char)g->p[i] <= ' ';
        if (!is_space)
            g->p[n++] = g->p[i];
        else if (n && g->p[n - 1] != ' ')
            g->p[n++] = ' ';
    }
    while (n && g->p[n - 1] == ' ')
        n--;
    if (n > SUBJECT_BYTES_MAX)
        for (n = SUBJECT_BYTES_MAX; n && ((unsigned char)g->p[n] & 0xC0) == 0x80; n--) {}
    g->n = n;
    return page_text(g);
}

enum err wording_render(const struct wording *w, struct wording_desk *d, const struct message *m, struct rendered *ret)
{
    struct rendered r;
    enum err e = view_make(&d->view, m);

    for (int f = 0; f < WORDING_FILES && !e; f++) {
        d->page[f].n = 0;
        d->page[f].failed = false;
        e = mustache_fill(w->file[f], view_root(&d->view), &d->page[f]);
    }
    if (e)
        return e;
    r.subject = one_line(&d->page[WORDING_SUBJECT]);
    r.plain = page_text(&d->page[WORDING_PLAIN]);
    r.html = page_text(&d->page[WORDING_HTML]);
    json_out_clear(&d->json);
    view_json(&d->view, &d->json, m, r.subject);
    if ((e = json_out_done(&d->json, &r.json)))
        return e;
    *ret = r;
    return E_OK;
}
