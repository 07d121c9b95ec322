/* A year of case events, the same in every run: N OUTBASE [year|midnight|contacts|open] [FACTS]
 *
 *   OUTBASE.items    for send.c: items as they stand in a batch, with the ticks and marks a source would send
 * and of a year
 *   OUTBASE.csv      seq,case,kind,time,enhanced,need: for expected.py, which works out what must be told
 *   OUTBASE.pb       the same for the clients of PEERS, in their own encoding
 *   OUTBASE.ndjson   the same as the items, for `emit`; of at most NDJSON_MAX events
 *
 * A case is reported, mostly assessed, and then goes to no further action, or to a charge and mostly an outcome; what
 * is owed is done in time, late or never. The rest are contacts that nothing hangs on, until there are N events.
 * midnight: N cases, all reported on one day, about which nothing is ever done: all fall due at one instant.
 * contacts: N contacts of other cases than those of any year, that nothing hangs on, and no word of what time it is.
 * open: N / FACTS cases (of 10 facts unless told) of the year's last days, each with a report and contacts: no deadline of theirs has come. */
#include "core/wire.h"

#include <stdio.h>
#include <stdlib.h>

enum { DAY = 86400, HOUR = 3600, FACTS = 10, OPEN_DAYS = 3, FIRST_DAY = 20089 /* 1 January 2025 */, DAYS = 365, FORCES = 43, NDJSON_MAX = 1000000 };
static const int64_t beginning = (int64_t)FIRST_DAY * DAY, end = (int64_t)(FIRST_DAY + DAYS) * DAY;

/* What an event is, its number for the peers, and what it is to us. One list. */
#define KINDS(X) \
    X(REPORT, 1, REPORT, "recorded") X(ASSESS, 2, UPDATE, "needs-assessed") X(REFERRAL, 3, REFERRAL, "made") X(INFO, 4, UPDATE, "code-given") \
    X(UPDATE, 5, UPDATE, "contact-attempted") X(NFA, 6, NFA, "no-further-action") X(CHARGE, 7, CHARGE, "charged") X(OUTCOME, 8, OUTCOME, "verdict") \
    X(NOTIFY_NFA, 9, UPDATE, "victim-informed") X(NOTIFY_CHARGE, 10, UPDATE, "victim-informed") X(NOTIFY_OUTCOME, 11, UPDATE, "victim-informed")
enum shape { YEAR, MIDNIGHT, CONTACTS, OPEN, SHAPES };
static const char *const shapes[SHAPES] = { "year", "midnight", "contacts", "open" };
enum what {
#define X(name, number, type, kind) name = number,
    KINDS(X)
#undef X
};
static const struct { const char *name, *kind; enum event_type type; } table[] = {
#define X(name, number, type, kind) [number] = { #name, kind, EVENT_##type },
    KINDS(X)
#undef X
};

struct happening { int64_t at; uint32_t order; uint32_t of; uint8_t what, enhanced, need; };    /* of: index of the case */
struct acase { int64_t reported; uint32_t serial; uint8_t force; uint32_t milestone[3]; };     /* event numbers of NFA, CHARGE, OUTCOME */
static struct happening *list;
static size_t count;
static struct acase *cases;

/* ---- chance: xorshift64*, seeded the same always ---------------------------------- */

static uint64_t state = 0x20250101;
static uint64_t chance(void)
{
    state ^= state >> 12, state ^= state << 25, state ^= state >> 27;
    return state * 0x2545f4914f6cdd1dULL;
}
static int64_t below(int64_t n) { return n > 0 ? (int64_t)(chance() % (uint64_t)n) : 0; }
static bool percent(int n) { return below(100) < n; }

/* ---- what happens -------------------------------------------------------------------- */

static void happens(uint32_t of, int64_t at, enum what what, bool enhanced, bool need)
{
    if (at < end)
        list[count] = (struct happening){ at, (uint32_t)count, of, (uint8_t)what, enhanced, need }, count++;
}

/* Plans when something owed is done. The limit is only guessed here, weekends but no holidays: what falls on which side
 * of it is for expected.py to find. */
