/* parse_state.c - one state of a definition: its fields by the table, its transitions, its branches. */
#include "core/asl/choice.h"
#include "core/asl/parse.h"

enum { ITEMS_MAX = 100000000 }; /* of a Map Run: the service's quota */

static const AslFieldRule *field_rule(Str name)
{
    for (int i = 0; i < asl_fields_n; i++)
        if (str_eq(name, str_from(asl_fields[i].name))) return &asl_fields[i];
    return NULL;
}

static const AslExpr *keep(AslParser *p, AslExpr e, Str place)
{
    AslExpr *out = new (p->a, AslExpr);
    *out = e;
    out->place = place;
    return out;
}

static const AslExpr *path_field(AslParser *p, const AslFieldRule *rule, const Json *v, Str at)
{
    AslExpr e = {.kind = EXPR_CONST, .constant = *v};
    Str why = {0};
    if (v->type == JSON_NULL && rule->may_null) return keep(p, e, str_from(rule->name));
    bool good = v->type == JSON_STRING &&
                (rule->form == FORM_PATH ? asl_path_or_call(json_text(v), p->a, &e, &why)
                                         : asl_path(json_text(v), p->a, &e, &why));
    if (good && rule->form == FORM_REFERENCE && (!e.path->reference || e.root != ROOT_INPUT))
        good = false;
    if (good) return keep(p, e, str_from(rule->name));
    const char *form = rule->form == FORM_REFERENCE ? "Reference Path" : "JSONPath";
    Str text = v->type == JSON_STRING ? json_text(v) : json_to_str(p->a, v);
    asl_parse_error(p, at, str_printf(p->a, "Value is not a %s: '%.*s'", form, STR(text)));
    return NULL;
}

static bool is_variable_name(Str name)
{
    if (name.n == 0 || name.n > 80 || str_eq(name, S("states"))) return false;
    for (int64_t i = 0; i < name.n; i++) {
        unsigned char c = (unsigned char)name.p[i];
        bool letter = (c | 32) >= 'a' && (c | 32) <= 'z';
        if (!letter && c < 0x80 && c != '_' && !(i > 0 && c >= '0' && c <= '9')) return false;
    }
    return true;
}

static bool variable_names(AslParser *p, const Json *v, Str at)
{
    for (int32_t i = 0; i < v->n; i++) {
        Str name = v->members[i].key;
        if (str_ends(name, S(".$"))) name.n -= 2;
        if (is_variable_name(name)) continue;
        asl_parse_error(p, asl_parse_below(p, at, v->members[i].key),
                        str_printf(p->a, "Invalid variable name: '%.*s'", STR(name)));
        return false;
    }
    return true;
}

static const AslExpr *template_field(AslParser *p, const AslFieldRule *rule, const Json *v,
                                     bool jsonata, Str at)
{
    AslTemplate t = {.a = p->a, .jsonata = jsonata, .place = str_from(rule->name)};
    AslExpr e;
    bool dynamic_text = jsonata && v->type == JSON_STRING && asl_is_jsonata(json_text(v));
    if (rule->field == F_ASSIGN && v->type != JSON_OBJECT) {
        asl_parse_error(p, at, S("The value should be an object"));
        return NULL;
    }
    if (rule->field == F_ASSIGN && !variable_names(p, v, at)) return NULL;
    if (rule->field == F_ITEMS && v->type != JSON_ARRAY && !dynamic_text) {
        asl_parse_error(p, at, S("The value should be an array or a JSONata expression"));
        return NULL;
    }
    if (asl_template(&t, v, &e)) return keep(p, e, e.place);
    asl_parse_report(p, false, t.code ? t.code : "SCHEMA_VALIDATION_FAILED",
                     str_printf(p->a, "%.*s%.*s", STR(at), STR(t.where)), t.why);
    return NULL;
}

static bool constant_fits(AslForm form, const Json *v)
{
    int64_t whole;
    Millis time;
    switch (form) {
    case FORM_WHOLE: return json_to_int(v, &whole) && whole >= 0 && whole <= 99999999;
    case FORM_NUMBER: return json_is(v, JSON_NUMBER) && asl_number(v) >= 0;
    case FORM_TIME: return json_is(v, JSON_STRING) && asl_timestamp(json_text(v), &time);
    case FORM_TEXT:
    case FORM_STRING_EXPR: return json_is(v, JSON_STRING);
    case FORM_BOOL: return json_is(v, JSON_TRUE) || json_is(v, JSON_FALSE);
    case FORM_SPECIAL:
    case FORM_CONST:
    case FORM_PATH:
    case FORM_REFERENCE:
    case FORM_PATH_ONLY:
    case FORM_TEMPLATE: return true;
    }
    unreachable();
}

