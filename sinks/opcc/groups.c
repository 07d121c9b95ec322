/* groups.c: what a crime and a victim are counted under, read off codes and markers: one list each. */
#include "sinks/opcc/known.h"


/* Home Office offence classes by the groups of the Office for National Statistics (crime in England and Wales, appendix
 * tables and the counting rules). A class that is not here is of the group OTHER: a new one drops no row. */
static const struct { const char *ho_class; enum offence offence; } classes[] = {
#define GROUP(offence, ho_class) { ho_class, OFFENCE_##offence },
    GROUP(VIOLENCE_OTHER, "104") GROUP(VIOLENCE_OTHER, "105A") GROUP(VIOLENCE_OTHER, "105B") GROUP(VIOLENCE_OTHER, "106")
    GROUP(HOMICIDE, "1") GROUP(HOMICIDE, "4.1") GROUP(HOMICIDE, "4.10") GROUP(HOMICIDE, "4.2")
    GROUP(VIOLENCE_INJURY, "2") GROUP(VIOLENCE_INJURY, "4.3") GROUP(VIOLENCE_INJURY, "4.7") GROUP(VIOLENCE_INJURY, "5D") GROUP(VIOLENCE_INJURY, "5E")
    GROUP(VIOLENCE_INJURY, "8N") GROUP(VIOLENCE_INJURY, "8P") GROUP(VIOLENCE_INJURY, "8S")
    GROUP(DRIVING, "4.4") GROUP(DRIVING, "4.6") GROUP(DRIVING, "4.8") GROUP(DRIVING, "4.9") GROUP(DRIVING, "37.1")
    GROUP(VIOLENCE_OTHER, "3A") GROUP(VIOLENCE_OTHER, "3B") GROUP(VIOLENCE_OTHER, "11A") GROUP(VIOLENCE_OTHER, "13")
    GROUP(VIOLENCE_OTHER, "14") GROUP(VIOLENCE_OTHER, "36")
    GROUP(STALKING, "8L") GROUP(STALKING, "8M") GROUP(STALKING, "8Q") GROUP(STALKING, "8R") GROUP(STALKING, "8U")
    GROUP(RAPE, "19C") GROUP(RAPE, "19D") GROUP(RAPE, "19E") GROUP(RAPE, "19F") GROUP(RAPE, "19G") GROUP(RAPE, "19H")
    GROUP(OTHER_SEXUAL, "17A") GROUP(OTHER_SEXUAL, "17B") GROUP(OTHER_SEXUAL, "20A") GROUP(OTHER_SEXUAL, "20B") GROUP(OTHER_SEXUAL, "21")
    GROUP(OTHER_SEXUAL, "22A") GROUP(OTHER_SEXUAL, "22B") GROUP(OTHER_SEXUAL, "23") GROUP(OTHER_SEXUAL, "70") GROUP(OTHER_SEXUAL, "71")
    GROUP(OTHER_SEXUAL, "72") GROUP(OTHER_SEXUAL, "73") GROUP(OTHER_SEXUAL, "88A") GROUP(OTHER_SEXUAL, "88C") GROUP(OTHER_SEXUAL, "88D")
    GROUP(OTHER_SEXUAL, "88E")
    GROUP(ROBBERY, "34A") GROUP(ROBBERY, "34B")
    GROUP(BURGLARY_DOMESTIC, "28A") GROUP(BURGLARY_DOMESTIC, "28B") GROUP(BURGLARY_DOMESTIC, "28C") GROUP(BURGLARY_DOMESTIC, "28D")
    GROUP(BURGLARY_DOMESTIC, "28E") GROUP(BURGLARY_DOMESTIC, "28F") GROUP(BURGLARY_DOMESTIC, "28G") GROUP(BURGLARY_DOMESTIC, "28H")
    GROUP(BURGLARY_DOMESTIC, "29") GROUP(BURGLARY_DOMESTIC, "29A")
    GROUP(BURGLARY_OTHER, "30A") GROUP(BURGLARY_OTHER, "30B") GROUP(BURGLARY_OTHER, "30C") GROUP(BURGLARY_OTHER, "30D")
    GROUP(BURGLARY_OTHER, "31") GROUP(BURGLARY_OTHER, "31A")
    GROUP(VEHICLE, "37.2") GROUP(VEHICLE, "45") GROUP(VEHICLE, "48") GROUP(VEHICLE, "126")
    GROUP(THEFT, "35") GROUP(THEFT, "39") GROUP(THEFT, "40") GROUP(THEFT, "41") GROUP(THEFT, "42") GROUP(THEFT, "43") GROUP(THEFT, "44")
    GROUP(THEFT, "46") GROUP(THEFT, "47") GROUP(THEFT, "49") GROUP(THEFT, "49A")
    GROUP(DAMAGE, "56A") GROUP(DAMAGE, "56B") GROUP(DAMAGE, "58A") GROUP(DAMAGE, "58B") GROUP(DAMAGE, "58C") GROUP(DAMAGE, "58D") GROUP(DAMAGE, "58J")
    GROUP(PUBLIC_ORDER, "9A") GROUP(PUBLIC_ORDER, "9B") GROUP(PUBLIC_ORDER, "62A") GROUP(PUBLIC_ORDER, "66")
#undef GROUP
};

#define WORDS_OF(function, type, list, count) \
    const char *function(enum type x) \
    { \
        static const char *const words[count] = { list(WORDS) }; \
        return (unsigned)x < count ? words[x] : "?"; \
    }
#define WORDS(name, words) words,
WORDS_OF(theme_words, theme, THEMES, THEMES_COUNT)
WORDS_OF(offence_words, offence, OFFENCES, OFFENCES_COUNT)
WORDS_OF(ethnicity_words, ethnicity, ETHNICITIES, ETHNICITIES_COUNT)
#undef WORDS

