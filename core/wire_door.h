/* wire_door.h: private to core/wire*.c, the only files that know protobuf-c. */
#ifndef CORE_WIRE_DOOR_H
#define CORE_WIRE_DOOR_H

#include "core/wire.h"

#include <protobuf-c/protobuf-c.h>

/* A bump arena with a hard cap. protobuf-c keeps every unknown field and every scanned
 * one; with malloc, 64 KiB of hostile input becomes 3 MiB. Here it runs into the cap. */
enum { ARENA_ALIGN = 16 };
struct arena { uint8_t *p; size_t used, cap; bool full; };
struct wire {
    struct arena decoding, large, encoding;     /* large: taken when the first law or message comes */
    struct item_law law;
    struct item_kinds kinds;
};

void *wire_take(struct arena *a, size_t n);             /* NULL and a->full beyond the cap */
void wire_empty(struct arena *a);
enum err wire_large(struct wire *w, struct arena **ret) MUST_USE;     /* taken at first use; E_MEMORY */

/* Into the arena, emptied before. E_TOO_LARGE, E_MALFORMED (also for a NUL in a string). */
enum err wire_unpack(const ProtobufCMessageDescriptor *d, struct arena *a, const uint8_t *p, size_t n,
                     ProtobufCMessage **ret) MUST_USE;
/* Length and message. E_TOO_LARGE: longer than `most`, or than there is room. */
enum err wire_append(const ProtobufCMessage *m, size_t most, uint8_t *buf, size_t cap, size_t *used) MUST_USE;
/* A terminated copy. NULL and *bad: it holds a NUL, or the arena is full. */
char *wire_copy(struct arena *a, struct text t, bool *bad);
char *wire_copy_said(struct arena *a, struct text t, bool *bad);   /* NULL for one not said */

static inline struct text text_from(const char *s) { return s ? text_of(s) : (struct text){ NULL, 0 }; }
static inline struct bytes bytes_from(ProtobufCBinaryData b) { return (struct bytes){ b.data, b.len }; }
static inline ProtobufCBinaryData data_of(struct bytes b) { return (ProtobufCBinaryData){ b.n, (uint8_t *)b.p }; }

/* core/wire_event.c: names, kinds and bodies, bound once; m is a Rightswatch__CaseEvent. */
void wire_bind(void);
void wire_event_from(const ProtobufCMessage *m, struct event *e);
ProtobufCMessage *wire_event_to(struct arena *a, const struct event *e, bool *bad);

/* What a body's field numbers mean, WIRE_FIELDS of them; *ret_kind: its kind when it says none, or KIND_NONE. */
enum { WIRE_FIELDS = 64 };
struct wire_field { uint8_t what, f; uint16_t event_offset; uint32_t most; };       /* enum wire_what, enum field; most: as in field_table */
enum wire_what { WIRE_NOTHING, WIRE_KIND, WIRE_TEXT, WIRE_TIME, WIRE_NUMBER, WIRE_FLAG, WIRE_WORDS };
const struct wire_field *wire_fields(enum event_type type, unsigned *ret_kind);

/* core/wire.c: wire_item_decode by protobuf-c, whatever it is: for tests to compare. */
enum err wire_item_unpack(struct wire *w, const uint8_t *p, size_t n, struct item *ret, struct why *why) MUST_USE;

/* core/wire_notice.c: base is a Rightswatch__Notice. E_MALFORMED: ids of another length, a level this version does not know. */
enum err wire_notice_from(const ProtobufCMessage *base, struct notice *ret) MUST_USE;
ProtobufCMessage *wire_notice_to(struct arena *a, const struct notice *notice, bool *bad);

#endif
