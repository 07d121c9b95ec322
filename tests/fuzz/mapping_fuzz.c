/* A mapping file, read through the real door. */
#include "producers/mapping.h"
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    char path[] = "/tmp/mapping-fuzz-XXXXXX";
    struct mapping *m = NULL;
    struct why why = { "" };
    int fd = mkstemp(path);

    if (fd < 0 || write(fd, p, n) != (ssize_t)n)
        abort();
    close(fd);
    if (mapping_open(path, &m, &why) && !why.text[0])
        abort();
    mapping_close(&m);
    unlink(path);
    return 0;
}
