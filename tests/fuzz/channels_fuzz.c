/* The part of a configuration that names channels. Nothing is connected to by reading it. */
#include "core/hash.h"
#include "sinks/oic/channels.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    struct channels *c = NULL;
    struct yaml *y = NULL;
    struct why why = { "" };

    hash_init();
    if (yaml_open("channels.yaml", (const char *)p, n, &y, &why) == E_OK && yaml_root(y) && channels_open(y, yaml_root(y), &c, &why) && !why.text[0])
        abort();
    channels_close(&c);
    yaml_close(&y);
    return 0;
}
