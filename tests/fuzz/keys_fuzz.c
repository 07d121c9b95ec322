/* A key pair and a list of peers: what is taken can be asked, or it says why not. */
#include "core/keys.h"
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    struct peers *list = NULL;
    struct key_pair k;
    struct why why = { "" };
    char path[64];
    int fd = memfd_create("keys", 0);

    if (fd < 0 || write(fd, p, n) != (ssize_t)n || fchmod(fd, 0600))
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (key_load(path, &k, &why) ? !why.text[0] : strlen(k.name) == 0 || strlen(k.public_half) != KEY_CHARS || strlen(k.secret_half) != KEY_CHARS)
        abort();
    why.text[0] = '\0';
    if (peers_load(path, &list, &why) && !why.text[0])
        abort();
    for (size_t i = 0; list && i < peers_count(list); i++) {
        const struct peer *one = peers_at(list, i);
        if (!one->name.n || strlen(one->key_text) != KEY_CHARS || one->sources > PEER_SOURCES_MAX)
            abort();
        if (!one->endpoint.n && peers_client(list, one->key) != one)
            abort();
    }
    peers_close(&list);
    close(fd);
    return 0;
}
