/* describe.h: rules in words that a victim-care manager reads. Each writes a terminated text, cut at n. */
#ifndef RULES_DESCRIBE_H
#define RULES_DESCRIBE_H

#include "rules/law.h"

void describe_starts(const struct law *law, uint16_t rule, char *buf, size_t n);     /* "when a suspect is arrested ..." */
void describe_evidence(const struct law *law, uint16_t rule, char *buf, size_t n);
void describe_waiver(const struct law *law, uint16_t rule, char *buf, size_t n);     /* "" when nothing waives it but a preference */
void describe_limit(const struct rule *rule, char *buf, size_t n);                    /* "5 working days, 1 under Enhanced Rights" */
void describe_one_limit(const struct rule *rule, bool enhanced, char *buf, size_t n);  /* the one that holds: "1 working day" */
/* Each day from the start to the due date, counted or skipped and why, in a line of at most some 600 bytes. */
void describe_days(const struct law *law, uint16_t rule, bool enhanced, struct instant started, struct instant due, char *buf, size_t n);
void describe_owner(const struct law *law, uint16_t rule, char *buf, size_t n);       /* "police; wcu after charged" */
void describe_ladder(const struct law *law, uint16_t rule, char *buf, size_t n);

#endif
