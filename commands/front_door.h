/* front_door.h: one item, handed to a running tracker by a command, like any producer's. */
#ifndef COMMANDS_FRONT_DOOR_H
#define COMMANDS_FRONT_DOOR_H

#include "core/link.h"

/* Returns when the tracker at `endpoint` (NULL: the one on the data folder) has the item durably. name: what the stream is called.
 * E_MALFORMED and others of item_check; E_TIMEOUT with why: not within wait_s, or the process is to stop. */
enum err front_door_send(const struct item *item, const char *name, const char *data, const char *endpoint, int64_t wait_s, struct why *why) MUST_USE;

#endif