static void owed(uint32_t of, int64_t from, int days, enum what what, int in_time, int late)
{
    int64_t due = from / DAY * DAY + DAY;
    int luck = (int)below(100);

    for (; days; due += DAY)
        days -= (due / DAY + 3) % 7 < 5;    /* 1 January 1970 was a Thursday */
    if (luck < in_time)
        happens(of, percent(1) ? due - 1 : from + below(due - from), what, false, false);
    else if (luck < in_time + late)
        happens(of, percent(5) ? due : due + below(5 * DAY), what, false, false);
}

static void live(uint32_t of)
{
    int64_t reported = cases[of].reported, assessed, decided = reported + 10 * DAY + below(120 * DAY);
    bool enhanced = percent(20), need = percent(50);
    int path = (int)below(100);

    happens(of, reported, REPORT, enhanced, false);
    owed(of, reported, enhanced ? 1 : 5, INFO, 88, 8);
    if (percent(90)) {
        assessed = reported + below(percent(5) ? 40 * DAY : 3 * DAY);
        enhanced |= percent(10);
        happens(of, assessed, ASSESS, enhanced, need);
        if (need)
            owed(of, assessed, 2, REFERRAL, 85, 10);
    }
    if (path < 80) {
        happens(of, decided, path < 30 ? NFA : CHARGE, false, false);
        owed(of, decided, enhanced ? 1 : 5, path < 30 ? NOTIFY_NFA : NOTIFY_CHARGE, 90, 7);
    }
    if (path >= 30 && path < 78) {
        decided += 20 * DAY + below(120 * DAY);
        happens(of, decided, OUTCOME, false, false);
        owed(of, decided, enhanced ? 1 : 5, NOTIFY_OUTCOME, 90, 7);
    }
}