static const char *form_name(AslForm form)
{
    return form == FORM_WHOLE    ? "a non-negative integer"
           : form == FORM_NUMBER ? "a non-negative number"
           : form == FORM_BOOL   ? "a boolean"
                                 : "a string";
}

/* Numbers of the right kind, but out of their range. */
static bool beyond_limits(AslParser *p, const AslFieldRule *rule, const Json *v, Str at)
{
    if (!json_is(v, JSON_NUMBER) || (rule->form != FORM_WHOLE && rule->form != FORM_NUMBER))
        return false;
    bool share = rule->field == F_TOLERATED_PERCENTAGE;
    const char *why = asl_number(v) < 0 ? (share ? "Minimum value is 0.0" : "Minimum value is 0")
                      : share && asl_number(v) > 100 ? "Maximum value is 100.0"
                                                     : NULL;
    if (why) asl_parse_error(p, at, str_from(why));
    return why != NULL;
}

const AslExpr *asl_parse_expr(AslParser *p, const AslFieldRule *rule, const Json *v, bool jsonata,
                              Str at)
{
    if (rule->form == FORM_PATH || rule->form == FORM_REFERENCE || rule->form == FORM_PATH_ONLY)
        return path_field(p, rule, v, at);
    if (rule->form == FORM_TEMPLATE) return template_field(p, rule, v, jsonata, at);
    bool may_compute =
        rule->form != FORM_CONST && rule->form != FORM_TEXT && rule->form != FORM_BOOL;
    if (jsonata && may_compute && v->type == JSON_STRING && asl_is_jsonata(json_text(v)))
        return template_field(p, rule, v, true, at);
    if (beyond_limits(p, rule, v, at)) return NULL;
    if (constant_fits(rule->form, v))
        return keep(p, (AslExpr){.kind = EXPR_CONST, .constant = *v}, str_from(rule->name));
    asl_parse_error(p, at,
                    rule->form == FORM_TIME
                        ? S("String does not match RFC3339 timestamp")
                        : str_printf(p->a, "The value should be %s", form_name(rule->form)));
    return NULL;
}

const AslExpr *asl_parse_named(AslParser *p, const Json *object, const char *name, AslForm form,
                               bool jsonata, Str at)
{
    const Json *v = json_get(object, str_from(name));
    AslFieldRule rule = {.name = name,
                         .form = form,
                         .field = str_eq(str_from(name), S("Assign")) ? F_ASSIGN : -1,
                         .may_null = form == FORM_REFERENCE};
    return v ? asl_parse_expr(p, &rule, v, jsonata, asl_parse_below(p, at, str_from(name))) : NULL;
}

static void wrong_language(AslParser *p, Str at, bool jsonata, Str field)
{
    asl_parse_error(p, at,
                    str_printf(p->a,
                               "The QueryLanguage is set to '%s', but field '%.*s' is only "
                               "supported for the '%s' QueryLanguage",
                               jsonata ? "JSONata" : "JSONPath", STR(field),
                               jsonata ? "JSONPath" : "JSONata"));
}

/* A field and the path to its value; ResultPath leads to something else. */
static void check_one_of(AslParser *p, const Json *object, Str at)
{
    for (int32_t i = 0; json_is(object, JSON_OBJECT) && i < object->n; i++) {
        Str key = object->members[i].key;
        Str plain = str_slice(key, 0, key.n - 4);
        if (str_ends(key, S("Path")) && json_get(object, plain) && !str_eq(plain, S("Result")))
            asl_parse_error(p, at,
                            str_printf(p->a,
                                       "There should only be one of the following fields: "
                                       "[%.*s, %.*s]",
                                       STR(plain), STR(key)));
    }
}

/* An object of settings within a Map state. */
static void check_settings(AslParser *p, const Json *object, bool jsonata, Str at)
{
    const Json *most = json_get(object, S("MaxItems"));
    check_one_of(p, object, at);
    for (int32_t i = 0; jsonata && json_is(object, JSON_OBJECT) && i < object->n; i++)
        if (str_ends(object->members[i].key, S("Path")))
            wrong_language(p, at, jsonata, object->members[i].key);
    if (!json_is(most, JSON_NUMBER)) return;
    if (asl_number(most) < 0)
        asl_parse_error(p, asl_parse_below(p, at, S("MaxItems")), S("Minimum value is 0"));
    if (asl_number(most) > ITEMS_MAX)
        asl_parse_error(p, asl_parse_below(p, at, S("MaxItems")), S("Maximum value is 100000000"));
}

static void check_pairs(AslParser *p, const Json *v, const AslState *s, Str at)
{
    const Json *reader = json_get(v, S("ItemReader"));
    check_one_of(p, v, at);
    if (s->type != ASL_MAP) return;
    check_settings(p, json_get(v, S("ItemBatcher")), s->jsonata,
                   asl_parse_below(p, at, S("ItemBatcher")));
    check_settings(p, json_get(reader, S("ReaderConfig")), s->jsonata,
                   asl_parse_below(p, at, S("ItemReader/ReaderConfig")));
}

