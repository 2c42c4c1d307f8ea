/* vectors_test.c - requests serialised by botocore must give the inputs they were made from. */
#include <glob.h>

#include "test.h"
#include "wire/protocol.h"
#include "wire/validate.h"

/* One block of a file, made by tools/vectors_protocol.py:
 *     # service Operation / > request line and headers / | lines of the body / = input */
typedef struct Vector {
    int line;
    Str service, operation, want;
    Buf head, body;
} Vector;

static bool decode(const Vector *v, Arena *a, HttpRequest *http, Json *in, Route *route,
                   Fault *fault)
{
    Str head = str_printf(a, "%.*s\r\n", STR(buf_str(&v->head))), body = buf_str(&v->body);
    const Service *s = model_service(v->service);
    if (http1_parse(head, http) != head.n) return fault_named(fault, S("NoHttp"), 400, head);
    return route_head(http, model_text(s, s->signing_name), S("localhost"), a, route, fault) &&
           route_body(http, body, a, route, fault) &&
           protocol_decode(route, http, body, a, in, fault) &&
           validate_input(route->operation, in, a, fault);
}

static void run(const char *path, const Vector *v)
{
    Arena *a = test_arena();
    HttpRequest http;
    Route route;
    Fault fault = {0};
    Json in, want;
    Error err;
    check(json_parse(v->want, a, &want, &err));
    if (!decode(v, a, &http, &in, &route, &fault)) {
        test_fail(path, v->line, "%.*s: %.*s", STR(fault.code), STR(fault.message));
        return;
    }
    Str name = model_operation_name(route.operation);
    if (!str_eq(name, v->operation)) test_fail(path, v->line, "routed to %.*s", STR(name));
    if (!json_eq(&in, &want))
        test_fail(path, v->line, "got %.*s\n# want %.*s", STR(json_to_str(a, &in)), STR(v->want));
}

/* Blocks end with their '=' line. */
static int run_file(const char *path)
{
    Arena *a = test_arena();
    Str text = test_file(a, path), line;
    Vector v = {0};
    int blocks = 0;
    for (int number = 1; str_cut(&text, '\n', &line); number++) {
        Str rest = str_slice(line, 2, line.n);
        if (str_starts(line, S("# "))) {
            v = (Vector){.line = number, .head = {.a = a}, .body = {.a = a}};
            (void)str_cut(&rest, ' ', &v.service);
            v.operation = rest;
        } else if (str_starts(line, S("> "))) {
            buf_printf(&v.head, "%.*s\r\n", STR(rest));
        } else if (str_starts(line, S("| "))) {
            if (v.body.n) buf_putc(&v.body, '\n');
            buf_put(&v.body, rest);
        } else if (str_starts(line, S("= "))) {
            v.want = rest;
            run(path, &v);
            blocks++;
        }
    }
    return blocks;
}

TEST(golden_protocol_requests_of_botocore)
{
    const char *root = getenv("GOLDEN");
    glob_t found;
    int blocks = 0, operations = 0;
    if (!root) {
        test_skip("GOLDEN names test/golden");
        return;
    }
    check(glob(str_z(test_arena(), str_printf(test_arena(), "%s/protocol/*.txt", root)), 0, NULL,
               &found) == 0);
    for (size_t i = 0; i < found.gl_pathc; i++) blocks += run_file(found.gl_pathv[i]);
    for (int i = 0; i < model_services_n; i++) operations += model_services[i]->operations_n;
    eq_int(blocks, operations);
    globfree(&found);
}
