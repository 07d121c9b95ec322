/* The stories of tests/law/stories, told to the real program, and told again to one that is killed in between. */
#include <criterion/criterion.h>
#include <stdlib.h>

Test(law, every_story_ends_as_it_says_also_under_the_axe, .timeout = 600)
{
    cr_assert(system("python3 tests/law/stories.py \"$RIGHTSWATCH\" --axe tests/law/stories/*.story") == 0, "what differs stands above");
}

/* The duty's sentence of every rule, and the days on which counting goes wrong: due dates counted by hand. */
Test(law, every_rule_falls_due_on_the_day_that_was_counted_by_hand, .timeout = 600)
{
    cr_assert(system("python3 tests/law/every_rule.py \"$RIGHTSWATCH\"") == 0, "what differs stands above");
}