const char *gender_words(enum gender g)
{
    static const char *const words[GENDERS_COUNT] = { "Not known", "Female", "Male", "Other" };

    return g < GENDERS_COUNT ? words[g] : "?";
}

enum offence offence_of(struct text ho_class)
{
    if (!ho_class.n)
        return OFFENCE_UNKNOWN;
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (text_same(ho_class, text_of(classes[i].ho_class)))
            return classes[i].offence;
    /* The letters of burglary were changed in 2017 and in 2023; the numbers were not. */
    if (ho_class.n > 2 && (!memcmp(ho_class.p, "28", 2) || !memcmp(ho_class.p, "29", 2)))
        return OFFENCE_BURGLARY_DOMESTIC;
    if (ho_class.n > 2 && (!memcmp(ho_class.p, "30", 2) || !memcmp(ho_class.p, "31", 2)))
        return OFFENCE_BURGLARY_OTHER;
    return OFFENCE_OTHER;
}

static bool next_word(struct text *all, struct text *ret)
{
    uint32_t n = 0;

    while (n < all->n && all->p[n] != ' ')
        n++;
    *ret = (struct text){ all->p, n };
    *all = n < all->n ? (struct text){ all->p + n + 1, all->n - n - 1 } : (struct text){ all->p + n, 0 };
    return ret->n > 0;
}

static bool is_one_of(struct text t, const char *const *words)
{
    for (; *words; words++)
        if (text_same(t, text_of(*words)))
            return true;
    return false;
}

/* Words, letters, and the criminal justice system's numbers (1 male, 2 female). The national hub's GNDR_0001 is female: its
 * order is not that of the numbers. */
enum gender gender_of(struct text code)
{
    static const char *const female[] = { "female", "Female", "FEMALE", "F", "f", "2", "GNDR_0001", "woman", NULL };
    static const char *const male[] = { "male", "Male", "MALE", "M", "m", "1", "GNDR_0002", "man", NULL };
    static const char *const other[] = { "other", "Other", "OTHER", "O", "X", "x", "non-binary", "Non-binary", NULL };
    struct text all = code, word;

    while (next_word(&all, &word))          /* of a crime with several victims: female if one of them is */
        if (is_one_of(word, female))
            return GENDER_FEMALE;
    return is_one_of(code, male) ? GENDER_MALE : is_one_of(code, other) ? GENDER_OTHER : GENDER_UNKNOWN;
}

/* The letter of the 18+1 list is its heading, but for Chinese: O1 in the list of 16+1 is A4 in that of 18+1. */
enum ethnicity ethnicity_of(struct text code)
{
    if (!code.n)
        return ETHNICITY_MISSING;
    if (text_same(code, TEXT("NS")))
        return ETHNICITY_NOT_STATED;
    if (text_same(code, TEXT("O1")))
        return ETHNICITY_ASIAN;
    if (code.n != 2 || code.p[1] < '1' || code.p[1] > '9')
        return ETHNICITY_MISSING;
    switch (code.p[0]) {
    case 'W': return ETHNICITY_WHITE;
    case 'M': return ETHNICITY_MIXED;
    case 'A': return ETHNICITY_ASIAN;
    case 'B': return ETHNICITY_BLACK;
    case 'O': return ETHNICITY_OTHER;
    default: return ETHNICITY_MISSING;
    }
}

uint32_t themes_of(enum offence offence, struct text markers, enum gender victim)
{
    static const struct { const char *marker; uint32_t themes; } marked[] = {
        { "DA", 1u << THEME_DOMESTIC_ABUSE },
        { "HC_RACE", 1u << THEME_HATE | 1u << THEME_HATE_RACE }, { "HC_RELIGION", 1u << THEME_HATE | 1u << THEME_HATE_RELIGION },
        { "HC_ORIENTATION", 1u << THEME_HATE | 1u << THEME_HATE_ORIENTATION }, { "HC_DISABILITY", 1u << THEME_HATE | 1u << THEME_HATE_DISABILITY },
        { "HC_TRANSGENDER", 1u << THEME_HATE | 1u << THEME_HATE_TRANSGENDER }, { "HC_GENDER", 1u << THEME_HATE | 1u << THEME_HATE_GENDER },
        { "HBA", 1u << THEME_HONOUR }, { "FM", 1u << THEME_HONOUR },
    };
    static const uint32_t against_women = 1u << THEME_DOMESTIC_ABUSE | 1u << THEME_RAPE | 1u << THEME_OTHER_SEXUAL | 1u << THEME_STALKING |
                                          1u << THEME_HONOUR | 1u << THEME_HATE_GENDER;
    uint32_t themes = 0;
    struct text word;

    switch (offence) {
    case OFFENCE_BURGLARY_DOMESTIC: case OFFENCE_BURGLARY_OTHER: themes = 1u << THEME_BURGLARY; break;
    case OFFENCE_ROBBERY: themes = 1u << THEME_ROBBERY; break;
    case OFFENCE_RAPE: themes = 1u << THEME_RAPE; break;
    case OFFENCE_OTHER_SEXUAL: themes = 1u << THEME_OTHER_SEXUAL; break;
    case OFFENCE_STALKING: themes = 1u << THEME_STALKING; break;
    default: break;
    }
    while (next_word(&markers, &word))
        for (size_t i = 0; i < sizeof marked / sizeof *marked; i++)
            themes |= text_same(word, text_of(marked[i].marker)) ? marked[i].themes : 0;
    return themes | (victim == GENDER_FEMALE && (themes & against_women) ? 1u << THEME_VAIWG : 0);
}
