/* parameter_rule.c - a parameter's type, and its constraints one by one. */
#include "core/stack/parameter_rule.h"

#include "base/decimal.h"
#include "base/encode.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/* ---- types ---- */

/* The kinds whose values are texts that name something of the account. */
static bool is_aws_kind(Str type)
{
    static const Str kinds[] = {
        STR_INIT("AWS::EC2::AvailabilityZone::Name"),
        STR_INIT("AWS::EC2::Image::Id"),
        STR_INIT("AWS::EC2::Instance::Id"),
        STR_INIT("AWS::EC2::KeyPair::KeyName"),
        STR_INIT("AWS::EC2::SecurityGroup::GroupName"),
        STR_INIT("AWS::EC2::SecurityGroup::Id"),
        STR_INIT("AWS::EC2::Subnet::Id"),
        STR_INIT("AWS::EC2::VPC::Id"),
        STR_INIT("AWS::EC2::Volume::Id"),
        STR_INIT("AWS::Route53::HostedZone::Id"),
    };
    for (int i = 0; i < countof(kinds); i++)
        if (str_eq(type, kinds[i])) return true;
    return false;
}

/* What stands within prefix<...>; absent: it is none. */
static Str within(Str type, Str prefix)
{
    if (!str_starts(type, prefix) || !str_ends(type, S(">"))) return (Str){0};
    return str_slice(type, prefix.n, type.n - 1);
}

static bool plain_type(Str type, bool stored, ParameterType *out)
{
    Str item = within(type, S("List<"));
    out->list = !str_absent(item) || str_eq(type, S("CommaDelimitedList"));
    out->number = str_eq(type, S("Number")) || str_eq(item, S("Number"));
    if (out->list && str_absent(item)) return true;
    Str one = out->list ? item : type;
    if (is_aws_kind(one) || (out->number && !stored)) return true;
    return str_eq(one, S("String")) && (stored || !out->list);
}

bool parameter_type(const TemplateParameter *p, ParameterType *out, Error *err)
{
    ParameterType type = {0};
    Str inner = within(p->type, S("AWS::SSM::Parameter::Value<"));
    type.stored = !str_absent(inner);
    if (!str_eq(p->type, S("AWS::SSM::Parameter::Name")) &&
        !plain_type(type.stored ? inner : p->type, type.stored, &type))
        return error_set(err, ERR_VALIDATION,
                         "Template format error: Unrecognized parameter type: %.*s", STR(p->type));
    *out = type;
    return true;
}

/* ---- the words ---- */

static bool refuse(const TemplateParameter *p, Error *err, const char *fmt, ...) printf_like(3, 4);

static bool refuse(const TemplateParameter *p, Error *err, const char *fmt, ...)
{
    Str described = json_text(json_get(p->body, S("ConstraintDescription")));
    char text[ERROR_TEXT_MAX];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (described.n)
        return error_set(err, ERR_VALIDATION, "Parameter %.*s failed to satisfy constraint: %.*s",
                         STR(p->name), STR(described));
    return error_set(err, ERR_VALIDATION, "Parameter '%.*s' %s", STR(p->name), text);
}

/* ---- one constraint each, on one text ---- */

/* Numbers of the template are compared as they are written. */
static bool allowed_value(const TemplateParameter *p, Str text, Arena *a, Error *err)
{
    (void)a;
    const Json *allowed = json_get(p->body, S("AllowedValues"));
    if (!allowed) return true;
    for (int32_t i = 0; i < json_count(allowed); i++) {
        const Json *v = json_at(allowed, i);
        Str one = json_is(v, JSON_TRUE)    ? S("true")
                  : json_is(v, JSON_FALSE) ? S("false")
                                           : json_text(v);
        if (!str_absent(one) && str_eq(one, text)) return true;
    }
    return refuse(p, err, "must be one of AllowedValues");
}

static bool limit_of(const TemplateParameter *p, Str name, bool *there, int64_t *out, Error *err)
{
    const Json *v = json_get(p->body, name);
    Str text = json_text(v);
    *there = v != NULL;
    if (!v || (str_to_int(text, out) && *out >= 0)) return true;
    return error_set(err, ERR_VALIDATION,
                     "Template format error: %.*s of parameter %.*s must be a whole number",
                     STR(name), STR(p->name));
}

