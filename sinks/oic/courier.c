#include "sinks/oic/courier.h"
#include "core/secret.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { SAID_BYTES_MAX = 180, CONNECT_S = 15, TOTAL_S = 60 };

/* How far a talk has come: in SMTP what was asked last; in HTTP whether anything was. */
enum stage { STAGE_NONE, STAGE_GREETING, STAGE_LOGIN, STAGE_FROM, STAGE_TO, STAGE_DATA };

struct courier {
    CURL *curl;
    bool is_mail;
    char error[CURL_ERROR_SIZE];
    enum stage stage;
    bool is_leaving;                    /* QUIT was said: what comes after is not about the message */
    int code;                           /* of the last answer; 0: none */
    char said[SAID_BYTES_MAX + 1];      /* by the other side, one line */
    struct text left;                   /* of what is being sent */
};

/* ---- opening --------------------------------------------------------------------------------------- */

static void init_once(void) { curl_global_init(CURL_GLOBAL_DEFAULT); }

static bool begins(const char *s, const char *with) { return !strncmp(s, with, strlen(with)); }

/* Is the host of this URL the machine itself? */
static bool is_here(const char *url)
{
    static const char *const here[] = { "127.0.0.1", "localhost", "[::1]" };
    const char *host = strstr(url, "://") + 3;
    size_t n = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/?#");

    for (size_t i = 0; i < sizeof here / sizeof *here; i++)
        if (strlen(here[i]) == n && !memcmp(host, here[i], n))
            return true;
    return false;
}

static enum err check_url(const struct courier_settings *s, bool *ret_is_mail, struct why *why)
{
    *ret_is_mail = begins(s->url, "smtp://") || begins(s->url, "smtps://");
    if (!*ret_is_mail && !begins(s->url, "https://") && !begins(s->url, "http://")) {
        why_set(why, "'%s' is none of smtp://, smtps:// and https://", s->url);
        return E_MALFORMED;
    }
    if (strchr(s->url, '@')) {
        why_set(why, "a user or password does not belong into an address: use 'user' and 'password_file'");
        return E_MALFORMED;
    }
    if ((s->is_plain || begins(s->url, "http://")) && !is_here(s->url)) {
        why_set(why, "'%s': without TLS only to this machine", s->url);
        return E_MALFORMED;
    }
    return E_OK;
}

static enum stage stage_of(const char *p, size_t n)
{
    static const struct { const char *verb; enum stage stage; } verbs[] = {
        { "EHLO", STAGE_GREETING }, { "HELO", STAGE_GREETING }, { "STARTTLS", STAGE_GREETING }, { "AUTH", STAGE_LOGIN },
        { "MAIL", STAGE_FROM }, { "RCPT", STAGE_TO }, { "DATA", STAGE_DATA },
    };

    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (n >= strlen(verbs[i].verb) && !memcmp(p, verbs[i].verb, strlen(verbs[i].verb)))
            return verbs[i].stage;
    return STAGE_NONE;
}

/* One line that the other side said: printable ASCII, what stands in <> left out, since it may be an address. */
static void keep_line(struct courier *c, const char *p, size_t n)
{
    size_t out = 0;
    bool inside = false;

    for (size_t i = 0; i < n && p[i] != '\r' && p[i] != '\n' && out < SAID_BYTES_MAX; i++) {
        if (inside && p[i] != '>')
            continue;
        inside = p[i] == '<';
        c->said[out++] = p[i] >= ' ' && p[i] < 0x7F ? p[i] : '?';
    }
    c->said[out] = '\0';
}

/* libcurl tells here what it asks and what it is answered; the talk itself is never written anywhere. */
static int listen_in(CURL *curl, curl_infotype type, char *p, size_t n, void *ctx)
{
    struct courier *c = ctx;
    enum stage stage;

    (void)curl;
    if (type == CURLINFO_HEADER_OUT && c->is_mail && n >= 4 && !memcmp(p, "QUIT", 4))
        c->is_leaving = true;
    if (c->is_leaving)
        return 0;
    if (type == CURLINFO_HEADER_OUT && (stage = c->is_mail ? stage_of(p, n) : STAGE_DATA) != STAGE_NONE)
        c->stage = stage;
    if (type == CURLINFO_HEADER_IN && (c->is_mail || begins(p, "HTTP/")) && n >= 3) {
        keep_line(c, p, n);
        if (c->is_mail)
            c->code = atoi(c->said);
    }
    return 0;
}

static size_t give(char *to, size_t size, size_t count, void *ctx)
{
    struct courier *c = ctx;
    size_t n = size * count < c->left.n ? size * count : c->left.n;

    memcpy(to, c->left.p, n);
    c->left.p += n;
    c->left.n -= (uint32_t)n;
    return n;
}

/* The answer's body is not needed, and not kept. */
static size_t drop(char *from, size_t size, size_t count, void *ctx)
{
    (void)from;
    (void)ctx;
    return size * count;
}

