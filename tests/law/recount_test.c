/* What the compliance sink holds is what a slow and obvious recount of the events gives: recount.py. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

Test(compliance, every_journey_obligation_fact_and_crime_is_as_recounted, .timeout = 300)
{
    char command[512];

    snprintf(command, sizeof command, "python3 tests/law/recount.py \"$RIGHTSWATCH\" --crimes 400 --seed %lld", (long long)time(NULL));
    cr_assert(system(command) == 0, "the seed stands above; again: %s", command);
}
