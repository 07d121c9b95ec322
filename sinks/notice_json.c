#include "core/hash.h"
#include "sinks/sink.h"

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
    json_put_number(o, "version", (int64_t)n->version);
    json_put_text(o, "level", text_of(level_name(n->level)));
    if (n->step)
        json_put_number(o, "step", n->step);
    if (n->stands != n->level)
        json_put_text(o, "stands", n->stands ? text_of(level_name(n->stands)) : TEXT("nothing"));
    json_put_text(o, "rule", n->rule);
    json_put_text(o, "right", n->right);
    json_put_text(o, "basis", n->basis);
    json_put_text(o, "owner", n->owner);
    json_put_text(o, "title", n->title);
    json_put_text(o, "crime_ref", n->crime_ref);
    json_put_text(o, "victim_ref", n->victim_ref);
    if (n->victim_no)
        json_put_number(o, "victim_no", n->victim_no);
    json_put_time(o, "due", n->due);
    json_put_text(o, "due_date", n->due_date);
    json_put_text(o, "due_time", n->due_time);
    json_put_time(o, "due_before", n->due_before);
    json_put_time(o, "started_at", n->started_at);
    json_put_time(o, "occurred_at", n->occurred_at);
    json_put_time(o, "raised_at", n->raised_at);
    json_put_time(o, "hold_until", n->hold_until);
    json_put_text(o, "start_date", n->start_date);
    json_put_text(o, "limit", n->limit);
    if (n->has_working_days_left)
        json_put_number(o, "working_days_left", n->working_days_left);
    json_put_text(o, "officer", n->officer);
    json_put_text(o, "supervisor", n->supervisor);
    json_put_text(o, "team", n->team);
    json_put_text(o, "started_by", n->started_by);
    json_put_text(o, "evidence", n->evidence);
    json_put_flag(o, "enhanced", n->enhanced);
    json_put_flag(o, "family_liaison", n->family_liaison);
    json_put_flag(o, "access_restricted", n->access_restricted);
    json_put_flag(o, "processing_restricted", n->processing_restricted);
    if (n->level == LEVEL_ACKNOWLEDGED)
        id_member(o, "acknowledges", n->acknowledges);
    json_put_text(o, "acknowledged_by", n->acknowledged_by);
    json_put_text(o, "reason", n->reason);
    json_put_number(o, "cause", (int64_t)n->cause);
    id_member(o, "obligation_id", n->obligation_id);
    json_out_end(o);
}
