/* line.h: who is next: the messages of a queue that wait, in memory, in order of their destinations. For any number of threads.
 *
 * Of one destination (channel and recipient) only the first message is given out, and nothing more until it is handed back.
 * One that has to be tried again holds back those behind it, and nobody else's. */
#ifndef SINKS_OIC_LINE_H
#define SINKS_OIC_LINE_H

#include "sinks/oic/queue.h"

/* How long to wait after the first failed attempt; doubled with each more, up to most. Each wait is cut by up to half, by
 * the id and the number of the attempt, so that a thousand messages that failed together do not come back together.
 * One that has been tried for give_up_s goes to the dead letters. */
struct line_waits { int32_t first_s, most_s, give_up_s; };
#define LINE_WAITS ((struct line_waits){ 30, 15 * 60, 3 * 86400 })
/* The nth wait (from 1) of the message with this id. */
int32_t line_wait_s(const struct line_waits *w, const uint8_t id[MESSAGE_ID_BYTES], uint32_t attempt);

struct line;
/* `s` stays the caller's and open until line_close; `first`: see queue.h. */
enum err line_open(struct store *s, unsigned first, const struct line_waits *waits, struct line **ret) MUST_USE;
void line_close(struct line **q);

/* What a thread has in hand, until it is handed back by one of the next four. */
struct line_taken { uint64_t number; uint32_t attempts; uint8_t id[MESSAGE_ID_BYTES]; struct instant first_try; void *destination; };
/* The next message of that channel which is due. ret_message borrows from w until its next letter.
 * E_NOT_FOUND: none is due; *ret_next is then when the next one will be (not set: none waits).
 * A message that cannot be decoded goes to the dead letters by itself; one that follows a message which lies there goes there too, and
 * is dropped if that was dropped. */
enum err line_take(struct line *q, struct text channel, struct instant now, struct wire *w,
                   struct line_taken *ret, struct message *ret_message, struct instant *ret_next) MUST_USE;

enum err line_delivered(struct line *q, struct line_taken *t, struct instant now, struct text said) MUST_USE;
/* Tried again after a wait; *ret_is_dead (may be NULL): it has been tried for give_up_s and lies with the dead letters now. */
enum err line_later(struct line *q, struct line_taken *t, struct instant now, struct text said, bool *ret_is_dead) MUST_USE;
enum err line_died(struct line *q, struct line_taken *t, struct instant now, struct text said) MUST_USE;
/* Back to its place, as if it had not been taken: the channel failed, not the message. Other recipients come first then. */
enum err line_untake(struct line *q, struct line_taken *t, struct instant now) MUST_USE;

#endif
