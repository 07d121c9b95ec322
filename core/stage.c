#include "core/stage.h"
#include "core/link.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { WAIT_MS = 200 };

struct stage {
    pthread_t thread;
    enum err (*run_once)(void *ctx, int wait_ms, struct why *why);
    void *ctx;
    void (*over)(void *over_ctx);
    void *over_ctx;
    struct bell *bell;                  /* NULL: none */
    _Atomic bool stop, ended;
    enum err err;                       /* written before `ended` */
    struct why why;
};

static void *run(void *ctx)
{
    struct stage *s = ctx;
    enum err e = E_OK;

    while (!e && !atomic_load_explicit(&s->stop, memory_order_relaxed))
        e = s->run_once(s->ctx, WAIT_MS, &s->why);
    if (e) {
        s->err = e;
        atomic_store(&s->ended, true);
        if (s->over)
            s->over(s->over_ctx);
    }
    return NULL;
}

enum err stage_start(enum err (*run_once)(void *ctx, int wait_ms, struct why *why), void *ctx,
                     void (*over)(void *over_ctx), void *over_ctx, struct stage **ret)
{
    struct stage *s = calloc(1, sizeof *s);

    if (!s)
        return E_MEMORY;
    s->run_once = run_once;
    s->ctx = ctx;
    s->over = over;
    s->over_ctx = over_ctx;
    if (pthread_create(&s->thread, NULL, run, s)) {
        free(s);
        return E_MEMORY;
    }
    *ret = s;
    return E_OK;
}

bool stage_is_over(struct stage *s, enum err *ret_err, struct why *ret_why)
{
    if (!atomic_load(&s->ended))
        return false;
    *ret_err = s->err;
    *ret_why = s->why;
    return true;
}

void stage_wakes_by(struct stage *s, struct bell *bell) { s->bell = bell; }

void stage_stop(struct stage **ps)
{
    if (!*ps)
        return;
    atomic_store(&(*ps)->stop, true);
    if ((*ps)->bell)
        bell_ring((*ps)->bell);
    pthread_join((*ps)->thread, NULL);
    free(*ps);
    *ps = NULL;
}
