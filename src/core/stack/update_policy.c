/* update_policy.c - stack policies checked, and asked. */
#include "core/stack/update_policy.h"

#include "base/glob.h"

static const char *const actions[] = {"Update:Modify", "Update:Replace", "Update:Delete"};

/* ---- one text, or a list of them ---- */

typedef bool TextFn(Str text);

static int32_t texts(const Json *v)
{
    return json_is(v, JSON_ARRAY) ? v->n : v ? 1 : 0;
}

static Str text_at(const Json *v, int32_t i)
{
    return json_text(json_is(v, JSON_ARRAY) ? &v->items[i] : v);
}

static bool all_good(const Json *v, TextFn *good)
{
    for (int32_t i = 0; i < texts(v); i++)
        if (str_absent(text_at(v, i)) || !good(text_at(v, i))) return false;
    return texts(v) > 0;
}

/* The pattern that the text matches; absent: none. */
static Str pattern_of(const Json *v, Str text)
{
    for (int32_t i = 0; i < texts(v); i++)
        if (glob_matches(GLOB_STAR, text_at(v, i), text)) return text_at(v, i);
    return (Str){0};
}

/* ---- checked ---- */

static bool is_action(Str text)
{
    for (int i = 0; i < countof(actions); i++)
        if (str_eq(text, str_from(actions[i]))) return true;
    return str_eq(text, S("Update:*"));
}

static bool is_resource(Str text)
{
    return str_eq(text, S("*")) || str_starts(text, S("LogicalResourceId/"));
}

static bool is_anybody(Str text)
{
    return str_eq(text, S("*"));
}

static bool is_text(Str text)
{
    return text.n > 0;
}

static bool good_condition(const Json *v)
{
    for (int32_t i = 0; i < json_count(v); i++) {
        Str operator= v->members[i].key;
        const Json *of = &v->members[i].value;
        if (!str_eq(operator, S("StringEquals")) && !str_eq(operator, S("StringLike")))
            return false;
        if (!json_is(of, JSON_OBJECT) || of->n != 1 ||
            !str_eq(of->members[0].key, S("ResourceType")) ||
            !all_good(&of->members[0].value, is_text))
            return false;
    }
    return !v || json_is(v, JSON_OBJECT);
}

static bool either(const Json *statement, const char *name, const char *other, TextFn *good)
{
    const Json *x = json_get(statement, str_from(name)), *y = json_get(statement, str_from(other));
    return !x != !y && all_good(x ? x : y, good);
}

static bool good_statement(const Json *v)
{
    Str effect = json_text(json_get(v, S("Effect")));
    const Json *principal = json_get(v, S("Principal"));
    const Json *aws = json_get(principal, S("AWS"));
    return (str_eq(effect, S("Allow")) || str_eq(effect, S("Deny"))) &&
           all_good(aws ? aws : principal, is_anybody) &&
           either(v, "Action", "NotAction", is_action) &&
           either(v, "Resource", "NotResource", is_resource) &&
           good_condition(json_get(v, S("Condition")));
}

bool update_policy_check(Str text, Arena *a, Json *out, Error *err)
{
    Error none = {0};
    bool good =
        text.n <= UPDATE_POLICY_BYTES_MAX && !str_absent(text) && json_parse(text, a, out, &none);
    const Json *list = good ? json_get(out, S("Statement")) : NULL;
    good &= json_is(list, JSON_ARRAY);
    for (int32_t i = 0; good && i < list->n; i++) good = good_statement(&list->items[i]);
    return good ||
           error_set(err, ERR_VALIDATION, "Error validating stack policy: Invalid stack policy");
}

/* ---- asked ---- */

typedef struct Question {
    Str action, resource, type;
} Question;

static bool condition_holds(const Json *condition, Str type)
{
    for (int32_t i = 0; i < json_count(condition); i++) {
        const Json *types = json_get(&condition->members[i].value, S("ResourceType"));
        bool like = str_eq(condition->members[i].key, S("StringLike")), any = false;
        for (int32_t k = 0; k < texts(types); k++)
            any |= like ? glob_matches(GLOB_STAR_QUESTION, text_at(types, k), type)
                        : str_eq(text_at(types, k), type);
        if (!any) return false;
    }
    return true;
}

static bool matches(const Json *statement, const char *name, const char *other, Str text)
{
    const Json *v = json_get(statement, str_from(name));
    return v ? !str_absent(pattern_of(v, text))
             : str_absent(pattern_of(json_get(statement, str_from(other)), text));
}

static bool concerns(const Json *statement, const Question *q)
{
    return matches(statement, "Action", "NotAction", q->action) &&
           matches(statement, "Resource", "NotResource", q->resource) &&
           condition_holds(json_get(statement, S("Condition")), q->type);
}

static Str denied(const Json *statement, int32_t i, const Question *q, Arena *a)
{
    Str action = pattern_of(json_get(statement, S("Action")), q->action);
    Str resource = pattern_of(json_get(statement, S("Resource")), q->resource);
    return str_printf(a,
                      "Action denied by stack policy: Statement [#%d] does not allow [%.*s] for "
                      "resource [%.*s]",
                      i, STR(str_absent(action) ? q->action : action),
                      STR(str_absent(resource) ? q->resource : resource));
}

Str update_policy_denies(const Json *policy, UpdateAction action, Str logical, Str type, Arena *a)
{
    bool allowed = false;
    const Json *list = json_get(policy, S("Statement"));
    Question q = {.action = str_from(actions[action]),
                  .resource = str_printf(a, "LogicalResourceId/%.*s", STR(logical)),
                  .type = type};
    for (int32_t i = 0; i < json_count(list); i++) {
        const Json *statement = &list->items[i];
        if (!concerns(statement, &q)) continue;
        if (str_eq(json_text(json_get(statement, S("Effect"))), S("Deny")))
            return denied(statement, i, &q, a);
        allowed = true;
    }
    return allowed ? (Str){0}
                   : str_printf(a,
                                "Action not allowed by stack policy: no statement allows [%.*s] "
                                "for resource [%.*s]",
                                STR(q.action), STR(q.resource));
}
