#include "core/json.h"

#include "core/utf8.h"

#include <assert.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

_Static_assert(sizeof(json_int_t) == sizeof(int64_t), "a JSON number fits");
_Static_assert(JSON_DEPTH_MAX <= 32, "the writer keeps a bit a level");

static const json_t *value_of(const struct json *v) { return (const json_t *)v; }
static const struct json *json_of(const json_t *v) { return (const struct json *)v; }

/* jansson allows 2,048 levels and recurses on each: count them before it does. */
static bool is_too_deep(const char *p, size_t n)
{
    unsigned depth = 0;

    for (size_t i = 0; i < n; i++) {
        if (p[i] == '"') {
            for (i++; i < n && p[i] != '"'; i++)
                i += p[i] == '\\';
        } else if (p[i] == '{' || p[i] == '[') {
            if (++depth > JSON_DEPTH_MAX)
                return true;
        } else if ((p[i] == '}' || p[i] == ']') && depth > 0) {
            depth--;
        }
    }
    return false;
}

/* jansson's own sentence quotes the input, which may name a victim. */
static const char *fault(enum json_error_code code)
{
    switch (code) {
    case json_error_invalid_utf8:               return "not UTF-8";
    case json_error_premature_end_of_input:     return "cut short";
    case json_error_end_of_input_expected:      return "something follows the document";
    case json_error_duplicate_key:              return "a key is there twice";
    case json_error_numeric_overflow:           return "a number too large";
    case json_error_null_character:
    case json_error_null_byte_in_key:           return "a NUL in a text";
    default:                                    return "syntax";
    }
}

enum err json_parse(const char *p, size_t n, struct json **ret, struct why *why)
{
    json_error_t error;
    json_t *root;

