/* service.h: the pages of a running tracker: /metrics for Prometheus and /healthz, over HTTP on this machine. */
#ifndef COMMANDS_SERVICE_H
#define COMMANDS_SERVICE_H

#include "core/opt.h"
#include "core/pages.h"
#include "processors/tracker.h"

struct service_options { const char *listen; struct vital_limits limits; };
extern struct service_options service_options;          /* as given on the command line */

#define SERVICE_OPTIONS \
    { "metrics", "ADDRESS", "answer /metrics and /healthz over HTTP here, on this machine: 127.0.0.1:9464 (nowhere)", OPT_TEXT, &service_options.listen, 0, 0 }, \
    { "health-tick", "SPAN", "/healthz: not well when no tick came for this long (10m)", OPT_SPAN, &service_options.limits.tick_s, 1, 30 * 86400 }, \
    { "health-sink", "SPAN", "/healthz: not well when a sink takes nothing of what waits for it for this long (5m)", OPT_SPAN, &service_options.limits.sink_s, 1, 30 * 86400 }

struct service { struct vitals *vitals; struct pages *pages; struct tracker *tracker; };
/* Before the tracker: makes what it leaves its figures in; nothing where nobody asked for pages. */
enum err service_open(struct service *s) MUST_USE;
/* After it, says where on standard error; stopped before it is closed. */
enum err service_start(struct service *s, struct tracker *t, struct why *why) MUST_USE;
void service_stop(struct service *s);
void service_close(struct service *s);

#endif
