/* sam_function.c - AWS::Serverless::Function: the function, its role, version and alias. */
#include "core/stack/sam_inside.h"

#define SAME(name)                                                                                 \
    {                                                                                              \
        STR_INIT(name), STR_INIT(name)                                                             \
    }
#define OURS(name)                                                                                 \
    {                                                                                              \
        .from = STR_INIT(name)                                                                     \
    }

const SamProperty sam_function_properties[] = {
    SAME("FunctionName"),
    SAME("Description"),
    SAME("Handler"),
    SAME("Runtime"),
    SAME("MemorySize"),
    SAME("Timeout"),
    SAME("Environment"),
    SAME("VpcConfig"),
    SAME("KmsKeyArn"),
    SAME("Layers"),
    SAME("Architectures"),
    SAME("PackageType"),
    SAME("ImageConfig"),
    SAME("EphemeralStorage"),
    SAME("FileSystemConfigs"),
    SAME("SnapStart"),
    SAME("LoggingConfig"),
    SAME("RuntimeManagementConfig"),
    SAME("CodeSigningConfigArn"),
    SAME("ReservedConcurrentExecutions"),
    SAME("RecursiveLoop"),
    OURS("CodeUri"),
    OURS("InlineCode"),
    OURS("ImageUri"),
    OURS("Role"),
    OURS("Policies"),
    OURS("AssumeRolePolicyDocument"),
    OURS("PermissionsBoundary"),
    OURS("RolePath"),
    OURS("Tags"),
    OURS("PropagateTags"),
    OURS("Tracing"),
    OURS("DeadLetterQueue"),
    OURS("Events"),
    OURS("AutoPublishAlias"),
    OURS("AutoPublishAliasAllProperties"),
    OURS("AutoPublishCodeSha256"),
    OURS("VersionDescription"),
    OURS("ProvisionedConcurrencyConfig"),
    OURS("EventInvokeConfig"),
    OURS("DeploymentPreference"),
    OURS("FunctionUrlConfig"),
    OURS("VersionDeletionPolicy"),
};
const int sam_function_properties_n = countof(sam_function_properties);

/* ---- code ---- */

static bool code_of(Sam *s, const SamResource *r, Json *out, Error *err)
{
    static const char *const names[3] = {"S3Bucket", "S3Key", "S3ObjectVersion"};
    const Json *text = json_get(r->p, S("InlineCode")), *uri = json_get(r->p, S("CodeUri"));
    const Json *image = json_get(r->p, S("ImageUri"));
    if (image) return *out = SAM(s->a, "{'ImageUri': '@1'}", image), true;
    if (text) return *out = SAM(s->a, "{'ZipFile': '@1'}", text), true;
    if (uri) return sam_location(s->a, uri, "CodeUri", names, out, err);
    return sam_error(err, "Either 'InlineCode' or 'CodeUri' must be set.");
}

/* ---- what is not offered ---- */

static bool offered(const SamResource *r, Error *err)
{
    const Json *v = json_get(r->p, S("DeploymentPreference"));
    return !v || json_is(json_get(v, S("Enabled")), JSON_FALSE) ||
           sam_error(err, "The property 'DeploymentPreference' is not offered.");
}

/* ---- dead letters ---- */

static bool dead_letters(Sam *s, const SamResource *r, JsonArray *policies, Json *out, Error *err)
{
    const Json *v = json_get(r->p, S("DeadLetterQueue"));
    const Json *arn = json_get(v, S("TargetArn"));
    Str type = json_text(json_get(v, S("Type")));
    bool queue = str_eq(type, S("SQS"));
    if (!v) return true;
    if (!arn || str_absent(type))
        return sam_error(err, "'DeadLetterQueue' requires Type and TargetArn properties to be "
                              "specified.");
    if (!queue && !str_eq(type, S("SNS")))
        return sam_error(err, "'DeadLetterQueue' requires Type of either 'SNS' or 'SQS'.");
    *out = SAM(s->a, "{'TargetArn': '@1'}", arn);
    json_add(policies,
             SAM(s->a,
                 "{'PolicyName': 'DeadLetterQueuePolicy', 'PolicyDocument': {'Version': "
                 "'2012-10-17', 'Statement': [{'Effect': 'Allow', 'Action': '@1', 'Resource': "
                 "'@2'}]}}",
                 sam_string(s->a, queue ? S("sqs:SendMessage") : S("sns:Publish")), arn));
    return true;
}

