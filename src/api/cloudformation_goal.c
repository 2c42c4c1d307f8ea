/* cloudformation_goal.c - where a request wants its stack to go: template, parameters, capabilities, options, each checked. */
#include "api/cloudformation.h"
#include "app/stacks/template_text.h"
#include "app/stacks/template_url.h"
#include "core/stack/rules.h"
#include "core/stack/transform.h"

/* ---- the template ---- */

bool cfn_template(Call *call, bool *given, Str *text, Json *root, Error *err)
{
    Str body = cfn_text(call, "TemplateBody"), url = cfn_text(call, "TemplateURL");
    *given = !str_absent(body) || !str_absent(url);
    if (!str_absent(body) && !str_absent(url))
        return error_set(err, ERR_VALIDATION,
                         "Either Template URL or Template Body must be specified.");
    if (!*given) return true;
    if (body.n > TEMPLATE_BODY_BYTES_MAX && !call->inside)
        return error_set(err, ERR_VALIDATION,
                         "1 validation error detected: Value at 'templateBody' failed to satisfy "
                         "constraint: Member must have length less than or equal to %d",
                         TEMPLATE_BODY_BYTES_MAX);
    *text = body;
    if (!str_absent(url) &&
        !template_url_read(call->server, &call->who, url, call->arena, text, err))
        return false;
    return template_text_read(*text, call->arena, root, err);
}

static bool read_template(Call *call, const StackRow *row, StackGoal *g, Error *err)
{
    bool given;
    Json root;
    if (!cfn_template(call, &given, &g->text, &root, err)) return false;
    if (given) return g->body = root, true;
    if (!json_true(json_get(&call->in, S("UsePreviousTemplate"))) || str_absent(row->text))
        return error_set(err, ERR_VALIDATION,
                         "Either Template URL or Template Body must be specified.");
    g->text = row->text;
    return template_text_read(g->text, call->arena, &g->body, err);
}

bool cfn_types_known(const Server *s, const Template *t, Arena *a, Error *err)
{
    StrVec unknown = {0};
    for (int64_t i = 0; i < t->resources.n; i++) {
        bool seen = resource_type(t->resources.p[i].type) != NULL;
        for (int64_t k = 0; k < unknown.n && !seen; k++)
            seen = str_eq(unknown.p[k], t->resources.p[i].type);
        if (!seen) *vec_push(a, &unknown) = t->resources.p[i].type;
    }
    if (!unknown.n || s->config.record_unknown_resources) return true;
    return error_set(err, ERR_VALIDATION,
                     "Template format error: Unrecognized resource types: [%.*s]",
                     STR(str_join(a, unknown.p, unknown.n, S(", "))));
}

/* ---- capabilities ---- */

/* "Acknowledging IAM resources in CloudFormation templates" in the User Guide. */
static const struct {
    const char *type, *name; /* the property by which it gets a name of its own */
} iam_types[] = {
    {"AWS::IAM::AccessKey", NULL},
    {"AWS::IAM::Group", "GroupName"},
    {"AWS::IAM::InstanceProfile", "InstanceProfileName"},
    {"AWS::IAM::ManagedPolicy", "ManagedPolicyName"},
    {"AWS::IAM::Policy", NULL},
    {"AWS::IAM::Role", "RoleName"},
    {"AWS::IAM::User", "UserName"},
    {"AWS::IAM::UserToGroupAddition", NULL},
};

static int need_of(const TemplateResource *r)
{
    for (int i = 0; i < countof(iam_types); i++) {
        if (!str_eq(r->type, str_from(iam_types[i].type))) continue;
        return iam_types[i].name && json_get(r->properties, str_from(iam_types[i].name)) ? 2 : 1;
    }
    return 0;
}

const char *cfn_capability(const Template *t, Arena *a, Str *types)
{
    int need = 0;
    StrVec names = {0};
    for (int64_t i = 0; i < t->resources.n; i++) {
        int n = need_of(&t->resources.p[i]);
        bool seen = n == 0;
        for (int64_t k = 0; k < names.n && !seen; k++)
            seen = str_eq(names.p[k], t->resources.p[i].type);
        if (!seen) *vec_push(a, &names) = t->resources.p[i].type;
        if (n > need) need = n;
    }
    *types = names.n ? str_join(a, names.p, names.n, S(", ")) : S("");
    return need == 0 ? NULL : need == 1 ? "CAPABILITY_IAM" : "CAPABILITY_NAMED_IAM";
}

static bool acknowledged(const Call *call, const char *capability)
{
    const Json *list = json_get(&call->in, S("Capabilities"));
    for (int32_t i = 0; i < json_count(list); i++)
        if (str_eq(json_text(&list->items[i]), str_from(capability))) return true;
    return false;
}

/* Whoever reviews a change set sees what the transform made. */
static bool check_expansion(Call *call, const Json *body, bool change_set, Error *err)
{
    return !template_has_transforms(body) || change_set ||
           acknowledged(call, "CAPABILITY_AUTO_EXPAND") ||
           error_set(err, ERR_CFN_CAPABILITIES, "Requires capabilities : [CAPABILITY_AUTO_EXPAND]");
}

