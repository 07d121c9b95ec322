/* A directory of officers: what is taken can be asked, or it says why not. */
#include "sinks/oic/directory.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    struct settings s = { .domain = { TEXT("force.example") }, .domains = 1 };
    struct directory *d = NULL;
    const struct officer *o;
    struct why why = { "" };
    char path[64];
    int fd = memfd_create("officers.csv", 0);

    if (fd < 0 || write(fd, p, n) != (ssize_t)n)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (directory_open(path, &s, &d, &why) && !why.text[0])
        abort();
    if (d && (o = directory_find(d, TEXT("20417"))) && day_before(officer_on_duty(o, (struct day){ 20545 }), (struct day){ 20545 }))
        abort();
    directory_close(&d);
    close(fd);
    return 0;
}
