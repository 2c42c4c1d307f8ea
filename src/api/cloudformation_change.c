/* cloudformation_change.c - changes as change sets tell them: what, why, whether it is replaced, and from which value to which. */
#include "api/cloudformation_change.h"
#include "core/stack/causes.h"

/* What AWS shows of a value that only the change itself will tell. */
#define LATER S("{{changeSet:KNOWN_AFTER_APPLY}}")

typedef struct Telling {
    Call *call;
    Arena *a;
    const StackGoal *goal;
    const StackChanges *all;
    const StackChange *c;
    Json before; /* parameters of the stack as it is */
} Telling;

/* ---- values ---- */

static bool secret(const Telling *t, const Json *expression)
{
    Causes causes = {0};
    causes_of(&t->goal->plan->t, expression, t->a, &causes);
    for (int64_t i = 0; i < causes.n; i++) {
        const TemplateParameter *p = template_parameter(&t->goal->plan->t, causes.p[i].entity);
        if (causes.p[i].kind == CAUSE_PARAMETER && p && p->no_echo) return true;
    }
    return false;
}

static const Json *expression_of(const TemplateResource *r, Str property)
{
    return r ? json_get(r->properties, property) : NULL;
}

static Json known(Arena *a, const Json *v)
{
    JsonArray list = {.a = a};
    JsonObject o = {.a = a};
    if (!stack_is_unknown(v)) return *v;
    if (json_is(v, JSON_ARRAY)) {
        for (int32_t i = 0; i < v->n; i++) json_add(&list, known(a, &v->items[i]));
        return json_array(&list);
    }
    Json unknown = stack_unknown();
    if (!json_is(v, JSON_OBJECT) || json_eq(v, &unknown)) return json_string(LATER);
    for (int32_t i = 0; i < v->n; i++)
        json_put(&o, v->members[i].key, known(a, &v->members[i].value));
    return json_object(&o);
}

static Json shown(const Telling *t, Str property, const Json *v)
{
    bool hidden = secret(t, expression_of(t->c->resource, property)) ||
                  secret(t, expression_of(t->c->old, property));
    return hidden ? json_string(S("****")) : known(t->a, v);
}

static Str as_text(Arena *a, const Json *v)
{
    return json_is(v, JSON_STRING) || json_is(v, JSON_NUMBER) ? json_text(v) : json_to_str(a, v);
}

/* ---- one detail ---- */

static Json target(const Telling *t, const char *attribute, Str name, Recreation r)
{
    JsonObject o = {.a = t->a};
    json_put_text(&o, S("Attribute"), str_from(attribute));
    json_put_text(&o, S("Name"), name);
    json_put_text(&o, S("RequiresRecreation"),
                  r == RECREATION_ALWAYS  ? S("Always")
                  : r == RECREATION_NEVER ? S("Never")
                                          : S("Conditionally"));
    return json_object(&o);
}

static Json property_target(const Telling *t, const PropertyChange *p)
{
    bool tags = str_eq(p->property, S("Tags"));
    JsonObject o = {.a = t->a};
    Json v = target(t, tags ? "Tags" : "Properties", tags ? (Str){0} : p->property, p->recreation);
    for (int32_t i = 0; i < v.n; i++) json_put(&o, v.members[i].key, v.members[i].value);
    json_put_text(&o, S("Path"), str_printf(t->a, "/Properties/%.*s", STR(p->property)));
    if (p->before) {
        Json was = shown(t, p->property, p->before);
        json_put_text(&o, S("BeforeValue"), as_text(t->a, &was));
    }
    if (p->after) {
        Json is = shown(t, p->property, p->after);
        json_put_text(&o, S("AfterValue"), as_text(t->a, &is));
    }
    json_put_text(&o, S("AttributeChangeType"),
                  !p->before  ? S("Add")
                  : !p->after ? S("Remove")
                              : S("Modify"));
    return json_object(&o);
}

