/* Tracker and compliance sink killed at every point: what is held is as after a calm run. The driver is recount.py. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

Test(compliance, killed_at_every_point_it_holds_what_a_calm_run_holds, .timeout = 300)
{
    char command[512];

    snprintf(command, sizeof command, "python3 tests/law/recount.py \"$RIGHTSWATCH\" --crimes 120 --kill --seed %lld", (long long)time(NULL));
    cr_assert(system(command) == 0, "the seed stands above; again: %s", command);
}

Test(compliance, tracker_and_sink_killed_at_any_moment_lose_nothing, .timeout = 300)
{
    char command[512];

    snprintf(command, sizeof command, "python3 tests/crash/compliance_kill.py \"$RIGHTSWATCH\" --seed %lld", (long long)time(NULL));
    cr_assert(system(command) == 0, "the seed stands above; again: %s", command);
}
