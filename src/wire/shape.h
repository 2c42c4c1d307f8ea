/* shape.h - values of the model's types: from and to JSON, XML and forms, and the path that names a place in them. */
#pragma once
#include "wire/fault.h"
#include "wire/form.h"
#include "wire/xml.h"

enum { SHAPE_DEPTH_MAX = 64 }; /* the model has recursive shapes */

/* A place in an input, as a chain up to the root; a text is made only when something is wrong. */
typedef struct ShapePath {
    const struct ShapePath *up;
    Str name;      /* a member's name or a map's key; absent: an item of a list */
    int64_t index; /* of the item, from 0 */
    int depth;
} ShapePath;

/* AWS's notation, members in lower camel case, items from 1: "steps.1.member.hadoopJarStep.jar". */
Str shape_path_text(const ShapePath *path, Arena *a);

/* JSON bodies. `m` describes the value; members with another location than the body are ignored. */
must_use bool shape_from_json(const Service *s, const Member *m, const Json *in,
                              const ShapePath *path, Arena *a, Json *out, Fault *fault);
void shape_to_json(Buf *b, const Service *s, const Member *m, const Json *v);
/* The members of a structure that are in the body, as one JSON object. */
void shape_members_to_json(Buf *b, const Service *s, const Shape *shape, const Json *v);
must_use bool shape_members_from_json(const Service *s, const Shape *shape, const Json *in,
                                      const ShapePath *path, Arena *a, JsonObject *out,
                                      Fault *fault);

/* XML. The element is named by the caller: item and payload names differ from member names. */
must_use bool shape_from_xml(const Service *s, const Member *m, const XmlNode *node,
                             const ShapePath *path, Arena *a, Json *out, Fault *fault);
must_use bool shape_members_from_xml(const Service *s, const Shape *shape, const XmlNode *node,
                                     const ShapePath *path, Arena *a, JsonObject *out,
                                     Fault *fault);
void shape_to_xml(Buf *b, const Service *s, const Member *m, Str element, const Json *v);
void shape_members_to_xml(Buf *b, const Service *s, const Shape *shape, const Json *v);

/* awsQuery: all pairs below "Steps.member.1." make one value. The form must be sorted. */
must_use bool shape_members_from_form(const Service *s, const Shape *shape, const Form *form,
                                      Str prefix, const ShapePath *path, Arena *a, JsonObject *out,
                                      Fault *fault);
