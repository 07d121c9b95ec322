#include "core/pages.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pages {
    struct MHD_Daemon *daemon;
    enum err (*answer)(void *ctx, struct text path, struct page *ret);
    void *ctx;
    char endpoint[96];
};

static enum MHD_Result send_text(struct MHD_Connection *c, int status, const char *type, char *text, size_t n, enum MHD_ResponseMemoryMode mode)
{
    struct MHD_Response *r = MHD_create_response_from_buffer(n, text, mode);
    enum MHD_Result sent;

    if (!r) {
        if (mode == MHD_RESPMEM_MUST_FREE)
            free(text);
        return MHD_NO;
    }
    MHD_add_response_header(r, "Content-Type", type);
    MHD_add_response_header(r, "Cache-Control", "no-store");
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        MHD_add_response_header(r, "Allow", "GET, HEAD");
    sent = MHD_queue_response(c, (unsigned)status, r);
    MHD_destroy_response(r);
    return sent;
}

static enum MHD_Result send_fixed(struct MHD_Connection *c, int status, const char *text)
{
    return send_text(c, status, "text/plain; charset=utf-8", (char *)text, strlen(text), MHD_RESPMEM_PERSISTENT);
}

/* Called once with the headers, and again with what the client sends beside: that is not taken. */
static enum MHD_Result handle(void *ctx, struct MHD_Connection *c, const char *path, const char *method, const char *version,
                              const char *upload, size_t *upload_n, void **seen)
{
    struct pages *p = ctx;
    struct page page = { .status = MHD_HTTP_OK, .type = "text/plain; charset=utf-8" };
    enum err e;

    (void)version;
    (void)upload;
    if (strcmp(method, MHD_HTTP_METHOD_GET) && strcmp(method, MHD_HTTP_METHOD_HEAD))
        return send_fixed(c, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET\n");
    if (*upload_n)
        return MHD_NO;
    if (!*seen) {
        *seen = p;
        return MHD_YES;
    }
    e = p->answer(p->ctx, (struct text){ path, (uint32_t)strlen(path) }, &page);
    if (e == E_NOT_FOUND)
        return send_fixed(c, MHD_HTTP_NOT_FOUND, "no such page; there are /metrics and /healthz\n");
    if (e)
        return send_fixed(c, MHD_HTTP_SERVICE_UNAVAILABLE, "no answer now\n");
    return send_text(c, page.status, page.type, page.text, page.n, MHD_RESPMEM_MUST_FREE);
}

union address { struct sockaddr any; struct sockaddr_in v4; struct sockaddr_in6 v6; };

static bool is_loopback(const union address *a)
{
    return a->any.sa_family == AF_INET ? ntohl(a->v4.sin_addr.s_addr) >> 24 == 127 : IN6_IS_ADDR_LOOPBACK(&a->v6.sin6_addr);
}

/* "127.0.0.1:9464", "[::1]:9464", "localhost:9464" */
static enum err read_address(const char *listen, union address *ret, struct why *why)
{
    const char *colon = strrchr(listen, ':');
    char host[64], *end = NULL;
    size_t n = colon ? (size_t)(colon - listen) : 0;
    unsigned long port = colon ? strtoul(colon + 1, &end, 10) : 0;
    union address a;

    memset(&a, 0, sizeof a);
    if (!colon || !n || n >= sizeof host || end == colon + 1 || *end || port > UINT16_MAX)
        goto bad;
    memcpy(host, listen, n);
    host[n] = '\0';
    if (host[0] == '[' && host[n - 1] == ']') {
        host[n - 1] = '\0';
        a.v6.sin6_family = AF_INET6;
        a.v6.sin6_port = htons((uint16_t)port);
        if (inet_pton(AF_INET6, host + 1, &a.v6.sin6_addr) != 1)
            goto bad;
    } else {
        a.v4.sin_family = AF_INET;
        a.v4.sin_port = htons((uint16_t)port);
        if (inet_pton(AF_INET, strcmp(host, "localhost") ? host : "127.0.0.1", &a.v4.sin_addr) != 1)
            goto bad;
    }
    if (!is_loopback(&a)) {
        why_set(why, "pages are for this machine alone: listen on 127.0.0.1:PORT, and let a proxy with a login stand before it");
        return E_USAGE;
    }
    *ret = a;
    return E_OK;
bad:
    why_set(why, "'%.60s' is not an address to listen on; write 127.0.0.1:9464", listen);
    return E_USAGE;
}

enum err pages_open(const char *listen, enum err (*answer)(void *ctx, struct text path, struct page *ret), void *ctx,
                    struct pages **ret, struct why *why)
{
    struct pages *p = calloc(1, sizeof *p);
    const union MHD_DaemonInfo *info;
    union address a;
    enum err e;

    if (!p)
        return E_MEMORY;
    p->answer = answer;
    p->ctx = ctx;
    if ((e = read_address(listen, &a, why)))
        goto fail;
    p->daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL | (a.any.sa_family == AF_INET6 ? MHD_USE_IPv6 : 0), 0, NULL, NULL,
                                 handle, p, MHD_OPTION_SOCK_ADDR, &a.any, MHD_OPTION_CONNECTION_LIMIT, (unsigned)PAGES_CONNECTIONS_MAX,
                                 MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)PAGES_TIMEOUT_S, MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u, MHD_OPTION_END);
    if (!p->daemon) {
        why_set(why, "%.60s cannot be listened on: %s", listen, strerror(errno));
        e = E_IO;
        goto fail;
    }
    info = MHD_get_daemon_info(p->daemon, MHD_DAEMON_INFO_BIND_PORT);
    snprintf(p->endpoint, sizeof p->endpoint, "http://%.*s:%u", (int)(strrchr(listen, ':') - listen), listen, info ? info->port : 0);
    *ret = p;
    return E_OK;
fail:
    free(p);
    return e;
}

const char *pages_endpoint(const struct pages *p) { return p->endpoint; }

void pages_close(struct pages **pp)
{
    if (!*pp)
        return;
    MHD_stop_daemon((*pp)->daemon);
    free(*pp);
    *pp = NULL;
}
