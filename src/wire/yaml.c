/* yaml.c - libyaml's events, folded into a JSON value with a stack of open collections. */
#include "wire/yaml.h"

#include <yaml.h>

/* A collection that is still open. */
typedef struct Open {
    bool is_map, has_key;
    Str tag, key;
    JsonArray items;
    JsonObject members;
} Open;

typedef struct Reader {
    yaml_parser_t parser;
    Arena *a;
    YamlTagFn *tag;
    Open stack[YAML_DEPTH_MAX];
    int depth, nodes;
    bool done;
    Json root;
} Reader;

static bool bad(const yaml_mark_t *at, const char *why, Error *err)
{
    return error_set(err, ERR_VALIDATION, "%s (line %zu, column %zu)", why, at->line + 1,
                     at->column + 1);
}

static Str own(Reader *r, const yaml_char_t *bytes, size_t n)
{
    return str_copy(r->a, (Str){(const char *)bytes, (int64_t)n});
}

/* Tags of the standard ("tag:yaml.org,2002:str", "!") name the kind that the scalar has anyway. */
static Str local_tag(Reader *r, const yaml_char_t *tag)
{
    const char *text = (const char *)tag;
    if (!text || text[0] != '!' || !text[1]) return (Str){0};
    return str_copy(r->a, str_from(text + 1));
}

/* ---- scalars ---- */

static int64_t skip_digits(Str s, int64_t i)
{
    while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9') i++;
    return i;
}

/* RFC 8259's number, and short enough to be meant as one. */
static bool is_number(Str s)
{
    int64_t i = s.n && s.p[0] == '-', begin = i;
    i = skip_digits(s, i);
    if (i == begin || i - begin > 15 || (s.p[begin] == '0' && i - begin > 1)) return false;
    if (i < s.n && s.p[i] == '.') {
        int64_t point = i++;
        i = skip_digits(s, i);
        if (i == point + 1) return false;
    }
    if (i < s.n && (s.p[i] | 0x20) == 'e') {
        i++;
        if (i < s.n && (s.p[i] == '+' || s.p[i] == '-')) i++;
        int64_t exponent = i;
        i = skip_digits(s, i);
        if (i == exponent) return false;
    }
    return i == s.n;
}

static Json plain(Str s)
{
    static const struct {
        Str text;
        JsonType type;
    } words[] = {
        {STR_INIT("true"), JSON_TRUE},   {STR_INIT("True"), JSON_TRUE},
        {STR_INIT("TRUE"), JSON_TRUE},   {STR_INIT("false"), JSON_FALSE},
        {STR_INIT("False"), JSON_FALSE}, {STR_INIT("FALSE"), JSON_FALSE},
        {STR_INIT("null"), JSON_NULL},   {STR_INIT("Null"), JSON_NULL},
        {STR_INIT("NULL"), JSON_NULL},   {STR_INIT("~"), JSON_NULL},
        {STR_INIT(""), JSON_NULL},
    };
    for (int i = 0; i < countof(words); i++)
        if (str_eq(s, words[i].text)) return (Json){.type = words[i].type};
    return is_number(s) ? json_number(s) : json_string(s);
}

/* ---- collections ---- */

static bool key_again(const Open *o, Str key)
{
    for (int64_t i = 0; i < o->members.n; i++)
        if (str_eq(o->members.p[i].key, key)) return true;
    return false;
}

/* A finished value finds its place in the innermost open collection. */
static bool place(Reader *r, Json value, const yaml_mark_t *at, Error *err)
{
    if (r->depth == 0) return r->root = value, true;
    Open *o = &r->stack[r->depth - 1];
    if (!o->is_map) return json_add(&o->items, value), true;
    if (o->has_key) {
        json_put(&o->members, o->key, value);
        o->has_key = false;
        return true;
    }
    if (value.type >= JSON_ARRAY) return bad(at, "a key is not a scalar", err);
    o->key = value.type == JSON_STRING || value.type == JSON_NUMBER ? json_text(&value)
                                                                    : json_to_str(r->a, &value);
    if (o->members.n == YAML_KEYS_MAX) return bad(at, "too many keys", err);
    if (key_again(o, o->key)) return bad(at, "a key is given twice", err);
    return o->has_key = true;
}

static bool place_tagged(Reader *r, Str tag, Json value, const yaml_mark_t *at, Error *err)
{
    if (str_absent(tag)) return place(r, value, at, err);
    Json tagged;
    if (!r->tag) return bad(at, "a tag is not known here", err);
    return r->tag(r->a, tag, value, &tagged, err) && place(r, tagged, at, err);
}

static bool scalar(Reader *r, const yaml_event_t *e, Error *err)
{
    Str text = own(r, e->data.scalar.value, e->data.scalar.length);
    bool is_plain =
        e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && e->data.scalar.plain_implicit;
    Open *o = r->depth ? &r->stack[r->depth - 1] : NULL;
    bool is_key = o && o->is_map && !o->has_key;
    Json value = is_plain && !is_key ? plain(text) : json_string(text);
    Str tag = local_tag(r, e->data.scalar.tag);
    if (!str_absent(tag)) value = json_string(text);
    return place_tagged(r, tag, value, &e->start_mark, err);
}

static bool open_collection(Reader *r, bool is_map, const yaml_char_t *tag, const yaml_mark_t *at,
                            Error *err)
{
    if (r->depth == YAML_DEPTH_MAX) return bad(at, "nested too deeply", err);
    r->stack[r->depth++] = (Open){
        .is_map = is_map, .tag = local_tag(r, tag), .items = {.a = r->a}, .members = {.a = r->a}};
    return true;
}

static bool close_collection(Reader *r, const yaml_mark_t *at, Error *err)
{
    Open *o = &r->stack[--r->depth];
    Json value = o->is_map ? json_object(&o->members) : json_array(&o->items);
    return place_tagged(r, o->tag, value, at, err);
}

static bool take_event(Reader *r, const yaml_event_t *e, Error *err)
{
    const yaml_mark_t *at = &e->start_mark;
    if (++r->nodes > YAML_NODES_MAX) return bad(at, "too many nodes", err);
    switch (e->type) {
    case YAML_ALIAS_EVENT: return bad(at, "aliases are not allowed", err);
    case YAML_SCALAR_EVENT: return scalar(r, e, err);
    case YAML_SEQUENCE_START_EVENT:
        return open_collection(r, false, e->data.sequence_start.tag, at, err);
    case YAML_MAPPING_START_EVENT:
        return open_collection(r, true, e->data.mapping_start.tag, at, err);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT: return close_collection(r, at, err);
    case YAML_DOCUMENT_END_EVENT:
    case YAML_STREAM_END_EVENT: return r->done = true;
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_DOCUMENT_START_EVENT: return true;
    }
    unreachable();
}

static bool read_all(Reader *r, Error *err)
{
    while (!r->done) {
        yaml_event_t event;
        if (!yaml_parser_parse(&r->parser, &event))
            return bad(&r->parser.problem_mark,
                       r->parser.problem ? r->parser.problem : "not well-formed", err);
        bool good = take_event(r, &event, err);
        yaml_event_delete(&event);
        if (!good) return false;
    }
    return true;
}

bool yaml_parse(Str in, YamlTagFn *tag, Arena *a, Json *out, Error *err)
{
    Reader r = {.a = a, .tag = tag};
    check(yaml_parser_initialize(&r.parser));
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)in.p, (size_t)in.n);
    bool good = read_all(&r, err);
    yaml_parser_delete(&r.parser);
    if (good) *out = r.root;
    return good;
}
