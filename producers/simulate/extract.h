/* extract.h: batches of an extract in a folder: CSV files with their manifest, as docs/connect.md has them. */
#ifndef PRODUCERS_SIMULATE_EXTRACT_H
#define PRODUCERS_SIMULATE_EXTRACT_H

#include "producers/simulate/crime.h"

/* What is wrong with a whole batch; the enum parameter, 0: nothing. */
struct batch_spec {
    uint64_t id;
    struct instant from, to;            /* everything that changed after `from`, up to `to` */
    int spoilt;
    bool has_open_list;
};

struct extract;
/* Batches go into `dir`, made if missing. E_IO with why. */
enum err extract_open(const struct world *w, const char *dir, struct extract **ret, struct why *why) MUST_USE;
void extract_close(struct extract **x);

/* Begins a batch: its files have names that nobody takes for a batch until it ends. E_IO with why. */
enum err extract_begin(struct extract *x, const struct batch_spec *spec, struct why *why) MUST_USE;
/* A row of the batch, with the dirt that is on it. */
void extract_row(struct extract *x, const struct crime *c, const struct step *s);
/* A crime that is open at the batch's end: a row of the weekly list. */
void extract_open_crime(struct extract *x, const char *reference);
/* Ends it: the files get their names, the manifest last. ret_rows: rows written, by table. E_IO with why: the disk is full, ... */
enum err extract_end(struct extract *x, uint64_t ret_rows[TABLES], struct why *why) MUST_USE;

#endif
