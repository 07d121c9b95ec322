/* Key pairs and lists of public keys: what is kept, what is refused, and what a person reads then. */
#include "core/hash.h"
#include "core/keys.h"
#include "tests/kit/program.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static char *dir, *path;
static void begin(void)
{
    hash_init();
    dir = folder_make();
    path = path_in(dir, "file");
}
static void end(void)
{
    free(path);
    folder_remove(&dir);
}
TestSuite(keys, .init = begin, .fini = end);

/* Any two keys. */
#define A "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"
#define B "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"

/* ---- a pair ---------------------------------------------------------------- */

Test(keys, a_pair_is_kept_in_a_file_for_its_owner)
{
    struct key_pair made, loaded;
    struct why why = { "" };
    struct stat st;

    cr_assert_eq(key_make("tracker", &made, &why), E_OK, "%s", why.text);
    cr_assert_eq(key_save(&made, path, &why), E_OK, "%s", why.text);
    cr_assert(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600);
    cr_assert_eq(key_load(path, &loaded, &why), E_OK, "%s", why.text);
    cr_assert(!strcmp(loaded.name, "tracker") && !strcmp(loaded.public_half, made.public_half) && !strcmp(loaded.secret_half, made.secret_half));
    cr_assert_eq(key_save(&made, path, &why), E_USAGE);
    cr_assert(strstr(why.text, "is there already"), "%s", why.text);
}

Test(keys, a_name_is_one_word_of_plain_letters)
{
    static const char *const wrong[] = { "", "two words", "a=b", "na\nme", "x123456789012345678901234567890123456789012345678901234567890123456789" };
    struct key_pair k;
    struct why why = { "" };

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        cr_assert_eq(key_make(wrong[i], &k, &why), E_USAGE, "%s", wrong[i]);
}

static void expect_no_pair(const char *text, mode_t mode, const char *sentence)
{
    struct key_pair k;
    struct why why = { "" };

    file_write(path, text, strlen(text));
    chmod(path, mode);
    cr_assert_neq(key_load(path, &k, &why), E_OK, "%s", text);
    cr_assert(strstr(why.text, sentence), "%s", why.text);
}

Test(keys, what_is_not_a_pair_is_refused_with_what_to_do)
{
    expect_no_pair("name tracker\npublic " A "\nsecret " B "\n", 0644, "chmod 600");
    expect_no_pair("name tracker\npublic " A "\nsecret " B "\n", 0600, "not of the secret one");
    expect_no_pair("name tracker\npublic " A "\n", 0600, "is not a key pair");
    expect_no_pair("public " A "\nsecret " B "\n", 0600, "is not a key pair");
    expect_no_pair("name tracker\npublic " A "\nsecret short\n", 0600, "is not a key pair");
    expect_no_pair("name tracker\npublic " A "\nsecret " B " more\n", 0600, "is not a key pair");
    expect_no_pair("-----BEGIN OPENSSH PRIVATE KEY-----\n", 0600, "is not a key pair");
}

/* ---- a list ------------------------------------------------------------------ */

static enum err load(const char *text, struct peers **ret, struct why *why)
{
    file_write(path, text, strlen(text));
    return peers_load(path, ret, why);
}

Test(keys, a_list_says_who_may_connect_and_who_has_to_be_where)
{
    struct peers *p = NULL;
    struct why why = { "" };
    uint8_t unknown[KEY_BYTES] = { 1 };

    cr_assert_eq(load("# who is who\n\n  connect\t" A "  source=connect source=custody\r\n"
                      "tracker " B " tcp://tracker.force.example:5571", &p, &why), E_OK, "%s", why.text);
    cr_assert_eq(peers_count(p), 2);
    const struct peer *client = peers_at(p, 0), *server = peers_at(p, 1);
    cr_assert(text_same(client->name, TEXT("connect")) && client->is_limited && !client->ticks && client->sources == 2);
    cr_assert(text_same(client->source[1], TEXT("custody")));
    cr_assert(peers_client(p, client->key) == client && !peers_client(p, server->key) && !peers_client(p, unknown));
    cr_assert(peers_server(p, "tcp://tracker.force.example:5571", 0) == server);
    cr_assert_null(peers_server(p, "tcp://tracker.force.example:5572", 0));
    peers_close(&p);
}

Test(keys, an_endpoint_that_changes_its_key_has_two_for_a_while)
{
    struct peers *p = NULL;
    struct why why = { "" };

    cr_assert_eq(load("old " A " tcp://t:1\nnew " B " tcp://t:1\nanother " A " tcp://t:2\n", &p, &why), E_OK, "%s", why.text);
    cr_assert(text_same(peers_server(p, "tcp://t:1", 0)->name, TEXT("old")));
    cr_assert(text_same(peers_server(p, "tcp://t:1", 1)->name, TEXT("new")));
    cr_assert(text_same(peers_server(p, "tcp://t:1", 2)->name, TEXT("old")));
    peers_close(&p);
}

static void expect_no_list(const char *text, const char *sentence)
{
    struct peers *p = NULL;
    struct why why = { "" };

    cr_assert_neq(load(text, &p, &why), E_OK, "%s", text);
    cr_assert(strstr(why.text, sentence), "%s", why.text);
    cr_assert_null(p);
}

Test(keys, a_list_that_is_wrong_is_refused_with_its_line)
{
    expect_no_list("connect\n", "file:1: after the name comes a public key");
    expect_no_list("ok " A "\nconnect " A "x\n", "file:2: after the name comes a public key");
    expect_no_list("connect {{{{{Lns47E1%kR.o@n%FcmmsL/@{H8]yf7rq:rM>}U\n", "a public key");
    expect_no_list("connect #####" "#####" "#####" "#####" "#####" "#####" "#####" "#####\n", "a public key");       /* beyond 2^32 */
    expect_no_list(A " connect\n", "file:1: a line begins with a name");
    expect_no_list("a " A "\nb " A "\n", "file:2: this key is there already");
    expect_no_list("a " A " sauce=connect\n", "file:1: after the key come");
    expect_no_list("a " A " tcp://h:1 ticks\n", "file:1: whom we connect to is not limited here");
    chmod(path, 0666);
    struct peers *p = NULL;
    struct why why = { "" };
    cr_assert(peers_load(path, &p, &why) == E_USAGE && strstr(why.text, "may be written by anybody"), "%s", why.text);
}

Test(keys, a_list_has_a_limit)
{
    struct key_pair k;
    struct why why = { "" };
    char *text = malloc(PEERS_FILE_BYTES_MAX + 2);
    size_t n = 0;

    for (int i = 0; i <= PEERS_MAX; i++) {
        cr_assert(key_make("k", &k, &why) == E_OK);
        n += (size_t)sprintf(text + n, "k%d %s\n", i, k.public_half);
    }
    expect_no_list(text, "at most 1024 lines");
    memset(text, '#', PEERS_FILE_BYTES_MAX + 1);
    text[PEERS_FILE_BYTES_MAX + 1] = '\0';
    expect_no_list(text, "is larger than");
    free(text);
}
