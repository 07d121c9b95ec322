/* The configuration of the officer alerts: what is taken prints as something that is taken again, or it says why not. */
#include "sinks/oic/settings.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static enum err open_bytes(const void *p, size_t n, struct settings **ret, struct why *why)
{
    char path[64];
    int fd = memfd_create("oic.yaml", 0);
    enum err e;

    if (fd < 0 || write(fd, p, n) != (ssize_t)n)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    e = settings_open(path, ret, why);
    close(fd);
    return e;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    struct settings *s = NULL, *again = NULL;
    struct why why = { "" };
    char *text = NULL;
    size_t bytes;
    FILE *f;

    if (open_bytes(p, n, &s, &why)) {
        if (!why.text[0])
            abort();
        return 0;
    }
    f = open_memstream(&text, &bytes);
    settings_print(s, f);
    fclose(f);
    if (open_bytes(text, bytes, &again, &why))
        abort();
    settings_close(&s);
    settings_close(&again);
    free(text);
    return 0;
}
