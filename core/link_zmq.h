/* link_zmq.h: what the two ends of a link, the query socket and the keys share. Only core/link*.c and core/keys.c include it. */
#ifndef CORE_LINK_ZMQ_H
#define CORE_LINK_ZMQ_H

#include "core/link.h"

#include <zmq.h>

struct guard;
struct link_context { void *zmq; struct guard *guard; };
struct bell { int fd; };

enum { LINK_FRAME_BYTES_MAX = BATCH_BYTES_MAX + 64 * 1024 };    /* beyond: the connection is cut, not the batch refused */

/* How a socket is used: what is allowed to arrive, and how many messages may queue. */
struct link_use {
    int type;                       /* ZMQ_DEALER, ... */
    int64_t frame_bytes_max;
    int send_queue, receive_queue;
};
/* Every socket option is set here and in link_guard.c, and nowhere else. */
enum err link_socket(struct link_context *c, const struct link_use *use, void **ret, struct why *why) MUST_USE;
/* turn: which of several keys of the endpoint is expected; ret_watch as guard_dress. */
struct watch;
enum err link_connect(struct link_context *c, void *socket, const char *endpoint, unsigned turn, struct watch **ret_watch, struct why *why) MUST_USE;
enum err link_bind(struct link_context *c, void *socket, const char *endpoint, struct watch **ret_watch, struct why *why) MUST_USE;
void link_close(void **socket);     /* may be NULL; its watch is gone with it */

/* The frames of the next message that is already there: how many; 0: none is there;
 * -1: it had more than max and was dropped. The caller ends with link_drop. */
int link_frames(void *socket, zmq_msg_t frame[], int max);
void link_drop(zmq_msg_t frame[], int count);

/* Waits for the socket (events: ZMQ_POLLIN, ZMQ_POLLOUT) or the bell (NULL: none), which is
 * then silent again. wait_ms < 0: for ever. What happened to the socket; 0 when nothing did,
 * or a signal came. */
short link_wait(void *socket, short events, struct bell *bell, int wait_ms);

/* ---- the guard: link_guard.c ------------------------------------------------ */

enum err guard_open(struct link_context *c, struct guard **ret) MUST_USE;
void guard_close(struct guard **g);                     /* after every socket is closed */
enum err guard_keys(struct guard *g, const struct link_keys *keys, struct why *why) MUST_USE;
/* Before the socket connects or binds: sets its keys, or refuses an endpoint that needs some. *ret_watch: what is seen of its
 * handshakes from then on, until link_close; NULL: nothing is looked at. */
enum err guard_dress(struct guard *g, void *socket, const char *endpoint, bool listens, unsigned turn, struct watch **ret_watch, struct why *why) MUST_USE;
void guard_tell(struct guard *g, const char *fmt, ...) PRINTF(2, 3);

/* What became of a socket's handshakes; any thread. */
enum handshake {
    HANDSHAKE_NONE,
    HANDSHAKE_KEY,                  /* the other end does not accept our key */
    HANDSHAKE_MECHANISM,            /* one end speaks CURVE and the other does not, and we were the first to see it */
    HANDSHAKE_ENDED,                /* it was cut off in the middle: the other end saw that first, or has another key than we expect */
};
bool watch_is_up(const struct watch *w);                /* connected now */
enum handshake watch_trouble(const struct watch *w);    /* of the last handshake, if it failed; ENDED only when it did so again and again */
uint64_t watch_shut_out(const struct watch *w);         /* of a socket that listens: connections that were not let in */

/* In words that say what to do, for a left end. */
void guard_explain(struct guard *g, const char *endpoint, enum handshake trouble, struct why *ret);

/* Whether the sender of this frame is in the list as it is now, and what it may say; where no keys are in force everybody is, and may
 * say everything. The generation changes with the list: whoever was in it need not be asked for again until then. */
unsigned guard_generation(const struct guard *g);
bool guard_knows(struct guard *g, zmq_msg_t *frame, struct link_limits *ret);

#endif
