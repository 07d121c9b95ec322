/* standing.h: what stands, from the notices of a folder: the same however it was arrived at. */
#ifndef TESTS_KIT_STANDING_H
#define TESTS_KIT_STANDING_H

/* "rule crime victim due level" a line, sorted, malloc'd: the last word on every obligation that
 * `rightswatch notices --all --json` gives. The test fails if a notice_id and version come twice. */
char *standing_of(const char *dir, const char *data);
/* Every obligation there is, done or not, as rows of CSV, sorted, malloc'd. */
char *owed_of(const char *dir, const char *data);
/* The digests of outbox and state, from `rightswatch verify --json`, malloc'd; the test fails if it does. */
char *digests_of(const char *dir, const char *data);
/* Every line of a trail has another version, in rising order; the test fails else. Gives the count. */
int trail_check(const char *path);

#endif
