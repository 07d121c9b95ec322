/* audit.h: the six questions a force's auditors ask of a sample of cases, answered from one journey's facts.
 *
 * Source: the board paper of 28 September 2021, section 1.1.2, with its July 2021 answers in 1.1.3. */
#ifndef SINKS_OPCC_AUDIT_H
#define SINKS_OPCC_AUDIT_H

#include "sinks/opcc/known.h"

/* Name, what is asked, what counts as yes. */
#define QUESTIONS(X) \
    X(ACKNOWLEDGED, "Was the crime acknowledged in writing?", "A written acknowledgement, when ever it was given.") \
    X(UPDATES, "Were the updates timely?", "No duty to inform under Right 6 was late, missed, or is overdue, and one was met.") \
    X(STATEMENT, "Was a Victim Personal Statement offered?", "Offered, taken or declined. Judged once there is a charge or the investigation is over.") \
    X(REFERRED, "If a need was identified, was the victim referred within two days?", "A referral within two working days of the need.") \
    X(CODE, "Was the victim told of the Victims' Code, with the link?", "Told, when ever it was. Not part of the overall figure.") \
    X(END, "Was the victim told of the end of the journey?", "Told of the decision or outcome that ended it, when ever it was.")
enum question {
#define X(name, asked, yes) QUESTION_##name,
    QUESTIONS(X)
#undef X
    QUESTIONS_COUNT
};
const char *question_key(enum question q);      /* "ACKNOWLEDGED" */
const char *question_asked(enum question q);
const char *question_yes(enum question q);

enum answer {
    ANSWER_YES, ANSWER_LATE, ANSWER_NO,         /* late: only of a referral; it is a no */
    ANSWER_NOT_APPLICABLE,
    ANSWER_NOT_YET,                             /* it cannot be asked yet */
    ANSWER_NOT_KNOWN,                           /* no source can show it, or it is not proven */
    ANSWERS_COUNT
};
const char *answer_word(enum answer a);         /* "yes", "late", "no", "not applicable", "not yet", "not known" */

/* A journey that was cancelled, transferred or merged away is not to be asked about. */
enum answer audit_answer(const struct journey_facts *j, enum question q);

#endif
