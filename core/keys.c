#include "core/keys.h"
#include "core/hash.h"
#include "core/link_zmq.h"
#include "core/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- words -------------------------------------------------------------------------- */

static bool is_name(struct text t)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";

    for (uint32_t i = 0; i < t.n; i++)
        if (!t.p[i] || !strchr(allowed, t.p[i]))
            return false;
    return t.n >= 1 && t.n <= REF_BYTES_MAX;
}

/* A key as text and as bytes. zmq_z85_decode trusts its caller with the alphabet. */
static bool key_of(struct text t, char ret_text[KEY_CHARS + 1], uint8_t ret[KEY_BYTES])
{
    static const char alphabet[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
    char again[KEY_CHARS + 1];

    if (t.n != KEY_CHARS)
        return false;
    for (uint32_t i = 0; i < t.n; i++)
        if (!t.p[i] || !strchr(alphabet, t.p[i]))
            return false;
    memcpy(ret_text, t.p, KEY_CHARS);
    ret_text[KEY_CHARS] = '\0';
    /* Five characters beyond 2^32 would be some other key, told by writing it again. */
    return zmq_z85_decode(ret, ret_text) && zmq_z85_encode(again, ret, KEY_BYTES) && !memcmp(again, ret_text, KEY_CHARS);
}

/* The next line that says something; false at the end. Counts lines. */
static bool next_line(struct text *rest, struct text *ret, unsigned *line)
{
    while (rest->n) {
        const char *end = memchr(rest->p, '\n', rest->n);
        uint32_t n = end ? (uint32_t)(end - rest->p) : rest->n, taken = n + (end != NULL);
        struct text t = { rest->p, n };

        rest->p += taken;
        rest->n -= taken;
        ++*line;
        while (t.n && (*t.p == ' ' || *t.p == '\t' || *t.p == '\r'))
            t.p++, t.n--;
        if (t.n && *t.p != '#')                         /* a '#' further on may be part of a key */
            return *ret = t, true;
    }
    return false;
}

static bool next_word(struct text *line, struct text *ret)
{
    uint32_t n = 0;

    while (line->n && strchr(" \t\r", *line->p))
        line->p++, line->n--;
    while (n < line->n && !strchr(" \t\r", line->p[n]))
        n++;
    *ret = (struct text){ line->p, n };
    line->p += n;
    line->n -= n;
    return n > 0;
}

static const char *base(const char *path) { return strrchr(path, '/') ? strrchr(path, '/') + 1 : path; }

/* ---- a key pair ---------------------------------------------------------------------- */

enum err key_make(const char *name, struct key_pair *ret, struct why *why)
{
    struct key_pair k = { .name = "" };

    if (!is_name(text_of(name))) {
        why_set(why, "a key's name has 1 to %d letters, digits, '-', '_' and '.'", REF_BYTES_MAX);
        return E_USAGE;
    }
    strcpy(k.name, name);
    if (zmq_curve_keypair(k.public_half, k.secret_half)) {
        why_set(why, "this ZeroMQ was built without CURVE");
        return E_USAGE;
    }
    *ret = k;
    key_forget(&k);
    return E_OK;
}

enum err key_save(const struct key_pair *k, const char *path, struct why *why)
{
    char text[512];

    snprintf(text, sizeof text, "# A key pair of rightswatch. Whoever has this file is \"%s\" on its links: keep it to yourself.\n"
             "name    %s\npublic  %s\nsecret  %s\n", k->name, k->name, k->public_half, k->secret_half);
    enum err e = secret_write(path, text, why);
    hash_wipe(text, sizeof text);
    return e;
}

enum err key_load(const char *path, struct key_pair *ret, struct why *why)
{
    struct key_pair k = { .name = "" };
    char *text = NULL, derived[KEY_CHARS + 1] = "";
    uint8_t bytes[KEY_BYTES];
    struct text rest, line, word, value, more;
    unsigned number = 0;
    enum err e = secret_read(path, &text, why);

    if (e)
        return e;
    e = E_MALFORMED;
    why_set(why, "%s is not a key pair: make one with rightswatch keys", path);
    rest = text_of(text);
    while (next_line(&rest, &line, &number)) {
        if (!next_word(&line, &word) || !next_word(&line, &value) || next_word(&line, &more))
            goto out;
        if (text_same(word, TEXT("name")) && is_name(value))
            snprintf(k.name, sizeof k.name, TEXT_FMT, TEXT_ARG(value));
        else if (!(text_same(word, TEXT("public")) && key_of(value, k.public_half, bytes)) &&
                 !(text_same(word, TEXT("secret")) && key_of(value, k.secret_half, bytes)))
            goto out;
    }
    if (!k.name[0] || !k.secret_half[0] || zmq_curve_public(derived, k.secret_half))
        goto out;
    if (strcmp(derived, k.public_half)) {
        why_set(why, "%s: the public half is not of the secret one: was it edited?", path);
        goto out;
    }
    *ret = k;
    why_set(why, "%s", "");
    e = E_OK;
out:
    hash_wipe(bytes, sizeof bytes);
    key_forget(&k);
    secret_forget(&text);
    return e;
}

void key_forget(struct key_pair *k) { hash_wipe(k, sizeof *k); }

/* ---- those it knows -------------------------------------------------------------------- */

struct peers {
    char *text;                                         /* the file, which the texts are of */
    size_t count;
    struct peer peer[PEERS_MAX];
};

static enum err read_list(const char *path, char **ret, struct why *why)
{
    struct stat st;
    char *text = NULL;
    ssize_t n = -1;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    enum err e = E_USAGE;

    if (fd < 0 || fstat(fd, &st))
        why_set(why, "%s cannot be read: %s", path, strerror(errno));
    else if (st.st_mode & S_IWOTH)
        why_set(why, "%s may be written by anybody, who could let in anybody: chmod o-w %s", path, path);
    else if (!(text = calloc(1, PEERS_FILE_BYTES_MAX + 1)))
        e = E_MEMORY;
    else if ((n = read(fd, text, PEERS_FILE_BYTES_MAX + 1)) < 0)
        why_set(why, "%s cannot be read: %s", path, strerror(errno));
    else if (n > PEERS_FILE_BYTES_MAX)
        why_set(why, "%s is larger than %d bytes", path, PEERS_FILE_BYTES_MAX);
    else if (memchr(text, 0, (size_t)n))
        why_set(why, "%s is not text", path);
    else
        e = E_OK;
    if (fd >= 0)
        close(fd);
    if (e)
        free(text);
    else
        *ret = text;
    return e;
}

/* NAME KEY [tcp://...] [source=NAME]... [ticks]. NULL: it is right; else what is wrong with it. */
static const char *read_peer(struct text line, struct peer *p)
{
    const struct text source = TEXT("source=");
    struct text word;

    if (!next_word(&line, &p->name) || !is_name(p->name))
        return "a line begins with a name of letters, digits, '-', '_' and '.'";
    if (!next_word(&line, &word) || !key_of(word, p->key_text, p->key))
        return "after the name comes a public key of 40 characters, as rightswatch keys prints it";
    while (next_word(&line, &word)) {
        if (word.n > 6 && !memcmp(word.p, "tcp://", 6) && !p->endpoint.n && word.n < ENDPOINT_BYTES_MAX) {
            p->endpoint = word;
        } else if (text_same(word, TEXT("ticks"))) {
            p->is_limited = p->ticks = true;
        } else if (word.n > source.n && !memcmp(word.p, source.p, source.n)) {
            if (p->sources == PEER_SOURCES_MAX)
                return "it has too many sources";
            p->is_limited = true;
            p->source[p->sources++] = (struct text){ word.p + source.n, word.n - source.n };
        } else {
            return "after the key come tcp://HOST:PORT of somebody we connect to, or source=NAME and ticks of somebody who connects to us";
        }
    }
    return p->endpoint.n && p->is_limited ? "whom we connect to is not limited here" : NULL;
}

enum err peers_load(const char *path, struct peers **ret, struct why *why)
{
    struct peers *p = calloc(1, sizeof *p);
    struct text rest, line;
    const char *wrong;
    unsigned number = 0;
    enum err e = E_MEMORY;

    if (!p || (e = read_list(path, &p->text, why)))
        goto fail;
    rest = text_of(p->text);
    while (next_line(&rest, &line, &number)) {
        if (p->count == PEERS_MAX) {
            why_set(why, "%s:%u: a list has at most %d lines", base(path), number, PEERS_MAX);
            e = E_FULL;
            goto fail;
        }
        if (!(wrong = read_peer(line, &p->peer[p->count])) && !p->peer[p->count].endpoint.n && peers_client(p, p->peer[p->count].key))
            wrong = "this key is there already";
        if (wrong) {
            why_set(why, "%s:%u: %s", base(path), number, wrong);
            e = E_MALFORMED;
            goto fail;
        }
        p->count++;
    }
    *ret = p;
    return E_OK;
fail:
    peers_close(&p);
    return e;
}

size_t peers_count(const struct peers *p) { return p->count; }
const struct peer *peers_at(const struct peers *p, size_t i) { return &p->peer[i]; }

const struct peer *peers_client(const struct peers *p, const uint8_t key[KEY_BYTES])
{
    for (size_t i = 0; i < p->count; i++)
        if (!p->peer[i].endpoint.n && !memcmp(p->peer[i].key, key, KEY_BYTES))
            return &p->peer[i];
    return NULL;
}

const struct peer *peers_server(const struct peers *p, const char *endpoint, unsigned turn)
{
    const struct peer *of[PEERS_MAX];
    unsigned count = 0;

    for (size_t i = 0; i < p->count; i++)
        if (p->peer[i].endpoint.n && text_same(p->peer[i].endpoint, text_of(endpoint)))
            of[count++] = &p->peer[i];
    return count ? of[turn % count] : NULL;
}

void peers_close(struct peers **pp)
{
    struct peers *p = *pp;

    if (!p)
        return;
    free(p->text);
    free(p);
    *pp = NULL;
}
