#include "core/link_zmq.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
    HEARTBEAT_MS = 2000,            /* a peer that is cut off without a word is noticed */
    HEARTBEAT_TIMEOUT_MS = 6000,
    CONNECT_TIMEOUT_MS = 5000,
    BACKLOG = 1024,                 /* connections that wait to be taken: strangers must not fill it while the thread is busy */
    RECONNECT_MS = 50,
    RECONNECT_MAX_MS = 2000,
    QUERY_FRAME_BYTES_MAX = QUERY_BYTES_MAX + 1024,     /* a little too long is answered, far too long is cut */
};

enum err link_context_open(struct link_context **ret)
{
    struct link_context *c = calloc(1, sizeof *c);

    enum err e;

    if (!c || !(c->zmq = zmq_ctx_new())) {
        free(c);
        return E_MEMORY;
    }
    zmq_ctx_set(c->zmq, ZMQ_BLOCKY, 0);
    if ((e = guard_open(c, &c->guard))) {
        link_context_close(&c);
        return e;
    }
    *ret = c;
    return E_OK;
}

enum err link_context_guard(struct link_context *c, const struct link_keys *keys, struct why *why)
{
    return guard_keys(c->guard, keys, why);
}

void link_context_close(struct link_context **pc)
{
    struct link_context *c = *pc;

    if (!c)
        return;
    guard_close(&c->guard);
    while (zmq_ctx_term(c->zmq) && errno == EINTR)
        ;
    free(c);
    *pc = NULL;
}

/* ---- the shared door: sockets, frames, waiting --------------------------- */

static void set(void *socket, int option, int value)
{
    int bad = zmq_setsockopt(socket, option, &value, sizeof value);
    assert(bad == 0);
    (void)bad;
}

enum err link_socket(struct link_context *c, const struct link_use *use, void **ret, struct why *why)
{
    void *s = zmq_socket(c->zmq, use->type);
    int bad;

    if (!s) {
        why_set(why, "no socket: %s", zmq_strerror(errno));
        return errno == EMFILE ? E_FULL : E_IO;
    }
    /* What is not acknowledged is sent again, so nothing is worth waiting for at close. */
    set(s, ZMQ_LINGER, 0);
    set(s, ZMQ_SNDHWM, use->send_queue);
    set(s, ZMQ_RCVHWM, use->receive_queue);
    bad = zmq_setsockopt(s, ZMQ_MAXMSGSIZE, &use->frame_bytes_max, sizeof use->frame_bytes_max);
    assert(bad == 0);
    (void)bad;
    set(s, ZMQ_HEARTBEAT_IVL, HEARTBEAT_MS);
    set(s, ZMQ_HEARTBEAT_TIMEOUT, HEARTBEAT_TIMEOUT_MS);
    set(s, ZMQ_HEARTBEAT_TTL, HEARTBEAT_TIMEOUT_MS);
    set(s, ZMQ_CONNECT_TIMEOUT, CONNECT_TIMEOUT_MS);
    set(s, ZMQ_BACKLOG, BACKLOG);
    set(s, ZMQ_RECONNECT_IVL, RECONNECT_MS);
    set(s, ZMQ_RECONNECT_IVL_MAX, RECONNECT_MAX_MS);
    set(s, ZMQ_IPV6, 1);
    if (use->type == ZMQ_ROUTER)
        set(s, ZMQ_ROUTER_MANDATORY, 1);    /* an answer that cannot go is told to us, not swallowed */
    if (use->type == ZMQ_DEALER)
        set(s, ZMQ_IMMEDIATE, 1);           /* nothing queues for a right end that is not there */
    *ret = s;
    return E_OK;
}

static enum err check_endpoint(const char *endpoint, struct why *why)
{
    if (strncmp(endpoint, "tcp://", 6) && strncmp(endpoint, "ipc://", 6) && strncmp(endpoint, "inproc://", 9)) {
        why_set(why, "%.120s: an endpoint begins with tcp://, ipc:// or inproc://", endpoint);
        return E_USAGE;
    }
    if (strncmp(endpoint, "ipc://", 6) == 0 && strlen(endpoint + 6) > LINK_IPC_PATH_MAX) {
        why_set(why, "the path of an ipc endpoint has %zu bytes, the system allows %d: choose a shorter folder",
                strlen(endpoint + 6), LINK_IPC_PATH_MAX);
        return E_USAGE;
    }
    if (strlen(endpoint) >= ENDPOINT_BYTES_MAX) {
        why_set(why, "an endpoint has at most %d bytes", ENDPOINT_BYTES_MAX - 1);
        return E_USAGE;
    }
    return E_OK;
}

