#include "sinks/oic/settings.h"

#include <errno.h>
#include <stdlib.h>
#include <strings.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))
enum { SETTINGS_BYTES_MAX = 1024 * 1024 };

const char *const matter_name[MATTERS] = {
    [MATTER_DUE_SOON] = "due-soon", [MATTER_BREACHED] = "breached", [MATTER_OUTSTANDING] = "outstanding", [MATTER_FOLLOW_UP] = "follow-up",
};

const enum level settings_following[SETTINGS_FOLLOWING] = {
    LEVEL_MET_LATE, LEVEL_WITHDRAWN, LEVEL_AMENDED, LEVEL_MET, LEVEL_WAIVED, LEVEL_MISSED, LEVEL_NOT_APPLICABLE, LEVEL_NOT_EVIDENCED,
};

/* ---- values ---------------------------------------------------------------- */

static enum err read_clock(const struct yaml *y, const struct yaml_node *v, struct text t, int32_t *ret, struct why *why)
{
    char text[8];
    int h, m, end = 0;

    snprintf(text, sizeof text, TEXT_FMT, TEXT_ARG(t));
    if (t.n != 5 || sscanf(text, "%2d:%2d%n", &h, &m, &end) != 2 || end != 5 || h < 0 || h > 23 || m < 0 || m > 59)
        return yaml_wrong(y, v, why, "a time of day is needed, like \"09:00\"");
    *ret = h * 3600 + m * 60;
    return E_OK;
}

static enum err read_quiet(const struct yaml *y, const struct yaml_node *v, struct span *ret, struct why *why)
{
    enum err e;

    if (v->kind == YAML_SCALAR && text_same(v->text, TEXT("none")))
        return *ret = (struct span){ 0, 0 }, E_OK;
    if (v->kind != YAML_SCALAR || v->text.n != 11 || v->text.p[5] != '-')
        return yaml_wrong(y, v, why, "quiet hours are like \"22:00-07:00\", or none");
    if ((e = read_clock(y, v, (struct text){ v->text.p, 5 }, &ret->from, why)))
        return e;
    return read_clock(y, v, (struct text){ v->text.p + 6, 5 }, &ret->to, why);
}

/* "5m", "7d": within a range of seconds. */
static enum err read_span(const struct yaml *y, const struct yaml_node *v, int64_t most, int64_t *ret, struct why *why)
{
    char text[16], unit;
    long n;
    int end = 0;
    int64_t s;

    snprintf(text, sizeof text, TEXT_FMT, TEXT_ARG(v->text));
    if (v->kind == YAML_SCALAR && sscanf(text, "%ld%c%n", &n, &unit, &end) == 2 && end == (int)v->text.n && n >= 0 && n <= 100000000) {
        s = n * (unit == 's' ? 1 : unit == 'm' ? 60 : unit == 'h' ? 3600 : unit == 'd' ? 86400 : -1);
        if (s >= 0 && s <= most)
            return *ret = s, E_OK;
    }
    return yaml_wrong(y, v, why, "a span of time is needed, like 5m, 12h or 7d, at most %lld days", (long long)(most / 86400));
}

/* "2026-04-07" or "2026-04-07 09:00" on the force's clock; never. */
static enum err read_go_live(const struct yaml *y, const struct yaml_node *v, int64_t *ret, struct why *why)
{
    struct day d;
    int32_t clock = 0;

    if (!v)
        return E_OK;
    if (v->kind == YAML_SCALAR && text_same(v->text, TEXT("never")))
        return *ret = NEVER_S, E_OK;
    if (v->kind != YAML_SCALAR || v->text.n < 10 || day_parse(v->text.p, 10, &d) || d.n < 0 || (v->text.n != 10 && v->text.n != 16) ||
        (v->text.n == 16 && (v->text.p[10] != ' ' || read_clock(y, v, (struct text){ v->text.p + 11, 5 }, &clock, why))))
        return yaml_wrong(y, v, why, "'go_live:' is like \"2026-04-07 09:00\", on the force's clock, or never");
    *ret = (int64_t)d.n * DAY_S + clock;
    return E_OK;
}

bool settings_may_reach(const struct settings *s, struct text address)
{
    const char *at = address.n ? memchr(address.p, '@', address.n) : NULL;
    struct text domain;

    if (!at || at == address.p || at + 1 == address.p + address.n)
        return false;
    domain = (struct text){ at + 1, address.n - (uint32_t)(at + 1 - address.p) };
    for (size_t i = 0; i < s->domains; i++)
        if (domain.n == s->domain[i].n && strncasecmp(domain.p, s->domain[i].p, domain.n) == 0)
            return true;
    return false;
}

