/* json.h - JSON as an immutable value tree in an arena: order kept, numbers kept as written, depth and size bounded. */
#pragma once
#include "base/error.h"
#include "base/str.h"

/* A Json is a small value: copying it shares the text, items or members behind it, which never
 * change after they were built. Arrays and objects are contiguous: v->items[i] is constant time.
 *
 *     Json doc;
 *     if (!json_parse(body, a, &doc, err)) return false;
 *     Str name = json_text(json_get(&doc, S("Name")));
 *
 *     JsonObject o = {.a = a};
 *     json_put(&o, S("Id"), json_string(id));
 *     json_put(&o, S("Count"), json_int(a, 3));
 *     Json out = json_object(&o);
 */
enum { JSON_DEPTH_MAX = 256 };
#define JSON_BYTES_MAX ((int64_t)1 << 30)

typedef enum JsonType {
    JSON_NULL, /* zero-initialised is null */
    JSON_FALSE,
    JSON_TRUE,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT,
} JsonType;

typedef struct Json {
    JsonType type;
    int32_t n; /* bytes of text, items, or members */
    union {
        const char *text;                 /* JSON_STRING: decoded; JSON_NUMBER: as written */
        const struct Json *items;         /* JSON_ARRAY */
        const struct JsonMember *members; /* JSON_OBJECT */
    };
} Json;

typedef struct JsonMember {
    Str key;
    Json value;
} JsonMember;

/* RFC 8259, UTF-8 checked. Strings without escapes borrow from `in`. ERR_SERIALIZATION names line
 * and column. A key given twice: both are kept, json_get finds the last. */
must_use bool json_parse(Str in, Arena *a, Json *out, Error *err);

/* Line and column (in bytes, from 1) at which the value of a JSON pointer ("/States/Load/Next")
 * stands in a text that json_parse accepts: its key, or an array's item. What the pointer does not
 * find is at the last part that it does. */
typedef struct JsonPlace {
    int64_t line, column;
} JsonPlace;
JsonPlace json_place(Str text, Str pointer);
bool json_broken(Str text, JsonPlace *at); /* where it stops being JSON; false: it is JSON */

/* Reading. Every function accepts NULL (an absent member) and any type; absence is never an error.
 */
const Json *json_get(const Json *object, Str key);     /* NULL: not an object, or no such member */
const Json *json_at(const Json *array, int64_t index); /* NULL: not an array, or out of range */
const Json *json_find(const Json *v, const char *dotted_path); /* "Status.Timeline.EndDateTime" */
Str json_text(const Json *v); /* string bytes or number text; else {NULL, 0} */
bool json_is(const Json *v, JsonType type);
bool json_true(const Json *v); /* exactly true */
must_use bool json_to_int(const Json *v,
                          int64_t *out); /* an integral number (1, 1.0, 1e3) in range */
int64_t json_int_or(const Json *v, int64_t otherwise);
static inline int32_t json_count(const Json *v)
{
    return v && v->type >= JSON_ARRAY ? v->n : 0;
}
bool json_eq(const Json *x, const Json *y); /* deep; members in any order; numbers by text */

/* Building. */
Json json_string(Str s);    /* borrows */
Json json_number(Str text); /* borrows; the caller vouches for its form */
Json json_int(Arena *a, int64_t value);
Json json_bool(bool value);
Json json_millis_as_seconds(Arena *a, Millis t); /* 1700000000123 -> 1700000000.123 */
Json json_copy(Arena *a, const Json *v);         /* deep: owns every byte */

typedef struct JsonObject {
    Arena *a;
    JsonMember *p;
    int64_t n, cap;
} JsonObject;
void json_put(JsonObject *o, Str key, Json value);
void json_put_text(JsonObject *o, Str key, Str text);          /* absent text: nothing is put */
void json_put_json(JsonObject *o, Str key, const Json *value); /* NULL: nothing is put */
Json json_object(const JsonObject *o);

typedef struct JsonArray {
    Arena *a;
    Json *p;
    int64_t n, cap;
} JsonArray;
void json_add(JsonArray *array, Json value);
Json json_array(const JsonArray *array);

void json_write(Buf *out, const Json *v);        /* compact */
void json_write_pretty(Buf *out, const Json *v); /* two blanks an indent, as jq */
void json_write_string(Buf *out, Str s);         /* quoted and escaped */
Str json_to_str(Arena *a, const Json *v);
