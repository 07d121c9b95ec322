#include "sinks/opcc/permission.h"

#include "core/yaml.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_BYTES_MAX = 16 * 1024, FIELD_BYTES_MAX = 80 };

struct permission { char words[3 * FIELD_BYTES_MAX]; };

static enum err field(const struct yaml *y, const char *key, struct text *ret, struct why *why)
{
    const struct yaml_node *v = yaml_get(yaml_root(y), key);

    if (!v || v->kind != YAML_SCALAR || v->text.n == 0 || v->text.n > FIELD_BYTES_MAX)
        return yaml_wrong(y, v, why, "'%s:' is needed, of 1 to %d bytes", key, FIELD_BYTES_MAX);
    *ret = v->text;
    return E_OK;
}

static enum err read_whole(const char *path, char *buf, size_t *ret_n, struct why *why)
{
    struct stat st;
    ssize_t n = -1;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & S_IWOTH)) {
        close(fd);
        why_set(why, "%s may be written by anyone, so it permits nothing: chmod o-w it and look who wrote it", path);
        return E_USAGE;
    }
    if (fd >= 0)
        n = read(fd, buf, FILE_BYTES_MAX);
    if (n < 0)
        why_set(why, "%s, the permission, cannot be read: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    *ret_n = n < 0 ? 0 : (size_t)n;
    return n < 0 ? E_USAGE : E_OK;
}

enum err permission_open(const char *path, struct day today, struct permission **ret, struct why *why)
{
    static const char *const keys[] = { "allowed_by", "purpose", "until" };
    char buf[FILE_BYTES_MAX];
    struct text who, what, until;
    struct permission *p = NULL;
    struct yaml *y = NULL;
    struct day last;
    size_t n;
    enum err e;

    if ((e = read_whole(path, buf, &n, why)))
        return e;
    if ((e = yaml_open(path, buf, n, &y, why)) || (e = yaml_expect(y, yaml_root(y), YAML_MAP, why)) ||
        (e = yaml_refuse_others(y, yaml_root(y), keys, 3, why)) || (e = field(y, "allowed_by", &who, why)) ||
        (e = field(y, "purpose", &what, why)) || (e = field(y, "until", &until, why)))
        goto end;
    if (day_parse(until.p, until.n, &last)) {
        e = yaml_wrong(y, yaml_get(yaml_root(y), "until"), why, "'until:' is a date like 2026-12-31");
        goto end;
    }
    if (day_before(last, today)) {
        why_set(why, "the permission in %s ran out on " TEXT_FMT ": ask for a new one", path, TEXT_ARG(until));
        e = E_USAGE;
        goto end;
    }
    if (!(p = malloc(sizeof *p))) {
        e = E_MEMORY;
        goto end;
    }
    snprintf(p->words, sizeof p->words, "allowed by " TEXT_FMT ", for " TEXT_FMT ", until " TEXT_FMT, TEXT_ARG(who), TEXT_ARG(what), TEXT_ARG(until));
    *ret = p;
end:
    yaml_close(&y);
    return e == E_OK || e == E_MEMORY ? e : E_USAGE;
}

void permission_close(struct permission **p)
{
    free(*p);
    *p = NULL;
}

const char *permission_words(const struct permission *p) { return p->words; }