static enum err read_address(struct settings *s, const struct yaml_node *v, struct text *ret, struct why *why)
{
    if (!v)
        return E_OK;
    if (v->kind != YAML_SCALAR || v->text.n > MESSAGE_TEXT_BYTES_MAX || !settings_may_reach(s, v->text))
        return yaml_wrong(s->yaml, v, why, "a mail address in one of the 'domains:' is needed");
    *ret = v->text;
    return E_OK;
}

static enum err read_path(struct settings *s, const struct yaml_node *root, const char *key, const char *otherwise, char ret[4096], struct why *why)
{
    const struct yaml_node *v = yaml_get(root, key);
    struct text t = v ? v->text : text_of(otherwise);
    int n;

    if (v && (v->kind != YAML_SCALAR || !t.n))
        return yaml_wrong(s->yaml, v, why, "'%s:' names a file or a folder", key);
    n = !t.n ? 0 : t.p[0] == '/' ? snprintf(ret, 4096, TEXT_FMT, TEXT_ARG(t)) : snprintf(ret, 4096, "%s/" TEXT_FMT, s->folder, TEXT_ARG(t));
    return n < 0 || n >= 4096 ? yaml_wrong(s->yaml, v, why, "that path is too long") : E_OK;
}

/* ---- parts ------------------------------------------------------------------ */

static enum err read_domains(struct settings *s, const struct yaml_node *root, struct why *why)
{
    const struct yaml_node *v = yaml_get(root, "domains");

    if (!v || v->kind != YAML_LIST || !v->count || v->count > DOMAINS_MAX)
        return yaml_wrong(s->yaml, v ? v : root, why, "'domains:' lists the 1 to %d domains mail may go to", DOMAINS_MAX);
    for (size_t i = 0; i < v->count; i++) {
        if (v->item[i]->kind != YAML_SCALAR || !v->item[i]->text.n || memchr(v->item[i]->text.p, '@', v->item[i]->text.n))
            return yaml_wrong(s->yaml, v->item[i], why, "a domain is needed, like force.police.uk");
        s->domain[s->domains++] = v->item[i]->text;
    }
    return E_OK;
}

static enum err read_team(struct settings *s, const struct yaml_node *name, const struct yaml_node *v, struct team *t, struct why *why)
{
    static const char *const allowed[] = { "inbox", "lead", "go_live" };
    enum err e;

    *t = (struct team){ .name = name->text, .go_live = s->go_live };
    if ((e = yaml_expect(s->yaml, v, YAML_MAP, why)) || (e = yaml_refuse_others(s->yaml, v, allowed, COUNT(allowed), why)) ||
        (e = read_address(s, yaml_get(v, "inbox"), &t->inbox, why)) || (e = read_address(s, yaml_get(v, "lead"), &t->lead, why)))
        return e;
    return read_go_live(s->yaml, yaml_get(v, "go_live"), &t->go_live, why);
}

static enum err read_teams(struct settings *s, const struct yaml_node *v, struct why *why)
{
    enum err e;

    if (!v)
        return E_OK;
    if ((e = yaml_expect(s->yaml, v, YAML_MAP, why)))
        return e;
    if (v->count > TEAMS_MAX)
        return yaml_wrong(s->yaml, v, why, "at most %d teams", TEAMS_MAX);
    if (!(s->team = calloc(v->count + 1, sizeof *s->team)))
        return E_MEMORY;
    for (size_t i = 0; i < v->count; i++)
        if ((e = read_team(s, v->key[i], v->item[i], &s->team[s->teams++], why)))
            return e;
    return E_OK;
}

static enum err read_handlers(struct settings *s, const struct yaml_node *v, struct why *why)
{
    enum err e;

    if (!v)
        return E_OK;
    if ((e = yaml_expect(s->yaml, v, YAML_LIST, why)))
        return e;
    if (v->count > HANDLERS_MAX)
        return yaml_wrong(s->yaml, v, why, "at most %d handlers", HANDLERS_MAX);
    for (size_t i = 0; i < v->count; i++)
        if ((e = read_address(s, v->item[i], &s->handler[s->handlers++], why)))
            return e;
    return E_OK;
}

static enum err read_liaison(struct settings *s, const struct yaml_node *v, struct why *why)
{
    static const char *const allowed[] = { "cps", "probation" };
    enum err e;

    if (!v)
        return E_OK;
    if ((e = yaml_expect(s->yaml, v, YAML_MAP, why)) || (e = yaml_refuse_others(s->yaml, v, allowed, COUNT(allowed), why)) ||
        (e = read_address(s, yaml_get(v, "cps"), &s->liaison_cps, why)))
        return e;
    return read_address(s, yaml_get(v, "probation"), &s->liaison_probation, why);
}

