/* extracts.h: batches of an extract for tests, written by hand: rows of CSV under the columns a test needs, and a manifest that agrees. */
#ifndef TESTS_KIT_EXTRACTS_H
#define TESTS_KIT_EXTRACTS_H

#include <stddef.h>

#define CRIME_HEADER "crime_reference,reported_time,recorded_time,ho_class,oic_collar,team,investigation_status,last_updated\n"
#define VICTIM_HEADER "crime_reference,victim_ref,gender,vulnerable,last_updated\n"
#define EVENT_HEADER "event_id,crime_reference,victim_ref,event_type,event_time,informed_who,informs_event_id,last_updated\n"

struct batch_text {
    int id;
    const char *from, *to;                  /* "2026-04-01T00:00:00Z" */
    const char *crimes, *victims, *events;  /* rows without the header; NULL: no such file */
};
/* Writes crime_ID.csv and the others into dir, then manifest_ID.csv by rename. */
void batch_drop(const char *dir, const struct batch_text *b);
/* A file and its row of a manifest, as batch_drop makes it: for batches that are wrong on purpose. Appends to `manifest`. */
void batch_file_drop(const char *dir, const struct batch_text *b, const char *name, const char *text, size_t n, long rows, char *manifest, size_t cap);
void batch_manifest_drop(const char *dir, int id, const char *rows);
#define MANIFEST_HEADER "batch_id,extract_from,extract_to,file,rows,sha256\n"

#endif
