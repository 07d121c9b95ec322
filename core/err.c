#include "core/err.h"

#include <stdarg.h>
#include <stdio.h>

static const struct { const char *name, *text; enum err_action action; } table[ERR_COUNT] = {
#define ERR(name, action, text) { #name, text, ERR_##action },
#include "core/err.def"
#undef ERR
};

const char *err_name(enum err e) { return (unsigned)e < ERR_COUNT ? table[e].name : "?"; }
const char *err_text(enum err e) { return (unsigned)e < ERR_COUNT ? table[e].text : "?"; }
enum err_action err_action(enum err e) { return (unsigned)e < ERR_COUNT ? table[e].action : ERR_STOP; }

void why_set(struct why *why, const char *fmt, ...)
{
    va_list ap;

    if (!why)
        return;
    va_start(ap, fmt);
    vsnprintf(why->text, sizeof why->text, fmt, ap);
    va_end(ap);
}
