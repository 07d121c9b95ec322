/* survey.h: who may be surveyed without putting anyone at risk. What is not known excludes. */
#ifndef SINKS_OPCC_SURVEY_H
#define SINKS_OPCC_SURVEY_H

#include "sinks/opcc/known.h"
#include "sinks/opcc/period.h"

/* Why one may not be: the first that applies is counted. */
#define EXCLUSIONS(X) \
    X(OVER, "the crime was cancelled, transferred or merged") X(OFFENCE, "the offence is not known") X(DOMESTIC_ABUSE, "domestic abuse") \
    X(SEXUAL, "a sexual offence") X(STALKING, "stalking or harassment") X(HONOUR, "so-called honour-based abuse or forced marriage") \
    X(HOMICIDE, "a homicide") X(KIND, "not a person, or not known whether") X(BEREAVED, "bereaved") X(CHILD, "under 18, or age not known") \
    X(SAFE_CONTACT, "a safe-contact plan, or not known whether there is one") X(NO_CONTACT, "wishes no contact") X(RESTRICTED, "restricted") \
    X(DEFERRED, "contact is deferred for safety") X(DIED, "has died")
enum exclusion {
    SURVEY_SAFE,
#define X(name, words) EXCLUDED_##name,
    EXCLUSIONS(X)
#undef X
    EXCLUSIONS_COUNT
};
const char *exclusion_words(enum exclusion x);
enum exclusion survey_exclusion(const struct journey_facts *j);

#endif
