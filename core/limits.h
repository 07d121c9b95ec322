/* limits.h: one page of limits. Everything that comes from outside is measured against these. */
#ifndef CORE_LIMITS_H
#define CORE_LIMITS_H

enum {
    EVENT_ID_BYTES_MAX = 128,           /* event_id and what names one: supersedes, informs_event_id */
    REF_BYTES_MAX = 64,                 /* crime_ref, victim_ref, source, collar numbers */
    TEXT_BYTES_MAX = 256,               /* any other text field of an event */
    NUMBER_MAX = 65535,                 /* any number in an event: days, months, ordinals, scores */
    AGE_YEARS_MAX = 150,
    WORDS_MAX = 16,                     /* markers, waived rules: words in one field */
    ITEM_BYTES_MAX = 8 * 1024,          /* one event, encoded */
    LAW_ITEM_BYTES_MAX = 1024 * 1024,   /* a rule book, a calendar */
    LINE_BYTES_MAX = 64 * 1024,         /* one line or row of input */
    BATCH_ITEMS_MAX = 1000,
    BATCH_BYTES_MAX = 2 * 1024 * 1024,
    FACTS_PER_JOURNEY_MAX = 1000,
    OBLIGATIONS_PER_JOURNEY_MAX = 1000,
    RULES_MAX = 128,                    /* of one rule book */
    BOOKS_MAX = 4,
    LAW_RULES_MAX = RULES_MAX * BOOKS_MAX,
    LOCAL_KINDS_MAX = 64,
    SOURCES_MAX = 64,
    STREAMS_MAX = 1024,                 /* heard at once */
    STREAMS_KEPT_MAX = 64 * 1024,       /* a journal remembers how far it has each, and drops the one heard longest ago for a new one */
    LADDER_STEPS_MAX = 8,
    PEERS_MAX = 1024,                   /* keys in one list of who may connect and to whom */
    PEERS_FILE_BYTES_MAX = 256 * 1024,
    PEER_SOURCES_MAX = 16,
    ENDPOINT_BYTES_MAX = 256,
};

_Static_assert(LAW_ITEM_BYTES_MAX <= BATCH_BYTES_MAX, "a law fits into a batch");
_Static_assert(STREAMS_MAX < STREAMS_KEPT_MAX, "of the streams kept some are not heard, and can be dropped");
_Static_assert(ITEM_BYTES_MAX <= LAW_ITEM_BYTES_MAX, "an event is smaller than a law");

#endif