static bool allowed_length(const TemplateParameter *p, Str text, Arena *a, Error *err)
{
    (void)a;
    bool least_there, most_there;
    int64_t least = 0, most = 0, n = utf8_count(text);
    if (!limit_of(p, S("MinLength"), &least_there, &least, err) ||
        !limit_of(p, S("MaxLength"), &most_there, &most, err))
        return false;
    if (least_there && n < least)
        return refuse(p, err, "must contain at least %" PRId64 " characters", least);
    if (most_there && n > most)
        return refuse(p, err, "must contain at most %" PRId64 " characters", most);
    return true;
}

static bool bound_of(const TemplateParameter *p, Str name, Arena *a, bool *there, Decimal *out,
                     Error *err)
{
    const Json *v = json_get(p->body, name);
    *there = v != NULL;
    if (!v || decimal_parse(a, json_text(v), out)) return true;
    return error_set(err, ERR_VALIDATION,
                     "Template format error: %.*s of parameter %.*s must be a number", STR(name),
                     STR(p->name));
}

static bool allowed_number(const TemplateParameter *p, Str text, Arena *a, Error *err)
{
    Decimal number, least, most;
    bool least_there, most_there;
    if (!decimal_parse(a, text, &number)) return refuse(p, err, "must be a number.");
    if (!bound_of(p, S("MinValue"), a, &least_there, &least, err) ||
        !bound_of(p, S("MaxValue"), a, &most_there, &most, err))
        return false;
    if (least_there && decimal_cmp(&number, &least) < 0)
        return refuse(p, err, "must be a number not less than %.*s",
                      STR(json_text(json_get(p->body, S("MinValue")))));
    if (most_there && decimal_cmp(&number, &most) > 0)
        return refuse(p, err, "must be a number not greater than %.*s",
                      STR(json_text(json_get(p->body, S("MaxValue")))));
    return true;
}

/* ---- the pattern ---- */

static int matches(const pcre2_code *code, Str text)
{
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    pcre2_match_context *context = pcre2_match_context_create(NULL);
    check(data && context);
    pcre2_set_match_limit(context, PARAMETER_PATTERN_STEPS_MAX);
    pcre2_set_depth_limit(context, PARAMETER_PATTERN_STEPS_MAX / 100);
    int n = pcre2_match(code, (PCRE2_SPTR)(text.p ? text.p : ""), (PCRE2_SIZE)text.n, 0, 0, data,
                        context);
    pcre2_match_context_free(context);
    pcre2_match_data_free(data);
    return n;
}

static bool allowed_pattern(const TemplateParameter *p, Str text, Arena *a, Error *err)
{
    (void)a;
    int code, n;
    PCRE2_SIZE at;
    Str pattern = json_text(json_get(p->body, S("AllowedPattern")));
    if (str_absent(pattern)) return true;
    pcre2_code *compiled =
        pcre2_compile((PCRE2_SPTR)pattern.p, (PCRE2_SIZE)pattern.n,
                      PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED, &code, &at, NULL);
    if (!compiled)
        return error_set(err, ERR_VALIDATION,
                         "Template format error: AllowedPattern of parameter %.*s is no regular "
                         "expression: %.*s",
                         STR(p->name), STR(pattern));
    n = matches(compiled, text);
    pcre2_code_free(compiled);
    if (n >= 0) return true;
    if (n == PCRE2_ERROR_NOMATCH) return refuse(p, err, "must match pattern %.*s", STR(pattern));
    return error_set(err, ERR_VALIDATION,
                     "Parameter '%.*s': its AllowedPattern cannot be decided for the value within "
                     "%d steps",
                     STR(p->name), PARAMETER_PATTERN_STEPS_MAX);
}

/* ---- all of them ---- */

static bool satisfies_one(const TemplateParameter *p, bool number, Str text, Arena *a, Error *err)
{
    return (!number || allowed_number(p, text, a, err)) && allowed_value(p, text, a, err) &&
           allowed_pattern(p, text, a, err) && allowed_length(p, text, a, err);
}

bool parameter_satisfies(const TemplateParameter *p, const ParameterType *type, Str text, Arena *a,
                         Error *err)
{
    Str rest = text, item;
    bool number = type->number && !type->stored;
    if (!type->list || type->stored) return satisfies_one(p, number, text, a, err);
    while (str_cut(&rest, ',', &item))
        if (!satisfies_one(p, number, str_trim(item), a, err)) return false;
    return true;
}
