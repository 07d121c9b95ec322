/* A journal folded again from its beginning, one thread: FOLDER FRESH [stateless]
 *
 * The journal of FOLDER is read; state and outbox are made anew in FRESH (an empty folder), with the checkpoints that a
 * tracker would make; none where their large map is not to be had, as under valgrind. Prints
 *   records N rows N seconds S cpu_s S journeys N crimes N journey_bytes N
 * journey_bytes: what memory grew by after the first record, which brings the law and the buffers for it, over journeys. */
#include "processors/folder.h"
#include "processors/journeys.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { CHUNK = 50000 };

static double cpu(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double in_use(struct track *t)
{
    struct mallinfo2 m = mallinfo2();

    return (double)(m.uordblks + m.hblkhd + pool_held(journeys_pool(track_journeys(t))));
}

int main(int argc, char **argv)
{
    struct folder from, to;
    struct journal *j = NULL;
    struct outbox *o = NULL;
    struct track *t = NULL;
    struct why why = { "" };
    struct mono began;
    double before, cpu_before;
    enum err e;

    if (argc < 3) {
        fprintf(stderr, "usage: replay FOLDER FRESH [stateless]\n");
        return 2;
    }
    if ((e = folder_name(&from, argv[1], false, &why)) || (e = folder_name(&to, argv[2], true, &why)) ||
        (e = journal_open(from.journal, true, &j, &why)) || (e = outbox_open(to.outbox, false, &o, &why)) ||
        (e = track_open(j, o, argc > 3 ? NULL : to.state, false, &t, &why)))
        goto fail;
    began = mono_now(), cpu_before = cpu();
    if ((e = track_step(t, 1, &why)))
        goto fail;
    before = in_use(t);
    while (!(e = track_step(t, CHUNK, &why))) {}
    if (e != E_AGAIN)
        goto fail;
    printf("records %llu rows %llu seconds %.4f cpu_s %.4f journeys %u crimes %u journey_bytes %.0f\n", (unsigned long long)track_position(t),
           (unsigned long long)outbox_last(o), (double)(mono_now().ns - began.ns) / 1e9, cpu() - cpu_before,
           journeys_count(track_journeys(t)), crimes_count(track_journeys(t)), (in_use(t) - before) / (double)journeys_count(track_journeys(t)));
    track_close(&t);
    outbox_close(&o);
    journal_close(&j);
    return 0;
fail:
    fprintf(stderr, "replay: %s\n", why.text[0] ? why.text : err_text(e));
    return 1;
}
