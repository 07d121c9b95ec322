/* main.c: finds the command, reads its options, runs it. */
#include "commands/command.h"
#include "commands/process.h"
#include "core/crash.h"
#include "core/hash.h"
#include "core/yaml.h"

#include <string.h>

static const struct command *const commands[] = {
#define COMMAND(name) &name##_command,
#include "commands/commands.def"
#undef COMMAND
};
enum { COMMANDS = sizeof commands / sizeof *commands };

int command_failed(enum err e, const struct why *why)
{
    process_clear_line();
    if (why && why->text[0])
        fprintf(stderr, "rightswatch: %s\n", why->text);
    else
        fprintf(stderr, "rightswatch: %s\n", err_text(e));
    return e == E_USAGE ? EXIT_USAGE : EXIT_FAILED;
}

bool command_is_code(const char *word)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
    size_t n = strlen(word);

    return n >= 1 && n <= 32 && strspn(word, allowed) == n;
}

int command_misused(const struct command *c, const char *sentence)
{
    fprintf(stderr, "rightswatch %s: %s\nTry: rightswatch %s --help\n", c->name, sentence, c->name);
    return EXIT_USAGE;
}

static void help(FILE *f)
{
    fputs("rightswatch follows each victim's journey through the justice system, works out what is owed under\n"
          "the Victims' Code and by when, and warns before a right is missed.\n\n"
          "  rightswatch COMMAND [OPTION...]\n", f);
#define SECTION(title) fputs("\n" title "\n", f);
#define COMMAND(c) fprintf(f, "  %-12s %s\n", c##_command.name, c##_command.summary);
#include "commands/commands.def"
#undef COMMAND
    fputs("\nrightswatch COMMAND --help tells more. To begin: rightswatch run --once FILE.ndjson\n", f);
}

static void help_command(const struct command *c)
{
    printf("rightswatch %s: %s\n\n  rightswatch %s %s\n\n%s\n", c->name, c->summary, c->name, c->usage, c->about);
    opt_help(stdout, c->options, c->option_count);
    if (c->examples)
        printf("\nExamples\n%s", c->examples);
}

static const struct command *find(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (!strcmp(commands[i]->name, name))
            return commands[i];
    return NULL;
}

static int unknown(const char *name)
{
    const char *names[COMMANDS], *near;

    for (size_t i = 0; i < COMMANDS; i++)
        names[i] = commands[i]->name;
    near = yaml_nearest(text_of(name), names, COMMANDS);
    fprintf(stderr, "rightswatch: there is no command '%s'%s%s%s\n", name, near ? "; did you mean '" : "",
            near ? near : "", near ? "'?" : "; rightswatch --help lists them");
    return EXIT_USAGE;
}

int main(int argc, char **argv)
{
    static struct opt_list operands;
    const struct command *c;
    struct why why = { "" };
    enum err e;

    if (argc < 2 || !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
        if (argc < 3 || !(c = find(argv[2])))
            return help(argc < 2 ? stderr : stdout), argc < 2 ? EXIT_USAGE : EXIT_DONE;
        return help_command(c), EXIT_DONE;
    }
    if (!(c = find(argv[1])))
        return unknown(argv[1]);
    e = opt_parse(c->options, c->option_count, argc - 1, argv + 1, &operands, &why);
    if (e == E_END)
        return help_command(c), EXIT_DONE;
    if (e)
        return command_misused(c, why.text);
    hash_init();
    crash_init();
    process_init();
    return c->run(&operands);
}
