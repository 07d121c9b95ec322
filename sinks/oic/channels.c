#include "sinks/oic/channels.h"

#include "core/secret.h"

#include <stdio.h>
#include <stdlib.h>

#define CHANNEL(name) extern const struct channel name##_channel;
#include "sinks/oic/channels.def"
#undef CHANNEL
static const struct channel *const kinds[] = {
#define CHANNEL(name) &name##_channel,
#include "sinks/oic/channels.def"
#undef CHANNEL
};
static const char *const kind_names[] = {
#define CHANNEL(name) #name,
#include "sinks/oic/channels.def"
#undef CHANNEL
};
enum { KINDS = sizeof kinds / sizeof *kinds };

struct channels {
    size_t count;
    struct { char *name; const struct channel *kind; void *ctx[CHANNELS_PARALLEL_MAX]; size_t parallel; } one[CHANNELS_MAX];
};

static enum err read_parallel(const struct yaml *y, const struct yaml_node *config, const struct channel *kind, size_t *ret, struct why *why)
{
    const struct yaml_node *v = yaml_get(config, "parallel");
    long n = kind->parallel ? kind->parallel : 1;
    enum err e = E_OK;

    if (v && !kind->parallel)
        return yaml_wrong(y, v, why, "a channel of type %s sends one message at a time", kind->name);
    if (v)
        e = yaml_number(y, v, 1, CHANNELS_PARALLEL_MAX, &n, why);
    *ret = (size_t)n;
    return e;
}

static enum err open_one(struct channels *c, const struct yaml *y, const struct yaml_node *name, const struct yaml_node *config, struct why *why)
{
    const struct yaml_node *type;
    size_t kind, parallel = 1;
    enum err e;

    if (c->count == CHANNELS_MAX)
        return yaml_wrong(y, name, why, "more than %d channels", CHANNELS_MAX);
    if (!name->text.n || name->text.n > 64)
        return yaml_wrong(y, name, why, "a channel's name has 1 to 64 letters");
    if ((e = yaml_expect(y, config, YAML_MAP, why)))
        return e;
    if (!(type = yaml_get(config, "type")))
        return yaml_wrong(y, config, why, "the channel '%.*s' does not say its type", TEXT_ARG(name->text));
    if ((e = yaml_word(y, type, "type of channel", kind_names, KINDS, &kind, why)) ||
        (e = read_parallel(y, config, kinds[kind], &parallel, why)))
        return e;
    if (!(c->one[c->count].name = strndup(name->text.p, name->text.n)))
        return E_MEMORY;
    c->one[c->count].kind = kinds[kind];
    c->one[c->count].parallel = parallel;
    c->count++;
    for (size_t i = 0; i < parallel && !e; i++)
        e = kinds[kind]->open(y, config, &c->one[c->count - 1].ctx[i], why);
    return e;
}

enum err channels_open(const struct yaml *y, const struct yaml_node *map, struct channels **ret, struct why *why)
{
    struct channels *c = calloc(1, sizeof *c);
    enum err e = c ? yaml_expect(y, map, YAML_MAP, why) : E_MEMORY;

    for (size_t i = 0; !e && i < map->count; i++)
        e = open_one(c, y, map->key[i], map->item[i], why);
    if (!e && !c->count)
        e = yaml_wrong(y, map, why, "no channel is named: messages could not leave");
    if (e) {
        channels_close(&c);
        return e;
    }
    *ret = c;
    return E_OK;
}

void channels_close(struct channels **pc)
{
    struct channels *c = *pc;

    if (!c)
        return;
    for (size_t i = 0; i < c->count; i++) {
        for (size_t k = 0; k < c->one[i].parallel; k++)
            if (c->one[i].ctx[k])
                c->one[i].kind->close(&c->one[i].ctx[k]);
        free(c->one[i].name);
    }
    free(c);
    *pc = NULL;
}

size_t channels_count(const struct channels *c) { return c->count; }
struct text channels_name(const struct channels *c, size_t i) { return text_of(c->one[i].name); }
const char *channels_type(const struct channels *c, size_t i) { return c->one[i].kind->name; }

size_t channels_find(const struct channels *c, struct text name)
{
    size_t i = 0;

    while (i < c->count && !text_same(name, text_of(c->one[i].name)))
        i++;
    return i;
}

size_t channels_parallel(const struct channels *c, size_t i) { return c->one[i].parallel; }

enum delivery channels_send(struct channels *c, size_t i, size_t hand, const struct message *m, const struct rendered *r, struct why *why)
{
    return c->one[i].kind->send(c->one[i].ctx[hand], m, r, why);
}

/* ---- what is common in configurations ---------------------------------------------------------------- */

enum err channel_text(const struct yaml *y, const struct yaml_node *config, const char *key, bool is_needed, char **ret, struct why *why)
{
    const struct yaml_node *v = yaml_get(config, key);
    enum err e;

    if (!v)
        return is_needed ? yaml_wrong(y, config, why, "'%s' is missing", key) : E_OK;
    if ((e = yaml_expect(y, v, YAML_SCALAR, why)))
        return e;
    if (!v->text.n || memchr(v->text.p, '\n', v->text.n) || memchr(v->text.p, '\r', v->text.n) || memchr(v->text.p, 0, v->text.n))
        return yaml_wrong(y, v, why, "'%s' is empty, or more than one line", key);
    free(*ret);
    *ret = strndup(v->text.p, v->text.n);
    return *ret ? E_OK : E_MEMORY;
}

enum err channel_path(const struct yaml *y, const struct yaml_node *config, const char *key, bool is_needed, char **ret, struct why *why)
{
    char *said = NULL;
    enum err e = channel_text(y, config, key, is_needed, &said, why);

    if (e || !said)
        return e;
    free(*ret);
    if (said[0] == '/') {
        *ret = said;
        return E_OK;
    }
    if (asprintf(ret, "%s/%s", yaml_folder(y), said) < 0) {
        *ret = NULL;
        e = E_MEMORY;
    }
    free(said);
    return e;
}

enum err channel_seconds(const struct yaml *y, const struct yaml_node *config, const char *key, long min, long max, long *ret, struct why *why)
{
    const struct yaml_node *v = yaml_get(config, key);

    return v ? yaml_number(y, v, min, max, ret, why) : E_OK;
}

enum err channel_secret(const struct yaml *y, const struct yaml_node *config, const char *key, char **ret, struct why *why)
{
    char *path = NULL;
    struct why inner = { "" };
    enum err e = channel_path(y, config, key, false, &path, why);

    if (e || !path)
        return e;
    if ((e = secret_read(path, ret, &inner)) == E_USAGE)
        e = yaml_wrong(y, yaml_get(config, key), why, "%s", inner.text);
    free(path);
    return e;
}
