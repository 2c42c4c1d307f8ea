/* sam_names.c - references of the document that lead to generated resources: MyFunction.Alias and the like. */
#include "core/stack/sam_inside.h"

/* Absent: it leads where it says. */
static Str leads_to(const Sam *s, Str name)
{
    for (int64_t i = 0; i < s->names.n; i++)
        if (str_eq(s->names.p[i].from, name)) return s->names.p[i].to;
    return (Str){0};
}

/* The longest front of "Fn.Alias.Arn" that leads elsewhere, with what follows it. */
static Str renamed(const Sam *s, Str name)
{
    for (int64_t end = name.n; end > 0; end = str_rfind_char(str_slice(name, 0, end), '.')) {
        Str to = leads_to(s, str_slice(name, 0, end));
        if (!str_absent(to))
            return str_printf(s->a, "%.*s%.*s", STR(to), STR(str_slice(name, end, name.n)));
    }
    return name;
}

static Json rename_sub(const Sam *s, Str text)
{
    Buf b = {.a = s->a};
    for (int64_t at; (at = str_find(text, S("${"))) >= 0;) {
        int64_t end = str_find_char(str_slice(text, at, text.n), '}');
        if (end < 0) break;
        buf_put(&b, str_slice(text, 0, at + 2));
        buf_put(&b, renamed(s, str_slice(text, at + 2, at + end)));
        buf_putc(&b, '}');
        text = str_slice(text, at + end + 1, text.n);
    }
    buf_put(&b, text);
    return json_string(buf_str(&b));
}

/* ["Fn.Alias", "Arn"], ["Fn", "Alias.Arn"]. */
static Json rename_pair(const Sam *s, const Json *pair)
{
    Str whole = str_printf(s->a, "%.*s.%.*s", STR(json_text(&pair->items[0])),
                           STR(json_text(&pair->items[1])));
    Str now = renamed(s, whole);
    int64_t dot = str_find_char(now, '.');
    if (str_eq(now, whole) || dot < 0) return *pair;
    return SAM(s->a, "['@1', '@2']", sam_string(s->a, str_slice(now, 0, dot)),
               sam_string(s->a, str_slice(now, dot + 1, now.n)));
}

static Json rename_argument(const Sam *s, Str function, const Json *v)
{
    bool text = json_is(v, JSON_STRING);
    bool pair = json_is(v, JSON_ARRAY) && v->n == 2 && json_is(&v->items[0], JSON_STRING);
    if (str_eq(function, S("Ref")) && text) return json_string(renamed(s, json_text(v)));
    if (str_eq(function, S("Fn::GetAtt")) && text) return json_string(renamed(s, json_text(v)));
    if (str_eq(function, S("Fn::GetAtt")) && pair && json_is(&v->items[1], JSON_STRING))
        return rename_pair(s, v);
    if (str_eq(function, S("Fn::Sub")) && text) return rename_sub(s, json_text(v));
    if (str_eq(function, S("Fn::Sub")) && pair) {
        Json sub = rename_sub(s, json_text(&v->items[0])), rest = sam_rename(s, &v->items[1]);
        return SAM(s->a, "['@1', '@2']", &sub, &rest);
    }
    return sam_rename(s, v);
}

static Json rename_depends(const Sam *s, const Json *v)
{
    if (json_is(v, JSON_STRING)) return json_string(renamed(s, json_text(v)));
    JsonArray list = {.a = s->a};
    for (int32_t i = 0; i < json_count(v); i++)
        json_add(&list, json_is(v, JSON_ARRAY) && json_is(&v->items[i], JSON_STRING)
                            ? json_string(renamed(s, json_text(&v->items[i])))
                            : (Json){0});
    return json_array(&list);
}

Json sam_rename(const Sam *s, const Json *v)
{
    if (!s->names.n) return *v;
    if (json_is(v, JSON_ARRAY)) {
        JsonArray list = {.a = s->a};
        for (int32_t i = 0; i < v->n; i++) json_add(&list, sam_rename(s, &v->items[i]));
        return json_array(&list);
    }
    if (!json_is(v, JSON_OBJECT)) return *v;
    JsonObject o = {.a = s->a};
    for (int32_t i = 0; i < v->n; i++) {
        const JsonMember *m = &v->members[i];
        bool depends = str_eq(m->key, S("DependsOn")) && json_get(v, S("Type"));
        json_put(&o, m->key,
                 v->n == 1 ? rename_argument(s, m->key, &m->value)
                 : depends ? rename_depends(s, &m->value)
                           : sam_rename(s, &m->value));
    }
    return json_object(&o);
}
