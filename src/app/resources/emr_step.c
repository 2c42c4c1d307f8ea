/* emr_step.c - AWS::EMR::Step, made when it is completed; AWS::EMR::SecurityConfiguration. */
#include "app/resources/emr_shape.h"
#include "app/resources/recipe.h"
#include "app/resources/types.h"

static bool prepare(Resource *r, Json *properties, Error *err)
{
    JsonObject o = {.a = r->a};
    (void)err;
    json_put_json(&o, S("JobFlowId"), json_get(properties, S("JobFlowId")));
    json_put(&o, S("step"), emr_step_shape(properties, r->a));
    *properties = json_object(&o);
    return true;
}

static const Recipe step = {
    .service = "emr",
    .prepare = prepare,
    .create = {"AddJobFlowSteps", "JobFlowId Steps=[step"},
    .physical = "{.StepIds.0}",
    .attributes = "Id={id}",
};

static ResourceEnd wait_for(Resource *r)
{
    r->wait_service = S("emr-step");
    r->wait_id = r->physical;
    return RESOURCE_WAITS;
}

static bool is_over(Str state)
{
    static const char *const over[] = {"COMPLETED", "FAILED", "CANCELLED", "INTERRUPTED"};
    for (int i = 0; i < countof(over); i++)
        if (str_eq(state, str_from(over[i]))) return true;
    return false;
}

static ResourceEnd look(Resource *r, Error *err)
{
    Json out;
    JsonObject in = {.a = r->a};
    json_put_text(&in, S("ClusterId"), resource_text(r, S("JobFlowId")));
    json_put_text(&in, S("StepId"), r->physical);
    if (!resource_call(r, S("emr"), S("DescribeStep"), json_object(&in), &out, err))
        return RESOURCE_FAILED;
    Str state = json_text(json_find(&out, "Step.Status.State"));
    if (!is_over(state)) return wait_for(r);
    if (str_eq(state, S("COMPLETED"))) return RESOURCE_DONE;
    return (void)error_set(err, ERR_VALIDATION,
                           "Resource handler returned message: \"Step %.*s is %.*s: %.*s\" "
                           "(RequestToken: %.*s, HandlerErrorCode: NotStabilized)",
                           STR(r->physical), STR(state),
                           STR(json_text(json_find(&out, "Step.Status.FailureDetails.Message"))),
                           STR(r->token)),
           RESOURCE_FAILED;
}

static ResourceEnd create(Resource *r, Error *err)
{
    return recipe_create(r, err) == RESOURCE_DONE ? wait_for(r) : RESOURCE_FAILED;
}

/* A step that has run stays in its cluster's list; one that has not is taken back. */
static ResourceEnd remove_step(Resource *r, Error *err)
{
    JsonObject in = {.a = r->a};
    JsonArray ids = {.a = r->a};
    Error none = {0};
    (void)err;
    json_add(&ids, json_string(r->physical));
    json_put_text(&in, S("ClusterId"), resource_text(r, S("JobFlowId")));
    json_put(&in, S("StepIds"), json_array(&ids));
    json_put_text(&in, S("StepCancellationOption"), S("TERMINATE_PROCESS"));
    (void)!resource_call(r, S("emr"), S("CancelSteps"), json_object(&in), NULL, &none);
    return RESOURCE_DONE;
}

const ResourceType resource_emr_step = {
    .type = "AWS::EMR::Step",
    .create = create,
    .remove = remove_step,
    .look = look,
    .recipe = &step,
    .replace = "ActionOnFailure HadoopJarStep JobFlowId Name",
    .required = "ActionOnFailure HadoopJarStep JobFlowId Name",
    .properties = "ActionOnFailure HadoopJarStep JobFlowId Name",
};

static const Recipe security = {
    .service = "emr",
    .name = "Name",
    .naming = {.bytes_max = 256},
    .create = {"CreateSecurityConfiguration", "Name={name} SecurityConfiguration"},
    .remove = {"DeleteSecurityConfiguration", "Name={id}"},
    .physical = "{name}",
};

const ResourceType resource_emr_security = {
    .type = "AWS::EMR::SecurityConfiguration",
    RECIPE_TYPE,
    .recipe = &security,
    .replace = "Name SecurityConfiguration",
    .required = "SecurityConfiguration",
    .properties = "Name SecurityConfiguration",
};
