/* secrets.c - what of a stack must not be shown: NoEcho parameters, and the data of custom resources that say so. */
#include "app/stacks/stacks.h"

static void add_texts(const Json *v, Arena *a, StrVec *out)
{
    if (json_is(v, JSON_STRING) || json_is(v, JSON_NUMBER)) *vec_push(a, out) = json_text(v);
    for (int32_t i = 0; json_is(v, JSON_ARRAY) && i < v->n; i++) add_texts(&v->items[i], a, out);
    for (int32_t i = 0; json_is(v, JSON_OBJECT) && i < v->n; i++)
        add_texts(&v->members[i].value, a, out);
}

/* Parameters are told with stars where they must not be shown. */
static void add_parameters(const Json *facts, Arena *a, StrVec *out)
{
    const Json *told = json_get(facts, S("Parameters"));
    for (int32_t i = 0; i < json_count(told); i++)
        if (str_eq(json_text(json_get(&told->items[i], S("ParameterValue"))), S("****")))
            add_texts(json_get(json_get(facts, S("values")),
                               json_text(json_get(&told->items[i], S("ParameterKey")))),
                      a, out);
}

static void add_of(Str text, bool next, Arena *a, StrVec *out)
{
    Json v;
    Error none = {0};
    if (str_find(text, S("\"****\"")) < 0 || !json_parse(text, a, &v, &none)) return;
    add_parameters(next ? json_get(&v, S("facts")) : &v, a, out);
}

static void add_data(Server *s, const StackRow *row, Arena *a, StrVec *out)
{
    StackResourceRow *rows;
    int64_t n = stack_resource_list(s->db, row->n, a, &rows);
    for (int64_t i = 0; i < n; i++) {
        Json kept, data;
        Error none = {0};
        if (str_find(rows[i].kept, S("\"no_echo\"")) < 0 || str_absent(rows[i].attributes) ||
            !json_parse(rows[i].kept, a, &kept, &none) ||
            !json_true(json_get(&kept, S("no_echo"))) ||
            !json_parse(rows[i].attributes, a, &data, &none))
            continue;
        add_texts(&data, a, out);
    }
}

StrVec stack_secrets(Server *s, const StackRow *row, bool data, Arena *a)
{
    StrVec out = {0};
    add_of(row->facts, false, a, &out);
    if (!str_absent(row->next)) add_of(row->next, true, a, &out);
    if (data) add_data(s, row, a, &out);
    return out;
}

Str stack_shown(Str properties, const StrVec *secrets, Arena *a)
{
    Json v;
    Error none = {0};
    if (!secrets->n || str_absent(properties) || !json_parse(properties, a, &v, &none))
        return properties;
    v = stack_mask(&v, secrets, a);
    return json_to_str(a, &v);
}
