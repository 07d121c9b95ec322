/* service.h: the pages of a running tracker: /metrics for Prometheus and /healthz, over HTTP on this machine. */
#ifndef COMMANDS_SERVICE_H
#define COMMANDS_SERVICE_H

#include "core/pages.h"
#include "processors/tracker.h"

struct service { struct vitals *vitals; struct pages *pages; struct tracker *tracker; };
/* Before the tracker: makes what it leaves its figures in. listen NULL: nothing. */
enum err service_open(struct service *s, const char *listen) MUST_USE;
/* After it, says where on standard error; stopped before it is closed. */
enum err service_start(struct service *s, const char *listen, struct tracker *t, struct why *why) MUST_USE;
void service_stop(struct service *s);
void service_close(struct service *s);

#endif
