/* sam_machine.c - AWS::Serverless::StateMachine: its definition, role, version and alias. */
#include "core/stack/sam_inside.h"

#define SAME(name)                                                                                 \
    {                                                                                              \
        STR_INIT(name), STR_INIT(name)                                                             \
    }
#define OURS(name)                                                                                 \
    {                                                                                              \
        .from = STR_INIT(name)                                                                     \
    }

const SamProperty sam_machine_properties[] = {
    {STR_INIT("Name"), STR_INIT("StateMachineName")},
    {STR_INIT("Type"), STR_INIT("StateMachineType")},
    {STR_INIT("Logging"), STR_INIT("LoggingConfiguration")},
    {STR_INIT("Tracing"), STR_INIT("TracingConfiguration")},
    SAME("EncryptionConfiguration"),
    OURS("Definition"),
    OURS("DefinitionUri"),
    OURS("DefinitionSubstitutions"),
    OURS("Role"),
    OURS("Policies"),
    OURS("PermissionsBoundary"),
    OURS("RolePath"),
    OURS("Tags"),
    OURS("PropagateTags"),
    OURS("Events"),
    OURS("AutoPublishAlias"),
    OURS("UseAliasAsEventTarget"),
    OURS("DeploymentPreference"),
};
const int sam_machine_properties_n = countof(sam_machine_properties);

/* ---- the definition ---- */

typedef struct Definition {
    Sam *s;
    JsonObject substitutions;
    int made;
} Definition;

/* Functions within a definition become ${definition_substitution_1}, and their values
 * substitutions. */
static Json without_functions(Definition *d, const Json *v)
{
    if (sam_is_function(v)) {
        Str name = str_printf(d->s->a, "definition_substitution_%d", ++d->made);
        json_put(&d->substitutions, name, *v);
        return json_string(str_printf(d->s->a, "${%.*s}", STR(name)));
    }
    if (json_is(v, JSON_ARRAY)) {
        JsonArray list = {.a = d->s->a};
        for (int32_t i = 0; i < v->n; i++) json_add(&list, without_functions(d, &v->items[i]));
        return json_array(&list);
    }
    if (!json_is(v, JSON_OBJECT)) return *v;
    JsonObject o = {.a = d->s->a};
    for (int32_t i = 0; i < v->n; i++)
        json_put(&o, v->members[i].key, without_functions(d, &v->members[i].value));
    return json_object(&o);
}

/* Line by line, as it is to be read in the processed template. */
static Json definition_lines(Arena *a, const Json *v)
{
    Buf text = {.a = a};
    JsonArray lines = {.a = a};
    Str rest, line;
    json_write_pretty(&text, v);
    rest = buf_str(&text);
    while (str_cut(&rest, '\n', &line)) json_add(&lines, json_string(line));
    Json all = json_array(&lines);
    return SAM(a, "{'Fn::Join': ['\\n', '@1']}", &all);
}

static bool definition(Sam *s, const SamResource *r, JsonObject *out, Error *err)
{
    static const char *const names[3] = {"Bucket", "Key", "Version"};
    const Json *own = json_get(r->p, S("Definition")), *uri = json_get(r->p, S("DefinitionUri"));
    const Json *given = json_get(r->p, S("DefinitionSubstitutions"));
    Definition d = {.s = s, .substitutions = {.a = s->a}};
    Json location;
    if (own && uri)
        return sam_error(err, "Specify either 'Definition' or 'DefinitionUri' property and not "
                              "both.");
    if (!own && !uri)
        return sam_error(err, "Either 'Definition' or 'DefinitionUri' property must be specified.");
    if (uri && !sam_location(s->a, uri, "DefinitionUri", names, &location, err)) return false;
    if (uri) json_put(out, S("DefinitionS3Location"), location);
    for (int32_t i = 0; json_is(given, JSON_OBJECT) && i < given->n; i++)
        json_put(&d.substitutions, given->members[i].key, given->members[i].value);
    if (own) {
        Json plain = without_functions(&d, own);
        json_put(out, S("DefinitionString"), definition_lines(s->a, &plain));
    }
    if (d.substitutions.n)
        json_put(out, S("DefinitionSubstitutions"), json_object(&d.substitutions));
    return true;
}

