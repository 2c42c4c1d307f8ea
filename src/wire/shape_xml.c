/* shape_xml.c - values of the model's types from and to XML elements. */
#include "wire/scalar.h"
#include "wire/shape.h"

static bool malformed(const Service *s, Str element, const char *rule, Arena *a, Fault *fault)
{
    return fault_set(fault, s, ERR_SERIALIZATION, a, "The element %.*s is not %s.",
                     STR(str_slice(element, 0, 100)), rule);
}

static bool list_from_xml(const Service *s, const Shape *shape, const XmlNode *first, Str element,
                          const ShapePath *path, Arena *a, Json *out, Fault *fault)
{
    JsonArray items = {.a = a};
    const Member *item = model_item(s, shape);
    for (const XmlNode *n = first; n; n = n->next) {
        if (!str_eq(n->name, element)) continue;
        ShapePath here = {.up = path, .index = items.n, .depth = path->depth + 1};
        Json v = {0};
        if (!shape_from_xml(s, item, n, &here, a, &v, fault)) return false;
        json_add(&items, v);
    }
    *out = json_array(&items);
    return true;
}

static bool entry_from_xml(const Service *s, const Shape *shape, const XmlNode *entry,
                           const ShapePath *path, Arena *a, JsonObject *out, Fault *fault)
{
    const XmlNode *key = xml_child(entry, model_text(s, model_key(s, shape)->wire));
    const XmlNode *value = xml_child(entry, model_text(s, model_item(s, shape)->wire));
    if (!key || !value) return malformed(s, entry->name, "an entry of a map", a, fault);
    ShapePath here = {.up = path, .name = key->text, .depth = path->depth + 1};
    Json v = {0};
    if (!shape_from_xml(s, model_item(s, shape), value, &here, a, &v, fault)) return false;
    json_put(out, key->text, v);
    return true;
}

static bool map_from_xml(const Service *s, const Shape *shape, const XmlNode *first, Str element,
                         const ShapePath *path, Arena *a, Json *out, Fault *fault)
{
    JsonObject entries = {.a = a};
    for (const XmlNode *n = first; n; n = n->next)
        if (str_eq(n->name, element) && !entry_from_xml(s, shape, n, path, a, &entries, fault))
            return false;
    *out = json_object(&entries);
    return true;
}

/* A flattened list or map is all elements of its name from the first on. */
static bool member_from_xml(const Service *s, const Member *m, const XmlNode *node,
                            const ShapePath *path, Arena *a, Json *out, Fault *fault)
{
    const Shape *shape = model_shape(s, m);
    if (path->depth > SHAPE_DEPTH_MAX)
        return malformed(s, node->name, "in reach: nested too deeply", a, fault);
    if (!(m->flags & MEMBER_FLATTENED)) return shape_from_xml(s, m, node, path, a, out, fault);
    if (shape->type == SHAPE_LIST)
        return list_from_xml(s, shape, node, node->name, path, a, out, fault);
    return map_from_xml(s, shape, node, node->name, path, a, out, fault);
}

bool shape_members_from_xml(const Service *s, const Shape *shape, const XmlNode *node,
                            const ShapePath *path, Arena *a, JsonObject *out, Fault *fault)
{
    for (int i = 0; i < shape->members_n; i++) {
        const Member *m = &s->members[shape->members + i];
        if (m->location != IN_BODY) continue;
        const XmlNode *child = xml_child(node, model_text(s, m->wire));
        ShapePath here = {
            .up = path, .name = model_text(s, m->name), .depth = path ? path->depth + 1 : 1};
        Json v = {0};
        if (m->flags & MEMBER_ATTRIBUTE)
            json_put_text(out, here.name, xml_attribute(node, model_text(s, m->wire)));
        if (!child || m->flags & MEMBER_ATTRIBUTE) continue;
        if (!member_from_xml(s, m, child, &here, a, &v, fault)) return false;
        json_put(out, here.name, v);
    }
    return true;
}

static bool structure_from_xml(const Service *s, const Shape *shape, const XmlNode *node,
                               const ShapePath *path, Arena *a, Json *out, Fault *fault)
{
    JsonObject o = {.a = a};
    if (!shape_members_from_xml(s, shape, node, path, a, &o, fault)) return false;
    *out = json_object(&o);
    return true;
}

