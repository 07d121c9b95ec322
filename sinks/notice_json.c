#include "core/hash.h"
#include "sinks/sink.h"

static void text_member(struct json_out *o, const char *key, struct text value)
{
    if (text_is_empty(value))
        return;
    json_out_key(o, key);
    json_out_text(o, value);
}

static void time_member(struct json_out *o, const char *key, struct instant value)
{
    if (!instant_is_set(value))
        return;
    json_out_key(o, key);
    json_out_instant(o, value);
}

static void id_member(struct json_out *o, const char *key, const uint8_t id[NOTICE_ID_BYTES])
{
    char hex[NOTICE_ID_BYTES * 2 + 1];

    hash_hex(id, NOTICE_ID_BYTES, hex);
    json_out_key(o, key);
    json_out_text(o, text_of(hex));
}

void notice_json(struct json_out *o, const struct notice *n)
{
    json_out_object(o);
    id_member(o, "notice_id", n->notice_id);
    json_out_key(o, "version");
    json_out_integer(o, (int64_t)n->version);
    text_member(o, "level", text_of(level_name(n->level)));
    if (n->step) {
        json_out_key(o, "step");
        json_out_integer(o, n->step);
    }
    if (n->stands != n->level)
        text_member(o, "stands", n->stands ? text_of(level_name(n->stands)) : TEXT("nothing"));
    text_member(o, "rule", n->rule);
    text_member(o, "right", n->right);
    text_member(o, "basis", n->basis);
    text_member(o, "owner", n->owner);
    text_member(o, "title", n->title);
    text_member(o, "crime_ref", n->crime_ref);
    text_member(o, "victim_ref", n->victim_ref);
    time_member(o, "due", n->due);
    text_member(o, "due_date", n->due_date);
    text_member(o, "due_time", n->due_time);
    time_member(o, "due_before", n->due_before);
    time_member(o, "started_at", n->started_at);
    time_member(o, "occurred_at", n->occurred_at);
    time_member(o, "raised_at", n->raised_at);
    text_member(o, "officer", n->officer);
    text_member(o, "team", n->team);
    text_member(o, "started_by", n->started_by);
    text_member(o, "evidence", n->evidence);
    if (n->enhanced) {
        json_out_key(o, "enhanced");
        json_out_bool(o, true);
    }
    json_out_key(o, "cause");
    json_out_integer(o, (int64_t)n->cause);
    id_member(o, "obligation_id", n->obligation_id);
    json_out_end(o);
}
