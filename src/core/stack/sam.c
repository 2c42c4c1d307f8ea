/* sam.c - the SAM transform: every serverless resource expanded, the rest kept, all faults told at once. */
#include "core/stack/sam.h"

#include "core/stack/sam_inside.h"

typedef struct Kind {
    Str type, global; /* global: its name in the Globals section */
    const SamProperty *properties;
    const int *properties_n;
    SamExpandFn *expand;
} Kind;

static const Kind kinds[] = {
    {STR_INIT("AWS::Serverless::Function"), STR_INIT("Function"), sam_function_properties,
     &sam_function_properties_n, sam_function},
    {STR_INIT("AWS::Serverless::StateMachine"), STR_INIT("StateMachine"), sam_machine_properties,
     &sam_machine_properties_n, sam_machine},
    {STR_INIT("AWS::Serverless::SimpleTable"), STR_INIT("SimpleTable"), sam_table_properties,
     &sam_table_properties_n, sam_table},
    {STR_INIT("AWS::Serverless::LayerVersion"), STR_INIT("LayerVersion"), sam_layer_properties,
     &sam_layer_properties_n, sam_layer},
};

/* ---- what is made ---- */

void sam_add(Sam *s, const SamResource *of, Str id, Json resource)
{
    const Json *condition = json_get(of->body, S("Condition"));
    if (condition) resource = sam_with(s->a, &resource, S("Condition"), condition);
    json_put(&s->made, id, resource);
}

void sam_add_main(Sam *s, const SamResource *r, Str id, Json resource)
{
    static const Str kept[] = {STR_INIT("DependsOn"), STR_INIT("Metadata"),
                               STR_INIT("DeletionPolicy"), STR_INIT("UpdateReplacePolicy"),
                               STR_INIT("UpdatePolicy")};
    for (int i = 0; i < countof(kept); i++) {
        const Json *v = json_get(r->body, kept[i]);
        if (v) resource = sam_with(s->a, &resource, kept[i], v);
    }
    sam_add(s, r, id, resource);
}

static void add_fault(Sam *s, Str id, const Error *err)
{
    *vec_push(s->a, &s->faults) =
        str_printf(s->a, "Resource with id [%.*s] is invalid. %.*s", STR(id), STR(error_text(err)));
}

/* ---- resources ---- */

static const Kind *kind_of(Str type)
{
    for (int i = 0; i < countof(kinds); i++)
        if (str_eq(kinds[i].type, type)) return &kinds[i];
    return NULL;
}

static bool expand(Sam *s, const Kind *kind, const JsonMember *m, Error *err)
{
    static const Json none = {.type = JSON_OBJECT};
    const Json *own = json_get(&m->value, S("Properties"));
    if (!own || json_is(own, JSON_NULL)) own = &none;
    if (!json_is(own, JSON_OBJECT)) return sam_error(err, "Properties must be a map.");
    if (!sam_known(own, kind->properties, *kind->properties_n, str_z(s->a, kind->type), err))
        return false;
    Json merged = sam_merged(s->a, json_get(s->globals, kind->global), own);
    SamResource r = {.id = m->key, .body = &m->value, .p = &merged};
    return kind->expand(s, &r, err);
}

static void transform_resource(Sam *s, const JsonMember *m)
{
    Error err = {0};
    Str type = json_text(json_get(&m->value, S("Type")));
    const Kind *kind = kind_of(type);
    if (kind) {
        if (!expand(s, kind, m, &err)) add_fault(s, m->key, &err);
    } else if (str_starts(type, S("AWS::Serverless::"))) {
        (void)sam_error(&err, "The type %.*s is not offered.", STR(type));
        add_fault(s, m->key, &err);
    } else {
        json_put(&s->made, m->key, m->value);
    }
}

static bool connectors(const Json *resources, Str *id)
{
    for (int32_t i = 0; i < json_count(resources); i++) {
        *id = resources->members[i].key;
        if (json_get(&resources->members[i].value, S("Connectors"))) return true;
    }
    return false;
}

/* ---- buckets that tell functions ---- */

static Json appended(Arena *a, const Json *list, const Json *item)
{
    JsonArray out = {.a = a};
    if (json_is(list, JSON_STRING)) json_add(&out, *list);
    for (int32_t i = 0; json_is(list, JSON_ARRAY) && i < list->n; i++)
        json_add(&out, list->items[i]);
    json_add(&out, *item);
    return json_array(&out);
}

/* Once, however many events one permission is for. */
static Json depends_on(Arena *a, const Json *all, Str id)
{
    bool there = false;
    for (int32_t i = 0; json_is(all, JSON_ARRAY) && i < all->n && !there; i++)
        there = str_eq(json_text(&all->items[i]), id);
    return there ? *all : appended(a, all, sam_string(a, id));
}

