/* parse_parts.c - the parts that some states have: resources, retriers, catchers, choice rules. */
#include "core/asl/choice.h"
#include "core/asl/parse.h"

/* arn:aws:states:::service:action[.pattern]; a service may itself hold a colon ("aws-sdk:s3"). */
static bool split_integration(Str resource, AslState *out)
{
    int64_t head = str_find(resource, S(":states:::"));
    if (!str_starts(resource, S("arn:")) || head < 0) return false;
    Str rest = str_slice(resource, head + 10, resource.n);
    int64_t colon = str_rfind_char(rest, ':');
    if (colon < 1) return false;
    if (str_ends(rest, S(":2"))) colon = str_rfind_char(str_slice(rest, 0, colon), ':');
    if (colon < 1) return false;
    out->service = str_slice(rest, 0, colon);
    out->action = str_slice(rest, colon + 1, rest.n);
    int64_t dot = str_find_char(out->action, '.');
    if (dot >= 0) {
        out->pattern = str_slice(out->action, dot + 1, out->action.n);
        out->action = str_slice(out->action, 0, dot);
    }
    return out->action.n > 0;
}

static const char *const patterns[] = {"sync", "sync:2", "waitForTaskToken"};

static void check_express(AslParser *p, const AslState *state, Str at)
{
    if (state->task == ASL_TASK_ACTIVITY) {
        asl_parse_error(p, at, S("Express state machine does not support Activity ARN"));
        return;
    }
    if (str_eq(state->pattern, S("waitForTaskToken"))) {
        asl_parse_error(
            p, at,
            S("Express state machine does not support '.waitForTaskToken' service integration "));
        return;
    }
    if (state->pattern.n)
        asl_parse_error(
            p, at,
            str_printf(p->a, "Express state machine does not support '.%.*s' service integration",
                       STR(state->pattern)));
}

void asl_parse_task(AslParser *p, const AslMachine *m, const Json *v, Str at, AslState *out)
{
    static const char *const required[] = {"Resource"};
    if (!asl_parse_require(p, v, required, 1, at)) return;
    const Json *resource = json_get(v, S("Resource"));
    Str place = asl_parse_below(p, at, S("Resource"));
    out->resource = json_text(resource);
    if (!json_is(resource, JSON_STRING)) {
        asl_parse_error(p, place, S("The value should be a string"));
        return;
    }
    bool known = out->pattern.n == 0;
    if (split_integration(out->resource, out)) {
        out->task = ASL_TASK_SERVICE;
        known = out->pattern.n == 0;
        for (int i = 0; i < countof(patterns); i++)
            known |= str_eq(out->pattern, str_from(patterns[i]));
    } else if (str_find(out->resource, S(":activity:")) > 0) {
        out->task = ASL_TASK_ACTIVITY;
    } else {
        out->task = ASL_TASK_LAMBDA;
        known = str_starts(out->resource, S("arn:")) && str_find(out->resource, S(":lambda:")) > 0;
    }
    if (!known)
        asl_parse_error(p, place,
                        str_printf(p->a,
                                   "The resource provided %.*s is not recognized. The value is not "
                                   "a valid resource ARN, or the "
                                   "resource is not available in this region.",
                                   STR(out->resource)));
    else if (m->express)
        check_express(p, out, place);
}

static bool check_errors(AslParser *p, const Json *list, int32_t i, Str at, const Json **errors)
{
    static const char *const required[] = {"ErrorEquals"};
    const Json *item = &list->items[i];
    if (!json_is(item, JSON_OBJECT))
        return asl_parse_error(p, at, S("The value should be an object")), false;
    if (!asl_parse_require(p, item, required, 1, at)) return false;
    const Json *names = *errors = json_get(item, S("ErrorEquals"));
    Str place = asl_parse_below(p, at, S("ErrorEquals"));
    if (names->type != JSON_ARRAY)
        return asl_parse_error(p, place, S("The value should be an array")), false;
    if (!names->n) return asl_parse_error(p, place, S("Value cannot be empty")), false;
    for (int32_t k = 0; k < names->n; k++) {
        if (names->items[k].type != JSON_STRING)
            return asl_parse_error(p, place, S("The value should be a string")), false;
        if (str_eq(json_text(&names->items[k]), S("States.ALL")) &&
            (names->n > 1 || i < list->n - 1))
            return asl_parse_error(p, place, S("States.ALL must appear alone and at end of list")),
                   false;
    }
    return true;
}

static double number_in(AslParser *p, const Json *v, const char *name, double otherwise,
                        double least, double most, Str at)
{
    const Json *n = json_get(v, str_from(name));
    if (!n) return otherwise;
    if (json_is(n, JSON_NUMBER) && asl_number(n) >= least && asl_number(n) <= most)
        return asl_number(n);
    asl_parse_error(
        p, asl_parse_below(p, at, str_from(name)),
        str_printf(p->a, "The value should be a number between %g and %.0f", least, most));
    return otherwise;
}