static int by_time(const void *a, const void *b)
{
    const struct happening *x = a, *y = b;

    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

static int by_report(const void *a, const void *b)
{
    const struct acase *x = a, *y = b;

    return (x->reported > y->reported) - (x->reported < y->reported);
}

static bool make(size_t n, enum shape shape, size_t facts)
{
    size_t all = shape == MIDNIGHT ? n : n / facts;
    uint32_t serial[FORCES] = { 0 };

    list = malloc((n + 32) * sizeof *list);
    cases = calloc(all ? all : 1, sizeof *cases);
    if (!list || !cases || !all)
        return false;
    for (size_t i = 0; i < all; i++)
        cases[i].reported = shape == MIDNIGHT ? beginning + 152 * DAY + below(DAY) : shape == OPEN ? end - OPEN_DAYS * DAY + below(OPEN_DAYS * DAY) :
                            beginning + below(DAYS * DAY);
    qsort(cases, all, sizeof *cases, by_report);
    for (uint32_t i = 0; i < all; i++) {
        cases[i].force = (uint8_t)below(FORCES);
        cases[i].serial = ++serial[cases[i].force] + (shape == CONTACTS ? 5000000 : 0);
        if (shape == MIDNIGHT || shape == OPEN)
            happens(i, cases[i].reported, REPORT, false, false);
        for (size_t k = 1; k < facts && shape == OPEN; k++)
            happens(i, cases[i].reported + below(end - cases[i].reported), UPDATE, false, false);
        if (shape == YEAR && count + 16 < n)
            live(i);
    }
    while (count < n) {
        uint32_t i = (uint32_t)below((int64_t)all);
        happens(i, cases[i].reported + below(end - cases[i].reported < 200 * DAY ? end - cases[i].reported : 200 * DAY), UPDATE, false, false);
    }
    qsort(list, count, sizeof *list, by_time);
    return true;
}

/* ---- how it is said ---------------------------------------------------------------------- */

static char crime[32], victim[16], officer[16], id[40], informs[40], note[200];

static struct item say(size_t i)
{
    static const char *const words[] = { "called back", "no reply", "letter sent", "spoke to victim", "message left", "witness seen", "file to CPS",
                                         "measures asked for", "risk looked at", "safety plan set" };
    const struct happening *h = &list[i];
    struct acase *c = &cases[h->of];
    uint64_t a = chance(), b = chance();
    struct item item = { .what = ITEM_EVENT };
    struct event *e = &item.event;

    snprintf(id, sizeof id, "connect-%08zx", i + 1);
    snprintf(crime, sizeof crime, "%02u/%07u/25", c->force + 1u, c->serial);
    snprintf(victim, sizeof victim, "N%09u", 500000000u + h->of);
    snprintf(officer, sizeof officer, "PC%06u", (unsigned)(a % 150000));
    snprintf(note, sizeof note, "%s; %s; %s; next look in %u days, callback 09:00-12:00, ref %08x", words[a % 10], words[b % 10], words[(a >> 8) % 10],
             (unsigned)(b % 28), (unsigned)(b >> 32));
    e->type = table[h->what].type;
    e->kind = kind_by_name(e->type, text_of(table[h->what].kind));
    e->event_id = text_of(id);
    e->source = TEXT("connect");
    e->seq = i + 1;
    e->crime_ref = text_of(crime);
    e->victim_ref = text_of(victim);
    e->occurred_at.s = h->at;
    e->recorded_by = text_of(officer);
    if (e->type == EVENT_REPORT) {
        e->offence_title = text_of(note);
        e->oic = text_of(officer);
        e->present = UINT64_C(1) << F_offence_title | UINT64_C(1) << F_oic;
    } else {
        e->reason_code = text_of(note);
        e->present = UINT64_C(1) << F_reason_code;
    }
    if (h->enhanced)
        e->enhanced = true, e->present |= UINT64_C(1) << F_enhanced;
    if (h->what == ASSESS)
        e->need = h->need, e->present |= UINT64_C(1) << F_need;
    if (h->what >= NFA && h->what <= OUTCOME)
        c->milestone[h->what - NFA] = (uint32_t)(i + 1);
    if (h->what >= NOTIFY_NFA) {
        snprintf(informs, sizeof informs, "connect-%08x", c->milestone[h->what - NOTIFY_NFA]);
        e->informs_event_id = text_of(informs);
        e->present |= UINT64_C(1) << F_informs_event_id;
    }
    return item;
}

static bool put(FILE *f, struct wire *w, const struct item *item)
{
    static uint8_t buf[64 * 1024];
    size_t used = 0;

    return wire_item_append(w, item, buf, sizeof buf, &used) == E_OK && fwrite(buf, used, 1, f) == 1;
}

static uint8_t *peer_number(uint8_t *p, unsigned field, uint64_t v)
{
    if (!v)
        return p;
    for (*p++ = (uint8_t)(field << 3); v > 127; v >>= 7)
        *p++ = (uint8_t)(v | 128);
    *p++ = (uint8_t)v;
    return p;
}

static uint8_t *peer_text(uint8_t *p, unsigned field, const char *s)
{
    size_t n = strlen(s);

    *p++ = (uint8_t)(field << 3 | 2);
    *p++ = (uint8_t)n;
    memcpy(p, s, n);
    return p + n;
}

/* common/event.proto of the peers: the same facts, in their fields. */
static bool put_peer(FILE *f, size_t i)
{
    const struct happening *h = &list[i];
    const struct acase *c = &cases[h->of];
    uint8_t buf[512], *p = buf;
    uint32_t n;

    p = peer_number(p, 1, i + 1);
    p = peer_number(p, 2, (c->force + 1ull) * 1000000000 + c->serial);
    p = peer_number(p, 3, h->what);
    p = peer_number(p, 4, (uint64_t)h->at);
    p = peer_number(p, 5, h->enhanced);
    p = peer_number(p, 6, h->need);
    p = peer_number(p, 7, c->force + 1u);
    p = peer_number(p, 8, 500000000u + h->of);
    p = peer_text(p, 9, crime);
    p = peer_text(p, 10, officer);
    p = peer_text(p, 13, h->what >= NOTIFY_NFA ? informs : "connect");
    p = peer_text(p, 14, note);
    p = peer_text(p, 15, id);
    n = (uint32_t)(p - buf);
    return fwrite(&n, 4, 1, f) == 1 && fwrite(buf, n, 1, f) == 1;
}

static void put_json(FILE *f, size_t i)
{
    const struct happening *h = &list[i];
    struct instant at = { h->at };
    char when[INSTANT_TEXT];

    instant_format(at, when);
    fprintf(f, "{\"event_id\":\"%s\",\"source\":\"connect\",\"seq\":%zu,\"crime_ref\":\"%s\",\"victim_ref\":\"%s\",\"occurred_at\":\"%s\",\"recorded_by\":\"%s\",\"%s\":{",
            id, i + 1, crime, victim, when, officer, event_type_name(table[h->what].type));
    if (table[h->what].type == EVENT_REPORT)
        fprintf(f, "\"oic\":\"%s\",\"offence_title\":\"%s\"", officer, note);
    else
        fprintf(f, "\"kind\":\"%s\",\"reason_code\":\"%s\"", table[h->what].kind, note);
    if (h->enhanced)
        fprintf(f, ",\"enhanced\":true");
    if (h->what == ASSESS)
        fprintf(f, ",\"need\":%s", h->need ? "true" : "false");
    if (h->what >= NOTIFY_NFA)
        fprintf(f, ",\"informs_event_id\":\"%s\"", informs);
    fprintf(f, "}}\n");
}

static void put_csv(FILE *f, size_t i)
{
    const struct happening *h = &list[i];
    const struct acase *c = &cases[h->of];

    fprintf(f, "%zu,%llu,%s,%lld,%d,%d\n", i + 1, (c->force + 1ull) * 1000000000 + c->serial, table[h->what].name, (long long)h->at, h->enhanced, h->need);
}

/* Everything up to an instant was said; and that is what time it is. */
static bool put_time(FILE *f, struct wire *w, int64_t at)
{
    struct item complete = { .what = ITEM_COMPLETE, .source = TEXT("connect"), .at = { at } }, tick = { .what = ITEM_TICK, .at = { at } };

    return put(f, w, &complete) && put(f, w, &tick);
}

static FILE *create(const char *base, const char *extension)
{
    char path[4096];
    FILE *f;

    snprintf(path, sizeof path, "%s.%s", base, extension);
    f = fopen(path, "w");
    if (f)
        setvbuf(f, NULL, _IOFBF, 1 << 20);
    return f;
}

static enum shape shape_by_name(const char *name)
{
    int s = 0;

    while (s < SHAPES && strcmp(shapes[s], name) != 0)
        s++;
    return (enum shape)s;
}

int main(int argc, char **argv)
{
    enum shape shape = argc > 3 ? shape_by_name(argv[3]) : YEAR;
    size_t n = argc > 2 ? strtoull(argv[1], NULL, 10) : 0, facts = argc > 4 ? strtoull(argv[4], NULL, 10) : FACTS;
    FILE *items, *csv = NULL, *pb = NULL, *ndjson = NULL;
    int64_t hour = beginning;
    struct wire *w;
    bool ok;

    if (argc < 3 || shape == SHAPES || !facts || !make(n, shape, facts) || wire_open(&w)) {
        fprintf(stderr, "usage: workload N OUTBASE [year|midnight|contacts|open] [FACTS]\n");
        return 2;
    }
    ok = (items = create(argv[2], "items"));
    if (shape == YEAR)
        ok = ok && (csv = create(argv[2], "csv")) && (pb = create(argv[2], "pb")) && (ndjson = create(argv[2], "ndjson"));
    for (size_t i = 0; ok && i < count; i++) {
        struct item item = say(i);
        if (shape != CONTACTS && list[i].at >= hour + HOUR) {
            hour = list[i].at / HOUR * HOUR;
            ok = put_time(items, w, hour);
        }
        ok = ok && put(items, w, &item);
        if (shape != YEAR)
            continue;
        ok = ok && put_peer(pb, i);
        put_csv(csv, i);
        if (i < NDJSON_MAX)
            put_json(ndjson, i);
    }
    ok = ok && (shape == MIDNIGHT || shape == CONTACTS || put_time(items, w, end)) && !fclose(items);
    if (!ok || (shape == YEAR && (fclose(csv) || fclose(pb) || fclose(ndjson)))) {
        fprintf(stderr, "workload: %s.* cannot be written\n", argv[2]);
        return 1;
    }
    wire_close(&w);
    return 0;
}
