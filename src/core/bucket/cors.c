/* cors.c - matching of origins, methods and headers with the one wildcard that S3 allows in each. */
#include "core/bucket/cors.h"

#include "base/encode.h"

/* ---- matching ---- */

static bool matches(Str pattern, Str text)
{
    int64_t star = str_find_char(pattern, '*');
    if (star < 0) return str_eq_nocase(pattern, text);
    Str head = str_slice(pattern, 0, star), tail = str_slice(pattern, star + 1, pattern.n);
    return text.n >= head.n + tail.n && str_eq_nocase(str_slice(text, 0, head.n), head) &&
           str_eq_nocase(str_slice(text, text.n - tail.n, text.n), tail);
}

static const Json *find_match(const Json *patterns, Str text)
{
    for (int32_t i = 0; i < json_count(patterns); i++)
        if (matches(json_text(json_at(patterns, i)), text)) return json_at(patterns, i);
    return NULL;
}

static bool has_word(const Json *words, Str word)
{
    for (int32_t i = 0; i < json_count(words); i++)
        if (str_eq(json_text(json_at(words, i)), word)) return true;
    return false;
}

static bool allows_headers(const Json *rule, Str headers)
{
    Str one;
    while (str_cut(&headers, ',', &one))
        if (str_trim(one).n && !find_match(json_get(rule, S("AllowedHeaders")), str_trim(one)))
            return false;
    return true;
}

const Json *cors_rule(const Json *config, const CorsQuestion *q, bool *any_origin)
{
    const Json *rules = json_get(config, S("CORSRules"));
    for (int32_t i = 0; i < json_count(rules); i++) {
        const Json *rule = json_at(rules, i);
        const Json *origin = find_match(json_get(rule, S("AllowedOrigins")), q->origin);
        if (!origin || !has_word(json_get(rule, S("AllowedMethods")), q->method) ||
            !allows_headers(rule, q->headers))
            continue;
        *any_origin = str_eq(json_text(origin), S("*"));
        return rule;
    }
    return NULL;
}

/* ---- checking ---- */

static int64_t stars(Str text)
{
    int64_t n = 0;
    for (int64_t i = 0; i < text.n; i++) n += text.p[i] == '*';
    return n;
}

static bool check_methods(const Json *methods, Error *err)
{
    static const char *const known[] = {"GET", "PUT", "HEAD", "POST", "DELETE"};
    for (int32_t i = 0; i < json_count(methods); i++) {
        Str method = json_text(json_at(methods, i));
        bool found = false;
        for (int k = 0; k < countof(known); k++) found |= str_eq(method, str_from(known[k]));
        if (!found)
            return error_set(err, ERR_S3_INVALID_REQUEST,
                             "Found unsupported HTTP method in CORS config. Unsupported method is "
                             "%.*s",
                             STR(method));
    }
    return true;
}

static bool one_star_each(const Json *list, const char *name, Error *err)
{
    for (int32_t i = 0; i < json_count(list); i++)
        if (stars(json_text(json_at(list, i))) > 1)
            return error_set(err, ERR_S3_INVALID_REQUEST,
                             "%s \"%.*s\" can not have more than one wildcard.", name,
                             STR(json_text(json_at(list, i))));
    return true;
}

static bool no_stars(const Json *list, Error *err)
{
    for (int32_t i = 0; i < json_count(list); i++)
        if (stars(json_text(json_at(list, i))))
            return error_set(err, ERR_S3_INVALID_REQUEST,
                             "ExposeHeader \"%.*s\" contains wildcard. We currently do not support "
                             "wildcard for ExposeHeader.",
                             STR(json_text(json_at(list, i))));
    return true;
}

static bool malformed(Error *err)
{
    return error_set(err, ERR_S3_MALFORMED_XML,
                     "The XML you provided was not well-formed or did not validate against our "
                     "published schema");
}

static bool check_rule(const Json *rule, Error *err)
{
    const Json *methods = json_get(rule, S("AllowedMethods")),
               *origins = json_get(rule, S("AllowedOrigins"));
    if (!json_count(methods) || !json_count(origins)) return malformed(err);
    if (utf8_count(json_text(json_get(rule, S("ID")))) > CORS_ID_CHARS_MAX)
        return error_set(err, ERR_S3_INVALID_REQUEST, "CORS rule id should not exceed 255");
    return check_methods(methods, err) && one_star_each(origins, "AllowedOrigin", err) &&
           one_star_each(json_get(rule, S("AllowedHeaders")), "AllowedHeader", err) &&
           no_stars(json_get(rule, S("ExposeHeaders")), err);
}

bool cors_check(const Json *config, Error *err)
{
    const Json *rules = json_get(config, S("CORSRules"));
    if (!json_count(rules)) return malformed(err);
    if (json_count(rules) > CORS_RULES_MAX)
        return error_set(err, ERR_S3_INVALID_REQUEST,
                         "The number of CORS rules should not exceed allowed limit of 100 rules.");
    for (int32_t i = 0; i < json_count(rules); i++)
        if (!check_rule(json_at(rules, i), err)) return false;
    return true;
}
