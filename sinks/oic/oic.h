/* oic.h: the officer alerts as a sink: notices and ticks in, messages out through the channels of a configuration. */
#ifndef SINKS_OIC_OIC_H
#define SINKS_OIC_OIC_H

#include "sinks/oic/plan.h"
#include "sinks/sink.h"

/* Its path is the configuration file (settings.h), which says where its own folder is. From open on messages that wait are
 * sent, by threads of its own; close leaves the rest for the next start. */
extern const struct sink oic_sink;

/* Of an open sink (sink_loop_ctx), from any thread: messages that wait to be sent. */
uint64_t oic_waiting(void *ctx);
/* Nothing waits that could be sent now: the rest is to be tried again later, or its channel is down. */
bool oic_is_settled(void *ctx);

#endif
