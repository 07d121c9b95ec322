/* The pages of a running tracker over HTTP: metrics.py. */
#include <criterion/criterion.h>
#include <stdlib.h>

Test(metrics, are_in_the_format_and_say_what_is_so, .timeout = 120)
{
    cr_assert(system("python3 tests/e2e/metrics.py \"$RIGHTSWATCH\" deploy/examples/week-of-a-force.ndjson") == 0);
}
