#include "core/json.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

static struct json *read_json(const char *s)
{
    struct json *j = NULL;
    struct why why = { "" };

    cr_assert_eq(json_parse(s, strlen(s), &j, &why), E_OK, "%s: %s", s, why.text);
    return j;
}

Test(json, members_are_found_by_name_and_walked_in_order)
{
    struct json *j = read_json("{\"b\":\"x\",\"a\":-7,\"f\":true,\"n\":null,\"l\":[1,\"two\"]}");
    const struct json *value;
    const void *at = NULL;
    struct text text, key;
    char keys[8] = "";
    int64_t number;
    bool flag;

    cr_assert(json_text(json_get(j, "b"), &text) && text_same(text, TEXT("x")));
    cr_assert(json_number(json_get(j, "a"), &number) && number == -7);
    cr_assert(json_bool(json_get(j, "f"), &flag) && flag);
    cr_assert_eq(json_kind(json_get(j, "n")), JSON_KIND_NULL);
    cr_assert_null(json_get(j, "missing"));
    cr_assert_not(json_text(json_get(j, "a"), &text));
    cr_assert_not(json_number(json_get(j, "b"), &number));
    cr_assert_not(json_text(NULL, &text));
    const struct json *list = json_get(j, "l");
    cr_assert_eq(json_count(list), 2);
    cr_assert(json_text(json_at(list, 1), &text) && text_same(text, TEXT("two")));
    cr_assert_null(json_at(list, 2));
    cr_assert_null(json_get(list, "b"));
    while (json_next(j, &at, &key, &value))
        strncat(keys, key.p, key.n);
    cr_assert_str_eq(keys, "bafnl");
    cr_assert_eq(json_count(j), 5);
    json_free(&j);
    cr_assert_null(j);
    json_free(&j);
}

Test(json, refuses_what_is_not_json_without_repeating_it)
{
    static const struct { const char *text; enum err err; } row[] = {
        { "", E_MALFORMED }, { "{", E_MALFORMED }, { "{\"victim\": Smith}", E_MALFORMED }, { "{} {}", E_MALFORMED },
        { "{\"Smith\":1,\"Smith\":2}", E_MALFORMED }, { "\"a\\u0000b\"", E_MALFORMED }, { "\"\xC3\"", E_MALFORMED },
        { "99999999999999999999", E_MALFORMED }, { "\"cut", E_MALFORMED },
        { "[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]", E_OK }, { "[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", E_TOO_LARGE },
        { "[\"[[[[[[[[[[[[[[[[[[[[[\\\"[[[[[[[[[[[[[\"]", E_OK },
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct json *j = NULL;
        struct why why = { "" };
        cr_assert_eq(json_parse(row[i].text, strlen(row[i].text), &j, &why), row[i].err, "%s", row[i].text);
        cr_assert(row[i].err == E_OK || why.text[0], "%s", row[i].text);
        cr_assert_null(strstr(why.text, "Smith"));
        json_free(&j);
    }
}

static void wrote(const struct json_out *o, const char *expected)
{
    struct text t;

    cr_assert_eq(json_out_done(o, &t), E_OK);
    cr_assert(text_same(t, text_of(expected)), "%.*s\nis not\n%s", TEXT_ARG(t), expected);
}

Test(json, writes_one_line_with_every_escape)
{
    struct json_out o;

    json_out_init(&o);
    json_out_object(&o);
    json_out_key(&o, "t");
    json_out_text(&o, (struct text){ "a\"b\\c\n\x01\x7F\xFF\xE2\x82\xAC\0z", 14 });
    json_out_key(&o, "n");
    json_out_integer(&o, INT64_MIN);
    json_out_key(&o, "l");
    json_out_array(&o);
    json_out_bool(&o, true);
    json_out_null(&o);
    json_out_object(&o);
    json_out_end(&o);
    json_out_raw(&o, TEXT("{\"x\":1}"));
    json_out_end(&o);
    json_out_key(&o, "p");
    json_out_decimal(&o, 54.4499, 1);
    json_out_key(&o, "q");
    json_out_decimal(&o, NAN, 1);
    json_out_key(&o, "i");
    json_out_instant(&o, (struct instant){ 1 });
    json_out_end(&o);
    wrote(&o, "{\"t\":\"a\\\"b\\\\c\\n\\u0001\\u007f\xEF\xBF\xBD\xE2\x82\xAC\\u0000z\",\"n\":-9223372036854775808,"
              "\"l\":[true,null,{},{\"x\":1}],\"p\":54.4,\"q\":null,\"i\":\"1970-01-01T00:00:01Z\"}");
    json_out_fini(&o);
}

Test(json, writes_indented_for_people)
{
    struct json_out o;

    json_out_init(&o);
    o.indent = 2;
    json_out_object(&o);
    json_out_key(&o, "a");
    json_out_array(&o);
    json_out_integer(&o, 1);
    json_out_integer(&o, 2);
    json_out_end(&o);
    json_out_key(&o, "e");
    json_out_object(&o);
    json_out_end(&o);
    json_out_end(&o);
    wrote(&o, "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"e\": {}\n}");
    json_out_fini(&o);
}

Test(json, keeps_its_memory_from_one_document_to_the_next)
{
    struct json_out o;
    char *memory = NULL;

    json_out_init(&o);
    for (int i = 0; i < 100; i++) {
        json_out_clear(&o);
        json_out_array(&o);
        for (int k = 0; k < 1000; k++)
            json_out_text(&o, TEXT("a text of some length"));
        json_out_end(&o);
        json_out_newline(&o);
        cr_assert(i == 0 || o.p == memory);
        memory = o.p;
    }
    json_out_fini(&o);
}

Test(json, what_it_writes_it_reads)
{
    struct json_out o;
    struct json *j = NULL;
    struct text t;
    char all[256];

    for (int i = 0; i < 255; i++)
        all[i] = (char)(i + 1);
    json_out_init(&o);
    json_out_text(&o, (struct text){ all, 127 });
    cr_assert_eq(json_out_done(&o, &t), E_OK);
    cr_assert_eq(json_parse(t.p, t.n, &j, NULL), E_OK);
    cr_assert(json_text(j, &t) && text_same(t, (struct text){ all, 127 }));
    json_free(&j);
    json_out_clear(&o);
    json_out_text(&o, (struct text){ all, 255 });
    cr_assert_eq(json_out_done(&o, &t), E_OK);
    cr_assert_eq(json_parse(t.p, t.n, &j, NULL), E_OK, "invalid UTF-8 was replaced");
    json_free(&j);
    json_out_fini(&o);
}

Test(json, a_call_out_of_turn_is_our_bug, .signal = 6)
{
    struct json_out o;

    json_out_init(&o);
    json_out_object(&o);
    json_out_integer(&o, 1);
}
