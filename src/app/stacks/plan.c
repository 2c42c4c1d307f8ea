/* plan.c - a template in the place of its stack: parameters, pseudo parameters, conditions, and what resources are. */
#include "app/stacks/stacks.h"

#include "app/access/acting.h"
#include "app/stacks/template_url.h"

/* ---- what resources are ---- */

static bool parse(Str text, Arena *a, Json *out)
{
    Error err = {0};
    *out = (Json){.type = JSON_OBJECT};
    return !str_absent(text) && json_parse(text, a, out, &err);
}

static bool row_of(StackPlan *p, Str name, StackResourceRow *out)
{
    return stack_resource_get(p->s->db, p->row->n, name, p->a, out) && stack_resource_there(out);
}

static bool not_there(Str name, Error *err)
{
    return error_set(err, ERR_VALIDATION,
                     "Template format error: Unresolved resource dependencies [%.*s] in the "
                     "Resources block of the template",
                     STR(name));
}

static bool ref(void *state, Str name, Json *out, Error *err)
{
    StackPlan *p = state;
    StackResourceRow r;
    if (!row_of(p, name, &r)) return not_there(name, err);
    *out = json_string(r.physical);
    return true;
}

static bool attribute(void *state, Str name, Str of, Json *out, Error *err)
{
    StackPlan *p = state;
    StackResourceRow r;
    Json attributes;
    if (!row_of(p, name, &r)) return not_there(name, err);
    parse(r.attributes, p->a, &attributes);
    const Json *found = json_get(&attributes, of);
    if (found) return *out = *found, true;
    const ResourceType *type = resource_type_or_recorded(r.type);
    if (!type->attribute)
        return error_set(err, ERR_VALIDATION,
                         "Template error: resource %.*s does not support attribute type %.*s in "
                         "Fn::GetAtt",
                         STR(name), STR(of));
    return type->attribute(p->a, &r.physical, &attributes, of, out, err);
}

static bool imported(void *state, Str name, Json *out, Error *err)
{
    StackPlan *p = state;
    StackExport x;
    const StackRow *row = p->row;
    if (!stack_export_find(p->s->db, row->account, row->region, name, p->a, &x))
        return error_set(err, ERR_VALIDATION, "No export named %.*s found.", STR(name));
    if (p->imports && row->n) stack_import_add(p->s->db, row->n, row->account, row->region, name);
    *out = json_string(x.value);
    return true;
}

/* ---- the place ---- */

static Json pseudo_of(StackPlan *p)
{
    JsonObject o = {.a = p->a};
    const StackRow *row = p->row;
    const Json *arns = json_get(&p->facts, S("NotificationARNs"));
    json_put_text(&o, S("AWS::AccountId"), row->account);
    json_put_text(&o, S("AWS::Region"), row->region);
    json_put_text(&o, S("AWS::StackId"), row->id);
    json_put_text(&o, S("AWS::StackName"), row->name);
    json_put_text(&o, S("AWS::Partition"), S("aws"));
    json_put_text(&o, S("AWS::URLSuffix"), S("amazonaws.com"));
    json_put(&o, S("AWS::NotificationARNs"), arns ? *arns : (Json){.type = JSON_ARRAY});
    return json_object(&o);
}

Identity stack_identity(const StackRow *row, Arena *a)
{
    Identity who = acting_read(row->acting, row->account, row->region, a);
    who.verified = true;
    if (str_absent(who.role)) who.via = S("cloudformation.amazonaws.com");
    return who;
}

static Json zones_of(StackPlan *p)
{
    JsonArray list = {.a = p->a};
    static const char *const letters[] = {"a", "b", "c"};
    for (int i = 0; i < countof(letters); i++)
        json_add(&list, json_string(str_printf(p->a, "%.*s%s", STR(p->row->region), letters[i])));
    return json_array(&list);
}

