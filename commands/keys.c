/* keys.c: key pairs for tcp:// links, and a check of who is let in. */
#include "core/keys.h"
#include "commands/command.h"
#include "core/json.h"

#include <string.h>

static struct { const char *name; bool show, check, json; } o;

static const struct opt options[] = {
    { "name", "NAME", "what its owner is called (FILE's name without folder and ending)", OPT_TEXT, &o.name, 0, 0 },
    { "show", NULL, "make nothing: print the public half of the pair in FILE", OPT_FLAG, &o.show, 0, 0 },
    { "check", NULL, "make nothing: read FILE as a list for --peers and say what it lets whom do", OPT_FLAG, &o.check, 0, 0 },
    { "json", NULL, "JSON in place of words", OPT_FLAG, &o.json, 0, 0 },
};

static void print_json(struct json_out *out)
{
    struct text all;

    if (!json_out_done(out, &all))
        printf(TEXT_FMT "\n", TEXT_ARG(all));
    json_out_fini(out);
}

/* The line of a pair, as it goes into the other side's list. */
static int print_pair(const struct key_pair *k)
{
    struct json_out out;

    if (!o.json) {
        printf("%s %s\n", k->name, k->public_half);
        return EXIT_DONE;
    }
    json_out_init(&out);
    json_out_object(&out);
    json_put_text(&out, "name", text_of(k->name));
    json_put_text(&out, "public", text_of(k->public_half));
    json_out_end(&out);
    print_json(&out);
    return EXIT_DONE;
}

static void print_peer(const struct peer *p)
{
    printf(TEXT_FMT "  %s  ", TEXT_ARG(p->name), p->key_text);
    if (p->endpoint.n)
        printf("has to be at " TEXT_FMT "\n", TEXT_ARG(p->endpoint));
    else if (!p->is_limited)
        printf("may connect\n");
    else {
        printf("may connect and send %s", p->ticks ? "the time" : "");
        for (unsigned i = 0; i < p->sources; i++)
            printf("%s" TEXT_FMT, i ? ", " : p->ticks ? "; as source " : "as source ", TEXT_ARG(p->source[i]));
        printf("\n");
    }
}

static void put_peer(struct json_out *out, const struct peer *p)
{
    json_out_object(out);
    json_put_text(out, "name", p->name);
    json_put_text(out, "public", text_of(p->key_text));
    json_put_text(out, "endpoint", p->endpoint);
    if (p->is_limited) {
        json_out_key(out, "ticks");
        json_out_bool(out, p->ticks);
        json_out_key(out, "sources");
        json_out_array(out);
        for (unsigned i = 0; i < p->sources; i++)
            json_out_text(out, p->source[i]);
        json_out_end(out);
    }
    json_out_end(out);
}

static int check(const char *path)
{
    struct peers *p = NULL;
    struct json_out out;
    struct why why = { "" };
    enum err e = peers_load(path, &p, &why);

    if (e)
        return command_failed(e, &why);
    json_out_init(&out);
    json_out_array(&out);
    for (size_t i = 0; i < peers_count(p); i++) {
        if (o.json)
            put_peer(&out, peers_at(p, i));
        else
            print_peer(peers_at(p, i));
    }
    json_out_end(&out);
    if (o.json)
        print_json(&out);
    json_out_fini(&out);
    peers_close(&p);
    return EXIT_DONE;
}

/* "/etc/rightswatch/tracker.key" is the key of "tracker". */
static const char *name_of(const char *path, char ret[REF_BYTES_MAX + 1])
{
    const char *from = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    size_t n = strrchr(from, '.') > from ? (size_t)(strrchr(from, '.') - from) : strlen(from);

    snprintf(ret, REF_BYTES_MAX + 1, "%.*s", n > REF_BYTES_MAX ? 0 : (int)n, from);
    return ret;
}

static int make(const char *path)
{
    char name[REF_BYTES_MAX + 1];
    struct key_pair k;
    struct why why = { "" };
    enum err e = key_make(o.name ? o.name : name_of(path, name), &k, &why);
    int code;

    if (!e)
        e = key_save(&k, path, &why);
    code = e ? command_failed(e, &why) : print_pair(&k);
    if (!e && !o.json)
        fprintf(stderr, "rightswatch keys: %s is for %s alone. The line above goes into the --peers file of whom it talks to\n", path, k.name);
    key_forget(&k);
    return code;
}

static int show(const char *path)
{
    struct key_pair k;
    struct why why = { "" };
    enum err e = key_load(path, &k, &why);
    int code = e ? command_failed(e, &why) : print_pair(&k);

    key_forget(&k);
    return code;
}

static int run(const struct opt_list *operands)
{
    if (operands->count != 1)
        return command_misused(&keys_command, "it takes one FILE");
    if (o.show + o.check + (o.name != NULL) > 1)
        return command_misused(&keys_command, "one of --show, --check, or a new pair");
    return o.show ? show(operands->item[0]) : o.check ? check(operands->item[0]) : make(operands->item[0]);
}

const struct command keys_command = {
    .name = "keys",
    .summary = "a key pair for links between machines",
    .usage = "FILE\n  rightswatch keys --show|--check FILE",
    .about = "Makes a key pair in FILE, which only its owner may read, and prints the public half: a line for the --peers file of\n"
             "whoever is to know it. The secret half never leaves FILE, and nothing is written over a file that is there.\n"
             "docs/links.md says how two machines come to trust each other, and how keys are changed.\n",
    .examples = "  rightswatch keys /etc/rightswatch/tracker.key\n"
                "  rightswatch keys --show /etc/rightswatch/tracker.key\n"
                "  rightswatch keys --check /etc/rightswatch/tracker.peers\n",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run,
};
