#include "rules/builtin.h"

/* The assembler takes the files as they are; the Makefile knows that this file depends on them. */
#define INCLUDE(symbol, path) \
    __asm__(".pushsection .rodata\n.balign 8\n" #symbol ":\n.incbin \"" path "\"\n" #symbol "_end:\n.byte 0\n.popsection\n"); \
    extern const uint8_t symbol[], symbol##_end[]

INCLUDE(builtin_victims_code_2021, "rules/editions/victims-code-2021.yaml");
INCLUDE(builtin_england_and_wales, "rules/calendars/england-and-wales.json");

struct bytes builtin_edition(const char *name)
{
    if (!strcmp(name, "victims-code-2021"))
        return (struct bytes){ builtin_victims_code_2021, (size_t)(builtin_victims_code_2021_end - builtin_victims_code_2021) };
    return (struct bytes){ NULL, 0 };
}

struct bytes builtin_calendar(void)
{
    return (struct bytes){ builtin_england_and_wales, (size_t)(builtin_england_and_wales_end - builtin_england_and_wales) };
}