static void detail(const Telling *t, Json to, bool dynamic, Str source, Str entity, JsonArray *list)
{
    JsonObject o = {.a = t->a};
    json_put(&o, S("Target"), to);
    json_put_text(&o, S("Evaluation"), dynamic ? S("Dynamic") : S("Static"));
    json_put_text(&o, S("ChangeSource"), source);
    json_put_text(&o, S("CausingEntity"), entity);
    json_add(list, json_object(&o));
}

/* ---- why ---- */

static bool parameter_changed(const Telling *t, Str name)
{
    const Json *was = json_get(&t->before, name), *is = json_get(&t->goal->plan->values, name);
    return !was || !is || !json_eq(was, is);
}

/* A resource that is changed may have another id, or other attributes. */
static bool resource_changes(const Telling *t, Str name)
{
    const StackChange *c = stack_change_of(t->all, name);
    return c && c->action != CHANGE_REMOVE;
}

static bool cause_counts(const Telling *t, const Cause *cause, bool dynamic)
{
    return cause->kind == CAUSE_PARAMETER ? parameter_changed(t, cause->entity)
                                          : dynamic && resource_changes(t, cause->resource);
}

static void property_details(const Telling *t, const PropertyChange *p, JsonArray *list)
{
    Causes causes = {0};
    Json to = property_target(t, p);
    const Json *was = expression_of(t->c->old, p->property),
               *is = expression_of(t->c->resource, p->property);
    bool direct = !was || !is || !json_eq(was, is);
    int64_t before = list->n;
    causes_of(&t->goal->plan->t, is, t->a, &causes);
    for (int64_t i = 0; i < causes.n; i++) {
        static const Str sources[] = {STR_INIT("ParameterReference"), STR_INIT("ResourceReference"),
                                      STR_INIT("ResourceAttribute")};
        const Cause *cause = &causes.p[i];
        if (!cause_counts(t, cause, p->dynamic)) continue;
        detail(t, to, cause->kind != CAUSE_PARAMETER, sources[cause->kind], cause->entity, list);
    }
    if (direct || list->n == before)
        detail(t, to, p->dynamic, S("DirectModification"), (Str){0}, list);
}

/* ---- the whole ---- */

static void add_word(JsonArray *list, bool holds, Str word)
{
    if (holds) json_add(list, json_string(word));
}

static void put_details(const Telling *t, JsonObject *o)
{
    const StackChange *c = t->c;
    JsonArray scope = {.a = t->a}, details = {.a = t->a};
    bool tags = c->tags, properties = false;
    for (int64_t i = 0; i < c->properties.n; i++) {
        bool is_tags = str_eq(c->properties.p[i].property, S("Tags"));
        tags |= is_tags;
        properties |= !is_tags;
        property_details(t, &c->properties.p[i], &details);
    }
    if (c->tags)
        detail(t, target(t, "Tags", (Str){0}, RECREATION_NEVER), false, S("DirectModification"),
               (Str){0}, &details);
    if (c->metadata)
        detail(t, target(t, "Metadata", (Str){0}, RECREATION_NEVER), false, S("DirectModification"),
               (Str){0}, &details);
    if (c->inner)
        detail(t, target(t, "Properties", (Str){0}, RECREATION_NEVER), true, S("Automatic"),
               (Str){0}, &details);
    add_word(&scope, properties || c->inner, S("Properties"));
    add_word(&scope, tags, S("Tags"));
    add_word(&scope, c->metadata, S("Metadata"));
    add_word(&scope, c->policies, S("DeletionPolicy"));
    json_put(o, S("Scope"), json_array(&scope));
    json_put(o, S("Details"), json_array(&details));
}

static Str context(const Telling *t, const Json *properties)
{
    JsonObject o = {.a = t->a}, whole = {.a = t->a};
    for (int32_t i = 0; i < json_count(properties); i++)
        json_put(&o, properties->members[i].key,
                 shown(t, properties->members[i].key, &properties->members[i].value));
    json_put(&whole, S("Properties"), json_object(&o));
    Json v = json_object(&whole);
    return json_to_str(t->a, &v);
}

