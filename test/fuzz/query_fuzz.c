/* query_fuzz.c - awsQuery forms for any operation: what is decoded has the model's types, whatever the client sent. */
#include "wire/protocol.h"
#include "wire/shape.h"
#include "wire/validate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* The form is tried with the operation it names, else with one of any protocol, chosen by its first
 * bytes: the models of the other services have shapes (recursion, flattened lists) that the query
 * services of today have not. */
static const Operation *operation_of(const Form *form, Str in)
{
    const Service *s = model_services[(unsigned char)in.p[0] % model_services_n];
    Str action = form_value(form, S("Action"));
    for (int i = 0; i < model_services_n; i++)
        if (action.n && model_operation(model_services[i], action))
            return model_operation(model_services[i], action);
    return &s->operations[(unsigned char)in.p[in.n - 1] % s->operations_n];
}

static void check_sorted(const Form *form)
{
    for (int64_t i = 1; i < form->n; i++) {
        int order = str_cmp(form->pairs[i - 1].name, form->pairs[i].name);
        check(order < 0 || (order == 0 && form->pairs[i - 1].place < form->pairs[i].place));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static Arena a;
    Form form;
    Fault fault = {0};
    Json in;
    arena_reset(&a);
    Str text = {(const char *)data, (int64_t)n};
    if (!n || !form_parse(text, true, &a, &form)) return 0;
    form_sort(&form);
    check_sorted(&form);
    const Operation *op = operation_of(&form, text);
    if (!query_decode(op, &form, &a, &in, &fault)) {
        check(fault.status == 400 && fault.code.n && fault.message.n);
        return 0;
    }
    if (model_input(op)) check(str_absent(validate_types(op->service, model_input(op), &in, &a)));
    if (!validate_input(op, &in, &a, &fault)) check(fault.status == 400 && fault.message.n);
    return 0;
}
