#include "core/hash.h"
#include "processors/journeys.h"

#include <criterion/criterion.h>
#include <stdio.h>

Test(journeys, are_found_by_reference_and_by_handle_among_many)
{
    enum { CRIMES = 20000 };
    struct journeys *j;
    char ref[32];
    uint32_t slot, crime;
    uint64_t handle = 0;

    hash_init();
    cr_assert(journeys_open(&j) == E_OK);
    for (int i = 0; i < CRIMES; i++) {
        snprintf(ref, sizeof ref, "20/%d/26", i);
        cr_assert(crime_add(j, text_of(ref), ++handle, &crime) == E_OK && crime == (uint32_t)i);
        for (int v = 0; v <= i % 3; v++) {
            snprintf(ref, sizeof ref, "V%d", v);
            cr_assert(journey_add(j, crime, text_of(ref), handle++, &slot) == E_OK);
        }
    }
    for (int i = 0; i < CRIMES; i++) {
        snprintf(ref, sizeof ref, "20/%d/26", i);
        crime = crime_find(j, text_of(ref));
        cr_assert(crime == (uint32_t)i);
        cr_assert(journey_find(j, crime, TEXT("V3")) == SLOT_NONE);
        slot = journey_find(j, crime, TEXT("V0"));
        cr_assert(slot != SLOT_NONE && slot == crime_at(j, crime)->first_journey);
        cr_assert(journey_by_handle(j, journey_at(j, slot)->handle) == slot);
    }
    cr_assert(crime_find(j, TEXT("20/20000/26")) == SLOT_NONE && journey_by_handle(j, handle + 5) == SLOT_NONE);
    journeys_close(&j);
}

/* A fraud has thousands of victims; the first few are found otherwise than the rest. */
Test(journeys, of_one_crime_are_found_however_many_they_are)
{
    enum { VICTIMS = 5000 };
    struct journeys *j;
    char ref[32];
    uint32_t crime[2], slot;
    uint64_t handle = 0;

    hash_init();
    cr_assert(journeys_open(&j) == E_OK);
    cr_assert(crime_add(j, TEXT("20/1/26"), ++handle, &crime[0]) == E_OK && crime_add(j, TEXT("20/2/26"), ++handle, &crime[1]) == E_OK);
    for (int i = 0; i < VICTIMS; i++) {
        snprintf(ref, sizeof ref, "V%d", i);
        for (int k = 0; k < 2; k++) {
            cr_assert(journey_find(j, crime[k], text_of(ref)) == SLOT_NONE);
            cr_assert(journey_add(j, crime[k], text_of(ref), ++handle, &slot) == E_OK && slot == (uint32_t)(2 * i + k));
            cr_assert(journey_find(j, crime[k], text_of(ref)) == slot);
        }
    }
    for (int i = 0; i < VICTIMS; i++) {
        snprintf(ref, sizeof ref, "V%d", i);
        cr_assert(journey_find(j, crime[0], text_of(ref)) == (uint32_t)(2 * i) && journey_find(j, crime[1], text_of(ref)) == (uint32_t)(2 * i + 1));
    }
    journeys_close(&j);
}

/* Any step may be the last before the find, the journey may be made in between, and a look may have guessed another crime. */
Test(journeys, are_found_the_same_with_a_look_ahead_and_without)
{
    enum { CRIMES = 3000 };
    struct journeys *j;
    char crime_ref[32], victim_ref[32];
    uint32_t slot, crime;
    uint64_t handle = 0;

    hash_init();
    cr_assert(journeys_open(&j) == E_OK);
    for (int i = 0; i < CRIMES * 3; i++) {
        struct look look;
        snprintf(crime_ref, sizeof crime_ref, "20/%d/26", i % CRIMES);
        snprintf(victim_ref, sizeof victim_ref, "V%d", i / CRIMES % 2);
        look_for_crime(j, text_of(crime_ref), &look);
        if (i % 4 > 0)
            look_at_crime(j, &look);
        if (i % 4 > 1)
            look_at_journey(j, &look);
        if (i % 4 > 2)
            look_at_facts(&look);
        crime = crime_looked(j, text_of(crime_ref), &look);
        cr_assert(crime == crime_find(j, text_of(crime_ref)) && (crime == SLOT_NONE) == (i < CRIMES));
        if (crime == SLOT_NONE)
            cr_assert(crime_add(j, text_of(crime_ref), ++handle, &crime) == E_OK && crime_looked(j, text_of(crime_ref), &look) == crime);
        slot = journey_find(j, crime, text_of(victim_ref));
        cr_assert((slot == SLOT_NONE) == (i < CRIMES * 2));
        if (slot == SLOT_NONE)
            cr_assert(journey_add(j, crime, text_of(victim_ref), ++handle, &slot) == E_OK && journey_find(j, crime, text_of(victim_ref)) == slot);
        look.slot = (uint32_t)i % crimes_count(j);
        look.crime = crime_at(j, look.slot);
        cr_assert(crime_looked(j, text_of(crime_ref), &look) == crime);
    }
    journeys_close(&j);
}
