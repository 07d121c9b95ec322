#include "core/link.h"
#include "core/stage.h"

#include <criterion/criterion.h>

enum { LONG_MS = 60000 };

static enum err wait_long(void *bell, int wait_ms, struct why *why)
{
    (void)wait_ms, (void)why;
    bell_wait(bell, LONG_MS);
    return E_OK;
}

Test(stage, a_stop_ends_a_wait)
{
    struct bell *bell;
    struct stage *s;
    struct mono began = mono_now();

    cr_assert(bell_open(&bell) == E_OK && stage_start(wait_long, bell, NULL, NULL, &s) == E_OK);
    stage_wakes_by(s, bell);
    stage_stop(&s);
    cr_assert(!s && mono_ms_since(began) < LONG_MS / 2);
    bell_close(&bell);
}
