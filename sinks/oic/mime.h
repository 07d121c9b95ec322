/* mime.h: a message as a mail: RFC 5322 headers, a text and an HTML part in quoted-printable (RFC 2045, 2046).
 *
 * The same message gives the same bytes each time, its Message-ID too, so that a mail sent twice is one mail to a reader
 * who looks. Nothing that comes from outside can begin a header: addresses are checked, phrases quoted or encoded. */
#ifndef SINKS_OIC_MIME_H
#define SINKS_OIC_MIME_H

#include "sinks/oic/channel.h"
#include "sinks/oic/mustache.h"         /* struct page */

/* A plain address, local@domain, of the letters that every mail system takes; the domain has a dot, or is localhost. */
bool mime_is_address(struct text t);
struct text mime_domain(struct text address);           /* of an address that mime_is_address */

struct mime_sender { const char *address, *name; };     /* name may be NULL */
/* Appends the whole mail to out; lines end in CRLF, none is longer than 78 but for one that
 * holds a long address. `to` is an address. E_MEMORY. */
enum err mime_write(struct page *out, const struct mime_sender *from, const struct message *m, const struct rendered *r) MUST_USE;

#endif