static Json noticed(Arena *a, const Json *bucket, const SamNotice *n)
{
    static const Json none = {.type = JSON_OBJECT};
    const Json *properties = json_get(bucket, S("Properties"));
    const Json *all = json_get(properties, S("NotificationConfiguration"));
    Json list = appended(a, json_get(all, S("LambdaConfigurations")), &n->configuration);
    Json depends = depends_on(a, json_get(bucket, S("DependsOn")), n->permission);
    Json told = sam_with(a, all ? all : &none, S("LambdaConfigurations"), &list);
    Json changed =
        sam_with(a, properties ? properties : &none, S("NotificationConfiguration"), &told);
    Json made = sam_with(a, bucket, S("Properties"), &changed);
    return sam_with(a, &made, S("DependsOn"), &depends);
}

static void notice_buckets(Sam *s)
{
    for (int64_t i = 0; i < s->notices.n; i++)
        for (int64_t k = 0; k < s->made.n; k++)
            if (str_eq(s->made.p[k].key, s->notices.p[i].bucket))
                s->made.p[k].value = noticed(s->a, &s->made.p[k].value, &s->notices.p[i]);
}

/* ---- the document ---- */

/* Before what takes more time the more there is. */
static bool bounded(const Sam *s, Error *err)
{
    if (s->made.n <= SAM_MADE_MAX && s->notices.n <= SAM_NOTICES_MAX) return true;
    return error_set(err, ERR_VALIDATION,
                     "Transform " SAM_TRANSFORM " failed with: the document becomes more than %d "
                     "resources or %d notifications of buckets.",
                     SAM_MADE_MAX, SAM_NOTICES_MAX);
}

static void check_twice(Sam *s)
{
    for (int64_t i = 0; i < s->made.n; i++)
        for (int64_t k = 0; k < i; k++)
            if (str_eq(s->made.p[i].key, s->made.p[k].key)) {
                Error err = {0};
                (void)sam_error(&err, "Another resource has the same logical id.");
                add_fault(s, s->made.p[i].key, &err);
            }
}

static bool told(const Sam *s, Error *err)
{
    Str all = str_join(s->a, s->faults.p, s->faults.n, S(" "));
    return s->faults.n == 0 ||
           error_set(err, ERR_VALIDATION,
                     "Transform " SAM_TRANSFORM " failed with: Invalid Serverless Application "
                     "Specification document. Number of errors found: %" PRId64 ". %.*s",
                     s->faults.n, STR(all));
}

/* The transforms that remain; NULL: none. */
static const Json *other_transforms(const Sam *s)
{
    const Json *v = json_get(s->root, S("Transform"));
    JsonArray rest = {.a = s->a};
    for (int32_t i = 0; json_is(v, JSON_ARRAY) && i < v->n; i++)
        if (!str_eq(json_text(&v->items[i]), S(SAM_TRANSFORM))) json_add(&rest, v->items[i]);
    return rest.n ? sam_keep(s->a, json_array(&rest)) : NULL;
}

static Json document(const Sam *s)
{
    JsonObject out = {.a = s->a};
    for (int32_t i = 0; i < s->root->n; i++) {
        const JsonMember *m = &s->root->members[i];
        if (str_eq(m->key, S("Globals"))) continue;
        if (str_eq(m->key, S("Transform")))
            json_put_json(&out, m->key, other_transforms(s));
        else if (str_eq(m->key, S("Resources")))
            json_put(&out, m->key, json_object(&s->made));
        else
            json_put(&out, m->key, m->value);
    }
    return json_object(&out);
}

bool sam_transform(const Json *root, const Json *parameters, Arena *a, Json *out, Error *err)
{
    Sam s = {.a = a, .root = root, .parameters = parameters, .made = {.a = a}};
    const Json *resources = json_get(root, S("Resources"));
    Error fault = {0};
    Str id;
    if (!json_is(resources, JSON_OBJECT) || resources->n > SAM_RESOURCES_MAX)
        return error_set(err, ERR_VALIDATION,
                         "Template format error: At least one and at most %d Resources members "
                         "must be defined.",
                         SAM_RESOURCES_MAX);
    if (!sam_globals(&s, &fault)) *vec_push(a, &s.faults) = str_copy(a, error_text(&fault));
    for (int32_t i = 0; i < resources->n; i++) transform_resource(&s, &resources->members[i]);
    if (connectors(resources, &id)) {
        (void)sam_error(&fault, "Connectors are not offered.");
        add_fault(&s, id, &fault);
    }
    if (!bounded(&s, err)) return false;
    notice_buckets(&s);
    check_twice(&s);
    if (!told(&s, err)) return false;
    Json made = document(&s);
    *out = sam_rename(&s, &made);
    return true;
}
