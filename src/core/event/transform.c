/* transform.c - paths into events, and templates filled with what they find. */
#include "core/event/transform.h"

#include "base/time.h"
#include "core/jsonpath/jsonpath.h"

/* ---- checking ---- */

static bool check_path(Str path, Arena *a, Error *err)
{
    const JsonPath *parsed;
    Str why;
    if (path.n <= TRANSFORM_PATH_BYTES_MAX && jsonpath_parse(path, a, &parsed, &why)) return true;
    return error_set(err, ERR_VALIDATION, "Invalid JsonPath for event: %.*s", STR(path));
}

static bool check_transformer(const Json *t, Arena *a, Error *err)
{
    const Json *paths = json_get(t, S("InputPathsMap"));
    if (json_count(paths) > TRANSFORM_PATHS_MAX)
        return error_set(err, ERR_VALIDATION, "InputPathsMap has more than %d paths.",
                         TRANSFORM_PATHS_MAX);
    for (int32_t i = 0; i < json_count(paths); i++) {
        if (str_starts(paths->members[i].key, S("AWS.")))
            return error_set(err, ERR_VALIDATION, "InputPathsMap: keys cannot start with \"AWS.\"");
        if (!check_path(json_text(&paths->members[i].value), a, err)) return false;
    }
    return true;
}

bool transform_check(const Json *target, Arena *a, Error *err)
{
    Json parsed;
    Error why = {0};
    Str input = json_text(json_get(target, S("Input"))),
        path = json_text(json_get(target, S("InputPath")));
    const Json *t = json_get(target, S("InputTransformer"));
    if ((input.n > 0) + (path.n > 0) + (t != NULL) > 1)
        return error_set(err, ERR_VALIDATION,
                         "Only one of Input, InputPath, or InputTransformer must be provided for "
                         "target %.*s.",
                         STR(json_text(json_get(target, S("Id")))));
    if (input.n && !json_parse(input, a, &parsed, &why))
        return error_set(err, ERR_VALIDATION, "JSON syntax error in input for target %.*s.",
                         STR(json_text(json_get(target, S("Id")))));
    if (path.n && !check_path(path, a, err)) return false;
    return !t || check_transformer(t, a, err);
}

/* ---- filling ---- */

/* NULL: nothing is there. */
static const Json *found_at(Arena *a, Str path, const Json *event)
{
    const JsonPath *parsed;
    Str why;
    Json *out = new (a, Json);
    if (!jsonpath_parse(path, a, &parsed, &why) ||
        jsonpath_get(parsed, event, a, out) != JSONPATH_FOUND)
        return NULL;
    return out;
}

/* The event without what a target needs not be told twice is the event; .json is the same as text.
 */
static const Json *reserved(Arena *a, Str name, const TransformSource *s)
{
    Json *v = new (a, Json);
    *v = (Json){0};
    if (str_eq(name, S("aws.events.rule-arn"))) *v = json_string(s->rule_arn);
    if (str_eq(name, S("aws.events.rule-name"))) *v = json_string(s->rule_name);
    if (str_eq(name, S("aws.events.event.ingestion-time")))
        *v = json_string(time_iso8601(a, s->ingested));
    if (str_eq(name, S("aws.events.event"))) *v = *s->event;
    if (str_eq(name, S("aws.events.event.json"))) *v = *s->event;
    return v->type == JSON_NULL ? NULL : v;
}

/* false: `name` stands for nothing, and stays as it is. */
static bool value_of(Arena *a, Str name, const Json *paths, const TransformSource *s,
                     const Json **out)
{
    const Json *path = json_get(paths, name);
    *out = path ? found_at(a, json_text(path), s->event) : reserved(a, name, s);
    return path || *out;
}

static Str unquoted(Str text)
{
    return str_slice(text, 1, text.n - 1);
}

static void put_value(Buf *out, const Json *v, bool in_text)
{
    if (!v) {
        if (!in_text) buf_put(out, S("\"\""));
        return;
    }
    Str text = json_to_str(out->a, v);
    if (!in_text) {
        buf_put(out, text);
        return;
    }
    if (v->type == JSON_STRING) {
        buf_put(out, unquoted(text));
        return;
    }
    Json as_text = json_string(text);
    buf_put(out, unquoted(json_to_str(out->a, &as_text)));
}

static Str fill(Arena *a, Str template, const Json *paths, const TransformSource *s)
{
    Buf out = {.a = a};
    bool in_text = false;
    for (int64_t i = 0; i < template.n; i++) {
        char c = template.p[i];
        Str rest = str_slice(template, i + 1, template.n);
        int64_t end = c == '<' ? str_find_char(rest, '>') : -1;
        const Json *v;
        if (end > 0 && value_of(a, str_slice(rest, 0, end), paths, s, &v)) {
            put_value(&out, v, in_text);
            i += end + 1;
            continue;
        }
        if (c == '"') in_text = !in_text;
        buf_putc(&out, c);
        if (c == '\\' && i + 1 < template.n) buf_putc(&out, template.p[++i]);
    }
    return buf_str(&out);
}

Str transform_input(Arena *a, const Json *target, const TransformSource *s)
{
    Str input = json_text(json_get(target, S("Input"))),
        path = json_text(json_get(target, S("InputPath")));
    const Json *t = json_get(target, S("InputTransformer"));
    if (input.n) return input;
    if (t)
        return fill(a, json_text(json_get(t, S("InputTemplate"))), json_get(t, S("InputPathsMap")),
                    s);
    const Json *part = path.n ? found_at(a, path, s->event) : s->event;
    return part ? json_to_str(a, part) : S("{}");
}
