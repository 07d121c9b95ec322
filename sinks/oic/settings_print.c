/* settings_print.c: what was understood of a configuration, back in its own words. */
#include "sinks/oic/settings.h"

static void print_text(FILE *f, struct text t)
{
    fputc('"', f);
    for (uint32_t i = 0; i < t.n; i++) {
        if (t.p[i] == '"' || t.p[i] == '\\')
            fputc('\\', f);
        if ((unsigned char)t.p[i] < ' ')
            fprintf(f, "\\x%02x", t.p[i]);
        else
            fputc(t.p[i], f);
    }
    fputc('"', f);
}

static void print_node(const struct yaml_node *v, int depth, FILE *f)
{
    if (v->kind == YAML_SCALAR) {
        fputc(' ', f);
        if (v->is_quoted)
            print_text(f, v->text);
        else
            fprintf(f, TEXT_FMT, TEXT_ARG(v->text));
        fputc('\n', f);
        return;
    }
    if (!v->count) {
        fputs(v->kind == YAML_LIST ? " []\n" : " {}\n", f);
        return;
    }
    fputc('\n', f);
    for (size_t i = 0; i < v->count; i++) {
        fprintf(f, "%*s", depth * 2, "");
        if (v->kind == YAML_MAP)
            print_text(f, v->key[i]->text), fputc(':', f);
        else
            fputc('-', f);
        print_node(v->item[i], depth + 1, f);
    }
}

static void print_clock(FILE *f, int32_t s) { fprintf(f, "%02d:%02d", s / 3600, s / 60 % 60); }

static void print_go_live(FILE *f, int64_t local)
{
    char day[11];

    if (local == NEVER_S) {
        fputs("never", f);
        return;
    }
    day_format((struct day){ (int32_t)(local / DAY_S) }, day);
    fprintf(f, "\"%s ", day);
    print_clock(f, (int32_t)(local % DAY_S));
    fputc('"', f);
}

static void print_member(FILE *f, const char *key, struct text t)
{
    if (!t.n)
        return;
    fprintf(f, "%s: ", key);
    print_text(f, t);
    fputc('\n', f);
}

static void print_sends(const struct settings *s, FILE *f, const char *key, const size_t *at, size_t count)
{
    fprintf(f, "  %s: [", key);
    for (size_t i = 0; i < count; i++) {
        fputs(i ? ", " : "", f);
        print_text(f, channels_name(s->channels, at[i]));
    }
    fputs("]\n", f);
}

static void print_teams(const struct settings *s, FILE *f)
{
    if (s->teams)
        fputs("teams:\n", f);
    for (size_t i = 0; i < s->teams; i++) {
        const struct team *t = &s->team[i];
        fputs("  ", f);
        print_text(f, t->name);
        fputs(":\n    go_live: ", f);
        print_go_live(f, t->go_live);
        fputc('\n', f);
        print_member(f, "    inbox", t->inbox);
        print_member(f, "    lead", t->lead);
    }
}

static void print_whom(const struct settings *s, FILE *f)
{
    fputs("domains:\n", f);
    for (size_t i = 0; i < s->domains; i++)
        fputs("  - ", f), print_text(f, s->domain[i]), fputc('\n', f);
#define X(name) print_member(f, #name, s->name);
    INBOXES(X)
#undef X
    if (s->liaison_cps.n || s->liaison_probation.n)
        fputs("liaison:\n", f);
    print_member(f, "  cps", s->liaison_cps);
    print_member(f, "  probation", s->liaison_probation);
    if (s->handlers)
        fputs("handlers:\n", f);
    for (size_t i = 0; i < s->handlers; i++)
        fputs("  - ", f), print_text(f, s->handler[i]), fputc('\n', f);
}

void settings_print(const struct settings *s, FILE *f)
{
    const char *comma = "";

    print_member(f, "data", text_of(s->data));
    print_member(f, "officers", text_of(s->officers));
    print_member(f, "templates", text_of(s->templates));
    print_whom(s, f);
    fputs("go_live: ", f);
    print_go_live(f, s->go_live);
    fputs("\n", f);
    print_teams(s, f);
    fputs("digest: \"", f);
    print_clock(f, s->digest);
    fprintf(f, "\"\ngroup: %llds\n", (long long)s->group_s);
    if (s->older_than_s)
        fprintf(f, "history: %llds\n", (long long)s->older_than_s);
    else
        fputs("history: none\n", f);
    fputs("quiet:\n", f);
    for (int m = 0; m < MATTERS; m++) {
        fprintf(f, "  %s: ", matter_name[m]);
        if (s->quiet[m].from == s->quiet[m].to) {
            fputs("none\n", f);
            continue;
        }
        fputc('"', f), print_clock(f, s->quiet[m].from), fputc('-', f), print_clock(f, s->quiet[m].to), fputs("\"\n", f);
    }
    fputs("follow_ups: [", f);
    for (size_t i = 0; i < SETTINGS_FOLLOWING; i++)
        if (s->follows[settings_following[i]])
            fprintf(f, "%s%s", comma, level_name(settings_following[i])), comma = ", ";
    fputs("]\nsend:\n", f);
    print_sends(s, f, "officers", s->to_officers, s->officers_count);
    print_sends(s, f, "inboxes", s->to_inboxes, s->inboxes_count);
    fprintf(f, "retry:\n  first: %ds\n  most: %ds\n  give_up: %ds\n", (int)s->retry.first_s, (int)s->retry.most_s, (int)s->retry.give_up_s);
    fputs("channels:", f);
    print_node(yaml_get(yaml_root(s->yaml), "channels"), 1, f);
}