static enum err read_quiet_hours(struct settings *s, const struct yaml_node *v, struct why *why)
{
    enum err e;

    for (int m = 0; m < MATTERS; m++)
        s->quiet[m] = (struct span){ 22 * 3600, 7 * 3600 };
    if (!v)
        return E_OK;
    if ((e = yaml_expect(s->yaml, v, YAML_MAP, why)) || (e = yaml_refuse_others(s->yaml, v, matter_name, MATTERS, why)))
        return e;
    for (int m = 0; m < MATTERS; m++)
        if (yaml_get(v, matter_name[m]) && (e = read_quiet(s->yaml, yaml_get(v, matter_name[m]), &s->quiet[m], why)))
            return e;
    return E_OK;
}

static enum err read_follow_ups(struct settings *s, const struct yaml_node *v, struct why *why)
{
    const char *known[SETTINGS_FOLLOWING];
    size_t which;
    enum err e;

    for (size_t i = 0; i < SETTINGS_FOLLOWING; i++)
        known[i] = level_name(settings_following[i]);
    if (!v) {
        s->follows[LEVEL_MET_LATE] = s->follows[LEVEL_WITHDRAWN] = s->follows[LEVEL_AMENDED] = true;
        return E_OK;
    }
    if ((e = yaml_expect(s->yaml, v, YAML_LIST, why)))
        return e;
    for (size_t i = 0; i < v->count; i++) {
        if ((e = yaml_word(s->yaml, v->item[i], "level", known, COUNT(known), &which, why)))
            return e;
        s->follows[settings_following[which]] = true;
    }
    return E_OK;
}

static enum err read_sends(struct settings *s, const struct yaml_node *v, size_t ret[SENDS_MAX], size_t *count, struct why *why)
{
    size_t all = channels_count(s->channels), at;
    enum err e;

    if (!v)
        return ret[(*count)++] = 0, E_OK;       /* the first channel there is */
    if ((e = yaml_expect(s->yaml, v, YAML_LIST, why)))
        return e;
    if (!v->count || v->count > SENDS_MAX)
        return yaml_wrong(s->yaml, v, why, "1 to %d channels", SENDS_MAX);
    for (size_t i = 0; i < v->count; i++) {
        if (v->item[i]->kind != YAML_SCALAR || (at = channels_find(s->channels, v->item[i]->text)) == all)
            return yaml_wrong(s->yaml, v->item[i], why, "there is no such channel under 'channels:'");
        for (size_t n = 0; n < *count; n++)
            if (ret[n] == at)
                return yaml_wrong(s->yaml, v->item[i], why, "the channel is there twice");
        ret[(*count)++] = at;
    }
    return E_OK;
}

static enum err read_send(struct settings *s, const struct yaml_node *root, struct why *why)
{
    static const char *const allowed[] = { "officers", "inboxes" };
    const struct yaml_node *channels = yaml_get(root, "channels"), *send = yaml_get(root, "send");
    enum err e;

    if (!channels)
        return yaml_wrong(s->yaml, root, why, "'channels:' is needed: a name and how messages leave, like 'mail: { type: mail, ... }'");
    if ((e = channels_open(s->yaml, channels, &s->channels, why)))
        return e;
    if (!channels_count(s->channels))
        return yaml_wrong(s->yaml, channels, why, "at least one channel is needed");
    if (send && ((e = yaml_expect(s->yaml, send, YAML_MAP, why)) || (e = yaml_refuse_others(s->yaml, send, allowed, 2, why))))
        return e;
    if ((e = read_sends(s, send ? yaml_get(send, "officers") : NULL, s->to_officers, &s->officers_count, why)))
        return e;
    return read_sends(s, send ? yaml_get(send, "inboxes") : NULL, s->to_inboxes, &s->inboxes_count, why);
}

static enum err read_times(struct settings *s, const struct yaml_node *root, struct why *why)
{
    const struct yaml_node *v;
    enum err e;

    s->go_live = NEVER_S;
    s->digest = 9 * 3600;
    s->group_s = 300;
    s->older_than_s = 7 * 86400;
    if ((e = read_go_live(s->yaml, yaml_get(root, "go_live"), &s->go_live, why)) ||
        ((v = yaml_get(root, "digest")) && (e = read_clock(s->yaml, v, v->text, &s->digest, why))) ||
        ((v = yaml_get(root, "group")) && (e = read_span(s->yaml, v, 6 * 3600, &s->group_s, why))))
        return e;
    v = yaml_get(root, "history");
    if (v && v->kind == YAML_SCALAR && text_same(v->text, TEXT("none")))
        s->older_than_s = 0;
    else if (v && (e = read_span(s->yaml, v, 365 * 86400, &s->older_than_s, why)))
        return e;
    if ((e = read_quiet_hours(s, yaml_get(root, "quiet"), why)))
        return e;
    return read_follow_ups(s, yaml_get(root, "follow_ups"), why);
}

