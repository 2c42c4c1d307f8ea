/* cloudformation_import.c - resources that are there already taken into a stack: which may be, and by which names. */
#include "api/cloudformation.h"
#include "app/resources/resource.h"

/* ---- ChangeSetType IMPORT ---- */

static bool import_one(const StackGoal *g, const Json *given, JsonObject *ids, Error *err)
{
    Str name = json_text(json_get(given, S("LogicalResourceId"))),
        type = json_text(json_get(given, S("ResourceType")));
    const Json *identifier = json_get(given, S("ResourceIdentifier"));
    const TemplateResource *t = template_resource(&g->plan->t, name);
    const ResourceType *kind = resource_type(type);
    if (!t || !str_eq(t->type, type))
        return error_set(err, ERR_VALIDATION,
                         "Resource [%.*s] of type [%.*s] is not in the template", STR(name),
                         STR(type));
    if (!kind || !kind->import)
        return error_set(err, ERR_VALIDATION, "ResourceTypes [%.*s] are not supported for Import",
                         STR(type));
    Str physical = json_text(json_get(identifier, str_from(kind->identifier)));
    if (str_absent(physical))
        return error_set(err, ERR_VALIDATION,
                         "ResourceIdentifier of resource [%.*s] must have the key [%s]", STR(name),
                         kind->identifier);
    if (!json_get(t->body, S("DeletionPolicy")))
        return error_set(err, ERR_VALIDATION,
                         "Resources [%.*s] must have DeletionPolicy attribute specified in the "
                         "template.",
                         STR(name));
    json_put_text(ids, name, physical);
    return true;
}

/* Nothing but what is imported may differ. */
static bool check_changes(Call *call, const StackChanges *all, const Json *ids, Error *err)
{
    StrVec others = {0}, missing = {0};
    for (int64_t i = 0; i < all->list.n; i++) {
        const StackChange *c = &all->list.p[i];
        bool add = c->action == CHANGE_ADD;
        if (!add) *vec_push(call->arena, &others) = c->resource->name;
        if (add && !json_get(ids, c->resource->name))
            *vec_push(call->arena, &missing) = c->resource->name;
    }
    if (missing.n)
        return error_set(err, ERR_VALIDATION,
                         "Resources [%.*s] is missing from ResourceToImport list",
                         STR(str_join(call->arena, missing.p, missing.n, S(", "))));
    return !others.n ||
           error_set(err, ERR_VALIDATION,
                     "You have modified resources [%.*s] in your template that are not being "
                     "imported. Update, create or delete operations cannot be executed during "
                     "import operations.",
                     STR(str_join(call->arena, others.p, others.n, S(", "))));
}

static bool listed(Call *call, const StackGoal *g, const StackChanges *all, Json *ids, Error *err)
{
    JsonObject o = {.a = call->arena};
    const Json *list = json_get(&call->in, S("ResourcesToImport"));
    for (int32_t i = 0; i < json_count(list); i++)
        if (!import_one(g, &list->items[i], &o, err)) return false;
    *ids = json_object(&o);
    if (!json_count(ids))
        return error_set(err, ERR_VALIDATION,
                         "ResourcesToImport must be specified for change sets of type IMPORT");
    return check_changes(call, all, ids, err);
}

/* ---- ImportExistingResources: those with names of their own that are there ---- */

static bool is_there(Call *call, const StackRow *row, const StackChange *c, Str physical)
{
    Error none = {0};
    const ResourceType *kind = resource_type(c->resource->type);
    Resource r = {.s = call->server,
                  .a = call->arena,
                  .now = call->now,
                  .account = row->account,
                  .region = row->region,
                  .who = stack_identity(row, call->arena),
                  .stack_id = row->id,
                  .stack_name = row->name,
                  .logical = c->resource->name,
                  .type = c->resource->type,
                  .token = S(""),
                  .properties = c->after,
                  .physical = physical};
    return kind->import(&r, &none) == RESOURCE_DONE;
}

static Json existing(Call *call, const StackRow *row, const StackChanges *all)
{
    JsonObject o = {.a = call->arena};
    for (int64_t i = 0; i < all->list.n; i++) {
        const StackChange *c = &all->list.p[i];
        const ResourceType *kind = resource_type(c->resource->type);
        if (c->action != CHANGE_ADD || !kind || !kind->import) continue;
        const Json *name = json_get(&c->after, str_from(kind->identifier));
        if (json_is(name, JSON_STRING) && is_there(call, row, c, json_text(name)))
            json_put(&o, c->resource->name, *name);
    }
    return json_object(&o);
}

bool cfn_take_imports(Call *call, const StackRow *row, StackGoal *g, const StackChanges *all,
                      Error *err)
{
    Json ids = {.type = JSON_OBJECT};
    JsonObject o = {.a = call->arena};
    bool import = str_eq(cfn_text(call, "ChangeSetType"), S("IMPORT"));
    if (import && !listed(call, g, all, &ids, err)) return false;
    if (!import && json_true(json_get(&call->in, S("ImportExistingResources"))))
        ids = existing(call, row, all);
    if (!ids.n) return true;
    for (int32_t i = 0; i < g->facts.n; i++)
        json_put(&o, g->facts.members[i].key, g->facts.members[i].value);
    json_put(&o, S("import"), ids);
    g->facts = json_object(&o);
    return true;
}
