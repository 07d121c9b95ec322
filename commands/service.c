#include "commands/service.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct service_options service_options = { .limits = VITAL_LIMITS };

static enum err answer(void *ctx, struct text path, struct page *ret)
{
    struct service *s = ctx;
    struct why why = { "" };
    bool has_failed, is_well;
    enum err e;

    if (text_same(path, TEXT("/metrics"))) {
        ret->type = "text/plain; version=0.0.4; charset=utf-8";
        return vitals_metrics(s->vitals, &ret->text, &ret->n);
    }
    if (!text_same(path, TEXT("/healthz")))
        return E_NOT_FOUND;
    has_failed = tracker_has_failed(s->tracker, &why);
    if ((e = vitals_health(s->vitals, has_failed ? why.text : NULL, &is_well, &ret->text, &ret->n)))
        return e;
    ret->status = is_well ? 200 : 503;
    return E_OK;
}

enum err service_open(struct service *s)
{
    *s = (struct service){ NULL, NULL, NULL };
    return service_options.listen ? vitals_open(&service_options.limits, &s->vitals) : E_OK;
}

enum err service_start(struct service *s, struct tracker *t, struct why *why)
{
    enum err e;

    if (!service_options.listen)
        return E_OK;
    s->tracker = t;
    if ((e = pages_open(service_options.listen, answer, s, &s->pages, why)))
        return e;
    fprintf(stderr, "rightswatch: %s/metrics and %s/healthz\n", pages_endpoint(s->pages), pages_endpoint(s->pages));
    return E_OK;
}

void service_stop(struct service *s) { pages_close(&s->pages); }

void service_close(struct service *s)
{
    pages_close(&s->pages);
    vitals_close(&s->vitals);
}