/* How a message that failed is tried again: the waits of line.h. */
static enum err read_retry(struct settings *s, const struct yaml_node *map, struct why *why)
{
    static const char *const allowed[] = { "first", "most", "give_up" };
    int32_t *to[] = { &s->retry.first_s, &s->retry.most_s, &s->retry.give_up_s };
    static const int64_t most[] = { 3600, 86400, 30 * 86400 };
    const struct yaml_node *v;
    int64_t n;
    enum err e;

    s->retry = LINE_WAITS;
    if (!map)
        return E_OK;
    if ((e = yaml_expect(s->yaml, map, YAML_MAP, why)) || (e = yaml_refuse_others(s->yaml, map, allowed, COUNT(allowed), why)))
        return e;
    for (size_t i = 0; i < COUNT(allowed); i++) {
        if (!(v = yaml_get(map, allowed[i])))
            continue;
        if ((e = read_span(s->yaml, v, most[i], &n, why)))
            return e;
        if (n < 1)
            return yaml_wrong(s->yaml, v, why, "a second at least");
        *to[i] = (int32_t)n;
    }
    if (s->retry.most_s < s->retry.first_s)
        return yaml_wrong(s->yaml, map, why, "'most' is less than 'first'");
    return E_OK;
}

static enum err read_all(struct settings *s, struct why *why)
{
    static const char *const allowed[] = {
        "data", "officers", "templates", "domains", "force_inbox", "lead", "data_protection_officer", "witness_care", "family_liaison",
        "liaison", "handlers", "teams", "go_live", "digest", "group", "history", "quiet", "follow_ups", "send", "retry", "channels",
    };
    const struct yaml_node *root = yaml_root(s->yaml);
    enum err e;

    if ((e = yaml_expect(s->yaml, root, YAML_MAP, why)) || (e = yaml_refuse_others(s->yaml, root, allowed, COUNT(allowed), why)) ||
        (e = read_path(s, root, "data", "oic-data", s->data, why)) || (e = read_path(s, root, "officers", "officers.csv", s->officers, why)) ||
        (e = read_path(s, root, "templates", "", s->templates, why)) || (e = read_domains(s, root, why)) || (e = read_times(s, root, why)))
        return e;
#define X(name) if ((e = read_address(s, yaml_get(root, #name), &s->name, why))) return e;
    INBOXES(X)
#undef X
    if (!s->force_inbox.n)
        return yaml_wrong(s->yaml, root, why, "'force_inbox:' is needed: who is told when nobody else is known");
    if ((e = read_liaison(s, yaml_get(root, "liaison"), why)) || (e = read_handlers(s, yaml_get(root, "handlers"), why)) ||
        (e = read_teams(s, yaml_get(root, "teams"), why)))
        return e;
    if ((e = read_retry(s, yaml_get(root, "retry"), why)))
        return e;
    return read_send(s, root, why);
}

enum err settings_open(const char *path, struct settings **ret, struct why *why)
{
    struct settings *s = calloc(1, sizeof *s);
    const char *slash = strrchr(path, '/');
    FILE *f = fopen(path, "re");
    char *text = malloc(SETTINGS_BYTES_MAX);
    enum err e = E_MEMORY;
    size_t n;

    if (!s || !text)
        goto out;
    if (!f) {
        why_set(why, "%s cannot be read: %s", path, strerror(errno));
        e = E_USAGE;
        goto out;
    }
    snprintf(s->folder, sizeof s->folder, "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
    if (slash == path)
        snprintf(s->folder, sizeof s->folder, "/");
    n = fread(text, 1, SETTINGS_BYTES_MAX, f);
    e = n == SETTINGS_BYTES_MAX ? E_TOO_LARGE : yaml_open(path, text, n, &s->yaml, why);
    if (!e)
        e = read_all(s, why);
out:
    if (f)
        fclose(f);
    free(text);
    if (e)
        settings_close(&s);
    else
        *ret = s;
    return e;
}

void settings_close(struct settings **ps)
{
    struct settings *s = *ps;

    if (!s)
        return;
    channels_close(&s->channels);
    yaml_close(&s->yaml);
    free(s->team);
    free(s);
    *ps = NULL;
}

const struct team *settings_team(const struct settings *s, struct text name)
{
    for (size_t i = 0; name.n && i < s->teams; i++)
        if (text_same(s->team[i].name, name))
            return &s->team[i];
    return NULL;
}

int64_t settings_go_live(const struct settings *s, struct text team)
{
    const struct team *t = settings_team(s, team);

    return t ? t->go_live : s->go_live;
}
