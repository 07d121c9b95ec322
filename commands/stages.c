#include "commands/stages.h"
#include "commands/command.h"
#include "commands/links.h"
#include "commands/process.h"

#include <stdio.h>

static void ring(void *bell) { bell_ring(bell); }
static enum err send_once(void *ctx, int wait_ms, struct why *why) { return link_left_run_once(ctx, wait_ms, why); }
static enum err keep_once(void *ctx, int wait_ms, struct why *why) { return sink_loop_run_once(ctx, wait_ms, why); }

enum err sender_start(struct link_context *c, const char *endpoint, const struct link_source *source, struct bell *listen,
                      struct sender *ret, struct why *why)
{
    struct sender s = { 0 };
    enum err e;

    if ((!listen && (e = bell_open(&s.bell))) || (e = link_left_open(c, endpoint, source, &s.left, why)))
        goto fail;
    listen = listen ? listen : s.bell;
    link_left_listen(s.left, listen);
    if ((e = stage_start(send_once, s.left, ring, process_bell(), &s.stage)))
        goto fail;
    stage_wakes_by(s.stage, listen);
    *ret = s;
    return E_OK;
fail:
    sender_stop(&s);
    return e;
}

void sender_stop(struct sender *s)
{
    stage_stop(&s->stage);
    link_left_close(&s->left);
    bell_close(&s->bell);
}

enum err receiver_start(struct link_context *c, const char *endpoint, const struct sink *sink, const char *path,
                        struct receiver *ret, struct why *why)
{
    struct receiver r = { NULL, NULL };
    enum err e = sink_loop_open(c, endpoint, sink, path, &r.loop, why);

    if (e)
        return e;
    if ((e = stage_start(keep_once, r.loop, ring, process_bell(), &r.stage))) {
        sink_loop_close(&r.loop);
        return e;
    }
    stage_wakes_by(r.stage, sink_loop_bell(r.loop));
    *ret = r;
    return E_OK;
}

void receiver_stop(struct receiver *r)
{
    stage_stop(&r->stage);
    sink_loop_close(&r->loop);
}

int receiver_serve(const char *name, const char *listen, const struct sink *sink, const char *path)
{
    struct link_context *c = NULL;
    struct receiver receiver = { NULL, NULL };
    struct why why = { "" };
    enum err e;

    if ((e = links_open(&c, &why)) || (e = receiver_start(c, listen, sink, path, &receiver, &why)))
        goto out;
    fprintf(stderr, "rightswatch %s: listening on %s\n", name, sink_loop_endpoint(receiver.loop));
    if (sink->reload)
        process_hear_reload();
    while (!process_is_stopping() && !stage_is_over(receiver.stage, &e, &why)) {
        if (process_wants_reload())
            sink_loop_reload(receiver.loop);
        bell_wait(process_bell(), 1000);
    }
out:
    receiver_stop(&receiver);
    link_context_close(&c);
    return e ? command_failed(e, &why) : EXIT_DONE;
}
