/* input.h: the door to zlib: a file, plain or gzip, a pipe or a terminal, as bytes. */
#ifndef PRODUCERS_INPUT_H
#define PRODUCERS_INPUT_H

#include "core/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct input;
/* path "-": standard input. E_USAGE with why: it cannot be opened. */
enum err input_open(const char *path, struct input **ret, struct why *why) MUST_USE;
/* The next bytes, 1 to cap of them. E_AGAIN: a pipe or a terminal has said nothing for wait_ms. E_END; E_IO with
 * why; E_USAGE: gzip through a pipe. */
enum err input_read(struct input *in, int wait_ms, char *buf, size_t cap, size_t *ret_n, struct why *why) MUST_USE;
bool input_is_file(const struct input *in);             /* not a pipe or a terminal: never E_AGAIN */
/* After E_END: the gzip file breaks off or is damaged; what came before (but for some 256 KiB before damage) was given. */
bool input_is_cut(const struct input *in);
uint64_t input_bytes_read(const struct input *in);      /* of the file as it is on the disk */
uint64_t input_bytes_total(const struct input *in);     /* 0: not known */
void input_close(struct input **in);

#endif
