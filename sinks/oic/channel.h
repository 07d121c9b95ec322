/* channel.h: a way for messages to leave: four functions and a name, one file each. */
#ifndef SINKS_OIC_CHANNEL_H
#define SINKS_OIC_CHANNEL_H

#include "core/yaml.h"
#include "sinks/oic/message.h"

/* A message in words (wording.h). Borrows until the next one is rendered. */
struct rendered { struct text subject, plain, html, json; };

enum delivery {
    DELIVERED,              /* the other side has taken it */
    DELIVERY_LATER,         /* this message not now: it is tried again after a while, and those to the same recipient wait */
    DELIVERY_NEVER,         /* this message was refused for good: to the dead letters, for a person to look at */
    DELIVERY_DOWN,          /* the channel itself does not work (refused, certificate, password, disk): all of it waits; no
                             * message is at fault, none is counted as tried or given up */
};

struct channel {
    const char *name, *help;
    unsigned parallel;      /* how many messages at once, each through a context of its own, unless the configuration says; 0: one */
    /* Reads its part of the configuration: `config` is the map of one channel, "type" in it is known already.
     * E_MALFORMED, E_UNKNOWN, E_RANGE with why ("oic.yaml:12: ..."); nothing is connected to yet. */
    enum err (*open)(const struct yaml *y, const struct yaml_node *config, void **ret_ctx, struct why *why);
    /* One attempt, within the channel's time limit; a context is used by one thread. why: what the other side said, without
     * anything of the message in it. */
    enum delivery (*send)(void *ctx, const struct message *m, const struct rendered *r, struct why *why);
    void (*close)(void **ctx);
};

/* What is common in configurations. Each of the next: the default, if the key is not there. */
enum err channel_text(const struct yaml *y, const struct yaml_node *config, const char *key, bool is_needed, char **ret, struct why *why) MUST_USE;
/* A path; a relative one begins at the configuration's folder. */
enum err channel_path(const struct yaml *y, const struct yaml_node *config, const char *key, bool is_needed, char **ret, struct why *why) MUST_USE;
enum err channel_seconds(const struct yaml *y, const struct yaml_node *config, const char *key, long min, long max, long *ret, struct why *why) MUST_USE;
/* A secret from a file that only its owner may read (core/secret.h), which the caller forgets. NULL: the key is not there. */
enum err channel_secret(const struct yaml *y, const struct yaml_node *config, const char *key, char **ret, struct why *why) MUST_USE;

#endif
