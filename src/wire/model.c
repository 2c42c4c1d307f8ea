/* model.c - lookups in the tables of the AWS service models. */
#include "wire/model.h"

const Service *model_service(Str name)
{
    for (int i = 0; i < model_services_n; i++)
        if (str_eq(model_text(model_services[i], model_services[i]->name), name))
            return model_services[i];
    return NULL;
}

const Service *model_service_elsewhere(Str name)
{
    for (int i = 0; i < model_elsewhere_n; i++)
        if (str_eq(model_text(model_elsewhere[i], model_elsewhere[i]->name), name))
            return model_elsewhere[i];
    return NULL;
}

const Service *model_service_signing(Str name)
{
    for (int i = 0; i < model_services_n; i++)
        if (str_eq(model_text(model_services[i], model_services[i]->signing_name), name))
            return model_services[i];
    return NULL;
}

/* Operations are sorted by the bytes of their names. */
const Operation *model_operation(const Service *s, Str name)
{
    int low = 0, high = s->operations_n;
    while (low < high) {
        int middle = (low + high) / 2;
        int order = str_cmp(name, model_text(s, s->operations[middle].name));
        if (order == 0) return &s->operations[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

Str model_operation_name(const Operation *op)
{
    return model_text(op->service, op->name);
}

const Shape *model_input(const Operation *op)
{
    return op->input == MODEL_NONE ? NULL : &op->service->shapes[op->input];
}

const Shape *model_output(const Operation *op)
{
    return op->output == MODEL_NONE ? NULL : &op->service->shapes[op->output];
}

const Shape *model_shape(const Service *s, const Member *m)
{
    return &s->shapes[m->shape];
}

const Member *model_item(const Service *s, const Shape *container)
{
    check(container->type == SHAPE_LIST || container->type == SHAPE_MAP);
    return &s->members[container->members + (container->type == SHAPE_MAP)];
}

const Member *model_key(const Service *s, const Shape *map)
{
    check(map->type == SHAPE_MAP);
    return &s->members[map->members];
}

const Member *model_member(const Service *s, const Shape *structure, Str name)
{
    for (int i = 0; structure && i < structure->members_n; i++) {
        const Member *m = &s->members[structure->members + i];
        if (m->name.n == name.n && str_eq(model_text(s, m->name), name)) return m;
    }
    return NULL;
}

const Member *model_next_member(const Service *s, const Shape *structure, Str name, int *cursor)
{
    int n = structure->members_n;
    for (int i = 0; i < n; i++) {
        int at = *cursor + i < n ? *cursor + i : *cursor + i - n;
        const Member *m = &s->members[structure->members + at];
        if (m->name.n != name.n || !str_eq(model_text(s, m->name), name)) continue;
        *cursor = at + 1 < n ? at + 1 : 0;
        return m;
    }
    return NULL;
}

const Member *model_payload(const Service *s, const Shape *structure)
{
    for (int i = 0; structure && i < structure->members_n; i++)
        if (s->members[structure->members + i].location == IN_PAYLOAD)
            return &s->members[structure->members + i];
    return NULL;
}

const ModelError *model_error(const Service *s, Str code)
{
    for (int i = 0; i < s->errors_n; i++)
        if (str_eq(model_text(s, s->errors[i].code), code) ||
            str_eq(model_text(s, s->errors[i].name), code))
            return &s->errors[i];
    return NULL;
}

const ModelLimit *model_limit(const Service *s, const Shape *shape)
{
    return shape->limit == MODEL_NONE ? NULL : &s->limits[shape->limit];
}

bool model_accepts(const Operation *op, Location where, Str wire)
{
    const Shape *in = model_input(op);
    for (int i = 0; in && i < in->members_n; i++) {
        const Member *m = &op->service->members[in->members + i];
        if (m->location == where && str_eq_nocase(model_text(op->service, m->wire), wire))
            return true;
    }
    return false;
}