/* Leave to send to the destinations of asynchronous invocations. */
static bool destination_policies(Sam *s, const SamResource *r, JsonArray *policies, Error *err)
{
    static const SamProperty actions[] = {{STR_INIT("SQS"), STR_INIT("sqs:SendMessage")},
                                          {STR_INIT("SNS"), STR_INIT("sns:Publish")},
                                          {STR_INIT("Lambda"), STR_INIT("lambda:InvokeFunction")},
                                          {STR_INIT("EventBridge"), STR_INIT("events:PutEvents")}};
    const Json *all = json_get(json_get(r->p, S("EventInvokeConfig")), S("DestinationConfig"));
    for (int32_t i = 0; json_is(all, JSON_OBJECT) && i < all->n; i++) {
        const JsonMember *m = &all->members[i];
        const Json *arn = json_get(&m->value, S("Destination"));
        Str type = json_text(json_get(&m->value, S("Type"))), action = {0};
        for (int k = 0; k < countof(actions); k++)
            if (str_eq(type, actions[k].from)) action = actions[k].to;
        if (!arn || str_absent(action))
            return sam_error(err,
                             "'EventInvokeConfig' needs Type (SQS, SNS, Lambda or EventBridge) and "
                             "Destination for '%.*s'; queues and topics are not made for it.",
                             STR(m->key));
        Str name = str_printf(s->a, "EventInvokeConfig%.*sPolicy", STR(m->key));
        json_add(policies,
                 SAM(s->a,
                     "{'PolicyName': '@1', 'PolicyDocument': {'Version': '2012-10-17', "
                     "'Statement': [{'Effect': 'Allow', 'Action': '@2', 'Resource': '@3'}]}}",
                     sam_string(s->a, name), sam_string(s->a, action), arn));
    }
    return true;
}

/* ---- managed policies that follow from other properties ---- */

static void add_for_events(Sam *s, const Json *events, StrVec *out)
{
    static const struct {
        Str type, policy;
    } needs[] = {
        {STR_INIT("SQS"), STR_INIT("AWSLambdaSQSQueueExecutionRole")},
        {STR_INIT("Kinesis"), STR_INIT("AWSLambdaKinesisExecutionRole")},
        {STR_INIT("DynamoDB"), STR_INIT("AWSLambdaDynamoDBExecutionRole")},
    };
    for (int k = 0; k < countof(needs); k++) {
        bool needed = false;
        for (int32_t i = 0; json_is(events, JSON_OBJECT) && i < events->n && !needed; i++) {
            const Json *e = &events->members[i].value, *p = json_get(e, S("Properties"));
            const Json *by_queue = json_get(p, S("SqsSubscription"));
            needed = str_eq(json_text(json_get(e, S("Type"))), needs[k].type) ||
                     (k == 0 && by_queue && !json_is(by_queue, JSON_FALSE));
        }
        if (needed) *vec_push(s->a, out) = needs[k].policy;
    }
}

static void managed_policies(Sam *s, const SamResource *r, StrVec *out)
{
    Str tracing = json_text(json_get(r->p, S("Tracing")));
    *vec_push(s->a, out) = S("AWSLambdaBasicExecutionRole");
    if (str_eq(tracing, S("Active"))) *vec_push(s->a, out) = S("AWSXRayDaemonWriteAccess");
    if (json_get(r->p, S("VpcConfig"))) *vec_push(s->a, out) = S("AWSLambdaVPCAccessExecutionRole");
    add_for_events(s, json_get(r->p, S("Events")), out);
}

/* ---- version and alias ---- */

static Str alphanumeric(Arena *a, Str s)
{
    Buf b = {.a = a};
    for (int64_t i = 0; i < s.n; i++) {
        char c = s.p[i], letter = c | 0x20;
        if ((letter >= 'a' && letter <= 'z') || (c >= '0' && c <= '9')) buf_putc(&b, c);
    }
    return buf_str(&b);
}

static Str add_version(Sam *s, const SamResource *r, const Json *code)
{
    const Json *sha = json_get(r->p, S("AutoPublishCodeSha256"));
    const Json *of = json_true(json_get(r->p, S("AutoPublishAliasAllProperties"))) ? r->p : code;
    Str id = sam_id(s, r->id, S("Version"), str_z(s->a, sam_hash(s->a, sha ? sha : of)));
    const Json *kept = json_get(r->p, S("VersionDeletionPolicy"));
    const Json *retain = kept ? kept : sam_string(s->a, S("Retain"));
    sam_add(s, r, id,
            SAM(s->a,
                "{'Type': 'AWS::Lambda::Version', 'DeletionPolicy': '@1', 'UpdateReplacePolicy': "
                "'@1', 'Properties': {'FunctionName': '@2', 'Description': '@3'}}",
                retain, sam_ref(s->a, r->id), json_get(r->p, S("VersionDescription"))));
    return id;
}

/* *out: the alias' logical id; absent: none is published. */
static bool publish(Sam *s, const SamResource *r, const Json *code, Str *out, Error *err)
{
    const Json *v = json_get(r->p, S("AutoPublishAlias"));
    Str name;
    if (!v) return true;
    if (!sam_known_text(s, v, &name))
        return sam_error(err,
                         "'AutoPublishAlias' must be a string or a Ref to a template parameter");
    Str version = add_version(s, r, code);
    Str id = sam_id(s, r->id, S("Alias"), str_z(s->a, alphanumeric(s->a, name)));
    sam_add(s, r, id,
            SAM(s->a,
                "{'Type': 'AWS::Lambda::Alias', 'Properties': {'Name': '@1', 'FunctionName': "
                "'@2', 'FunctionVersion': '@3', 'ProvisionedConcurrencyConfig': '@4'}}",
                sam_string(s->a, name), sam_ref(s->a, r->id), sam_att(s->a, version, "Version"),
                json_get(r->p, S("ProvisionedConcurrencyConfig"))));
    *vec_push(s->a, &s->names) = (SamName){sam_id(s, r->id, S(""), ".Alias"), id};
    *vec_push(s->a, &s->names) = (SamName){sam_id(s, r->id, S(""), ".Version"), version};
    *out = id;
    return true;
}

