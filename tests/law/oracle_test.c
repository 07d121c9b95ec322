/* Ten thousand random journeys a run, judged by the program and by an independent reading of the Code: oracle.py. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

Test(law, every_obligation_is_the_one_an_independent_oracle_works_out, .timeout = 600)
{
    char command[512];

    snprintf(command, sizeof command, "python3 tests/law/oracle.py \"$RIGHTSWATCH\" --journeys 10000 --seed %lld", (long long)time(NULL));
    cr_assert(system(command) == 0, "the seed stands above; again: %s", command);
}
