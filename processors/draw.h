/* draw.h: rows for the compliance sink: what every journey and crime that changed looks like at the end of a local day.
 *
 * A draw comes with the first tick of a new local day, and with a tick up to which a source is complete to the second: input that
 * ended. It is a function of the journal alone: the same journal gives the same rows, but that after a restart
 * what did not change may be drawn again, as it was. One thread, the fold's. */
#ifndef PROCESSORS_DRAW_H
#define PROCESSORS_DRAW_H

#include "core/compliance.h"
#include "core/hash.h"
#include "processors/track.h"

/* What becomes of the rows, in order. */
struct draw_taker {
    void *ctx;
    /* Borrowed for the call. said (may be NULL): a digest of what was said last of the same journey or crime, 0 for nothing: what says the
     * same again may be left out. Set to the digest of what is said now. */
    enum err (*put)(void *ctx, const struct compliance_row *row, uint64_t *said);
    enum err (*commit)(void *ctx);          /* durable when it returns; NULL: nothing is kept */
};

struct draw;
/* secret: what ids are keyed with. drawn: the journal record of the last draw that was kept whole, 0 for none: draws up to it
 * are passed over. Everything that changed since is drawn with the next one. */
enum err draw_open(struct track *t, struct journal *j, const uint8_t secret[SECRET_BYTES], uint64_t drawn,
                   const struct draw_taker *taker, struct draw **ret) MUST_USE;
void draw_close(struct draw **d);

void draw_journey(struct draw *d, uint32_t slot);           /* it may have changed */
void draw_crime(struct draw *d, uint32_t slot);
/* A tick at this record was folded; `before` is the one before it. */
enum err draw_tick(struct draw *d, uint64_t record, struct instant before) MUST_USE;
enum err draw_commit(struct draw *d) MUST_USE;
/* Every journey and crime as of now, then `drawn`, whatever changed: for a recount. */
enum err draw_all(struct draw *d, uint64_t record) MUST_USE;

#endif
