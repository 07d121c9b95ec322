/* A message as it is kept: decoded, put into words and into a mail, and kept again. */
#include "core/hash.h"
#include "sinks/oic/mime.h"
#include "sinks/oic/wording.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

static void check_mail(const struct page *g)
{
    for (size_t i = 0, line = 0; i < g->n; i++) {
        if (g->p[i] == '\n' && (i == 0 || g->p[i - 1] != '\r'))
            abort();
        if (i - line > 998)
            abort();
        if (g->p[i] == '\n')
            line = i + 1;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    static const struct mime_sender from = { "alerts@police.example", "Alerts" };
    static struct wire *wire, *other;
    static struct wording *wording;
    static struct wording_desk *desk;
    static uint8_t buf[MESSAGE_BYTES_MAX];
    struct message m, again;
    struct rendered r;
    struct page page = { 0 };
    struct bytes kept;
    size_t used = 0, at = 0;

    if (!wire) {
        hash_init();
        if (wire_open(&wire) || wire_open(&other) || wording_open(NULL, &wording, NULL) || wording_desk_open(&desk))
            abort();
    }
    if (message_decode(wire, p, n, &m))
        return 0;
    if (message_check(&m, NULL))
        abort();
    if (!wording_render(wording, desk, &m, &r)) {
        if (r.subject.n > 200 || (r.subject.n && memchr(r.subject.p, '\n', r.subject.n)))
            abort();
        if (mime_is_address(m.to)) {
            if (mime_write(&page, &from, &m, &r))
                abort();
            check_mail(&page);
        }
    }
    if (!message_append(other, &m, buf, sizeof buf, &used) &&
        (wire_next(buf, used, &at, &kept) || message_decode(other, kept.p, kept.n, &again) || again.count != m.count ||
         !text_same(again.to, m.to) || memcmp(again.id, m.id, sizeof m.id)))
        abort();
    page_fini(&page);
    return 0;
}
