/* channels.h: the channels a configuration names, opened.
 *
 *   channels:
 *     mail:                        a name of its own, which rules of who and when refer to
 *       type: mail
 *       server: smtp://mail.force.example:587
 *       ...
 *     control-room: { type: webhook, url: ..., secret_file: ... }
 */
#ifndef SINKS_OIC_CHANNELS_H
#define SINKS_OIC_CHANNELS_H

#include "sinks/oic/channel.h"

enum { CHANNELS_MAX = 16, CHANNELS_PARALLEL_MAX = 8 };
struct channels;
/* `map` is the value of "channels:". Nothing is connected to. E_MALFORMED, E_UNKNOWN, E_RANGE with why and line. */
enum err channels_open(const struct yaml *y, const struct yaml_node *map, struct channels **ret, struct why *why) MUST_USE;
void channels_close(struct channels **c);

size_t channels_count(const struct channels *c);
struct text channels_name(const struct channels *c, size_t i);
const char *channels_type(const struct channels *c, size_t i);
/* Its index, or channels_count if there is none. */
size_t channels_find(const struct channels *c, struct text name);
/* How many threads may send through it, each with a `hand` of its own below that. */
size_t channels_parallel(const struct channels *c, size_t i);
enum delivery channels_send(struct channels *c, size_t i, size_t hand, const struct message *m, const struct rendered *r, struct why *why);

#endif
