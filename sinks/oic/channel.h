/* channel.h: a way for messages to leave: four functions and a name, one file each. */
#ifndef SINKS_OIC_CHANNEL_H
#define SINKS_OIC_CHANNEL_H

#include "core/yaml.h"
#include "sinks/oic/message.h"

/* A message in words. Borrows until the next one is rendered. */
struct rendered { struct text subject, plain, html, json; };

enum delivery {
    DELIVERED,              /* the other side has taken it */
    DELIVERY_LATER,         /* not now: the same message is tried again after a while */
    DELIVERY_NEVER,         /* refused for good: to the dead letters, for a person to look at */
};

struct channel {
    const char *name, *help;
    /* Reads its part of the configuration. E_MALFORMED, E_UNKNOWN, E_RANGE with why ("oic.yaml:12: ..."). */
    enum err (*open)(const struct yaml *y, const struct yaml_node *config, void **ret_ctx, struct why *why);
    /* One attempt, within the channel's time limit; from one thread. why: what the other side said, without
     * anything of the message in it. */
    enum delivery (*send)(void *ctx, const struct message *m, const struct rendered *r, struct why *why);
    void (*close)(void **ctx);
};

#endif