static void parse_field(AslParser *p, const JsonMember *field, Str at, AslState *out)
{
    const AslFieldRule *rule = field_rule(field->key);
    int language = out->jsonata ? IN_JSONATA : IN_PATH;
    Str place = asl_parse_below(p, at, field->key);
    if (!rule || !(rule->types & (1u << out->type))) {
        asl_parse_unsupported(p, at, field->key);
    } else if (!(rule->languages & language)) {
        wrong_language(p, at, out->jsonata, field->key);
    } else if (rule->field >= 0) {
        out->field[rule->field] = asl_parse_expr(p, rule, &field->value, out->jsonata, place);
        p->modern |= rule->field == F_ASSIGN;
    } else if (rule->form == FORM_TEXT && field->value.type != JSON_STRING) {
        asl_parse_error(p, place, S("The value should be a string"));
    }
}

static bool parse_type(AslParser *p, const Json *v, Str at, AslState *out)
{
    static const char *const required[] = {"Type"};
    if (!asl_parse_require(p, v, required, 1, at)) return false;
    Str name = json_text(json_get(v, S("Type")));
    for (int i = 0; i < ASL_STATE_TYPES; i++)
        if (str_eq(name, str_from(asl_type_names[i]))) return out->type = (AslStateType)i, true;
    asl_parse_error(p, asl_parse_below(p, at, S("Type")),
                    S("The field 'Type' should have one of these values: [Task, Wait, Pass, "
                      "Succeed, Fail, Choice, Parallel, Map]"));
    return false;
}

static void parse_language(AslParser *p, const AslMachine *m, const Json *v, Str at, AslState *out)
{
    const Json *language = json_get(v, S("QueryLanguage"));
    out->jsonata = m->jsonata;
    if (!language) return;
    out->jsonata = str_eq(json_text(language), S("JSONata"));
    if (!out->jsonata && !str_eq(json_text(language), S("JSONPath")))
        asl_parse_error(
            p, asl_parse_below(p, at, S("QueryLanguage")),
            S("The field 'QueryLanguage' should have one of these values: [JSONPath, JSONata]"));
    else if (!out->jsonata && m->strict)
        asl_parse_error(
            p, at,
            S("'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine"));
    p->modern |= out->jsonata;
}

static void parse_transition(AslParser *p, AslMachine *m, const Json *v, Str at, AslState *out)
{
    const Json *next = json_get(v, S("Next")), *end = json_get(v, S("End"));
    if (out->type == ASL_SUCCEED || out->type == ASL_FAIL) m->has_end = true;
    if (out->type == ASL_SUCCEED || out->type == ASL_FAIL || out->type == ASL_CHOICE) return;
    if (end && end->type != JSON_TRUE && end->type != JSON_FALSE)
        asl_parse_error(p, asl_parse_below(p, at, S("End")), S("The value should be a boolean"));
    if (json_true(end)) m->has_end = true;
    if (json_true(end) && next)
        asl_parse_error(p, at, S("The fields 'Next' and 'End' cannot both be given"));
    if (!json_true(end) && !next && !m->single)
        asl_parse_error(p, at, S("One of these fields is required: [Next, End]"));
    out->next_name = json_text(next);
    if (next) out->next = asl_parse_target(p, m, next, asl_parse_below(p, at, S("Next")));
}

static void parse_parallel(AslParser *p, const AslMachine *m, const Json *v, Str at, AslState *out)
{
    static const char *const required[] = {"Branches"};
    if (!asl_parse_require(p, v, required, 1, at)) return;
    const Json *branches = json_get(v, S("Branches"));
    Str place = asl_parse_below(p, at, S("Branches"));
    if (branches->type != JSON_ARRAY) {
        asl_parse_error(p, place, S("The value should be an array"));
        return;
    }
    if (!branches->n) {
        asl_parse_error(p, place, S("Value cannot be empty"));
        return;
    }
    int32_t *flows = new_array(p->a, int32_t, branches->n);
    for (int32_t i = 0; i < branches->n; i++)
        flows[i] = asl_parse_flow(p, &branches->items[i], asl_parse_item(p, at, "Branches", i),
                                  m->jsonata, m->strict, m->express, out->name);
    out->branches = flows;
    out->branches_n = branches->n;
}

