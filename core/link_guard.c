/* link_guard.c: who may come in by tcp, and why a connection did not come about.
 *
 * One thread a context, from the first tcp socket on. libzmq asks it (RFC 27, ZAP) about each key that has proved itself to a
 * listening end, and tells it (socket monitors) what became of handshakes. It does nothing else: libzmq's own thread waits
 * for whoever reads a monitor, so that must be somebody who never waits for a disk. */
#include "core/keys.h"
#include "core/link_zmq.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum {
    LOOK_MS = 500,                  /* how often the list's file is looked at */
    HANDSHAKE_MS = 5000,            /* a connection that has not said who it is by then is cut */
    ENDED_ENOUGH = 4,               /* handshakes cut off in a row before that is called trouble: a right end may have been killed in one */
    NAMED_MAX = 64,                 /* refused keys that are logged, until the list changes; more are counted only */
    LINE_BYTES = 512,
    ZAP_FRAMES = 7,
};
static const char zap[] = "inproc://zeromq.zap.01";

struct watch {                      /* a socket; the guard's thread frees it when its monitor has stopped */
    void *monitor;
    bool listens;
    char endpoint[ENDPOINT_BYTES_MAX];
    _Atomic bool is_up;
    _Atomic int trouble;            /* enum handshake */
    _Atomic unsigned ended;         /* in a row */
    _Atomic uint64_t shut_out;
    _Atomic bool is_named;          /* that somebody was shut out: since the list changed */
    struct watch *next;
};

struct guard {
    void *zmq;
    struct bell *bell;
    pthread_t thread;
    bool is_running, has_keys, plain;
    void (*tell)(void *ctx, const char *line);
    void *tell_ctx;
    struct key_pair key;
    char path[4096];                /* of the list */
    struct stat read, seen;         /* its file when it was read, and at the last look */
    void *zap;                      /* REP; NULL: nobody is asked */
    uint8_t named[NAMED_MAX][KEY_BYTES];
    unsigned names;
    _Atomic unsigned generation;
    _Atomic bool stop;
    pthread_mutex_t lock;           /* guards what follows */
    struct peers *peers;
    struct watch *watches;
    unsigned made;                  /* for the monitors' names */
};

void guard_tell(struct guard *g, const char *fmt, ...)
{
    char line[LINE_BYTES];
    va_list ap;

    if (!g->tell)
        return;
    va_start(ap, fmt);
    vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    g->tell(g->tell_ctx, line);
}

/* ---- the list --------------------------------------------------------------------- */

