/* route_rest.c - method, path and query of a rest request to the operation of the model, and S3's refusals. */
#include "wire/route.h"

static const char *const methods[] = {
    [METHOD_GET] = "GET", [METHOD_HEAD] = "HEAD",     [METHOD_POST] = "POST",
    [METHOD_PUT] = "PUT", [METHOD_DELETE] = "DELETE", [METHOD_PATCH] = "PATCH",
};

static int method_of(Str name)
{
    for (int i = 0; i < countof(methods); i++)
        if (str_eq(str_from(methods[i]), name)) return i;
    return -1;
}

static bool add_label(Route *route, Str name, Str value)
{
    check(route->labels_n < ROUTE_LABELS_MAX);
    if (str_ends(name, S("+"))) name = str_slice(name, 0, name.n - 1);
    route->labels[route->labels_n++] = (RouteLabel){name, value};
    return value.n > 0;
}

/* One segment of the template against the front of the path. {Key+} takes all that is left. */
static bool match_segment(Str segment, Str *path, Route *route)
{
    bool label = str_starts(segment, S("{")), greedy = str_ends(segment, S("+}"));
    if (!str_starts(*path, S("/"))) return false;
    Str rest = str_slice(*path, 1, path->n);
    int64_t end = greedy ? -1 : str_find_char(rest, '/');
    Str here = str_slice(rest, 0, end < 0 ? rest.n : end);
    *path = str_slice(rest, here.n, rest.n);
    if (label) return add_label(route, str_slice(segment, 1, segment.n - 1), here);
    return str_eq(segment, here);
}

/* "/{Bucket}" is also "/{Bucket}/". */
static bool match_path(Str template, Str path, Route *route)
{
    Str segment, rest = str_slice(template, 1, template.n);
    route->labels_n = 0;
    if (str_ends(rest, S("/"))) rest.n--;
    while (rest.n && str_cut(&rest, '/', &segment))
        if (!match_segment(segment, &path, route)) return false;
    return path.n == 0 || str_eq(path, S("/"));
}

static bool has_literal(const Form *query, Str literal)
{
    Str value = literal, name;
    if (!str_cut(&value, '=', &name)) return false;
    const FormPair *pair = form_find(query, name);
    return pair && (str_absent(value) || str_eq(pair->value, value));
}

static bool has_literals(const Form *query, Str literals)
{
    Str literal;
    while (literals.n && str_cut(&literals, '&', &literal))
        if (!has_literal(query, literal)) return false;
    return true;
}

Str route_header(const Route *route, const HttpRequest *r, Str name)
{
    Str value = http1_header(r, name);
    if (!str_absent(value) || route->service->protocol != PROTOCOL_REST_XML ||
        !str_starts(name, S("x-amz-")))
        return value;
    for (int64_t i = 0; i < route->query.n; i++)
        if (str_eq_nocase(route->query.pairs[i].name, name)) return route->query.pairs[i].value;
    return value;
}

/* Required query and header members tell UploadPart, UploadPartCopy, CopyObject and PutObject
 * apart. */
static bool has_needed(const HttpRequest *r, const Route *route, const Operation *op)
{
    const Service *s = op->service;
    const Shape *in = model_input(op);
    for (int i = 0; in && i < in->members_n; i++) {
        const Member *m = &s->members[in->members + i];
        if (!(m->flags & MEMBER_REQUIRED)) continue;
        if (m->location == IN_QUERY && !form_find(&route->query, model_text(s, m->wire)))
            return false;
        if (m->location == IN_HEADER && str_absent(route_header(route, r, model_text(s, m->wire))))
            return false;
    }
    return true;
}

static bool same_path(const Operation *op, const Operation *other)
{
    return other && op->path.at == other->path.at && op->path.n == other->path.n;
}

/* Candidates come by path, most demanding first. One whose query literals are there but whose
 * needed members are not is meant if no other of its path fits as well: validation will say what is
 * missing. */
static const Operation *choose(const HttpRequest *r, Str path, Route *route)
{
    const Service *s = route->service;
    const Operation *half = NULL, *before = NULL;
    int method = method_of(r->method);
    bool fits = false;
    for (int i = 0; i < s->routes_n; i++) {
        const Operation *op = &s->operations[s->routes[i]];
        if (op->method != method) continue;
        if (half && (!op->query.n || !same_path(op, half))) return half;
        if (!same_path(op, before)) fits = match_path(model_text(s, op->path), path, route);
        before = op;
        if (!fits || (op->query.n && !has_literals(&route->query, model_text(s, op->query))))
            continue;
        if (has_needed(r, route, op)) return op;
        if (op->query.n && !half) half = op;
    }
    return half;
}

static bool is_literal_of(const Operation *op, Str name)
{
    Str literals = model_text(op->service, op->query), literal;
    while (literals.n && str_cut(&literals, '&', &literal))
        if (str_starts(literal, name) && (literal.n == name.n || literal.p[name.n] == '='))
            return true;
    return false;
}

/* What only names another operation: PUT /b?location must not create the bucket b. */
static bool is_subresource(const Service *s, Str name)
{
    for (int i = 0; i < s->routes_n; i++)
        if (is_literal_of(&s->operations[s->routes[i]], name)) return true;
    return false;
}

static bool refuse_parameter(Str name, Arena *a, Fault *fault)
{
    if (str_eq(name, S("versionId")))
        return fault_named(fault, S("InvalidArgument"), 400,
                           S("This operation does not accept a version-id."));
    return fault_named(
        fault, S("InvalidArgument"), 400,
        str_printf(a, "This operation does not accept the query parameter %.*s.", STR(name)));
}

static bool method_not_allowed(Fault *fault)
{
    return fault_named(fault, S("MethodNotAllowed"), 405,
                       S("The specified method is not allowed against this resource."));
}

/* S3 ignores parameters it does not know, but not those that would change what is meant. */
static bool check_s3_query(const Route *route, Arena *a, Fault *fault)
{
    static const char *const telling[] = {"uploadId", "partNumber", "versionId"};
    const Operation *op = route->operation;
    for (int64_t i = 0; i < route->query.n; i++) {
        Str name = route->query.pairs[i].name;
        for (int k = 0; k < countof(telling); k++)
            if (str_eq(name, str_from(telling[k])) && !model_accepts(op, IN_QUERY, name))
                return refuse_parameter(name, a, fault);
        if (!is_literal_of(op, name) && is_subresource(op->service, name))
            return method_not_allowed(fault);
    }
    return true;
}

bool route_rest(const HttpRequest *r, Str path, Arena *a, Route *route, Fault *fault)
{
    const Service *s = route->service;
    bool s3 = s->protocol == PROTOCOL_REST_XML;
    route->operation = choose(r, path, route);
    if (route->operation && s3 && !check_s3_query(route, a, fault))
        return route->operation = NULL, false;
    if (route->operation) return true;
    if (s3) return method_not_allowed(fault);
    return fault_set(fault, s, ERR_UNKNOWN_OPERATION, a, "No operation is %.*s %.*s.",
                     STR(r->method), STR(str_slice(path, 0, 200)));
}
