/* sam_role.c - the role that SAM makes for a function or a state machine out of its Policies. */
#include "core/stack/sam_inside.h"

typedef struct Policies {
    JsonArray managed, documents;
} Policies;

/* Where in IAM the managed policies lie that are not at its top. */
static Str managed_path(Str name)
{
    static const Str service[] = {
        STR_INIT("AWSLambdaBasicExecutionRole"),
        STR_INIT("AWSLambdaDynamoDBExecutionRole"),
        STR_INIT("AWSLambdaKinesisExecutionRole"),
        STR_INIT("AWSLambdaRole"),
        STR_INIT("AWSLambdaSQSQueueExecutionRole"),
        STR_INIT("AWSLambdaVPCAccessExecutionRole"),
        STR_INIT("AWSGlueServiceRole"),
        STR_INIT("AmazonElasticMapReduceRole"),
        STR_INIT("AmazonElasticMapReduceforEC2Role"),
        STR_INIT("AmazonElasticMapReduceforAutoScalingRole"),
        STR_INIT("AmazonEMRServicePolicy_v2"),
        STR_INIT("AmazonSNSRole"),
        STR_INIT("AmazonAPIGatewayPushToCloudWatchLogs"),
    };
    for (int i = 0; i < countof(service); i++)
        if (str_eq(name, service[i])) return S("service-role/");
    return S("");
}

static Json managed_arn(Arena *a, Str name)
{
    if (str_starts(name, S("arn:"))) return json_string(name);
    Str path = managed_path(name);
    return json_string(str_printf(a, "arn:aws:iam::aws:policy/%.*s%.*s", STR(path), STR(name)));
}

static Json named(Sam *s, Str role, Policies *out, const Json *document)
{
    Str name = str_printf(s->a, "%.*sPolicy%" PRId64, STR(role), out->documents.n);
    return SAM(s->a, "{'PolicyName': '@1', 'PolicyDocument': '@2'}", sam_string(s->a, name),
               document);
}

static bool take_template(Sam *s, Str role, const JsonMember *m, int32_t at, Policies *out,
                          Error *err)
{
    Json document;
    if (!sam_policy_known(m->key))
        return sam_error(err, "Policy at index %d in the 'Policies' property is not valid", at);
    if (!sam_policy(s->a, m->key, &m->value, &document, err)) return false;
    json_add(&out->documents, named(s, role, out, &document));
    return true;
}

static bool take_policy(Sam *s, Str role, const Json *v, int32_t at, Policies *out, Error *err)
{
    if (json_is(v, JSON_STRING))
        return json_add(&out->managed, managed_arn(s->a, json_text(v))), true;
    if (str_eq(json_text(json_get(v, S("Ref"))), S("AWS::NoValue"))) return true;
    if (sam_is_function(v)) return json_add(&out->managed, *v), true;
    if (json_get(v, S("Statement"))) return json_add(&out->documents, named(s, role, out, v)), true;
    if (json_is(v, JSON_OBJECT) && v->n == 1)
        return take_template(s, role, &v->members[0], at, out, err);
    return sam_error(err, "Policy at index %d in the 'Policies' property is not valid", at);
}

/* One policy, or a list of them. */
static bool take_policies(Sam *s, Str role, const Json *v, Policies *out, Error *err)
{
    if (!v || json_is(v, JSON_NULL)) return true;
    if (!json_is(v, JSON_ARRAY)) return take_policy(s, role, v, 0, out, err);
    for (int32_t i = 0; i < v->n; i++)
        if (!take_policy(s, role, &v->items[i], i, out, err)) return false;
    return true;
}

static void add_role(Sam *s, const SamResource *r, Str id, Str service, const Policies *p)
{
    Json managed = json_array(&p->managed), documents = json_array(&p->documents);
    bool machine = str_starts(service, S("states."));
    const Json *trust = json_get(r->p, S("AssumeRolePolicyDocument"));
    const Json *tags = json_get(r->p, S("Tags"));
    Json assume = SAM(s->a,
                      "{'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Action': "
                      "['sts:AssumeRole'], 'Principal': {'Service': ['@1']}}]}",
                      sam_string(s->a, service));
    if (!json_true(json_get(r->p, S("PropagateTags")))) tags = NULL;
    sam_add(
        s, r, id,
        SAM(s->a,
            "{'Type': 'AWS::IAM::Role', 'Properties': {'AssumeRolePolicyDocument': '@1', "
            "'ManagedPolicyArns': '@2', 'Policies': '@3', 'PermissionsBoundary': '@4', "
            "'Path': '@5', 'Tags': '@6'}}",
            trust ? trust : &assume, managed.n ? &managed : NULL, documents.n ? &documents : NULL,
            json_get(r->p, S("PermissionsBoundary")), json_get(r->p, S("RolePath")),
            sam_tags(s->a, tags, machine ? S("stateMachine:createdBy") : S("lambda:createdBy"))));
}

bool sam_role(Sam *s, const SamResource *r, Str service, const StrVec *managed,
              const JsonArray *more, const Json **out, Error *err)
{
    const Json *role = json_get(r->p, S("Role"));
    Policies p = {{.a = s->a}, {.a = s->a}};
    Str id = sam_id(s, r->id, S(""), "Role");
    if (role && !json_is(role, JSON_NULL)) return *out = role, true;
    for (int64_t i = 0; i < managed->n; i++) json_add(&p.managed, managed_arn(s->a, managed->p[i]));
    if (!take_policies(s, id, json_get(r->p, S("Policies")), &p, err)) return false;
    if (!take_policies(s, id, json_get(r->p, S("ManagedPolicyArns")), &p, err)) return false;
    for (int64_t i = 0; i < more->n; i++) json_add(&p.documents, more->p[i]);
    add_role(s, r, id, service, &p);
    *out = sam_att(s->a, id, "Arn");
    return true;
}