static bool check_capabilities(Call *call, const Template *t, Error *err)
{
    Str types;
    const char *need = cfn_capability(t, call->arena, &types);
    if (!need || acknowledged(call, "CAPABILITY_NAMED_IAM") || acknowledged(call, need))
        return true;
    return error_set(err, ERR_CFN_CAPABILITIES, "Requires capabilities : [%s]", need);
}

/* ---- parameters ---- */

static void read_given(Call *call, ParameterInputs *in)
{
    const Json *list = json_get(&call->in, S("Parameters"));
    GivenParameter *given = new_array(call->arena, GivenParameter, json_count(list));
    for (int32_t i = 0; i < json_count(list); i++)
        given[i] = (GivenParameter){
            .name = json_text(json_get(&list->items[i], S("ParameterKey"))),
            .value = json_text(json_get(&list->items[i], S("ParameterValue"))),
            .use_previous = json_true(json_get(&list->items[i], S("UsePreviousValue"))),
        };
    in->given = given;
    in->n = json_count(list);
}

static Json parameters_told(Call *call, const ParameterValues *values)
{
    JsonArray list = {.a = call->arena};
    for (int64_t i = 0; i < values->n; i++) {
        JsonObject o = {.a = call->arena};
        json_put_text(&o, S("ParameterKey"), values->p[i].parameter->name);
        json_put_text(&o, S("ParameterValue"), parameter_shown(&values->p[i]));
        if (!values->p[i].parameter->no_echo)
            json_put_text(&o, S("ResolvedValue"), values->p[i].resolved);
        json_add(&list, json_object(&o));
    }
    return json_array(&list);
}

/* ---- facts ---- */

static void copy_fact(const Call *call, const Json *old, JsonObject *o, const char *name)
{
    const Json *v = json_get(&call->in, str_from(name));
    json_put_json(o, str_from(name), v ? v : json_get(old, str_from(name)));
}

static const char *const options[] = {
    "Tags",      "Capabilities",     "NotificationARNs",     "RoleARN",
    "OnFailure", "TimeoutInMinutes", "RetainExceptOnCreate", "RollbackConfiguration",
};

static Json old_facts(Call *call, const StackRow *row)
{
    Json v;
    Error err = {0};
    return json_parse(row->facts, call->arena, &v, &err) ? v : (Json){.type = JSON_OBJECT};
}

static Json make_facts(Call *call, const StackRow *row, const Template *t,
                       const ParameterValues *values)
{
    JsonObject o = {.a = call->arena};
    Json old = old_facts(call, row);
    json_put(&o, S("Parameters"), parameters_told(call, values));
    json_put(&o, S("values"), parameters_values(values, call->arena));
    json_put(&o, S("kept"), parameters_kept(values, call->arena));
    json_put_text(&o, S("Description"), t->description);
    for (int i = 0; i < countof(options); i++) copy_fact(call, &old, &o, options[i]);
    json_put_json(&o, S("DisableRollback"), json_get(&call->in, S("DisableRollback")));
    copy_fact(call, &old, &o, "EnableTerminationProtection");
    json_put_json(&o, S("ParentId"), json_get(&old, S("ParentId")));
    json_put_json(&o, S("RootId"), json_get(&old, S("RootId")));
    return json_object(&o);
}

/* ---- the whole ---- */

static bool check_template(Call *call, const StackGoal *g, Template *t, Error *err)
{
    return template_check(&g->body, call->arena, t, err) && intrinsic_check(t, call->arena, err) &&
           cfn_types_known(call->server, t, call->arena, err);
}

bool cfn_goal(Call *call, const StackRow *row, bool change_set, StackGoal *g, Error *err)
{
    Template t;
    ParameterValues values;
    Json old = old_facts(call, row);
    *g = (StackGoal){.plan = new (call->arena, StackPlan)};
    *g->plan = (StackPlan){.s = call->server, .a = call->arena, .row = row};
    ParameterInputs in = {.previous = str_absent(row->body) ? NULL : json_get(&old, S("kept")),
                          .lookup = stack_parameter_of_store,
                          .state = g->plan};
    read_given(call, &in);
    if (!read_template(call, row, g, err) || !template_check_head(&g->body, call->arena, &t, err) ||
        !check_expansion(call, &g->body, change_set, err) ||
        !parameters_resolve(&t, &in, call->arena, &values, err))
        return false;
    g->facts = make_facts(call, row, &t, &values);
    if (!cfn_transform(call, row, &t, json_get(&g->facts, S("values")), &g->body, err) ||
        !check_template(call, g, &t, err) || !check_capabilities(call, &t, err))
        return false;
    return stack_plan_of(call->server, call->arena, row, &g->body, &g->facts, g->plan, err) &&
           rules_hold(&g->plan->scope, NULL, err) &&
           stack_graph(&g->plan->t, &g->plan->conditions, call->arena, &g->graph, err);
}

Str cfn_goal_next(Call *call, const StackGoal *g)
{
    JsonObject o = {.a = call->arena};
    json_put(&o, S("facts"), g->facts);
    json_put_text(&o, S("text"), g->text);
    json_put(&o, S("body"), g->body);
    json_put_text(&o, S("policy"), g->policy);
    json_put_text(&o, S("during"), g->during);
    Json v = json_object(&o);
    return json_to_str(call->arena, &v);
}
