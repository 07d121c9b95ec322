/* ends.h: both ends of a link in memory: a source of ticks, counted from 1, and a keeper that keeps what they say. */
#ifndef TESTS_KIT_ENDS_H
#define TESTS_KIT_ENDS_H

#include "core/link.h"

struct numbers { uint64_t next, last, digest, salt; unsigned per_batch; uint64_t told_durable; struct wire *wire; uint8_t buf[64 * 1024]; };
struct link_source source_of(struct numbers *n, const char *stream);

enum { KEPT_STREAMS = 4 };
struct kept { uint8_t stream[STREAM_BYTES]; uint32_t epoch; uint64_t cursor, digest, sum; };
struct keeper { struct kept of[KEPT_STREAMS]; size_t count; uint64_t window; struct wire *wire; };
struct kept *kept_of(struct keeper *k, const uint8_t stream[STREAM_BYTES]);
struct link_keeper keeper_of(struct keeper *k);

/* Each fails the test where it cannot. */
struct link_right *right_open(struct link_context *c, const char *endpoint, struct keeper *k);
struct link_left *left_open(struct link_context *c, const char *endpoint, const struct link_source *s);
/* Receives one round and keeps it: every item is the one after the last. */
size_t keep_round(struct link_right *r, struct keeper *k, bool really);
enum err turn(struct link_left *l);
/* Both ends in turn until the left has nothing more. */
void run_out(struct link_left *l, struct link_right *r, struct keeper *k);

#endif
