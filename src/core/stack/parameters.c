/* parameters.c - which value each parameter has, and what it is by its type. */
#include "core/stack/parameters.h"

#include "core/stack/parameter_rule.h"

/* ---- texts ---- */

static Str scalar(const Json *v)
{
    if (json_is(v, JSON_TRUE)) return S("true");
    if (json_is(v, JSON_FALSE)) return S("false");
    return json_text(v);
}

/* YAML writes lists, too, where a text with commas is meant. */
Str parameter_default(const TemplateParameter *p, Arena *a)
{
    const Json *v = json_get(p->body, S("Default"));
    if (!json_is(v, JSON_ARRAY)) return scalar(v);
    StrVec items = {0};
    for (int32_t i = 0; i < v->n; i++) *vec_push(a, &items) = scalar(&v->items[i]);
    Str text = str_join(a, items.p, items.n, S(","));
    return str_absent(text) ? S("") : text;
}

/* An empty text is a list of one empty item, as templates test it: !Select [0, !Ref List]. */
static Json list_of(Str text, Arena *a)
{
    JsonArray list = {.a = a};
    Str rest = text, item;
    while (str_cut(&rest, ',', &item)) json_add(&list, json_string(str_trim(item)));
    return json_array(&list);
}

/* ---- which text ---- */

static const GivenParameter *given_of(const ParameterInputs *in, Str name)
{
    for (int64_t i = 0; i < in->n; i++)
        if (str_eq(in->given[i].name, name)) return &in->given[i];
    return NULL;
}

static bool names_error(Arena *a, const StrVec *names, const char *rest, Error *err)
{
    Str list = str_join(a, names->p, names->n, S(", "));
    return error_set(err, ERR_VALIDATION, "Parameters: [%.*s] %s", STR(list), rest);
}

static bool given_once(const ParameterInputs *in, int64_t at, Error *err)
{
    const GivenParameter *g = &in->given[at];
    if (given_of(in, g->name) != g)
        return error_set(err, ERR_VALIDATION, "Parameter '%.*s' is given more than once",
                         STR(g->name));
    if (!g->use_previous) return true;
    if (!str_absent(g->value))
        return error_set(err, ERR_VALIDATION,
                         "Invalid input for parameter key %.*s. Cannot specify usePreviousValue "
                         "as true together with a parameter value",
                         STR(g->name));
    if (json_get(in->previous, g->name)) return true;
    return error_set(err, ERR_VALIDATION,
                     "Invalid input for parameter key %.*s. Cannot specify usePreviousValue as "
                     "true for a parameter key not in the previous template",
                     STR(g->name));
}

static bool check_given(const Template *t, const ParameterInputs *in, Arena *a, Error *err)
{
    StrVec strange = {0};
    for (int64_t i = 0; i < in->n; i++)
        if (!template_parameter(t, in->given[i].name)) *vec_push(a, &strange) = in->given[i].name;
    if (strange.n) return names_error(a, &strange, "do not exist in the template", err);
    for (int64_t i = 0; i < in->n; i++)
        if (!given_once(in, i, err)) return false;
    return true;
}

static Str text_of(const TemplateParameter *p, const ParameterInputs *in, Arena *a)
{
    const GivenParameter *g = given_of(in, p->name);
    if (g && g->use_previous) return json_text(json_get(in->previous, p->name));
    return g && !str_absent(g->value) ? g->value : parameter_default(p, a);
}

static bool take_texts(const Template *t, const ParameterInputs *in, Arena *a, ParameterValues *out,
                       Error *err)
{
    StrVec missing = {0};
    for (int64_t i = 0; i < t->parameters.n; i++) {
        const TemplateParameter *p = &t->parameters.p[i];
        Str text = text_of(p, in, a);
        if (str_absent(text)) *vec_push(a, &missing) = p->name;
        *vec_push(a, out) = (ParameterValue){.parameter = p, .text = text};
    }
    return !missing.n || names_error(a, &missing, "must have values", err);
}

/* ---- what it is ---- */

/* A StringList is a text with commas in the store as well. */
static bool look_up(const ParameterInputs *in, ParameterValue *v, Arena *a, StrVec *unfetched,
                    Error *err)
{
    bool found = false;
    Str value = {0}, type = {0};
    if (in->lookup && !in->lookup(in->state, v->text, &found, &value, &type, err)) return false;
    if (!found) return *vec_push(a, unfetched) = v->text, true;
    if (str_eq(type, S("SecureString")))
        return error_set(err, ERR_VALIDATION,
                         "Parameters [%.*s] referenced by template have types not supported by "
                         "CloudFormation.",
                         STR(v->text));
    v->resolved = value;
    return true;
}

static void give_value(ParameterValue *v, const ParameterType *type, Arena *a)
{
    Str text = type->stored ? v->resolved : v->text;
    v->value = type->list ? list_of(text, a) : json_string(text);
}

static bool take_value(const ParameterInputs *in, ParameterValue *v, Arena *a, StrVec *unfetched,
                       Error *err)
{
    ParameterType type;
    if (!parameter_type(v->parameter, &type, err)) return false;
    if (v->text.n > PARAMETER_VALUE_BYTES_MAX)
        return error_set(err, ERR_VALIDATION, "Parameter '%.*s' has a value of more than %d bytes",
                         STR(v->parameter->name), PARAMETER_VALUE_BYTES_MAX);
    if (!parameter_satisfies(v->parameter, &type, v->text, a, err)) return false;
    if (type.stored && !look_up(in, v, a, unfetched, err)) return false;
    give_value(v, &type, a);
    return true;
}

bool parameters_resolve(const Template *t, const ParameterInputs *in, Arena *a,
                        ParameterValues *out, Error *err)
{
    ParameterValues values = {0};
    StrVec unfetched = {0};
    if (!check_given(t, in, a, err) || !take_texts(t, in, a, &values, err)) return false;
    for (int64_t i = 0; i < values.n; i++)
        if (!take_value(in, &values.p[i], a, &unfetched, err)) return false;
    if (unfetched.n)
        return error_set(err, ERR_VALIDATION,
                         "Unable to fetch parameters [%.*s] from parameter store for this account.",
                         STR(str_join(a, unfetched.p, unfetched.n, S(","))));
    *out = values;
    return true;
}

bool parameters_check(const Template *t, Arena *a, Error *err)
{
    for (int64_t i = 0; i < t->parameters.n; i++) {
        const TemplateParameter *p = &t->parameters.p[i];
        ParameterType type;
        Str text = parameter_default(p, a);
        const Json *given = json_get(p->body, S("Default"));
        if (!parameter_type(p, &type, err)) return false;
        if (json_is(given, JSON_OBJECT) || json_is(given, JSON_NULL))
            return error_set(err, ERR_VALIDATION,
                             "Template format error: Every Default member must be a string.");
        if (!str_absent(text) && !parameter_satisfies(p, &type, text, a, err)) return false;
    }
    return true;
}

/* ---- shown and kept ---- */

Json parameters_values(const ParameterValues *v, Arena *a)
{
    JsonObject o = {.a = a};
    for (int64_t i = 0; i < v->n; i++) json_put(&o, v->p[i].parameter->name, v->p[i].value);
    return json_object(&o);
}

Json parameters_kept(const ParameterValues *v, Arena *a)
{
    JsonObject o = {.a = a};
    for (int64_t i = 0; i < v->n; i++)
        json_put(&o, v->p[i].parameter->name, json_string(v->p[i].text));
    return json_object(&o);
}

Str parameter_shown(const ParameterValue *v)
{
    return v->parameter->no_echo ? S("****") : v->text;
}