static bool is_same_file(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
           a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Reads the list again when its file is another one, and has been so for two looks: somebody may still be writing it. */
static void look_at_list(struct guard *g)
{
    struct stat now = { .st_ino = 0 };
    struct peers *fresh = NULL, *old;
    struct why why = { "" };

    if (stat(g->path, &now) || is_same_file(&now, &g->read))
        return;
    if (!is_same_file(&now, &g->seen)) {
        g->seen = now;
        return;
    }
    g->read = now;
    if (peers_load(g->path, &fresh, &why)) {
        guard_tell(g, "peers-bad %s; the list that was read before stays in force", why.text);
        return;
    }
    guard_tell(g, "peers-read %s: %zu keys", g->path, peers_count(fresh));
    pthread_mutex_lock(&g->lock);
    old = g->peers;
    g->peers = fresh;
    for (struct watch *w = g->watches; w; w = w->next)
        atomic_store(&w->is_named, false);
    pthread_mutex_unlock(&g->lock);
    peers_close(&old);
    g->names = 0;
    atomic_fetch_add(&g->generation, 1);
}

unsigned guard_generation(const struct guard *g) { return atomic_load_explicit(&g->generation, memory_order_relaxed); }

bool guard_knows(struct guard *g, zmq_msg_t *frame, struct link_limits *ret)
{
    const struct peer *p;
    const char *user;
    uint8_t key[KEY_BYTES];

    ret->is_limited = false;
    if (!g->zap)
        return true;
    if (!(user = zmq_msg_gets(frame, "User-Id")))
        return true;                /* ipc, inproc: what comes by tcp has been asked for its key */
    if (strlen(user) != KEY_CHARS || !zmq_z85_decode(key, user))
        return false;
    pthread_mutex_lock(&g->lock);
    if ((p = peers_client(g->peers, key))) {
        *ret = (struct link_limits){ .is_limited = p->is_limited, .ticks = p->ticks, .sources = p->sources };
        snprintf(ret->name, sizeof ret->name, TEXT_FMT, TEXT_ARG(p->name));
        for (unsigned i = 0; i < p->sources; i++)
            snprintf(ret->source[i], sizeof ret->source[i], TEXT_FMT, TEXT_ARG(p->source[i]));
    }
    pthread_mutex_unlock(&g->lock);
    return p != NULL;
}

/* ---- who may come in ------------------------------------------------------------------ */

static bool is_text(zmq_msg_t *m, const char *text)
{
    return zmq_msg_size(m) == strlen(text) && !memcmp(zmq_msg_data(m), text, zmq_msg_size(m));
}

static void name_refused(struct guard *g, const uint8_t key[KEY_BYTES], zmq_msg_t *address)
{
    const struct text mapped = TEXT("::ffff:");         /* how an address of IPv4 is seen by a socket of both */
    struct text from = { zmq_msg_data(address), (uint32_t)zmq_msg_size(address) };
    char text[KEY_CHARS + 1];

    for (unsigned i = 0; i < g->names; i++)
        if (!memcmp(g->named[i], key, KEY_BYTES))
            return;
    if (g->names == NAMED_MAX)
        return;
    memcpy(g->named[g->names++], key, KEY_BYTES);
    zmq_z85_encode(text, key, KEY_BYTES);
    if (from.n > mapped.n && !memcmp(from.p, mapped.p, mapped.n))
        from = (struct text){ from.p + mapped.n, from.n - mapped.n };
    guard_tell(g, "key-refused %s from " TEXT_FMT ": it is not in %s%s", text, TEXT_ARG(from), g->path,
               g->names == NAMED_MAX ? "; more such keys are counted, not named, until the list changes" : "");
}

/* "version, id, domain, address, routing id, mechanism, key" is answered with "version, id, status, words, user, properties". */
static void answer(struct guard *g)
{
    zmq_msg_t frame[ZAP_FRAMES];
    char user[KEY_CHARS + 1] = "";
    int count = link_frames(g->zap, frame, ZAP_FRAMES);
    bool knows = false;

    if (count == 0)
        return;
    if (count == ZAP_FRAMES && is_text(&frame[0], "1.0") && is_text(&frame[5], "CURVE") && zmq_msg_size(&frame[6]) == KEY_BYTES) {
        const uint8_t *key = zmq_msg_data(&frame[6]);
        pthread_mutex_lock(&g->lock);
        knows = peers_client(g->peers, key) != NULL;
        pthread_mutex_unlock(&g->lock);
        if (knows)
            zmq_z85_encode(user, key, KEY_BYTES);
        else
            name_refused(g, key, &frame[3]);
    }
    zmq_send(g->zap, "1.0", 3, ZMQ_SNDMORE);
    zmq_send(g->zap, "1", 1, ZMQ_SNDMORE);              /* libzmq numbers each of its questions so */
    zmq_send(g->zap, knows ? "200" : "400", 3, ZMQ_SNDMORE);
    zmq_send(g->zap, "", 0, ZMQ_SNDMORE);
    zmq_send(g->zap, user, strlen(user), ZMQ_SNDMORE);
    zmq_send(g->zap, "", 0, 0);
    if (count > 0)
        link_drop(frame, count);
}

/* ---- what became of handshakes ------------------------------------------------------------ */

static void shut_out(struct guard *g, struct watch *w, enum handshake how)
{
    atomic_fetch_add(&w->shut_out, 1);
    if (how != HANDSHAKE_KEY && !atomic_exchange(&w->is_named, true))       /* a key was named by name_refused */
        guard_tell(g, "link-refused a connection to %s: it spoke no CURVE, or took this end for one with another key; more are counted, not named",
                   w->endpoint);
}

static void fail(struct guard *g, struct watch *w, enum handshake how)
{
    if (w->listens)
        shut_out(g, w, how);
    else if (how != HANDSHAKE_ENDED || atomic_fetch_add(&w->ended, 1) + 1 >= ENDED_ENOUGH)
        atomic_store(&w->trouble, how);
}

/* One event. False: the monitor has stopped. */
static bool note(struct guard *g, struct watch *w, unsigned event, unsigned value)
{
    switch (event) {
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
        atomic_store(&w->is_up, true);
        atomic_store(&w->ended, 0);
        atomic_store(&w->trouble, HANDSHAKE_NONE);
        break;
    case ZMQ_EVENT_DISCONNECTED:
        atomic_store(&w->is_up, false);
        break;
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
        fail(g, w, HANDSHAKE_KEY);
        break;
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
        fail(g, w, value == ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH ? HANDSHAKE_MECHANISM : HANDSHAKE_ENDED);
        break;
    case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
        fail(g, w, HANDSHAKE_ENDED);
        break;
    case ZMQ_EVENT_MONITOR_STOPPED:
        return false;
    }
    return true;
}

static bool take_events(struct guard *g, struct watch *w)
{
    zmq_msg_t frame[2];
    uint16_t event;
    uint32_t value;
    bool goes_on = true;
    int count;

    while (goes_on && (count = link_frames(w->monitor, frame, 2)) != 0) {
        if (count == 2 && zmq_msg_size(&frame[0]) == sizeof event + sizeof value) {
            memcpy(&event, zmq_msg_data(&frame[0]), sizeof event);
            memcpy(&value, (const char *)zmq_msg_data(&frame[0]) + sizeof event, sizeof value);
            goes_on = note(g, w, event, value);
        }
        if (count > 0)
            link_drop(frame, count);
    }
    return goes_on;
}

bool watch_is_up(const struct watch *w) { return atomic_load(&w->is_up); }
enum handshake watch_trouble(const struct watch *w) { return (enum handshake)atomic_load(&w->trouble); }
uint64_t watch_shut_out(const struct watch *w) { return atomic_load(&w->shut_out); }

void guard_explain(struct guard *g, const char *endpoint, enum handshake trouble, struct why *ret)
{
    switch (trouble) {
    case HANDSHAKE_NONE:
        why_set(ret, "%s", "");
        break;
    case HANDSHAKE_KEY:
        why_set(ret, "%.90s does not accept this key. Its --peers file needs the line: %s %s", endpoint, g->key.name, g->key.public_half);
        break;
    case HANDSHAKE_MECHANISM:
        why_set(ret, g->has_keys ? "%.90s does not speak CURVE: it needs --key and --peers too" :
                "%.90s speaks CURVE only (give --key and --peers)", endpoint);
        break;
    case HANDSHAKE_ENDED:
        why_set(ret, g->has_keys ? "%.90s cuts every connection off: the key that --peers has for it is not its key, or it does not speak CURVE" :
                "%.90s cuts every connection off: it speaks CURVE only (give --key and --peers), or it is no rightswatch", endpoint);
        break;
    }
}

/* ---- the thread ---------------------------------------------------------------------------- */

enum { WATCHES_MAX = 64 };          /* ends open at once in one process, with those that close just now */

static void *stand(void *ctx)
{
    struct guard *g = ctx;
    zmq_pollitem_t item[2 + WATCHES_MAX];
    struct watch *of[WATCHES_MAX], **at;
    struct mono looked = mono_now();
    int count, first = g->zap ? 2 : 1;

    for (;;) {
        item[0] = (zmq_pollitem_t){ .fd = g->bell->fd, .events = ZMQ_POLLIN };
        item[1] = (zmq_pollitem_t){ .socket = g->zap, .events = ZMQ_POLLIN };
        count = 0;
        pthread_mutex_lock(&g->lock);
        for (struct watch *w = g->watches; w; w = w->next) {
            of[count] = w;
            item[first + count++] = (zmq_pollitem_t){ .socket = w->monitor, .events = ZMQ_POLLIN };
        }
        pthread_mutex_unlock(&g->lock);
        if (atomic_load(&g->stop) && !count)
            return NULL;
        zmq_poll(item, first + count, g->zap ? LOOK_MS : -1);
        bell_wait(g->bell, 0);
        if (g->zap)
            answer(g);
        for (int i = 0; i < count; i++) {
            if (take_events(g, of[i]))
                continue;
            pthread_mutex_lock(&g->lock);
            for (at = &g->watches; *at != of[i]; at = &(*at)->next)
                ;
            *at = of[i]->next;
            pthread_mutex_unlock(&g->lock);
            zmq_close(of[i]->monitor);
            free(of[i]);
        }
        if (g->has_keys && mono_ms_since(looked) >= LOOK_MS) {
            look_at_list(g);
            looked = mono_now();
        }
    }
}

static enum err start(struct guard *g)
{
    if (g->is_running)
        return E_OK;
    g->is_running = !pthread_create(&g->thread, NULL, stand, g);
    return g->is_running ? E_OK : E_MEMORY;
}

enum err guard_open(struct link_context *c, struct guard **ret)
{
    struct guard *g = calloc(1, sizeof *g);

    if (!g)
        return E_MEMORY;
    if (bell_open(&g->bell)) {
        free(g);
        return E_IO;
    }
    pthread_mutex_init(&g->lock, NULL);
    g->zmq = c->zmq;
    *ret = g;
    return E_OK;
}

void guard_close(struct guard **pg)
{
    struct guard *g = *pg;

    if (!g)
        return;
    if (g->is_running) {
        atomic_store(&g->stop, true);
        bell_ring(g->bell);
        pthread_join(g->thread, NULL);
    }
    if (g->zap)
        zmq_close(g->zap);
    peers_close(&g->peers);
    key_forget(&g->key);
    bell_close(&g->bell);
    pthread_mutex_destroy(&g->lock);
    free(g);
    *pg = NULL;
}

static enum err open_zap(struct guard *g)
{
    int linger = 0;

    if (!(g->zap = zmq_socket(g->zmq, ZMQ_REP)))
        return E_IO;
    zmq_setsockopt(g->zap, ZMQ_LINGER, &linger, sizeof linger);
    return zmq_bind(g->zap, zap) ? E_IO : E_OK;
}

enum err guard_keys(struct guard *g, const struct link_keys *keys, struct why *why)
{
    enum err e;

    assert(!g->is_running);
    g->tell = keys->tell;
    g->tell_ctx = keys->ctx;
    g->plain = keys->plain;
    if (!keys->key && !keys->peers)
        return E_OK;
    if (!keys->key || !keys->peers || keys->plain) {
        why_set(why, keys->plain ? "either --plain or --key and --peers" :
                "--key, which says who this is, and --peers, the list of whom it knows, go together");
        return E_USAGE;
    }
    if (snprintf(g->path, sizeof g->path, "%s", keys->peers) >= (int)sizeof g->path)
        return E_USAGE;
    if (!zmq_has("curve")) {
        why_set(why, "this ZeroMQ was built without CURVE");
        return E_USAGE;
    }
    if ((e = key_load(keys->key, &g->key, why)))
        return e;
    if (stat(g->path, &g->read))    /* before it is read: what changes meanwhile is seen as a change */
        memset(&g->read, 0, sizeof g->read);
    if ((e = peers_load(g->path, &g->peers, why)) || (e = open_zap(g)))
        return e;
    g->has_keys = true;
    return start(g);
}

/* ---- a socket's clothes ------------------------------------------------------------------------ */

static void set(void *socket, int option, const void *value, size_t n)
{
    int bad = zmq_setsockopt(socket, option, value, n);
    assert(bad == 0);
    (void)bad;
}

/* Reached by this machine alone: named so that nothing has to be looked up. */
static bool is_loopback(const char *endpoint, bool listens)
{
    const char *host = endpoint + strlen("tcp://");

    if (strchr(host, ';'))          /* an address to connect from goes first; nobody needs that within a machine */
        return false;
    if (!strncmp(host, "localhost:", 10) || !strncmp(host, "[::1]:", 6) || (listens && !strncmp(host, "lo:", 3)))
        return true;
    return !strncmp(host, "127.", 4) && strspn(host, "0123456789.") == strcspn(host, ":");
}

static enum err put_on(struct guard *g, void *socket, const char *endpoint, bool listens, unsigned turn, struct why *why)
{
    const struct peer *p = NULL;
    char key[KEY_CHARS + 1];
    int one = 1;

    if (listens) {
        assert(g->zap);             /* with nobody to ask libzmq lets in any key: it is bound before the first socket and closed after the last */
        set(socket, ZMQ_CURVE_SERVER, &one, sizeof one);
        set(socket, ZMQ_ZAP_DOMAIN, "links", strlen("links"));
    } else {
        pthread_mutex_lock(&g->lock);
        if ((p = peers_server(g->peers, endpoint, turn)))
            memcpy(key, p->key_text, sizeof key);
        pthread_mutex_unlock(&g->lock);
        if (!p) {
            why_set(why, "%.60s does not say which key %.80s has. It needs the line: NAME PUBLIC-KEY %.80s", g->path, endpoint, endpoint);
            return E_USAGE;
        }
        set(socket, ZMQ_CURVE_SERVERKEY, key, sizeof key);
        set(socket, ZMQ_CURVE_PUBLICKEY, g->key.public_half, sizeof g->key.public_half);
    }
    set(socket, ZMQ_CURVE_SECRETKEY, g->key.secret_half, sizeof g->key.secret_half);
    return E_OK;
}

static enum err look_after(struct guard *g, void *socket, const char *endpoint, bool listens, struct watch **ret)
{
    static const int events = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                              ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_MONITOR_STOPPED;
    struct watch *w = calloc(1, sizeof *w);
    char name[64];
    unsigned count = 0;
    int linger = 0;
    enum err e = E_OK;

    if (!w)
        return E_MEMORY;
    pthread_mutex_lock(&g->lock);
    for (struct watch *other = g->watches; other; other = other->next)
        count++;
    snprintf(name, sizeof name, "inproc://handshakes.%u", g->made++);
    w->listens = listens;
    snprintf(w->endpoint, sizeof w->endpoint, "%s", endpoint);
    if (count == WATCHES_MAX || (e = start(g)) || !(w->monitor = zmq_socket(g->zmq, ZMQ_PAIR)) || zmq_socket_monitor(socket, name, events)) {
        e = e ? e : E_FULL;
        goto out;
    }
    set(w->monitor, ZMQ_LINGER, &linger, sizeof linger);
    if (zmq_connect(w->monitor, name)) {
        zmq_socket_monitor(socket, NULL, 0);
        e = E_IO;
        goto out;
    }
    w->next = g->watches;
    g->watches = w;
    bell_ring(g->bell);
    *ret = w;
out:
    pthread_mutex_unlock(&g->lock);
    if (e) {
        if (w->monitor)
            zmq_close(w->monitor);
        free(w);
    }
    return e;
}

enum err guard_dress(struct guard *g, void *socket, const char *endpoint, bool listens, unsigned turn, struct watch **ret_watch, struct why *why)
{
    static const int handshake_ms = HANDSHAKE_MS;
    enum err e;

    *ret_watch = NULL;
    if (strncmp(endpoint, "tcp://", 6) != 0)
        return E_OK;
    set(socket, ZMQ_HANDSHAKE_IVL, &handshake_ms, sizeof handshake_ms);
    if (!g->has_keys && !g->plain && !is_loopback(endpoint, listens)) {
        why_set(why, "%.80s leaves this machine: give --key and --peers (rightswatch keys makes one), or --plain where a tunnel guards it", endpoint);
        return E_USAGE;
    }
    if (g->has_keys && (e = put_on(g, socket, endpoint, listens, turn, why)))
        return e;
    return listens && !g->has_keys ? E_OK : look_after(g, socket, endpoint, listens, ret_watch);
}
