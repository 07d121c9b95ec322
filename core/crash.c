#include "core/crash.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[CRASH_COUNT] = {
#define CRASH(name, what) #name,
#include "core/crash.def"
#undef CRASH
};

int crash_armed = -1;
static atomic_long left;

void crash_init(void)
{
    const char *wish = getenv("RIGHTSWATCH_CRASH"), *colon = wish ? strchr(wish, ':') : NULL;
    size_t n = colon ? (size_t)(colon - wish) : wish ? strlen(wish) : 0;

    for (int i = 0; wish && i < CRASH_COUNT; i++)
        if (strlen(names[i]) == n && !memcmp(names[i], wish, n)) {
            atomic_store(&left, colon ? atol(colon + 1) : 1);
            crash_armed = i;
        }
}

void crash_now(enum crash_at at)
{
    if ((int)at == crash_armed && atomic_fetch_sub(&left, 1) == 1)
        raise(SIGKILL);
}
