/* dynamic.c - dynamic references: their parts, and the walk that replaces them. */
#include "core/stack/dynamic.h"

typedef struct Dynamic {
    DynamicFn *resolve; /* NULL: only checked */
    void *state;
    int *left;
    Arena *a;
} Dynamic;

static const Str opening = STR_INIT("{{resolve:");

/* ---- the parts of one ---- */

static bool bad_format(const DynamicReference *r, const char *service, Error *err)
{
    return error_set(err, ERR_VALIDATION,
                     "Incorrect format is used in the following %s reference: [%.*s]", service,
                     STR(r->whole));
}

static bool digits(Str s)
{
    for (int64_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9') return false;
    return true;
}

/* name, name:version; a name is one of the parameter store's. */
static bool parse_parameter(Str rest, DynamicReference *r, Error *err)
{
    int64_t colon = str_rfind_char(rest, ':');
    r->name = colon < 0 ? rest : str_slice(rest, 0, colon);
    r->version = colon < 0 ? S("") : str_slice(rest, colon + 1, rest.n);
    bool good = r->name.n && digits(r->version) && (colon < 0 || r->version.n) &&
                str_find_char(r->name, ':') < 0;
    return good || bad_format(r, "SSM", err);
}

/* An ARN keeps its colons: arn:aws:secretsmanager:region:account:secret:name-abcdef. */
static Str cut_secret(Str *rest)
{
    enum { ARN_COLONS = 6 };
    int64_t at = 0;
    int colons = str_starts(*rest, S("arn:")) ? ARN_COLONS : 0;
    while (at < rest->n && (rest->p[at] != ':' || colons-- > 0)) at++;
    Str id = str_slice(*rest, 0, at);
    *rest = at < rest->n ? str_slice(*rest, at + 1, rest->n) : (Str){0};
    return id;
}

static bool parse_secret(Str rest, DynamicReference *r, Error *err)
{
    Str kind = S("SecretString"), more;
    r->name = cut_secret(&rest);
    r->json_key = r->stage = r->version = S("");
    if (str_cut(&rest, ':', &more) && more.n) kind = more;
    (void)str_cut(&rest, ':', &r->json_key);
    (void)str_cut(&rest, ':', &r->stage);
    (void)str_cut(&rest, ':', &r->version);
    bool good = r->name.n && str_eq(kind, S("SecretString")) && str_absent(rest) &&
                !(r->stage.n && r->version.n);
    return good || bad_format(r, "Secrets Manager", err);
}

/* `body`: what stands between "{{resolve:" and "}}". */
static bool parse(Str body, DynamicReference *r, Error *err)
{
    Str service = {0}, rest = body;
    (void)str_cut(&rest, ':', &service);
    if (str_eq(service, S("ssm")) || str_eq(service, S("ssm-secure"))) {
        r->service = str_eq(service, S("ssm")) ? DYNAMIC_SSM : DYNAMIC_SSM_SECURE;
        return parse_parameter(rest, r, err);
    }
    r->service = DYNAMIC_SECRET;
    if (str_eq(service, S("secretsmanager"))) return parse_secret(rest, r, err);
    return error_set(err, ERR_VALIDATION, "Unknown service in the dynamic reference: [%.*s]",
                     STR(r->whole));
}

/* ---- texts ---- */

/* The next reference of *rest, with what stands before it; false: there is none. */
static bool next(Str *rest, Str *before, Str *whole)
{
    int64_t at = str_find(*rest, opening);
    int64_t end = at < 0 ? -1 : str_find(str_slice(*rest, at, rest->n), S("}}"));
    if (end < 0) return false;
    *before = str_slice(*rest, 0, at);
    *whole = str_slice(*rest, at, at + end + 2);
    *rest = str_slice(*rest, at + end + 2, rest->n);
    return true;
}

static bool replace_one(const Dynamic *d, Str whole, Str *out, Error *err)
{
    DynamicReference r = {.whole = whole};
    *out = whole;
    if (!parse(str_slice(whole, opening.n, whole.n - 2), &r, err)) return false;
    if (--*d->left < 0)
        return error_set(err, ERR_VALIDATION, "A template may have at most %d dynamic references",
                         DYNAMIC_REFERENCES_MAX);
    return !d->resolve || d->resolve(d->state, &r, out, err);
}

static bool replace_text(const Dynamic *d, Str text, Json *out, Error *err)
{
    Buf b = {.a = d->a};
    Str rest = text, before, whole, found;
    while (next(&rest, &before, &whole)) {
        if (!replace_one(d, whole, &found, err)) return false;
        buf_put(&b, before);
        buf_put(&b, found);
    }
    buf_put(&b, rest);
    *out = json_string(buf_str(&b));
    return true;
}

/* ---- values ---- */

bool dynamic_present(const Json *value)
{
    bool found = json_is(value, JSON_STRING) && str_find(json_text(value), opening) >= 0;
    for (int32_t i = 0; i < json_count(value) && !found; i++)
        found = dynamic_present(value->type == JSON_ARRAY ? &value->items[i]
                                                          : &value->members[i].value);
    return found;
}

static bool replace(const Dynamic *d, const Json *v, Json *out, Error *err);

static bool replace_items(const Dynamic *d, const Json *v, Json *out, Error *err)
{
    JsonArray array = {.a = d->a};
    for (int32_t i = 0; i < v->n; i++) {
        Json item;
        if (!replace(d, &v->items[i], &item, err)) return false;
        json_add(&array, item);
    }
    *out = json_array(&array);
    return true;
}

static bool replace_members(const Dynamic *d, const Json *v, Json *out, Error *err)
{
    JsonObject object = {.a = d->a};
    for (int32_t i = 0; i < v->n; i++) {
        Json member;
        if (!replace(d, &v->members[i].value, &member, err)) return false;
        json_put(&object, v->members[i].key, member);
    }
    *out = json_object(&object);
    return true;
}

static bool replace(const Dynamic *d, const Json *v, Json *out, Error *err)
{
    if (json_is(v, JSON_STRING) && str_find(json_text(v), opening) >= 0)
        return replace_text(d, json_text(v), out, err);
    if (json_is(v, JSON_ARRAY)) return replace_items(d, v, out, err);
    if (json_is(v, JSON_OBJECT) && dynamic_present(v)) return replace_members(d, v, out, err);
    *out = *v;
    return true;
}

bool dynamic_resolve(const Json *value, DynamicFn *resolve, void *state, int *left, Arena *a,
                     Json *out, Error *err)
{
    Dynamic d = {.resolve = resolve, .state = state, .left = left, .a = a};
    if (!dynamic_present(value)) return *out = *value, true;
    return replace(&d, value, out, err);
}
