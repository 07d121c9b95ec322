#include "sinks/oic/wording.h"

/* The assembler takes the files as they are; the Makefile knows that this file depends on them. */
#define INCLUDE(symbol, path) \
    __asm__(".pushsection .rodata\n.balign 8\n" #symbol ":\n.incbin \"" path "\"\n" #symbol "_end:\n.byte 0\n.popsection\n"); \
    extern const char symbol[], symbol##_end[]

INCLUDE(wording_subject_txt, "sinks/oic/templates/subject.txt");
INCLUDE(wording_message_txt, "sinks/oic/templates/message.txt");
INCLUDE(wording_message_html, "sinks/oic/templates/message.html");

struct text wording_builtin(enum wording_file f)
{
    switch (f) {
    case WORDING_SUBJECT: return (struct text){ wording_subject_txt, (uint32_t)(wording_subject_txt_end - wording_subject_txt) };
    case WORDING_PLAIN: return (struct text){ wording_message_txt, (uint32_t)(wording_message_txt_end - wording_message_txt) };
    case WORDING_HTML: return (struct text){ wording_message_html, (uint32_t)(wording_message_html_end - wording_message_html) };
    case WORDING_FILES: break;
    }
    return (struct text){ NULL, 0 };
}
