#include "sinks/oic/mime.h"

#include "core/hash.h"
#include "core/utf8.h"

#include <stdarg.h>
#include <stdio.h>

enum { LINE_MAX_BYTES = 76 };           /* of quoted-printable: RFC 2045, 6.7 (5) */

/* ---- addresses --------------------------------------------------------------------------------- */

static bool is_alnum(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

static bool is_domain(struct text t)
{
    bool has_dot = text_same(t, TEXT("localhost"));
    uint32_t label = 0;

    for (uint32_t i = 0; i < t.n; i++) {
        char c = t.p[i];
        if (c == '.') {
            if (!label || t.p[i - 1] == '-')
                return false;
            has_dot = true;
            label = 0;
        } else if (!is_alnum(c) && (c != '-' || !label)) {
            return false;
        } else if (++label > 63) {
            return false;
        }
    }
    return has_dot && label && t.p[t.n - 1] != '-';
}

bool mime_is_address(struct text t)
{
    const char *at = t.n && t.n <= MESSAGE_TEXT_BYTES_MAX ? memchr(t.p, '@', t.n) : NULL;
    uint32_t local = at ? (uint32_t)(at - t.p) : 0;

    if (!local || local > 64 || t.p[0] == '.' || t.p[local - 1] == '.')
        return false;
    for (uint32_t i = 0; i < local; i++)
        if (!is_alnum(t.p[i]) && !strchr("!#$%&'*+-/=?^_`{|}~.", t.p[i]))
            return false;
        else if (t.p[i] == '.' && t.p[i + 1] == '.')
            return false;
    return is_domain((struct text){ at + 1, t.n - local - 1 });
}

struct text mime_domain(struct text t)
{
    const char *at = memchr(t.p, '@', t.n);

    return (struct text){ at + 1, t.n - (uint32_t)(at + 1 - t.p) };
}

/* ---- headers ------------------------------------------------------------------------------------- */

PRINTF(2, 3)
static void put(struct page *out, const char *fmt, ...)
{
    char line[1024];
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    if (n < 0 || n >= (int)sizeof line)
        out->failed = true;
    else
        page_put(out, (struct text){ line, (uint32_t)n });
}

static bool is_plain_ascii(struct text t)
{
    for (uint32_t i = 0; i < t.n; i++)
        if (t.p[i] < ' ' || t.p[i] > '~')
            return false;
    return true;
}

/* Unstructured words or a phrase as encoded words (RFC 2047), each whole characters and at most 75 bytes, folded. */
static void put_encoded(struct page *out, struct text t)
{
    enum { PIECE = 39 };                /* bytes, which make 52 of base64 */
    char base64[PIECE / 3 * 4 + 5];
    bool first = true;

    while (t.n) {
        uint32_t n = 0;
        while (n < t.n) {
            unsigned length = utf8_length(t.p + n, t.n - n);
            if (n + (length ? length : 1) > PIECE)
                break;
            n += length ? length : 1;
        }
        hash_base64(t.p, n, base64);
        put(out, "%s=?utf-8?B?%s?=", first ? "" : "\r\n ", base64);
        first = false;
        t.p += n;
        t.n -= n;
    }
}

/* Plain words folded at spaces; anything else, and a word too long to fold, encoded. */
static void put_unstructured(struct page *out, const char *name, struct text t)
{
    size_t column = strlen(name) + 2, word = 0, longest = 0;

    for (uint32_t i = 0; i < t.n; i++) {
        word = t.p[i] == ' ' ? 0 : word + 1;
        longest = word > longest ? word : longest;
    }
    put(out, "%s: ", name);
    if (!is_plain_ascii(t) || longest > 60 || memmem(t.p, t.n, "=?", 2)) {
        put_encoded(out, t);
    } else {
        for (uint32_t i = 0, end; i < t.n; i = end) {
            for (end = i + 1; end < t.n && t.p[end] != ' '; end++) {}
            if (column + end - i > LINE_MAX_BYTES && i > 0 && t.p[i] == ' ') {
                put(out, "\r\n");
                column = 0;
            }
            page_put(out, (struct text){ t.p + i, end - i });
            column += end - i;
        }
    }
    put(out, "\r\n");
}

static void put_mailbox(struct page *out, const char *name, struct text phrase, struct text address)
{
    put(out, "%s: ", name);
    if (phrase.n && is_plain_ascii(phrase) && phrase.n <= 60) {
        put(out, "\"");
        for (uint32_t i = 0; i < phrase.n; i++)
            put(out, "%s%c", phrase.p[i] == '"' || phrase.p[i] == '\\' ? "\\" : "", phrase.p[i]);
        put(out, "\"\r\n ");
    } else if (phrase.n) {
        put_encoded(out, phrase);
        put(out, "\r\n ");
    }
    put(out, "<" TEXT_FMT ">\r\n", TEXT_ARG(address));
}

/* "Tue, 07 Apr 2026 09:00:00 +0100" */
static void put_date(struct page *out, struct instant t, int32_t offset)
{
    static const char weekday[][4] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
    static const char month[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    int32_t zone = offset < 0 ? -offset / 60 : offset / 60;
    int64_t s = t.s + offset;
    struct day d = { (int32_t)(s / 86400) };
    int year, mon, mday, second = (int)(s % 86400);

    day_to_ymd(d, &year, &mon, &mday);
    put(out, "Date: %s, %02d %s %d %02d:%02d:%02d %c%02d%02d\r\n", weekday[day_of_week(d)], mday, month[mon - 1], year,
        second / 3600, second / 60 % 60, second % 60, offset < 0 ? '-' : '+', (int)(zone / 60), (int)(zone % 60));
}

/* ---- bodies --------------------------------------------------------------------------------------- */

/* Quoted-printable. A dot or "From " at the head of a line is encoded too, so that nothing on the way touches it. */
static void put_quoted(struct page *out, struct text t)
{
    static const char hex[] = "0123456789ABCDEF";
    char line[LINE_MAX_BYTES + 4];
    unsigned n = 0;

    for (uint32_t i = 0; i < t.n; i++) {
        unsigned char c = (unsigned char)t.p[i];
        if (c == '\r')
            continue;
        if (c == '\n') {
            page_put(out, (struct text){ line, n });
            put(out, "\r\n");
            n = 0;
            continue;
        }
        bool at_end = i + 1 == t.n || t.p[i + 1] == '\n' || t.p[i + 1] == '\r';
        bool plain = (c > ' ' && c <= '~' && c != '=') || ((c == ' ' || c == '\t') && !at_end);
        if (n == 0 && (c == '.' || c == 'F'))
            plain = false;
        if (n + (plain ? 1 : 3) > LINE_MAX_BYTES - 1) {
            line[n++] = '=';
            page_put(out, (struct text){ line, n });
            put(out, "\r\n");
            n = 0;
            i--;
            continue;
        }
        if (plain) {
            line[n++] = (char)c;
        } else {
            line[n++] = '=';
            line[n++] = hex[c >> 4];
            line[n++] = hex[c & 15];
        }
    }
    page_put(out, (struct text){ line, n });
    put(out, "\r\n");
}

static void put_part(struct page *out, const char *boundary, const char *type, struct text body)
{
    put(out, "--%s\r\nContent-Type: %s; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n", boundary, type);
    put_quoted(out, body);
}

enum err mime_write(struct page *out, const struct mime_sender *from, const struct message *m, const struct rendered *r)
{
    char id[MESSAGE_ID_BYTES * 2 + 1], thread[MESSAGE_ID_BYTES * 2 + 1], boundary[64];
    struct text sender = text_of(from->address), domain = mime_domain(sender);

    hash_hex(m->id, sizeof m->id, id);
    hash_hex(m->thread, sizeof m->thread, thread);
    /* "=_" cannot stand in quoted-printable, so the boundary stands in no part. */
    snprintf(boundary, sizeof boundary, "=_%s", id);
    put_date(out, m->as_of, m->offset);
    put_mailbox(out, "From", from->name ? text_of(from->name) : (struct text){ NULL, 0 }, sender);
    put_mailbox(out, "To", m->name, m->to);
    put_unstructured(out, "Subject", r->subject);
    put(out, "Message-ID: <%s@" TEXT_FMT ">\r\n", id, TEXT_ARG(domain));
    if (message_follows(m))
        put(out, "In-Reply-To: <%s@" TEXT_FMT ">\r\nReferences: <%s@" TEXT_FMT ">\r\n", thread, TEXT_ARG(domain), thread, TEXT_ARG(domain));
    /* RFC 3834, and what Exchange looks for: nobody's holiday notice answers. */
    put(out, "Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\n");
    if (m->kind == MESSAGE_ALERT)
        put(out, "Importance: high\r\n");
    put(out, "Content-Language: en-GB\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n boundary=\"%s\"\r\n\r\n", boundary);
    put_part(out, boundary, "text/plain", r->plain);
    put_part(out, boundary, "text/html", r->html);
    put(out, "--%s--\r\n", boundary);
    return out->failed ? E_MEMORY : E_OK;
}
