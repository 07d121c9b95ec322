/* json.h: the door to jansson for reading JSON, and a small writer of its own.
 *
 * Names here keep clear of jansson's own (json_integer, json_object ...): those are
 * exported by its shared library, and a second one would take their place in it. */
#ifndef CORE_JSON_H
#define CORE_JSON_H

#include "core/err.h"
#include "core/text.h"
#include "core/when.h"

/* ---- reading ------------------------------------------------------------ */

enum { JSON_BYTES_MAX = 4 * 1024 * 1024, JSON_DEPTH_MAX = 16 };
enum json_kind { JSON_KIND_NULL, JSON_KIND_BOOL, JSON_KIND_NUMBER, JSON_KIND_TEXT, JSON_KIND_ARRAY, JSON_KIND_OBJECT };

/* A value. All values of a document live until json_free of its root. */
struct json;

/* One whole document of n bytes, UTF-8. The bytes may go after this returns.
 * E_MALFORMED (syntax, a key twice, "\u0000"), E_TOO_LARGE (JSON_BYTES_MAX,
 * JSON_DEPTH_MAX), E_MEMORY; why says at which byte, never what was there. */
enum err json_parse(const char *p, size_t n, struct json **ret, struct why *why) MUST_USE;
void json_free(struct json **j);                        /* leaves NULL; safe twice */

enum json_kind json_kind(const struct json *v);         /* NULL counts as null */
const char *json_kind_name(enum json_kind kind);        /* "text": for telling people what was there */

/* Each is true and sets *ret only if the value (NULL allowed) is of that kind.
 * Texts are UTF-8 without NUL. A number is a whole one that fits; 1.0 is not. */
bool json_text(const struct json *v, struct text *ret);
bool json_number(const struct json *v, int64_t *ret);
bool json_bool(const struct json *v, bool *ret);

/* A member of an object, or NULL: also if it is no object. */
const struct json *json_get(const struct json *object, const char *key);
/* The members in their order: start with *at = NULL; false after the last.
 *     const void *at = NULL; while (json_next(object, &at, &key, &value)) ... */
bool json_next(const struct json *object, const void **at, struct text *ret_key, const struct json **ret_value);
/* Elements of an array or members of an object; 0 for anything else. */
size_t json_count(const struct json *array_or_object);
const struct json *json_at(const struct json *array, size_t i);     /* or NULL */

/* ---- writing ------------------------------------------------------------ */

/* A document under way, in a buffer that grows and is kept for the next one:
 * no allocation per value. Commas, colons and escapes are seen to. Calling out of
 * turn (a key in an array, an end too many) is our bug and asserts. */
struct json_out {
    char *p;                            /* the text so far, not terminated */
    size_t n, cap;
    bool failed;                        /* out of memory: everything since is dropped */
    unsigned indent;                    /* spaces a level; 0: all on one line */
    unsigned depth;
    bool after_key;
    uint32_t is_object, has_members;    /* a bit a level */
};
void json_out_init(struct json_out *o);                 /* takes no memory yet */
void json_out_fini(struct json_out *o);
void json_out_clear(struct json_out *o);                /* begin again, keep the memory */

void json_out_object(struct json_out *o);
void json_out_array(struct json_out *o);
void json_out_end(struct json_out *o);                  /* of the innermost object or array */
void json_out_key(struct json_out *o, const char *key);
void json_out_text(struct json_out *o, struct text value);          /* invalid UTF-8 becomes U+FFFD */
void json_out_integer(struct json_out *o, int64_t value);
void json_out_decimal(struct json_out *o, double value, int places);    /* 54.4; not a number becomes null */
void json_out_bool(struct json_out *o, bool value);
void json_out_null(struct json_out *o);
void json_out_instant(struct json_out *o, struct instant value);    /* "2026-11-14T09:00:00Z"; not set becomes null */
void json_out_raw(struct json_out *o, struct text value);           /* JSON already */
void json_out_newline(struct json_out *o);              /* between documents: NDJSON */

/* A member of the innermost object; left out when it says nothing: an empty text, a time that is not set, false. */
void json_put_text(struct json_out *o, const char *key, struct text value);
void json_put_time(struct json_out *o, const char *key, struct instant value);
void json_put_flag(struct json_out *o, const char *key, bool value);
void json_put_number(struct json_out *o, const char *key, int64_t value);   /* never left out */

/* What was written: borrows until the next call on o. E_MEMORY. */
enum err json_out_done(const struct json_out *o, struct text *ret) MUST_USE;

#endif