static enum err translate(const char *verb, const char *endpoint, struct why *why)
{
    int e = errno;

    why_set(why, "cannot %s %.120s: %s", verb, endpoint, zmq_strerror(e));
    switch (e) {
    case EINVAL: case EPROTONOSUPPORT: case ENOCOMPATPROTO: case ENODEV: case ENAMETOOLONG:
        return E_USAGE;
    case EADDRINUSE:
        return E_LOCKED;
    default:
        return E_IO;
    }
}

enum err link_connect(struct link_context *c, void *socket, const char *endpoint, unsigned turn, struct watch **ret_watch, struct why *why)
{
    enum err e;

    if ((e = check_endpoint(endpoint, why)) || (e = guard_dress(c->guard, socket, endpoint, false, turn, ret_watch, why)))
        return e;
    return zmq_connect(socket, endpoint) ? translate("connect to", endpoint, why) : E_OK;
}

enum err link_bind(struct link_context *c, void *socket, const char *endpoint, struct watch **ret_watch, struct why *why)
{
    enum err e;

    if ((e = check_endpoint(endpoint, why)) || (e = guard_dress(c->guard, socket, endpoint, true, 0, ret_watch, why)))
        return e;
    return zmq_bind(socket, endpoint) ? translate("listen on", endpoint, why) : E_OK;
}

/* The monitor is stopped first: a watched socket that is only closed would end in libzmq's own time, and its watch with it. */
void link_close(void **socket)
{
    if (!*socket)
        return;
    zmq_socket_monitor(*socket, NULL, 0);
    zmq_close(*socket);
    *socket = NULL;
}

int link_frames(void *socket, zmq_msg_t frame[], int max)
{
    zmq_msg_t extra;
    bool more = true;
    int count = 0, got;

    while (more) {
        zmq_msg_t *m = count < max ? &frame[count] : &extra;
        zmq_msg_init(m);
        do
            got = zmq_msg_recv(m, socket, ZMQ_DONTWAIT);
        while (got < 0 && errno == EINTR);
        if (got < 0) {
            assert(errno == EAGAIN && count == 0);      /* a message arrives with all of its frames */
            zmq_msg_close(m);
            return 0;
        }
        more = zmq_msg_more(m);
        if (m == &extra)
            zmq_msg_close(m);
        if (count <= max)
            count++;
    }
    if (count <= max)
        return count;
    link_drop(frame, max);
    return -1;
}

void link_drop(zmq_msg_t frame[], int count)
{
    for (int i = 0; i < count; i++)
        zmq_msg_close(&frame[i]);
}

static void hush(struct bell *b)
{
    uint64_t rings;
    ssize_t got = read(b->fd, &rings, sizeof rings);    /* non-blocking: no ring is no harm */
    (void)got;
}

short link_wait(void *socket, short events, struct bell *bell, int wait_ms)
{
    zmq_pollitem_t item[2] = {
        { .socket = socket, .events = events },
        { .fd = bell ? bell->fd : -1, .events = ZMQ_POLLIN },
    };

    if (zmq_poll(item, bell ? 2 : 1, wait_ms) <= 0)
        return 0;
    if (bell && item[1].revents)
        hush(bell);
    return item[0].revents;
}

/* ---- the bell ------------------------------------------------------------ */

enum err bell_open(struct bell **ret)
{
    struct bell *b = malloc(sizeof *b);

    if (!b)
        return E_MEMORY;
    if ((b->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) < 0) {
        free(b);
        return E_IO;
    }
    *ret = b;
    return E_OK;
}

void bell_ring(struct bell *b)
{
    int saved = errno;              /* a signal handler must not disturb the code it interrupts */
    uint64_t one = 1;
    ssize_t put = write(b->fd, &one, sizeof one);       /* full: it is ringing already */

    (void)put;
    errno = saved;
}

bool bell_wait(struct bell *b, int wait_ms)
{
    struct pollfd p = { .fd = b->fd, .events = POLLIN };

    if (poll(&p, 1, wait_ms) <= 0)
        return false;
    hush(b);
    return true;
}

void bell_close(struct bell **pb)
{
    struct bell *b = *pb;

    if (!b)
        return;
    close(b->fd);
    free(b);
    *pb = NULL;
}

/* ---- questions ----------------------------------------------------------- */

/* A REP socket takes the envelope off, fans in fairly, and drops the answer to a client
 * that has gone: one question at a time is all that is promised, so it is enough. */
struct query_server {
    void *socket;
    zmq_msg_t question;
    bool asked;                     /* question is there and waits for its answer */
};

