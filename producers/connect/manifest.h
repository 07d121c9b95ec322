/* manifest.h: what a batch consists of, by its own word, and whether the files in the folder are that. */
#ifndef PRODUCERS_CONNECT_MANIFEST_H
#define PRODUCERS_CONNECT_MANIFEST_H

#include "producers/connect/shape.h"

enum { BATCH_FILES_MAX = 64, FILE_NAME_MAX = 128 };
struct batch_file {
    char name[FILE_NAME_MAX];
    enum extract_table table;
    uint64_t rows;
    uint8_t sha256[SHA256_BYTES];
};
struct manifest {
    char name[FILE_NAME_MAX];                   /* of its own file */
    uint64_t id;                                /* from 1 */
    struct instant from, to;
    size_t files;
    struct batch_file file[BATCH_FILES_MAX];    /* crimes first, then victims, events, the open crimes */
    uint8_t sha256[SHA256_BYTES];               /* of the manifest's own bytes */
};

/* An error of action reject with why: it is no manifest, in words for its author. */
enum err manifest_read(const struct shape *x, const char *path, struct manifest *ret, struct why *why) MUST_USE;
/* Reads every file: E_NOT_FOUND, E_MALFORMED, E_RANGE with why: one is not there, or has other bytes or another number of rows than was
 * said, or a header that lacks a column. Any of these may be a file that is still being written.
 * E_AGAIN: is_stopping (may be NULL) became true. */
enum err manifest_check(const struct shape *x, const struct manifest *m, const char *dir, bool (*is_stopping)(void), struct why *why) MUST_USE;
enum err file_sha256(const char *path, uint8_t ret[SHA256_BYTES], struct why *why) MUST_USE;   /* E_NOT_FOUND, E_IO */

#endif
