/* figures.h: figures as text, the same on every machine: no locale, no clock. */
#ifndef SINKS_OPCC_FIGURES_H
#define SINKS_OPCC_FIGURES_H

#include "sinks/opcc/published.h"

enum { FIGURE_TEXT = 32 };

void number_text(uint64_t n, char ret[FIGURE_TEXT]);                    /* "13,448" */
/* count / of in tenths of a percent, halves up, by whole numbers: 541.8 never depends on a rounding mode. of > 0. */
unsigned permille(uint64_t count, uint64_t of);
void percent_text(unsigned permille, char ret[FIGURE_TEXT]);            /* 544: "54.4%" */
unsigned permille_of(double part);                                      /* of an interval's end */
void decimal_text(double value, unsigned places, char ret[FIGURE_TEXT]);
/* The one line of a figure: its mark, "54.4%", "13,448", "3 days", "over 400 days", "1.42". */
void figure_text(const struct figure *f, enum unit unit, char ret[FIGURE_TEXT]);
/* Where it came from: "694 of 1,275; 51.7% to 57.2%"; empty where there is no more to say. */
enum { FIGURE_BASIS_TEXT = 96 };
void figure_basis(const struct figure *f, enum unit unit, char ret[FIGURE_BASIS_TEXT]);
void instant_words(struct instant t, char ret[FIGURE_TEXT]);            /* "1 Jul 2026, 00:05 UTC" */
void day_words(struct day d, char ret[FIGURE_TEXT]);                    /* "1 July 2026" */

#endif
