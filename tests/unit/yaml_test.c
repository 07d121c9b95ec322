#include "core/yaml.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct yaml *read_text(const char *text)
{
    struct yaml *y = NULL;
    struct why why = { "" };
    cr_assert_eq(yaml_open("folder/book.yaml", text, strlen(text), &y, &why), E_OK, "%s", why.text);
    return y;
}

static void refuses(const char *text, const char *expected)
{
    struct yaml *y = NULL;
    struct why why = { "" };
    enum err e = yaml_open("folder/book.yaml", text, strlen(text), &y, &why);
    cr_assert_neq(e, E_OK, "%s", text);
    cr_assert_null(y);
    cr_assert(strstr(why.text, expected), "%s: %s", text, why.text);
}

Test(yaml, every_node_knows_its_line)
{
    struct yaml *y = read_text("# head\nname: a\nrules:\n  - id: R1\n    kinds: [x, \"y\"]\n  - id: R2\n");
    const struct yaml_node *rules = yaml_get(yaml_root(y), "rules");

    cr_assert_eq(rules->kind, YAML_LIST);
    cr_assert_eq(rules->count, 2);
    cr_assert_eq(yaml_get(rules->item[0], "id")->line, 4);
    cr_assert_eq(yaml_get(rules->item[1], "id")->line, 6);
    cr_assert(yaml_get(rules->item[0], "kinds")->item[1]->is_quoted);
    cr_assert(text_same(yaml_get(rules->item[0], "kinds")->item[0]->text, TEXT("x")));
    cr_assert_null(yaml_get(rules->item[0], "title"));
    yaml_close(&y);
    cr_assert_null(y);
    yaml_close(&y);
}

Test(yaml, maps_keep_their_order)
{
    struct yaml *y = read_text("z: 1\na: 2\nm: 3\n");
    const struct yaml_node *map = yaml_root(y);

    cr_assert_eq(map->count, 3);
    cr_assert(text_same(map->key[0]->text, TEXT("z")) && text_same(map->key[2]->text, TEXT("m")));
    yaml_close(&y);
}

Test(yaml, what_is_not_plain_is_refused_with_its_line)
{
    refuses("a: 1\nb: [1, 2\n", "book.yaml:");
    refuses("a: 1\na: 2\n", "book.yaml:2: 'a' is already said in line 1");
    refuses("a: &x 1\n", "book.yaml:1: anchors");
    refuses("a: *x\n", "book.yaml:1: anchors");
    refuses("a: !!int 1\n", "book.yaml:1: anchors");
    refuses("a: 1\n---\nb: 2\n", "book.yaml:2: a second document");
    refuses("? [a, b]\n: 1\n", "a key must be a word");
    refuses("", "nothing in it");
    refuses("a: \"\\0\"\n", "NUL");
    refuses("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", "nested too deeply");
    refuses("a:\tb\n\tc: d\n", "book.yaml:");
}

Test(yaml, a_slip_of_the_pen_is_told_what_was_meant)
{
    static const char *const kinds[] = { "arrested", "bailed", "bail-changed" };
    struct yaml *y = read_text("kind: arested\nother: xyzzy\n");
    struct why why = { "" };
    size_t i;

    cr_assert_eq(yaml_word(y, yaml_get(yaml_root(y), "kind"), "kind of update", kinds, 3, &i, &why), E_UNKNOWN);
    cr_assert_str_eq(why.text, "book.yaml:1: no such kind of update 'arested'; did you mean 'arrested'?");
    cr_assert_eq(yaml_word(y, yaml_get(yaml_root(y), "other"), "kind", kinds, 3, &i, &why), E_UNKNOWN);
    cr_assert_str_eq(why.text, "book.yaml:2: no such kind 'xyzzy'; there are: arrested, bailed, bail-changed");
    cr_assert_eq(yaml_refuse_others(y, yaml_root(y), (const char *const[]){ "kind", "others" }, 2, &why), E_UNKNOWN);
    cr_assert_str_eq(why.text, "book.yaml:2: no such key 'other'; did you mean 'others'?");
    yaml_close(&y);
}

Test(yaml, numbers_and_flags_are_checked)
{
    struct yaml *y = read_text("n: 12\nx: 12a\nf: yes\ng: maybe\nl: []\ne:\n");
    const struct yaml_node *m = yaml_root(y);
    struct why why = { "" };
    long n;
    bool f;

    cr_assert(yaml_number(y, yaml_get(m, "n"), 1, 12, &n, &why) == E_OK && n == 12);
    cr_assert_eq(yaml_number(y, yaml_get(m, "n"), 1, 11, &n, &why), E_RANGE);
    cr_assert_str_eq(why.text, "book.yaml:1: 12 is not from 1 to 11");
    cr_assert_eq(yaml_number(y, yaml_get(m, "x"), 1, 99, &n, &why), E_MALFORMED);
    cr_assert_eq(yaml_number(y, yaml_get(m, "e"), 1, 99, &n, &why), E_MALFORMED);
    cr_assert_eq(yaml_number(y, yaml_get(m, "l"), 1, 99, &n, &why), E_MALFORMED);
    cr_assert_str_eq(why.text, "book.yaml:5: one value is wanted here, not a list");
    cr_assert(yaml_flag(y, yaml_get(m, "f"), &f, &why) == E_OK && f);
    cr_assert_eq(yaml_flag(y, yaml_get(m, "g"), &f, &why), E_UNKNOWN);
    yaml_close(&y);
}

Test(yaml, random_bytes_never_do_harm)
{
    static const char alphabet[] = "ab:-[]{}#&*!|>'\"%@`, \n\n\t?0\\";
    unsigned seed = 20261124;

    for (int round = 0; round < 20000; round++) {
        char text[64];
        size_t n = (size_t)rand_r(&seed) % sizeof text;
        struct yaml *y = NULL;
        struct why why = { "" };
        for (size_t i = 0; i < n; i++)
            text[i] = alphabet[(size_t)rand_r(&seed) % (sizeof alphabet - 1)];
        if (yaml_open("x.yaml", text, n, &y, &why))
            cr_assert(!strncmp(why.text, "x.yaml:", 7), "seed 20261124 round %d: %s", round, why.text);
        yaml_close(&y);
    }
}
