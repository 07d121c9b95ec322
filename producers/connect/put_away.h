/* put_away.h: what becomes of the files of a batch: moved out of the way by rename, with what was refused of it and its summary
 * beside them. Done again, it does no harm. */
#ifndef PRODUCERS_CONNECT_PUT_AWAY_H
#define PRODUCERS_CONNECT_PUT_AWAY_H

#include "producers/connect/batch.h"

/* Puts the files of a batch into DIR/<folder>/<name>/ (made), by rename. What is not there is passed over. */
enum err put_away_files(const char *dir, const char *folder, const char *name, const struct manifest *m, const char *manifest_name, struct why *why) MUST_USE;
/* Removes them, the manifest last. */
void put_away_for_good(const char *dir, const struct manifest *m);

/* A batch whose rows are taken; what was refused of them lies in the memory. All borrowed. */
struct taken {
    const char *dir, *source;
    enum after after;
    const struct manifest *manifest;
    const struct batch_summary *summary;
    struct memory *memory;
};
/* Reject file (if any was) and summary, written whole or not at all, in DIR/archive/<number>/, or in DIR where files are kept; the files of the batch go
 * there, go for good, or stay. */
enum err put_away_taken(const struct taken *t, struct why *why) MUST_USE;

#endif
