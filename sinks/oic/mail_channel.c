/* mail_channel.c: a message as a mail, handed to a mail server: text and HTML, threaded to what it follows. */
#include "sinks/oic/courier.h"
#include "sinks/oic/mime.h"

#include <stdlib.h>

enum { DOMAINS_MAX = 32 };

struct mail {
    struct courier *courier;
    char *from, *from_name;
    char *domain[DOMAINS_MAX];          /* of recipients; nobody else is written to */
    size_t domains;
    struct page page;
};

static const char *const keys[] = { "type", "server", "tls", "from", "from_name", "domains", COURIER_KEYS };
static const char *const tls_words[] = { "required", "none" };

static void mail_close(void **ctx)
{
    struct mail *c = *ctx;

    courier_close(&c->courier);
    for (size_t i = 0; i < c->domains; i++)
        free(c->domain[i]);
    page_fini(&c->page);
    free(c->from);
    free(c->from_name);
    free(c);
    *ctx = NULL;
}

static enum err read_domains(const struct yaml *y, const struct yaml_node *config, struct mail *c, struct why *why)
{
    const struct yaml_node *list = yaml_get(config, "domains");
    enum err e;

    if (!list)
        return yaml_wrong(y, config, why, "'domains' is missing: the only ones that may be written to, as a list");
    if ((e = yaml_expect(y, list, YAML_LIST, why)))
        return e;
    if (!list->count || list->count > DOMAINS_MAX)
        return yaml_wrong(y, list, why, "'domains' has 1 to %d members", DOMAINS_MAX);
    for (size_t i = 0; i < list->count; i++) {
        struct text t = list->item[i]->text;
        char address[MESSAGE_TEXT_BYTES_MAX + 8];
        if ((e = yaml_expect(y, list->item[i], YAML_SCALAR, why)))
            return e;
        if (t.n > MESSAGE_TEXT_BYTES_MAX - 2)
            return yaml_wrong(y, list->item[i], why, "too long for a domain");
        memcpy(address, "x@", 2);
        memcpy(address + 2, t.p, t.n);
        if (!mime_is_address((struct text){ address, t.n + 2 }))
            return yaml_wrong(y, list->item[i], why, "'%.*s' is not a domain", TEXT_ARG(t));
        if (!(c->domain[i] = strndup(t.p, t.n)))
            return E_MEMORY;
        c->domains++;
    }
    return E_OK;
}

static enum err read_courier(const struct yaml *y, const struct yaml_node *config, struct mail *c, struct why *why)
{
    struct courier_settings s;
    const struct yaml_node *tls = yaml_get(config, "tls");
    struct why reason = { "" };
    char *url = NULL;
    size_t word = 0;
    enum err e = courier_settings_read(y, config, &s, why);

    if (e)
        return e;
    if (!(e = channel_text(y, config, "server", true, &url, why)) &&
        (!tls || !(e = yaml_word(y, tls, "way of TLS", tls_words, sizeof tls_words / sizeof *tls_words, &word, why)))) {
        s.url = url;
        s.is_plain = word == 1;
        if (strncmp(url, "smtp", 4) != 0)
            e = yaml_wrong(y, yaml_get(config, "server"), why, "a mail server is smtp://HOST:PORT (STARTTLS) or smtps://HOST:PORT");
        else if ((e = courier_open(&s, &c->courier, &reason)) && reason.text[0])
            e = yaml_wrong(y, yaml_get(config, "server"), why, "%s", reason.text);
    }
    free(url);
    s.url = NULL;
    courier_settings_fini(&s);
    return e;
}

static enum err mail_open(const struct yaml *y, const struct yaml_node *config, void **ret_ctx, struct why *why)
{
    struct mail *c = calloc(1, sizeof *c);
    enum err e;

    if (!c)
        return E_MEMORY;
    *ret_ctx = c;
    if (!(e = yaml_refuse_others(y, config, keys, sizeof keys / sizeof *keys, why)) &&
        !(e = channel_text(y, config, "from", true, &c->from, why)) &&
        !(e = channel_text(y, config, "from_name", false, &c->from_name, why)) && !(e = read_domains(y, config, c, why))) {
        if (!mime_is_address(text_of(c->from)))
            e = yaml_wrong(y, yaml_get(config, "from"), why, "'from' is not an address: alerts@force.example");
        else
            e = read_courier(y, config, c, why);
    }
    if (e)
        mail_close(ret_ctx);
    return e;
}

static bool may_be_written_to(const struct mail *c, struct text address)
{
    struct text domain = mime_domain(address);

    for (size_t i = 0; i < c->domains; i++)
        if (strlen(c->domain[i]) == domain.n && !strncasecmp(c->domain[i], domain.p, domain.n))
            return true;
    return false;
}

static enum delivery mail_send(void *ctx, const struct message *m, const struct rendered *r, struct why *why)
{
    struct mail *c = ctx;
    struct mime_sender from = { c->from, c->from_name };
    char to[MESSAGE_TEXT_BYTES_MAX + 1];

    if (!mime_is_address(m->to)) {
        why_set(why, "the recipient is not a mail address");
        return DELIVERY_NEVER;
    }
    if (!may_be_written_to(c, m->to)) {
        why_set(why, "the recipient is in none of the domains that may be written to");
        return DELIVERY_NEVER;
    }
    c->page.n = 0;
    c->page.failed = false;
    if (mime_write(&c->page, &from, m, r)) {
        why_set(why, "no memory for the mail");
        return DELIVERY_LATER;
    }
    memcpy(to, m->to.p, m->to.n);
    to[m->to.n] = '\0';
    return courier_mail(c->courier, c->from, to, page_text(&c->page), why);
}

const struct channel mail_channel = {
    .name = "mail",
    .help = "a mail by SMTP, text and HTML",
    .parallel = 4,
    .open = mail_open,
    .send = mail_send,
    .close = mail_close,
};