static Str policy_action(const StackChange *c)
{
    static const char *const removed[] = {"Delete", "Retain", "Retain", "Snapshot"};
    static const char *const replaced[] = {"ReplaceAndDelete", "ReplaceAndRetain",
                                           "ReplaceAndRetain", "ReplaceAndSnapshot"};
    if (c->action == CHANGE_REMOVE) return str_from(removed[c->resource->deletion]);
    return c->action == CHANGE_MODIFY && c->replacement != REPLACEMENT_FALSE
               ? str_from(replaced[c->resource->update_replace])
               : (Str){0};
}

static void put_contexts(const Telling *t, const StackResourceRow *r, JsonObject *o)
{
    Json before;
    Error none = {0};
    if (r && !str_absent(r->properties) && json_parse(r->properties, t->a, &before, &none))
        json_put_text(o, S("BeforeContext"), context(t, &before));
    if (t->c->action != CHANGE_REMOVE)
        json_put_text(o, S("AfterContext"), context(t, &t->c->after));
}

static Json parameters_before(Call *call, const StackRow *row)
{
    Json facts;
    Error none = {0};
    const Json *values =
        json_parse(row->facts, call->arena, &facts, &none) ? json_get(&facts, S("values")) : NULL;
    return values ? *values : (Json){.type = JSON_OBJECT};
}

Json cfn_change(Call *call, const StackRow *row, const StackGoal *goal, const StackChanges *all,
                const StackChange *c)
{
    StackResourceRow r;
    static const char *const actions[] = {"Add", "Modify", "Remove"};
    JsonObject o = {.a = call->arena}, out = {.a = call->arena};
    Telling t = {call, call->arena, goal, all, c, parameters_before(call, row)};
    bool there = c->action != CHANGE_ADD &&
                 stack_resource_get(call->server->db, row->n, c->resource->name, t.a, &r);
    json_put_text(&o, S("PolicyAction"), policy_action(c));
    const Json *imported = json_get(json_get(&goal->facts, S("import")), c->resource->name);
    json_put_text(&o, S("Action"), imported ? S("Import") : str_from(actions[c->action]));
    json_put_text(&o, S("LogicalResourceId"), c->resource->name);
    if (there) json_put_text(&o, S("PhysicalResourceId"), r.physical);
    json_put_json(&o, S("PhysicalResourceId"), imported);
    json_put_text(&o, S("ResourceType"), c->resource->type);
    if (c->action == CHANGE_MODIFY)
        json_put_text(&o, S("Replacement"),
                      c->replacement == REPLACEMENT_TRUE    ? S("True")
                      : c->replacement == REPLACEMENT_FALSE ? S("False")
                                                            : S("Conditional"));
    put_details(&t, &o);
    put_contexts(&t, there ? &r : NULL, &o);
    json_put_text(&out, S("Type"), S("Resource"));
    json_put(&out, S("ResourceChange"), json_object(&o));
    return json_object(&out);
}

/* ---- without the values ---- */

static bool is_value(Str name)
{
    static const char *const names[] = {"BeforeContext", "AfterContext", "Path",
                                        "BeforeValue",   "AfterValue",   "AttributeChangeType"};
    for (int i = 0; i < countof(names); i++)
        if (str_eq(name, str_from(names[i]))) return true;
    return false;
}

Json cfn_change_shown(Arena *a, const Json *change, bool values)
{
    JsonObject o = {.a = a};
    JsonArray list = {.a = a};
    if (values || (!json_is(change, JSON_OBJECT) && !json_is(change, JSON_ARRAY))) return *change;
    for (int32_t i = 0; json_is(change, JSON_ARRAY) && i < change->n; i++)
        json_add(&list, cfn_change_shown(a, &change->items[i], values));
    for (int32_t i = 0; json_is(change, JSON_OBJECT) && i < change->n; i++)
        if (!is_value(change->members[i].key))
            json_put(&o, change->members[i].key,
                     cfn_change_shown(a, &change->members[i].value, values));
    return json_is(change, JSON_ARRAY) ? json_array(&list) : json_object(&o);
}