static void parse_retrier(AslParser *p, const Json *list, int32_t i, Str at, AslRetrier *out)
{
    if (!check_errors(p, list, i, at, &out->errors)) return;
    const Json *v = &list->items[i];
    out->interval = number_in(p, v, "IntervalSeconds", 1, 1, 99999999, at);
    out->attempts = (int32_t)number_in(p, v, "MaxAttempts", 3, 0, 99999999, at);
    out->backoff = number_in(p, v, "BackoffRate", 2, 1, 1e9, at);
    out->delay_max = number_in(p, v, "MaxDelaySeconds", 0, 1, 31622400, at);
    const Json *jitter = json_get(v, S("JitterStrategy"));
    out->jitter = str_eq(json_text(jitter), S("FULL"));
    if (jitter && !out->jitter && !str_eq(json_text(jitter), S("NONE")))
        asl_parse_error(
            p, asl_parse_below(p, at, S("JitterStrategy")),
            S("The field 'JitterStrategy' should have one of these values: [FULL, NONE]"));
}

static void parse_catcher(AslParser *p, AslMachine *m, const AslState *state, const Json *list,
                          int32_t i, Str at, AslCatcher *out)
{
    static const char *const required[] = {"Next"};
    out->next = -1;
    if (!check_errors(p, list, i, at, &out->errors)) return;
    const Json *v = &list->items[i];
    if (asl_parse_require(p, v, required, 1, at))
        out->next =
            asl_parse_target(p, m, json_get(v, S("Next")), asl_parse_below(p, at, S("Next")));
    out->next_name = json_text(json_get(v, S("Next")));
    out->assign = asl_parse_named(p, v, "Assign", FORM_TEMPLATE, state->jsonata, at);
    if (state->jsonata)
        out->output = asl_parse_named(p, v, "Output", FORM_TEMPLATE, true, at);
    else
        out->result_path = asl_parse_named(p, v, "ResultPath", FORM_REFERENCE, false, at);
    p->modern |= out->assign != NULL;
}

static const Json *list_field(AslParser *p, const Json *v, Str name, Str at)
{
    const Json *list = json_get(v, name);
    if (!list || list->type == JSON_ARRAY) return list;
    asl_parse_error(p, asl_parse_below(p, at, name), S("The value should be an array"));
    return NULL;
}

void asl_parse_retry_catch(AslParser *p, AslMachine *m, const Json *v, Str at, AslState *out)
{
    const Json *retry = list_field(p, v, S("Retry"), at),
               *catches = list_field(p, v, S("Catch"), at);
    if (json_count(retry) > ASL_RETRIERS_MAX) {
        asl_parse_error(p, asl_parse_below(p, at, S("Retry")),
                        str_printf(p->a, "There can't be more than %d retriers", ASL_RETRIERS_MAX));
        retry = NULL;
    }
    AslRetrier *retriers = new_array(p->a, AslRetrier, json_count(retry));
    AslCatcher *catchers = new_array(p->a, AslCatcher, json_count(catches));
    for (int32_t i = 0; i < json_count(retry); i++)
        parse_retrier(p, retry, i, asl_parse_item(p, at, "Retry", i), &retriers[i]);
    for (int32_t i = 0; i < json_count(catches); i++)
        parse_catcher(p, m, out, catches, i, asl_parse_item(p, at, "Catch", i), &catchers[i]);
    out->retriers = retriers;
    out->retriers_n = json_count(retry);
    out->catchers = catchers;
    out->catchers_n = json_count(catches);
}

static void parse_rule(AslParser *p, const Json *v, Str at, int depth, AslRule *out);

static void parse_rules(AslParser *p, const Json *v, Str at, AslRuleKind kind, int depth,
                        AslRule *out)
{
    static const char *const names[] = {[RULE_AND] = "And", [RULE_OR] = "Or", [RULE_NOT] = "Not"};
    bool one = kind == RULE_NOT;
    out->kind = kind;
    out->n = one ? 1 : json_count(v);
    if (one ? !json_is(v, JSON_OBJECT) : !json_is(v, JSON_ARRAY) || !v->n) {
        out->n = 0;
        {
            asl_parse_error(p, asl_parse_below(p, at, str_from(names[kind])),
                            one ? S("The value should be an object") : S("Value cannot be empty"));
            return;
        }
    }
    AslRule *rules = new_array(p->a, AslRule, out->n);
    for (int32_t i = 0; i < out->n; i++)
        parse_rule(p, one ? v : &v->items[i],
                   one ? asl_parse_below(p, at, S("Not")) : asl_parse_item(p, at, names[kind], i),
                   depth + 1, &rules[i]);
    out->rules = rules;
}

static bool operand_fits(const AslComparison *c, const Json *v)
{
    Millis t;
    switch (c->of) {
    case OF_STRING:
    case OF_MATCH: return v->type == JSON_STRING;
    case OF_NUMBER: return v->type == JSON_NUMBER;
    case OF_TIME: return v->type == JSON_STRING && asl_timestamp(json_text(v), &t);
    case OF_BOOL:
    case OF_TYPE: return v->type == JSON_TRUE || v->type == JSON_FALSE;
    }
    unreachable();
}