/* ---- version and alias ---- */

static bool publish(Sam *s, const SamResource *r, const Json *properties, Str *out, Error *err)
{
    const Json *v = json_get(r->p, S("AutoPublishAlias"));
    Str name;
    if (json_get(r->p, S("DeploymentPreference")))
        return sam_error(err, "The property 'DeploymentPreference' is not offered.");
    if (!v) return true;
    if (!sam_known_text(s, v, &name))
        return sam_error(err,
                         "'AutoPublishAlias' must be a string or a Ref to a template parameter");
    Str version = sam_id(s, r->id, S("Version"), str_z(s->a, sam_hash(s->a, properties)));
    *out = sam_id(s, r->id, S("Alias"), str_z(s->a, name));
    sam_add(s, r, version,
            SAM(s->a,
                "{'Type': 'AWS::StepFunctions::StateMachineVersion', 'DeletionPolicy': 'Retain', "
                "'UpdateReplacePolicy': 'Retain', 'Properties': {'StateMachineArn': '@1', "
                "'StateMachineRevisionId': '@2'}}",
                sam_ref(s->a, r->id), sam_att(s->a, r->id, "StateMachineRevisionId")));
    sam_add(s, r, *out,
            SAM(s->a,
                "{'Type': 'AWS::StepFunctions::StateMachineAlias', 'Properties': {'Name': '@1', "
                "'RoutingConfiguration': [{'StateMachineVersionArn': '@2', 'Weight': 100}]}}",
                sam_string(s->a, name), sam_ref(s->a, version)));
    *vec_push(s->a, &s->names) = (SamName){sam_id(s, r->id, S(""), ".Alias"), *out};
    *vec_push(s->a, &s->names) = (SamName){sam_id(s, r->id, S(""), ".Version"), version};
    return true;
}

/* ---- the machine ---- */

static bool machine_role(Sam *s, const SamResource *r, const Json **out, Error *err)
{
    StrVec managed = {0};
    JsonArray none = {.a = s->a};
    if (json_get(r->p, S("Role")) && json_get(r->p, S("Policies")))
        return sam_error(err, "Specify either 'Role' or 'Policies' property and not both.");
    if (json_true(json_get(json_get(r->p, S("Tracing")), S("Enabled"))))
        *vec_push(s->a, &managed) = S("AWSXRayDaemonWriteAccess");
    return sam_role(s, r, S("states.amazonaws.com"), &managed, &none, out, err);
}

bool sam_machine(Sam *s, const SamResource *r, Error *err)
{
    JsonObject o = {.a = s->a};
    const Json *role;
    Str alias = {0};
    if (!definition(s, r, &o, err) || !machine_role(s, r, &role, err)) return false;
    json_put(&o, S("RoleArn"), *role);
    sam_pass(r->p, sam_machine_properties, sam_machine_properties_n, &o);
    json_put(&o, S("Tags"),
             *sam_tags(s->a, json_get(r->p, S("Tags")), S("stateMachine:createdBy")));
    Json properties = json_object(&o);
    sam_add_main(
        s, r, r->id,
        SAM(s->a, "{'Type': 'AWS::StepFunctions::StateMachine', 'Properties': '@1'}", &properties));
    if (!publish(s, r, &properties, &alias, err)) return false;
    const Json *by_alias = json_get(r->p, S("UseAliasAsEventTarget"));
    bool aliased = !str_absent(alias) && (!by_alias || !json_is(by_alias, JSON_FALSE));
    SamTarget target = {.machine = true, .arn = sam_ref(s->a, aliased ? alias : r->id)};
    return sam_events(s, r, &target, err);
}
