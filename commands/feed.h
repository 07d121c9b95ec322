/* feed.h: what the Connect feed tells, in words: for every command that runs it. */
#ifndef COMMANDS_FEED_H
#define COMMANDS_FEED_H

#include "producers/connect/connect.h"

/* How to say it. dir: the drop folder, for paths in what is said. */
struct feed_talk {
    bool json, quiet;
    bool brief;                     /* not of batches that went well */
    bool checks;                    /* all of it is what would be */
    bool refused, waits;            /* told back: a batch was refused, one waits for what is missing of it or before it; or would */
    const char *dir;
    enum after after;
};
void feed_tell(void *ctx, const struct connect_told *told);     /* ctx: struct feed_talk */
/* What a command ends with that took in all there was: EXIT_FAILED where something was refused, EXIT_WAITS where something waits. */
int feed_exit(bool refused, bool waits);
enum after feed_after(const char *word);                        /* "archive", "delete", "keep" */

#endif
