/* Files of secrets: what is refused, and what a person reads then. */
#include "core/hash.h"
#include "core/secret.h"
#include "tests/kit/program.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *dir;
static void begin(void)
{
    hash_init();
    dir = folder_make();
}
static void end(void) { folder_remove(&dir); }
TestSuite(secret, .init = begin, .fini = end);

/* What is read of a file with these bytes and this mode; NULL: it was refused, with this sentence. */
static void expect(const char *bytes, size_t n, mode_t mode, const char *text, const char *sentence)
{
    char *path = path_in(dir, "file"), *read = NULL;
    struct why why = { "" };

    unlink(path);
    file_write(path, bytes, n);
    chmod(path, mode);
    enum err e = secret_read(path, &read, &why);
    cr_assert_eq(e, text ? E_OK : E_USAGE, "%s", why.text);
    cr_assert(text ? !strcmp(read, text) : strstr(why.text, sentence) != NULL, "%s", why.text);
    secret_forget(&read);
    cr_assert_null(read);
    free(path);
}

Test(secret, is_the_text_without_the_newline_at_its_end)
{
    expect("hush\r\n", 6, 0600, "hush", NULL);
    expect("two\nlines\n", 10, 0400, "two\nlines", NULL);
}

Test(secret, is_refused_when_others_may_read_it)
{
    expect("hush\n", 5, 0640, NULL, "may be read by others: chmod 600");
    expect("hush\n", 5, 0604, NULL, "may be read by others: chmod 600");
}

Test(secret, may_show_a_group_where_systemd_keeps_the_credentials_of_a_service)
{
    setenv("CREDENTIALS_DIRECTORY", dir, 1);
    expect("hush\n", 5, 0440, "hush", NULL);
    expect("hush\n", 5, 0444, NULL, "may be read by others");
    setenv("CREDENTIALS_DIRECTORY", "/elsewhere", 1);
    expect("hush\n", 5, 0440, NULL, "may be read by others");
}

Test(secret, is_neither_empty_nor_binary_nor_a_novel)
{
    static char novel[5000];

    memset(novel, 'x', sizeof novel);
    expect("\n", 1, 0600, NULL, "holds no secret");
    expect("a\0b\n", 4, 0600, NULL, "holds no secret");
    expect(novel, sizeof novel, 0600, NULL, "larger than a secret is");
}

Test(secret, is_written_for_its_owner_and_never_over_another)
{
    char *path = path_in(dir, "fresh"), *read = NULL;
    struct why why = { "" };
    struct stat st;

    cr_assert_eq(secret_write(path, "hush\n", &why), E_OK, "%s", why.text);
    cr_assert(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600);
    cr_assert_eq(secret_write(path, "other\n", &why), E_USAGE);
    cr_assert(strstr(why.text, "is there already"), "%s", why.text);
    cr_assert(secret_read(path, &read, &why) == E_OK && !strcmp(read, "hush"));
    secret_forget(&read);
    free(path);
}
