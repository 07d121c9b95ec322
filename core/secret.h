/* secret.h: files that only their owner may read: keys, passwords. */
#ifndef CORE_SECRET_H
#define CORE_SECRET_H

#include "core/err.h"

/* The file's text without the newlines at its end; the caller gives it to secret_forget. E_USAGE with why: it cannot be read,
 * others may read it, it is empty, larger than a secret is, or has a NUL in it. Below $CREDENTIALS_DIRECTORY, where systemd
 * keeps a service's credentials for it alone, a file may be shown as readable by a group. */
enum err secret_read(const char *path, char **ret, struct why *why) MUST_USE;
/* Makes the file, mode 0600, synced. E_USAGE with why: it is there already, or cannot be made. */
enum err secret_write(const char *path, const char *text, struct why *why) MUST_USE;
void secret_forget(char **secret);                      /* overwritten, freed */

#endif
