/* The stories of tests/law/stories, told to the real program, and told again to one that is killed in between. */
#include <criterion/criterion.h>
#include <stdlib.h>

Test(law, every_story_ends_as_it_says_also_under_the_axe, .timeout = 600)
{
    cr_assert(system("python3 tests/law/stories.py \"$RIGHTSWATCH\" --axe tests/law/stories/*.story") == 0, "what differs stands above");
}
