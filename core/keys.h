/* keys.h: who an end of a link is, and whom it knows: a key pair in a file, and a list of public keys (docs/links.md).
 * Keys are CURVE's (X25519), written in Z85: 40 characters. */
#ifndef CORE_KEYS_H
#define CORE_KEYS_H

#include "core/limits.h"
#include "core/text.h"
#include "core/err.h"

#include <stddef.h>

enum { KEY_BYTES = 32, KEY_CHARS = 40 };

/* ---- a key pair ---------------------------------------------------------- */

struct key_pair {
    char name[REF_BYTES_MAX + 1];                       /* what its owner calls it: letters, digits, '-', '_' and '.' */
    char public_half[KEY_CHARS + 1], secret_half[KEY_CHARS + 1];
};

/* A new one. E_USAGE with why: not a name. */
enum err key_make(const char *name, struct key_pair *ret, struct why *why) MUST_USE;
/* To a new file, as secret_write; and from one, as secret_read. E_MALFORMED with why: it is not a key pair, or its halves are
 * not of each other. */
enum err key_save(const struct key_pair *k, const char *path, struct why *why) MUST_USE;
enum err key_load(const char *path, struct key_pair *ret, struct why *why) MUST_USE;
void key_forget(struct key_pair *k);

/* ---- those it knows ------------------------------------------------------- */

/* One line of the list. With an endpoint it is somebody we connect to, who has to prove to have the key; without, somebody who may
 * connect to us. Texts borrow from the list. */
struct peer {
    struct text name, endpoint;
    uint8_t key[KEY_BYTES];
    char key_text[KEY_CHARS + 1];
    bool is_limited, ticks;                             /* limited: says only what follows; may say what time it is */
    struct text source[PEER_SOURCES_MAX];               /* the sources it may speak for */
    uint8_t sources;
};

struct peers;
/* E_USAGE with why: it cannot be read, anybody may write to it, it is too large. E_MALFORMED, E_FULL with why, "peers:3: ...". */
enum err peers_load(const char *path, struct peers **ret, struct why *why) MUST_USE;
size_t peers_count(const struct peers *p);
const struct peer *peers_at(const struct peers *p, size_t i);
/* Who may connect with this key; NULL: nobody. */
const struct peer *peers_client(const struct peers *p, const uint8_t key[KEY_BYTES]);
/* Whom we expect at this endpoint, as it is written; of several, the one of this turn (modulo their count). NULL: nobody. */
const struct peer *peers_server(const struct peers *p, const char *endpoint, unsigned turn);
void peers_close(struct peers **p);

#endif
