/* outputs.c - what a stack tells when it is there: outputs, and exports that others may use. */
#include "app/stacks/stacks.h"

static bool text_of(StackPlan *p, const Json *v, Str *out)
{
    *out = json_is(v, JSON_TRUE) ? S("true") : json_is(v, JSON_FALSE) ? S("false") : json_text(v);
    if (json_is(v, JSON_ARRAY)) {
        Str *parts = new_array(p->a, Str, v->n);
        for (int32_t i = 0; i < v->n; i++) parts[i] = json_text(&v->items[i]);
        *out = str_join(p->a, parts, v->n, S(","));
    }
    return !str_absent(*out);
}

static bool resolve_text(StackPlan *p, const TemplateOutput *o, const Json *value, Str *out,
                         Error *err)
{
    Json v, whole;
    if (!intrinsic_resolve(&p->scope, value, &v, err) || !stack_dynamic(p, &v, &whole, err))
        return false;
    if (text_of(p, &whole, out)) return true;
    return error_set(err, ERR_VALIDATION,
                     "Template format error: Output %.*s is malformed. The Value field of every "
                     "Outputs member must evaluate to a String.",
                     STR(o->name));
}

static Str users_of(StackPlan *p, Str name)
{
    StrVec users = stack_import_list(p->s->db, p->row->account, p->row->region, name, p->a);
    return users.n ? str_join(p->a, users.p, users.n, S(" and ")) : (Str){0};
}

static bool check_export(StackPlan *p, Str name, Str value, Error *err)
{
    StackExport x;
    StackRow owner;
    const StackRow *row = p->row;
    if (!stack_export_find(p->s->db, row->account, row->region, name, p->a, &x)) return true;
    if (x.stack != row->n) {
        bool there = stack_row_get(p->s->db, x.stack, p->a, &owner);
        return error_set(err, ERR_VALIDATION,
                         "Export with name %.*s is already exported by stack %.*s", STR(name),
                         STR(there ? owner.name : S("")));
    }
    Str users = users_of(p, name);
    return str_eq(x.value, value) || str_absent(users) ||
           error_set(err, ERR_VALIDATION, "Cannot update export %.*s as it is in use by %.*s",
                     STR(name), STR(users));
}

static bool make_output(StackPlan *p, const TemplateOutput *o, JsonArray *list, Error *err)
{
    JsonObject out = {.a = p->a};
    bool holds;
    Str value, name;
    if (!condition_holds(&p->scope, o->condition, &holds, err)) return false;
    if (!holds) return true;
    if (!resolve_text(p, o, o->value, &value, err)) return false;
    json_put_text(&out, S("OutputKey"), o->name);
    json_put_text(&out, S("OutputValue"), value);
    json_put_text(&out, S("Description"), o->description);
    if (o->export_name) {
        if (!resolve_text(p, o, o->export_name, &name, err) || !check_export(p, name, value, err))
            return false;
        json_put_text(&out, S("ExportName"), name);
    }
    json_add(list, json_object(&out));
    return true;
}

static bool still_exported(const Json *outputs, Str name)
{
    for (int32_t i = 0; i < json_count(outputs); i++)
        if (str_eq(json_text(json_get(&outputs->items[i], S("ExportName"))), name)) return true;
    return false;
}

/* What it exported and does not any more must be nobody's. */
static bool check_dropped(StackPlan *p, const Json *outputs, Error *err)
{
    Json was;
    Error ignored = {0};
    if (!json_parse(p->row->outputs, p->a, &was, &ignored)) return true;
    for (int32_t i = 0; i < json_count(&was); i++) {
        Str name = json_text(json_get(&was.items[i], S("ExportName")));
        if (str_absent(name) || (outputs && still_exported(outputs, name))) continue;
        Str users = users_of(p, name);
        if (!str_absent(users))
            return error_set(err, ERR_VALIDATION,
                             "Cannot delete export %.*s as it is in use by %.*s", STR(name),
                             STR(users));
    }
    return true;
}

static void record_exports(StackPlan *p, const Json *outputs)
{
    const StackRow *row = p->row;
    stack_export_clear(p->s->db, row->n);
    for (int32_t i = 0; i < json_count(outputs); i++) {
        Str name = json_text(json_get(&outputs->items[i], S("ExportName")));
        Str value = json_text(json_get(&outputs->items[i], S("OutputValue")));
        if (!str_absent(name))
            stack_export_set(p->s->db,
                             &(StackExport){row->account, row->region, name, value, row->n});
    }
}

bool stack_outputs(StackPlan *p, Json *out, Error *err)
{
    JsonArray list = {.a = p->a};
    p->imports = true;
    for (int64_t i = 0; i < p->t.outputs.n; i++)
        if (!make_output(p, &p->t.outputs.p[i], &list, err)) return false;
    *out = json_array(&list);
    if (!check_dropped(p, out, err)) return false;
    record_exports(p, out);
    return true;
}

bool stack_exports_unused(Server *s, const StackRow *row, Error *err)
{
    StackPlan p = {.s = s, .a = &s->turn, .row = row};
    return check_dropped(&p, NULL, err);
}
