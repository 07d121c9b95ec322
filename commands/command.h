/* command.h: what every command is: a name, a line of help, options as rows, and a function. */
#ifndef COMMANDS_COMMAND_H
#define COMMANDS_COMMAND_H

#include "core/opt.h"

/* What the program ends with: scripts rely on it. EXIT_WAITS: nothing is wrong, but not all that lay there was taken: run again later. */
enum exit_code { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_WAITS = 3, EXIT_INTERRUPTED = 130 };

struct command {
    const char *name, *summary;
    const char *usage;                  /* "[OPTION...] [INPUT...]" */
    const char *about;                  /* paragraphs of --help, before the options */
    const char *examples;               /* after them; NULL: none */
    const struct opt *options;
    size_t option_count;
    int (*run)(const struct opt_list *operands);    /* gives an exit code */
};

/* Every command there is: commands.def. */
#define COMMAND(name) extern const struct command name##_command;
#include "commands/commands.def"
#undef COMMAND

/* "rightswatch: why (what kind of error)" on standard error; gives EXIT_FAILED, or EXIT_USAGE for E_USAGE. */
int command_failed(enum err e, const struct why *why);
/* Wrong operands: says so and points to --help; gives EXIT_USAGE. */
int command_misused(const struct command *c, const char *sentence);
/* Is it a code: 1 to 32 letters, digits, '-', '_' and '.'? What is kept for good is never free text: it would hold names. */
bool command_is_code(const char *word);

#endif
