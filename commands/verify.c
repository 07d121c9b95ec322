/* verify.c: is what was told what the journal says? */
#include "commands/command.h"
#include "commands/process.h"
#include "processors/audit.h"

static struct { const char *data; bool json; } o = { .data = "rightswatch-data" };

static const struct opt options[] = {
    { "data", "DIR", "the data folder (rightswatch-data)", OPT_TEXT, &o.data, 0, 0 },
    { "json", NULL, "one object of JSON", OPT_FLAG, &o.json, 0, 0 },
};

static void show(uint64_t done, uint64_t all)
{
    process_progress("%3.0f %% folded again", all ? 100.0 * (double)done / (double)all : 100.0);
}

static void print_json(const struct audit *a, const char *chain, const char *outbox, const char *state)
{
    printf("{\"records\":%llu,\"chain\":\"%s\",\"notices\":%llu,\"notices_again\":%llu,\"notices_erased\":%llu,\"notices_differ\":%s,"
           "\"outbox\":\"%s\",\"state\":\"%s\",\"state_differs\":%s}\n",
           (unsigned long long)a->records, chain, (unsigned long long)a->rows, (unsigned long long)a->rows_again, (unsigned long long)a->rows_erased,
           a->rows_differ ? "true" : "false", outbox, state, a->state_differs ? "true" : "false");
}

static void print_people(const struct audit *a, const char *chain, const char *outbox, const char *state)
{
    printf("journal  %llu records; the chain holds, its head is %s\n", (unsigned long long)a->records, chain);
    if (a->rows_differ)
        printf("notices  %llu were told, %llu of them come out again: another version told the rest, or a fault did\n",
               (unsigned long long)a->rows, (unsigned long long)a->rows_again);
    else if (a->rows_erased)
        printf("notices  %llu come out again byte for byte, %llu are of journeys that were erased; digest %s\n", (unsigned long long)a->rows_again,
               (unsigned long long)a->rows_erased, outbox);
    else
        printf("notices  all %llu come out again byte for byte; digest %s\n", (unsigned long long)a->rows, outbox);
    printf("state    %s; digest %s\n", a->state_differs ? "what is stored DIFFERS from what the journal gives" :
           a->state_is_stored ? "what is stored is what the journal gives" : "nothing is stored; drawn from the journal", state);
}

static int run(const struct opt_list *operands)
{
    char chain[2 * CHAIN_BYTES + 1], outbox[2 * CHAIN_BYTES + 1], state[2 * CHAIN_BYTES + 1];
    struct folder folder;
    struct audit a;
    struct why why = { "" };
    enum err e;

    if (operands->count)
        return command_misused(&verify_command, "it takes options only");
    if ((e = folder_name(&folder, o.data, false, &why)) || (e = folder_lock(&folder, &why)))
        return command_failed(e, &why);
    e = audit_folder(&folder, show, &a, &why);
    folder_unlock(&folder);
    process_clear_line();
    if (e)
        return command_failed(e, &why);
    hash_hex(a.chain, sizeof a.chain, chain);
    hash_hex(a.outbox, sizeof a.outbox, outbox);
    hash_hex(a.state, sizeof a.state, state);
    if (o.json)
        print_json(&a, chain, outbox, state);
    else
        print_people(&a, chain, outbox, state);
    return a.rows_differ || a.state_differs ? EXIT_FAILED : EXIT_DONE;
}

const struct command verify_command = {
    .name = "verify",
    .summary = "check the journal, and that what was told is what it says",
    .usage = "[OPTION...]",
    .about = "Checks every batch and the hash chain of the journal, folds all of it again from the first record, and\n"
             "compares every notice and the stored state byte for byte. On a folder at rest. Exit code 0: all the same.\n"
             "Note the head of the chain elsewhere: it proves later that nothing before it was altered.\n",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run,
};