    if (n > JSON_BYTES_MAX) {
        why_set(why, "JSON: %zu bytes, more than %d", n, JSON_BYTES_MAX);
        return E_TOO_LARGE;
    }
    if (is_too_deep(p, n)) {
        why_set(why, "JSON: nested deeper than %d", JSON_DEPTH_MAX);
        return E_TOO_LARGE;
    }
    root = json_loadb(p, n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (!root) {
        enum json_error_code code = json_error_code(&error);
        if (code == json_error_out_of_memory)
            return E_MEMORY;
        why_set(why, "not JSON: %s, at byte %d", fault(code), error.position);
        return E_MALFORMED;
    }
    *ret = (struct json *)root;
    return E_OK;
}

void json_free(struct json **j)
{
    json_decref((json_t *)*j);
    *j = NULL;
}

enum json_kind json_kind(const struct json *v)
{
    if (!v)
        return JSON_KIND_NULL;
    switch (json_typeof(value_of(v))) {
    case JSON_OBJECT:   return JSON_KIND_OBJECT;
    case JSON_ARRAY:    return JSON_KIND_ARRAY;
    case JSON_STRING:   return JSON_KIND_TEXT;
    case JSON_INTEGER:
    case JSON_REAL:     return JSON_KIND_NUMBER;
    case JSON_TRUE:
    case JSON_FALSE:    return JSON_KIND_BOOL;
    case JSON_NULL:     break;
    }
    return JSON_KIND_NULL;
}

const char *json_kind_name(enum json_kind kind)
{
    static const char *const name[] = { "null", "true or false", "number", "text", "array", "object" };

    return (unsigned)kind < sizeof name / sizeof *name ? name[kind] : "?";
}

bool json_text(const struct json *v, struct text *ret)
{
    if (!v || !json_is_string(value_of(v)))
        return false;
    *ret = (struct text){ json_string_value(value_of(v)), (uint32_t)json_string_length(value_of(v)) };
    return true;
}

bool json_number(const struct json *v, int64_t *ret)
{
    if (!v || !json_is_integer(value_of(v)))
        return false;
    *ret = json_integer_value(value_of(v));
    return true;
}

bool json_bool(const struct json *v, bool *ret)
{
    if (!v || !json_is_boolean(value_of(v)))
        return false;
    *ret = json_is_true(value_of(v));
    return true;
}

const struct json *json_get(const struct json *object, const char *key)
{
    return json_of(json_object_get(value_of(object), key));
}

bool json_next(const struct json *object, const void **at, struct text *ret_key, const struct json **ret_value)
{
    json_t *o = (json_t *)object;
    void *iter = *at ? json_object_iter_next(o, (void *)*at) : json_object_iter(o);

    if (!iter)
        return false;
    *at = iter;
    *ret_key = (struct text){ json_object_iter_key(iter), (uint32_t)json_object_iter_key_len(iter) };
    *ret_value = json_of(json_object_iter_value(iter));
    return true;
}

size_t json_count(const struct json *v)
{
    return v && json_is_object(value_of(v)) ? json_object_size(value_of(v)) : json_array_size(value_of(v));
}

const struct json *json_at(const struct json *array, size_t i)
{
    return json_of(json_array_get(value_of(array), i));
}

/* ---- writing ------------------------------------------------------------ */

static bool reserve(struct json_out *o, size_t more)
{
    size_t cap = o->cap ? o->cap : 512;
    char *p;

    if (o->failed)
        return false;
    if (o->cap - o->n >= more)
        return true;
    while (cap - o->n < more)
        cap *= 2;
    p = realloc(o->p, cap);
    if (!p) {
        o->failed = true;
        return false;
    }
    o->p = p;
    o->cap = cap;
    return true;
}

static void put(struct json_out *o, const char *p, size_t n)
{
    if (n && reserve(o, n)) {
        memcpy(o->p + o->n, p, n);
        o->n += n;
    }
}

static void put_line(struct json_out *o)
{
    static const char spaces[] = "                                ";

    if (o->indent == 0)
        return;
    put(o, "\n", 1);
    for (size_t left = (size_t)o->indent * o->depth; left > 0;) {
        size_t n = left < sizeof spaces - 1 ? left : sizeof spaces - 1;
        put(o, spaces, n);
        left -= n;
    }
}

static void put_escaped(struct json_out *o, struct text t)
{
    static const char hex[] = "0123456789abcdef";
    uint32_t from = 0, i = 0;

    put(o, "\"", 1);
    while (i < t.n) {
        unsigned char c = (unsigned char)t.p[i];
        unsigned length = utf8_length(t.p + i, t.n - i);
        if (length > 1 || (length == 1 && c >= 0x20 && c != '"' && c != '\\' && c != 0x7F)) {
            i += length;
            continue;
        }
        put(o, t.p + from, i - from);
        from = ++i;
        if (length == 0)
            put(o, "\xEF\xBF\xBD", 3);
        else if (c == '"' || c == '\\')
            put(o, (char[]){ '\\', (char)c }, 2);
        else if (c == '\n' || c == '\t' || c == '\r')
            put(o, (char[]){ '\\', c == '\n' ? 'n' : c == '\t' ? 't' : 'r' }, 2);
        else
            put(o, (char[]){ '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] }, 6);
    }
    put(o, t.p + from, t.n - from);
    put(o, "\"", 1);
}

static uint32_t level(const struct json_out *o) { return UINT32_C(1) << (o->depth - 1); }

/* Before a key, or a value of an array: the comma and the line. */
static void put_between(struct json_out *o)
{
    if (o->depth == 0)
        return;
    if (o->has_members & level(o))
        put(o, ",", 1);
    o->has_members |= level(o);
    put_line(o);
}

static void begin_value(struct json_out *o)
{
    if (o->after_key) {
        o->after_key = false;
        return;
    }
    assert(o->depth == 0 || !(o->is_object & level(o)));
    put_between(o);
}

static void put_value(struct json_out *o, const char *p, size_t n)
{
    begin_value(o);
    put(o, p, n);
}

static void open_level(struct json_out *o, bool is_object)
{
    put_value(o, is_object ? "{" : "[", 1);
    assert(o->depth < JSON_DEPTH_MAX);
    o->depth++;
    o->has_members &= ~level(o);
    o->is_object = is_object ? o->is_object | level(o) : o->is_object & ~level(o);
}

void json_out_init(struct json_out *o) { *o = (struct json_out){ 0 }; }

void json_out_fini(struct json_out *o)
{
    free(o->p);
    *o = (struct json_out){ 0 };
}

void json_out_clear(struct json_out *o)
{
    *o = (struct json_out){ .p = o->p, .cap = o->cap, .indent = o->indent };
}

void json_out_object(struct json_out *o) { open_level(o, true); }
void json_out_array(struct json_out *o) { open_level(o, false); }

void json_out_end(struct json_out *o)
{
    assert(o->depth > 0 && !o->after_key);
    bool is_object = o->is_object & level(o), has_members = o->has_members & level(o);
    o->depth--;
    if (has_members)
        put_line(o);
    put(o, is_object ? "}" : "]", 1);
}

void json_out_key(struct json_out *o, const char *key)
{
    assert(o->depth > 0 && (o->is_object & level(o)) && !o->after_key);
    put_between(o);
    put_escaped(o, text_of(key));
    put(o, ": ", o->indent ? 2 : 1);
    o->after_key = true;
}

void json_out_text(struct json_out *o, struct text value)
{
    begin_value(o);
    put_escaped(o, value);
}

void json_out_integer(struct json_out *o, int64_t value)
{
    char digits[24], *p = digits + sizeof digits;
    uint64_t left = value < 0 ? -(uint64_t)value : (uint64_t)value;

    do
        *--p = (char)('0' + left % 10);
    while (left /= 10);
    if (value < 0)
        *--p = '-';
    put_value(o, p, (size_t)(digits + sizeof digits - p));
}

void json_out_decimal(struct json_out *o, double value, int places)
{
    char digits[400];
    int n;

    assert(places >= 0 && places <= 17);
    if (!isfinite(value)) {
        json_out_null(o);
        return;
    }
    n = snprintf(digits, sizeof digits, "%.*f", places, value);
    assert(n > 0 && (size_t)n < sizeof digits);
    put_value(o, digits, (size_t)n);
}

void json_out_bool(struct json_out *o, bool value) { put_value(o, value ? "true" : "false", value ? 4 : 5); }
void json_out_null(struct json_out *o) { put_value(o, "null", 4); }

void json_out_instant(struct json_out *o, struct instant value)
{
    char text[INSTANT_TEXT];

    if (!instant_is_set(value)) {
        json_out_null(o);
        return;
    }
    instant_format(value, text);
    begin_value(o);
    put(o, "\"", 1);
    put(o, text, strlen(text));
    put(o, "\"", 1);
}

void json_out_raw(struct json_out *o, struct text value) { put_value(o, value.p, value.n); }

void json_out_newline(struct json_out *o)
{
    assert(o->depth == 0);
    put(o, "\n", 1);
}

void json_put_text(struct json_out *o, const char *key, struct text value)
{
    if (!text_is_empty(value))
        json_out_key(o, key), json_out_text(o, value);
}

void json_put_time(struct json_out *o, const char *key, struct instant value)
{
    if (instant_is_set(value))
        json_out_key(o, key), json_out_instant(o, value);
}

void json_put_flag(struct json_out *o, const char *key, bool value)
{
    if (value)
        json_out_key(o, key), json_out_bool(o, true);
}

void json_put_number(struct json_out *o, const char *key, int64_t value)
{
    json_out_key(o, key);
    json_out_integer(o, value);
}

enum err json_out_done(const struct json_out *o, struct text *ret)
{
    assert(o->depth == 0 && !o->after_key);
    if (o->failed)
        return E_MEMORY;
    *ret = (struct text){ o->p, (uint32_t)o->n };
    return E_OK;
}
