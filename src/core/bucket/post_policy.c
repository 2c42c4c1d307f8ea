/* post_policy.c - conditions of a POST policy against the fields of the form. */
#include "core/bucket/post_policy.h"

#include "base/time.h"

typedef struct Form {
    const PostField *fields;
    int n;
    int64_t size;
    bool *covered;
} Form;

static bool invalid(Error *err, const char *why)
{
    return error_set(err, ERR_S3_INVALID_POLICY_DOCUMENT, "Invalid Policy: %s", why);
}

static bool condition_failed(Arena *a, const Json *condition, Error *err)
{
    return error_set(err, ERR_S3_ACCESS_DENIED,
                     "Invalid according to Policy: Policy Condition failed: %.*s",
                     STR(json_to_str(a, condition)));
}

/* A field that the form does not have is empty. */
static Str value_of(Form *f, Str name)
{
    for (int i = 0; i < f->n; i++)
        if (str_eq_nocase(f->fields[i].name, name)) return f->covered[i] = true, f->fields[i].value;
    return S("");
}

static bool check_range(const Form *f, const Json *c, Error *err)
{
    int64_t min, max;
    const Json *low = json_at(c, 1), *high = json_at(c, 2);
    bool readable = (json_to_int(low, &min) || str_to_int(json_text(low), &min)) &&
                    (json_to_int(high, &max) || str_to_int(json_text(high), &max));
    if (!readable || min < 0 || max < min) return invalid(err, "Invalid content-length-range.");
    if (f->size < min)
        return error_set(err, ERR_S3_ENTITY_TOO_SMALL,
                         "Your proposed upload is smaller than the minimum allowed size");
    return f->size <= max || error_set(err, ERR_S3_ENTITY_TOO_LARGE,
                                       "Your proposed upload exceeds the maximum allowed size");
}

static bool check_list(Form *f, const Json *c, Arena *a, Error *err)
{
    Str operation = json_text(json_at(c, 0)), name = json_text(json_at(c, 1)),
        wanted = json_text(json_at(c, 2));
    if (c->n != 3) return invalid(err, "Invalid Condition: wrong number of arguments.");
    if (str_eq_nocase(operation, S("content-length-range"))) return check_range(f, c, err);
    if (!json_is(json_at(c, 2), JSON_STRING) || !str_starts(name, S("$")))
        return invalid(err, "Invalid Condition: an operator needs a $field and a text.");
    Str value = value_of(f, str_slice(name, 1, name.n));
    if (str_eq_nocase(operation, S("eq")))
        return str_eq(value, wanted) || condition_failed(a, c, err);
    if (str_eq_nocase(operation, S("starts-with")))
        return str_starts(value, wanted) || condition_failed(a, c, err);
    return invalid(err, "Invalid Condition: unknown operation.");
}

static bool check_simple(Form *f, const Json *c, Arena *a, Error *err)
{
    if (c->n != 1 || !json_is(&c->members[0].value, JSON_STRING))
        return invalid(err, "Invalid Simple-Condition: Simple-Conditions must have exactly one "
                            "property specified.");
    Str value = value_of(f, c->members[0].key), wanted = json_text(&c->members[0].value);
    JsonArray list = {.a = a};
    if (str_eq(value, wanted)) return true;
    json_add(&list, json_string(S("eq")));
    json_add(&list, json_string(str_printf(a, "$%.*s", STR(c->members[0].key))));
    json_add(&list, json_string(wanted));
    Json told = json_array(&list);
    return condition_failed(a, &told, err);
}

static bool needs_no_condition(Str name)
{
    static const char *const free_ones[] = {
        "policy", "x-amz-signature", "signature", "AWSAccessKeyId", "file", "bucket"};
    for (int i = 0; i < countof(free_ones); i++)
        if (str_eq_nocase(name, str_from(free_ones[i]))) return true;
    return str_eq_nocase(str_slice(name, 0, 9), S("x-ignore-"));
}

static bool check_covered(const Form *f, Error *err)
{
    for (int i = 0; i < f->n; i++)
        if (!f->covered[i] && !needs_no_condition(f->fields[i].name))
            return error_set(err, ERR_S3_ACCESS_DENIED,
                             "Invalid according to Policy: Extra input fields: %.*s",
                             STR(f->fields[i].name));
    return true;
}

static bool check_expiration(const Json *policy, Millis now, Error *err)
{
    const Json *expiration = json_get(policy, S("expiration"));
    Millis at;
    if (!expiration) return invalid(err, "Policy missing expiration.");
    if (!time_parse_iso8601(json_text(expiration), &at))
        return invalid(err, "Invalid 'expiration' value.");
    return at > now ||
           error_set(err, ERR_S3_ACCESS_DENIED, "Invalid according to Policy: Policy expired.");
}

bool post_policy_check(Str text, const PostField *fields, int n, int64_t size, Millis now, Arena *a,
                       Error *err)
{
    Json policy;
    Error why = {0};
    Form f = {.fields = fields, .n = n, .size = size, .covered = new_array(a, bool, n)};
    if (!json_parse(text, a, &policy, &why) || !json_is(&policy, JSON_OBJECT))
        return invalid(err, "Invalid JSON.");
    const Json *conditions = json_get(&policy, S("conditions"));
    if (!check_expiration(&policy, now, err)) return false;
    if (!json_is(conditions, JSON_ARRAY)) return invalid(err, "Policy missing conditions.");
    for (int32_t i = 0; i < conditions->n; i++) {
        const Json *c = json_at(conditions, i);
        bool good = json_is(c, JSON_ARRAY)    ? check_list(&f, c, a, err)
                    : json_is(c, JSON_OBJECT) ? check_simple(&f, c, a, err)
                                              : invalid(err, "Invalid Condition.");
        if (!good) return false;
    }
    return check_covered(&f, err);
}
