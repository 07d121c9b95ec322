/* program.h: real processes for tests: started, fed, killed, and their output read. */
#ifndef TESTS_KIT_PROGRAM_H
#define TESTS_KIT_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* A folder of its own for a test, removed with everything in it by folder_remove. */
char *folder_make(void);                                /* malloc'd path */
void folder_remove(char **dir);
char *path_in(const char *dir, const char *name);       /* malloc'd "dir/name" */

struct program { pid_t pid; char *out; int status; bool ended; };
/* Starts $RIGHTSWATCH with these arguments (NULL at the end). Output of both kinds goes to a file in
 * `dir`; stdin_path NULL: nothing to read. env: "NAME=value" or NULL. */
struct program program_start(const char *dir, const char *stdin_path, const char *env, const char *const *args);
/* Waits until it ends: its exit code, 128 + signal when killed. The test fails after wait_s. */
int program_wait(struct program *p, int wait_s);
bool program_is_running(struct program *p);
void program_kill(struct program *p, int signal);
/* Start and wait. ret_out (may be NULL): malloc'd output. */
int program_run(const char *dir, char **ret_out, const char *const *args);
#define ARGS(...) ((const char *const[]){ __VA_ARGS__, NULL })

char *file_read(const char *path, size_t *ret_n);       /* malloc'd, terminated; the test fails if it is not there */
void file_write(const char *path, const char *text, size_t n);
size_t file_lines(const char *path);                    /* 0 when there is none */
size_t file_bytes(const char *path);                    /* the same */
/* Waits until the predicate holds; the test fails after wait_s. */
void wait_until(bool (*holds)(void *ctx), void *ctx, int wait_s, const char *what);

#endif
