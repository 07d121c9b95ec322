/* keyring.h: keys and lists for real processes that speak over tcp:// in a test. */
#ifndef TESTS_KIT_KEYRING_H
#define TESTS_KIT_KEYRING_H

/* "tcp://127.0.0.1:PORT" of a port that nobody uses now, malloc'd. */
char *endpoint_free(void);
/* Makes DIR/NAME.key with `rightswatch keys`; gives the line it prints, "NAME PUBLIC", malloc'd. */
char *keyring_make(const char *dir, const char *name);
/* The list DIR/NAME.peers becomes this text, at once and whole. */
void keyring_list(const char *dir, const char *name, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The four last arguments of a command, "--key DIR/NAME.key --peers DIR/NAME.peers": for ARGS, whose end they are when there are none. */
struct keyring { char *option[4]; };
struct keyring keyring_of(const char *dir, const char *name);
void keyring_free(struct keyring *k);
#define KEYS(k) (k).option[0], (k).option[1], (k).option[2], (k).option[3]

#endif
