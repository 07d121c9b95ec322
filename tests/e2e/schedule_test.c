/* Reports that come by themselves: schedule.py. */
#include <criterion/criterion.h>
#include <stdlib.h>

Test(schedule, a_month_and_a_quarter_come_once_when_their_28_days_are_over, .timeout = 240)
{
    cr_assert(system("python3 tests/e2e/schedule.py \"$RIGHTSWATCH\"") == 0);
}
