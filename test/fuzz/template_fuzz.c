/* template_fuzz.c - a template as JSON: parameters, rules and transforms are told or refused, and what is made can be checked. */
#include "core/stack/dynamic.h"
#include "core/stack/parameters.h"
#include "core/stack/rules.h"
#include "core/stack/transform.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static bool lookup(void *state, Str name, bool *found, Str *value, Str *type, Error *err)
{
    (void)state;
    (void)err;
    *found = name.n % 2 == 0;
    *value = *type = name;
    return true;
}

/* What is included is the template itself: includes end. */
static bool include(void *state, Str location, Json *out, Error *err)
{
    (void)location;
    (void)err;
    *out = *(const Json *)state;
    return true;
}

static bool resolve(void *state, const DynamicReference *r, Str *out, Error *err)
{
    (void)state;
    (void)err;
    *out = r->name;
    return true;
}

static void transform(const Json *root, StackScope *s, Arena *a)
{
    Error err = {0};
    Json made, again;
    Template t;
    if (!template_transform(s, include, (void *)(uintptr_t)root, root, &made, &err)) {
        check(error_text(&err).n > 0);
        return;
    }
    check(!json_get(&made, S("Transform")));
    if (template_check(&made, a, &t, &err) && intrinsic_check(&t, a, &err)) {
        int left = DYNAMIC_REFERENCES_MAX;
        s->t = &t;
        (void)!rules_hold(s, NULL, &err);
        (void)!dynamic_resolve(&made, resolve, NULL, &left, a, &again, &err);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    Arena a = {0};
    Error err = {0};
    Json root, values;
    Template head;
    ParameterValues found = {0};
    ParameterInputs in = {.lookup = lookup};
    if (n < 65536 && json_parse((Str){(const char *)data, (int64_t)n}, &a, &root, &err) &&
        template_check_head(&root, &a, &head, &err)) {
        (void)!parameters_check(&head, &a, &err);
        if (!parameters_resolve(&head, &in, &a, &found, &err)) found.n = 0;
        values = parameters_values(&found, &a);
        StackScope s = {.a = &a, .t = &head, .parameters = &values, .bytes_left = 1 << 20};
        transform(&root, &s, &a);
    }
    arena_free(&a);
    return 0;
}