enum err courier_open(const struct courier_settings *s, struct courier **ret, struct why *why)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct courier *c;
    bool is_mail, ok = true;
    enum err e = check_url(s, &is_mail, why);

    if (e)
        return e;
    pthread_once(&once, init_once);
    if (!(c = calloc(1, sizeof *c)) || !(c->curl = curl_easy_init())) {
        free(c);
        return E_MEMORY;
    }
    c->is_mail = is_mail;
#define SET(option, value) ok = ok && curl_easy_setopt(c->curl, CURLOPT_##option, value) == CURLE_OK
    SET(URL, s->url);
    SET(PROTOCOLS_STR, is_mail ? "smtp,smtps" : "https,http");
    SET(NOSIGNAL, 1L);
    SET(ERRORBUFFER, c->error);
    SET(CONNECTTIMEOUT, s->connect_s);
    SET(TIMEOUT, s->total_s);
    SET(SSL_VERIFYPEER, 1L);
    SET(SSL_VERIFYHOST, 2L);
    SET(SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(USE_SSL, (long)(s->is_plain ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    SET(FOLLOWLOCATION, 0L);
    SET(PROXY, s->proxy ? s->proxy : "");
    SET(USERAGENT, "rightswatch");
    SET(VERBOSE, 1L);
    SET(DEBUGFUNCTION, listen_in);
    SET(DEBUGDATA, c);
    SET(READFUNCTION, give);
    SET(READDATA, c);
    SET(WRITEFUNCTION, drop);
    if (s->ca_file)
        SET(CAINFO, s->ca_file);
    if (s->cert_file)
        SET(SSLCERT, s->cert_file);
    if (s->key_file)
        SET(SSLKEY, s->key_file);
    if (s->user)
        SET(USERNAME, s->user);
    if (s->password)
        SET(PASSWORD, s->password);
    if (s->bearer) {
        SET(XOAUTH2_BEARER, s->bearer);
        SET(HTTPAUTH, (long)CURLAUTH_BEARER);
    }
#undef SET
    if (!ok) {
        why_set(why, "this libcurl cannot do what is needed for '%s'", s->url);
        courier_close(&c);
        return E_IO;
    }
    *ret = c;
    return E_OK;
}

void courier_close(struct courier **c)
{
    if (!*c)
        return;
    curl_easy_cleanup((*c)->curl);
    free(*c);
    *c = NULL;
}

static enum err read_file_name(const struct yaml *y, const struct yaml_node *config, const char *key, const char **ret, struct why *why)
{
    char *path = NULL;
    enum err e = channel_path(y, config, key, false, &path, why);

    if (!e && path && access(path, R_OK))
        e = yaml_wrong(y, yaml_get(config, key), why, "%s cannot be read", path);
    *ret = path;
    return e;
}

enum err courier_settings_read(const struct yaml *y, const struct yaml_node *config, struct courier_settings *ret, struct why *why)
{
    struct courier_settings s = { .connect_s = CONNECT_S, .total_s = TOTAL_S };
    char *user = NULL, *password = NULL, *bearer = NULL, *proxy = NULL;
    enum err e;

    if (!(e = read_file_name(y, config, "ca_file", &s.ca_file, why)) && !(e = read_file_name(y, config, "cert_file", &s.cert_file, why)) &&
        !(e = read_file_name(y, config, "key_file", &s.key_file, why)) && !(e = channel_text(y, config, "user", false, &user, why)) &&
        !(e = channel_secret(y, config, "password_file", &password, why)) && !(e = channel_secret(y, config, "bearer_file", &bearer, why)) &&
        !(e = channel_text(y, config, "proxy", false, &proxy, why)) &&
        !(e = channel_seconds(y, config, "connect_limit_s", 1, 120, &s.connect_s, why)))
        e = channel_seconds(y, config, "time_limit_s", 1, 600, &s.total_s, why);
    s.user = user, s.password = password, s.bearer = bearer, s.proxy = proxy;
    if (!e && !user != !password)
        e = yaml_wrong(y, config, why, "'user' and 'password_file' go together");
    if (e) {
        courier_settings_fini(&s);
        return e;
    }
    *ret = s;
    return E_OK;
}

void courier_settings_fini(struct courier_settings *s)
{
    char *secret[] = { (char *)s->password, (char *)s->bearer };

    for (size_t i = 0; i < sizeof secret / sizeof *secret; i++)
        secret_forget(&secret[i]);
    free((char *)s->ca_file), free((char *)s->cert_file), free((char *)s->key_file), free((char *)s->user), free((char *)s->proxy);
    *s = (struct courier_settings){ .url = NULL };
}

/* ---- sending ------------------------------------------------------------------------------------------ */

/* One attempt; a connection that was kept and has died meanwhile is not the message's fault: once more, on a new one. */
static CURLcode perform(struct courier *c, struct text body)
{
    CURLcode rc = CURLE_OK;
    long fresh = 1;

    for (int attempt = 0; attempt < 2; attempt++) {
        c->stage = STAGE_NONE;
        c->is_leaving = false;
        c->code = 0;
        c->said[0] = c->error[0] = '\0';
        c->left = body;
        curl_easy_setopt(c->curl, CURLOPT_FRESH_CONNECT, (long)attempt);
        rc = curl_easy_perform(c->curl);
        curl_easy_getinfo(c->curl, CURLINFO_NUM_CONNECTS, &fresh);
        bool was_kept = fresh == 0 && (rc == CURLE_SEND_ERROR || rc == CURLE_RECV_ERROR || rc == CURLE_GOT_NOTHING);
        if (!was_kept || (c->is_mail && (c->stage > STAGE_FROM || c->code >= 400)))
            break;
    }
    return rc;
}

/* The connection was never made, or never safe: nothing about the message. */
static bool is_unreachable(CURLcode rc)
{
    switch (rc) {
    case CURLE_COULDNT_RESOLVE_HOST: case CURLE_COULDNT_RESOLVE_PROXY: case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR: case CURLE_PEER_FAILED_VERIFICATION: case CURLE_USE_SSL_FAILED:
    case CURLE_SSL_CERTPROBLEM: case CURLE_SSL_CIPHER: case CURLE_SSL_CACERT_BADFILE: case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_ENGINE_NOTFOUND: case CURLE_SSL_ENGINE_SETFAILED: case CURLE_LOGIN_DENIED: case CURLE_AUTH_ERROR:
    case CURLE_OUT_OF_MEMORY: case CURLE_UNSUPPORTED_PROTOCOL: case CURLE_FAILED_INIT:
        return true;
    default:
        return false;
    }
}

static void say_failed(struct courier *c, CURLcode rc, struct why *why)
{
    const char *words = c->error[0] ? c->error : curl_easy_strerror(rc);

    if (c->said[0] && c->code >= 400)
        why_set(why, "%s", c->said);
    else
        why_set(why, "%s", words);
}

/* RFC 5321: 4yz come back later, 5yz never; but a server that will not even talk to us says nothing of this message. */
static enum delivery judge_mail(struct courier *c, CURLcode rc, struct why *why)
{
    if (rc == CURLE_OK) {
        why_set(why, "%s", c->said);
        return DELIVERED;
    }
    say_failed(c, rc, why);
    if (c->code == 552)                 /* too large, which may be said as early as at MAIL */
        return DELIVERY_NEVER;
    if (is_unreachable(rc) || c->stage < STAGE_TO || c->code == 421)
        return DELIVERY_DOWN;
    return c->code >= 500 && c->code < 600 ? DELIVERY_NEVER : DELIVERY_LATER;
}

enum delivery courier_mail(struct courier *c, const char *from, const char *to, struct text mail, struct why *why)
{
    struct curl_slist *recipients = curl_slist_append(NULL, to);
    enum delivery d = DELIVERY_LATER;

    if (recipients) {
        curl_easy_setopt(c->curl, CURLOPT_MAIL_FROM, from);
        curl_easy_setopt(c->curl, CURLOPT_MAIL_RCPT, recipients);
        curl_easy_setopt(c->curl, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(c->curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)mail.n);
        d = judge_mail(c, perform(c, mail), why);
        curl_easy_setopt(c->curl, CURLOPT_MAIL_RCPT, NULL);
    }
    curl_slist_free_all(recipients);
    return d;
}

/* RFC 9110, and what those who take webhooks do: 409 the same key is being worked on; 400, 413, 415, 422 this body is wrong;
 * 401, 403, 404, 410 and redirects this client's configuration is; 429, 502, 503, 504 come back, whatever you bring. */
static enum delivery judge_post(struct courier *c, CURLcode rc, struct why *why)
{
    long code = 0;

    curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &code);
    c->code = (int)code;
    if (rc != CURLE_OK) {
        why_set(why, "%s", c->error[0] ? c->error : curl_easy_strerror(rc));
        return is_unreachable(rc) || c->stage == STAGE_NONE ? DELIVERY_DOWN : DELIVERY_LATER;
    }
    why_set(why, "%s", c->said);
    switch (code) {
    case 200: case 201: case 202: case 203: case 204: case 205: case 206:
        return DELIVERED;
    case 400: case 413: case 415: case 422:
        return DELIVERY_NEVER;
    case 408: case 409: case 425: case 500:
        return DELIVERY_LATER;
    default:
        return DELIVERY_DOWN;
    }
}

enum delivery courier_post(struct courier *c, const char *const *header, size_t n, struct text body, struct why *why)
{
    struct curl_slist *lines = NULL, *more;
    enum delivery d = DELIVERY_LATER;
    bool ok = true;

    for (size_t i = 0; i < n && ok; i++) {
        ok = (more = curl_slist_append(lines, header[i])) != NULL;
        lines = ok ? more : lines;
    }
    /* A large body would wait a second for "100 Continue", which few servers say. */
    if (ok && (ok = (more = curl_slist_append(lines, "Expect:")) != NULL))
        lines = more;
    if (ok) {
        curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, lines);
        curl_easy_setopt(c->curl, CURLOPT_POSTFIELDS, body.p);
        curl_easy_setopt(c->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.n);
        d = judge_post(c, perform(c, body), why);
        curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, NULL);
    }
    curl_slist_free_all(lines);
    return d;
}
