/* lambda_layer.c - AWS::Lambda::LayerVersion and LayerVersionPermission. */
#include "app/resources/recipe.h"
#include "app/resources/types.h"

/* LayerName and VersionNumber as the API has them, of the ARN of a version. */
static void put_names(JsonObject *o, Str arn)
{
    int64_t number, colon = str_rfind_char(arn, ':');
    if (colon < 0 || !str_to_int(str_slice(arn, colon + 1, arn.n), &number)) return;
    json_put_text(o, S("LayerName"), str_slice(arn, 0, colon));
    json_put(o, S("VersionNumber"), json_int(o->a, number));
}

static bool prepare(Resource *r, Json *properties, Error *err)
{
    JsonObject o = {.a = r->a};
    (void)err;
    for (int32_t i = 0; i < json_count(properties); i++)
        json_put(&o, properties->members[i].key, properties->members[i].value);
    put_names(&o, json_text(json_get(properties, S("LayerVersionArn"))));
    *properties = json_object(&o);
    return true;
}

static ResourceEnd forget(Resource *r, const char *operation, const JsonObject *in, Error *err)
{
    Json out;
    Error why = {0};
    if (resource_call(r, S("lambda"), str_from(operation), json_object(in), &out, &why) ||
        resource_gone(r))
        return RESOURCE_DONE;
    *err = why;
    return RESOURCE_FAILED;
}

static ResourceEnd remove_layer(Resource *r, Error *err)
{
    JsonObject in = {.a = r->a};
    put_names(&in, r->physical);
    return forget(r, "DeleteLayerVersion", &in, err);
}

static ResourceEnd remove_permission(Resource *r, Error *err)
{
    JsonObject in = {.a = r->a};
    put_names(&in, resource_text(r, S("LayerVersionArn")));
    json_put_text(&in, S("StatementId"), r->logical);
    return forget(r, "RemoveLayerVersionPermission", &in, err);
}

static const Recipe layer = {
    .service = "lambda",
    .name = "LayerName",
    .naming = {.bytes_max = 140},
    .create = {"PublishLayerVersion",
               "LayerName={name} Description Content CompatibleRuntimes CompatibleArchitectures "
               "LicenseInfo"},
    .physical = "{.LayerVersionArn}",
    .attributes = "LayerVersionArn={id}",
};

const ResourceType resource_lambda_layer = {
    .type = "AWS::Lambda::LayerVersion",
    .create = recipe_create,
    .remove = remove_layer,
    .recipe = &layer,
    .required = "Content",
    .properties = "LayerName Description Content CompatibleRuntimes CompatibleArchitectures "
                  "LicenseInfo",
};

static const Recipe permission = {
    .service = "lambda",
    .prepare = prepare,
    .create = {"AddLayerVersionPermission",
               "LayerName VersionNumber StatementId={logical} Action Principal OrganizationId"},
    .physical = "{LayerVersionArn}#{logical}",
    .attributes = "Id={LayerVersionArn}#{logical}",
};

const ResourceType resource_lambda_layer_permission = {
    .type = "AWS::Lambda::LayerVersionPermission",
    .create = recipe_create,
    .remove = remove_permission,
    .recipe = &permission,
    .required = "Action LayerVersionArn Principal",
    .properties = "Action LayerVersionArn OrganizationId Principal",
};
