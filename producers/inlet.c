#include "producers/inlet.h"
#include "core/crash.h"
#include "core/stage.h"
#include "producers/spool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { KEEP_S = 7 * 86400 };                /* longer than a backup of the tracker is old */

struct inlet {
    struct feed *feed;
    struct spool *spool;                    /* NULL: files only */
    struct bell *bell;
    struct stage *pump;
};

/* Standard input into the spool: on the disk before anything is sent. */
static enum err pump_once(void *ctx, int wait_ms, struct why *why)
{
    struct inlet *i = ctx;
    struct bytes items;
    uint64_t digest;
    uint32_t count;
    enum err e;

    (void)wait_ms;                          /* the reader does not wait long either */
    e = feed_read(i->feed, BATCH_BYTES_MAX, &items, &count, &digest);
    if (e == E_END) {
        spool_end(i->spool);
        bell_ring(i->bell);
        return E_END;
    }
    if (!e && !(e = spool_append(i->spool, items, count))) {
        crash_point(CRASH_spool_after_append);
        bell_ring(i->bell);
    }
    if (e && e != E_AGAIN)
        why_set(why, "the input could not be taken in: %s", err_text(e));
    return e == E_AGAIN ? E_OK : e;
}

/* Whatever cannot be read twice. */
static bool wants_spool(const struct feed_options *o)
{
    struct stat st;

    for (size_t n = 0; n < o->count; n++)
        if (!strcmp(o->paths[n], "-") || (stat(o->paths[n], &st) == 0 && !S_ISREG(st.st_mode)))
            return true;
    return false;
}

enum err inlet_open(const struct feed_options *o, const char *spool_dir, struct inlet **ret, struct why *why)
{
    struct inlet *i = calloc(1, sizeof *i);
    enum err e;

    if (!i)
        return E_MEMORY;
    if ((e = feed_open(o, &i->feed, why)) || (e = bell_open(&i->bell)))
        goto fail;
    if (wants_spool(o)) {
        if (mkdir(spool_dir, 0700) && errno != EEXIST) {
            why_set(why, "the spool folder %s cannot be made: %s", spool_dir, strerror(errno));
            e = E_IO;
            goto fail;
        }
        if ((e = spool_open(spool_dir, KEEP_S, &i->spool, why)) ||
            (e = stage_start(pump_once, i, NULL, NULL, &i->pump)))
            goto fail;
    }
    *ret = i;
    return E_OK;
fail:
    inlet_close(&i);
    return e;
}

struct bell *inlet_bell(struct inlet *i) { return i->bell; }

struct link_source inlet_source(struct inlet *i)
{
    return i->spool ? spool_source(i->spool, "standard input") : feed_source(i->feed);
}

const struct feed *inlet_feed(const struct inlet *i) { return i->feed; }

bool inlet_has_failed(struct inlet *i, struct why *why)
{
    enum err e;

    return i->pump && stage_is_over(i->pump, &e, why) && e != E_END;
}

void inlet_close(struct inlet **pi)
{
    struct inlet *i = *pi;

    if (!i)
        return;
    stage_stop(&i->pump);
    spool_close(&i->spool);
    feed_close(&i->feed);
    bell_close(&i->bell);
    free(i);
    *pi = NULL;
}
