#include "core/secret.h"
#include "core/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SECRET_FILE_BYTES_MAX = 4096 };

/* systemd gives a service its credentials by an access list where the file system has them: the mask of it is what the group's bits show. */
static mode_t forbidden(const char *path)
{
    const char *dir = getenv("CREDENTIALS_DIRECTORY");
    size_t n = dir ? strlen(dir) : 0;

    return n && !strncmp(path, dir, n) && path[n] == '/' && !strstr(path, "/../") ? S_IWGRP | S_IXGRP | S_IRWXO : S_IRWXG | S_IRWXO;
}

enum err secret_read(const char *path, char **ret, struct why *why)
{
    char buf[SECRET_FILE_BYTES_MAX];
    struct stat st;
    ssize_t n = -1;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    enum err e = E_USAGE;

    if (fd < 0 || fstat(fd, &st)) {
        why_set(why, "%s cannot be read: %s", path, strerror(errno));
        goto out;
    }
    if (st.st_mode & forbidden(path)) {
        why_set(why, "%s may be read by others: chmod 600 %s", path, path);
        goto out;
    }
    if ((n = read(fd, buf, sizeof buf)) < 0 || n == sizeof buf) {
        why_set(why, "%s cannot be read, or is larger than a secret is", path);
        goto out;
    }
    while (n > 0 && (buf[n - 1] == '\n' || buf[n - 1] == '\r'))
        n--;
    if (n <= 0 || memchr(buf, 0, (size_t)n)) {
        why_set(why, "%s holds no secret", path);
        goto out;
    }
    e = (*ret = strndup(buf, (size_t)n)) ? E_OK : E_MEMORY;
out:
    hash_wipe(buf, sizeof buf);
    if (fd >= 0)
        close(fd);
    return e;
}

enum err secret_write(const char *path, const char *text, struct why *why)
{
    size_t n = strlen(text);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool failed;

    if (fd < 0) {
        why_set(why, "%s %s%s", path, errno == EEXIST ? "is there already, and nothing is written over it" : "cannot be made: ",
                errno == EEXIST ? "" : strerror(errno));
        return E_USAGE;
    }
    failed = write(fd, text, n) != (ssize_t)n || fsync(fd);
    if (failed) {
        why_set(why, "%s cannot be written: %s", path, strerror(errno));
        unlink(path);                           /* it is ours: O_EXCL */
    }
    close(fd);
    return failed ? E_USAGE : E_OK;
}

void secret_forget(char **secret)
{
    if (*secret)
        hash_wipe(*secret, strlen(*secret));
    free(*secret);
    *secret = NULL;
}
