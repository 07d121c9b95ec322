/* webhook_channel.c: a message as JSON, by HTTPS POST, under an idempotency key and a signature.
 *
 * Headers: Idempotency-Key is the message's id, for ever the same. webhook-id, webhook-timestamp and webhook-signature are those of
 * the Standard Webhooks specification (standardwebhooks.com): "v1," and the base64 of HMAC-SHA256 over "id.timestamp.body", so that a
 * receiver can use a library for it, refuse what is old, and know that it came from here. */
#include "core/hash.h"
#include "core/secret.h"
#include "sinks/oic/courier.h"

#include <stdio.h>
#include <stdlib.h>

enum { KEY_BYTES_MAX = 512 };

struct webhook { struct courier *courier; uint8_t key[KEY_BYTES_MAX]; size_t key_bytes; };

static const char *const keys[] = { "type", "url", "secret_file", COURIER_KEYS };

static void webhook_close(void **ctx)
{
    struct webhook *c = *ctx;

    courier_close(&c->courier);
    hash_wipe(c->key, sizeof c->key);
    free(c);
    *ctx = NULL;
}

/* "whsec_" and base64, as the specification has it; or the bytes as they are. */
static enum err read_key(const struct yaml *y, const struct yaml_node *config, struct webhook *c, struct why *why)
{
    char *secret = NULL;
    enum err e = channel_secret(y, config, "secret_file", &secret, why);

    if (e)
        return e;
    if (!secret)
        return yaml_wrong(y, config, why, "'secret_file' is missing: with it the receiver knows who writes");
    if (!strncmp(secret, "whsec_", 6)) {
        if (hash_base64_decode(text_of(secret + 6), c->key, sizeof c->key, &c->key_bytes))
            e = yaml_wrong(y, yaml_get(config, "secret_file"), why, "what follows 'whsec_' in it is not base64");
    } else if (strlen(secret) > sizeof c->key) {
        e = yaml_wrong(y, yaml_get(config, "secret_file"), why, "a secret has at most %d bytes", KEY_BYTES_MAX);
    } else {
        c->key_bytes = strlen(secret);
        memcpy(c->key, secret, c->key_bytes);
    }
    if (!e && c->key_bytes < 24)
        e = yaml_wrong(y, yaml_get(config, "secret_file"), why, "the secret is shorter than 24 bytes: make one with `openssl rand -base64 32`");
    secret_forget(&secret);
    return e;
}

static enum err webhook_open(const struct yaml *y, const struct yaml_node *config, void **ret_ctx, struct why *why)
{
    struct webhook *c = calloc(1, sizeof *c);
    struct courier_settings s = { .url = NULL };
    struct why reason = { "" };
    char *url = NULL;
    enum err e;

    if (!c)
        return E_MEMORY;
    *ret_ctx = c;
    if (!(e = yaml_refuse_others(y, config, keys, sizeof keys / sizeof *keys, why)) &&
        !(e = channel_text(y, config, "url", true, &url, why)) && !(e = read_key(y, config, c, why)) &&
        !(e = courier_settings_read(y, config, &s, why))) {
        s.url = url;
        if (strncmp(url, "http", 4) != 0)
            e = yaml_wrong(y, yaml_get(config, "url"), why, "a webhook's address begins with https://");
        else if ((e = courier_open(&s, &c->courier, &reason)) && reason.text[0])
            e = yaml_wrong(y, yaml_get(config, "url"), why, "%s", reason.text);
        courier_settings_fini(&s);
    }
    free(url);
    if (e)
        webhook_close(ret_ctx);
    return e;
}

static enum delivery webhook_send(void *ctx, const struct message *m, const struct rendered *r, struct why *why)
{
    struct webhook *c = ctx;
    char id[MESSAGE_ID_BYTES * 2 + 1], signed_part[80], mac_text[HMAC_BYTES * 2], line[4][128];
    const char *header[] = { "Content-Type: application/json", line[0], line[1], line[2], line[3] };
    long long now = (long long)instant_now().s;
    uint8_t mac[HMAC_BYTES];

    hash_hex(m->id, sizeof m->id, id);
    snprintf(signed_part, sizeof signed_part, "%s.%lld.", id, now);
    hash_hmac((struct text){ (const char *)c->key, (uint32_t)c->key_bytes }, text_of(signed_part), r->json, (struct text){ "", 0 }, mac);
    hash_base64(mac, sizeof mac, mac_text);
    snprintf(line[0], sizeof line[0], "Idempotency-Key: %s", id);
    snprintf(line[1], sizeof line[1], "webhook-id: %s", id);
    snprintf(line[2], sizeof line[2], "webhook-timestamp: %lld", now);
    snprintf(line[3], sizeof line[3], "webhook-signature: v1,%s", mac_text);
    return courier_post(c->courier, header, sizeof header / sizeof *header, r->json, why);
}

const struct channel webhook_channel = {
    .name = "webhook",
    .help = "JSON by HTTPS POST, signed, under an idempotency key",
    .parallel = 4,
    .open = webhook_open,
    .send = webhook_send,
    .close = webhook_close,
};
