/* What reading alone costs: a file through a reader, one thread, nothing behind it. FILE [MAPPING] */
#include "producers/reader.h"

#include <stdio.h>
#include <stdlib.h>

enum { REASONS_MAX = 64 };
static struct { char text[240]; uint64_t count; } reason[REASONS_MAX];

static void count_reason(const char *text)
{
    for (size_t i = 0; i < REASONS_MAX; i++) {
        if (!reason[i].count)
            snprintf(reason[i].text, sizeof reason[i].text, "%s", text);
        if (!strcmp(reason[i].text, text)) {
            reason[i].count++;
            return;
        }
    }
}

int main(int argc, char **argv)
{
    struct mapping *mapping = NULL;
    struct reader *reader = NULL;
    struct why why = { "" };
    struct item item;
    struct mono began = mono_now();
    uint64_t items = 0;
    double seconds;
    enum err e;

    if (argc < 2 || (argc > 2 && mapping_open(argv[2], &mapping, &why)) || reader_open(argv[1], mapping, &reader, &why)) {
        fprintf(stderr, "%s\n", argc < 2 ? "read_bench FILE [MAPPING]" : why.text);
        return 2;
    }
    while ((e = reader_next(reader, &item, &why)) != E_END) {
        if (e && err_action(e) == ERR_REJECT)
            count_reason(why.text);
        else if (e && e != E_AGAIN)
            break;
        items += !e;
    }
    seconds = (double)(mono_now().ns - began.ns) / 1e9;
    printf("%llu items, %.2f s, %.0f items/s\n", (unsigned long long)items, seconds, (double)items / seconds);
    for (size_t i = 0; i < REASONS_MAX && reason[i].count; i++)
        printf("%llu set aside: %s\n", (unsigned long long)reason[i].count, reason[i].text);
    reader_close(&reader);
    mapping_close(&mapping);
    return e == E_END ? 0 : 1;
}
