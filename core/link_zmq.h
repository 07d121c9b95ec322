/* link_zmq.h: what the two ends of a link and the query socket share. Only core/link*.c include it. */
#ifndef CORE_LINK_ZMQ_H
#define CORE_LINK_ZMQ_H

#include "core/link.h"

#include <zmq.h>

struct link_context { void *zmq; };
struct bell { int fd; };

enum { LINK_FRAME_BYTES_MAX = BATCH_BYTES_MAX + 64 * 1024 };    /* beyond: the connection is cut, not the batch refused */

/* How a socket is used: what is allowed to arrive, and how many messages may queue. */
struct link_use {
    int type;                       /* ZMQ_DEALER, ... */
    int64_t frame_bytes_max;
    int send_queue, receive_queue;
};
/* Every socket option is set here and nowhere else. */
enum err link_socket(struct link_context *c, const struct link_use *use, void **ret, struct why *why) MUST_USE;
enum err link_connect(void *socket, const char *endpoint, struct why *why) MUST_USE;
enum err link_bind(void *socket, const char *endpoint, struct why *why) MUST_USE;

/* The frames of the next message that is already there: how many; 0: none is there;
 * -1: it had more than max and was dropped. The caller ends with link_drop. */
int link_frames(void *socket, zmq_msg_t frame[], int max);
void link_drop(zmq_msg_t frame[], int count);

/* Waits for the socket (events: ZMQ_POLLIN, ZMQ_POLLOUT) or the bell (NULL: none), which is
 * then silent again. wait_ms < 0: for ever. What happened to the socket; 0 when nothing did,
 * or a signal came. */
short link_wait(void *socket, short events, struct bell *bell, int wait_ms);

#endif