static void parse_label(AslParser *p, const Json *v, Str at, AslState *out)
{
    const Json *label = json_get(v, S("Label"));
    if (!label) return;
    out->label = json_text(label);
    if (!json_is(label, JSON_STRING) || label->n == 0 || label->n > 40)
        asl_parse_report(p, false, "INVALID_LABEL_NAME", asl_parse_below(p, at, S("Label")),
                         S("The label must have between 1 and 40 characters"));
    for (int32_t i = 0; i < (json_is(label, JSON_STRING) ? label->n : 0); i++) {
        unsigned char c = (unsigned char)label->text[i];
        bool control = c == 0xC2 && i + 1 < label->n &&
                       (unsigned char)label->text[i + 1] < 0xA0; /* U+0080 to U+009F */
        if (!control && c > ' ' && c != 0x7F && !strchr("?*<>{}[]:;,\\|^~$#%&`\"/", c)) continue;
        asl_parse_report(p, false, "INVALID_LABEL_NAME", asl_parse_below(p, at, S("Label")),
                         str_printf(p->a, "Label contains invalid character: U+%04X",
                                    control ? (unsigned char)label->text[i + 1] : c));
        return;
    }
}

static void parse_map(AslParser *p, const AslMachine *m, const Json *v, Str at, AslState *out)
{
    const Json *processor = json_get(v, S("ItemProcessor"));
    const char *key = processor || !json_get(v, S("Iterator")) ? "ItemProcessor" : "Iterator";
    const char *const required[] = {key};
    if (!asl_parse_require(p, v, required, 1, at)) return;
    processor = json_get(v, str_from(key));
    const Json *config = json_get(processor, S("ProcessorConfig"));
    Str mode = json_text(json_get(config, S("Mode"))),
        type = json_text(json_get(config, S("ExecutionType")));
    Str place = asl_parse_below(p, at, str_from(key));
    out->distributed = str_eq(mode, S("DISTRIBUTED"));
    if (json_get(processor, S("QueryLanguage")))
        asl_parse_unsupported(p, place, S("QueryLanguage"));
    if (mode.n && !out->distributed && !str_eq(mode, S("INLINE")))
        asl_parse_error(
            p, str_printf(p->a, "%.*s/ProcessorConfig/Mode", STR(place)),
            S("The field 'Mode' should have one of these values: [INLINE, DISTRIBUTED]"));
    if (out->distributed && m->express)
        asl_parse_error(p, at, S("Express state machine does not support Distributed Map"));
    if (out->distributed && !type.n)
        asl_parse_error(p, str_printf(p->a, "%.*s/ProcessorConfig", STR(place)),
                        S("These fields are required: [ExecutionType]"));
    bool express = out->distributed ? str_eq(type, S("EXPRESS")) : m->express;
    int32_t *flow = new (p->a, int32_t);
    *flow = asl_parse_flow(p, processor, place, m->jsonata, m->strict, express, out->name);
    out->branches = flow;
    out->branches_n = 1;
    parse_label(p, v, at, out);
}

/* A Pass state's Result is taken as it is, also where it looks like a path. */
static void warn_static_result(AslParser *p, const Json *v, Str at)
{
    const Json *result = json_get(v, S("Result"));
    for (int32_t i = 0; json_is(result, JSON_OBJECT) && i < result->n; i++)
        if (str_ends(result->members[i].key, S(".$")))
            asl_parse_report(
                p, true, "PASS_RESULT_IS_STATIC",
                asl_parse_below(p, asl_parse_below(p, at, S("Result")), result->members[i].key),
                S("The 'Result' field of a Pass state is not evaluated; use 'Parameters' instead"));
}

void asl_parse_state(AslParser *p, AslMachine *m, const JsonMember *member, AslState *out)
{
    const Json *v = &member->value;
    Str at = str_printf(p->a, "%.*s/States/%.*s", STR(m->at), STR(member->key));
    out->name = member->key;
    if (v->type != JSON_OBJECT) {
        asl_parse_error(p, at, S("The value should be an object"));
        return;
    }
    if (!parse_type(p, v, at, out)) {
        m->has_end = true;
        return;
    }
    parse_language(p, m, v, at, out);
    for (int32_t i = 0; i < v->n; i++) parse_field(p, &v->members[i], at, out);
    check_pairs(p, v, out, at);
    parse_transition(p, m, v, at, out);
    asl_parse_retry_catch(p, m, v, at, out);
    if (out->type == ASL_TASK) asl_parse_task(p, m, v, at, out);
    if (out->type == ASL_CHOICE) asl_parse_choices(p, m, v, at, out);
    if (out->type == ASL_PARALLEL) parse_parallel(p, m, v, at, out);
    if (out->type == ASL_MAP) parse_map(p, m, v, at, out);
    if (out->type == ASL_PASS) warn_static_result(p, v, at);
    bool waits = json_get(v, S("Seconds")) || json_get(v, S("SecondsPath")) ||
                 json_get(v, S("Timestamp")) || json_get(v, S("TimestampPath"));
    if (out->type == ASL_WAIT && !waits)
        asl_parse_error(
            p, at,
            S("One of these fields is required: [Seconds, Timestamp, SecondsPath, TimestampPath]"));
}
