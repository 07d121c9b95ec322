/* Many deadlines at one midnight, in real processes: tests/bench/midnight with small numbers. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

Test(midnight, every_officer_has_one_message_and_events_are_taken_in_meanwhile)
{
    char command[4096];

    cr_assert(getenv("RIGHTSWATCH") != NULL);
    snprintf(command, sizeof command, "timeout 200 python3 tests/bench/midnight %s --obligations 2000 --officers 100", getenv("RIGHTSWATCH"));
    cr_assert_eq(system(command), 0, "see above");
}