enum err query_server_open(struct link_context *c, const char *endpoint, struct query_server **ret, struct why *why)
{
    static const struct link_use use = { ZMQ_REP, QUERY_FRAME_BYTES_MAX, 16, 16 };
    struct query_server *q = calloc(1, sizeof *q);
    struct watch *watch;
    enum err e;

    if (!q)
        return E_MEMORY;
    if ((e = link_socket(c, &use, &q->socket, why)) || (e = link_bind(c, q->socket, endpoint, &watch, why))) {
        query_server_close(&q);
        return e;
    }
    *ret = q;
    return E_OK;
}

static bool take_question(struct query_server *q, struct text *ret_question)
{
    int count;

    while ((count = link_frames(q->socket, &q->question, 1)) != 0) {
        if (count == 1 && zmq_msg_size(&q->question) <= QUERY_BYTES_MAX) {
            q->asked = true;
            *ret_question = (struct text){ zmq_msg_data(&q->question), (uint32_t)zmq_msg_size(&q->question) };
            return true;
        }
        if (count == 1)
            zmq_msg_close(&q->question);
        zmq_send(q->socket, "", 0, ZMQ_DONTWAIT);
    }
    return false;
}

enum err query_wait(struct query_server *q, struct bell *bell, int wait_ms, struct text *ret_question)
{
    assert(!q->asked);
    if (take_question(q, ret_question))
        return E_OK;
    link_wait(q->socket, ZMQ_POLLIN, bell, wait_ms);
    return take_question(q, ret_question) ? E_OK : E_AGAIN;
}

void query_answer(struct query_server *q, struct text answer)
{
    assert(q->asked);
    q->asked = false;
    zmq_msg_close(&q->question);
    zmq_send(q->socket, answer.n ? answer.p : "", answer.n, ZMQ_DONTWAIT);
}

void query_server_close(struct query_server **pq)
{
    struct query_server *q = *pq;
    char endpoint[256];
    size_t n = sizeof endpoint;

    if (!q)
        return;
    if (q->asked)
        zmq_msg_close(&q->question);
    if (q->socket) {
        if (zmq_getsockopt(q->socket, ZMQ_LAST_ENDPOINT, endpoint, &n) == 0 && endpoint[0])
            zmq_unbind(q->socket, endpoint);            /* frees an inproc name at once */
        link_close(&q->socket);
    }
    free(q);
    *pq = NULL;
}

enum err query_ask(const char *endpoint, struct text question, int wait_ms, char **ret_answer, size_t *ret_n,
                   struct why *why)
{
    struct link_context *c;
    enum err e;

    if (strncmp(endpoint, "inproc://", 9) == 0) {
        why_set(why, "%.120s is inside another process", endpoint);
        return E_USAGE;
    }
    if ((e = link_context_open(&c)))
        return e;
    e = query_ask_within(c, endpoint, question, wait_ms, ret_answer, ret_n, why);
    link_context_close(&c);
    return e;
}

enum err query_ask_within(struct link_context *c, const char *endpoint, struct text question, int wait_ms,
                          char **ret_answer, size_t *ret_n, struct why *why)
{
    static const struct link_use use = { ZMQ_REQ, ANSWER_BYTES_MAX, 16, 16 };
    struct mono start = mono_now();
    struct watch *watch;
    void *socket = NULL;
    zmq_msg_t frame;
    char *answer = NULL;
    int count = 0;
    enum err e;

    if (question.n > QUERY_BYTES_MAX) {
        why_set(why, "the question has %u bytes, %d are allowed", question.n, QUERY_BYTES_MAX);
        return E_USAGE;
    }
    if ((e = link_socket(c, &use, &socket, why)) || (e = link_connect(c, socket, endpoint, 0, &watch, why)))
        goto done;
    zmq_send(socket, question.n ? question.p : "", question.n, ZMQ_DONTWAIT);
    while (count == 0) {
        int64_t left_ms = wait_ms - mono_ms_since(start);
        if (left_ms <= 0) {
            why_set(why, "no answer from %.120s within %d ms", endpoint, wait_ms);
            e = E_TIMEOUT;
            goto done;
        }
        link_wait(socket, ZMQ_POLLIN, NULL, (int)left_ms);
        count = link_frames(socket, &frame, 1);
    }
    if (count < 0) {
        why_set(why, "the answer from %.120s has more than one frame", endpoint);
        e = E_MALFORMED;
        goto done;
    }
    if ((answer = malloc(zmq_msg_size(&frame) + 1))) {
        *ret_n = zmq_msg_size(&frame);
        memcpy(answer, zmq_msg_data(&frame), *ret_n);
        answer[*ret_n] = '\0';
        *ret_answer = answer;
    } else {
        e = E_MEMORY;
    }
    zmq_msg_close(&frame);
done:
    link_close(&socket);
    return e;
}
