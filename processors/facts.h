/* facts.h: the facts of a journey or a crime, packed: some twenty-five bytes each, in memory and in the store alike. */
#ifndef PROCESSORS_FACTS_H
#define PROCESSORS_FACTS_H

#include "core/pool.h"
#include "rules/fact.h"

enum { FACTS_SIZE_BITS = 20, FACTS_COUNT_BITS = 11 };      /* one word with `corrects` */
/* Packed facts are one run of bytes, in order of arrival. Unpacking needs nothing else. */
struct facts {
    uint8_t *p;                             /* from the pool that each of these is given */
    uint32_t n : FACTS_SIZE_BITS, count : FACTS_COUNT_BITS;
    uint32_t corrects : 1;                  /* one of them supersedes another fact, here or elsewhere */
    uint32_t ids;                           /* a bit for each id: one whose bit is not set is not among them */
};

/* Where a fact with this id begins in f, or -1. */
int64_t facts_find(const struct facts *f, uint64_t id);
/* The kind of the fact at `at` and whether it names a suspect, without unpacking it; *at moves to where the next begins. */
kind_t facts_kind(const struct facts *f, uint32_t *at, bool *ret_names_suspect);
/* Unpacks the fact at `at`; returns where the next begins. */
uint32_t facts_read(const struct facts *f, uint32_t at, struct fact *ret);
/* Unpacks all into ret (room for f->count). */
void facts_read_all(const struct facts *f, struct fact *ret);
enum err facts_add(struct facts *f, struct pool *pool, const struct fact *fact) MUST_USE;   /* E_FULL, E_MEMORY */
enum err facts_replace(struct facts *f, struct pool *pool, uint32_t at, const struct fact *fact) MUST_USE;
/* A copy of packed bytes as read from a store; E_CORRUPT if they do not unpack to `count` facts. */
enum err facts_load(struct facts *f, struct pool *pool, const uint8_t *p, size_t n, uint16_t count) MUST_USE;

#endif
