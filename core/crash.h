/* crash.h: named moments at which a test kills the process with SIGKILL.
 * RIGHTSWATCH_CRASH="journal_after_commit:3" dies at the third pass. */
#ifndef CORE_CRASH_H
#define CORE_CRASH_H

enum crash_at {
#define CRASH(name, what) CRASH_##name,
#include "core/crash.def"
#undef CRASH
    CRASH_COUNT
};

void crash_init(void);                          /* reads the environment; once, before threads */
extern int crash_armed;                         /* enum crash_at, or -1 */
void crash_now(enum crash_at at);

static inline void crash_point(enum crash_at at)
{
    if (__builtin_expect(crash_armed == (int)at, 0))
        crash_now(at);
}

#endif
