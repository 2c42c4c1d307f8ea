/* emr_shape.c - properties of AWS::EMR types in the shapes of EMR's own requests; pure. */
#include "app/resources/emr_shape.h"

/* ---- ConfigurationProperties, at any depth ---- */

static Json plain(const Json *v, Arena *a)
{
    JsonObject o = {.a = a};
    JsonArray list = {.a = a};
    if (!json_is(v, JSON_OBJECT) && !json_is(v, JSON_ARRAY)) return *v;
    for (int32_t i = 0; json_is(v, JSON_ARRAY) && i < v->n; i++)
        json_add(&list, plain(&v->items[i], a));
    for (int32_t i = 0; json_is(v, JSON_OBJECT) && i < v->n; i++) {
        bool renamed = str_eq(v->members[i].key, S("ConfigurationProperties"));
        json_put(&o, renamed ? S("Properties") : v->members[i].key,
                 renamed ? v->members[i].value : plain(&v->members[i].value, a));
    }
    return json_is(v, JSON_ARRAY) ? json_array(&list) : json_object(&o);
}

/* ---- instances ---- */

typedef struct Role {
    const char *property;
    const char *role;
    bool fleet, many;
} Role;

static const Role roles[] = {
    {"MasterInstanceGroup", "MASTER", false, false}, {"CoreInstanceGroup", "CORE", false, false},
    {"TaskInstanceGroups", "TASK", false, true},     {"MasterInstanceFleet", "MASTER", true, false},
    {"CoreInstanceFleet", "CORE", true, false},      {"TaskInstanceFleets", "TASK", true, true},
};

static void add_role(JsonArray *list, const Role *role, const Json *given)
{
    JsonObject o = {.a = list->a};
    json_put(&o, role->fleet ? S("InstanceFleetType") : S("InstanceRole"),
             json_string(str_from(role->role)));
    for (int32_t i = 0; json_is(given, JSON_OBJECT) && i < given->n; i++)
        json_put(&o, given->members[i].key, given->members[i].value);
    json_add(list, json_object(&o));
}

static const Role *role_of(Str property)
{
    for (int i = 0; i < countof(roles); i++)
        if (str_eq(property, str_from(roles[i].property))) return &roles[i];
    return NULL;
}

/* Without a word about it the cluster stays when its steps are done. */
static Json instances(const Json *given, Arena *a)
{
    JsonObject o = {.a = a};
    JsonArray groups = {.a = a}, fleets = {.a = a};
    for (int32_t i = 0; i < json_count(given); i++) {
        const JsonMember *m = &given->members[i];
        const Role *role = role_of(m->key);
        if (!role) {
            json_put(&o, m->key, m->value);
            continue;
        }
        JsonArray *list = role->fleet ? &fleets : &groups;
        if (!role->many) add_role(list, role, &m->value);
        for (int32_t k = 0; role->many && json_is(&m->value, JSON_ARRAY) && k < m->value.n; k++)
            add_role(list, role, &m->value.items[k]);
    }
    if (groups.n) json_put(&o, S("InstanceGroups"), json_array(&groups));
    if (fleets.n) json_put(&o, S("InstanceFleets"), json_array(&fleets));
    if (!json_get(given, S("KeepJobFlowAliveWhenNoSteps")))
        json_put(&o, S("KeepJobFlowAliveWhenNoSteps"), json_bool(true));
    if (!json_get(given, S("TerminationProtected")))
        json_put(&o, S("TerminationProtected"), json_bool(false));
    return json_object(&o);
}

/* ---- steps ---- */

static Json jar(const Json *given, Arena *a)
{
    JsonObject o = {.a = a};
    for (int32_t i = 0; i < json_count(given); i++) {
        bool named = str_eq(given->members[i].key, S("StepProperties"));
        json_put(&o, named ? S("Properties") : given->members[i].key, given->members[i].value);
    }
    return json_object(&o);
}

Json emr_step_shape(const Json *properties, Arena *a)
{
    JsonObject o = {.a = a};
    for (int32_t i = 0; i < json_count(properties); i++) {
        const JsonMember *m = &properties->members[i];
        if (str_eq(m->key, S("JobFlowId"))) continue;
        bool is_jar = str_eq(m->key, S("HadoopJarStep")) && json_is(&m->value, JSON_OBJECT);
        json_put(&o, m->key, is_jar ? jar(&m->value, a) : m->value);
    }
    return json_object(&o);
}

static Json steps(const Json *given, Arena *a)
{
    JsonArray list = {.a = a};
    for (int32_t i = 0; i < json_count(given); i++)
        json_add(&list, emr_step_shape(&given->items[i], a));
    return json_array(&list);
}

Json emr_cluster_shape(const Json *properties, Arena *a)
{
    JsonObject o = {.a = a};
    for (int32_t i = 0; i < json_count(properties); i++) {
        Str key = properties->members[i].key;
        Json v = str_eq(key, S("Tags")) ? properties->members[i].value
                                        : plain(&properties->members[i].value, a);
        if (str_eq(key, S("Instances")) && json_is(&v, JSON_OBJECT)) v = instances(&v, a);
        if (str_eq(key, S("Steps")) && json_is(&v, JSON_ARRAY)) v = steps(&v, a);
        json_put(&o, key, v);
    }
    return json_object(&o);
}
