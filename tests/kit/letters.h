/* letters.h: a queue of messages in a folder of its own, and invented messages to put into it. */
#ifndef TESTS_KIT_LETTERS_H
#define TESTS_KIT_LETTERS_H

#include "sinks/oic/channels.h"
#include "sinks/oic/queue.h"

struct letters { char *dir; struct store *store; struct wire *wire; };
void letters_open(struct letters *l);
void letters_close(struct letters *l);
void letters_reopen(struct letters *l);             /* as after a restart */

/* A message with this number in its id and, as "20/<n>/26", in its one entry. Borrows the texts. */
struct message letter(uint32_t n, const char *channel, const char *to);
/* Puts and commits. */
void letters_put(struct letters *l, const struct message *m);
struct queue_counts letters_count(struct letters *l);
struct queue_slip letters_find(struct letters *l, uint32_t n);   /* its texts are gone when it returns */
void letters_id(uint32_t n, uint8_t ret[MESSAGE_ID_BYTES]);
uint32_t letters_number(const uint8_t id[MESSAGE_ID_BYTES]);

/* Channels from the text of a configuration; the test fails if it is refused. */
struct channels *letters_channels(const char *yaml);

#endif
