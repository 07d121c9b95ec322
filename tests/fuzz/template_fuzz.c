/* A template of a force's own: read, and if it can be, filled in. */
#include "sinks/oic/mustache.h"
#include "sinks/oic/view.h"
#include "sinks/oic/wording.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    static struct view view;
    struct mustache *m = NULL;
    struct page page = { 0 };
    struct why why = { "" };

    if (mustache_open("t", (const char *)p, n, true, view_scopes, &m, &why)) {
        if (!why.text[0])
            abort();
        return 0;
    }
    if (view_make(&view, wording_example(MESSAGE_ALERT)))
        abort();
    (void)!mustache_fill(m, view_root(&view), &page);
    /* Values are escaped: what is not in the template cannot open a tag of HTML. */
    if (!memchr(p, '<', n) && page.n && memchr(page.p, '<', page.n))
        abort();
    page_fini(&page);
    mustache_close(&m);
    return 0;
}