/* Retries and destinations of asynchronous invocations. */
static void invoke_config(Sam *s, const SamResource *r)
{
    const Json *v = json_get(r->p, S("EventInvokeConfig"));
    const Json *destinations = json_get(v, S("DestinationConfig"));
    const Json *alias = json_get(r->p, S("AutoPublishAlias"));
    JsonObject to = {.a = s->a};
    if (!v) return;
    for (int32_t i = 0; json_is(destinations, JSON_OBJECT) && i < destinations->n; i++)
        json_put(&to, destinations->members[i].key,
                 SAM(s->a, "{'Destination': '@1'}",
                     json_get(&destinations->members[i].value, S("Destination"))));
    Json where = json_object(&to);
    sam_add(s, r, sam_id(s, r->id, S(""), "EventInvokeConfig"),
            SAM(s->a,
                "{'Type': 'AWS::Lambda::EventInvokeConfig', 'Properties': {'FunctionName': '@1', "
                "'Qualifier': '@2', 'MaximumEventAgeInSeconds': '@3', 'MaximumRetryAttempts': "
                "'@4', 'DestinationConfig': '@5'}}",
                sam_ref(s->a, r->id), alias ? alias : sam_string(s->a, S("$LATEST")),
                json_get(v, S("MaximumEventAgeInSeconds")), json_get(v, S("MaximumRetryAttempts")),
                to.n ? &where : NULL));
}

/* An address; one that asks for no signature is open to all. */
static bool function_url(Sam *s, const SamResource *r, const Json *function, Error *err)
{
    const Json *v = json_get(r->p, S("FunctionUrlConfig"));
    const Json *kind = json_get(v, S("AuthType"));
    if (!v) return true;
    if (!kind)
        return sam_error(err, "AuthType is required to configure function property "
                              "`FunctionUrlConfig`. Please provide either AWS_IAM or NONE.");
    sam_add(s, r, sam_id(s, r->id, S(""), "Url"),
            SAM(s->a,
                "{'Type': 'AWS::Lambda::Url', 'Properties': {'TargetFunctionArn': '@1', "
                "'AuthType': '@2', 'Cors': '@3', 'InvokeMode': '@4'}}",
                function, kind, json_get(v, S("Cors")), json_get(v, S("InvokeMode"))));
    if (!str_eq(json_text(kind), S("NONE"))) return true;
    sam_add(s, r, sam_id(s, r->id, S(""), "UrlPublicPermissions"),
            SAM(s->a,
                "{'Type': 'AWS::Lambda::Permission', 'Properties': {'FunctionName': '@1', "
                "'Action': 'lambda:InvokeFunctionUrl', 'Principal': '*', 'FunctionUrlAuthType': "
                "'@2'}}",
                function, kind));
    return true;
}

/* ---- the function ---- */

static void add_function(Sam *s, const SamResource *r, const Json *code, const Json *role,
                         const Json *dead)
{
    JsonObject o = {.a = s->a};
    const Json *tracing = json_get(r->p, S("Tracing"));
    json_put(&o, S("Code"), *code);
    sam_pass(r->p, sam_function_properties, sam_function_properties_n, &o);
    json_put(&o, S("Role"), *role);
    if (dead->n) json_put(&o, S("DeadLetterConfig"), *dead);
    if (tracing) json_put(&o, S("TracingConfig"), SAM(s->a, "{'Mode': '@1'}", tracing));
    json_put(&o, S("Tags"), *sam_tags(s->a, json_get(r->p, S("Tags")), S("lambda:createdBy")));
    Json properties = json_object(&o);
    sam_add_main(s, r, r->id,
                 SAM(s->a, "{'Type': 'AWS::Lambda::Function', 'Properties': '@1'}", &properties));
}

bool sam_function(Sam *s, const SamResource *r, Error *err)
{
    Json code, dead = {0};
    const Json *role;
    JsonArray policies = {.a = s->a};
    StrVec managed = {0};
    Str alias = {0};
    managed_policies(s, r, &managed);
    if (!offered(r, err) || !code_of(s, r, &code, err) ||
        !dead_letters(s, r, &policies, &dead, err) || !destination_policies(s, r, &policies, err) ||
        !sam_role(s, r, S("lambda.amazonaws.com"), &managed, &policies, &role, err))
        return false;
    add_function(s, r, &code, role, &dead);
    if (!publish(s, r, &code, &alias, err)) return false;
    invoke_config(s, r);
    bool published = !str_absent(alias);
    SamTarget target = {
        .arn = published ? sam_ref(s->a, alias) : sam_att(s->a, r->id, "Arn"),
        .function = sam_ref(s->a, published ? alias : r->id),
    };
    return function_url(s, r, target.function, err) && sam_events(s, r, &target, err);
}
