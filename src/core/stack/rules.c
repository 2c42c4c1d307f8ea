/* rules.c - rules: their form, their functions, and whether they hold. */
#include "core/stack/rules.h"

#include "core/stack/intrinsic_inside.h"

/* ---- the form ---- */

static bool bad_rule(Str rule, const char *what, Error *err)
{
    return error_set(err, ERR_VALIDATION, "Template format error: [/Rules/%.*s] %s", STR(rule),
                     what);
}

static bool known_members(const Json *v, const Str *known, int n, Str *strange)
{
    for (int32_t i = 0; i < json_count(v); i++) {
        bool found = false;
        for (int k = 0; k < n && !found; k++) found = str_eq(v->members[i].key, known[k]);
        if (!found) return *strange = v->members[i].key, false;
    }
    return true;
}

static bool check_assertion(Str rule, const Json *v, Error *err)
{
    static const Str known[] = {STR_INIT("Assert"), STR_INIT("AssertDescription")};
    Str strange;
    if (!json_is(v, JSON_OBJECT) || !json_get(v, S("Assert")))
        return bad_rule(rule, "Every assertion must contain an Assert member.", err);
    return known_members(v, known, countof(known), &strange) ||
           bad_rule(rule, "An assertion has only the members Assert and AssertDescription.", err);
}

static bool check_rule(const JsonMember *m, Error *err)
{
    static const Str known[] = {STR_INIT("Assertions"), STR_INIT("RuleCondition")};
    const Json *all = json_get(&m->value, S("Assertions"));
    Str strange;
    if (!json_is(&m->value, JSON_OBJECT) || !json_is(all, JSON_ARRAY) || !all->n)
        return bad_rule(m->key, "Every rule must contain a list of Assertions.", err);
    if (!known_members(&m->value, known, countof(known), &strange))
        return bad_rule(m->key, "A rule has only the members RuleCondition and Assertions.", err);
    if (all->n > RULE_ASSERTIONS_MAX) return bad_rule(m->key, "too many assertions.", err);
    for (int32_t i = 0; i < all->n; i++)
        if (!check_assertion(m->key, &all->items[i], err)) return false;
    return true;
}

bool rules_check(const Template *t, Arena *a, Error *err)
{
    StrVec met = {0};
    if (json_count(t->rules) > RULES_MAX)
        return error_set(err, ERR_VALIDATION,
                         "Template format error: Number of rules, %d, is greater than maximum "
                         "allowed, %d",
                         json_count(t->rules), RULES_MAX);
    for (int32_t i = 0; i < json_count(t->rules); i++)
        if (!check_rule(&t->rules->members[i], err)) return false;
    intrinsic_references(t, t->rules, a, &met);
    return !met.n || error_set(err, ERR_VALIDATION,
                               "Template format error: Unresolved dependencies [%.*s]. Cannot "
                               "reference resources in the Rules block of the template",
                               STR(met.p[0]));
}

/* ---- functions ---- */

static bool elsewhere(const StackScope *s, const char *name, Error *err)
{
    return !s->facts && !intrinsic_error(err, "Unrecognized intrinsic function Fn::%s", name);
}

static bool usage(const char *name, const char *what, Error *err)
{
    return intrinsic_error(err, "every Fn::%s object requires %s", name, what);
}

/* The two arguments, resolved. */
static bool two(StackScope *s, const char *name, const Json *argument, Json *x, Json *y, Error *err)
{
    const Json *pair;
    if (elsewhere(s, name, err)) return false;
    if (!intrinsic_items(argument, 2, &pair)) return usage(name, "two parameters", err);
    return intrinsic_value(s, &pair[0], x, err) && intrinsic_value(s, &pair[1], y, err);
}

static bool contains(StackScope *s, const Json *list, const Json *wanted)
{
    Str text, item;
    if (!intrinsic_text(s, wanted, &text)) return false;
    for (int32_t i = 0; i < json_count(list); i++)
        if (intrinsic_text(s, &list->items[i], &item) && str_eq(item, text)) return true;
    return false;
}

bool stack_fn_contains(StackScope *s, const Json *argument, Json *out, Error *err)
{
    Json list, text;
    if (!two(s, "Contains", argument, &list, &text, err)) return false;
    if (!json_is(&list, JSON_ARRAY)) return usage("Contains", "a list and a text", err);
    *out = json_bool(contains(s, &list, &text));
    return true;
}

bool stack_fn_each_member_equals(StackScope *s, const Json *argument, Json *out, Error *err)
{
    Json list, text;
    Str wanted, item;
    bool all = true;
    if (!two(s, "EachMemberEquals", argument, &list, &text, err)) return false;
    if (!json_is(&list, JSON_ARRAY) || !intrinsic_text(s, &text, &wanted))
        return usage("EachMemberEquals", "a list and a text", err);
    for (int32_t i = 0; i < list.n; i++)
        all &= intrinsic_text(s, &list.items[i], &item) && str_eq(item, wanted);
    *out = json_bool(all);
    return true;
}

bool stack_fn_each_member_in(StackScope *s, const Json *argument, Json *out, Error *err)
{
    Json list, allowed;
    bool all = true;
    if (!two(s, "EachMemberIn", argument, &list, &allowed, err)) return false;
    if (!json_is(&list, JSON_ARRAY) || !json_is(&allowed, JSON_ARRAY))
        return usage("EachMemberIn", "two lists", err);
    for (int32_t i = 0; i < list.n; i++) all &= contains(s, &allowed, &list.items[i]);
    *out = json_bool(all);
    return true;
}

