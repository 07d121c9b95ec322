#include "tests/kit/standing.h"
#include "core/json.h"
#include "tests/kit/program.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct last { char id[64]; size_t at; char words[256]; };

static int by_id(const void *a, const void *b)
{
    const struct last *x = a, *y = b;
    int c = strcmp(x->id, y->id);

    return c ? c : (x->at > y->at) - (x->at < y->at);
}

static int by_words(const void *a, const void *b)
{
    return strcmp(((const struct last *)a)->words, ((const struct last *)b)->words);
}

static struct text member(const struct json *j, const char *key)
{
    struct text t = { 0 };

    json_text(json_get(j, key), &t);
    return t;
}

static void read_line(const char *line, size_t n, size_t at, struct last *ret)
{
    struct text stands;
    struct json *j;
    struct why why = { "" };

    cr_assert(json_parse(line, n, &j, &why) == E_OK, "%s in: %.*s", why.text, (int)n, line);
    stands = member(j, "stands");
    if (!stands.n)
        stands = member(j, "level");
    ret->at = at;
    snprintf(ret->id, sizeof ret->id, TEXT_FMT, TEXT_ARG(member(j, "obligation_id")));
    snprintf(ret->words, sizeof ret->words, TEXT_FMT " " TEXT_FMT " " TEXT_FMT " " TEXT_FMT " " TEXT_FMT " " TEXT_FMT,
             TEXT_ARG(member(j, "crime_ref")), TEXT_ARG(member(j, "victim_ref")), TEXT_ARG(member(j, "rule")),
             TEXT_ARG(member(j, "due")), TEXT_ARG(member(j, "occurred_at")), TEXT_ARG(stands));
    json_free(&j);
}

char *standing_of(const char *dir, const char *data)
{
    struct last *all = NULL;
    size_t count = 0, cap = 0, kept = 0, used = 0, room;
    char *text, *out;

    cr_assert(program_run(dir, &text, ARGS("notices", "--all", "--json", "--data", data)) == 0, "%s", text);
    for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
        if (count == cap) {
            cap = cap ? cap * 2 : 1024;
            cr_assert((all = realloc(all, cap * sizeof *all)) != NULL);
        }
        read_line(line, (size_t)(end - line), count, &all[count]);
        count++;
    }
    free(text);
    if (count)
        qsort(all, count, sizeof *all, by_id);
    for (size_t i = 0; i < count; i++)
        if ((i + 1 == count || strcmp(all[i].id, all[i + 1].id)) && !strstr(all[i].words, " nothing"))
            all[kept++] = all[i];
    if (kept)
        qsort(all, kept, sizeof *all, by_words);
    room = kept * sizeof all->words + 1;
    cr_assert((out = malloc(room)) != NULL);
    out[0] = 0;
    for (size_t i = 0; i < kept; i++)
        used += (size_t)snprintf(out + used, room - used, "%s\n", all[i].words);
    free(all);
    return out;
}

static int by_text(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

char *owed_of(const char *dir, const char *data)
{
    char *text, *out, **line = NULL;
    size_t count = 0, used = 0;

    cr_assert(program_run(dir, &text, ARGS("due", "--all", "--csv", "--limit", "10000000", "--data", data)) == 0, "%s", text);
    cr_assert((out = malloc(strlen(text) + 1)) != NULL && (line = malloc((strlen(text) / 8 + 1) * sizeof *line)) != NULL);
    for (char *at = strtok(text, "\r\n"); at; at = strtok(NULL, "\r\n"))
        line[count++] = at;
    qsort(line, count, sizeof *line, by_text);
    out[0] = 0;
    for (size_t i = 0; i < count; i++)
        used += (size_t)sprintf(out + used, "%s\n", line[i]);
    free(line);
    free(text);
    return out;
}

char *digests_of(const char *dir, const char *data)
{
    char *text;

    cr_assert(program_run(dir, &text, ARGS("verify", "--json", "--data", data)) == 0, "%s", text);
    return text;
}

int trail_check(const char *path)
{
    char *text = file_read(path, NULL);
    int64_t before = 0, version;
    int count = 0;

    for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1, count++) {
        struct json *j;
        struct why why = { "" };
        cr_assert(json_parse(line, (size_t)(end - line), &j, &why) == E_OK, "%s: %s", path, why.text);
        cr_assert(json_number(json_get(j, "version"), &version) && version > before, "line %d comes again", count + 1);
        before = version;
        json_free(&j);
    }
    free(text);
    return count;
}