bool shape_from_xml(const Service *s, const Member *m, const XmlNode *node, const ShapePath *path,
                    Arena *a, Json *out, Fault *fault)
{
    const Shape *shape = model_shape(s, m);
    const char *rule = "a single value";
    if (shape->type == SHAPE_STRUCTURE)
        return structure_from_xml(s, shape, node, path, a, out, fault);
    if (shape->type == SHAPE_LIST)
        return list_from_xml(s, shape, node->first, model_text(s, model_item(s, shape)->wire), path,
                             a, out, fault);
    if (shape->type == SHAPE_MAP)
        return map_from_xml(s, shape, node->first, S("entry"), path, a, out, fault);
    if (!node->first && scalar_parse(s, m, node->text, a, out, &rule)) return true;
    return malformed(s, node->name, rule, a, fault);
}

static void open_element(Buf *b, const Service *s, const Shape *shape, Str element, const Json *v)
{
    buf_putc(b, '<');
    buf_put(b, element);
    if (shape->flags & SHAPE_IS_XSI)
        buf_put(b, S(" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\""));
    for (int i = 0; i < (shape->type == SHAPE_STRUCTURE ? shape->members_n : 0); i++) {
        const Member *m = &s->members[shape->members + i];
        const Json *value =
            m->flags & MEMBER_ATTRIBUTE ? json_get(v, model_text(s, m->name)) : NULL;
        if (!value) continue;
        buf_putc(b, ' ');
        buf_put(b, model_text(s, m->wire));
        buf_put(b, S("=\""));
        xml_text(b, json_text(value));
        buf_putc(b, '"');
    }
    buf_putc(b, '>');
}

static void map_to_xml(Buf *b, const Service *s, const Shape *shape, Str element, const Json *v)
{
    const Member *key = model_key(s, shape), *value = model_item(s, shape);
    for (int32_t i = 0; i < v->n; i++) {
        xml_open(b, element);
        xml_element(b, model_text(s, key->wire), v->members[i].key);
        shape_to_xml(b, s, value, model_text(s, value->wire), &v->members[i].value);
        xml_close(b, element);
    }
}

static void list_to_xml(Buf *b, const Service *s, const Shape *shape, Str element, const Json *v)
{
    for (int32_t i = 0; i < v->n; i++)
        shape_to_xml(b, s, model_item(s, shape), element, &v->items[i]);
}

/* No XML protocol writes times as numbers: such a member is of a service that has others, too. */
static Str xml_scalar(const Member *m, const Json *v, Arena *a)
{
    Member iso = *m;
    if (m->time == TIME_EPOCH) iso.time = TIME_ISO;
    return scalar_text(&iso, v, a);
}

static void content_to_xml(Buf *b, const Service *s, const Member *m, const Shape *shape,
                           const Json *v)
{
    if (shape->type == SHAPE_STRUCTURE)
        shape_members_to_xml(b, s, shape, v);
    else if (shape->type == SHAPE_LIST && v->type == JSON_ARRAY)
        list_to_xml(b, s, shape, model_text(s, model_item(s, shape)->wire), v);
    else if (shape->type == SHAPE_MAP && v->type == JSON_OBJECT)
        map_to_xml(b, s, shape, S("entry"), v);
    else
        xml_text(b, xml_scalar(m, v, b->a));
}

void shape_to_xml(Buf *b, const Service *s, const Member *m, Str element, const Json *v)
{
    const Shape *shape = model_shape(s, m);
    bool flat = m->flags & MEMBER_FLATTENED;
    if (flat && shape->type == SHAPE_LIST && v->type == JSON_ARRAY) {
        list_to_xml(b, s, shape, element, v);
    } else if (flat && shape->type == SHAPE_MAP && v->type == JSON_OBJECT) {
        map_to_xml(b, s, shape, element, v);
    } else {
        open_element(b, s, shape, element, v);
        content_to_xml(b, s, m, shape, v);
        xml_close(b, element);
    }
}

void shape_members_to_xml(Buf *b, const Service *s, const Shape *shape, const Json *v)
{
    int cursor = 0;
    for (int32_t i = 0; i < (json_is(v, JSON_OBJECT) ? v->n : 0); i++) {
        const Json *value = &v->members[i].value;
        const Member *m = model_next_member(s, shape, v->members[i].key, &cursor);
        if (!m || m->location != IN_BODY || m->flags & MEMBER_ATTRIBUTE || value->type == JSON_NULL)
            continue;
        shape_to_xml(b, s, m, model_text(s, m->wire), value);
    }
}