bool stack_plan_of(Server *s, Arena *a, const StackRow *row, const Json *body, const Json *facts,
                   StackPlan *p, Error *err)
{
    *p = (StackPlan){.s = s, .a = a, .row = row, .facts = *facts, .body = *body};
    if (!template_check(&p->body, a, &p->t, err)) return false;
    const Json *values = json_get(facts, S("values"));
    p->values = values ? *values : (Json){.type = JSON_OBJECT};
    p->pseudo = pseudo_of(p);
    p->zones = zones_of(p);
    p->scope = (StackScope){.a = a,
                            .t = &p->t,
                            .parameters = &p->values,
                            .pseudo = &p->pseudo,
                            .zones = &p->zones,
                            .imported = imported,
                            .output = stack_output_of,
                            .state = p,
                            .bytes_left = STACK_VALUE_BYTES_MAX};
    if (!conditions_resolve(&p->scope, &p->conditions, err)) return false;
    p->scope.conditions = &p->conditions;
    p->scope.ref = ref;
    p->scope.attribute = attribute;
    return true;
}

bool stack_plan_open(Server *s, Arena *a, const StackRow *row, bool next, StackPlan *out,
                     Error *err)
{
    Json goal, facts;
    if (next && !str_absent(row->next)) {
        check(parse(row->next, a, &goal));
        return stack_plan_of(s, a, row, json_get(&goal, S("body")), json_get(&goal, S("facts")),
                             out, err);
    }
    check(parse(row->body, a, &goal) && parse(row->facts, a, &facts));
    return stack_plan_of(s, a, row, &goal, &facts, out, err);
}

/* ---- what differs ---- */

/* What an earlier update could not remove is no part of the stack any more: another one is made. */
static const Json *before(void *state, Str name)
{
    StackPlan *p = state;
    StackResourceRow r;
    if (!row_of(p, name, &r) || str_eq(r.status, S("DELETE_FAILED"))) return NULL;
    Json *v = new (p->a, Json);
    parse(r.properties, p->a, v);
    return v;
}

static bool in_list(const char *list, Str word)
{
    Str rest = str_from(list), part;
    while (rest.n && str_cut(&rest, ' ', &part))
        if (str_eq(part, word) || str_eq(part, S("*"))) return true;
    return false;
}

static Recreation recreation(void *state, Str type, Str property, const Json *was, const Json *is)
{
    const ResourceType *t = resource_type_or_recorded(type);
    (void)state;
    if (!t->update || in_list(t->replace, property)) return RECREATION_ALWAYS;
    if (t->replaces && t->replaces(was, is, property)) return RECREATION_ALWAYS;
    return RECREATION_NEVER;
}

/* A nested stack whose template at the same address is another one now. */
static bool inner(void *state, const TemplateResource *r, const Json *after)
{
    StackPlan *p = state;
    StackResourceRow resource;
    StackRow child;
    Str text;
    Error none = {0};
    Identity who = stack_identity(p->row, p->a);
    Str url = json_text(json_get(after, S("TemplateURL")));
    return str_eq(r->type, S("AWS::CloudFormation::Stack")) && !str_absent(url) &&
           row_of(p, r->name, &resource) &&
           stack_row_find(p->s->db, p->row->account, p->row->region, resource.physical, p->a,
                          &child) &&
           template_url_read(p->s, &who, url, p->a, &text, &none) && !str_eq(text, child.text);
}

bool stack_diff(StackPlan *next, StackGraph *graph, StackChanges *out, Error *err)
{
    Template old;
    Json body, facts;
    ChangeInput in = {.graph = graph,
                      .scope = next->scope,
                      .before = before,
                      .inner = inner,
                      .recreation = recreation};
    if (!stack_graph(&next->t, &next->conditions, next->a, graph, err)) return false;
    if (parse(next->row->body, next->a, &body) && template_check(&body, next->a, &old, err)) {
        parse(next->row->facts, next->a, &facts);
        const Json *was = json_get(&facts, S("Tags")), *is = json_get(&next->facts, S("Tags"));
        in.old = &old;
        in.tags = json_count(was) || json_count(is) ? !was || !is || !json_eq(was, is) : false;
    }
    return stack_change(&in, out, err);
}
