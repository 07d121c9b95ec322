/* stages.h: stages as the commands run them: a sink, a producer, each in its thread, watched by the command. */
#ifndef COMMANDS_STAGES_H
#define COMMANDS_STAGES_H

#include "core/link.h"
#include "core/stage.h"
#include "sinks/sink.h"

/* A left end that sends a source until it ends. `listen`: rung when the source has more; NULL: it is not. */
struct sender { struct link_left *left; struct bell *bell; struct stage *stage; };
enum err sender_start(struct link_context *c, const char *endpoint, const struct link_source *source, struct bell *listen,
                      struct sender *ret, struct why *why) MUST_USE;
void sender_stop(struct sender *s);

/* A sink behind its right end. */
struct receiver { struct sink_loop *loop; struct stage *stage; };
enum err receiver_start(struct link_context *c, const char *endpoint, const struct sink *sink, const char *path,
                        struct receiver *ret, struct why *why) MUST_USE;
void receiver_stop(struct receiver *r);
/* The sink as a process of its own: says on `listen` that it is there, and keeps until it is told to stop. The exit code. */
int receiver_serve(const char *name, const char *listen, const struct sink *sink, const char *path);

#endif