static bool untold(const char *name, Str type, Error *err)
{
    return intrinsic_error(err, "Fn::%s cannot tell what there is of %.*s", name, STR(type));
}

static bool all_of(StackScope *s, const char *name, const Json *argument, Str *type, StrVec *out,
                   Error *err)
{
    *type = json_text(argument);
    if (!json_is(argument, JSON_STRING)) return usage(name, "a parameter type", err);
    if (!s->facts->all) return untold(name, *type, err);
    return s->facts->all(s->facts->state, *type, out, err);
}

bool stack_fn_ref_all(StackScope *s, const Json *argument, Json *out, Error *err)
{
    StrVec all = {0};
    Str type;
    if (elsewhere(s, "RefAll", err) || !all_of(s, "RefAll", argument, &type, &all, err))
        return false;
    JsonArray list = {.a = s->a};
    for (int64_t i = 0; i < all.n; i++) json_add(&list, json_string(all.p[i]));
    *out = json_array(&list);
    return true;
}

static bool attribute_of(const StackScope *s, Str type, Str value, Str attribute, Json *out,
                         Error *err)
{
    Str text = {0};
    if (!s->facts->attribute) return untold("ValueOf", type, err);
    if (!s->facts->attribute(s->facts->state, type, value, attribute, &text, err)) return false;
    *out = json_string(str_absent(text) ? S("") : text);
    return true;
}

/* List<AWS::EC2::Subnet::Id> has the attributes of its items. */
static Str item_type(Str type)
{
    if (!str_starts(type, S("List<")) || !str_ends(type, S(">"))) return type;
    return str_slice(type, S("List<").n, type.n - 1);
}

bool stack_fn_value_of(StackScope *s, const Json *argument, Json *out, Error *err)
{
    const Json *pair;
    if (elsewhere(s, "ValueOf", err)) return false;
    if (!intrinsic_items(argument, 2, &pair) || !json_is(&pair[1], JSON_STRING))
        return usage("ValueOf", "a parameter and an attribute", err);
    const TemplateParameter *p = template_parameter(s->t, json_text(&pair[0]));
    const Json *value = p ? json_get(s->parameters, p->name) : NULL;
    if (!value) return usage("ValueOf", "a parameter of the template", err);
    Str type = item_type(p->type), attribute = json_text(&pair[1]);
    if (!json_is(value, JSON_ARRAY))
        return attribute_of(s, type, json_text(value), attribute, out, err);
    JsonArray list = {.a = s->a};
    for (int32_t i = 0; i < value->n; i++) {
        Json one;
        if (!attribute_of(s, type, json_text(&value->items[i]), attribute, &one, err)) return false;
        json_add(&list, one);
    }
    *out = json_array(&list);
    return true;
}

bool stack_fn_value_of_all(StackScope *s, const Json *argument, Json *out, Error *err)
{
    const Json *pair;
    StrVec all = {0};
    Str type;
    if (elsewhere(s, "ValueOfAll", err)) return false;
    if (!intrinsic_items(argument, 2, &pair) || !json_is(&pair[1], JSON_STRING))
        return usage("ValueOfAll", "a parameter type and an attribute", err);
    if (!all_of(s, "ValueOfAll", &pair[0], &type, &all, err)) return false;
    JsonArray list = {.a = s->a};
    for (int64_t i = 0; i < all.n; i++) {
        Json one;
        if (!attribute_of(s, type, all.p[i], json_text(&pair[1]), &one, err)) return false;
        json_add(&list, one);
    }
    *out = json_array(&list);
    return true;
}

/* ---- whether they hold ---- */

static bool judge(StackScope *s, Str rule, const Json *v, bool *out, Error *err)
{
    Json value;
    if (!intrinsic_resolve(s, v, &value, err)) return false;
    Str text = json_text(&value);
    *out = json_is(&value, JSON_TRUE) || str_eq(text, S("true"));
    return *out || json_is(&value, JSON_FALSE) || str_eq(text, S("false")) ||
           bad_rule(rule, "a rule is neither true nor false.", err);
}

static bool assertion_holds(StackScope *s, Str rule, const Json *v, Error *err)
{
    bool holds;
    Str words = json_text(json_get(v, S("AssertDescription")));
    if (!judge(s, rule, json_get(v, S("Assert")), &holds, err)) return false;
    if (holds) return true;
    if (words.n) return error_set_text(err, ERR_VALIDATION, words);
    return error_set(err, ERR_VALIDATION, "An assertion of rule %.*s does not hold", STR(rule));
}

static bool rule_holds(StackScope *s, const JsonMember *m, Error *err)
{
    bool applies = true;
    const Json *condition = json_get(&m->value, S("RuleCondition"));
    const Json *all = json_get(&m->value, S("Assertions"));
    if (condition && !judge(s, m->key, condition, &applies, err)) return false;
    for (int32_t i = 0; applies && i < json_count(all); i++)
        if (!assertion_holds(s, m->key, &all->items[i], err)) return false;
    return true;
}

bool rules_hold(const StackScope *s, const StackFacts *facts, Error *err)
{
    static const StackFacts none = {0};
    StackScope inner = *s;
    if (!s->t->rules) return true;
    if (!rules_check(s->t, s->a, err)) return false;
    inner.facts = facts ? facts : &none;
    for (int32_t i = 0; i < json_count(s->t->rules); i++)
        if (!rule_holds(&inner, &s->t->rules->members[i], err)) return false;
    return true;
}
