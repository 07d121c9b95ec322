#include "sinks/opcc/survey.h"

const char *exclusion_words(enum exclusion x)
{
    static const char *const words[] = { "may be surveyed",
#define X(name, words) words,
        EXCLUSIONS(X)
#undef X
    };
    return words[x];
}

static bool has(const struct journey_facts *j, enum theme t) { return j->themes >> t & 1; }

enum exclusion survey_exclusion(const struct journey_facts *j)
{
    const struct journey_row *r = j->row;

    if (r->flags & VICTIM_OVER)
        return EXCLUDED_OVER;
    if (j->offence == OFFENCE_UNKNOWN)
        return EXCLUDED_OFFENCE;
    if (has(j, THEME_DOMESTIC_ABUSE))
        return EXCLUDED_DOMESTIC_ABUSE;
    if (has(j, THEME_RAPE) || has(j, THEME_OTHER_SEXUAL) || j->offence == OFFENCE_RAPE || j->offence == OFFENCE_OTHER_SEXUAL)
        return EXCLUDED_SEXUAL;
    if (has(j, THEME_STALKING) || j->offence == OFFENCE_STALKING)
        return EXCLUDED_STALKING;
    if (has(j, THEME_HONOUR))
        return EXCLUDED_HONOUR;
    if (j->offence == OFFENCE_HOMICIDE)
        return EXCLUDED_HOMICIDE;
    if (text_same(r->victim_kind, TEXT("bereaved")))
        return EXCLUDED_BEREAVED;
    if (text_same(r->victim_kind, TEXT("child")) || r->age_band == AGE_BAND_UNDER_18 || r->age_band == AGE_BAND_UNKNOWN)
        return EXCLUDED_CHILD;
    if (!text_same(r->victim_kind, TEXT("person")))
        return EXCLUDED_KIND;
    if (!(r->flags & VICTIM_SAFE_CONTACT_SAID) || (r->flags & VICTIM_SAFE_CONTACT))
        return EXCLUDED_SAFE_CONTACT;
    if (r->flags & VICTIM_NO_CONTACT)
        return EXCLUDED_NO_CONTACT;
    if (r->flags & VICTIM_RESTRICTED)
        return EXCLUDED_RESTRICTED;
    if (r->flags & VICTIM_DEFERRED_NOW)
        return EXCLUDED_DEFERRED;
    return r->flags & VICTIM_DIED_SINCE ? EXCLUDED_DIED : SURVEY_SAFE;
}
