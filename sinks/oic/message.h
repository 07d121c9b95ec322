/* message.h: what one recipient is to be sent at one moment, through one channel.
 *
 * A message is planned from notices (plan), kept with its id before anything leaves (queue), then put into
 * words and handed to its channel (post). It holds all it needs, so that an attempt made again, after hours or after a
 * crash, says the same under the same id: whoever receives it twice can show it once. */
#ifndef SINKS_OIC_MESSAGE_H
#define SINKS_OIC_MESSAGE_H

#include "core/wire.h"

enum message_kind {
    MESSAGE_ALERT,          /* due at once, missed, still not done: one journey, or several grouped */
    MESSAGE_DIGEST,         /* what is due soon, once a morning, in order of the due time */
    MESSAGE_FOLLOW_UP,      /* done late, taken back, changed: to whoever was told before, threaded to it */
    MESSAGE_HANDOVER,       /* what the new officer in the case has inherited */
    MESSAGE_OPENING,        /* at a team's go-live: what is still missed, to its supervisor */
    MESSAGE_KINDS
};

enum { MESSAGE_ID_BYTES = LETTER_ID_BYTES, MESSAGE_ENTRIES_MAX = LETTER_ENTRIES_MAX, MESSAGE_BYTES_MAX = LETTER_BYTES_MAX,
       MESSAGE_TEXT_BYTES_MAX = 254 };      /* to: what a mail address may have (RFC 5321); channel, name, beside as well */

/* Texts and entries borrow from whatever it was planned or decoded from. */
struct message {
    uint8_t id[MESSAGE_ID_BYTES];           /* the same for ever: Message-ID, idempotency key, task id */
    uint8_t thread[MESSAGE_ID_BYTES];       /* id of the message this one follows; all zero: none */
    enum message_kind kind;
    struct text channel;                    /* the configuration's name for it */
    struct text to;                         /* an address that channel understands */
    struct text name;                       /* whom it is for, as people say it: "PC 20533", "the team's inbox" */
    struct text beside;                     /* why this recipient, where the duty is another's: a sentence; may be empty */
    struct instant as_of;                   /* the tick as of which the record system stood so */
    int32_t offset;                         /* of the local clock then, seconds east of UTC */
    uint32_t more;                          /* entries beyond MESSAGE_ENTRIES_MAX, counted only */
    size_t count;
    const struct notice *entry[MESSAGE_ENTRIES_MAX];    /* in the order they are to be read, those of one journey together */
};

static inline bool message_follows(const struct message *m)
{
    static const uint8_t nothing[MESSAGE_ID_BYTES];
    return memcmp(m->thread, nothing, sizeof nothing) != 0;
}

/* E_MALFORMED with why: no channel, no recipient, a text that is too long or not printable, an unknown kind, no entry,
 * a time out of range. */
enum err message_check(const struct message *m, struct why *why) MUST_USE;
/* As it is kept: appended to buf as a delimited protobuf, and back. Of bytes that decode, message_check holds.
 * A decoded message borrows from w until its next letter. E_MALFORMED, E_TOO_LARGE, E_MEMORY. */
enum err message_append(struct wire *w, const struct message *m, uint8_t *buf, size_t cap, size_t *used) MUST_USE;
enum err message_decode(struct wire *w, const uint8_t *p, size_t n, struct message *ret) MUST_USE;

#endif
