#include "producers/simulate/parameters.h"

#include "core/yaml.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_BYTES_MAX = 64 * 1024, RATE_TEXT_MAX = 24 };

static const struct { const char *name, *help; enum parameter_group group; double value; } table[PARAMETERS] = {
#define PARAMETER(name, group, value, help) { #name, help, GROUP_##group, value },
#include "producers/simulate/parameters.def"
#undef PARAMETER
};

static const char *const names[PARAMETERS] = {
#define PARAMETER(name, group, value, help) #name,
#include "producers/simulate/parameters.def"
#undef PARAMETER
};

const char *parameter_name(enum parameter which) { return table[which].name; }
enum parameter_group parameter_group(enum parameter which) { return table[which].group; }

void parameters_init(struct parameters *p)
{
    for (size_t i = 0; i < PARAMETERS; i++)
        p->rate[i] = table[i].value;
}

void parameters_scale(struct parameters *p, enum parameter_group group, double factor)
{
    for (size_t i = 0; i < PARAMETERS; i++)
        if (table[i].group == group)
            p->rate[i] = p->rate[i] * factor > 1 ? 1 : p->rate[i] * factor;
}

static bool find(struct text name, size_t *ret)
{
    for (size_t i = 0; i < PARAMETERS; i++) {
        if (text_same(name, text_of(table[i].name))) {
            *ret = i;
            return true;
        }
    }
    return false;
}

static bool read_rate(struct text value, double *ret)
{
    char text[RATE_TEXT_MAX], *end;
    double rate;

    if (value.n == 0 || value.n >= sizeof text)
        return false;
    memcpy(text, value.p, value.n);
    text[value.n] = 0;
    if (strspn(text, "0123456789.") < value.n)
        return false;
    rate = strtod(text, &end);
    if (*end || rate < 0 || rate > 1)
        return false;
    *ret = rate;
    return true;
}

enum err parameters_set(struct parameters *p, const char *assignment, struct why *why)
{
    const char *equals = strchr(assignment, '='), *near;
    struct text name = { assignment, equals ? (uint32_t)(equals - assignment) : (uint32_t)strlen(assignment) };
    size_t i;

    if (!equals) {
        why_set(why, "--set takes NAME=RATE, as in vps_not_offered=0.4, not '%.60s'", assignment);
        return E_USAGE;
    }
    if (!find(name, &i)) {
        near = yaml_nearest(name, names, PARAMETERS);
        why_set(why, "there is no parameter '%.*s'%s%s%s", (int)(name.n > 60 ? 60 : name.n), name.p,
                near ? "; did you mean '" : "; --print-parameters lists them", near ? near : "", near ? "'?" : "");
        return E_USAGE;
    }
    if (!read_rate(text_of(equals + 1), &p->rate[i])) {
        why_set(why, "%s is a rate from 0 to 1, as in 0.28", table[i].name);
        return E_USAGE;
    }
    return E_OK;
}

enum err parameters_read(struct parameters *p, const char *name, const char *text, size_t n, struct why *why)
{
    const struct yaml_node *root, *v;
    struct parameters read = *p;
    struct yaml *y = NULL;
    enum err e;

    if ((e = yaml_open(name, text, n, &y, why)))
        return e;
    root = yaml_root(y);
    if ((e = yaml_expect(y, root, YAML_MAP, why)) || (e = yaml_refuse_others(y, root, names, PARAMETERS, why)))
        goto out;
    for (size_t i = 0; i < PARAMETERS; i++) {
        v = yaml_get(root, table[i].name);
        if (v && (v->kind != YAML_SCALAR || !read_rate(v->text, &read.rate[i]))) {
            e = yaml_wrong(y, v, why, "%s is a rate from 0 to 1, as in 0.28", table[i].name);
            goto out;
        }
    }
    *p = read;
out:
    yaml_close(&y);
    return e;
}

enum err parameters_load(struct parameters *p, const char *path, struct why *why)
{
    const char *slash = strrchr(path, '/');
    char *text = malloc(FILE_BYTES_MAX);
    FILE *f = fopen(path, "rbe");
    size_t n;
    enum err e = E_USAGE;

    if (!text) {
        e = E_MEMORY;
        goto out;
    }
    if (!f) {
        why_set(why, "%.180s cannot be read: %s", path, strerror(errno));
        goto out;
    }
    n = fread(text, 1, FILE_BYTES_MAX, f);
    if (n == FILE_BYTES_MAX || ferror(f)) {
        why_set(why, "%.180s is no file of parameters: --print-parameters writes one", path);
        goto out;
    }
    e = parameters_read(p, slash ? slash + 1 : path, text, n, why);
out:
    if (f)
        fclose(f);
    free(text);
    return e;
}

void parameters_print(const struct parameters *p, FILE *f)
{
    static const char *const headings[] = {
        [GROUP_failing] = "What the force does not do, or does late.",
        [GROUP_course] = "How cases go.",
        [GROUP_dirt] = "What an extract does to it on its way.",
    };

    for (size_t i = 0; i < PARAMETERS; i++) {
        if (i == 0 || table[i].group != table[i - 1].group)
            fprintf(f, "%s# %s\n", i ? "\n" : "", headings[table[i].group]);
        fprintf(f, "%s: %-*.10g # %s\n", table[i].name, (int)(30 - strlen(table[i].name)), p->rate[i], table[i].help);
    }
}