static void parse_comparison(AslParser *p, const Json *v, Str at, AslRule *out)
{
    static const char *const required[] = {"Variable"};
    if (!asl_parse_require(p, v, required, 1, at)) return;
    out->kind = RULE_COMPARE;
    out->variable = asl_parse_named(p, v, "Variable", FORM_PATH_ONLY, false, at);
    for (int32_t i = 0; i < v->n; i++) {
        bool path;
        const AslComparison *c = asl_comparison(v->members[i].key, &path);
        Str place = asl_parse_below(p, at, v->members[i].key);
        if (!c) continue;
        if (out->comparison) {
            asl_parse_error(p, at, S("A rule can't have more than one comparison operator"));
            return;
        }
        AslFieldRule rule = {
            .name = c->name, .form = path ? FORM_PATH_ONLY : FORM_CONST, .field = -1};
        if (!path && !operand_fits(c, &v->members[i].value))
            asl_parse_error(p, place, S("The value has the wrong type for the comparison"));
        out->comparison = c;
        out->operand = asl_parse_expr(p, &rule, &v->members[i].value, false, place);
    }
    if (!out->comparison) asl_parse_error(p, at, S("A comparison operator is required"));
}

static void parse_rule(AslParser *p, const Json *v, Str at, int depth, AslRule *out)
{
    if (!json_is(v, JSON_OBJECT)) {
        asl_parse_error(p, at, S("The value should be an object"));
        return;
    }
    if (depth > ASL_DEPTH_MAX) {
        asl_parse_report(p, false, "TOO_DEEPLY_NESTED", at, S("The rules are too deeply nested"));
        return;
    }
    const Json *and = json_get(v, S("And")), * or = json_get(v, S("Or")),
               *not = json_get(v, S("Not"));
    if (and || or || not )
        parse_rules(p,
                    and? and : or ? or
                                  : not,
                    at,
                    and? RULE_AND : or ? RULE_OR
                                       : RULE_NOT,
                    depth, out);
    else
        parse_comparison(p, v, at, out);
}

static void parse_condition(AslParser *p, const Json *v, Str at, AslRule *out)
{
    static const char *const required[] = {"Condition"};
    out->kind = RULE_CONDITION;
    if (!asl_parse_require(p, v, required, 1, at)) return;
    const Json *condition = json_get(v, S("Condition"));
    bool plain = condition->type == JSON_TRUE || condition->type == JSON_FALSE;
    if (plain || asl_is_jsonata(json_text(condition)))
        out->condition = asl_parse_named(p, v, "Condition", FORM_TEMPLATE, true, at);
    else
        asl_parse_error(p, asl_parse_below(p, at, S("Condition")),
                        S("The value should be a boolean or a JSONata expression"));
}

static void parse_choice(AslParser *p, AslMachine *m, const AslState *state, const Json *v, Str at,
                         AslChoice *out)
{
    static const char *const required[] = {"Next"};
    out->next = -1;
    if (!json_is(v, JSON_OBJECT)) {
        asl_parse_error(p, at, S("The value should be an object"));
        return;
    }
    if (asl_parse_require(p, v, required, 1, at))
        out->next =
            asl_parse_target(p, m, json_get(v, S("Next")), asl_parse_below(p, at, S("Next")));
    if (state->jsonata)
        parse_condition(p, v, at, &out->rule);
    else
        parse_rule(p, v, at, 0, &out->rule);
    out->next_name = json_text(json_get(v, S("Next")));
    out->assign = asl_parse_named(p, v, "Assign", FORM_TEMPLATE, state->jsonata, at);
    if (state->jsonata) out->output = asl_parse_named(p, v, "Output", FORM_TEMPLATE, true, at);
    p->modern |= out->assign != NULL;
}

void asl_parse_choices(AslParser *p, AslMachine *m, const Json *v, Str at, AslState *out)
{
    static const char *const required[] = {"Choices"};
    const Json *otherwise = json_get(v, S("Default"));
    out->otherwise_name = json_text(otherwise);
    if (otherwise)
        out->otherwise = asl_parse_target(p, m, otherwise, asl_parse_below(p, at, S("Default")));
    if (!asl_parse_require(p, v, required, 1, at)) return;
    const Json *list = list_field(p, v, S("Choices"), at);
    if (list && !list->n) {
        asl_parse_error(p, asl_parse_below(p, at, S("Choices")), S("Value cannot be empty"));
        return;
    }
    AslChoice *choices = new_array(p->a, AslChoice, json_count(list));
    for (int32_t i = 0; i < json_count(list); i++)
        parse_choice(p, m, out, &list->items[i], asl_parse_item(p, at, "Choices", i), &choices[i]);
    out->choices = choices;
    out->choices_n = json_count(list);
}
