/* courier.h: the door to libcurl: one mail by SMTP, one POST by HTTPS; certificates verified, every wait bounded.
 *
 * Without TLS only to this machine (127.0.0.1, ::1, localhost): a relay of its own, a test. A redirect is not followed, a
 * proxy only used if it is named. Connections are kept open between messages; one that was closed meanwhile is
 * opened again without anybody noticing. */
#ifndef SINKS_OIC_COURIER_H
#define SINKS_OIC_COURIER_H

#include "sinks/oic/channel.h"

struct courier_settings {
    const char *url;                    /* smtp://host:port, smtps://host:port, https://host/path */
    const char *ca_file;                /* PEM; NULL: the machine's own */
    const char *user, *password;        /* SMTP AUTH or HTTP Basic; NULL: none */
    const char *bearer;                 /* Authorization: Bearer; NULL: none */
    const char *cert_file, *key_file;   /* of this client; NULL: none */
    const char *proxy;                  /* NULL: none */
    bool is_plain;                      /* SMTP without STARTTLS */
    long connect_s, total_s;
};

struct courier;
/* Refuses (E_MALFORMED with why) a URL of another kind, and one without TLS beyond this machine. Connects to nothing. */
enum err courier_open(const struct courier_settings *s, struct courier **ret, struct why *why) MUST_USE;
void courier_close(struct courier **c);

/* What the keys that several channels have say in a configuration: ca_file, user, password_file, bearer_file, cert_file, key_file, proxy,
 * connect_limit_s, time_limit_s. The texts are the caller's to free with courier_settings_fini. */
#define COURIER_KEYS "ca_file", "user", "password_file", "bearer_file", "cert_file", "key_file", "proxy", "connect_limit_s", "time_limit_s", "parallel"
enum err courier_settings_read(const struct yaml *y, const struct yaml_node *config, struct courier_settings *ret, struct why *why) MUST_USE;
void courier_settings_fini(struct courier_settings *s);

/* Hands over one mail: lines end in CRLF. why: what the server said, addresses left out. */
enum delivery courier_mail(struct courier *c, const char *from, const char *to, struct text mail, struct why *why);
/* One POST; `header` are whole lines, n of them. */
enum delivery courier_post(struct courier *c, const char *const *header, size_t n, struct text body, struct why *why);

#endif
